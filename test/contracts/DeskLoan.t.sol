// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILendingPool, PoolBooks} from "../../contracts/interfaces/ILendingPool.sol";
import {Agreement, Components, ILoanBook, LoanState, Restructuring} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {OddToken} from "./support/OddToken.sol";
import {VM} from "./support/Vm.sol";

/// Loans whose principal waits for the borrower's receipt, and loans that she gives back.
contract DeskLoanTest is Institution {
    /// What the desk hands out of 200.00 with an upfront fee of 5.00.
    uint64 private constant AMOUNT = 19_500;

    /* ACTIVATING */

    function test_whatWaitsForAReceiptIsNeitherLentNorRepaid() external {
        Agreement memory a = _draft(lender);
        bytes32 loanId = book.loanIdOf(a);
        bytes memory consent = borrowerConsent(a);
        VM.prank(lender);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanFunded(loanId, desk, FIRST_DAY, AMOUNT);
        book.originate(a, consent, "");
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Funded);
        VM.assertEq(book.loanOf(loanId).startDay, 0);
        VM.assertEq(dollar.balanceOf(address(book)), AMOUNT * UNIT);
        refused(borrower, wrongState(loanId, LoanState.Funded));
        book.repay(loanId, 1);
        equal(book.payoff(loanId, FIRST_DAY), Components(0, 0, 0, 0));
        VM.assertEq(book.daysPastDue(loanId), 0);
    }

    function test_aRunningLoanIsNotActivatedAgain() external {
        bytes32 loanId = lend(draft(lender, 2));
        refused(borrower, wrongState(loanId, LoanState.Active));
        book.activate(loanId, "");
        VM.expectRevert(wrongState(loanId, LoanState.Active));
        book.receiptDigest(loanId);
        refused(borrower, wrongState(loanId, LoanState.Active));
        book.cancel(loanId);
    }

    function test_nothingIsPaidOutAfterTheWindow() external {
        bytes32 loanId = lend(_draft(lender));
        goToDay(FIRST_DAY + 6);
        bytes memory reason = abi.encodeWithSelector(
            ILoanBook.LoanBookOutsideDisbursementWindow.selector,
            FIRST_DAY + 6,
            FIRST_DAY,
            FIRST_DAY + 5
        );
        refused(borrower, reason);
        book.activate(loanId, "");
    }

    function test_nothingIsPaidOutWithoutTheBorrowersReceipt() external {
        bytes32 loanId = lend(_draft(lender));
        bytes memory notHers = signed(lender, book.receiptDigest(loanId));
        bytes memory reason = abi.encodeWithSelector(ILoanBook.LoanBookReceiptMissing.selector, loanId);
        refused(stranger, reason);
        book.activate(loanId, notHers);
        book.setRecorder(desk, false);
        refused(desk, reason);
        book.activate(loanId, "");
    }

    function test_anybodyBringsTheReceipt() external {
        bytes32 loanId = lend(_draft(lender));
        uint256 had = dollar.balanceOf(desk);
        goToDay(FIRST_DAY + 2);
        bytes memory receipt = signed(borrower, book.receiptDigest(loanId));
        VM.prank(stranger);
        VM.expectEmit(address(book));
        emit ILoanBook.Disbursed(loanId, desk, FIRST_DAY + 2, AMOUNT, 500);
        book.activate(loanId, receipt);
        VM.assertEq(dollar.balanceOf(desk) - had, AMOUNT * UNIT);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Active);
        VM.assertEq(book.loanOf(loanId).startDay, FIRST_DAY + 2);
    }

    function test_theBorrowerOrTheDeskActivatesByCalling() external {
        address[2] memory callers = [borrower, desk];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes32 loanId = lend(_draft(lender));
            VM.prank(callers[i]);
            book.activate(loanId, "");
            VM.assertTrue(book.loanOf(loanId).state == LoanState.Active);
        }
    }

    function test_whoTookOverTheBorrowersAddressActsInHerPlace() external {
        address successor = person("successor");
        bytes32 loanId = lend(_draft(lender));
        bytes memory receipt = signed(borrower, book.receiptDigest(loanId));
        recover(borrower, successor);
        VM.assertEq(book.loanOf(loanId).borrower, successor);
        bytes memory reason = abi.encodeWithSelector(ILoanBook.LoanBookReceiptMissing.selector, loanId);
        refused(borrower, reason);
        book.activate(loanId, "");
        refused(stranger, reason);
        book.activate(loanId, receipt);
        receipt = signed(successor, book.receiptDigest(loanId));
        VM.prank(stranger);
        book.activate(loanId, receipt);
        fund(successor);
        VM.prank(successor);
        book.returnLoan(loanId);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Cancelled);
    }

    function test_aPoolAsksAboutWhoTookOver() external {
        address successor = person("successor");
        deposit(100_000);
        bytes32 loanId = lend(_draft(address(pool)));
        recover(borrower, successor);
        refused(successor, abi.encodeWithSelector(ILendingPool.LendingPoolNotEligible.selector, successor, KYC_POLICY));
        book.activate(loanId, "");
        anchor(successor);
        VM.prank(successor);
        book.activate(loanId, "");
        VM.assertEq(pool.books().outstanding, 20_000 * UNIT);
    }

    function test_aDeskThatTheTokenRefusesIsOwed() external {
        OddToken odd = useOddToken();
        bytes32 loanId = lend(_draft(lender));
        odd.setBlocked(desk, true);
        VM.prank(borrower);
        book.activate(loanId, "");
        VM.assertEq(book.heldFor(address(odd), desk), AMOUNT * UNIT);
    }

    function test_aPoolLendsWhenTheReceiptIsThere() external {
        deposit(100_000);
        bytes32 loanId = lend(_draft(address(pool)));
        PoolBooks memory b = pool.books();
        VM.assertEq(b.cash, 80_100 * UNIT);
        VM.assertEq(b.funded, 20_000 * UNIT);
        VM.assertEq(b.outstanding, 0);
        VM.assertEq(pool.carryingValueOf(loanId), 20_000 * UNIT);
        VM.assertEq(pool.exposureOf(borrower), 20_000 * UNIT);

        goToDay(FIRST_DAY + 3);
        VM.assertEq(pool.recognised(), 0);
        VM.prank(desk);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanStarted(loanId, 20_000 * UNIT, 500 * UNIT);
        book.activate(loanId, "");
        b = pool.books();
        VM.assertEq(b.cash, 80_100 * UNIT);
        VM.assertEq(b.funded, 0);
        VM.assertEq(b.outstanding, 20_000 * UNIT);
        VM.assertEq(b.fees, 500 * UNIT);
        // Interest runs from the day after the receipt on: the first row's whole 9.00 at the end of its day.
        goToDay(FIRST_DAY + 4);
        VM.warp(block.timestamp - 12 hours);
        VM.assertEq(pool.recognised(), 0);
        goToDay(FIRST_DAY + 8);
        VM.warp(block.timestamp - 12 hours);
        VM.assertEq(pool.recognised(), 900 * UNIT);
    }

    function test_aPoolAsksAboutTheBorrowerAgain() external {
        deposit(100_000);
        bytes32 loanId = lend(_draft(address(pool)));
        ban(borrower);
        refused(borrower, abi.encodeWithSelector(ILendingPool.LendingPoolNotEligible.selector, borrower, KYC_POLICY));
        book.activate(loanId, "");
    }

    /* CANCELLING */

    function test_aStrangerCancelsAfterTheWindowAlone() external {
        bytes32 loanId = lend(_draft(lender));
        uint256 had = dollar.balanceOf(lender);
        goToDay(FIRST_DAY + 5);
        bytes memory reason = abi.encodeWithSelector(ILoanBook.LoanBookNotCancellable.selector, loanId, stranger);
        refused(stranger, reason);
        book.cancel(loanId);
        // A person who lends is no pool with rules of its own.
        refused(lender, abi.encodeWithSelector(ILoanBook.LoanBookNotCancellable.selector, loanId, lender));
        book.cancel(loanId);
        goToDay(FIRST_DAY + 6);
        VM.prank(stranger);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanCancelled(loanId, stranger, lender, FIRST_DAY + 6, AMOUNT);
        book.cancel(loanId);
        VM.assertEq(dollar.balanceOf(lender) - had, AMOUNT * UNIT);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Cancelled);
        refused(borrower, wrongState(loanId, LoanState.Cancelled));
        book.activate(loanId, "");
    }

    function test_theBorrowerCancelsAtAnyTimeAndThePoolHasItsMoneyBack() external {
        deposit(100_000);
        bytes32 loanId = lend(_draft(address(pool)));
        VM.prank(borrower);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanFundingReturned(loanId, 20_000 * UNIT);
        book.cancel(loanId);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.cash, 100_100 * UNIT);
        VM.assertEq(b.funded, 0);
        VM.assertEq(b.fees, 0);
        VM.assertEq(pool.exposureOf(borrower), 0);
        VM.assertEq(dollar.balanceOf(address(pool)), 100_100 * UNIT);
    }

    function test_fundingThatCannotComeHomeWaitsInTheBook() external {
        OddToken odd = useOddToken();
        deposit(100_000);
        bytes32 loanId = lend(_draft(address(pool)));
        odd.setBlocked(address(pool), true);
        VM.prank(borrower);
        book.cancel(loanId);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.held, AMOUNT * UNIT);
        VM.assertEq(b.cash, 80_600 * UNIT);
        VM.assertEq(pool.totalAssets(), 100_100 * UNIT);

        odd.setBlocked(address(pool), false);
        VM.expectEmit(address(pool));
        emit ILendingPool.HeldCashCollected(AMOUNT * UNIT);
        pool.collectHeldCash();
        VM.assertEq(pool.books().held, 0);
        VM.assertEq(pool.books().cash, 100_100 * UNIT);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolAmountZero.selector));
        pool.collectHeldCash();
    }

    function test_aLoanOfSomebodyWhoIsNoLongerEligibleIsCancelledByAnybody() external {
        deposit(100_000);
        bytes32 running = lend(draft());
        refused(stranger, abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, running));
        pool.cancelIneligible(running);
        bytes32 loanId = lend(_draft(address(pool)));
        refused(stranger, abi.encodeWithSelector(ILendingPool.LendingPoolStillEligible.selector, borrower, KYC_POLICY));
        pool.cancelIneligible(loanId);
        ban(borrower);
        VM.prank(stranger);
        pool.cancelIneligible(loanId);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Cancelled);
        VM.assertEq(pool.books().funded, 0);
    }

    /* GIVING BACK */

    function test_aLoanIsGivenBackByTheBorrowerOrTheDeskAlone() external {
        bytes32 loanId = lend(draft(lender, 2));
        bytes memory reason = abi.encodeWithSelector(ILoanBook.LoanBookNotBorrower.selector, loanId, stranger);
        refused(stranger, reason);
        book.returnLoan(loanId);
        // Of a loan that did not go through it, the desk gives nothing back.
        refused(desk, abi.encodeWithSelector(ILoanBook.LoanBookNotBorrower.selector, loanId, desk));
        book.returnLoan(loanId);
        uint256 had = dollar.balanceOf(lender);
        VM.prank(borrower);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanReturned(loanId, borrower, lender, FIRST_DAY, 20_000);
        book.returnLoan(loanId);
        VM.assertEq(dollar.balanceOf(lender) - had, 20_000 * UNIT);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Cancelled);
        refused(borrower, wrongState(loanId, LoanState.Cancelled));
        book.returnLoan(loanId);
    }

    function test_aLoanThatWasPaidOnIsGivenBackWithoutThePrincipalThatWasPaid() external {
        bytes32 loanId = lend(draft(lender, 2));
        pay(loanId, ROW);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanReturned(loanId, borrower, lender, FIRST_DAY, PRINCIPAL);
        VM.prank(borrower);
        book.returnLoan(loanId);
    }

    function test_aLoanIsGivenBackWithinItsCoolingOffDaysAlone() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 4);
        _coolingOffOver(loanId, FIRST_DAY + 4, FIRST_DAY + 3);
        goToDay(FIRST_DAY + 3);
        VM.prank(borrower);
        book.returnLoan(loanId);

        Agreement memory a = draft(lender, 2);
        a.coolingOffDays = 0;
        _coolingOffOver(lend(a), FIRST_DAY + 3, FIRST_DAY + 3);
    }

    function test_aNewTableBringsNoNewCoolingOffDays() external {
        bytes32 loanId = lend(draft(lender, 2));
        Restructuring memory r = draftRestructuring(loanId, 3, 0);
        restructure(r);
        _coolingOffOver(loanId, FIRST_DAY, FIRST_DAY + 3);
    }

    function test_aPoolsLoanThatIsGivenBackLeavesNothingInItsBooks() external {
        deposit(100_000);
        bytes32 loanId = lend(_draft(address(pool)));
        VM.prank(desk);
        book.activate(loanId, "");
        goToDay(FIRST_DAY + 2);
        VM.assertTrue(pool.recognised() != 0);
        VM.prank(desk);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanGivenBack(loanId, 20_000 * UNIT, AMOUNT * UNIT);
        book.returnLoan(loanId);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.cash, 100_100 * UNIT);
        VM.assertEq(b.outstanding, 0);
        VM.assertEq(b.fees, 0);
        VM.assertEq(pool.recognised(), 0);
        VM.assertEq(pool.totalAssets(), 100_100 * UNIT);
        VM.assertEq(pool.exposureOf(borrower), 0);
        VM.assertEq(pool.carryingValueOf(loanId), 0);
    }

    /* INTERNAL */

    function _draft(address from) private returns (Agreement memory a) {
        a = draft(from, 2);
        (a.payee, a.upfrontFee) = (desk, 500);
    }

    function _coolingOffOver(bytes32 loanId, uint32 day, uint32 lastDay) private {
        refused(borrower, abi.encodeWithSelector(ILoanBook.LoanBookCoolingOffOver.selector, loanId, day, lastDay));
        book.returnLoan(loanId);
    }
}
