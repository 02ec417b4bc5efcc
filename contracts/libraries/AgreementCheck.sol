// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, ILoanBook, Instalment} from "../interfaces/ILoanBook.sol";
import {DayCount} from "./DayCount.sol";
import {Waterfall} from "./Waterfall.sol";

/// @title What makes an agreement a possible one, whoever signed it
library AgreementCheck {
    uint256 internal constant MAX_ROWS = 366;
    uint32 internal constant MAX_PENALTY_RATE_BPS = 100_000;
    uint16 internal constant MAX_DAYS = 366;
    /// The longest tag that BCP 47 asks everybody to store.
    uint256 internal constant MAX_LANGUAGE_BYTES = 35;

    /// @param decimals Decimals of the currency.
    /// @return unitExponent log10 of `a.unit`.
    function check(Agreement calldata a, uint8 decimals) internal pure returns (uint8 unitExponent) {
        if (a.borrower == address(0)) revert ILoanBook.LoanBookZeroAddress("borrower");
        if (a.lender == address(0)) revert ILoanBook.LoanBookZeroAddress("lender");
        if (a.borrower == a.lender) revert ILoanBook.LoanBookSameParty(a.borrower);
        if (a.payee != a.borrower) revert ILoanBook.LoanBookPayeeNotBorrower(a.payee, a.borrower);
        unitExponent = _exponent(a.unit, decimals);
        _checkRules(a);
        _checkSchedule(a);
    }

    function _exponent(uint256 unit, uint8 decimals) private pure returns (uint8 exponent) {
        uint256 power = 1;
        while (power < unit && exponent < decimals) {
            power *= 10;
            ++exponent;
        }
        if (power != unit) revert ILoanBook.LoanBookUnitOutOfBounds(unit);
    }

    function _checkRules(Agreement calldata a) private pure {
        _atMost("penaltyRateBps", a.penaltyRateBps, MAX_PENALTY_RATE_BPS);
        _atMost("penaltyGraceDays", a.penaltyGraceDays, MAX_DAYS);
        _atMost("reversalDays", a.reversalDays, MAX_DAYS);
        _atMost("lastDay", a.lastDay, DayCount.MAX_DAY);
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

    function _checkSchedule(Agreement calldata a) private pure {
        uint256 rows = a.schedule.length;
        if (rows == 0 || rows > MAX_ROWS || rows != a.count) revert ILoanBook.LoanBookScheduleCount(rows, a.count);
        uint256 principal;
        uint256 repayable;
        // The first instalment falls due after the last day on which the money may arrive.
        uint32 previous = a.disburseUntilDay;
        for (uint256 i = 0; i < rows; ++i) {
            Instalment calldata row = a.schedule[i];
            if (row.day <= previous) revert ILoanBook.LoanBookScheduleDayNotRising(i, row.day);
            previous = row.day;
            uint256 total = uint256(row.principal) + row.interest + row.fee;
            if (total == 0) revert ILoanBook.LoanBookScheduleEmptyRow(i);
            principal += row.principal;
            repayable += total;
        }
        _same("firstDay", a.schedule[0].day, a.firstDay);
        _same("lastDay", previous, a.lastDay);
        _same("principal", principal, a.principal);
        _same("totalRepayable", repayable, a.totalRepayable);
    }

    /// @dev The characters of BCP 47; which tags exist is not for a contract to know.
    function _isLanguageTag(string calldata language) private pure returns (bool) {
        bytes calldata tag = bytes(language);
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
