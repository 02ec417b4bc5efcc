// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Components, ILoanBook, LoanState, Movement, PaymentRecord, Position} from "../interfaces/ILoanBook.sol";
import {ILoanOwner} from "../interfaces/ILoanOwner.sol";
import {Loan, LoanRecords, LoanStorage} from "./LoanStorage.sol";
import {Terms, TermsCode} from "./TermsCode.sol";
import {Tokens} from "./Tokens.sol";
import {Standing, Waterfall} from "./Waterfall.sol";

/// @notice Who pays.
struct Payer {
    address account;
    /// Whether its tokens are in LoanBook already.
    bool isHere;
}

/// @notice One repayment on its way through the rows.
struct Payment {
    bytes32 loanId;
    Payer payer;
    /// Of the note.
    address owner;
    uint32 nr;
    uint32 day;
    uint64 waived;
    Components paid;
    /// A recorder makes it, so it may be taken back.
    bool isReversible;
    /// It closes the loan.
    bool closes;
}

/// @title How a payment finds its way into a loan
/// @dev Deployed on its own and linked, because LoanBook with it would pass the limit on code size. It runs in LoanBook's
/// context, on LoanBook's storage. LoanBook has checked that no call is inside another.
library Repayment {
    using LoanStorage for Loan;
    using TermsCode for Terms;
    using Tokens for LoanRecords;
    using Waterfall for Components;
    using Waterfall for Terms;

    /// Instalments in a row that a restructured loan pays on time before its lateness ends.
    uint8 internal constant CURE_INSTALMENTS = 3;

    /// @notice See `ILoanBook.repay`.
    /// @dev 1. bring the penalty to today; 2. payoff or allocation, instalment by instalment; 3. write the standing;
    /// 4. move the tokens; 5. tell the pool.
    function repay(
        LoanRecords storage records,
        Payer memory payer,
        address owner,
        bytes32 loanId,
        uint64 amount
    ) external returns (Components memory) {
        Loan storage loan = records.loans[loanId];
        LoanState state = loan.state;
        if (state != LoanState.Active && state != LoanState.WrittenOff) {
            revert ILoanBook.LoanBookWrongState(loanId, state);
        }
        if (amount == 0) revert ILoanBook.LoanBookAmountZero();
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        Payment memory payment = Payment({
            loanId: loanId,
            payer: payer,
            owner: owner,
            nr: ++loan.payments,
            day: LoanStorage.today(terms),
            waived: 0,
            paid: Components(0, 0, 0, 0),
            isReversible: state == LoanState.Active && _isRecorder(records, payer.account),
            closes: false
        });
        Position memory before = terms.position(standing);
        Standing memory restorable = payment.isReversible ? loan.standingOf() : standing;

        _allocateOrSettle(payment, amount, terms, standing);
        loan.store(standing);
        if (payment.closes) loan.state = LoanState.Closed;

        _emitRepaid(payment, terms, standing);
        if (payment.isReversible) records.recorded[loanId] = _record(payment, restorable);
        if (payment.closes) emit ILoanBook.LoanClosed(loanId, payment.day);
        else if (before.curing && standing.arrearsDay == 0) emit ILoanBook.LoanCured(loanId, payment.day);
        bool held = _move(records, payment, terms);
        if (loan.isHeardBy(terms, owner)) _tell(payment, before, terms, standing, held);
        return payment.paid;
    }

    /// @dev Steps 1 and 2. A payoff is never below the outstanding principal: what is less need not ask for it.
    function _allocateOrSettle(
        Payment memory payment,
        uint64 amount,
        Terms memory terms,
        Standing memory standing
    ) private {
        uint256 numerator = terms.penaltyNumeratorAt(standing, payment.day);
        if (numerator != standing.penaltyNumerator) {
            standing.penaltyNumerator = SafeCast.toUint128(numerator);
            standing.penaltyDay = payment.day;
        }
        bool isPayoff =
            amount >= terms.principal - standing.paid.principal &&
                amount >= terms.payoff(standing, payment.day, numerator).sum();
        if (isPayoff) _settle(payment, terms, standing);
        else _allocate(payment, amount, terms, standing);
        payment.closes = standing.nextInstalment == terms.count;
        standing.waivedInterest += payment.waived;
    }

    /// @dev Step 4.
    function _move(
        LoanRecords storage records,
        Payment memory payment,
        Terms memory terms
    ) private returns (bool held) {
        uint256 value = payment.paid.sum() * terms.unit;
        return
            payment.payer.isHere
                ? records.release(terms.currency, payment.owner, value)
                : records.deliver(terms.currency, payment.payer.account, payment.owner, value);
    }

    /// @dev Step 5.
    function _tell(
        Payment memory payment,
        Position memory before,
        Terms memory terms,
        Standing memory standing,
        bool held
    ) private {
        Position memory present = terms.position(standing);
        Movement memory movement = Movement({
            unit: terms.unit,
            paid: payment.paid,
            before: before,
            present: present,
            rows: terms.rowsOf(before, present, payment.closes),
            closed: payment.closes,
            held: held,
            reversible: payment.isReversible
        });
        ILoanOwner(payment.owner).onRepaid(payment.loanId, movement);
    }

    /// @dev A recorder is a contract. Asking for code first spares people the read of a slot.
    function _isRecorder(LoanRecords storage records, address payer) private view returns (bool) {
        return payer.code.length != 0 && records.recorders[payer];
    }

    /// @dev What `reverse` needs to make the loan what it was. One slot holds its hash.
    function _record(Payment memory payment, Standing memory before) private returns (bytes32) {
        PaymentRecord memory record = PaymentRecord({
            recorder: payment.payer.account,
            paymentNr: payment.nr,
            day: payment.day,
            timestamp: uint64(block.timestamp),
            paid: payment.paid,
            nextInstalment: before.nextInstalment,
            penaltyDay: before.penaltyDay,
            arrearsDay: before.arrearsDay,
            paidOnTime: before.paidOnTime,
            penaltyNumerator: before.penaltyNumerator,
            waivedInterest: before.waivedInterest,
            partPaid: before.partPaid,
            totals: before.paid
        });
        emit ILoanBook.PaymentRecorded(payment.loanId, record);
        return keccak256(abi.encode(record));
    }

    /// @dev Less than a payoff: oldest instalment first, the agreement's order inside it. An instalment is complete when
    /// nothing of it and no penalty is unpaid. `amount` is below the payoff, so it is used up before the rows are.
    function _allocate(Payment memory payment, uint256 amount, Terms memory terms, Standing memory standing) private {
        while (amount != 0) {
            (uint32 dueDay, Components memory owed) = terms.unpaid(standing, standing.nextInstalment);
            owed.penalty = terms.penaltyDue(standing, standing.penaltyNumerator);
            Components memory taken = Waterfall.split(terms.waterfall, amount, owed);
            amount -= taken.sum();
            _book(payment, taken, 0, standing);
            if (taken.sum() == owed.sum()) _complete(standing, payment.day <= dueDay);
        }
    }

    /// @dev A payoff: every remaining instalment is paid in full, less the interest that the rule waives.
    function _settle(Payment memory payment, Terms memory terms, Standing memory standing) private {
        while (standing.nextInstalment < terms.count) {
            uint16 index = standing.nextInstalment;
            (uint32 dueDay, Components memory owed) = terms.unpaid(standing, index);
            owed.penalty = terms.penaltyDue(standing, standing.penaltyNumerator);
            uint64 interest = terms.payoffInterest(standing, index, payment.day, owed.interest);
            uint64 waived = owed.interest - interest;
            owed.interest = interest;
            _book(payment, owed, waived, standing);
            _complete(standing, payment.day <= dueDay);
        }
    }

    /// @dev Adds `taken` to the payment, to the loan and to the instalment at hand, and says so.
    function _book(Payment memory payment, Components memory taken, uint64 waived, Standing memory standing) private {
        _add(payment.paid, taken);
        _add(standing.paid, taken);
        payment.waived += waived;
        standing.partPaid.fee += taken.fee;
        standing.partPaid.interest += taken.interest;
        standing.partPaid.principal += taken.principal;
        emit ILoanBook.InstalmentRepaid(
            payment.loanId,
            standing.nextInstalment,
            payment.nr,
            taken.penalty,
            taken.fee,
            taken.interest,
            taken.principal,
            waived
        );
    }

    /// @dev Moves on to the next instalment. A restructured loan that was late is cured by enough of them on time in a row.
    function _complete(Standing memory standing, bool onTime) private pure {
        ++standing.nextInstalment;
        standing.partPaid = Components(0, 0, 0, 0);
        if (standing.arrearsDay == 0) return;
        standing.paidOnTime = onTime ? standing.paidOnTime + 1 : 0;
        if (standing.paidOnTime >= CURE_INSTALMENTS) {
            standing.arrearsDay = 0;
            standing.paidOnTime = 0;
        }
    }

    function _emitRepaid(Payment memory payment, Terms memory terms, Standing memory standing) private {
        emit ILoanBook.Repaid(
            payment.loanId,
            payment.payer.account,
            payment.owner,
            payment.nr,
            payment.day,
            payment.paid,
            standing.paid,
            payment.waived,
            terms.principal - standing.paid.principal
        );
    }

    function _add(Components memory total, Components memory part) private pure {
        total.penalty += part.penalty;
        total.fee += part.fee;
        total.interest += part.interest;
        total.principal += part.principal;
    }
}
