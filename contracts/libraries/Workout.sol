// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILendingPool, PoolBooks} from "../interfaces/ILendingPool.sol";
import {ILoanBook, Instalment, LoanView, Position, Restructuring} from "../interfaces/ILoanBook.sol";
import {AccrualBook, Accruals, Period} from "./AccrualBook.sol";
import {AgeBrackets, Aged, Ageing} from "./AgeBrackets.sol";
import {AgreementHash} from "./AgreementHash.sol";
import {ApprovalBook, Approvals} from "./Approvals.sol";
import {Booking, Ledger, Loss, PoolLedger, PoolLoan} from "./PoolLedger.sol";

/// @notice What the pool holds against a borrower, base units.
struct Claim {
    Position position;
    /// Of the oldest unpaid instalment and of the next one.
    Period[] periods;
    uint256 principal;
    /// Interest that was paid on the oldest unpaid instalment, without the management fee.
    uint256 partPaid;
}

/// @title Workout: a pool's books when a loan changes or ends without being paid off
/// @dev Deployed on its own and linked, because LendingPool with it would pass the limit on code size. It runs in
/// LendingPool's context, on its storage.
///
/// Two kinds of loans are open. One that accrues has a line in `Ledger.accruals`; when it ends, what came in beyond the line
/// is streamed, and what the line counted and did not come in is lost at once. One on a cash basis has none: all that came
/// in for it was streamed.
library Workout {
    using AccrualBook for Accruals;
    using AgeBrackets for Ageing;
    using Approvals for ApprovalBook;
    using PoolLedger for Ledger;
    using SafeCast for int256;
    using SafeCast for uint256;

    uint256 private constant SCALE = AccrualBook.SCALE;

    /* A LOAN GIVEN BACK */

    /// @notice See `ILoanOwner.onReturned`.
    /// @dev What was recognised so far and not paid is lost. The upfront fee is the institution's to give back.
    function returned(Ledger storage ledger, bytes32 loanId, uint256 amount, bool held) external {
        PoolLoan memory loan = ledger.loans[loanId];
        Claim memory claim = _claimOf(ledger, ILoanBook(msg.sender), loanId, loan);
        _closeLine(ledger, loanId, claim, 0);
        _drop(ledger, claim);
        ledger.release(loan);
        delete ledger.loans[loanId];

        // What she did not give back of the principal: the upfront fee, less if she had paid almost all. None of it was
        // collected, so no cast cuts anything off.
        uint256 fromFees = claim.principal - amount;
        LoanView memory terms = ILoanBook(msg.sender).loanOf(loanId);
        ledger.returnableFees[terms.startDay + terms.coolingOffDays] -= terms.upfrontFee * terms.unit;
        ledger.books.fees -= uint128(fromFees);
        ledger.receiveCash(fromFees, false);
        ledger.receiveCash(amount, held);
        emit ILendingPool.LoanGivenBack(loanId, claim.principal, amount);
        ledger.emitBooks();
        ledger.emitReserves();
    }

    /* A NEW TABLE */

    /// @notice See `ILendingPool.restructure`.
    /// @dev What becomes principal is booked as interest that was paid and lent again: it raises `outstanding` and
    /// `interestReceived` alike. So nothing enters the price at once; what is beyond the line comes in as a stream. What the
    /// line counted and the new table forgives is lost.
    function restructure(
        Ledger storage ledger,
        ApprovalBook storage approvals,
        ILoanBook book,
        address authority,
        Restructuring calldata restructuring,
        bytes calldata borrowerSignature
    ) external {
        bytes32 loanId = restructuring.loanId;
        bytes32 digest = book.restructuringDigest(AgreementHash.ROLE_LENDER, restructuring);
        approvals.consume(digest, 2, authority);
        PoolLoan memory loan = ledger.loans[loanId];
        Claim memory claim = _claimOf(ledger, book, loanId, loan);
        book.restructure(restructuring, borrowerSignature, "");
        _rebook(ledger, loanId, claim, _claimOf(ledger, book, loanId, loan));
        ledger.emitBooks();
    }

    function _rebook(Ledger storage ledger, bytes32 loanId, Claim memory claim, Claim memory present) private {
        uint256 capitalised = present.principal - claim.principal;
        _closeLine(ledger, loanId, claim, capitalised.toInt256());
        ledger.books.interestReceived += capitalised.toUint128();
        ledger.books.outstanding += capitalised.toUint128();
        _age(ledger, claim, present);
        bool curing = present.position.curing;
        ledger.loans[loanId].booking = curing ? Booking.CashBasis : Booking.Accruing;
        if (!curing) _openLine(ledger, loanId, present.periods);
        emit ILendingPool.LoanRestructuringBooked(loanId, claim.principal, present.principal);
    }

    /* GIVING UP */

    /// @notice See `ILendingPool.writeOff`.
    /// @dev The cover meets the loss in the order of `PoolLedger.exitDeduction`, while the loan's own provision still counts.
    function writeOff(Ledger storage ledger, ILoanBook book, address authority, bytes32 loanId) external {
        PoolLoan memory loan = ledger.loans[loanId];
        Claim memory claim = _claimOf(ledger, book, loanId, loan);
        _checkOverdue(ledger, authority, loanId, claim.position.lateFromDay);
        book.writeOff(loanId);

        uint256 loss = claim.principal + _closeLine(ledger, loanId, claim, 0);
        uint256 fromCover = ledger.bearLoss(loss);
        _drop(ledger, claim);
        ledger.loans[loanId].booking = Booking.WrittenOff;
        ledger.losses[loanId] = Loss((loss - fromCover).toUint128(), fromCover.toUint128());
        emit ILendingPool.LoanWriteOffBooked(loanId, loss, fromCover);
        ledger.emitBooks();
        ledger.emitReserves();
    }

    /// @dev Nobody's timing decides over the loss: after some days anybody may call.
    function _checkOverdue(Ledger storage ledger, address authority, bytes32 loanId, uint32 lateFromDay) private view {
        uint32 writeOffDays = ledger.rules.writeOffDays;
        uint32 today = ledger.today();
        uint32 late = today > lateFromDay ? today - lateFromDay : 0;
        if (late > writeOffDays || Approvals.mayCall(authority, msg.sender, ILendingPool.writeOff.selector)) return;
        revert ILendingPool.LendingPoolNotOverdueEnough(loanId, late, writeOffDays + 1);
    }

    /* SELLING */

    /// @notice Takes a loan that was sold for `price` out of the books. The price is here, the note still too.
    /// @dev What is paid beyond the principal is interest received; less than the principal is interest given back, which
    /// was paid in advance. What the price brings beyond the line is streamed.
    function sell(
        Ledger storage ledger,
        ILoanBook book,
        bytes32 loanId,
        uint256 price,
        uint256 minOutstanding
    ) external returns (uint256 carrying) {
        PoolLoan memory loan = ledger.loans[loanId];
        Claim memory claim = _claimOf(ledger, book, loanId, loan);
        if (claim.principal < minOutstanding) {
            revert ILendingPool.LendingPoolSlippage(claim.principal, minOutstanding);
        }
        carrying = _carryingOf(ledger, loanId, claim);
        if (price < carrying) revert ILendingPool.LendingPoolPriceTooLow(loanId, price, carrying);

        int256 beyond = price.toInt256() - claim.principal.toInt256();
        _closeLine(ledger, loanId, claim, beyond);
        _drop(ledger, claim);
        ledger.release(loan);
        ledger.loans[loanId].booking = Booking.Sold;
        PoolBooks storage books = ledger.books;
        books.cash += price.toUint128();
        books.interestReceived = (uint256(books.interestReceived).toInt256() + beyond).toUint256().toUint128();
        emit ILendingPool.NoteSold(loanId, msg.sender, price, carrying);
        ledger.emitBooks();
    }

    /// @notice See `ILendingPool.carryingValueOf`. Rounded up.
    function carryingOf(Ledger storage ledger, ILoanBook book, bytes32 loanId) external view returns (uint256) {
        PoolLoan memory loan = ledger.loans[loanId];
        if (loan.booking == Booking.Funded) return PoolLedger.originatedOf(loan);
        return PoolLedger.isOpen(loan) ? _carryingOf(ledger, loanId, _claimOf(ledger, book, loanId, loan)) : 0;
    }

    /* INTERNAL: OPEN LOANS */

    /// @dev Reverts unless the loan is open.
    function _claimOf(
        Ledger storage ledger,
        ILoanBook book,
        bytes32 loanId,
        PoolLoan memory loan
    ) private view returns (Claim memory claim) {
        if (!PoolLedger.isOpen(loan)) revert ILendingPool.LendingPoolNotPoolsLoan(loanId);
        (Position memory position, Instalment[] memory rows) = book.positionOf(loanId);
        uint256 unit = PoolLedger.unitOf(loan);
        uint256 feeBps = ledger.rules.managementFeeBps;
        claim.position = position;
        claim.periods = PoolLedger.periodsOf(rows, 0, position.periodStartDay, unit, feeBps);
        claim.principal = position.outstandingPrincipal * unit;
        claim.partPaid = AccrualBook.netOf(position.partPaidInterest * unit, feeBps);
    }

    /// @dev Principal, and recognised interest beyond what was paid. Paid in advance, interest makes it less.
    function _carryingOf(Ledger storage ledger, bytes32 loanId, Claim memory claim) private view returns (uint256) {
        if (ledger.loans[loanId].booking == Booking.CashBasis) return claim.principal;
        uint256 counted = ledger.accruals.countedOf(
            ledger.deferred[loanId],
            claim.periods,
            ledger.rules.nonAccrualDays,
            block.timestamp
        );
        return Math.ceilDiv(Math.saturatingSub(claim.principal * SCALE + counted, claim.partPaid * SCALE), SCALE);
    }

    /// @dev Takes an open loan's principal out of the books.
    function _drop(Ledger storage ledger, Claim memory claim) private {
        ledger.ageing.remove(claim.position.lateFromDay, _agedOf(ledger, claim));
        // It is part of the sum: the cast keeps it.
        ledger.books.outstanding -= uint128(claim.principal);
    }

    function _age(Ledger storage ledger, Claim memory from, Claim memory to) private {
        (Aged before, Aged rest) = (_agedOf(ledger, from), _agedOf(ledger, to));
        ledger.ageing.move(from.position.lateFromDay, before, to.position.lateFromDay, rest);
    }

    function _agedOf(Ledger storage ledger, Claim memory claim) private view returns (Aged) {
        uint32 nonAccrualDays = ledger.rules.nonAccrualDays;
        bool curing = claim.position.curing;
        return PoolLedger.agedOf(claim.periods, 0, nonAccrualDays, claim.principal, claim.partPaid, curing);
    }

    function _openLine(Ledger storage ledger, bytes32 loanId, Period[] memory periods) private {
        uint32 nonAccrualDays = ledger.rules.nonAccrualDays;
        ledger.accruals.open(ledger.deferred[loanId], periods, nonAccrualDays, block.timestamp);
    }

    /// @dev Ends the line of an open loan. `beyond` came in for its unpaid instalments now, beside what was paid on the
    /// oldest of them before. A gain is streamed.
    /// @return lost What leaves the price at once, rounded down.
    function _closeLine(
        Ledger storage ledger,
        bytes32 loanId,
        Claim memory claim,
        int256 beyond
    ) private returns (uint256 lost) {
        if (ledger.loans[loanId].booking == Booking.CashBasis) {
            // What was paid before is streamed already.
            ledger.stream(beyond.toUint256());
            return 0;
        }
        (uint256 gain, uint256 loss) = ledger.accruals.close(
            ledger.deferred[loanId],
            claim.periods,
            (claim.partPaid.toInt256() + beyond).toUint256().toUint128(),
            ledger.rules.nonAccrualDays,
            block.timestamp
        );
        ledger.accruals.stream(gain, block.timestamp);
        return loss / SCALE;
    }
}
