// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILendingPool, PoolBooks} from "../../contracts/interfaces/ILendingPool.sol";
import {
    Agreement,
    Components,
    ILoanBook,
    LoanState,
    LoanView,
    Movement,
    PaymentRecord
} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {OddToken} from "./support/OddToken.sol";
import {VM, Vm} from "./support/Vm.sol";

contract ReversalTest is Institution {
    /// The lenders' part of a row's interest.
    uint256 private constant NET = 900 * UNIT;

    function setUp() public override {
        super.setUp();
        deposit(1_000_000);
    }

    /* WHAT IS NOT TAKEN BACK */

    function test_onlyAPaymentOnALoanThatRunsOrIsClosedIsTakenBack() external {
        bytes32 loanId = keccak256("no loan");
        PaymentRecord memory record;
        _refuses(desk, loanId, record, wrongState(loanId, LoanState.None));
        loanId = lend(draft());
        goToDay(FIRST_DAY + 8);
        record = _payAtDesk(loanId, 100);
        VM.prank(supervisor);
        pool.writeOff(loanId);
        _refuses(desk, loanId, record, wrongState(loanId, LoanState.WrittenOff));
    }

    function test_onlyTheLatestPaymentOfARecorderIsTakenBackByItself() external {
        bytes32 loanId = lend(draft());
        PaymentRecord memory record = _payAtDesk(loanId, 100);
        bytes memory reason = abi.encodeWithSelector(ILoanBook.LoanBookNotReversible.selector, loanId);
        _refuses(stranger, loanId, record, reason);
        record.timestamp += 1;
        _refuses(desk, loanId, record, reason);
        record.timestamp -= 1;
        book.setRecorder(desk, false);
        _refuses(desk, loanId, record, reason);
        book.setRecorder(desk, true);
        pay(loanId, 1);
        _refuses(desk, loanId, record, reason);
    }

    function test_whatAPersonReceivedIsNotTakenBack() external {
        bytes32 loanId = lend(draft(lender, 2));
        PaymentRecord memory record = _payAtDesk(loanId, 100);
        _refuses(desk, loanId, record, abi.encodeWithSelector(ILoanBook.LoanBookNotReversible.selector, loanId));
    }

    function test_aPaymentIsTakenBackOnceAndWithinItsDays() external {
        bytes32 loanId = lend(draft());
        PaymentRecord memory record = _payAtDesk(loanId, 100);
        goToDay(FIRST_DAY + 8);
        bytes memory reason = abi.encodeWithSelector(
            ILoanBook.LoanBookReversalTooLate.selector,
            loanId,
            FIRST_DAY + 8,
            FIRST_DAY + 7
        );
        _refuses(desk, loanId, record, reason);
        goToDay(FIRST_DAY + 7);
        _reverse(loanId, record);
        _refuses(desk, loanId, record, abi.encodeWithSelector(ILoanBook.LoanBookNotReversible.selector, loanId));
    }

    function test_aPoolTakesBackNothingThatItDoesNotKnow() external {
        Movement memory movement;
        PaymentRecord memory record;
        bytes32 loanId = keccak256("no loan");
        refused(address(book), abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, loanId));
        pool.onReversed(loanId, movement, record);
        refused(desk, abi.encodeWithSelector(ILendingPool.LendingPoolNotLoanBook.selector, desk));
        pool.onReversed(loanId, movement, record);
        // A loan that runs was not closed by what is taken back.
        loanId = lend(draft());
        movement.closed = true;
        refused(address(book), abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, loanId));
        pool.onReversed(loanId, movement, record);
    }

    function test_aPoolGivesBackWhatItHas() external {
        bytes32 loanId = lend(draft());
        PaymentRecord memory record = _payAtDesk(loanId, 2_000);
        Agreement memory a = draft(address(pool), 1);
        a.schedule[0].principal = 961_000;
        total(a);
        lend(a);
        // All but 9.00 of its cash was lent: 20.00 less two fees are needed.
        VM.assertEq(pool.books().cash, 900 * UNIT);
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolInsufficientCash.selector,
            1_800 * UNIT,
            900 * UNIT
        );
        _refuses(desk, loanId, record, reason);
    }

    function test_whatArrivesShortIsNotGivenBack() external {
        OddToken odd = useOddToken();
        deposit(1_000_000);
        bytes32 loanId = lend(draft());
        PaymentRecord memory record = _payAtDesk(loanId, 1_000);
        odd.setFeeBps(100);
        bytes memory reason = abi.encodeWithSelector(
            ILoanBook.LoanBookTransferShort.selector,
            address(odd),
            1_000 * UNIT,
            990 * UNIT
        );
        _refuses(desk, loanId, record, reason);
    }

    /* WHAT IS LEFT OF A PAYMENT THAT WAS TAKEN BACK */

    function test_aPartPaymentLeavesNothing() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 3);
        bytes32 before = _standing(loanId);
        PaymentRecord memory record = _payAtDesk(loanId, FEE + 500);
        VM.assertEq(record.recorder, desk);
        VM.assertEq(record.paymentNr, 1);
        VM.assertEq(record.day, FIRST_DAY + 3);
        VM.assertEq(record.timestamp, block.timestamp);
        equal(record.paid, Components(0, FEE, 500, 0));
        uint256 had = dollar.balanceOf(desk);
        VM.prank(desk);
        VM.expectEmit(address(book));
        emit ILoanBook.PaymentReversed(
            loanId,
            desk,
            1,
            FIRST_DAY + 3,
            record.paid,
            Components(0, 0, 0, 0),
            4 * PRINCIPAL
        );
        VM.expectEmit(address(pool));
        emit ILendingPool.ReversalBooked(loanId, desk, (FEE + 500) * UNIT);
        book.reverse(loanId, record);
        VM.assertEq(dollar.balanceOf(desk) - had, (FEE + 500) * UNIT);
        VM.assertEq(_standing(loanId), before);
        VM.assertEq(book.loanOf(loanId).payments, 1);
    }

    function test_aPenaltyThatWasPaidIsOwedAgain() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 17);
        bytes32 before = _standing(loanId);
        Components memory due = book.due(loanId, today());
        VM.assertEq(due.penalty, 55);
        PaymentRecord memory record = _payAtDesk(loanId, 55);
        goToDay(FIRST_DAY + 18);
        VM.assertTrue(pool.recognised() != 0);
        _reverse(loanId, record);
        goToDay(FIRST_DAY + 17);
        VM.assertEq(_standing(loanId), before);
        equal(book.due(loanId, today()), due);
    }

    function test_anInstalmentThatWasPaidIsOwedAgain() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 7);
        bytes32 before = _standing(loanId);
        uint256 recognised = pool.recognised();
        PaymentRecord memory record = _payAtDesk(loanId, ROW);
        VM.assertEq(book.loanOf(loanId).nextInstalment, 1);
        _reverse(loanId, record);
        VM.assertEq(_standing(loanId), before);
        VM.assertEq(pool.recognised(), recognised);
        VM.assertEq(pool.books().cash, 960_100 * UNIT);
        goToDay(FIRST_DAY + 8);
        VM.assertEq(pool.portfolioAtRisk(0), 40_000 * UNIT);
    }

    /// The line stops 30 days after the first due day; what a payment after that lets in goes out again with it.
    function test_aLatePaymentsStreamGoesWithIt() external {
        bytes32 loanId = lend(draft(address(pool), 8));
        goToDay(FIRST_DAY + 50);
        uint256 stopped = pool.recognised();
        // The first two rows: all that a line counts before it stops.
        VM.assertEq(stopped, 2 * NET);
        pay(loanId, book.due(loanId, today()).penalty + ROW);
        goToDay(FIRST_DAY + 51);
        VM.assertTrue(pool.recognised() > stopped);
        PaymentRecord memory record = _payAtDesk(loanId, book.due(loanId, today()).penalty + ROW);
        goToDay(FIRST_DAY + 52);
        uint256 before = pool.recognised();
        _reverse(loanId, record);
        VM.assertTrue(pool.recognised() < before);
        // Penalties of the first payment and three rows: what stands when nothing is on its way any more.
        goToDay(FIRST_DAY + 60);
        VM.assertEq(pool.recognised(), 3 * NET + (pool.books().interestReceived - NET));
    }

    function test_aLoanThatWasPaidOffRunsAgain() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        bytes32 before = _standing(loanId);
        uint256 recognised = pool.recognised();
        PaymentRecord memory record = _payAtDesk(loanId, type(uint64).max);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Closed);
        VM.assertEq(pool.exposureOf(borrower), 0);
        VM.assertEq(pool.carryingValueOf(loanId), 0);
        _reverse(loanId, record);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Active);
        VM.assertEq(_standing(loanId), before);
        VM.assertEq(pool.recognised(), recognised);
        VM.assertEq(pool.exposureOf(borrower), 40_000 * UNIT);
        VM.assertEq(pool.portfolioAtRisk(0), 40_000 * UNIT);
        // Once more, by herself: this end is for good.
        pay(loanId, type(uint64).max);
        VM.assertEq(pool.books().outstanding, 0);
        _refuses(desk, loanId, record, abi.encodeWithSelector(ILoanBook.LoanBookNotReversible.selector, loanId));
    }

    function test_whatALoanMissedWhileItWasPaidOffComesInLittleByLittle() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        uint256 recognised = pool.recognised();
        PaymentRecord memory record = _payAtDesk(loanId, type(uint64).max);
        goToDay(FIRST_DAY + 14);
        _reverse(loanId, record);
        VM.assertEq(pool.recognised(), recognised);
        VM.assertEq(pool.carryingValueOf(loanId), 40_000 * UNIT + recognised + 1);
        // The line goes on at once: half a day of the second week is left. The stream takes a week longer.
        goToDay(FIRST_DAY + 15);
        VM.assertTrue(pool.recognised() < 2 * NET);
        goToDay(FIRST_DAY + 22);
        VM.assertEq(pool.recognised(), 2 * NET);
    }

    /* ON A CASH BASIS */

    function test_aPaymentOnACashBasisLeavesNothing() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        goToDay(FIRST_DAY + 17);
        bytes32 before = _standing(loanId);
        PaymentRecord memory record = _payAtDesk(loanId, PRINCIPAL + INTEREST);
        goToDay(FIRST_DAY + 18);
        VM.assertTrue(pool.recognised() != 0);
        _reverse(loanId, record);
        VM.assertEq(pool.recognised(), 0);
        goToDay(FIRST_DAY + 17);
        VM.assertEq(_standing(loanId), before);
        VM.assertEq(book.loanOf(loanId).arrearsDay, FIRST_DAY + 7);
        VM.assertEq(pool.carryingValueOf(loanId), 40_000 * UNIT);
    }

    function test_aCureThatIsTakenBackIsNone() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        for (uint32 week = 1; week < 3; ++week) {
            goToDay(FIRST_DAY + 10 + 7 * week);
            pay(loanId, PRINCIPAL + INTEREST);
        }
        goToDay(FIRST_DAY + 31);
        bytes32 before = _standing(loanId);
        uint256 recognised = pool.recognised();
        PaymentRecord memory record = _payAtDesk(loanId, PRINCIPAL + INTEREST + 500);
        VM.assertEq(book.loanOf(loanId).arrearsDay, 0);
        VM.assertEq(pool.carryingValueOf(loanId), 9_550 * UNIT);
        _reverse(loanId, record);
        VM.assertEq(_standing(loanId), before);
        VM.assertEq(pool.recognised(), recognised);
        VM.assertEq(book.daysPastDue(loanId), 24);
        VM.assertEq(pool.carryingValueOf(loanId), 20_000 * UNIT);
        VM.assertEq(pool.portfolioAtRisk(0), 20_000 * UNIT);
    }

    function test_whatACureCountedLeavesThePriceWithIt() external {
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 10);
        restructure(draftRestructuring(loanId, 4, 0));
        for (uint32 week = 1; week < 3; ++week) {
            goToDay(FIRST_DAY + 10 + 7 * week);
            pay(loanId, PRINCIPAL + INTEREST);
        }
        goToDay(FIRST_DAY + 31);
        PaymentRecord memory record = _payAtDesk(loanId, PRINCIPAL + INTEREST + 500);
        goToDay(FIRST_DAY + 36);
        _reverse(loanId, record);
        VM.assertEq(pool.carryingValueOf(loanId), 20_000 * UNIT);
        // The payment's stream is gone, and so are the 4.5 days of the last week that the line had counted.
        VM.assertEq(pool.recognised(), 2 * NET);
        goToDay(FIRST_DAY + 45);
        VM.assertEq(pool.recognised(), 2 * NET);
    }

    /* FEES THAT ARE GONE */

    function test_aPaymentWhoseFeesWereCollectedIsNotTakenBack() external {
        topUp(60 * UNIT);
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 7);
        PaymentRecord memory record = _payAtDesk(loanId, ROW);
        VM.assertEq(pool.collectFees(stranger), 200 * UNIT);
        bytes32 before = keccak256(abi.encode(pool.books()));
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolFeesCollected.selector, 200 * UNIT, 0));
        _reverse(loanId, record);
        VM.assertEq(keccak256(abi.encode(pool.books())), before);
    }

    /* INTERNAL */

    /// Pays by the desk, and reads what it needs to take the payment back.
    function _payAtDesk(bytes32 loanId, uint64 cents) private returns (PaymentRecord memory record) {
        VM.recordLogs();
        pay(desk, loanId, cents);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != ILoanBook.PaymentRecorded.selector) continue;
            VM.assertEq(logs[i].topics[1], loanId);
            return abi.decode(logs[i].data, (PaymentRecord));
        }
        revert("nothing was recorded");
    }

    function _reverse(bytes32 loanId, PaymentRecord memory record) private {
        VM.prank(desk);
        book.reverse(loanId, record);
    }

    function _refuses(address caller, bytes32 loanId, PaymentRecord memory record, bytes memory reason) private {
        refused(caller, reason);
        book.reverse(loanId, record);
    }

    /// All that a payment changes: the loan but for the number of payments, and the pool's books.
    function _standing(bytes32 loanId) private view returns (bytes32) {
        LoanView memory v = book.loanOf(loanId);
        v.payments = 0;
        return keccak256(abi.encode(v, pool.books(), pool.carryingValueOf(loanId), pool.exposureOf(borrower)));
    }
}
