// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Components, ILoanBook, LoanState} from "../interfaces/ILoanBook.sol";
import {DayCount} from "./DayCount.sol";
import {Terms} from "./TermsCode.sol";
import {Standing} from "./Waterfall.sol";

/// @notice A loan in four slots; its terms stand in code. Penalty and days past due are not stored: they follow from these
/// and the time. A repayment that completes an instalment on time reads and writes the first two slots alone.
struct Loan {
    address terms;
    LoanState state;
    /// The lender was a registered pool when the loan was made: while it owns the note, it hears what becomes of the loan.
    bool isPoolLoan;
    /// Whether there is anything but zero in the last two slots.
    bool isUneven;
    uint24 startDay;
    uint16 nextInstalment;
    uint24 payments;
    uint8 paidOnTime;
    Components paid;
    Components partPaid;
    uint128 penaltyNumerator;
    uint32 penaltyDay;
    uint64 waivedInterest;
    uint32 arrearsDay;
}

struct Currency {
    bool allowed;
    uint8 decimals;
}

/// @notice All that LoanBook stores beside its notes.
struct LoanRecords {
    mapping(bytes32 loanId => Loan) loans;
    /// The terms of earlier versions, oldest first.
    mapping(bytes32 loanId => address[]) superseded;
    /// Hash of the `PaymentRecord` of the latest payment that a recorder made.
    /// Warning: later payments leave it as it is; only one whose number is the loan's `payments` counts.
    mapping(bytes32 loanId => bytes32) recorded;
    mapping(bytes32 loanId => mapping(address party => bool)) withdrawnConsents;
    mapping(address currency => Currency) currencies;
    mapping(address account => bool) pools;
    mapping(address account => bool) recorders;
    mapping(address currency => mapping(address account => uint256)) held;
}

/// @title How LoanBook and its libraries read and write a loan
library LoanStorage {
    /// @dev Reverts unless the loan exists.
    function existing(LoanRecords storage records, bytes32 loanId) internal view returns (Loan storage loan) {
        loan = records.loans[loanId];
        if (loan.state == LoanState.None) revert ILoanBook.LoanBookWrongState(loanId, LoanState.None);
    }

    /// @dev Reverts unless the loan is in `state`.
    function inState(
        LoanRecords storage records,
        bytes32 loanId,
        LoanState state
    ) internal view returns (Loan storage loan) {
        loan = records.loans[loanId];
        if (loan.state != state) revert ILoanBook.LoanBookWrongState(loanId, loan.state);
    }

    /// @notice Whether `owner` is the pool that made the loan: only such a one keeps books on it.
    function isHeardBy(Loan storage loan, Terms memory terms, address owner) internal view returns (bool) {
        return owner == terms.lender && loan.isPoolLoan;
    }

    function standingOf(Loan storage loan) internal view returns (Standing memory standing) {
        standing.startDay = loan.startDay;
        standing.nextInstalment = loan.nextInstalment;
        standing.paidOnTime = loan.paidOnTime;
        standing.paid = loan.paid;
        if (!loan.isUneven) return standing;
        standing.partPaid = loan.partPaid;
        standing.penaltyNumerator = loan.penaltyNumerator;
        standing.penaltyDay = loan.penaltyDay;
        standing.waivedInterest = loan.waivedInterest;
        standing.arrearsDay = loan.arrearsDay;
    }

    function store(Loan storage loan, Standing memory standing) internal {
        bool wasUneven = loan.isUneven;
        bool isUneven = _isUneven(standing);
        // A day number: the cast keeps it.
        loan.startDay = uint24(standing.startDay);
        loan.nextInstalment = standing.nextInstalment;
        loan.paidOnTime = standing.paidOnTime;
        loan.isUneven = isUneven;
        loan.paid = standing.paid;
        if (!wasUneven && !isUneven) return;
        loan.partPaid = standing.partPaid;
        loan.penaltyNumerator = standing.penaltyNumerator;
        loan.penaltyDay = standing.penaltyDay;
        loan.waivedInterest = standing.waivedInterest;
        loan.arrearsDay = standing.arrearsDay;
    }

    function _isUneven(Standing memory standing) private pure returns (bool) {
        Components memory part = standing.partPaid;
        return
            (part.fee | part.interest | part.principal | standing.waivedInterest) != 0 ||
            (standing.penaltyNumerator | standing.penaltyDay | standing.arrearsDay) != 0;
    }

    function today(Terms memory terms) internal view returns (uint32 day) {
        return DayCount.dayOf(block.timestamp, terms.utcOffset);
    }
}
