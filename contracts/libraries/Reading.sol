// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Components,
    EarlySettlement,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    Position
} from "../interfaces/ILoanBook.sol";
import {Loan, LoanRecords, LoanStorage} from "./LoanStorage.sol";
import {Terms, TermsCode} from "./TermsCode.sol";
import {Standing, Waterfall} from "./Waterfall.sol";

/// @title What LoanBook answers about a loan
/// @dev Deployed on its own and linked, because LoanBook with it would pass the limit on code size. See `ILoanBook` for
/// what each function promises.
library Reading {
    using LoanStorage for Loan;
    using LoanStorage for LoanRecords;
    using LoanStorage for Terms;
    using TermsCode for Terms;
    using Waterfall for Terms;

    /// @dev `borrower` is that of the agreement: where her address moved is for LoanBook to ask.
    function loanOf(LoanRecords storage records, bytes32 loanId) external view returns (LoanView memory v) {
        Loan storage loan = records.loans[loanId];
        v.state = loan.state;
        if (loan.state == LoanState.None) return v;
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        v.borrower = terms.borrower;
        v.lender = terms.lender;
        v.currency = terms.currency;
        v.unit = terms.unit;
        v.payee = terms.payee;
        v.principal = terms.principal;
        v.upfrontFee = terms.upfrontFee;
        v.disburseUntilDay = terms.disburseUntilDay;
        v.penaltyRateBps = terms.penaltyRateBps;
        v.penaltyGraceDays = terms.penaltyGraceDays;
        v.penaltyCap = terms.penaltyCap;
        v.waterfall = terms.waterfall;
        v.earlySettlement = EarlySettlement(terms.earlySettlement);
        v.reversalDays = terms.reversalDays;
        v.coolingOffDays = terms.coolingOffDays;
        v.utcOffset = terms.utcOffset;
        v.count = terms.count;
        v.version = uint16(records.superseded[loanId].length + 1);
        v.payments = loan.payments;
        v.startDay = standing.startDay;
        v.nextInstalment = standing.nextInstalment;
        v.partPaid = standing.partPaid;
        v.paid = standing.paid;
        v.waivedInterest = standing.waivedInterest;
        v.arrearsDay = standing.arrearsDay;
        v.paidOnTime = standing.paidOnTime;
    }

    function scheduleOf(
        LoanRecords storage records,
        bytes32 loanId
    ) external view returns (Instalment[] memory schedule) {
        Loan storage loan = records.loans[loanId];
        if (loan.state == LoanState.None) return schedule;
        Terms memory terms = TermsCode.read(loan.terms);
        return terms.rows(0, terms.count);
    }

    function scheduleOfVersion(
        LoanRecords storage records,
        bytes32 loanId,
        uint16 version
    ) external view returns (Instalment[] memory) {
        address pointer = records.existing(loanId).terms;
        address[] storage superseded = records.superseded[loanId];
        uint256 present = superseded.length + 1;
        if (version == 0 || version > present) {
            revert ILoanBook.LoanBookVersionOutOfBounds(version, uint16(present));
        }
        Terms memory terms = TermsCode.read(version == present ? pointer : superseded[version - 1]);
        return terms.rows(0, terms.count);
    }

    function instalment(
        LoanRecords storage records,
        bytes32 loanId,
        uint16 index
    ) external view returns (Instalment memory row, Components memory unpaid) {
        Loan storage loan = records.existing(loanId);
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        if (index >= terms.count) revert ILoanBook.LoanBookInstalmentOutOfBounds(index, terms.count);
        row = terms.row(index);
        if (index >= standing.nextInstalment && _isOwed(loan)) (, unpaid) = terms.unpaid(standing, index);
    }

    function positionOf(
        LoanRecords storage records,
        bytes32 loanId
    ) external view returns (Position memory position, Instalment[] memory rows) {
        Loan storage loan = records.existing(loanId);
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        position = terms.position(standing);
        uint256 from = standing.nextInstalment;
        rows = terms.rows(from, from + 2 < terms.count ? from + 2 : terms.count);
    }

    function today(LoanRecords storage records, bytes32 loanId) external view returns (uint32) {
        return TermsCode.read(records.existing(loanId).terms).today();
    }

    function due(
        LoanRecords storage records,
        bytes32 loanId,
        uint32 day
    ) external view returns (Components memory total) {
        Loan storage loan = records.existing(loanId);
        if (!_isOwed(loan)) return total;
        (Terms memory terms, Standing memory standing) = _loadAt(loan, day);
        return terms.due(standing, day, terms.penaltyNumeratorAt(standing, day));
    }

    function payoff(
        LoanRecords storage records,
        bytes32 loanId,
        uint32 day
    ) external view returns (Components memory total) {
        Loan storage loan = records.existing(loanId);
        if (!_isOwed(loan)) return total;
        (Terms memory terms, Standing memory standing) = _loadAt(loan, day);
        return terms.payoff(standing, day, terms.penaltyNumeratorAt(standing, day));
    }

    function daysPastDue(LoanRecords storage records, bytes32 loanId) external view returns (uint32) {
        Loan storage loan = records.existing(loanId);
        if (!_isOwed(loan)) return 0;
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        uint32 day = terms.today();
        uint32 lateFromDay = terms.lateFromDay(standing);
        return day > lateFromDay ? day - lateFromDay : 0;
    }

    /// @notice The borrower of the agreement.
    function borrowerOf(LoanRecords storage records, bytes32 loanId) external view returns (address borrower) {
        return TermsCode.read(records.existing(loanId).terms).borrower;
    }

    /// @notice What the borrower of a *Funded* loan will receive.
    function amountToPayOut(LoanRecords storage records, bytes32 loanId) external view returns (uint64 amount) {
        Terms memory terms = TermsCode.read(records.inState(loanId, LoanState.Funded).terms);
        return terms.principal - terms.upfrontFee;
    }

    /// @dev Something is owed while a loan runs, and after it was written off.
    function _isOwed(Loan storage loan) private view returns (bool) {
        return loan.state == LoanState.Active || loan.state == LoanState.WrittenOff;
    }

    function _loadAt(
        Loan storage loan,
        uint32 day
    ) private view returns (Terms memory terms, Standing memory standing) {
        (terms, standing) = (TermsCode.read(loan.terms), loan.standingOf());
        if (day < standing.startDay) revert ILoanBook.LoanBookDayBeforeStart(day, standing.startDay);
    }
}
