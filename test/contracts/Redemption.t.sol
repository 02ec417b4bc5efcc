// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {IERC7540Redeem} from "../../contracts/interfaces/IERC7540Redeem.sol";
import {ILendingPool} from "../../contracts/interfaces/ILendingPool.sol";
import {Agreement} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {VM} from "./support/Vm.sol";

contract RedemptionTest is Institution {
    /// Shares of a cent while nothing was earned.
    uint256 private constant CENT = UNIT * 1e6;

    function setUp() public override {
        super.setUp();
        deposit(100_000);
    }

    /* ASKING */

    function test_somethingIsAskedForBySomebody() external {
        refused(depositor, abi.encodeWithSelector(ILendingPool.LendingPoolRequestZero.selector));
        pool.requestRedeem(0, depositor, depositor);
        refused(depositor, abi.encodeWithSelector(ILendingPool.LendingPoolZeroAddress.selector, "controller"));
        pool.requestRedeem(CENT, address(0), depositor);
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolRequestTooSmall.selector,
            99 * UNIT,
            100 * UNIT
        );
        refused(depositor, reason);
        pool.requestRedeem(99 * CENT, depositor, depositor);
    }

    function test_sharesOfOthersAreHandedInByLeaveAlone() external {
        refused(
            stranger,
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, stranger, 0, 100 * CENT)
        );
        pool.requestRedeem(100 * CENT, stranger, depositor);
        VM.prank(depositor);
        pool.approve(stranger, 150 * CENT);
        VM.prank(stranger);
        pool.requestRedeem(100 * CENT, stranger, depositor);
        VM.assertEq(pool.allowance(depositor, stranger), 50 * CENT);

        VM.prank(depositor);
        VM.assertTrue(pool.setOperator(lender, true));
        VM.assertTrue(pool.isOperator(depositor, lender));
        VM.prank(lender);
        pool.requestRedeem(200 * CENT, depositor, depositor);
        VM.assertEq(pool.balanceOf(depositor), 99_700 * CENT);
        VM.assertEq(pool.balanceOf(address(pool)), 300 * CENT);
    }

    function test_requestsHaveNumbersAndControllers() external {
        VM.prank(depositor);
        VM.expectEmit(address(pool));
        emit IERC7540Redeem.RedeemRequest(stranger, depositor, 1, depositor, 100 * CENT);
        VM.assertEq(pool.requestRedeem(100 * CENT, stranger, depositor), 1);
        VM.assertEq(_request(200), 2);
        VM.assertEq(pool.pendingRedeemRequest(1, stranger), 100 * CENT);
        VM.assertEq(pool.pendingRedeemRequest(1, depositor), 0);
        VM.assertEq(pool.pendingRedeemRequest(2, depositor), 200 * CENT);
        VM.assertEq(pool.claimableRedeemRequest(2, depositor), 0);
        _queueIs(1, 2, 300);
    }

    /* WAITING */

    function test_whereNobodyWaitsNothingIsFulfilled() external {
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolNothingToFulfil.selector));
        pool.fulfilRedemptions(10);
        _request(200);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolNothingToFulfil.selector));
        pool.fulfilRedemptions(0);
    }

    function test_theQueueIsServedInOrderAsFarAsItIsTold() external {
        _request(100);
        _request(200);
        _request(300);
        VM.expectEmit(address(pool));
        emit ILendingPool.RedemptionFulfilled(1, depositor, 100 * CENT, 100 * UNIT);
        VM.expectEmit(address(pool));
        emit ILendingPool.RedemptionFulfilled(2, depositor, 200 * CENT, 200 * UNIT);
        VM.expectEmit(address(pool));
        emit ILendingPool.SupplyUpdated(99_800 * CENT);
        VM.assertEq(pool.fulfilRedemptions(2), 2);
        _queueIs(3, 3, 300);
        VM.assertEq(pool.books().reserved, 300 * UNIT);
        VM.assertEq(pool.books().cash, 99_800 * UNIT);
        VM.assertEq(pool.totalSupply(), 99_800 * CENT);
        VM.assertEq(pool.claimableRedeemRequest(1, depositor), 100 * CENT);
        VM.assertEq(pool.claimableRedeemRequest(2, depositor), 200 * CENT);
        VM.assertEq(pool.pendingRedeemRequest(2, depositor), 0);
        VM.assertEq(pool.pendingRedeemRequest(3, depositor), 300 * CENT);
    }

    function test_aPartIsServedWithTheCashThereIsAndTheRestWaits() external {
        bytes32 loanId = lend(draft());
        _request(80_000);
        VM.assertEq(pool.fulfilRedemptions(10), 1);
        VM.assertEq(pool.books().cash, 0);
        VM.assertEq(pool.books().reserved, 60_100 * UNIT);
        VM.assertEq(pool.pendingRedeemRequest(1, depositor), 19_900 * CENT);
        VM.assertEq(pool.claimableRedeemRequest(1, depositor), 60_100 * CENT);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolNothingToFulfil.selector));
        pool.fulfilRedemptions(10);

        pay(loanId, ROW);
        // Interest that was paid ahead is cash, and no part of the price yet.
        VM.assertEq(pool.fulfilRedemptions(10), 1);
        VM.assertEq(pool.pendingRedeemRequest(1, depositor), 9_000 * CENT);
        VM.assertEq(pool.books().reserved, 71_000 * UNIT);
    }

    function test_aPartCostsAsManySharesAsThePriceAsksRoundedUp() external {
        lend(draft());
        goToDay(FIRST_DAY + 3);
        _request(80_000);
        uint256 assets = pool.totalAssets() + 1;
        uint256 supply = pool.totalSupply() + 1e6;
        VM.assertEq(assets - 1 - 100_100 * UNIT, (900 * UNIT * 5) / 14);
        VM.assertEq(pool.fulfilRedemptions(1), 1);
        uint256 shares = (60_100 * UNIT * supply) / assets + 1;
        VM.assertEq(pool.claimableRedeemRequest(1, depositor), shares);
        VM.assertEq(pool.maxWithdraw(depositor), 60_100 * UNIT);
        VM.assertEq(pool.totalSupply(), 100_100 * CENT - shares);
    }

    function test_whoWantsToLeaveComesBeforeWhoWantsToBorrow() external {
        bytes32 first = lend(draft());
        _request(80_000);
        Agreement memory a = draft(address(pool), 1);
        bytes memory consent = borrowerConsent(a);
        approve(approver, book.loanIdOf(a));
        refused(underwriter, abi.encodeWithSelector(ILendingPool.LendingPoolRedemptionsFirst.selector, 19_900 * CENT));
        pool.originate(a, consent);
        refused(depositor, abi.encodeWithSelector(ILendingPool.LendingPoolRedemptionsFirst.selector, 80_000 * CENT));
        pool.redeemNow(CENT, depositor, 0);

        // When there is cash, an origination serves the queue by itself.
        pay(first, type(uint64).max);
        VM.prank(underwriter);
        pool.originate(a, consent);
        _queueIs(2, 1, 0);
        VM.assertEq(pool.books().reserved, 80_000 * UNIT);
        VM.assertEq(pool.books().cash, 10_100 * UNIT);
    }

    /* CLAIMING */

    function test_onlyTheControllerAndItsOperatorsClaim() external {
        _fulfilled(300);
        refused(stranger, abi.encodeWithSelector(ILendingPool.LendingPoolNotOperator.selector, depositor, stranger));
        pool.redeem(1, stranger, depositor);
        refused(stranger, abi.encodeWithSelector(ILendingPool.LendingPoolNotOperator.selector, depositor, stranger));
        pool.withdraw(1, stranger, depositor);
        VM.prank(depositor);
        pool.setOperator(stranger, true);
        uint256 had = dollar.balanceOf(lender);
        VM.prank(stranger);
        VM.assertEq(pool.redeem(100 * CENT, lender, depositor), 100 * UNIT);
        VM.prank(stranger);
        VM.assertEq(pool.withdraw(200 * UNIT, lender, depositor), 200 * CENT);
        VM.assertEq(dollar.balanceOf(lender) - had, 300 * UNIT);
        VM.assertEq(pool.books().reserved, 0);
    }

    function test_noMoreIsClaimedThanWasFulfilled() external {
        _fulfilled(300);
        VM.assertEq(pool.maxRedeem(depositor), 300 * CENT);
        VM.assertEq(pool.maxWithdraw(depositor), 300 * UNIT);
        bytes memory reason = abi.encodeWithSelector(
            ERC4626.ERC4626ExceededMaxRedeem.selector,
            depositor,
            300 * CENT + 1,
            300 * CENT
        );
        refused(depositor, reason);
        pool.redeem(300 * CENT + 1, depositor, depositor);
        reason = abi.encodeWithSelector(
            ERC4626.ERC4626ExceededMaxWithdraw.selector,
            depositor,
            300 * UNIT + 1,
            300 * UNIT
        );
        refused(depositor, reason);
        pool.withdraw(300 * UNIT + 1, depositor, depositor);
    }

    function test_claimsTakeTheOldestRequestsFirstAndTheLastOneTakesTheRest() external {
        _request(100);
        _fulfilled(200);
        VM.prank(depositor);
        // A third of a base unit of what is worth a million shares goes down.
        VM.assertEq(pool.redeem(150 * CENT + 333_333, depositor, depositor), 150 * UNIT);
        VM.assertEq(pool.claimableRedeemRequest(1, depositor), 0);
        VM.assertEq(pool.claimableRedeemRequest(2, depositor), 150 * CENT - 333_333);
        VM.assertEq(pool.maxWithdraw(depositor), 150 * UNIT);
        VM.prank(depositor);
        VM.assertEq(pool.withdraw(150 * UNIT, depositor, depositor), 150 * CENT - 333_333);
        VM.assertEq(pool.maxRedeem(depositor), 0);
    }

    function test_nothingIsClaimedOfNothing() external {
        VM.prank(depositor);
        VM.assertEq(pool.redeem(0, depositor, depositor), 0);
        VM.prank(depositor);
        VM.assertEq(pool.withdraw(0, depositor, depositor), 0);
    }

    function test_whatARedemptionBringsIsNotKnownBefore() external {
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolPreviewUnknown.selector));
        pool.previewRedeem(1);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolPreviewUnknown.selector));
        pool.previewWithdraw(1);
    }

    /* LEAVING AT ONCE */

    function test_whoLeavesAtOnceSaysForHowMuchAtLeast() external {
        refused(depositor, abi.encodeWithSelector(ILendingPool.LendingPoolRequestZero.selector));
        pool.redeemNow(0, depositor, 0);
        refused(depositor, abi.encodeWithSelector(ILendingPool.LendingPoolSlippage.selector, 50 * UNIT, 50 * UNIT + 1));
        pool.redeemNow(50 * CENT, depositor, 50 * UNIT + 1);
        lend(draft());
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolInsufficientCash.selector,
            60_101 * UNIT,
            60_100 * UNIT
        );
        refused(depositor, reason);
        pool.redeemNow(60_101 * CENT, depositor, 0);
    }

    function test_whoLeavesAtOnceIsPaidAtOnce() external {
        uint256 had = dollar.balanceOf(stranger);
        VM.prank(depositor);
        VM.assertEq(pool.redeemNow(50 * CENT, stranger, 50 * UNIT), 50 * UNIT);
        VM.assertEq(dollar.balanceOf(stranger) - had, 50 * UNIT);
        VM.assertEq(pool.books().cash, 100_050 * UNIT);
        VM.assertEq(pool.totalSupply(), 100_050 * CENT);
    }

    function test_pausingStopsNobodyFromLeaving() external {
        VM.prank(guardian);
        pool.pause();
        VM.prank(depositor);
        VM.assertEq(pool.redeemNow(50 * CENT, depositor, 0), 50 * UNIT);
        _fulfilled(300);
        VM.prank(depositor);
        VM.assertEq(pool.redeem(300 * CENT, depositor, depositor), 300 * UNIT);
    }

    /// The price of leaving has provisions one bracket ahead in it.
    function test_whoLeavesWhileLoansAreLateLeavesTheirProvisionsBehind() external {
        lend(draft());
        goToDay(FIRST_DAY + 8);
        VM.assertEq(pool.provisions(), 0);
        // A tenth of the principal, and of the interest of two weeks that the line will have counted when it stops.
        VM.assertEq(pool.exitDeduction(), 4_180 * UNIT);
        uint256 assets = pool.totalAssets() - 4_180 * UNIT + 1;
        VM.assertEq(pool.convertToExitAssets(100 * CENT), (100 * CENT * assets) / (100_100 * CENT + 1e6));
    }

    /* WHEN THE LENDERS' ASSETS ARE NEGATIVE */

    /// The gain of a note that was sold is cash before it is earned. Who leaves takes it along; then a loan is lost.
    function test_nobodyJoinsOrLeavesAPoolThatOwesMoreThanItHas() external {
        bytes32 sold = lend(draft());
        bytes32 lost = lend(draft());
        goToDay(FIRST_DAY + 8);
        VM.prank(supervisor);
        pool.sellNote(sold, stranger, 60_000 * UNIT);
        VM.prank(stranger);
        pool.buyNote(sold, 60_000 * UNIT, 0);
        uint256 shares = (80_100 * UNIT * (pool.totalSupply() + 1e6)) / (pool.totalAssets() - 4_180 * UNIT + 1);
        VM.prank(depositor);
        pool.redeemNow(shares, depositor, 0);
        // All but what was rounded.
        VM.assertEq(pool.books().cash, 1);
        uint256 waiting = _request(1_000);
        VM.prank(supervisor);
        pool.writeOff(lost);

        VM.assertEq(pool.totalAssets(), 0);
        VM.assertEq(pool.maxDeposit(lender), 0);
        VM.assertEq(pool.maxMint(lender), 0);
        VM.assertEq(pool.convertToExitAssets(1e6), 1e6 / (pool.totalSupply() + 1e6));
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolNothingToFulfil.selector));
        pool.fulfilRedemptions(1);
        bytes memory reason = abi.encodeWithSelector(ILendingPool.LendingPoolRequestTooSmall.selector, 0, 100 * UNIT);
        refused(depositor, reason);
        pool.requestRedeem(1_000 * CENT, depositor, depositor);
        VM.assertEq(pool.pendingRedeemRequest(waiting, depositor), 1_000 * CENT);

        // Whatever borrowers pay on is theirs as before.
        goToDay(FIRST_DAY + 9);
        pay(lost, type(uint64).max);
        goToDay(FIRST_DAY + 18);
        VM.assertTrue(pool.totalAssets() != 0);
        VM.assertEq(pool.fulfilRedemptions(1), 1);
    }

    /* INTERNAL */

    function _request(uint256 cents) private returns (uint256 requestId) {
        VM.prank(depositor);
        return pool.requestRedeem(cents * CENT, depositor, depositor);
    }

    function _fulfilled(uint256 cents) private {
        _request(cents);
        pool.fulfilRedemptions(10);
    }

    function _queueIs(uint256 next, uint256 last, uint256 cents) private view {
        (uint256 nextRequestId, uint256 lastRequestId, uint256 pendingShares) = pool.redemptionQueue();
        VM.assertEq(nextRequestId, next);
        VM.assertEq(lastRequestId, last);
        VM.assertEq(pendingShares, cents * CENT);
    }
}
