// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {LendingPool} from "../../contracts/LendingPool.sol";
import {IKycOracle} from "../../contracts/interfaces/IKycOracle.sol";
import {ILendingPool, PoolRules} from "../../contracts/interfaces/ILendingPool.sol";
import {Agreement, ILoanBook, Movement} from "../../contracts/interfaces/ILoanBook.sol";
import {AccrualBook} from "../../contracts/libraries/AccrualBook.sol";
import {AgeBrackets, AgeRule} from "../../contracts/libraries/AgeBrackets.sol";
import {Institution} from "./support/Institution.sol";
import {OddToken} from "./support/OddToken.sol";
import {VM} from "./support/Vm.sol";

/// A pool's rules, its shares, its notes.
contract LendingPoolTest is Institution {
    /// Shares of a base unit while nothing was earned.
    uint256 private constant SHARES = 1e6;

    /* RULES */

    function test_aPoolNeedsABookAndAnOracle() external {
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolZeroAddress.selector, "loanBook"));
        new LendingPool(address(manager), ILoanBook(address(0)), registry, dollar, rules(), "", "");
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolZeroAddress.selector, "kycOracle"));
        new LendingPool(address(manager), book, IKycOracle(address(0)), dollar, rules(), "", "");
        VM.assertEq(address(pool.kycOracle()), address(registry));
    }

    function test_rulesHaveBounds() external {
        PoolRules memory r = rules();
        r.nonAccrualDays = 3_661;
        _outOfBounds(dollar, r, "nonAccrualDays", 3_661, 3_660);
        r = rules();
        r.writeOffDays = 3_661;
        _outOfBounds(dollar, r, "writeOffDays", 3_661, 3_660);
        r = rules();
        r.managementFeeBps = 10_001;
        _outOfBounds(dollar, r, "managementFeeBps", 10_001, 10_000);
        r = rules();
        r.coverFloorBps = 10_001;
        _outOfBounds(dollar, r, "coverFloorBps", 10_001, 10_000);
        r = rules();
        r.kycPolicy = 0;
        _outOfBounds(dollar, r, "kycPolicy", 0, type(uint32).max);
        _outOfBounds(new OddToken(19), rules(), "assetDecimals", 19, 18);
    }

    function test_offsetsAreThoseInUse() external {
        int32[3] memory offsets = [int32(14 hours + 60), -14 hours - 60, -3 hours - 1];
        for (uint256 i = 0; i < offsets.length; ++i) {
            PoolRules memory r = rules();
            r.utcOffset = offsets[i];
            uint256 size = uint256(int256(offsets[i] < 0 ? -offsets[i] : offsets[i]));
            _outOfBounds(dollar, r, "utcOffset", size, 14 hours);
        }
        VM.assertEq(pool.utcOffset(), UTC_OFFSET);
    }

    function test_bracketsRiseInDaysAndDoNotFallInProvisions() external {
        _refusesBrackets(new AgeRule[](0), abi.encodeWithSelector(AgeBrackets.AgeBracketsRuleCount.selector, 0));
        _refusesBrackets(new AgeRule[](9), abi.encodeWithSelector(AgeBrackets.AgeBracketsRuleCount.selector, 9));
        AgeRule[] memory brackets = rules().ageing;
        brackets[3].moreThanDays = 3_661;
        _refusesBrackets(
            brackets,
            abi.encodeWithSelector(AgeBrackets.AgeBracketsDaysOutOfBounds.selector, uint16(3_661))
        );
        brackets[3] = AgeRule(90, 10_001);
        _refusesBrackets(
            brackets,
            abi.encodeWithSelector(AgeBrackets.AgeBracketsProvisionTooHigh.selector, 3, uint16(10_001))
        );
        brackets[3] = AgeRule(60, 10_000);
        _refusesBrackets(brackets, abi.encodeWithSelector(AgeBrackets.AgeBracketsRulesNotRising.selector, 3));
        brackets[3] = AgeRule(90, 4_999);
        _refusesBrackets(brackets, abi.encodeWithSelector(AgeBrackets.AgeBracketsRulesNotRising.selector, 3));
    }

    function test_rulesStandAsTheyWereGiven() external view {
        VM.assertEq(keccak256(abi.encode(pool.rules())), keccak256(abi.encode(rules())));
        VM.assertEq(keccak256(abi.encode(pool.limits())), keccak256(abi.encode(limits())));
    }

    function test_noFigureIsOfADayBeforeTheBooks() external {
        goToDay(FIRST_DAY - 1);
        VM.expectRevert(
            abi.encodeWithSelector(AccrualBook.AccrualBookTimeRanBack.selector, block.timestamp, FIRST_DAY)
        );
        pool.recognised();
        VM.expectRevert(abi.encodeWithSelector(AgeBrackets.AgeBracketsDayRanBack.selector, FIRST_DAY - 1, FIRST_DAY));
        pool.provisions();
        VM.expectRevert(abi.encodeWithSelector(AgeBrackets.AgeBracketsDaysOutOfBounds.selector, 3_661));
        pool.portfolioAtRisk(3_661);
    }

    function test_daysRollAsFarAsTheyAreTold() external {
        deposit(100_000);
        lend(draft());
        goToDay(FIRST_DAY + 20);
        (uint256 recognised, uint256 late) = (pool.recognised(), pool.portfolioAtRisk(0));
        VM.assertFalse(pool.roll(10));
        VM.assertFalse(pool.roll(9));
        VM.assertTrue(pool.roll(1));
        VM.assertTrue(pool.roll(0));
        VM.assertEq(pool.recognised(), recognised);
        VM.assertEq(pool.portfolioAtRisk(0), late);
        VM.assertEq(late, 40_000 * UNIT);
    }

    /* JOINING */

    function test_sharesOfAYoungPoolAreAMillionABaseUnit() external {
        VM.prank(depositor);
        VM.assertEq(pool.depositWithMin(7 * UNIT, stranger, 7 * UNIT * SHARES), 7 * UNIT * SHARES);
        VM.prank(depositor);
        VM.assertEq(pool.mintWithMax(3 * UNIT * SHARES, stranger, 3 * UNIT), 3 * UNIT);
        VM.assertEq(pool.balanceOf(stranger), 10 * UNIT * SHARES);
        VM.assertEq(pool.totalSupply(), 110 * UNIT * SHARES);
        VM.assertEq(pool.books().cash, 110 * UNIT);
        VM.assertEq(pool.decimals(), 12);
        VM.assertEq(pool.share(), address(pool));
    }

    function test_whoJoinsSaysForHowMuchAtLeast() external {
        refused(
            depositor,
            abi.encodeWithSelector(ILendingPool.LendingPoolSlippage.selector, UNIT * SHARES, UNIT * SHARES + 1)
        );
        pool.depositWithMin(UNIT, depositor, UNIT * SHARES + 1);
        refused(depositor, abi.encodeWithSelector(ILendingPool.LendingPoolSlippage.selector, UNIT, UNIT - 1));
        pool.mintWithMax(UNIT * SHARES, depositor, UNIT - 1);
    }

    function test_aPoolTakesWhatItHasRoomFor() external {
        uint256 shares = type(uint128).max - 100 * UNIT * SHARES;
        uint256 room = shares / SHARES;
        VM.assertEq(pool.maxDeposit(depositor), room);
        VM.assertEq(pool.maxMint(depositor), shares);
        bytes memory reason = abi.encodeWithSelector(
            ERC4626.ERC4626ExceededMaxDeposit.selector,
            depositor,
            room + 1,
            room
        );
        refused(depositor, reason);
        pool.deposit(room + 1, depositor);
        VM.assertEq(pool.maxDeposit(address(pool)), 0);
        VM.assertEq(pool.maxMint(address(pool)), 0);
        VM.prank(guardian);
        pool.pause();
        VM.assertEq(pool.maxMint(depositor), 0);
    }

    function test_noSharesAreSentToThePool() external {
        deposit(100);
        refused(depositor, abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(pool)));
        pool.transfer(address(pool), 1);
    }

    function test_aDepositThatArrivesShortIsNone() external {
        OddToken odd = useOddToken();
        odd.setFeeBps(1);
        refused(
            depositor,
            abi.encodeWithSelector(ILendingPool.LendingPoolTransferShort.selector, 10_000 * UNIT, 9_999 * UNIT)
        );
        pool.deposit(10_000 * UNIT, depositor);
    }

    function test_aPoolSaysWhatItCanDo() external view {
        bytes4[4] memory known = [bytes4(0x01ffc9a7), 0x2f0a18c5, 0xe3bc4e65, 0x620ee8e4];
        for (uint256 i = 0; i < known.length; ++i) VM.assertTrue(pool.supportsInterface(known[i]));
        VM.assertFalse(pool.supportsInterface(0xffffffff));
    }

    /* NOTES */

    function test_onlyANoteOfALoanThatRunsIsOffered() external {
        bytes32 loanId = keccak256("no loan");
        refused(supervisor, abi.encodeWithSelector(ILendingPool.LendingPoolNotPoolsLoan.selector, loanId));
        pool.sellNote(loanId, lender, 1);
        VM.assertEq(pool.carryingValueOf(loanId), 0);
    }

    function test_anOfferIsForItsBuyerAtItsPrice() external {
        deposit(100_000);
        bytes32 loanId = lend(draft());
        VM.prank(supervisor);
        VM.expectEmit(address(pool));
        emit ILendingPool.NoteOffered(loanId, stranger, 40_000 * UNIT);
        pool.sellNote(loanId, stranger, 40_000 * UNIT);
        refused(lender, abi.encodeWithSelector(ILendingPool.LendingPoolNoOffer.selector, loanId, lender));
        pool.buyNote(loanId, 40_000 * UNIT, 0);
        refused(
            stranger,
            abi.encodeWithSelector(ILendingPool.LendingPoolSlippage.selector, 40_000 * UNIT, 39_999 * UNIT)
        );
        pool.buyNote(loanId, 39_999 * UNIT, 0);
    }

    function test_aNoteIsNotSoldBelowWhatItIsWorthWhenItIsTaken() external {
        deposit(100_000);
        bytes32 loanId = lend(draft());
        VM.prank(supervisor);
        pool.sellNote(loanId, stranger, 40_000 * UNIT);
        goToDay(FIRST_DAY + 8);
        VM.warp(block.timestamp - 12 hours);
        bytes memory reason = abi.encodeWithSelector(
            ILendingPool.LendingPoolPriceTooLow.selector,
            loanId,
            40_000 * UNIT,
            40_900 * UNIT
        );
        refused(stranger, reason);
        pool.buyNote(loanId, 40_000 * UNIT, 0);
    }

    function test_whatANoteBringsBeyondItsWorthComesInLittleByLittle() external {
        deposit(100_000);
        bytes32 loanId = lend(draft());
        goToDay(FIRST_DAY + 8);
        VM.warp(block.timestamp - 12 hours);
        uint256 assets = pool.totalAssets();
        VM.prank(supervisor);
        pool.sellNote(loanId, stranger, 42_000 * UNIT);
        VM.prank(stranger);
        VM.expectEmit(address(pool));
        emit ILendingPool.NoteSold(loanId, stranger, 42_000 * UNIT, 40_900 * UNIT);
        pool.buyNote(loanId, 42_000 * UNIT, 0);
        VM.assertEq(book.ownerOf(uint256(loanId)), stranger);
        VM.assertEq(pool.totalAssets(), assets);
        VM.assertEq(pool.books().cash, 102_100 * UNIT);
        VM.assertEq(pool.books().outstanding, 0);
        VM.assertEq(pool.books().interestReceived, 2_000 * UNIT);
        VM.assertEq(pool.exposureOf(borrower), 0);
        VM.assertEq(pool.carryingValueOf(loanId), 0);
        goToDay(FIRST_DAY + 17);
        VM.assertEq(pool.totalAssets(), 102_100 * UNIT);
        refused(stranger, abi.encodeWithSelector(ILendingPool.LendingPoolNoOffer.selector, loanId, stranger));
        pool.buyNote(loanId, 42_000 * UNIT, 0);
    }

    function test_aNoteWhoseInterestWasPaidAheadIsWorthLessThanItsPrincipal() external {
        deposit(100_000);
        bytes32 loanId = lend(draft());
        pay(loanId, FEE + INTEREST);
        VM.assertEq(pool.carryingValueOf(loanId), 39_100 * UNIT);
        VM.prank(supervisor);
        pool.sellNote(loanId, stranger, 39_100 * UNIT);
        VM.prank(stranger);
        pool.buyNote(loanId, 39_100 * UNIT, 0);
        VM.assertEq(pool.books().interestReceived, 0);
        VM.assertEq(pool.books().cash, 100_100 * UNIT);
        VM.assertEq(pool.totalAssets(), 100_100 * UNIT);
    }

    function test_aNoteThatComesBackBringsDonations() external {
        deposit(100_000);
        bytes32 loanId = lend(draft());
        VM.prank(supervisor);
        pool.sellNote(loanId, stranger, 40_000 * UNIT);
        VM.prank(stranger);
        pool.buyNote(loanId, 40_000 * UNIT, 0);
        VM.prank(stranger);
        book.transferFrom(stranger, address(pool), uint256(loanId));
        bytes32 before = keccak256(abi.encode(pool.books()));
        pay(loanId, ROW);
        VM.assertEq(keccak256(abi.encode(pool.books())), before);
        VM.assertEq(dollar.balanceOf(address(pool)), (100_100 + uint256(ROW)) * UNIT);
        // So do payments on notes that it never had.
        Movement memory movement;
        VM.prank(address(book));
        pool.onRepaid(keccak256("no loan"), movement);
        VM.assertEq(keccak256(abi.encode(pool.books())), before);
    }

    /* FEES */

    function test_feesAreCollectedWhenThereAreAny() external {
        VM.expectRevert(abi.encodeWithSelector(ILendingPool.LendingPoolAmountZero.selector));
        pool.collectFees(stranger);
        deposit(100_000);
        Agreement memory a = draft();
        a.upfrontFee = 300;
        a.coolingOffDays = 0;
        lend(a);
        uint256 had = dollar.balanceOf(stranger);
        VM.expectEmit(address(pool));
        emit ILendingPool.FeesCollected(stranger, 300 * UNIT);
        VM.assertEq(pool.collectFees(stranger), 300 * UNIT);
        VM.assertEq(dollar.balanceOf(stranger) - had, 300 * UNIT);
        VM.assertEq(pool.books().fees, 0);
        VM.assertEq(pool.totalAssets(), 100_100 * UNIT);
    }

    function test_feesThatWaitInTheBookAreBroughtHomeFirst() external {
        OddToken odd = useOddToken();
        deposit(100_000);
        bytes32 loanId = lend(draft());
        odd.setBlocked(address(pool), true);
        pay(loanId, ROW);
        // The fees of what is held are booked, and not here.
        VM.assertEq(pool.books().held, 10_900 * UNIT);
        VM.assertEq(pool.books().fees, 200 * UNIT);
        VM.assertEq(book.heldFor(address(odd), address(pool)), ROW * UNIT);
        odd.setBlocked(address(pool), false);
        VM.assertEq(pool.collectFees(stranger), 200 * UNIT);
        VM.assertEq(pool.books().held, 0);
        VM.assertEq(pool.books().cash, 71_000 * UNIT);
        VM.assertEq(odd.balanceOf(address(pool)), 71_000 * UNIT);
    }

    /* INTERNAL */

    function _refuses(IERC20 asset, PoolRules memory r, bytes memory reason) private {
        VM.expectRevert(reason);
        new LendingPool(address(manager), book, registry, asset, r, "", "");
    }

    function _refusesBrackets(AgeRule[] memory brackets, bytes memory reason) private {
        PoolRules memory r = rules();
        r.ageing = brackets;
        _refuses(dollar, r, reason);
    }

    function _outOfBounds(IERC20 asset, PoolRules memory r, string memory rule, uint256 value, uint256 max) private {
        _refuses(asset, r, abi.encodeWithSelector(ILendingPool.LendingPoolRuleOutOfBounds.selector, rule, value, max));
    }
}
