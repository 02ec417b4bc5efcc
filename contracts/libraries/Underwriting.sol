// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IKycOracle} from "../interfaces/IKycOracle.sol";
import {ILendingPool, LendingLimits, PoolBooks} from "../interfaces/ILendingPool.sol";
import {Agreement, ILoanBook, Instalment, LoanView, Restructuring} from "../interfaces/ILoanBook.sol";
import {IWalletRecovery} from "../interfaces/IWalletRecovery.sol";
import {ApprovalBook, Approvals} from "./Approvals.sol";
import {FirstLoss} from "./FirstLoss.sol";
import {Booking, Ledger, PoolLedger, PoolLoan} from "./PoolLedger.sol";

/// @notice What underwriters may decide, and what they have decided.
struct LendingPolicy {
    LendingLimits limits;
    RateLimiter.RefillingBucket rate;
    ApprovalBook approvals;
}

/// @notice Whom a pool deals with when it lends.
struct Desk {
    ILoanBook book;
    uint8 bookNr;
    IERC20 asset;
    IKycOracle kycOracle;
    address authority;
}

/// @title Underwriting: how a pool comes to lend
/// @dev Deployed on its own and linked, because LendingPool with it would pass the limit on code size. It runs in
/// LendingPool's context, on its storage.
library Underwriting {
    using Approvals for ApprovalBook;
    using PoolLedger for Ledger;
    using RateLimiter for RateLimiter.RefillingBucket;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant YEAR_DAYS = 365;

    /* DECIDING */

    /// @notice See `ILendingPool.setLimits`.
    function setLimits(LendingPolicy storage policy, LendingLimits calldata limits) external {
        policy.limits = limits;
        // What was lent in the old window counts as it stands now.
        policy.rate.sync(0);
        policy.rate.updateSettings(limits.rateWindow, limits.rateCapacity);
        emit ILendingPool.LimitsSet(limits);
    }

    /// @notice See `ILendingPool.approveLoan`.
    function approve(LendingPolicy storage policy, bytes32 id, address authority) external {
        policy.approvals.approve(id, authority);
    }

    /// @notice See `ILendingPool.withdrawApproval`.
    function withdrawApproval(LendingPolicy storage policy, bytes32 id) external {
        policy.approvals.withdraw(id);
    }

    function approvalsOf(LendingPolicy storage policy, bytes32 id) external view returns (address[] memory) {
        return policy.approvals.list(id);
    }

    /* LENDING */

    /// @notice See `ILendingPool.originate`. The queue of redemptions was served.
    /// @dev 1. what the pool's rules and limits say; 2. the days and the totals; 3. LoanBook, which moves the money; 4. who agreed to
    /// what LoanBook calls this loan; 5. the loan starts, or waits for its borrower's receipt. The totals come before the
    /// money, so that nobody who is called on its way sees a price without it.
    /// @param encoded The agreement as it came, first of the arguments.
    function originate(
        Ledger storage ledger,
        LendingPolicy storage policy,
        Desk memory desk,
        bytes calldata encoded,
        bytes calldata borrowerSignature
    ) external returns (bytes32 loanId) {
        ledger.roll(PoolLedger.ROLL_DAYS);
        Agreement memory agreement = abi.decode(encoded, (Agreement));
        uint256 principal = agreement.principal * agreement.unit;
        uint256 upfrontFee = agreement.upfrontFee * agreement.unit;
        bool isDirect = agreement.payee == agreement.borrower;
        address person = _personOf(desk.book, agreement.borrower);
        _checkParties(ledger, desk, agreement);
        _checkLimits(ledger, policy, agreement, person, principal);
        _checkPool(ledger, desk, agreement.borrower, principal);

        ledger.books.cash -= principal.toUint128();
        if (isDirect) _lend(ledger, principal, upfrontFee, agreement.coolingOffDays);
        else ledger.books.funded += principal.toUint128();
        ledger.exposure[person] += principal;

        desk.asset.forceApprove(address(desk.book), principal - upfrontFee);
        loanId = desk.book.originate(agreement, borrowerSignature, "");
        policy.approvals.consume(loanId, principal > policy.limits.oneApprovalUpTo ? 2 : 1, desk.authority);

        ledger.loans[loanId] = PoolLoan({
            person: person,
            principal: agreement.principal,
            unitExponent: uint8(Math.log10(agreement.unit)),
            bookNr: desk.bookNr,
            booking: Booking.Funded
        });
        emit ILendingPool.LoanFundedByPool(loanId, agreement.borrower, principal, upfrontFee);
        if (isDirect) _start(ledger, loanId, _firstTwo(agreement.schedule), agreement.unit, upfrontFee);
        ledger.emitBooks();
        if (!isDirect) ledger.emitReserves();
    }

    function _checkParties(Ledger storage ledger, Desk memory desk, Agreement memory agreement) private view {
        // LoanBook tells registered pools alone what becomes of their loans: without that the books would stand still.
        if (!desk.book.isPool(address(this))) revert ILendingPool.LendingPoolNotRegistered(address(this));
        if (agreement.currency != address(desk.asset)) {
            revert ILendingPool.LendingPoolCurrencyMismatch(agreement.currency, address(desk.asset));
        }
        int32 utcOffset = ledger.accruals.utcOffset;
        if (agreement.utcOffset != utcOffset) {
            revert ILendingPool.LendingPoolUtcOffsetMismatch(agreement.utcOffset, utcOffset);
        }
    }

    function _checkLimits(
        Ledger storage ledger,
        LendingPolicy storage policy,
        Agreement memory agreement,
        address person,
        uint256 principal
    ) private {
        LendingLimits memory limits = policy.limits;
        uint32 today = ledger.today();
        uint256 outstanding = uint256(ledger.books.outstanding) + ledger.books.funded;
        _atMost("principal", principal, limits.maxPrincipal);
        uint256 exposure = _exposureOf(ledger, person, agreement.borrower);
        _atMost("borrower", exposure + principal, limits.maxPerBorrower);
        _atMost("outstanding", outstanding + principal, limits.maxOutstanding);
        // Through a desk the money may come as late as on the last day of the window, which makes it dearest.
        uint32 from = agreement.payee == agreement.borrower ? today : agreement.disburseUntilDay;
        uint256 cost = _costBps(agreement.principal, agreement.upfrontFee, agreement.schedule, from);
        _atMost("term", Math.saturatingSub(agreement.lastDay, today), limits.maxTermDays);
        _atMost("cost", cost, limits.maxCostBps);
        _atMost("coolingOff", agreement.coolingOffDays, PoolLedger.MAX_COOLING_OFF_DAYS);
        uint256 available = policy.rate.available(0);
        if (!policy.rate.tryConsume(0, principal)) revert ILendingPool.LendingPoolLimit("rate", principal, available);
    }

    /// @notice What the limits say of a new table.
    function checkNewTable(
        Ledger storage ledger,
        LendingPolicy storage policy,
        Restructuring memory restructuring
    ) external view {
        LendingLimits memory limits = policy.limits;
        uint32 today = ledger.today();
        _atMost("term", Math.saturatingSub(restructuring.lastDay, today), limits.maxTermDays);
        uint256 cost = _costBps(restructuring.principal, 0, restructuring.schedule, today);
        _atMost("cost", cost, limits.maxCostBps);
    }

    /// @notice See `ILendingPool.exposureOf`.
    function exposureOf(Ledger storage ledger, ILoanBook book, address borrower) external view returns (uint256) {
        return _exposureOf(ledger, _personOf(book, borrower), borrower);
    }

    /// @dev What was lent to the person under any of her addresses, and to this one before it became hers.
    function _exposureOf(Ledger storage ledger, address person, address borrower) private view returns (uint256) {
        uint256 exposure = ledger.exposure[person];
        return person == borrower ? exposure : exposure + ledger.exposure[borrower];
    }

    /// @dev The first of a borrower's addresses: a move gives her no new limit.
    function _personOf(ILoanBook book, address borrower) private view returns (address) {
        return IWalletRecovery(book.walletRecovery()).originOf(borrower);
    }

    /// @dev Whether the pool may lend at all to her, with what it has.
    function _checkPool(Ledger storage ledger, Desk memory desk, address borrower, uint256 principal) private view {
        PoolBooks storage books = ledger.books;
        _checkEligible(ledger, desk.kycOracle, borrower);
        FirstLoss.checkFloor(ledger, books.cover, principal);
        if (principal > books.cash) revert ILendingPool.LendingPoolInsufficientCash(principal, books.cash);
    }

    /// @dev All that the loan costs over what the borrower owes through time, rounded up.
    ///
    ///                    interest + fees + upfront fee
    ///     ------------------------------------------------------------- * 10,000 * 365
    ///     sum over instalments: principal owed before it * days up to it
    ///
    /// What LoanBook will refuse (days that do not rise, principal beyond the total) must not stop the sum, only count as
    /// nothing.
    /// @param owed The principal.
    /// @param cost The upfront fee.
    /// @param from The day from which the principal is owed.
    function _costBps(
        uint256 owed,
        uint256 cost,
        Instalment[] memory schedule,
        uint256 from
    ) private pure returns (uint256) {
        uint256 owedDays;
        for (uint256 i = 0; i < schedule.length; ++i) {
            Instalment memory row = schedule[i];
            if (row.day > from) owedDays += owed * (row.day - from);
            owed = row.principal < owed ? owed - row.principal : 0;
            cost += uint256(row.interest) + row.fee;
            from = row.day;
        }
        if (cost == 0) return 0;
        return owedDays == 0 ? type(uint256).max : Math.ceilDiv(cost * BASIS_POINTS * YEAR_DAYS, owedDays);
    }

    function _checkEligible(Ledger storage ledger, IKycOracle oracle, address borrower) private view {
        uint32 policy = ledger.rules.kycPolicy;
        if (!oracle.isEligible(borrower, policy)) revert ILendingPool.LendingPoolNotEligible(borrower, policy);
    }

    function _atMost(string memory limit, uint256 value, uint256 max) private pure {
        if (value > max) revert ILendingPool.LendingPoolLimit(limit, value, max);
    }

    /* STARTING */

    /// @notice See `ILoanOwner.onActivated`.
    /// @dev KYC is asked about who owes now: her address may have moved since the agreement.
    function activated(
        Ledger storage ledger,
        IKycOracle oracle,
        bytes32 loanId,
        uint256 unit,
        Instalment[] memory rows
    ) external {
        PoolLoan memory loan = ledger.loans[loanId];
        if (loan.booking != Booking.Funded) revert ILendingPool.LendingPoolNotPoolsLoan(loanId);
        LoanView memory current = ILoanBook(msg.sender).loanOf(loanId);
        _checkEligible(ledger, oracle, current.borrower);
        uint256 principal = PoolLedger.originatedOf(loan);
        uint256 upfrontFee = current.upfrontFee * unit;
        // It was added as `uint128`: the cast keeps it.
        ledger.books.funded -= uint128(principal);
        _lend(ledger, principal, upfrontFee, current.coolingOffDays);
        _start(ledger, loanId, rows, unit, upfrontFee);
        ledger.emitBooks();
        ledger.emitReserves();
    }

    /// @dev The borrower owes the whole principal; the upfront fee never left the pool.
    function _lend(Ledger storage ledger, uint256 principal, uint256 upfrontFee, uint32 coolingOffDays) private {
        PoolBooks storage books = ledger.books;
        books.outstanding += principal.toUint128();
        books.fees += upfrontFee.toUint128();
        if (upfrontFee == 0 || coolingOffDays == 0) return;
        ledger.returnableFees[ledger.today() + coolingOffDays] += upfrontFee;
    }

    function _start(
        Ledger storage ledger,
        bytes32 loanId,
        Instalment[] memory rows,
        uint256 unit,
        uint256 upfrontFee
    ) private {
        uint256 principal = ledger.loans[loanId].principal * unit;
        ledger.start(loanId, rows, principal, unit);
        emit ILendingPool.LoanStarted(loanId, principal, upfrontFee);
    }

    function _firstTwo(Instalment[] memory schedule) private pure returns (Instalment[] memory rows) {
        rows = new Instalment[](Math.min(schedule.length, 2));
        for (uint256 i = 0; i < rows.length; ++i) rows[i] = schedule[i];
    }

    /* NOT STARTING */

    /// @notice See `ILendingPool.cancelIneligible`.
    function cancelIneligible(Ledger storage ledger, ILoanBook book, IKycOracle oracle, bytes32 loanId) external {
        if (ledger.loans[loanId].booking != Booking.Funded) revert ILendingPool.LendingPoolNotPoolsLoan(loanId);
        address borrower = book.loanOf(loanId).borrower;
        uint32 policy = ledger.rules.kycPolicy;
        if (oracle.isEligible(borrower, policy)) revert ILendingPool.LendingPoolStillEligible(borrower, policy);
        book.cancel(loanId);
    }

    /// @notice See `ILoanOwner.onCancelled`.
    /// @dev `amount` is the principal without the upfront fee, which has been in the pool all the time.
    function cancelled(Ledger storage ledger, bytes32 loanId, uint256 amount, bool held) external {
        PoolLoan memory loan = ledger.loans[loanId];
        if (loan.booking != Booking.Funded) revert ILendingPool.LendingPoolNotPoolsLoan(loanId);
        uint256 principal = PoolLedger.originatedOf(loan);
        delete ledger.loans[loanId];
        ledger.release(loan);
        ledger.books.funded -= uint128(principal);
        ledger.receiveCash(amount, held);
        ledger.receiveCash(principal - amount, false);
        emit ILendingPool.LoanFundingReturned(loanId, principal);
        ledger.emitBooks();
        ledger.emitReserves();
    }
}
