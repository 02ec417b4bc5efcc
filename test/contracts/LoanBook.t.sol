// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Agreement,
    Authorization,
    Collection,
    Components,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    Position
} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {OddToken} from "./support/OddToken.sol";
import {VM} from "./support/Vm.sol";

contract LoanBookTest is Institution {
    bytes32 private constant UNKNOWN = keccak256("no loan");

    /* REPAYING */

    function test_onlyWhatIsOwedIsRepaid() external {
        refused(borrower, wrongState(UNKNOWN, LoanState.None));
        book.repay(UNKNOWN, 1);
        bytes32 loanId = lend(draft(lender, 2));
        refused(borrower, abi.encodeWithSelector(ILoanBook.LoanBookAmountZero.selector));
        book.repay(loanId, 0);
        pay(loanId, type(uint64).max);
        refused(borrower, wrongState(loanId, LoanState.Closed));
        book.repay(loanId, 1);
    }

    function test_aPaymentFillsTheOldestInstalmentInTheOrderOfTheAgreement() external {
        bytes32 loanId = lend(draft(lender, 2));
        uint256 had = dollar.balanceOf(lender);
        // Five days after the grace: 0.1 % a day of 111.00, rounded down.
        goToDay(FIRST_DAY + 17);
        equal(book.due(loanId, today()), Components(55, 2 * FEE, 2 * INTEREST, 2 * PRINCIPAL));
        equal(pay(loanId, 1_155), Components(55, FEE, INTEREST, 0));
        equal(book.loanOf(loanId).partPaid, Components(0, FEE, INTEREST, 0));
        VM.assertEq(book.daysPastDue(loanId), 10);

        // One more day on the 100.00 that are left: 65.5 cents in all.
        goToDay(FIRST_DAY + 18);
        equal(book.due(loanId, today()), Components(10, FEE, INTEREST, 2 * PRINCIPAL));
        VM.expectEmit(address(book));
        emit ILoanBook.InstalmentRepaid(loanId, 0, 2, 10, 0, 0, PRINCIPAL, 0);
        VM.expectEmit(address(book));
        emit ILoanBook.Repaid(
            loanId,
            borrower,
            lender,
            2,
            FIRST_DAY + 18,
            Components(10, 0, 0, PRINCIPAL),
            Components(65, FEE, INTEREST, PRINCIPAL),
            0,
            PRINCIPAL
        );
        equal(pay(loanId, 10_010), Components(10, 0, 0, PRINCIPAL));
        LoanView memory v = book.loanOf(loanId);
        VM.assertEq(v.nextInstalment, 1);
        VM.assertEq(v.payments, 2);
        equal(v.partPaid, Components(0, 0, 0, 0));
        equal(v.paid, Components(65, FEE, INTEREST, PRINCIPAL));
        VM.assertEq(dollar.balanceOf(lender) - had, 11_165 * UNIT);
    }

    function test_aPaymentOnTimeOwesNoPenaltyAndReachesIntoTheNextInstalment() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 7);
        equal(pay(loanId, ROW + 150), Components(0, FEE + 100, INTEREST + 50, PRINCIPAL));
        (Instalment memory row, Components memory unpaid) = book.instalment(loanId, 1);
        VM.assertEq(row.day, FIRST_DAY + 14);
        equal(unpaid, Components(0, 0, INTEREST - 50, PRINCIPAL));
        (, unpaid) = book.instalment(loanId, 0);
        equal(unpaid, Components(0, 0, 0, 0));
    }

    function test_thePenaltyEndsAtItsCap() external {
        bytes32 loanId = lend(draft(lender, 2));
        // 0.1 % of both rows for some 290 days would be more than 64.00.
        goToDay(FIRST_DAY + 300);
        equal(pay(loanId, 5_001), Components(5_000, 1, 0, 0));
        goToDay(FIRST_DAY + 301);
        VM.assertEq(book.due(loanId, today()).penalty, 0);
    }

    function test_aPayoffOwesInterestUpToItsDay() external {
        bytes32 loanId = lend(draft(lender, 4));
        goToDay(FIRST_DAY + 7);
        pay(loanId, ROW);
        goToDay(FIRST_DAY + 10);
        // Three of seven days of the second row's interest, rounded up; none of the later ones.
        Components memory rest = Components(0, 3 * FEE, 429, 3 * PRINCIPAL);
        equal(book.payoff(loanId, today()), rest);
        VM.expectEmit(address(book));
        emit ILoanBook.InstalmentRepaid(loanId, 1, 2, 0, FEE, 429, PRINCIPAL, 571);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanClosed(loanId, FIRST_DAY + 10);
        equal(pay(loanId, type(uint64).max), rest);

        LoanView memory v = book.loanOf(loanId);
        VM.assertTrue(v.state == LoanState.Closed);
        VM.assertEq(v.waivedInterest, 2_571);
        VM.assertEq(v.nextInstalment, 4);
        equal(v.paid, Components(0, 4 * FEE, 1_429, 4 * PRINCIPAL));
    }

    function test_exactlyThePayoffClosesTheLoan() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 2);
        // 2/7 of the first row's interest.
        uint64 owed = 2 * PRINCIPAL + 2 * FEE + 286;
        equal(pay(loanId, owed), Components(0, 2 * FEE, 286, 2 * PRINCIPAL));
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Closed);
    }

    function test_interestThatWasPaidAheadIsNotOwedAgain() external {
        bytes32 loanId = lend(draft(lender, 2));
        pay(loanId, FEE + 900);
        goToDay(FIRST_DAY + 2);
        equal(book.payoff(loanId, today()), Components(0, FEE, 0, 2 * PRINCIPAL));
        goToDay(FIRST_DAY + 7);
        equal(book.payoff(loanId, today()), Components(0, FEE, 100, 2 * PRINCIPAL));
    }

    function test_aPayoffByTheOtherRuleOwesAllInterest() external {
        Agreement memory a = draft(lender, 2);
        a.earlySettlement = 0;
        bytes32 loanId = lend(a);
        equal(pay(loanId, type(uint64).max), Components(0, 2 * FEE, 2 * INTEREST, 2 * PRINCIPAL));
        VM.assertEq(book.loanOf(loanId).waivedInterest, 0);
    }

    function test_oneCentLessThanAPayoffLeavesOne() external {
        bytes32 loanId = lend(draft(lender, 1));
        pay(loanId, PRINCIPAL + FEE - 1);
        VM.assertTrue(book.loanOf(loanId).state == LoanState.Active);
        // What went to interest that was not earned yet is missing of the principal.
        equal(book.payoff(loanId, today()), Components(0, 0, 0, INTEREST + 1));
    }

    function test_aLenderMayPayTheLoanHerself() external {
        bytes32 loanId = lend(draft(lender, 2));
        uint256 had = dollar.balanceOf(lender);
        equal(pay(lender, loanId, ROW - 1), Components(0, FEE, INTEREST, PRINCIPAL - 1));
        VM.assertEq(dollar.balanceOf(lender), had);
    }

    function test_pausingStopsNoRepayment() external {
        bytes32 loanId = lend(draft(lender, 2));
        VM.prank(guardian);
        book.pause();
        equal(pay(loanId, type(uint64).max), Components(0, 2 * FEE, 0, 2 * PRINCIPAL));
    }

    /* BY SIGNATURE */

    function test_aPermitPaysOnceAndStopsNothingWhenItWasUsed() external {
        bytes32 loanId = lend(draft(lender, 3));
        address payer = person("payer");
        dollar.mint(payer, 1e12);
        uint256 value = uint256(ROW) * UNIT;
        (uint8 v, bytes32 r, bytes32 s) = sign(payer, _permitDigest(payer, value));
        VM.prank(payer);
        equal(book.repayWithPermit(loanId, ROW, 4e9, v, r, s), Components(0, FEE, INTEREST, PRINCIPAL));
        VM.assertEq(dollar.balanceOf(payer), 1e12 - value);

        // Somebody else hands the next one in first.
        (v, r, s) = sign(payer, _permitDigest(payer, value));
        dollar.permit(payer, address(book), value, 4e9, v, r, s);
        VM.prank(payer);
        equal(book.repayWithPermit(loanId, ROW - 1, 4e9, v, r, s), Components(0, FEE, INTEREST, PRINCIPAL - 1));
        VM.assertEq(dollar.allowance(payer, address(book)), UNIT);
    }

    function test_whatAnAuthorisationBringsTooMuchGoesBack() external {
        bytes32 loanId = lend(draft(lender, 2));
        address payer = person("payer");
        dollar.mint(payer, 30_000 * UNIT);
        uint256 had = dollar.balanceOf(lender);
        Authorization memory authorization = _authorize(payer, loanId, 30_000);
        VM.prank(stranger);
        equal(book.repayWithAuthorization(loanId, 30_000, authorization), Components(0, 2 * FEE, 0, 2 * PRINCIPAL));
        VM.assertEq(dollar.balanceOf(payer), 9_800 * UNIT);
        VM.assertEq(dollar.balanceOf(lender) - had, 20_200 * UNIT);
        VM.assertEq(dollar.balanceOf(address(book)), 0);
    }

    function test_anAuthorisationIsForItsLoanAlone() external {
        bytes32 loanId = lend(draft(lender, 2));
        bytes32 other = lend(draft(lender, 2));
        address payer = person("payer");
        dollar.mint(payer, 100 * UNIT);
        Authorization memory authorization = _authorize(payer, loanId, 100);
        VM.expectRevert(abi.encodeWithSelector(bytes4(keccak256("ERC3009InvalidSignature()"))));
        book.repayWithAuthorization(other, 100, authorization);
        equal(book.repayWithAuthorization(loanId, 100, authorization), Components(0, FEE, 0, 0));
        VM.assertEq(dollar.balanceOf(payer), 0);
    }

    /* A COLLECTION SHEET */

    function test_aSheetHasOneToThirtyRows() external {
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookBatchOutOfBounds.selector, 0, 30));
        book.repayMany(new Collection[](0));
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookBatchOutOfBounds.selector, 31, 30));
        book.repayMany(new Collection[](31));
    }

    function test_aRowThatFailsLeavesTheOthersAsTheyAre() external {
        Collection[] memory rows = new Collection[](3);
        rows[0] = Collection(lend(draft(lender, 1)), FEE);
        rows[1] = Collection(UNKNOWN, 1);
        rows[2] = Collection(lend(draft(lender, 1)), FEE + 1);
        VM.prank(stranger);
        VM.expectEmit(address(book));
        emit ILoanBook.CollectionFailed(UNKNOWN, stranger, 1, wrongState(UNKNOWN, LoanState.None));
        Components[] memory paid = book.repayMany(rows);
        VM.assertEq(paid.length, 3);
        equal(paid[0], Components(0, FEE, 0, 0));
        equal(paid[1], Components(0, 0, 0, 0));
        equal(paid[2], Components(0, FEE, 1, 0));
    }

    function test_rowsAreForTheBookItselfToCall() external {
        refused(stranger, abi.encodeWithSelector(ILoanBook.LoanBookOnlySelf.selector, stranger));
        book.repayRow(borrower, Collection(UNKNOWN, 1));
    }

    /* WHO CANNOT BE PAID */

    function test_aLenderWhomTheTokenRefusesIsOwedAndCollectsLater() external {
        OddToken odd = useOddToken();
        bytes32 loanId = lend(draft(lender, 2));
        odd.setBlocked(lender, true);
        pay(loanId, ROW);
        VM.expectEmit(address(book));
        emit ILoanBook.PaymentHeld(address(odd), lender, 50 * UNIT, (uint256(ROW) + 50) * UNIT);
        pay(loanId, 50);
        VM.assertEq(book.heldFor(address(odd), lender), (uint256(ROW) + 50) * UNIT);
        VM.assertEq(odd.balanceOf(address(book)), (uint256(ROW) + 50) * UNIT);

        refused(stranger, abi.encodeWithSelector(ILoanBook.LoanBookNothingOwed.selector, address(odd), stranger));
        book.collectHeld(address(odd), stranger);
        uint256 had = odd.balanceOf(depositor);
        VM.prank(lender);
        VM.assertEq(book.collectHeld(address(odd), depositor), (uint256(ROW) + 50) * UNIT);
        VM.assertEq(odd.balanceOf(depositor) - had, (uint256(ROW) + 50) * UNIT);
        refused(lender, abi.encodeWithSelector(ILoanBook.LoanBookNothingOwed.selector, address(odd), lender));
        book.collectHeld(address(odd), depositor);
    }

    function test_aPaymentThatArrivesShortIsNone() external {
        OddToken odd = useOddToken();
        bytes32 loanId = lend(draft(lender, 2));
        odd.setFeeBps(100);
        refused(
            borrower,
            abi.encodeWithSelector(ILoanBook.LoanBookTransferShort.selector, address(odd), 1_000 * UNIT, 990 * UNIT)
        );
        book.repay(loanId, 1_000);
    }

    /* READING */

    function test_whereThereIsNoLoanThereIsNothingToRead() external {
        VM.assertTrue(book.loanOf(UNKNOWN).state == LoanState.None);
        VM.assertEq(book.loanOf(UNKNOWN).version, 0);
        VM.assertEq(book.scheduleOf(UNKNOWN).length, 0);
        bytes memory reason = wrongState(UNKNOWN, LoanState.None);
        VM.expectRevert(reason);
        book.scheduleOfVersion(UNKNOWN, 1);
        VM.expectRevert(reason);
        book.instalment(UNKNOWN, 0);
        VM.expectRevert(reason);
        book.positionOf(UNKNOWN);
        VM.expectRevert(reason);
        book.today(UNKNOWN);
        VM.expectRevert(reason);
        book.due(UNKNOWN, FIRST_DAY);
        VM.expectRevert(reason);
        book.payoff(UNKNOWN, FIRST_DAY);
        VM.expectRevert(reason);
        book.daysPastDue(UNKNOWN);
        VM.expectRevert(reason);
        book.receiptDigest(UNKNOWN);
    }

    function test_readingStaysInsideTheLoan() external {
        bytes32 loanId = lend(draft(lender, 2));
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookInstalmentOutOfBounds.selector, 2, uint16(2)));
        book.instalment(loanId, 2);
        uint16[2] memory versions = [uint16(0), 2];
        for (uint256 i = 0; i < versions.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(
                ILoanBook.LoanBookVersionOutOfBounds.selector,
                versions[i],
                uint16(1)
            );
            VM.expectRevert(reason);
            book.scheduleOfVersion(loanId, versions[i]);
        }
        bytes memory before = abi.encodeWithSelector(
            ILoanBook.LoanBookDayBeforeStart.selector,
            FIRST_DAY - 1,
            FIRST_DAY
        );
        VM.expectRevert(before);
        book.due(loanId, FIRST_DAY - 1);
        VM.expectRevert(before);
        book.payoff(loanId, FIRST_DAY - 1);
        VM.assertEq(book.scheduleOfVersion(loanId, 1).length, 2);
        VM.assertEq(book.today(loanId), FIRST_DAY);
    }

    function test_whatIsDueGrowsWithTheRows() external {
        bytes32 loanId = lend(draft(lender, 2));
        equal(book.due(loanId, FIRST_DAY + 6), Components(0, 0, 0, 0));
        equal(book.due(loanId, FIRST_DAY + 7), Components(0, FEE, INTEREST, PRINCIPAL));
        equal(book.due(loanId, FIRST_DAY + 14), Components(22, 2 * FEE, 2 * INTEREST, 2 * PRINCIPAL));
        VM.assertEq(book.daysPastDue(loanId), 0);
    }

    function test_aClosedLoanOwesNothing() external {
        bytes32 loanId = lend(draft(lender, 2));
        pay(loanId, type(uint64).max);
        goToDay(FIRST_DAY + 90);
        equal(book.due(loanId, today()), Components(0, 0, 0, 0));
        equal(book.payoff(loanId, today()), Components(0, 0, 0, 0));
        VM.assertEq(book.daysPastDue(loanId), 0);
        (Position memory position, Instalment[] memory rows) = book.positionOf(loanId);
        VM.assertEq(position.nextInstalment, 2);
        VM.assertEq(position.lateFromDay, 0);
        VM.assertEq(position.outstandingPrincipal, 0);
        VM.assertEq(rows.length, 0);
    }

    /* INTERNAL */

    function _permitDigest(address owner, uint256 value) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(abi.encode(typehash, owner, address(book), value, dollar.nonces(owner), 4e9));
        return keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash));
    }

    function _authorize(
        address payer,
        bytes32 loanId,
        uint64 cents
    ) private view returns (Authorization memory authorization) {
        authorization.payer = payer;
        authorization.validBefore = 4e9;
        authorization.salt = keccak256("salt");
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
                    "uint256 validBefore,bytes32 nonce)"
                ),
                payer,
                address(book),
                cents * UNIT,
                0,
                4e9,
                book.authorizationNonce(loanId, authorization.salt)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash));
        authorization.signature = signed(payer, digest);
    }
}
