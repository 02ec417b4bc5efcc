// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILendingPool, PoolBooks} from "../../contracts/interfaces/ILendingPool.sol";
import {
    Components,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    Restructuring
} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {VM} from "./support/Vm.sol";

contract RestructuringTest is Institution {
    /// The lenders' part of a row's interest.
    uint256 private constant NET = 900 * UNIT;

    function setUp() public override {
        super.setUp();
        deposit(1_000_000);
    }

    /* WHO AGREED */

    function test_bothPartiesAgreeToANewTable() external {
        Restructuring memory r = draftRestructuring(lend(draft(lender, 2)), 3, 0);
        bytes memory hers = signed(borrower, book.restructuringDigest(AS_BORROWER, r));
        bytes memory owners = signed(lender, book.restructuringDigest(AS_LENDER, r));
        refused(lender, abi.encodeWithSelector(ILoanBook.LoanBookConsentMissing.selector, borrower, AS_BORROWER));
        book.restructure(r, owners, "");
        refused(borrower, abi.encodeWithSelector(ILoanBook.LoanBookConsentMissing.selector, lender, AS_LENDER));
        book.restructure(r, "", hers);
        // She agrees by calling, the owner by a signature.
        VM.prank(borrower);
        book.restructure(r, "", owners);
        VM.assertEq(book.loanOf(r.loanId).version, 2);
    }

    function test_consentsToANewTableExpire() external {
        Restructuring memory r = draftRestructuring(lend(draft(lender, 2)), 3, 0);
        r.expiry = uint64(block.timestamp);
        VM.warp(block.timestamp + 1);
        _refuses(r, abi.encodeWithSelector(ILoanBook.LoanBookExpired.selector, r.expiry, block.timestamp));
        VM.warp(r.expiry);
        restructure(r);
    }

    /* WHAT IT FITS */

    function test_onlyARunningLoanGetsANewTable() external {
        Restructuring memory r = draftRestructuring(lend(draft(lender, 2)), 3, 0);
        pay(r.loanId, type(uint64).max);
        _refuses(r, wrongState(r.loanId, LoanState.Closed));
        r.loanId = keccak256("no loan");
        VM.expectRevert(wrongState(r.loanId, LoanState.None));
        book.restructure(r, "", "");
    }

    function test_aTableIsForTheStandingThatWasSigned() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 17);
        pay(loanId, 55 + FEE + 200);
        Restructuring memory r = draftRestructuring(loanId, 3, 0);
        r.version = 3;
        _stale(r, "version", 3, 2);
        (r.version, r.payments) = (2, 0);
        _stale(r, "payments", 0, 1);
        (r.payments, r.paid.penalty) = (1, 54);
        _stale(r, "paid.penalty", 54, 55);
        (r.paid.penalty, r.paid.fee) = (55, 0);
        _stale(r, "paid.fee", 0, FEE);
        (r.paid.fee, r.paid.interest) = (FEE, 0);
        _stale(r, "paid.interest", 0, 200);
        (r.paid.interest, r.paid.principal) = (200, 1);
        _stale(r, "paid.principal", 1, 0);
        (r.paid.principal, r.principal) = (0, 20_001);
        _stale(r, "principal", 20_001, 20_000);
    }

    function test_onlyWhatIsUnpaidBecomesPrincipal() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 10);
        // 10.00 and 3/7 of 10.00 interest, two fees; the penalty has its days of grace.
        Restructuring memory r = draftRestructuring(loanId, 3, 1_630);
        bytes memory reason = abi.encodeWithSelector(
            ILoanBook.LoanBookTermsOutOfBounds.selector,
            "capitalised",
            1_630,
            INTEREST + 429 + 2 * FEE
        );
        _refuses(r, reason);
        restructure(draftRestructuring(loanId, 3, 1_629));
        VM.assertEq(book.loanOf(loanId).principal, 2 * PRINCIPAL + 1_629);
    }

    function test_aNewTableBeginsAfterToday() external {
        Restructuring memory r = draftRestructuring(lend(draft(lender, 2)), 2, 0);
        r.schedule[0].day = FIRST_DAY;
        _refuses(r, abi.encodeWithSelector(ILoanBook.LoanBookScheduleDayNotRising.selector, 0, FIRST_DAY));
    }

    /* WHAT IT DOES */

    function test_aNewTableReplacesTheOldOneAndKeepsItReadable() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 2);
        pay(loanId, FEE + 50);
        Restructuring memory r = draftRestructuring(loanId, 3, 0);
        bytes memory consent = signed(borrower, book.restructuringDigest(AS_BORROWER, r));
        VM.prank(lender);
        VM.expectEmit(address(book));
        // Of 200.00 and the rest of two fees and 2/7 of the interest, none of the latter two becomes principal.
        emit ILoanBook.LoanRestructured(loanId, 2, FIRST_DAY + 2, FEE + 236, 5_000, 0, r);
        book.restructure(r, consent, "");

        LoanView memory v = book.loanOf(loanId);
        VM.assertEq(v.version, 2);
        VM.assertEq(v.startDay, FIRST_DAY + 2);
        VM.assertEq(v.principal, 2 * PRINCIPAL);
        VM.assertEq(v.payments, 1);
        VM.assertEq(v.nextInstalment, 0);
        VM.assertEq(v.arrearsDay, 0);
        equal(v.paid, Components(0, 0, 0, 0));
        VM.assertEq(book.scheduleOfVersion(loanId, 1).length, 2);
        Instalment[] memory rows = book.scheduleOfVersion(loanId, 2);
        VM.assertEq(keccak256(abi.encode(rows)), keccak256(abi.encode(r.schedule)));
        VM.assertEq(keccak256(abi.encode(book.scheduleOf(loanId))), keccak256(abi.encode(r.schedule)));
    }

    function test_thePenaltyThatWasPaidIsNotAgreedAgain() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 17);
        pay(loanId, 55);
        restructure(draftRestructuring(loanId, 3, 0));
        VM.assertEq(book.loanOf(loanId).penaltyCap, 4_945);
    }

    function test_latenessEndsAfterThreeInstalmentsOnTimeInARow() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 5, 0));
        VM.assertEq(book.loanOf(loanId).arrearsDay, FIRST_DAY + 7);
        VM.assertEq(book.daysPastDue(loanId), 3);
        // One on time, one late, and three more on time.
        _payNext(loanId, 0);
        VM.assertEq(book.loanOf(loanId).paidOnTime, 1);
        _payNext(loanId, 1);
        VM.assertEq(book.loanOf(loanId).paidOnTime, 0);
        _payNext(loanId, 0);
        _payNext(loanId, 0);
        VM.assertEq(book.loanOf(loanId).paidOnTime, 2);
        VM.assertEq(book.daysPastDue(loanId), 31);
    }

    /* IN A POOL'S BOOKS */

    function test_aPoolsTableNeedsTwoApprovals() external {
        Restructuring memory r = draftRestructuring(lend(draft()), 4, 0);
        bytes memory consent = signed(borrower, book.restructuringDigest(AS_BORROWER, r));
        bytes32 digest = book.restructuringDigest(AS_LENDER, r);
        approve(approver, digest);
        refused(underwriter, abi.encodeWithSelector(ILendingPool.LendingPoolApprovalMissing.selector, digest, 1, 2));
        pool.restructure(r, consent);
    }

    function test_aPoolGivesNoTableToALoanOfSomebodyElse() external {
        Restructuring memory r = draftRestructuring(lend(draft(lender, 2)), 4, 0);
        bytes32 digest = book.restructuringDigest(AS_LENDER, r);
        approve(approver, digest);
        approve(secondApprover, digest);
        refused(underwriter, abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, r.loanId));
        pool.restructure(r, "");
    }

    function test_whatBecomesPrincipalMovesNoPrice() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 7);
        uint256 assets = pool.totalAssets();
        // The whole first interest; its line had counted 6.5 of 7 days of the net 9.00.
        Restructuring memory r = draftRestructuring(loanId, 4, INTEREST);
        VM.assertEq(pool.recognised(), (NET * 13) / 14);
        restructure(r);
        VM.assertEq(pool.totalAssets(), assets);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.outstanding, 41_000 * UNIT);
        VM.assertEq(b.interestReceived, 1_000 * UNIT);
        VM.assertEq(pool.portfolioAtRisk(0), 0);
        // The rest of it is a stream, and the new table runs: after its first week both have come in whole.
        goToDay(FIRST_DAY + 15);
        VM.warp(block.timestamp - 12 hours);
        VM.assertEq(pool.recognised(), 1_000 * UNIT + NET);
    }

    function test_whatIsForgivenLeavesThePriceAtOnce() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        // The first row's net interest and 2.5 of 7 days of the second's.
        uint256 counted = NET + (NET * 5) / 14;
        VM.assertEq(pool.recognised(), counted);
        restructure(draftRestructuring(loanId, 4, 0));
        VM.assertEq(pool.recognised(), 0);
        VM.assertEq(pool.totalAssets(), 1_000_100 * UNIT);
        VM.assertEq(pool.carryingValueOf(loanId), 40_000 * UNIT);
        VM.assertEq(pool.portfolioAtRisk(0), 40_000 * UNIT);
    }

    function test_aLoanThatWasLateCountsWhatIsPaidUntilItIsCured() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        _payNext(loanId, 0);
        VM.assertEq(pool.recognised(), 0);
        VM.assertEq(pool.carryingValueOf(loanId), 30_000 * UNIT);
        _payNext(loanId, 0);
        // The first payment's stream has run for 7 of its 7.5 days. Its rounding comes at its end.
        VM.assertEq(pool.recognised(), (NET * 14) / 15 - 1);
        uint32 cured = FIRST_DAY + 31;
        goToDay(cured);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanCured(loanId, cured);
        pay(loanId, PRINCIPAL + INTEREST);
        VM.assertEq(book.daysPastDue(loanId), 0);
        VM.assertEq(pool.portfolioAtRisk(0), 0);
        VM.assertEq(pool.carryingValueOf(loanId), 10_000 * UNIT);
        // Its line counts again: after a week the last interest has come in beside three streams.
        goToDay(cured + 8);
        VM.warp(block.timestamp - 12 hours);
        VM.assertEq(pool.recognised(), 4 * NET);
        pay(loanId, type(uint64).max);
        VM.assertEq(pool.recognised(), 4 * NET);
        VM.assertEq(pool.books().interestReceived, 4 * NET);
        VM.assertEq(pool.books().outstanding, 0);
    }

    function test_aCureBeginsTheInstalmentThatWasPaidAhead() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        _payNext(loanId, 0);
        _payNext(loanId, 0);
        goToDay(FIRST_DAY + 31);
        // 5.00 of the last row's interest come with the payment that cures.
        pay(loanId, PRINCIPAL + INTEREST + 500);
        VM.assertEq(pool.books().interestReceived, 3 * NET + 450 * UNIT);
        VM.assertEq(pool.carryingValueOf(loanId), 9_550 * UNIT);
        goToDay(FIRST_DAY + 39);
        VM.warp(block.timestamp - 12 hours);
        VM.assertEq(pool.recognised(), 4 * NET);
    }

    function test_aLoanOnACashBasisIsPaidOffAsAnyOther() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        _payNext(loanId, 0);
        pay(loanId, type(uint64).max);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Closed);
        VM.assertEq(pool.books().outstanding, 0);
        VM.assertEq(pool.exposureOf(borrower), 0);
        VM.assertEq(pool.carryingValueOf(loanId), 0);
        goToDay(FIRST_DAY + 30);
        VM.assertEq(pool.recognised(), NET);
    }

    function test_aLoanOnACashBasisMayGetAnotherTable() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        goToDay(FIRST_DAY + 24);
        uint256 assets = pool.totalAssets();
        // All of the new table's first row has become due, and a week of its second.
        restructure(draftRestructuring(loanId, 4, 2_000));
        VM.assertEq(book.loanOf(loanId).version, 3);
        VM.assertEq(book.loanOf(loanId).arrearsDay, FIRST_DAY + 7);
        VM.assertEq(pool.totalAssets(), assets);
        VM.assertEq(pool.books().outstanding, 42_000 * UNIT);
        VM.assertEq(pool.books().interestReceived, 2_000 * UNIT);
        goToDay(FIRST_DAY + 32);
        VM.assertEq(pool.recognised(), 2_000 * UNIT);
    }

    /* INTERNAL */

    /// Pays the whole oldest instalment `late` days after it fell due.
    function _payNext(bytes32 loanId, uint32 late) private {
        (Instalment memory row, ) = book.instalment(loanId, book.loanOf(loanId).nextInstalment);
        goToDay(row.day + late);
        pay(loanId, row.principal + row.interest + row.fee);
    }

    function _refuses(Restructuring memory r, bytes memory reason) private {
        bytes memory consent = signed(borrower, book.restructuringDigest(AS_BORROWER, r));
        refused(lender, reason);
        book.restructure(r, consent, "");
    }

    function _stale(Restructuring memory r, string memory field, uint256 written, uint256 present) private {
        bytes memory reason = abi.encodeWithSelector(
            ILoanBook.LoanBookRestructuringStale.selector,
            field,
            written,
            present
        );
        _refuses(r, reason);
    }
}
