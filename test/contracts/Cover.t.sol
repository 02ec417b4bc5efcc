// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ILendingPool, PoolBooks} from "../../contracts/interfaces/ILendingPool.sol";
import {Components, ILoanBook, LoanState} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {OddToken} from "./support/OddToken.sol";
import {VM, Vm} from "./support/Vm.sol";

/// Loans that are given up, who bears the loss, and what is recovered.
contract CoverTest is Institution {
    /// What the line of a loan of four weeks counts for good while nothing is paid: the net interest of two rows.
    uint256 private constant COUNTED = 1_800 * UNIT;
    uint256 private constant LOSS = 40_000 * UNIT + COUNTED;

    function setUp() public override {
        super.setUp();
        deposit(1_000_000);
    }

    /* COVER */

    function test_nothingIsNeitherCoverNorTakenOut() external {
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolAmountZero.selector));
        topUp(0);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolAmountZero.selector));
        pool.withdrawCover(0, stranger);
    }

    function test_onlyTheInstitutionAddsToTheCover() external {
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        pool.depositCover(1);
    }

    function test_coverStaysWhileALoanIsLate() external {
        topUp(500 * UNIT);
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 8);
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolCoverLocked.selector, LOSS));
        pool.withdrawCover(1, stranger);
        pay(loanId, ROW);
        VM.expectRevert(
            abi.encodeWithSelector(ILendingPool.LendingPoolInsufficientCash.selector, 501 * UNIT, 500 * UNIT)
        );
        pool.withdrawCover(501 * UNIT, stranger);
        uint256 had = dollar.balanceOf(stranger);
        VM.expectEmit(address(pool));
        emit ILendingPool.CoverWithdrawn(stranger, 200 * UNIT);
        pool.withdrawCover(200 * UNIT, stranger);
        VM.assertEq(pool.books().cover, 300 * UNIT);
        VM.assertEq(dollar.balanceOf(stranger) - had, 200 * UNIT);
    }

    function test_coverIsNoPartOfTheLendersAssets() external {
        uint256 assets = pool.totalAssets();
        VM.expectEmit(address(pool));
        emit ILendingPool.CoverDeposited(supervisor, 500 * UNIT);
        topUp(500 * UNIT);
        VM.assertEq(pool.totalAssets(), assets);
        VM.assertEq(pool.books().cover, 500 * UNIT);
    }

    function test_whatWaitsInTheBookIsBroughtHomeBeforeCoverGoes() external {
        OddToken odd = useOddToken();
        deposit(100_000);
        topUp(500 * UNIT);
        bytes32 loanId = lend(draft());
        odd.setBlocked(address(pool), true);
        pay(loanId, ROW);
        odd.setBlocked(address(pool), false);
        pool.withdrawCover(500 * UNIT, stranger);
        VM.assertEq(pool.books().held, 0);
        VM.assertEq(pool.books().cash, 71_000 * UNIT);
    }

    /* WHO GIVES A LOAN UP */

    function test_onlyTheOwnerOfTheNoteGivesAnOverdueLoanUp() external {
        bytes32 loanId = lend(draft(lender, 2));
        refused(stranger, abi.encodeWithSelector(ILoanBook.LoanBookNotOwner.selector, loanId, stranger));
        book.writeOff(loanId);
        goToDay(FIRST_DAY + 7);
        refused(lender, abi.encodeWithSelector(ILoanBook.LoanBookNotOverdue.selector, loanId));
        book.writeOff(loanId);
        goToDay(FIRST_DAY + 8);
        VM.prank(lender);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanWrittenOff(loanId, lender, FIRST_DAY + 8, 20_000);
        book.writeOff(loanId);
        refused(lender, wrongState(loanId, LoanState.WrittenOff));
        book.writeOff(loanId);
        // The debt stays.
        VM.assertEq(book.daysPastDue(loanId), 1);
        equal(book.due(loanId, today()), Components(0, FEE, INTEREST, PRINCIPAL));
        pay(loanId, type(uint64).max);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Closed);
    }

    function test_anybodyGivesALoanUpAfterItsDaysAlone() external {
        bytes32 loanId = lend(draft());
        _notOverdueEnough(loanId, 0);
        goToDay(FIRST_DAY + 7 + 180);
        _notOverdueEnough(loanId, 180);
        goToDay(FIRST_DAY + 7 + 181);
        VM.prank(stranger);
        pool.writeOff(loanId);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.WrittenOff);
        refused(stranger, abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, loanId));
        pool.writeOff(loanId);
    }

    function test_aSupervisorGivesAnOverdueLoanUpBefore() external {
        bytes32 loanId = lend(draft());
        refused(supervisor, abi.encodeWithSelector(ILoanBook.LoanBookNotOverdue.selector, loanId));
        pool.writeOff(loanId);
        _writeOff(loanId, FIRST_DAY + 8);
        VM.assertEq(pool.books().outstanding, 0);
        VM.assertEq(pool.recognised(), 0);
        VM.assertEq(pool.totalAssets(), 960_100 * UNIT);
        VM.assertEq(pool.portfolioAtRisk(0), 0);
        // Its borrower's exposure stays until she has paid.
        VM.assertEq(pool.exposureOf(borrower), 40_000 * UNIT);
    }

    function test_aLoanOnACashBasisLosesItsPrincipalAlone() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        uint256 assets = pool.totalAssets();
        VM.prank(supervisor);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanWriteOffBooked(loanId, 40_000 * UNIT, 0);
        pool.writeOff(loanId);
        VM.assertEq(assets - pool.totalAssets(), 40_000 * UNIT);
    }

    /// The line stops 30 days after the first due day. What a payment after that lets in is on its way when the loan is
    /// given up: it neither comes any more nor was it ever counted.
    function test_whatIsOnItsWayIsNotLost() external {
        bytes32 loanId = lend(draft(address(pool), 8));
        goToDay(FIRST_DAY + 50);
        VM.assertEq(pool.recognised(), COUNTED);
        uint64 penalty = book.due(loanId, today()).penalty;
        // The first row and the second one's interest: the second week's was counted, the third's sets out now.
        pay(loanId, penalty + ROW + FEE + INTEREST);
        VM.prank(supervisor);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanWriteOffBooked(loanId, 70_000 * UNIT, 0);
        pool.writeOff(loanId);
        VM.assertEq(pool.recognised(), COUNTED);
        goToDay(FIRST_DAY + 60);
        VM.assertEq(pool.recognised(), COUNTED + penalty * UNIT);
    }

    /* WHO BEARS THE LOSS */

    function test_theCoverBearsALossBeforeTheLenders() external {
        topUp(50_000 * UNIT);
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 50);
        uint256 assets = pool.totalAssets();
        VM.prank(supervisor);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanWriteOffBooked(loanId, LOSS, LOSS);
        pool.writeOff(loanId);
        VM.assertEq(pool.totalAssets(), assets);
        VM.assertEq(pool.books().cover, 50_000 * UNIT - LOSS);
        VM.assertEq(pool.books().cash, 960_100 * UNIT + LOSS);
    }

    function test_theLendersBearWhatTheCoverDoesNotReach() external {
        topUp(10_000 * UNIT);
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 50);
        uint256 assets = pool.totalAssets();
        VM.prank(supervisor);
        VM.expectEmit(address(pool));
        emit ILendingPool.LoanWriteOffBooked(loanId, LOSS, 10_000 * UNIT);
        pool.writeOff(loanId);
        VM.assertEq(assets - pool.totalAssets(), LOSS - 10_000 * UNIT);
        VM.assertEq(pool.books().cover, 0);
    }

    /// 43 days late: half of principal and interest is provided for one bracket ahead.
    function test_provisionsOfBeforeStayTheLendersWhenCoverIsAdded() external {
        bytes32 loanId = _lateWithCoverOfBefore();
        PoolBooks memory b = pool.books();
        VM.assertEq(b.uncovered, 15_900 * UNIT);
        VM.assertEq(b.coverBefore, 5_000 * UNIT);
        VM.assertEq(b.cover, 15_000 * UNIT);
        VM.assertEq(pool.exitDeduction(), 15_900 * UNIT);

        // The old cover, then the lenders, then the new cover, then the lenders.
        uint256 assets = pool.totalAssets();
        _writeOff(loanId, FIRST_DAY + 50);
        b = pool.books();
        VM.assertEq(b.cover, 0);
        VM.assertEq(b.coverBefore, 0);
        VM.assertEq(b.uncovered, 0);
        VM.assertEq(assets - pool.totalAssets(), LOSS - 15_000 * UNIT);
    }

    function test_provisionsThatAreGoneAreForgotten() external {
        bytes32 loanId = _lateWithCoverOfBefore();
        pay(loanId, book.due(loanId, today()).penalty + ROW);
        // 36 days late, and a quarter of the principal less: 50.00 of the lenders' own part are gone.
        VM.expectEmit(address(pool));
        emit ILendingPool.ReservesUpdated(
            0,
            0,
            0,
            uint128(15_000 * UNIT),
            uint128(10_900 * UNIT),
            uint128(5_000 * UNIT)
        );
        pool.roll(100);
        VM.assertEq(pool.exitDeduction(), 10_900 * UNIT);
        VM.assertTrue(pool.roll(100));

        pay(loanId, type(uint64).max);
        pool.roll(100);
        VM.assertEq(pool.books().uncovered, 0);
        // What is taken out came last, and what came before goes with the rest of it.
        pool.withdrawCover(9_000 * UNIT, stranger);
        VM.assertEq(pool.books().coverBefore, 5_000 * UNIT);
        pool.withdrawCover(2_000 * UNIT, stranger);
        VM.assertEq(pool.books().coverBefore, 4_000 * UNIT);
    }

    /* WHAT IS RECOVERED */

    function test_aRecoveryIsTheLendersFirstThenTheCoversThenTheInstitutions() external {
        topUp(10_000 * UNIT);
        bytes32 loanId = lend(draft());
        _writeOff(loanId, FIRST_DAY + 50);
        uint256 lost = LOSS - 10_000 * UNIT;
        // Less than the lenders lost.
        VM.expectEmit(address(pool));
        emit ILendingPool.RecoveryBooked(loanId, 10_000 * UNIT, 0, 0);
        pay(loanId, 10_000);

        Components memory rest = book.payoff(loanId, today());
        uint256 value = (uint256(rest.penalty) + rest.fee + rest.interest + rest.principal) * UNIT;
        uint256 fees = (uint256(rest.fee) + rest.interest / 10) * UNIT;
        uint256 toLenders = value - 10_000 * UNIT - fees;
        VM.assertTrue(toLenders > lost - 10_000 * UNIT);
        VM.expectEmit(address(pool));
        emit ILendingPool.RecoveryBooked(loanId, toLenders, 10_000 * UNIT, fees);
        pay(loanId, type(uint64).max);
        PoolBooks memory b = pool.books();
        VM.assertEq(b.cover, 10_000 * UNIT);
        VM.assertEq(b.fees, fees);
        VM.assertEq(b.outstanding, 0);
        VM.assertEq(pool.exposureOf(borrower), 0);
        goToDay(FIRST_DAY + 59);
        VM.assertEq(pool.recognised(), 10_000 * UNIT + toLenders);
        VM.assertEq(pool.totalAssets(), 960_100 * UNIT + 20_000 * UNIT + toLenders);
    }

    function test_aRecoveryThroughADeskIsNotTakenBack() external {
        bytes32 loanId = lend(draft());
        _writeOff(loanId, FIRST_DAY + 50);
        VM.recordLogs();
        pay(desk, loanId, 1_000);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            VM.assertFalse(logs[i].topics[0] == ILoanBook.PaymentRecorded.selector);
        }
        VM.assertEq(pool.books().cash, 961_100 * UNIT);
    }

    /* INTERNAL */

    /// 50.00 of cover before a loan of 400.00 is late, 100.00 after.
    function _lateWithCoverOfBefore() private returns (bytes32 loanId) {
        topUp(5_000 * UNIT);
        loanId = lend(draft());
        goToDay(FIRST_DAY + 50);
        // Of the principal, and of the interest of two weeks that its line counts.
        VM.assertEq(pool.provisions(), 4_180 * UNIT);
        VM.assertEq(pool.exitDeduction(), 15_900 * UNIT);
        topUp(10_000 * UNIT);
    }

    function _writeOff(bytes32 loanId, uint32 day) private {
        goToDay(day);
        VM.prank(supervisor);
        pool.writeOff(loanId);
    }

    function _notOverdueEnough(bytes32 loanId, uint32 late) private {
        refused(
            stranger,
            abi.encodeWithSelector(ILendingPool.LendingPoolNotOverdueEnough.selector, loanId, late, uint32(181))
        );
        pool.writeOff(loanId);
    }
}
