// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, ILoanBook, Instalment} from "../interfaces/ILoanBook.sol";
import {DayCount} from "./DayCount.sol";
import {Waterfall} from "./Waterfall.sol";

/// @notice What is signed beside a table and follows from its rows.
struct Totals {
    uint64 principal;
    uint64 totalRepayable;
    uint32 firstDay;
    uint32 lastDay;
    uint16 count;
}

/// @title What makes an agreement a possible one, whoever signed it
library AgreementCheck {
    uint256 internal constant MAX_ROWS = 366;
    uint32 internal constant MAX_PENALTY_RATE_BPS = 100_000;
    uint16 internal constant MAX_DAYS = 366;
    /// The longest tag that BCP 47 asks everybody to store.
    uint256 internal constant MAX_LANGUAGE_BYTES = 35;

    /// @param decimals Decimals of the currency.
    /// @return unitExponent log10 of `a.unit`.
    function check(Agreement memory a, uint8 decimals) internal pure returns (uint8 unitExponent) {
        if (a.borrower == address(0)) revert ILoanBook.LoanBookZeroAddress("borrower");
        if (a.lender == address(0)) revert ILoanBook.LoanBookZeroAddress("lender");
        if (a.borrower == a.lender) revert ILoanBook.LoanBookSameParty(a.borrower);
        if (a.payee == address(0)) revert ILoanBook.LoanBookZeroAddress("payee");
        if (a.payee == a.lender) revert ILoanBook.LoanBookSameParty(a.payee);
        unitExponent = _exponent(a.unit, decimals);
        _checkRules(a);
        // The first instalment falls due after the last day on which the money may arrive.
        checkSchedule(
            a.schedule,
            a.disburseUntilDay,
            Totals(a.principal, a.totalRepayable, a.firstDay, a.lastDay, a.count)
        );
        checkPenaltyCap(a.penaltyCap, a.totalRepayable);
    }

    /// @notice All that can ever be owed fits one amount, so that one payment can close the loan.
    /// @param totalRepayable As the rows give it.
    function checkPenaltyCap(uint64 penaltyCap, uint64 totalRepayable) internal pure {
        _atMost("penaltyCap", penaltyCap, type(uint64).max - totalRepayable);
    }

    function _exponent(uint256 unit, uint8 decimals) private pure returns (uint8 exponent) {
        uint256 power = 1;
        while (power < unit && exponent < decimals) {
            power *= 10;
            ++exponent;
        }
        if (power != unit) revert ILoanBook.LoanBookUnitOutOfBounds(unit);
    }

    function _checkRules(Agreement memory a) private pure {
        _atMost("penaltyRateBps", a.penaltyRateBps, MAX_PENALTY_RATE_BPS);
        _atMost("penaltyGraceDays", a.penaltyGraceDays, MAX_DAYS);
        _atMost("reversalDays", a.reversalDays, MAX_DAYS);
        _atMost("coolingOffDays", a.coolingOffDays, MAX_DAYS);
        if (!DayCount.isUtcOffset(a.utcOffset)) {
            revert ILoanBook.LoanBookTermsOutOfBounds(
                "utcOffset",
                uint32(a.utcOffset),
                uint32(DayCount.MAX_UTC_OFFSET)
            );
        }
        if (!_isLanguageTag(a.language)) revert ILoanBook.LoanBookLanguageInvalid(a.language);
        if (a.upfrontFee >= a.principal) revert ILoanBook.LoanBookUpfrontFeeTooHigh(a.upfrontFee, a.principal);
        if (!Waterfall.isOrder(a.waterfall)) revert ILoanBook.LoanBookWaterfallInvalid(a.waterfall);
        if (a.earlySettlement > Waterfall.PRO_RATA) {
            revert ILoanBook.LoanBookEarlySettlementInvalid(a.earlySettlement);
        }
    }

    /// @notice Checks a table against the totals that were signed beside it.
    /// @param previous The day that the first row must come after.
    function checkSchedule(Instalment[] memory schedule, uint32 previous, Totals memory signed) internal pure {
        uint256 rows = schedule.length;
        if (rows == 0 || rows > MAX_ROWS || rows != signed.count) {
            revert ILoanBook.LoanBookScheduleCount(rows, signed.count);
        }
        uint256 principal;
        uint256 repayable;
        for (uint256 i = 0; i < rows; ++i) {
            Instalment memory row = schedule[i];
            uint32 day = row.day;
            if (day <= previous) revert ILoanBook.LoanBookScheduleDayNotRising(i, day);
            previous = day;
            uint256 total = uint256(row.principal) + row.interest + row.fee;
            if (total == 0) revert ILoanBook.LoanBookScheduleEmptyRow(i);
            principal += row.principal;
            repayable += total;
        }
        _atMost("lastDay", previous, DayCount.MAX_DAY);
        _same("firstDay", schedule[0].day, signed.firstDay);
        _same("lastDay", previous, signed.lastDay);
        _same("principal", principal, signed.principal);
        _same("totalRepayable", repayable, signed.totalRepayable);
    }

    /// @dev The characters of BCP 47; which tags exist is not for a contract to know.
    function _isLanguageTag(string memory language) private pure returns (bool) {
        bytes memory tag = bytes(language);
        if (tag.length < 2 || tag.length > MAX_LANGUAGE_BYTES) return false;
        for (uint256 i = 0; i < tag.length; ++i) {
            bytes1 c = tag[i];
            bool letter = (c >= "a" && c <= "z") || (c >= "A" && c <= "Z");
            if (!letter && !(c >= "0" && c <= "9") && c != "-") return false;
        }
        return true;
    }

    function _atMost(string memory field, uint256 value, uint256 max) private pure {
        if (value > max) revert ILoanBook.LoanBookTermsOutOfBounds(field, value, max);
    }

    function _same(string memory field, uint256 rows, uint256 signed) private pure {
        if (rows != signed) revert ILoanBook.LoanBookScheduleTotal(field, rows, signed);
    }
}
