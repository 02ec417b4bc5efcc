// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Components, ILoanBook, LoanState, Movement, PaymentRecord, Restructuring} from "../interfaces/ILoanBook.sol";
import {ILoanOwner} from "../interfaces/ILoanOwner.sol";
import {AgreementCheck, Totals} from "./AgreementCheck.sol";
import {AgreementHash} from "./AgreementHash.sol";
import {Loan, LoanRecords, LoanStorage} from "./LoanStorage.sol";
import {Terms, TermsCode} from "./TermsCode.sol";
import {Tokens} from "./Tokens.sol";
import {Standing, Waterfall} from "./Waterfall.sol";

/// @notice Who takes part in a call, as LoanBook knows it.
struct Parties {
    /// The owner of the note.
    address owner;
    /// Who owes now: the borrower of the agreement, or where her address moved.
    address borrower;
    bytes32 domainSeparator;
}

/// @title The rare turns in a loan's life: everything but making it and repaying it
/// @dev Deployed on its own and linked, because LoanBook with it would pass the limit on code size. It runs in LoanBook's
/// context, on LoanBook's storage. LoanBook has checked that no call is inside another.
library Servicing {
    using LoanStorage for Loan;
    using LoanStorage for LoanRecords;
    using LoanStorage for Terms;
    using TermsCode for Terms;
    using Tokens for LoanRecords;
    using Waterfall for Components;
    using Waterfall for Terms;

    /* BEFORE THE FIRST DAY */

    /// @notice See `ILoanBook.activate`.
    function activate(
        LoanRecords storage records,
        bytes32 loanId,
        Parties memory parties,
        bytes calldata receipt
    ) external {
        Loan storage loan = records.inState(loanId, LoanState.Funded);
        Terms memory terms = TermsCode.read(loan.terms);
        uint32 day = terms.today();
        if (day > terms.disburseUntilDay) {
            revert ILoanBook.LoanBookOutsideDisbursementWindow(day, terms.disburseFromDay, terms.disburseUntilDay);
        }
        uint64 amount = terms.principal - terms.upfrontFee;
        if (!_isBorrowerOrDesk(records, terms, parties)) {
            bytes32 structHash = AgreementHash.hashReceipt(loanId, amount);
            if (!_hasSigned(parties.borrower, structHash, parties.domainSeparator, receipt)) {
                revert ILoanBook.LoanBookReceiptMissing(loanId);
            }
        }

        loan.state = LoanState.Active;
        // A day number: the cast keeps it.
        loan.startDay = uint24(day);
        emit ILoanBook.Disbursed(loanId, terms.payee, day, amount, terms.upfrontFee);
        if (loan.isHeardBy(terms, parties.owner)) {
            Standing memory standing = loan.standingOf();
            uint256 rows = terms.count < 2 ? terms.count : 2;
            ILoanOwner(parties.owner).onActivated(loanId, terms.unit, terms.position(standing), terms.rows(0, rows));
        }
        records.release(terms.currency, terms.payee, amount * terms.unit);
    }

    /// @notice See `ILoanBook.cancel`.
    function cancel(LoanRecords storage records, bytes32 loanId, Parties memory parties) external {
        Loan storage loan = records.inState(loanId, LoanState.Funded);
        Terms memory terms = TermsCode.read(loan.terms);
        uint32 day = terms.today();
        bool isHeard = loan.isHeardBy(terms, parties.owner);
        bool mayCancel =
            msg.sender == parties.borrower || (isHeard && msg.sender == parties.owner) || day > terms.disburseUntilDay;
        if (!mayCancel) revert ILoanBook.LoanBookNotCancellable(loanId, msg.sender);

        loan.state = LoanState.Cancelled;
        uint64 amount = terms.principal - terms.upfrontFee;
        emit ILoanBook.LoanCancelled(loanId, msg.sender, parties.owner, day, amount);
        bool held = records.release(terms.currency, parties.owner, amount * terms.unit);
        if (isHeard) ILoanOwner(parties.owner).onCancelled(loanId, amount * terms.unit, held);
    }

    /// @notice See `ILoanBook.returnLoan`.
    function returnLoan(LoanRecords storage records, bytes32 loanId, Parties memory parties) external {
        Loan storage loan = records.inState(loanId, LoanState.Active);
        Terms memory terms = TermsCode.read(loan.terms);
        if (!_isBorrowerOrDesk(records, terms, parties)) revert ILoanBook.LoanBookNotBorrower(loanId, msg.sender);
        uint32 day = terms.today();
        // A restructured loan starts anew, but not its cooling-off days.
        uint32 lastDay = uint32(loan.startDay) + terms.coolingOffDays;
        if (terms.coolingOffDays == 0 || day > lastDay || records.superseded[loanId].length != 0) {
            revert ILoanBook.LoanBookCoolingOffOver(loanId, day, lastDay);
        }

        // She never received the upfront fee. Payments do not end her days: anybody may pay, her lender too.
        uint256 owed = terms.principal - loan.standingOf().paid.principal;
        uint64 amount = SafeCast.toUint64(Math.saturatingSub(owed, terms.upfrontFee));
        loan.state = LoanState.Cancelled;
        emit ILoanBook.LoanReturned(loanId, msg.sender, parties.owner, day, amount);
        bool held = records.deliver(terms.currency, msg.sender, parties.owner, amount * terms.unit);
        if (loan.isHeardBy(terms, parties.owner)) {
            ILoanOwner(parties.owner).onReturned(loanId, amount * terms.unit, held);
        }
    }

    /* A PAYMENT TAKEN BACK */

    /// @notice See `ILoanBook.reverse`.
    function reverse(
        LoanRecords storage records,
        bytes32 loanId,
        PaymentRecord calldata record,
        address owner
    ) external {
        Loan storage loan = records.loans[loanId];
        Terms memory terms = _checkReversal(records, loan, loanId, record, owner);
        Movement memory movement;
        movement.unit = terms.unit;
        movement.paid = record.paid;
        movement.closed = loan.state == LoanState.Closed;
        movement.reversible = true;
        Standing memory standing = loan.standingOf();
        movement.present = terms.position(standing);
        _restore(standing, record);
        movement.before = terms.position(standing);
        movement.rows = terms.rowsOf(movement.before, movement.present, movement.closed);

        if (movement.closed) loan.state = LoanState.Active;
        loan.store(standing);
        delete records.recorded[loanId];
        emit ILoanBook.PaymentReversed(
            loanId,
            msg.sender,
            record.paymentNr,
            terms.today(),
            record.paid,
            standing.paid,
            movement.before.outstandingPrincipal
        );
        uint256 balance = IERC20(terms.currency).balanceOf(msg.sender);
        ILoanOwner(owner).onReversed(loanId, movement, record);
        Tokens.checkArrived(terms.currency, msg.sender, balance, record.paid.sum() * terms.unit);
    }

    function _checkReversal(
        LoanRecords storage records,
        Loan storage loan,
        bytes32 loanId,
        PaymentRecord calldata record,
        address owner
    ) private view returns (Terms memory terms) {
        if (loan.state != LoanState.Active && loan.state != LoanState.Closed) {
            revert ILoanBook.LoanBookWrongState(loanId, loan.state);
        }
        terms = TermsCode.read(loan.terms);
        bool isLatest = records.recorded[loanId] == keccak256(abi.encode(record)) && record.paymentNr == loan.payments;
        // A recorder that is no longer registered may have lost its key: it takes nothing back.
        bool isMaker = msg.sender == record.recorder && records.recorders[msg.sender];
        if (!isLatest || !isMaker || !loan.isHeardBy(terms, owner)) revert ILoanBook.LoanBookNotReversible(loanId);
        uint32 lastDay = record.day + terms.reversalDays;
        if (terms.today() > lastDay) revert ILoanBook.LoanBookReversalTooLate(loanId, terms.today(), lastDay);
    }

    function _restore(Standing memory standing, PaymentRecord calldata record) private pure {
        standing.nextInstalment = record.nextInstalment;
        standing.partPaid = record.partPaid;
        standing.paid = record.totals;
        standing.penaltyNumerator = record.penaltyNumerator;
        standing.penaltyDay = record.penaltyDay;
        standing.waivedInterest = record.waivedInterest;
        standing.arrearsDay = record.arrearsDay;
        standing.paidOnTime = record.paidOnTime;
    }

    /* A NEW TABLE */

    /// @notice See `ILoanBook.restructure`.
    ///
    ///     old table |---|---|--x--|---|          x: today, what is unpaid of the due rows is capitalised or forgiven
    ///     new table            |-----|-----|-----|-----|    principal = outstanding + capitalised
    function restructure(
        LoanRecords storage records,
        Restructuring memory r,
        Parties memory parties,
        bytes calldata borrowerSignature,
        bytes calldata ownerSignature
    ) external {
        _checkRestructuringConsent(r, parties, borrowerSignature, ownerSignature);
        _replaceTable(records, r);
    }

    function _replaceTable(LoanRecords storage records, Restructuring memory r) private {
        Loan storage loan = records.inState(r.loanId, LoanState.Active);
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        uint32 day = terms.today();
        Components memory unpaid = terms.payoff(standing, day, terms.penaltyNumeratorAt(standing, day));
        _checkStanding(r, records.superseded[r.loanId].length, loan.payments, standing.paid);
        _checkTable(r, unpaid, day);
        // Penalty that becomes principal is used up like penalty that was paid.
        uint64 penaltyCap = SafeCast.toUint64(
            terms.penaltyCap - standing.paid.penalty - Math.min(unpaid.penalty, r.capitalised)
        );
        AgreementCheck.checkPenaltyCap(penaltyCap, r.totalRepayable);
        uint32 arrearsDay = terms.lateFromDay(standing);
        if (arrearsDay >= day) arrearsDay = 0;

        records.superseded[r.loanId].push(loan.terms);
        loan.terms = terms.rewrite(r.principal, penaltyCap, r.schedule);
        loan.store(_startAnew(day, standing.waivedInterest, arrearsDay));
        delete records.recorded[r.loanId];
        // What is capitalised is at most what is unpaid, so the difference is the sum of what is forgiven.
        uint64 forgiven = SafeCast.toUint64(unpaid.sum() - r.principal);
        emit ILoanBook.LoanRestructured(r.loanId, r.version, day, forgiven, penaltyCap, arrearsDay, r);
    }

    function _startAnew(
        uint32 day,
        uint64 waivedInterest,
        uint32 arrearsDay
    ) private pure returns (Standing memory standing) {
        standing.startDay = day;
        standing.waivedInterest = waivedInterest;
        standing.arrearsDay = arrearsDay;
    }

    /// @notice The digest that a party to a restructuring signs.
    function restructuringDigest(
        uint8 role,
        Restructuring memory r,
        bytes32 domainSeparator
    ) external pure returns (bytes32) {
        bytes32 structHash = AgreementHash.hashRestructuringConsent(role, AgreementHash.hash(r));
        return MessageHashUtils.toTypedDataHash(domainSeparator, structHash);
    }

    function _checkRestructuringConsent(
        Restructuring memory r,
        Parties memory parties,
        bytes calldata borrowerSignature,
        bytes calldata ownerSignature
    ) private view {
        if (block.timestamp > r.expiry) revert ILoanBook.LoanBookExpired(r.expiry, block.timestamp);
        bytes32 rHash = AgreementHash.hash(r);
        bytes32 structHash = AgreementHash.hashRestructuringConsent(AgreementHash.ROLE_BORROWER, rHash);
        if (
            msg.sender != parties.borrower &&
            !_hasSigned(parties.borrower, structHash, parties.domainSeparator, borrowerSignature)
        ) revert ILoanBook.LoanBookConsentMissing(parties.borrower, AgreementHash.ROLE_BORROWER);
        structHash = AgreementHash.hashRestructuringConsent(AgreementHash.ROLE_LENDER, rHash);
        if (
            msg.sender != parties.owner &&
            !_hasSigned(parties.owner, structHash, parties.domainSeparator, ownerSignature)
        ) revert ILoanBook.LoanBookConsentMissing(parties.owner, AgreementHash.ROLE_LENDER);
    }

    /// @dev Any payment after the signatures voids them.
    function _checkStanding(
        Restructuring memory r,
        uint256 superseded,
        uint32 payments,
        Components memory paid
    ) private pure {
        _same("version", r.version, superseded + 2);
        _same("payments", r.payments, payments);
        _same("paid.penalty", r.paid.penalty, paid.penalty);
        _same("paid.fee", r.paid.fee, paid.fee);
        _same("paid.interest", r.paid.interest, paid.interest);
        _same("paid.principal", r.paid.principal, paid.principal);
    }

    function _checkTable(Restructuring memory r, Components memory unpaid, uint32 day) private pure {
        uint256 most = unpaid.sum() - unpaid.principal;
        if (r.capitalised > most) {
            revert ILoanBook.LoanBookTermsOutOfBounds("capitalised", r.capitalised, most);
        }
        _same("principal", r.principal, uint256(unpaid.principal) + r.capitalised);
        Totals memory signed = Totals(r.principal, r.totalRepayable, r.firstDay, r.lastDay, r.count);
        AgreementCheck.checkSchedule(r.schedule, day, signed);
    }

    /* GIVING UP */

    /// @notice See `ILoanBook.writeOff`.
    function writeOff(LoanRecords storage records, bytes32 loanId, address owner) external {
        Loan storage loan = records.inState(loanId, LoanState.Active);
        if (msg.sender != owner) revert ILoanBook.LoanBookNotOwner(loanId, msg.sender);
        Terms memory terms = TermsCode.read(loan.terms);
        Standing memory standing = loan.standingOf();
        uint32 day = terms.today();
        if (terms.lateFromDay(standing) >= day) revert ILoanBook.LoanBookNotOverdue(loanId);
        loan.state = LoanState.WrittenOff;
        emit ILoanBook.LoanWrittenOff(loanId, owner, day, terms.principal - standing.paid.principal);
    }

    /* SHARED */

    function _isBorrowerOrDesk(
        LoanRecords storage records,
        Terms memory terms,
        Parties memory parties
    ) private view returns (bool) {
        if (msg.sender == parties.borrower) return true;
        return msg.sender == terms.payee && records.recorders[msg.sender];
    }

    function _hasSigned(
        address party,
        bytes32 structHash,
        bytes32 domainSeparator,
        bytes calldata signature
    ) private view returns (bool) {
        bytes32 digest = MessageHashUtils.toTypedDataHash(domainSeparator, structHash);
        return SignatureChecker.isValidSignatureNowCalldata(party, digest, signature);
    }

    function _same(string memory field, uint256 signed, uint256 present) private pure {
        if (signed != present) revert ILoanBook.LoanBookRestructuringStale(field, signed, present);
    }
}
