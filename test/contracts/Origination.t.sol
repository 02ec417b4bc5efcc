// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {LoanBook} from "../../contracts/LoanBook.sol";
import {
    Agreement,
    EarlySettlement,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView
} from "../../contracts/interfaces/ILoanBook.sol";
import {ILoanMetadata} from "../../contracts/interfaces/ILoanMetadata.sol";
import {IWalletRecovery} from "../../contracts/interfaces/IWalletRecovery.sol";
import {TermsCode} from "../../contracts/libraries/TermsCode.sol";
import {Institution} from "./support/Institution.sol";
import {VM} from "./support/Vm.sol";

contract OriginationTest is Institution {
    /* WHO AGREED */

    function test_nobodyLendsWhatTheBorrowerDidNotSign() external {
        Agreement memory a = draft(lender, 2);
        bytes memory consent = signed(lender, book.consentDigest(AS_BORROWER, a));
        _refuses(a, consent, abi.encodeWithSelector(ILoanBook.LoanBookConsentMissing.selector, borrower, AS_BORROWER));
    }

    function test_aConsentInOneRoleIsNoneInTheOther() external {
        Agreement memory a = draft(lender, 2);
        bytes memory consent = signed(borrower, book.consentDigest(AS_LENDER, a));
        _refuses(a, consent, abi.encodeWithSelector(ILoanBook.LoanBookConsentMissing.selector, borrower, AS_BORROWER));
    }

    function test_aStrangerNeedsTheLendersConsentToo() external {
        Agreement memory a = draft(lender, 2);
        bytes memory consent = borrowerConsent(a);
        refused(stranger, abi.encodeWithSelector(ILoanBook.LoanBookConsentMissing.selector, lender, AS_LENDER));
        book.originate(a, consent, consent);
    }

    function test_theBorrowerSignsEvenWhenSheCalls() external {
        Agreement memory a = draft(lender, 2);
        (bytes memory hers, bytes memory theirs) = (borrowerConsent(a), lenderConsent(a));
        refused(borrower, abi.encodeWithSelector(ILoanBook.LoanBookConsentMissing.selector, borrower, AS_BORROWER));
        book.originate(a, "", theirs);
        VM.prank(borrower);
        book.originate(a, hers, theirs);
    }

    function test_eachPartyMayWithdrawItsConsent() external {
        address[2] memory parties = [borrower, lender];
        for (uint256 i = 0; i < parties.length; ++i) {
            Agreement memory a = draft(lender, 2);
            bytes32 loanId = book.loanIdOf(a);
            VM.assertFalse(book.isConsentWithdrawn(loanId, parties[i]));
            VM.prank(parties[i]);
            book.withdrawConsent(loanId);
            VM.assertTrue(book.isConsentWithdrawn(loanId, parties[i]));
            bytes memory reason = abi.encodeWithSelector(
                ILoanBook.LoanBookConsentWithdrawn.selector,
                parties[i],
                loanId
            );
            _refuses(a, borrowerConsent(a), reason);
        }
    }

    function test_anAgreementMakesOneLoan() external {
        Agreement memory a = draft(lender, 2);
        bytes32 loanId = lend(a);
        bytes memory reason = abi.encodeWithSelector(ILoanBook.LoanBookAlreadyOriginated.selector, loanId);
        _refuses(a, borrowerConsent(a), reason);
    }

    function test_anAddressThatWasLeftBehindBorrowsNothing() external {
        Agreement memory a = draft(lender, 2);
        bytes memory consent = borrowerConsent(a);
        recover(borrower, stranger);
        _refuses(a, consent, abi.encodeWithSelector(ILoanBook.LoanBookBorrowerMoved.selector, borrower));
    }

    function test_aStrangerBringsBothConsents() external {
        Agreement memory a = draft(lender, 2);
        a.upfrontFee = 500;
        (bytes memory hers, bytes memory theirs) = (borrowerConsent(a), lenderConsent(a));
        (uint256 had, uint256 gave) = (dollar.balanceOf(borrower), dollar.balanceOf(lender));
        bytes32 loanId = book.loanIdOf(a);
        VM.prank(stranger);
        VM.expectEmit(address(book));
        emit ILoanBook.LoanOriginated(loanId, borrower, lender, a);
        VM.expectEmit(address(book));
        emit ILoanBook.Disbursed(loanId, borrower, FIRST_DAY, 19_500, 500);
        VM.assertEq(book.originate(a, hers, theirs), loanId);

        VM.assertEq(book.ownerOf(uint256(loanId)), lender);
        VM.assertEq(dollar.balanceOf(borrower) - had, 19_500 * UNIT);
        VM.assertEq(gave - dollar.balanceOf(lender), 19_500 * UNIT);
        _isAsSigned(book.loanOf(loanId), a);
        Instalment[] memory rows = book.scheduleOf(loanId);
        VM.assertEq(rows.length, 2);
        VM.assertEq(keccak256(abi.encode(rows)), keccak256(abi.encode(a.schedule)));
    }

    /* WHEN */

    function test_nobodyLendsAfterTheExpiry() external {
        Agreement memory a = draft(lender, 2);
        a.expiry = uint64(block.timestamp);
        lend(a);
        a.salt = keccak256("another offer");
        VM.warp(block.timestamp + 1);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookExpired.selector, a.expiry, block.timestamp));
    }

    function test_nobodyLendsOutsideTheDisbursementWindow() external {
        Agreement memory a = draft(lender, 2);
        uint32[2] memory outside = [FIRST_DAY - 1, FIRST_DAY + 6];
        for (uint256 i = 0; i < outside.length; ++i) {
            goToDay(outside[i]);
            bytes memory reason = abi.encodeWithSelector(
                ILoanBook.LoanBookOutsideDisbursementWindow.selector,
                outside[i],
                FIRST_DAY,
                FIRST_DAY + 5
            );
            _refuses(a, reason);
        }
    }

    function test_nobodyLendsWhileTheBookIsPaused() external {
        Agreement memory a = draft(lender, 2);
        bytes memory consent = borrowerConsent(a);
        VM.prank(guardian);
        book.pause();
        _refuses(a, consent, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        refused(guardian, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        book.unpause();
        book.unpause();
        lend(a);
    }

    /* PARTIES AND CURRENCY */

    function test_twoPartiesAndAPayeeThatIsNotTheLender() external {
        Agreement memory a = draft(lender, 2);
        a.borrower = address(0);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookZeroAddress.selector, "borrower"));
        a = draft(address(0), 2);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookZeroAddress.selector, "lender"));
        a = draft(borrower, 2);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookSameParty.selector, borrower));
        a = draft(lender, 2);
        a.payee = address(0);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookZeroAddress.selector, "payee"));
        a.payee = lender;
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookSameParty.selector, lender));
    }

    function test_onlyInACurrencyThatIsAllowed() external {
        Agreement memory a = draft(lender, 2);
        book.setCurrency(address(dollar), false);
        VM.assertFalse(book.isCurrencyAllowed(address(dollar)));
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookCurrencyNotAllowed.selector, address(dollar)));
    }

    function test_aUnitIsAPowerOfTenWithinTheDecimals() external {
        uint256[4] memory units = [uint256(0), 9_999, 20_000, 10_000_000];
        Agreement memory a = draft(lender, 2);
        for (uint256 i = 0; i < units.length; ++i) {
            a.unit = units[i];
            _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookUnitOutOfBounds.selector, units[i]));
        }
        a.unit = 1_000_000;
        VM.assertEq(book.loanOf(lend(a)).unit, 1_000_000);
        a.unit = 1;
        VM.assertEq(book.loanOf(lend(a)).unit, 1);
    }

    function test_whatATokenKeepsForItselfMakesNoLoan() external {
        useOddToken().setFeeBps(100);
        Agreement memory a = draft(lender, 2);
        bytes memory reason = abi.encodeWithSelector(
            ILoanBook.LoanBookTransferShort.selector,
            a.currency,
            20_000 * UNIT,
            19_800 * UNIT
        );
        _refuses(a, borrowerConsent(a), reason);
    }

    /* RULES */

    function test_rulesHaveBounds() external {
        Agreement memory a = draft(lender, 2);
        a.penaltyRateBps = 100_001;
        _outOfBounds(a, "penaltyRateBps", 100_001, 100_000);
        a = draft(lender, 2);
        a.penaltyGraceDays = 367;
        _outOfBounds(a, "penaltyGraceDays", 367, 366);
        a = draft(lender, 2);
        a.reversalDays = 367;
        _outOfBounds(a, "reversalDays", 367, 366);
        a = draft(lender, 2);
        a.coolingOffDays = 367;
        _outOfBounds(a, "coolingOffDays", 367, 366);
    }

    function test_offsetsAreThoseInUse() external {
        Agreement memory a = draft(lender, 2);
        int32[2] memory offsets = [int32(14 hours + 60), 3 hours + 1];
        for (uint256 i = 0; i < offsets.length; ++i) {
            a.utcOffset = offsets[i];
            _outOfBounds(a, "utcOffset", uint32(offsets[i]), 14 hours);
        }
    }

    function test_languagesAreTags() external {
        Agreement memory a = draft(lender, 2);
        string[5] memory tags = ["s", "sw-KE-x-abcdefgh-abcdefgh-abcdefghij", "sw_KE", "sw/KE", "s{"];
        for (uint256 i = 0; i < tags.length; ++i) {
            a.language = tags[i];
            _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookLanguageInvalid.selector, tags[i]));
        }
        string[3] memory good = ["sw", "de-CH-1901", "sw-KE-x-abcdefgh-abcdefgh-abcdefghi"];
        for (uint256 i = 0; i < good.length; ++i) {
            a.language = good[i];
            lend(a);
        }
    }

    function test_theUpfrontFeeLeavesSomething() external {
        Agreement memory a = draft(lender, 2);
        a.upfrontFee = a.principal;
        _refuses(
            a,
            abi.encodeWithSelector(ILoanBook.LoanBookUpfrontFeeTooHigh.selector, uint64(20_000), uint64(20_000))
        );
    }

    function test_aWaterfallNamesEachComponentOnce() external {
        Agreement memory a = draft(lender, 2);
        bytes4[3] memory orders = [bytes4(0x00010202), 0x00010204, 0x00000000];
        for (uint256 i = 0; i < orders.length; ++i) {
            a.waterfall = orders[i];
            _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookWaterfallInvalid.selector, orders[i]));
        }
    }

    function test_thereAreTwoWaysToSettleEarly() external {
        Agreement memory a = draft(lender, 2);
        a.earlySettlement = 2;
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookEarlySettlementInvalid.selector, uint8(2)));
    }

    /* SCHEDULE */

    function test_aTableHasTheSignedNumberOfRowsUpToAYear() external {
        Agreement memory a = draft(lender, 2);
        a.count = 3;
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleCount.selector, 2, uint16(3)));
        a.schedule = new Instalment[](0);
        a.count = 0;
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleCount.selector, 0, uint16(0)));
        a = draft(lender, 367);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleCount.selector, 367, uint16(367)));
        VM.assertEq(book.loanOf(lend(draft(lender, 366))).count, 366);
    }

    function test_daysRiseFromAfterTheLastDayOfDisbursement() external {
        Agreement memory a = draft(lender, 2);
        a.schedule[0].day = FIRST_DAY + 5;
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleDayNotRising.selector, 0, FIRST_DAY + 5));
        a = draft(lender, 2);
        a.schedule[1].day = FIRST_DAY + 7;
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleDayNotRising.selector, 1, FIRST_DAY + 7));
    }

    function test_noRowIsEmpty() external {
        Agreement memory a = draft(lender, 2);
        a.schedule[1] = Instalment(FIRST_DAY + 14, 0, 0, 0);
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleEmptyRow.selector, 1));
    }

    function test_noTableGoesBeyondTheYear2149() external {
        Agreement memory a = draft(lender, 2);
        a.schedule[1].day = 65_744;
        total(a);
        _outOfBounds(a, "lastDay", 65_744, 65_743);
    }

    function test_signedTotalsAreThoseOfTheRows() external {
        Agreement memory a = draft(lender, 2);
        a.firstDay += 1;
        _otherTotal(a, "firstDay", FIRST_DAY + 7, FIRST_DAY + 8);
        a = draft(lender, 2);
        a.lastDay += 1;
        _otherTotal(a, "lastDay", FIRST_DAY + 14, FIRST_DAY + 15);
        a = draft(lender, 2);
        a.principal += 1;
        _otherTotal(a, "principal", 20_000, 20_001);
        a = draft(lender, 2);
        a.totalRepayable -= 1;
        _otherTotal(a, "totalRepayable", 22_200, 22_199);
    }

    /// The whole table and its terms become code or nothing does.
    function test_termsThatCannotBeWrittenStopTheLoan() external {
        Agreement memory a = draft(lender, 366);
        VM.expectRevert(abi.encodeWithSelector(TermsCode.TermsCodeWriteFailed.selector));
        this.writeTerms{gas: 900_000}(a);
    }

    function writeTerms(Agreement memory a) external {
        TermsCode.write(a, 4);
    }

    /* GOVERNANCE */

    function test_aBookNeedsWalletRecoveryAndMetadata() external {
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookZeroAddress.selector, "walletRecovery"));
        new LoanBook(address(manager), IWalletRecovery(address(0)), ILoanMetadata(address(1)));
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookZeroAddress.selector, "metadata"));
        new LoanBook(address(manager), wallets, ILoanMetadata(address(0)));
        VM.assertEq(book.walletRecovery(), address(wallets));
    }

    function test_aPoolIsRegisteredOnceAndInACurrencyThatIsAllowed() external {
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookPoolAlreadyRegistered.selector, address(pool)));
        book.registerPool(address(pool));
        LoanBook other = new LoanBook(address(manager), wallets, ILoanMetadata(address(1)));
        VM.assertFalse(other.isPool(address(pool)));
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookCurrencyNotAllowed.selector, address(dollar)));
        other.registerPool(address(pool));
        other.setCurrency(address(dollar), true);
        other.registerPool(address(pool));
        VM.assertTrue(other.isPool(address(pool)));
    }

    function test_aRecorderIsAContract() external {
        VM.expectRevert(abi.encodeWithSelector(ILoanBook.LoanBookRecorderNotContract.selector, stranger));
        book.setRecorder(stranger, true);
        VM.assertTrue(book.isRecorder(desk));
        book.setRecorder(desk, false);
        VM.assertFalse(book.isRecorder(desk));
    }

    /* NOTES */

    function test_noNoteIsSentToTheBook() external {
        uint256 note = uint256(lend(draft(lender, 2)));
        refused(lender, abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(book)));
        book.transferFrom(lender, address(book), note);
        VM.prank(lender);
        book.transferFrom(lender, stranger, note);
        VM.assertEq(book.ownerOf(note), stranger);
    }

    function test_aNoteThatIsNotThereShowsNothing() external {
        VM.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 7));
        book.tokenURI(7);
    }

    /* INTERNAL */

    /// `reason` stands before anybody looks at a signature.
    function _refuses(Agreement memory a, bytes memory reason) private {
        _refuses(a, "", reason);
    }

    function _refuses(Agreement memory a, bytes memory consent, bytes memory reason) private {
        refused(a.lender, reason);
        book.originate(a, consent, "");
    }

    function _outOfBounds(Agreement memory a, string memory field, uint256 value, uint256 max) private {
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookTermsOutOfBounds.selector, field, value, max));
    }

    function _otherTotal(Agreement memory a, string memory field, uint256 rows, uint256 written) private {
        _refuses(a, abi.encodeWithSelector(ILoanBook.LoanBookScheduleTotal.selector, field, rows, written));
    }

    function _isAsSigned(LoanView memory v, Agreement memory a) private pure {
        VM.assertTrue(v.state == LoanState.Active);
        VM.assertEq(v.borrower, a.borrower);
        VM.assertEq(v.lender, a.lender);
        VM.assertEq(v.currency, a.currency);
        VM.assertEq(v.unit, a.unit);
        VM.assertEq(v.payee, a.payee);
        VM.assertEq(v.principal, a.principal);
        VM.assertEq(v.upfrontFee, a.upfrontFee);
        VM.assertEq(v.disburseUntilDay, a.disburseUntilDay);
        VM.assertEq(v.penaltyRateBps, a.penaltyRateBps);
        VM.assertEq(v.penaltyGraceDays, a.penaltyGraceDays);
        VM.assertEq(v.penaltyCap, a.penaltyCap);
        VM.assertEq(v.waterfall, a.waterfall);
        VM.assertTrue(v.earlySettlement == EarlySettlement.ProRata);
        VM.assertEq(v.reversalDays, a.reversalDays);
        VM.assertEq(v.coolingOffDays, a.coolingOffDays);
        VM.assertEq(v.utcOffset, a.utcOffset);
        VM.assertEq(v.count, a.count);
        VM.assertEq(v.version, 1);
        VM.assertEq(v.startDay, FIRST_DAY);
        VM.assertEq(uint256(v.nextInstalment) + v.payments + v.waivedInterest + v.arrearsDay + v.paidOnTime, 0);
    }
}
