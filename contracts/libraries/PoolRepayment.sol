// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILendingPool, PoolBooks} from "../interfaces/ILendingPool.sol";
import {Components, Movement, PaymentRecord, Position} from "../interfaces/ILoanBook.sol";
import {AccrualBook, Accruals, Period, Stream} from "./AccrualBook.sol";
import {AgeBrackets, Aged, Ageing} from "./AgeBrackets.sol";
import {Booking, Ledger, Loss, PoolLedger, PoolLoan} from "./PoolLedger.sol";

/// @notice The pool's rules that every payment needs. The pool has them in its code, where they cost nothing to read.
struct Rates {
    uint16 managementFeeBps;
    uint16 nonAccrualDays;
}

/// @title What a payment does to a pool's books, and what taking it back undoes
/// @dev Deployed on its own and linked, because LendingPool with it would pass the limit on code size. It runs in
/// LendingPool's context, on its storage.
///
///     a loan that accrues      one more instalment     the line goes on, a penalty is streamed
///                              a payoff                the line ends, what is beyond it is streamed
///     on a cash basis          any payment             interest and penalty are streamed; a cure begins a line
///     written off              a recovery              is streamed, less what the cover and the institution have of it
library PoolRepayment {
    using AccrualBook for Accruals;
    using AgeBrackets for Ageing;
    using PoolLedger for Ledger;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant SCALE = AccrualBook.SCALE;

    /* PAYING */

    /// @notice See `ILoanOwner.onRepaid`.
    /// @dev 1. the days; 2. the totals; 3. the line; 4. the age; 5. an end.
    /// @param told What LoanBook said, as it came: a loan id and a `Movement`. Decoding and encoding it once more on the way
    /// here would cost as much as a slot.
    function repaid(Ledger storage ledger, Rates memory rates, bytes calldata told) external {
        (bytes32 loanId, Movement memory movement) = abi.decode(told, (bytes32, Movement));
        ledger.roll(PoolLedger.ROLL_DAYS);
        Booking booking = ledger.loans[loanId].booking;
        if (booking == Booking.WrittenOff) {
            _recover(ledger, rates, loanId, movement);
        } else {
            Period[] memory periods = _unpaidPeriods(movement, rates);
            uint256 net = _receive(ledger, rates, loanId, movement, periods);
            if (booking == Booking.CashBasis) _repayOnCashBasis(ledger, rates, loanId, movement, net);
            else if (movement.closed) _payOff(ledger, rates, loanId, movement, periods);
            else _advance(ledger, rates, loanId, movement, periods);
            _moveAge(ledger, rates, movement, periods);
        }
        if (movement.closed) _end(ledger, loanId, movement.reversible);
        ledger.emitBooks();
        if (movement.held || booking == Booking.WrittenOff) ledger.emitReserves();
    }

    /// @dev Puts a payment into the totals.
    /// @return net The lenders' part of its interest.
    function _receive(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        Period[] memory periods
    ) private returns (uint256 net) {
        PoolBooks storage books = ledger.books;
        net = _netInterest(movement, periods, rates.managementFeeBps);
        uint256 principal = movement.paid.principal * movement.unit;
        uint256 penalty = movement.paid.penalty * movement.unit;
        uint256 fees = _feesIn(movement, net);
        ledger.receiveCash(principal + net + penalty, movement.held);
        books.outstanding -= principal.toUint128();
        books.interestReceived += (net + penalty).toUint128();
        books.fees += fees.toUint128();
        emit ILendingPool.RepaymentBooked(loanId, principal, net, penalty, fees);
    }

    /// @dev The loan ages from the day from which its lateness counts now.
    function _moveAge(
        Ledger storage ledger,
        Rates memory rates,
        Movement memory movement,
        Period[] memory periods
    ) private {
        (Aged before, Aged present) = _agedIn(movement, periods, rates);
        ledger.ageing.move(movement.before.lateFromDay, before, movement.present.lateFromDay, present);
    }

    /// @dev Instalments that were paid to their end move the line on. A penalty was never in it.
    function _advance(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        Period[] memory periods
    ) private {
        ledger.stream(movement.paid.penalty * movement.unit);
        uint256 completed = _completedIn(movement);
        if (completed == 0) return;
        ledger.accruals.advance(ledger.deferred[loanId], periods, completed, rates.nonAccrualDays, block.timestamp);
    }

    /// @dev The line ends with what came in for the unpaid instalments. What is more than it counted, and the penalty, is
    /// one stream.
    function _payOff(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        Period[] memory periods
    ) private {
        (uint256 gain, ) = ledger.accruals.close(
            ledger.deferred[loanId],
            periods,
            _receivedFor(movement, rates.managementFeeBps),
            rates.nonAccrualDays,
            block.timestamp
        );
        gain += movement.paid.penalty * movement.unit * SCALE;
        Stream memory ending = ledger.accruals.stream(gain, block.timestamp);
        if (movement.reversible) ledger.endings[loanId] = ending;
    }

    /// @dev A loan that is cured accrues from here on, from its oldest unpaid instalment.
    function _repayOnCashBasis(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        uint256 net
    ) private {
        ledger.stream(_cashGain(movement, net, rates));
        if (!_cures(movement)) return;
        ledger.loans[loanId].booking = Booking.Accruing;
        Period[] memory periods = _presentPeriods(movement, rates);
        ledger.accruals.open(ledger.deferred[loanId], periods, rates.nonAccrualDays, block.timestamp);
    }

    /// @dev What a payment on a cash basis streams. A payment that cures the loan may begin an instalment whose interest
    /// the line will count: that part is not streamed too.
    function _cashGain(Movement memory movement, uint256 net, Rates memory rates) private pure returns (uint256 gain) {
        gain = net + movement.paid.penalty * movement.unit;
        if (!_cures(movement)) return gain;
        gain -= _partPaid(movement.present, movement.unit, rates.managementFeeBps);
    }

    /// @dev First come the lenders, up to what they lost; then the cover, up to what it paid; of the rest the institution has
    /// its fees as always.
    function _recover(Ledger storage ledger, Rates memory rates, bytes32 loanId, Movement memory movement) private {
        Loss storage loss = ledger.losses[loanId];
        uint256 interest = movement.paid.interest * movement.unit;
        uint256 fees = _feesIn(movement, AccrualBook.netOf(interest, rates.managementFeeBps));
        uint256 rest = _sum(movement.paid) * movement.unit;

        uint256 toLenders = Math.min(rest, loss.lenders);
        uint256 toCover = Math.min(rest - toLenders, loss.cover);
        // Neither is more than the loss: no cast cuts anything off.
        loss.lenders -= uint128(toLenders);
        loss.cover -= uint128(toCover);
        rest -= toLenders + toCover;
        fees = Math.min(rest, fees);
        toLenders += rest - fees;

        if (toCover != 0) ledger.restoreCover(toCover);
        ledger.receiveCash(toLenders, movement.held);
        ledger.books.interestReceived += toLenders.toUint128();
        ledger.books.fees += fees.toUint128();
        ledger.stream(toLenders);
        emit ILendingPool.RecoveryBooked(loanId, toLenders, toCover, fees);
    }

    /// @dev What may be taken back is remembered.
    function _end(Ledger storage ledger, bytes32 loanId, bool reversible) private {
        ledger.release(ledger.loans[loanId]);
        if (reversible) ledger.loans[loanId].booking = Booking.Ended;
        else delete ledger.loans[loanId];
    }

    /* TAKING BACK */

    /// @notice See `ILoanOwner.onReversed`.
    /// @param told As of `repaid`, with the record of the payment.
    /// @dev 1. the days; 2. the line and the streams as if nothing had been paid; 3. the age; 4. the totals; 5. the tokens.
    function reversed(Ledger storage ledger, Rates memory rates, IERC20 asset, bytes calldata told) external {
        (bytes32 loanId, Movement memory movement, PaymentRecord memory record) = abi.decode(
            told,
            (bytes32, Movement, PaymentRecord)
        );
        ledger.roll(PoolLedger.ROLL_DAYS);
        PoolLoan memory loan = ledger.loans[loanId];
        bool ended = loan.booking == Booking.Ended;
        bool isKnown = ended ? movement.closed : PoolLedger.isOpen(loan) && !movement.closed;
        if (!isKnown) revert ILendingPool.LendingPoolNotPoolsLoan(loanId);
        Period[] memory periods = _unpaidPeriods(movement, rates);
        uint256 net = _netInterest(movement, periods, rates.managementFeeBps);

        if (movement.before.curing) _takeBackCashBasis(ledger, rates, loanId, movement, net, record.timestamp);
        else if (ended) _reopen(ledger, rates, loanId, movement, periods);
        else _takeBack(ledger, rates, loanId, movement, periods, record.timestamp);
        if (ended) ledger.exposure[loan.person] += PoolLedger.originatedOf(loan);
        _takeBackAge(ledger, rates, movement, periods);
        uint256 amount = _giveBack(ledger, movement, net);
        emit ILendingPool.ReversalBooked(loanId, record.recorder, amount);
        ledger.emitBooks();
        ledger.emitReserves();
        asset.safeTransfer(record.recorder, amount);
    }

    /// @dev The inverse of `_advance`.
    function _takeBack(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        Period[] memory periods,
        uint256 paidAt
    ) private {
        uint256 completed = _completedIn(movement);
        ledger.accruals.cancel(_streamOf(movement.paid.penalty * movement.unit, paidAt), block.timestamp);
        if (completed == 0) return;
        ledger.accruals.retreat(
            ledger.deferred[loanId],
            periods,
            completed,
            paidAt,
            rates.nonAccrualDays,
            block.timestamp
        );
    }

    /// @dev The inverse of `_payOff`.
    function _reopen(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        Period[] memory periods
    ) private {
        Stream memory ending = ledger.endings[loanId];
        delete ledger.endings[loanId];
        ledger.accruals.cancel(ending, block.timestamp);
        uint256 gain = ending.scaled - movement.paid.penalty * movement.unit * SCALE;
        ledger.accruals.reopen(
            ledger.deferred[loanId],
            periods,
            (_receivedFor(movement, rates.managementFeeBps) * SCALE).toInt256() - gain.toInt256(),
            rates.nonAccrualDays,
            block.timestamp
        );
        ledger.loans[loanId].booking = Booking.Accruing;
    }

    /// @dev The inverse of `_repayOnCashBasis`.
    function _takeBackCashBasis(
        Ledger storage ledger,
        Rates memory rates,
        bytes32 loanId,
        Movement memory movement,
        uint256 net,
        uint256 paidAt
    ) private {
        uint256 gain = _cashGain(movement, net, rates);
        ledger.accruals.cancel(_streamOf(gain, paidAt), block.timestamp);
        ledger.loans[loanId].booking = Booking.CashBasis;
        if (!_cures(movement)) return;
        (uint256 left, ) = ledger.accruals.close(
            ledger.deferred[loanId],
            _presentPeriods(movement, rates),
            0,
            rates.nonAccrualDays,
            block.timestamp
        );
        ledger.accruals.stream(left, block.timestamp);
    }

    /// @dev The inverse of `_moveAge`.
    function _takeBackAge(
        Ledger storage ledger,
        Rates memory rates,
        Movement memory movement,
        Period[] memory periods
    ) private {
        (Aged before, Aged present) = _agedIn(movement, periods, rates);
        ledger.ageing.move(movement.present.lateFromDay, present, movement.before.lateFromDay, before);
    }

    function _giveBack(Ledger storage ledger, Movement memory movement, uint256 net) private returns (uint256 amount) {
        PoolBooks storage books = ledger.books;
        uint256 fees = _feesIn(movement, net);
        uint256 principal = movement.paid.principal * movement.unit;
        uint256 income = net + movement.paid.penalty * movement.unit;
        amount = principal + income + fees;
        // What the institution has collected of its part is nobody else's to give back.
        uint256 collectable = ledger.collectableFees();
        if (fees > collectable) revert ILendingPool.LendingPoolFeesCollected(fees, collectable);
        uint256 fromCash = principal + income;
        if (fromCash > books.cash) revert ILendingPool.LendingPoolInsufficientCash(fromCash, books.cash);
        // No more than there is, and what was received: no cast cuts anything off.
        books.fees -= uint128(fees);
        books.cash -= uint128(fromCash);
        books.interestReceived -= uint128(income);
        books.outstanding += principal.toUint128();
    }

    /* WHAT A MOVEMENT SAYS */

    /// @dev The lenders' part of a payment's interest, base units. The fee is rounded down once an instalment, however
    /// many payments it takes; of a payoff, once for all that is left.
    ///
    ///     instalments      |--- u ---|-- u+1 --|-- u+2 --|
    ///     paid before      |**|
    ///     this payment        |#######|#########|###|
    function _netInterest(
        Movement memory movement,
        Period[] memory periods,
        uint256 feeBps
    ) private pure returns (uint256 net) {
        if (movement.closed) return _receivedFor(movement, feeBps) - _partPaid(movement.before, movement.unit, feeBps);
        uint256 completed = _completedIn(movement);
        for (uint256 i = 0; i < completed; ++i) net += periods[i].interest;
        net += _partPaid(movement.present, movement.unit, feeBps);
        return net - _partPaid(movement.before, movement.unit, feeBps);
    }

    /// @dev Interest that was paid on the oldest unpaid instalment: the lenders' part. Most are paid in one piece.
    function _partPaid(Position memory position, uint256 unit, uint256 feeBps) private pure returns (uint256) {
        uint256 interest = position.partPaidInterest;
        return interest == 0 ? 0 : AccrualBook.netOf(interest * unit, feeBps);
    }

    /// @dev Instalments that the payment paid to their end.
    function _completedIn(Movement memory movement) private pure returns (uint256) {
        // A payment completes instalments and undoes none: the difference is never negative.
        unchecked {
            return movement.present.nextInstalment - movement.before.nextInstalment;
        }
    }

    /// @dev The institution's part of a payment: the fee component and its share of the interest.
    function _feesIn(Movement memory movement, uint256 net) private pure returns (uint256) {
        return (uint256(movement.paid.fee) + movement.paid.interest) * movement.unit - net;
    }

    /// @dev The instalments that were unpaid before the payment, as far as the movement names them.
    function _unpaidPeriods(Movement memory movement, Rates memory rates) private pure returns (Period[] memory) {
        return
            PoolLedger.periodsOf(
                movement.rows,
                0,
                movement.before.periodStartDay,
                movement.unit,
                rates.managementFeeBps
            );
    }

    /// @dev The instalments that are unpaid after it.
    function _presentPeriods(Movement memory movement, Rates memory rates) private pure returns (Period[] memory) {
        uint256 completed = _completedIn(movement);
        return
            PoolLedger.periodsOf(
                movement.rows,
                completed,
                movement.present.periodStartDay,
                movement.unit,
                rates.managementFeeBps
            );
    }

    /// @dev What came in for the unpaid instalments of a loan that was paid off, this payment and those before.
    function _receivedFor(Movement memory movement, uint256 feeBps) private pure returns (uint128) {
        uint256 interest = uint256(movement.before.partPaidInterest) + movement.paid.interest;
        return AccrualBook.netOf(interest * movement.unit, feeBps);
    }

    function _cures(Movement memory movement) private pure returns (bool) {
        return !movement.closed && !movement.present.curing;
    }

    /// @dev The stream of `amount` that began at `startedAt`.
    function _streamOf(uint256 amount, uint256 startedAt) private pure returns (Stream memory) {
        return Stream((amount * SCALE).toUint192(), startedAt.toUint40());
    }

    /// @dev What of the loan ages before the payment, and what after it.
    function _agedIn(
        Movement memory movement,
        Period[] memory periods,
        Rates memory rates
    ) private pure returns (Aged before, Aged present) {
        before = _agedAt(movement.before, movement.unit, periods, 0, rates);
        if (movement.closed) return (before, present);
        present = _agedAt(movement.present, movement.unit, periods, _completedIn(movement), rates);
    }

    function _agedAt(
        Position memory position,
        uint256 unit,
        Period[] memory periods,
        uint256 unpaid,
        Rates memory rates
    ) private pure returns (Aged) {
        return
            PoolLedger.agedOf(
                periods,
                unpaid,
                rates.nonAccrualDays,
                position.outstandingPrincipal * unit,
                _partPaid(position, unit, rates.managementFeeBps),
                position.curing
            );
    }

    function _sum(Components memory paid) private pure returns (uint256) {
        return uint256(paid.penalty) + paid.fee + paid.interest + paid.principal;
    }
}
