// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LoanBook} from "../../contracts/LoanBook.sol";
import {LoanMetadata} from "../../contracts/LoanMetadata.sol";
import {WalletRecovery} from "../../contracts/WalletRecovery.sol";
import {ILendingPool, LendingLimits} from "../../contracts/interfaces/ILendingPool.sol";
import {
    Agreement,
    ILoanBook,
    Instalment,
    LoanState,
    PaymentRecord,
    Restructuring
} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {OddToken} from "./support/OddToken.sol";
import {VM, Vm} from "./support/Vm.sol";

/// What a reader found who saw the contracts for the first time, and what a fuzzer found. All of it was possible once.
contract FreshEyesTest is Institution {
    function setUp() public override {
        super.setUp();
        deposit(1_000_000);
    }

    /// `penaltyCap` is "over the loan's life": penalty that became principal counts.
    function test_aCapitalisedPenaltyUsesThePenaltyCapUp() external {
        Agreement memory a = draft(lender, 2);
        a.penaltyRateBps = 100_000;
        a.penaltyCap = 500;
        bytes32 loanId = lend(a);
        goToDay(today() + 40);
        VM.assertEq(book.due(loanId, today()).penalty, 500);
        restructure(draftRestructuring(loanId, 2, 2_700));
        goToDay(today() + 60);
        VM.assertEq(book.due(loanId, today()).penalty, 0);
    }

    /// The lender pays one cent to herself, or anybody does: it costs her nothing, and all the interest would be owed.
    function test_nobodysCentEndsTheBorrowersCoolingOffDays() external {
        Agreement memory a = draft(lender, 4);
        a.earlySettlement = 0;
        bytes32[2] memory loans = [lend(a), lend(draft())];
        pay(lender, loans[0], 1);
        pay(stranger, loans[1], 1);
        for (uint256 i = 0; i < 2; ++i) {
            VM.prank(borrower);
            book.returnLoan(loans[i]);
            VM.assertEq(uint256(book.loanOf(loans[i]).state), uint256(LoanState.Cancelled));
        }
    }

    /// She gives back what she owes of the principal; what was paid of the rest stays paid, and the books fit.
    function test_whatWasPaidBeforeIsNotGivenBackOnceMore() external {
        Agreement memory a = draft();
        a.upfrontFee = 10_000;
        bytes32 loanId = lend(a);
        uint256 owned = pool.totalAssets();
        pay(loanId, 2 * ROW);
        uint256 had = dollar.balanceOf(borrower);
        VM.prank(borrower);
        book.returnLoan(loanId);
        VM.assertEq(had - dollar.balanceOf(borrower), 10_000 * UNIT);
        VM.assertEq(pool.books().outstanding, 0);
        VM.assertEq(pool.books().fees, 2 * (FEE + INTEREST / 10) * UNIT);
        _atMost(owned, pool.totalAssets());
        goToDay(today() + 30);
        VM.assertEq(pool.totalAssets(), owned + 2 * ((INTEREST * 9) / 10) * UNIT);
        VM.assertEq(pool.totalAssets(), pool.books().cash);
    }

    /// Who has paid back more than she received gives back nothing more.
    function test_whoOwesLessThanTheUpfrontFeeGivesBackNothing() external {
        Agreement memory a = draft(lender, 2);
        a.upfrontFee = 10_001;
        bytes32 loanId = lend(a);
        pay(loanId, ROW);
        uint256 had = dollar.balanceOf(borrower);
        VM.prank(borrower);
        book.returnLoan(loanId);
        VM.assertEq(dollar.balanceOf(borrower), had);
    }

    /// She gives back what she received; the fee that she never received is the institution's to give back.
    function test_anUpfrontFeeIsNotCollectedWhileTheLoanMayBeGivenBack() external {
        Agreement memory a = draft();
        a.upfrontFee = 10_000;
        bytes32 loanId = lend(a);
        a.salt = keccak256("the other one");
        lend(a);
        uint256 owned = pool.totalAssets();
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolAmountZero.selector));
        pool.collectFees(address(this));
        VM.prank(borrower);
        book.returnLoan(loanId);
        VM.assertEq(pool.totalAssets(), owned);
        VM.assertEq(pool.collectableFees(), 0);
        goToDay(today() + a.coolingOffDays);
        VM.assertEq(pool.collectableFees(), 0);
        goToDay(today() + 1);
        VM.assertEq(pool.collectableFees(), 10_000 * UNIT);
        VM.assertEq(pool.collectFees(address(this)), 10_000 * UNIT);
    }

    /// The cost is counted from the day on which the money may arrive at the latest.
    function test_aLongWindowDoesNotMakeALoanCheaper() external {
        LendingLimits memory l = limits();
        l.maxCostBps = 2_000;
        pool.setLimits(l);
        Agreement memory a = draft();
        (a.payee, a.disburseUntilDay) = (desk, today() + 300);
        a.schedule = new Instalment[](1);
        // 5 % for a day: 1,825 % a year.
        a.schedule[0] = Instalment(today() + 301, 40_000, 2_000, 0);
        total(a);
        bytes memory consent = borrowerConsent(a);
        approve(approver, book.loanIdOf(a));
        VM.prank(underwriter);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, "cost", 182_500, 2_000));
        pool.originate(a, consent);
    }

    /// The pool's limits on term and cost are asked of every table.
    function test_aNewTableKeepsWithinThePoolsLimits() external {
        LendingLimits memory l = limits();
        (l.maxTermDays, l.maxCostBps) = (60, 60_000);
        pool.setLimits(l);
        bytes32 loanId = lend(draft());
        Restructuring memory r = draftRestructuring(loanId, 1, 0);
        r.schedule[0] = Instalment(today() + 61, r.principal, 0, 0);
        (r.firstDay, r.lastDay, r.totalRepayable) = (today() + 61, today() + 61, r.principal);
        _refusesTable(r, abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, "term", 61, 60));
        r.schedule[0] = Instalment(today() + 60, r.principal, 40_000, 0);
        (r.firstDay, r.lastDay, r.totalRepayable) = (today() + 60, today() + 60, r.principal + 40_000);
        // As much as the principal in 60 days.
        _refusesTable(r, abi.encodeWithSelector(ILendingPool.LendingPoolLimit.selector, "cost", 60_834, 60_000));
    }

    function _refusesTable(Restructuring memory r, bytes memory reason) private {
        bytes memory consent = signed(borrower, book.restructuringDigest(AS_BORROWER, r));
        VM.prank(underwriter);
        VM.expectRevert(reason);
        pool.restructure(r, consent);
    }

    /// Provisions are of interest too: cover stays for a loan that owes nothing else.
    function test_coverStaysWhileInterestAloneIsLate() external {
        topUp(2_000 * UNIT);
        Agreement memory a = draft(address(pool), 1);
        a.schedule[0] = Instalment(today() + 30, 10_000, 2_000, 0);
        (a.waterfall, a.earlySettlement) = (0x03020100, 0);
        total(a);
        bytes32 loanId = lend(a);
        pay(loanId, 10_000);
        goToDay(today() + 30 + 95);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolCoverLocked.selector, 1_800 * UNIT));
        pool.withdrawCover(2_000 * UNIT, address(this));
        uint256 owned = pool.totalAssets();
        VM.prank(supervisor);
        pool.writeOff(loanId);
        VM.assertEq(owned, pool.totalAssets());
    }

    /// What comes back to the cover was there before: it puts nothing else before the lenders.
    function test_nobodysCentOnAnOldLossMovesAnother() external {
        topUp(100_000 * UNIT);
        bytes32[2] memory old = [_dueIn(10, 50_000), _dueIn(10, 50_000)];
        bytes32[2] memory later = [_dueIn(200, 100_000), _dueIn(300, 100_000)];
        goToDay(today() + 105);
        for (uint256 i = 0; i < 2; ++i) {
            VM.prank(supervisor);
            pool.writeOff(old[i]);
        }
        VM.assertEq(pool.books().cover, 0);
        goToDay(today() + 190);
        topUp(50_000 * UNIT);
        VM.assertEq(pool.books().uncovered, 100_000 * UNIT);
        goToDay(today() + 91);
        pay(stranger, old[0], 1);
        VM.assertEq(pool.books().coverBefore, UNIT);
        pay(later[1], 100_000);
        uint256 owned = pool.totalAssets();
        VM.prank(supervisor);
        pool.writeOff(later[0]);
        VM.assertEq(owned - pool.totalAssets(), 99_999 * UNIT);
    }

    function _dueIn(uint32 inDays, uint64 principal) private returns (bytes32) {
        Agreement memory a = draft(address(pool), 1);
        a.schedule[0] = Instalment(today() + inDays, principal, 0, 0);
        a.penaltyRateBps = 0;
        total(a);
        return lend(a);
    }

    /// The offer's price stands still while the borrower pays.
    function test_aBuyerDoesNotPayForPrincipalThatWasRepaidMeanwhile() external {
        bytes32 loanId = lend(draft());
        uint256 price = 40_000 * UNIT;
        VM.prank(supervisor);
        pool.sellNote(loanId, lender, price);
        // Right before the buyer's own call.
        pay(loanId, 3 * ROW);
        pay(loanId, 9_999);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolSlippage.selector, 1_101 * UNIT, price));
        VM.prank(lender);
        pool.buyNote(loanId, price, price);
    }

    /// Who leaves before a loss is booked and returns after it: interest that the price counted is a part of the loss.
    function test_whoLeavesBeforeTheWriteOffAndReturnsHasNoMoreThanSheHad() external {
        (bytes32 loanId, uint256 shares) = _badLoanWithInterest();
        VM.prank(lender);
        uint256 assets = pool.redeemNow(shares, lender, 0);
        VM.prank(supervisor);
        pool.writeOff(loanId);
        VM.prank(lender);
        uint256 after_ = pool.deposit(assets, lender);
        _atMost(after_, shares);
    }

    /// Who ran first was paid in full of interest that would not come; who stayed paid for it.
    function test_whoStaysGetsWhatWhoLeftGot() external {
        (bytes32 loanId, uint256 shares) = _badLoanWithInterest();
        VM.prank(lender);
        uint256 first = pool.redeemNow(shares, lender, 0);
        VM.prank(supervisor);
        pool.writeOff(loanId);
        // Shares have six more decimals than the token: rounding is worth less than a base unit.
        _atMost(first, pool.convertToExitAssets(pool.balanceOf(depositor)));
    }

    /// A desk and whoever collects fees are the same institution. One loan of 400.00 and a float that comes back each time.
    function test_payingCollectingFeesAndTakingBackAgainAndAgainTakesNothingFromTheLenders() external {
        Agreement memory a = draft();
        a.schedule[3].fee = 10_000;
        total(a);
        bytes32 loanId = lend(a);
        uint256 owned = pool.totalAssets();
        uint256 had = dollar.balanceOf(address(this)) + dollar.balanceOf(desk);
        for (uint256 i = 0; i < 3; ++i) {
            PaymentRecord memory record = _payAtDesk(loanId, type(uint64).max);
            pool.collectFees(address(this));
            VM.prank(desk);
            try book.reverse(loanId, record) {} catch {
                break;
            }
        }
        uint256 has = dollar.balanceOf(address(this)) + dollar.balanceOf(desk);
        _atMost(has, had);
        _atMost(owned, pool.totalAssets() + 1);
    }

    /// What waits in LoanBook belongs to the institution alone, so `held` is 0: its fees are paid out of the lenders' tokens.
    function test_feesThatWaitInTheBookAreBroughtHomeBeforeTheyAreCollected() external {
        OddToken odd = useOddToken();
        deposit(100_000);
        bytes32[2] memory loans = [lend(draft()), lend(draft())];
        odd.setBlocked(address(pool), true);
        for (uint256 i = 0; i < 2; ++i) pay(loans[i], FEE);
        odd.setBlocked(address(pool), false);
        pool.collectFees(address(this));
        _atMost(pool.books().cash, odd.balanceOf(address(pool)));
    }

    /// One wrong address, and what waits in the first LoanBook would stay there for ever.
    function test_whatIsNoLoanBookOfThePoolIsNotAdopted() external {
        LoanBook other = new LoanBook(address(manager), wallets, new LoanMetadata());
        address[2] memory wrong = [stranger, address(other)];
        for (uint256 i = 0; i < 2; ++i) {
            VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolLoanBookMismatch.selector, wrong[i]));
            pool.adoptLoanBook(wrong[i]);
        }
    }

    /// A later LoanBook with a WalletRecovery of its own knows nothing of earlier moves.
    function test_aLaterLoanBookKeepsWhatAPersonHasBorrowed() external {
        lend(draft());
        address successor = person("successor");
        recover(borrower, successor);
        VM.assertEq(pool.exposureOf(successor), 40_000 * UNIT);
        WalletRecovery otherWallets = new WalletRecovery(address(manager));
        LoanBook other = new LoanBook(address(manager), otherWallets, new LoanMetadata());
        other.setCurrency(address(dollar), true);
        other.registerPool(address(pool));
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolLoanBookMismatch.selector, other));
        pool.adoptLoanBook(address(other));
        VM.assertEq(pool.exposureOf(successor), 40_000 * UNIT);
    }

    /// `roll` walks "at most `maxDays`": also when a part of the provisions is nobody's cover's.
    function test_rollingOneDayCostsOneDayHoweverLongNobodyCame() external {
        bytes32 loanId = lend(draft());
        goToDay(today() + 7 + 61);
        topUp(1);
        VM.assertTrue(pool.books().uncovered != 0);
        VM.assertTrue(loanId != 0);
        goToDay(today() + 2_000);
        uint256 before = gasleft();
        pool.roll(1);
        uint256 used = before - gasleft();
        _atMost(used, 1_000_000);
    }

    /// Two readers decode the same bytes: neither takes what the other would read differently.
    function test_dirtyBitsInAnAgreementAreRefusedAndTrailingBytesMeanNothing() external {
        Agreement memory a = draft(lender, 2);
        bytes memory data = abi.encodeCall(LoanBook.originate, (a, borrowerConsent(a), ""));
        bytes32 loanId = book.loanIdOf(a);
        // The second word of the agreement, behind the selector and the three heads.
        uint256 at = 4 + 96 + 32;
        data[at] = 0x01;
        VM.prank(lender);
        (bool taken, ) = address(book).call(data);
        VM.assertFalse(taken);
        data[at] = 0x00;
        VM.prank(lender);
        (taken, ) = address(book).call(bytes.concat(data, keccak256("trailing")));
        VM.assertTrue(taken);
        VM.assertEq(book.ownerOf(uint256(loanId)), lender);
    }

    /// A note that the pool sold and was given back stops the borrower's cooling-off.
    function test_borrowerGivesBackALoanWhoseNoteCameBackToThePool() external {
        Agreement memory a = draft();
        bytes32 id = lend(a);
        uint256 price = pool.carryingValueOf(id);
        VM.prank(supervisor);
        pool.sellNote(id, depositor, price);
        VM.prank(depositor);
        pool.buyNote(id, price, 0);
        VM.prank(depositor);
        book.transferFrom(depositor, address(pool), uint256(id));
        VM.prank(borrower);
        book.returnLoan(id);
        VM.assertTrue(book.loanOf(id).state == LoanState.Cancelled);
    }

    /// Fees are booked while their tokens wait in LoanBook: a reversal pays them out of a saver's claim.
    function test_claimIsPaidThoughAHeldPaymentWasTakenBack() external {
        OddToken odd = useOddToken();
        uint256 shares = deposit(100_000);
        bytes32 id = lend(draft());
        odd.setBlocked(address(pool), true);
        PaymentRecord memory record = _payAtDesk(id, ROW);
        odd.setBlocked(address(pool), false);
        // All cash but what the reversal needs is set aside for the saver.
        uint256 keep = (ROW - FEE - INTEREST / 10) * UNIT;
        shares = (shares * (pool.books().cash - keep)) / pool.totalAssets();
        VM.prank(depositor);
        pool.requestRedeem(shares, depositor, depositor);
        pool.fulfilRedemptions(1);
        VM.prank(desk);
        book.reverse(id, record);
        uint256 claimable = pool.maxRedeem(depositor);
        VM.prank(depositor);
        pool.redeem(claimable, depositor, depositor);
    }

    function _payAtDesk(bytes32 loanId, uint64 cents) private returns (PaymentRecord memory record) {
        VM.recordLogs();
        pay(desk, loanId, cents);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != ILoanBook.PaymentRecorded.selector) continue;
            record = abi.decode(logs[i].data, (PaymentRecord));
        }
    }

    /// A loan of 10,000.00 for 90 days at 25 % flat, all of which is provided for. Two lenders own the pool in equal parts.
    function _badLoanWithInterest() private returns (bytes32 loanId, uint256 shares) {
        VM.prank(lender);
        shares = pool.deposit(1_000_000 * UNIT, lender);
        Agreement memory a = draft();
        a.schedule = new Instalment[](1);
        a.schedule[0] = Instalment(today() + 90, 1_000_000, 250_000, 0);
        total(a);
        loanId = lend(a);
        goToDay(today() + 90 + 95);
        VM.assertEq(pool.portfolioAtRisk(90), 1_000_000 * UNIT);
    }

    function _atMost(uint256 figure, uint256 bound) private pure {
        if (figure > bound) VM.assertEq(figure, bound);
    }
}
