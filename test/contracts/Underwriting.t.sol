// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {LendingPool} from "../../contracts/LendingPool.sol";
import {LoanBook} from "../../contracts/LoanBook.sol";
import {LoanMetadata} from "../../contracts/LoanMetadata.sol";
import {ILendingPool, LendingLimits, PoolBooks, PoolRules} from "../../contracts/interfaces/ILendingPool.sol";
import {Agreement, Components, ILoanBook, Instalment, Position} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {VM} from "./support/Vm.sol";

contract UnderwritingTest is Institution {
    function setUp() public override {
        super.setUp();
        deposit(100_000);
    }

    /* WHO AGREED */

    function test_aLoanNeedsAnotherUnderwritersApproval() external {
        Agreement memory a = draft();
        bytes32 id = book.loanIdOf(a);
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolApprovalMissing.selector, id, 0, 1));
        approve(underwriter, id);
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolMakerIsChecker.selector, id, underwriter));
        VM.prank(underwriter);
        pool.withdrawApproval(id);
        lend(a);
        VM.assertEq(pool.approvalsOf(id).length, 0);
    }

    function test_aLargeLoanNeedsTwoApprovals() external {
        LendingLimits memory l = limits();
        l.oneApprovalUpTo = uint128(39_999 * UNIT);
        pool.setLimits(l);
        Agreement memory a = draft();
        bytes32 id = book.loanIdOf(a);
        approve(approver, id);
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolApprovalMissing.selector, id, 1, 2));
        approve(secondApprover, id);
        _originate(a);
    }

    function test_anApprovalIsGivenOnceAndByUnderwritersAlone() external {
        bytes32 id = keccak256("a loan");
        approve(approver, id);
        refused(approver, abi.encodeWithSelector(ILendingPool.LendingPoolAlreadyApproved.selector, id, approver));
        pool.approveLoan(id);
        refused(stranger, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        pool.approveLoan(id);
    }

    function test_thereIsRoomForThreeApprovals() external {
        bytes32 id = keccak256("a loan");
        address fourth = person("fourth");
        manager.grantRole(UNDERWRITER, fourth, 0);
        approve(approver, id);
        approve(secondApprover, id);
        approve(underwriter, id);
        refused(fourth, abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, "approvals", 4, 3));
        pool.approveLoan(id);
        // Somebody who lost the role makes room.
        manager.revokeRole(UNDERWRITER, secondApprover);
        VM.prank(fourth);
        VM.expectEmit(address(pool));
        emit ILendingPool.Approved(id, fourth, 3);
        pool.approveLoan(id);
        address[] memory people = pool.approvalsOf(id);
        VM.assertEq(people.length, 3);
        VM.assertEq(people[1], fourth);
    }

    function test_anApprovalCountsWhileItsUnderwriterIsOne() external {
        Agreement memory a = draft();
        bytes32 id = book.loanIdOf(a);
        approve(approver, id);
        manager.revokeRole(UNDERWRITER, approver);
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolApprovalMissing.selector, id, 0, 1));
    }

    function test_anApprovalIsTakenBackByWhoGaveIt() external {
        bytes32 id = keccak256("a loan");
        approve(approver, id);
        approve(secondApprover, id);
        refused(underwriter, abi.encodeWithSelector(ILendingPool.LendingPoolApprovalMissing.selector, id, 0, 1));
        pool.withdrawApproval(id);
        VM.prank(secondApprover);
        VM.expectEmit(address(pool));
        emit ILendingPool.ApprovalWithdrawn(id, secondApprover);
        pool.withdrawApproval(id);
        VM.assertEq(pool.approvalsOf(id).length, 1);
        VM.assertEq(pool.approvalsOf(id)[0], approver);
        // The last one moves into the gap.
        approve(secondApprover, id);
        VM.prank(approver);
        pool.withdrawApproval(id);
        VM.assertEq(pool.approvalsOf(id).length, 1);
        VM.assertEq(pool.approvalsOf(id)[0], secondApprover);
    }

    function test_theManagerIsNobody() external {
        bytes memory call = abi.encodeCall(ILendingPool.approveLoan, (keccak256("a loan")));
        refused(
            underwriter,
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(manager))
        );
        manager.execute(address(pool), call);
    }

    /* WHAT FITS THE POOL */

    function test_aPoolLendsThroughABookThatKnowsIt() external {
        pool = new LendingPool(address(manager), book, registry, dollar, rules(), "", "");
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = LendingPool.originate.selector;
        manager.setTargetFunctionRole(address(pool), selectors, UNDERWRITER);
        Agreement memory a = draft();
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolNotRegistered.selector, address(pool)));
    }

    function test_aPoolLendsItsOwnMoneyInItsOwnDays() external {
        Agreement memory a = draft(lender, 4);
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolLenderMismatch.selector, lender));
        a = draft();
        a.currency = address(registry);
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolCurrencyMismatch.selector,
            address(registry),
            address(dollar)
        );
        _refuses(a, reason);
        a = draft();
        a.utcOffset = 1 hours;
        _refuses(
            a,
            abi.encodeWithSelector(ILendingPool.LendingPoolUtcOffsetMismatch.selector, int32(1 hours), UTC_OFFSET)
        );
    }

    function test_aPoolLendsToWhoIsEligible() external {
        Agreement memory a = draft();
        a.borrower = stranger;
        a.payee = stranger;
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolNotEligible.selector, stranger, KYC_POLICY));
        a = draft();
        ban(borrower);
        _refuses(a, abi.encodeWithSelector(ILendingPool.LendingPoolNotEligible.selector, borrower, KYC_POLICY));
    }

    function test_aPoolLendsWhatItHas() external {
        Agreement memory a = draft();
        a.schedule[0].principal = 80_000;
        total(a);
        // 1,100.00 of principal, and 1,001.00 in the pool.
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolInsufficientCash.selector,
            110_000 * UNIT,
            100_100 * UNIT
        );
        _refuses(a, reason);
    }

    function test_aPoolLendsNothingWhilePaused() external {
        Agreement memory a = draft();
        VM.prank(guardian);
        pool.pause();
        _refuses(a, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        VM.assertEq(pool.maxDeposit(depositor), 0);
        pool.unpause();
        lend(a);
    }

    function test_aPoolLendsNoMoreThanItsCoverBears() external {
        PoolRules memory r = rules();
        r.coverFloorBps = 1_000;
        pool = openPool(dollar, r);
        fund(depositor);
        fund(supervisor);
        deposit(100_000);
        topUp(3_999 * UNIT);
        Agreement memory a = draft();
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolCoverTooLow.selector,
            3_999 * UNIT,
            4_000 * UNIT
        );
        _refuses(a, reason);
        topUp(UNIT);
        lend(a);
        // Once it was lent, none of the cover goes.
        VM.expectRevert(
            abi.encodeWithSelector(ILendingPool.LendingPoolCoverTooLow.selector, 4_000 * UNIT - 1, 4_000 * UNIT)
        );
        pool.withdrawCover(1, stranger);
        // The floor is rounded up: it is one base unit for each ten that were begun.
        a = draft(address(pool), 1);
        (a.unit, a.schedule[0].principal) = (1, 10_001);
        total(a);
        reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolCoverTooLow.selector,
            4_000 * UNIT,
            4_000 * UNIT + 1_001
        );
        _refuses(a, reason);
    }

    /* LIMITS */

    function test_principalHasALimit() external {
        LendingLimits memory l = limits();
        l.maxPrincipal = uint128(40_000 * UNIT - 1);
        _limited(l, "principal", 40_000 * UNIT, 40_000 * UNIT - 1);
    }

    function test_aBorrowerHasALimit() external {
        lend(draft());
        LendingLimits memory l = limits();
        l.maxPerBorrower = uint128(80_000 * UNIT - 1);
        _limited(l, "borrower", 80_000 * UNIT, 80_000 * UNIT - 1);
    }

    function test_aPoolHasALimit() external {
        Agreement memory a = draft();
        a.payee = desk;
        lend(a);
        LendingLimits memory l = limits();
        l.maxOutstanding = uint128(80_000 * UNIT - 1);
        // Principal that waits for a receipt counts.
        _limited(l, "outstanding", 80_000 * UNIT, 80_000 * UNIT - 1);
    }

    function test_aTermHasALimit() external {
        LendingLimits memory l = limits();
        l.maxTermDays = 27;
        _limited(l, "term", 28, 27);
    }

    function test_costHasALimit() external {
        LendingLimits memory l = limits();
        // 44.00 over 400.00 for a week, 300.00, 200.00 and 100.00 for one each: 57.36 a day.
        uint256 cost = (uint256(4_400) * 10_000 * 365 + 699_999) / 700_000;
        l.maxCostBps = uint32(cost - 1);
        _limited(l, "cost", cost, cost - 1);
        l.maxCostBps = uint32(cost);
        pool.setLimits(l);
        lend(draft());
    }

    function test_whatCostsNothingHasNoCost() external {
        LendingLimits memory l = limits();
        l.maxCostBps = 0;
        pool.setLimits(l);
        Agreement memory a = draft();
        for (uint256 i = 0; i < 4; ++i) (a.schedule[i].interest, a.schedule[i].fee) = (0, 0);
        total(a);
        lend(a);
    }

    function test_whatIsOwedForNoTimeCostsTooMuch() external {
        Agreement memory a = draft();
        for (uint256 i = 0; i < 4; ++i) a.schedule[i].day = FIRST_DAY;
        a.lastDay = FIRST_DAY - 1;
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolLimit.selector,
            "cost",
            type(uint256).max,
            100_000
        );
        _refuses(a, reason);
    }

    function test_whatIsLentInADayHasALimit() external {
        LendingLimits memory l = limits();
        l.rateCapacity = uint128(60_000 * UNIT);
        pool.setLimits(l);
        VM.assertEq(pool.limits().rateCapacity, 60_000 * UNIT);
        lend(draft());
        Agreement memory a = draft();
        _refuses(
            a,
            abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, "rate", 40_000 * UNIT, 20_000 * UNIT)
        );
        // Eight hours refill a third of it.
        VM.warp(block.timestamp + 8 hours);
        lend(a);
        // What was lent counts under new limits too.
        l.rateCapacity = uint128(70_000 * UNIT);
        pool.setLimits(l);
        a = draft();
        _refuses(
            a,
            abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, "rate", 40_000 * UNIT, 10_000 * UNIT)
        );
    }

    /* WHAT IS LENT */

    function test_aLoanIsInTheBooksFromItsFirstSecondOn() external {
        Agreement memory a = draft();
        a.upfrontFee = 1_000;
        approve(approver, book.loanIdOf(a));
        uint256 had = dollar.balanceOf(borrower);
        bytes memory consent = borrowerConsent(a);
        bytes32 id = book.loanIdOf(a);
        VM.prank(underwriter);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanFundedByPool(id, borrower, 40_000 * UNIT, 1_000 * UNIT);
        VM.assertEq(pool.originate(a, consent), id);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.cash, 60_100 * UNIT);
        VM.assertEq(b.outstanding, 40_000 * UNIT);
        VM.assertEq(b.fees, 1_000 * UNIT);
        VM.assertEq(b.funded, 0);
        VM.assertEq(dollar.balanceOf(borrower) - had, 39_000 * UNIT);
        VM.assertEq(dollar.balanceOf(address(pool)), 61_100 * UNIT);
        VM.assertEq(pool.exposureOf(borrower), 40_000 * UNIT);
        VM.assertEq(pool.carryingValueOf(id), 40_000 * UNIT);
        VM.assertEq(pool.totalAssets(), 100_100 * UNIT);
    }

    function test_interestComesInBySecondsAndAPaymentMovesNoPrice() external {
        bytes32 id = lend(draft());
        goToDay(FIRST_DAY + 7);
        // 6.5 of the seven days of a net 9.00.
        VM.assertEq(pool.recognised(), (900 * UNIT * 13) / 14);
        uint256 assets = pool.totalAssets();
        VM.expectEmit(address(pool));
        emit ILendingPool.RepaymentBooked(id, 10_000 * UNIT, 900 * UNIT, 0, 200 * UNIT);
        VM.expectEmit(address(pool));
        emit ILendingPool.BooksUpdated(
            uint128(71_000 * UNIT),
            uint128(30_000 * UNIT),
            uint128(900 * UNIT),
            uint128(200 * UNIT)
        );
        pay(id, ROW);
        VM.assertEq(pool.totalAssets(), assets);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.cash, 71_000 * UNIT);
        VM.assertEq(b.outstanding, 30_000 * UNIT);
        VM.assertEq(b.interestReceived, 900 * UNIT);
        VM.assertEq(b.fees, 200 * UNIT);
    }

    function test_aPayoffOfALastInstalmentEndsTheLoan() external {
        bytes32 id = lend(draft(address(pool), 1));
        goToDay(FIRST_DAY + 7);
        pay(id, ROW);
        VM.assertEq(pool.exposureOf(borrower), 0);
        VM.assertEq(pool.books().outstanding, 0);
        goToDay(FIRST_DAY + 15);
        VM.assertEq(pool.recognised(), 900 * UNIT);
        VM.assertEq(pool.totalAssets(), 101_000 * UNIT);
    }

    function test_aLatePaymentLetsInLittleByLittleWhatTheLineLeftOut() external {
        bytes32 id = lend(draft(address(pool), 8));
        goToDay(FIRST_DAY + 60);
        uint256 assets = pool.totalAssets();
        VM.assertEq(pool.recognised(), 2 * 900 * UNIT);
        uint64 penalty = book.due(id, today()).penalty;
        pay(id, penalty + ROW);
        VM.assertEq(pool.totalAssets(), assets);
        goToDay(FIRST_DAY + 68);
        VM.assertEq(pool.recognised(), 3 * 900 * UNIT + penalty * UNIT);
    }

    /* WHAT LOANBOOK TELLS */

    function test_onlyTheBookOfALoanSpeaksOfIt() external {
        Position memory position;
        Instalment[] memory rows = new Instalment[](1);
        bytes32 id = lend(draft());
        bytes memory reason = abi.encodeWithSelector(ILendingPool.LendingPoolNotLoanBook.selector, stranger);
        refused(stranger, reason);
        pool.onActivated(id, UNIT, position, rows);
        refused(stranger, reason);
        pool.onCancelled(id, 1, false);
        refused(stranger, reason);
        pool.onReturned(id, 1, false);

        bytes32 unknown = keccak256("no loan");
        reason = abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, unknown);
        refused(address(book), reason);
        pool.onActivated(unknown, UNIT, position, rows);
        refused(address(book), reason);
        pool.onCancelled(unknown, 1, false);
        refused(address(book), reason);
        pool.onReturned(unknown, 1, false);
        VM.expectRevert(reason);
        pool.cancelIneligible(unknown);
    }

    function test_aRunningLoanStaysInTheBookInWhichItWasMade() external {
        bytes32 id = lend(draft());
        LoanBook first = book;
        book = new LoanBook(address(manager), wallets, new LoanMetadata());
        book.setCurrency(address(dollar), true);
        book.registerPool(address(pool));
        pool.adoptLoanBook(address(book));
        VM.assertTrue(pool.isLoanBook(address(first)));
        VM.assertTrue(pool.isLoanBook(address(book)));
        VM.assertFalse(pool.isLoanBook(stranger));
        bytes32 later = lend(draft());
        VM.assertEq(book.ownerOf(uint256(later)), address(pool));
        VM.prank(borrower);
        Components memory paid = first.repay(id, ROW);
        equal(paid, Components(0, FEE, INTEREST, PRINCIPAL));
        VM.assertEq(pool.books().outstanding, 70_000 * UNIT);
    }

    function test_noBookIsNone() external {
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolZeroAddress.selector, "loanBook"));
        pool.adoptLoanBook(address(0));
    }

    /* INTERNAL */

    function _refuses(Agreement memory a, bytes memory reason) private {
        bytes memory consent = borrowerConsent(a);
        refused(underwriter, reason);
        pool.originate(a, consent);
    }

    function _originate(Agreement memory a) private {
        bytes memory consent = borrowerConsent(a);
        VM.prank(underwriter);
        pool.originate(a, consent);
    }

    function _limited(LendingLimits memory l, string memory limit, uint256 value, uint256 max) private {
        pool.setLimits(l);
        _refuses(draft(), abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, limit, value, max));
    }
}
