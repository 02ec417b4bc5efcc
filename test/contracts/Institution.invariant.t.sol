// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgeRule} from "../../contracts/libraries/AgeBrackets.sol";
import {LendingPool} from "../../contracts/LendingPool.sol";
import {LoanBook} from "../../contracts/LoanBook.sol";
import {PoolBooks, PoolRules} from "../../contracts/interfaces/ILendingPool.sol";
import {Components, Instalment, LoanState, LoanView} from "../../contracts/interfaces/ILoanBook.sol";
import {Act, InstitutionActs} from "./support/InstitutionActs.sol";
import {InstitutionHandler} from "./support/InstitutionHandler.sol";
import {Watched} from "./support/InstitutionLedger.sol";
import {OddToken} from "./support/OddToken.sol";

/// The runner knows the contracts of this file even when it is run alone.
contract Handler is InstitutionHandler {
    constructor(InstitutionActs acts) InstitutionHandler(acts) {}
}

/// What an invariant of docs/invariants.md holds against, while `InstitutionHandler` acts.
abstract contract InstitutionCampaign {
    InstitutionActs internal acts;
    Handler internal handler;
    LoanBook internal book;
    LendingPool internal pool;
    OddToken internal token;

    /// What the fuzzer may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// An institution whose pool has one of three sets of rules.
    function start(uint256 salt) internal {
        PoolRules memory r;
        r.kycPolicy = 1;
        r.utcOffset = 3 hours;
        r.nonAccrualDays = [uint16(0), 30, 15][salt];
        r.managementFeeBps = [uint16(1_000), 333, 0][salt];
        r.writeOffDays = [uint16(180), 20, 60][salt];
        r.coverFloorBps = [uint16(0), 0, 100][salt];
        r.minRedemption = [uint128(1e6), 1, 1e4][salt];
        r.ageing = new AgeRule[](3);
        r.ageing[0] = AgeRule(0, [uint16(0), 501, 0][salt]);
        r.ageing[1] = AgeRule([uint16(30), 15, 5][salt], [uint16(1_037), 9_001, 2_511][salt]);
        r.ageing[2] = AgeRule([uint16(60), 40, 20][salt], 10_000);
        acts = new InstitutionActs();
        acts.begin(r, salt);
        handler = new Handler(acts);
        (book, pool, token) = acts.parts();
    }

    /// A campaign in which little succeeds proves little.
    function afterInvariant() external view {
        (uint256 tried, uint256 done) = acts.counts();
        assert(done * 2 >= tried);
    }

    function isNotBroken(uint256 number) internal view {
        assert(!acts.isBroken(number));
    }
}

contract LoanBookInvariants is InstitutionCampaign {
    function setUp() external {
        start(0);
    }

    /* MONEY */

    function invariant_INV01_everybodyHasWhatItsOwnCallsBrought() external view {
        address[] memory accounts = acts.everybody();
        for (uint256 i = 0; i < accounts.length; ++i) {
            assert(token.balanceOf(accounts[i]) == acts.tokensOf(accounts[i]));
        }
    }

    function invariant_INV02_theBookKeepsFundedPrincipalAndWhatIsHeldAlone() external view {
        Watched[] memory loans = acts.loans();
        address[] memory accounts = acts.everybody();
        uint256 kept = acts.donatedTo(address(book));
        for (uint256 i = 0; i < loans.length; ++i) {
            if (book.loanOf(loans[i].id).state == LoanState.Funded) kept += acts.payout(loans[i]);
        }
        for (uint256 i = 0; i < accounts.length; ++i) kept += book.heldFor(address(token), accounts[i]);
        assert(token.balanceOf(address(book)) == kept);
    }

    function invariant_INV03_repaymentTakesTheLesserOfOfferAndPayoff() external view {
        isNotBroken(3);
    }

    function invariant_INV04_loanCountsWhatItsPayersGave() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            uint256 paid = acts.sum(book.loanOf(loans[i].id).paid) + loans[i].paidEarlier;
            assert(paid * loans[i].unit == loans[i].tokensIn);
        }
    }

    function invariant_INV05_penaltyStaysWithinItsCapForLife() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            uint256 penalty = uint256(loans[i].penaltyEarlier) + v.paid.penalty;
            penalty += book.payoff(loans[i].id, type(uint32).max).penalty;
            assert(penalty <= loans[i].penaltyCap);
        }
    }

    /* STANDING */

    function invariant_INV08_unpaidPrincipalOfTheRowsIsTheOutstandingPrincipal() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            if (v.state != LoanState.Active && v.state != LoanState.WrittenOff) continue;
            uint256 unpaid;
            for (uint16 row = v.nextInstalment; row < v.count; ++row) {
                (, Components memory rest) = book.instalment(loans[i].id, row);
                unpaid += rest.principal;
            }
            assert(unpaid == v.principal - v.paid.principal);
        }
    }

    function invariant_INV09_paidIsWhatCompleteRowsHeldAndThePartOfTheNext() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            if (v.state == LoanState.Closed) continue;
            Instalment[] memory rows = book.scheduleOf(loans[i].id);
            Components memory paid = v.partPaid;
            for (uint256 row = 0; row < v.nextInstalment; ++row) {
                paid.fee += rows[row].fee;
                paid.interest += rows[row].interest;
                paid.principal += rows[row].principal;
            }
            paid.penalty = v.paid.penalty;
            assert(keccak256(abi.encode(paid)) == keccak256(abi.encode(v.paid)));
        }
    }

    function invariant_INV10_partPaidIsNeverTheWholeInstalment() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            Components memory part = v.partPaid;
            if (v.nextInstalment == v.count) {
                assert(acts.sum(part) == 0);
                continue;
            }
            Instalment memory row = book.scheduleOf(loans[i].id)[v.nextInstalment];
            assert(part.penalty == 0 && part.fee <= row.fee);
            assert(part.interest <= row.interest && part.principal <= row.principal);
        }
    }

    function invariant_INV11_whatIsDueIsPartOfThePayoff() external view {
        (bytes32 id, uint32 day) = _anyLoan();
        for (uint32 later = 0; later < 200; later = later * 2 + 7) {
            assert(_covers(book.payoff(id, day + later), book.due(id, day + later)));
        }
    }

    function invariant_INV12_daysAloneNeverLowerWhatIsOwed() external view {
        (bytes32 id, uint32 day) = _anyLoan();
        for (uint32 later = 1; later < 200; later = later * 2 + 7) {
            assert(_covers(book.payoff(id, day + later), book.payoff(id, day)));
            assert(_covers(book.due(id, day + later), book.due(id, day)));
        }
    }

    function invariant_INV13_lateIsWhoOwesFromBeforeTodayOrIsNotCured() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            if (v.state != LoanState.Active && v.state != LoanState.WrittenOff) continue;
            uint32 today = book.today(loans[i].id);
            uint32 from = book.scheduleOf(loans[i].id)[v.nextInstalment].day;
            if (v.arrearsDay != 0 && v.arrearsDay < from) from = v.arrearsDay;
            assert(book.daysPastDue(loans[i].id) == (today > from ? today - from : 0));
        }
    }

    function invariant_INV16_paymentTakenBackLeavesTheLoanAsItWas() external view {
        isNotBroken(16);
    }

    /* STATE */

    function invariant_INV17_stateMovesAlongTheArrowsAlone() external view {
        isNotBroken(17);
    }

    function invariant_INV18_rulesOfALoanNeverChange() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            assert(acts.hashOfRules(book.loanOf(loans[i].id)) == loans[i].rulesHash);
        }
    }

    function invariant_INV19_everyTableStaysReadableAsItWasSigned() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            bytes32[] memory tables = loans[i].tables;
            assert(book.loanOf(loans[i].id).version == tables.length);
            for (uint16 nr = 1; nr <= tables.length; ++nr) {
                assert(keccak256(abi.encode(book.scheduleOfVersion(loans[i].id, nr))) == tables[nr - 1]);
            }
        }
    }

    function invariant_INV20_closedIsWhatHasNoInstalmentLeft() external view {
        isNotBroken(20);
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            assert((v.state == LoanState.Closed) == (v.nextInstalment == v.count));
            assert(v.state != LoanState.Closed || v.paid.principal == v.principal);
        }
    }

    function invariant_INV21_onlyARunningOrWrittenOffLoanIsOwed() external view {
        Watched[] memory loans = acts.loans();
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanView memory v = book.loanOf(loans[i].id);
            bool isOwed = v.state == LoanState.Active || v.state == LoanState.WrittenOff;
            if (v.state == LoanState.Funded) assert(v.startDay == 0 && v.payments == 0);
            if (isOwed) continue;
            assert(acts.sum(book.payoff(loans[i].id, type(uint32).max)) == 0);
            assert(acts.sum(book.due(loans[i].id, type(uint32).max)) == 0);
            assert(book.daysPastDue(loans[i].id) == 0);
        }
    }

    function invariant_INV22_paymentsAreCountedOneByOne() external view {
        isNotBroken(22);
    }

    function invariant_INV23_strangersAreRefusedInAnyState() external view {
        isNotBroken(23);
    }

    /* NOTES */

    function invariant_INV32_eachLoanHasOneNoteWithItsLastOwner() external view {
        Watched[] memory loans = acts.loans();
        address[] memory accounts = acts.everybody();
        uint256 notes;
        for (uint256 i = 0; i < accounts.length; ++i) notes += book.balanceOf(accounts[i]);
        assert(notes == loans.length);
        for (uint256 i = 0; i < loans.length; ++i) assert(book.ownerOf(uint256(loans[i].id)) == loans[i].owner);
    }

    /// Another one at another time: to ask all of them about so many days would take too long.
    function _anyLoan() private view returns (bytes32 id, uint32 day) {
        Watched[] memory loans = acts.loans();
        id = loans[block.timestamp % loans.length].id;
        day = book.today(id);
    }

    /// Every component of `whole` is at least that of `part`.
    function _covers(Components memory whole, Components memory part) private pure returns (bool) {
        return
            whole.penalty >= part.penalty &&
            whole.fee >= part.fee &&
            whole.interest >= part.interest &&
            whole.principal >= part.principal;
    }
}

contract LendingPoolInvariants is InstitutionCampaign {
    function setUp() external {
        start(1);
    }

    /* CASH AND SOLVENCY */

    function invariant_INV36_everyTokenOfThePoolIsSomebodys() external view {
        Watched[] memory loans = acts.loans();
        PoolBooks memory b = pool.books();
        uint256 named = uint256(b.cash) + b.held + b.reserved + b.cover + b.fees;
        for (uint256 i = 0; i < loans.length; ++i) {
            bool isFunded = acts.isPools(loans[i]) && book.loanOf(loans[i].id).state == LoanState.Funded;
            if (isFunded) named += loans[i].upfrontFee * loans[i].unit;
        }
        named += acts.donatedTo(address(pool)) + acts.heldDonations();
        assert(token.balanceOf(address(pool)) + book.heldFor(address(token), address(pool)) == named);
    }

    function invariant_INV37_outstandingIsTheSumOverLoans() external view {
        assert(pool.books().outstanding == acts.atRisk(-1));
    }

    function invariant_INV38_fundedIsTheSumOverLoans() external view {
        Watched[] memory loans = acts.loans();
        uint256 funded;
        for (uint256 i = 0; i < loans.length; ++i) {
            bool isFunded = acts.isPools(loans[i]) && book.loanOf(loans[i].id).state == LoanState.Funded;
            if (isFunded) funded += loans[i].principal * loans[i].unit;
        }
        assert(pool.books().funded == funded);
    }

    function invariant_INV39_reservedIsWhatSaversMayClaim() external view {
        address[3] memory savers = acts.lenders();
        uint256 claimable;
        for (uint256 i = 0; i < savers.length; ++i) claimable += pool.maxWithdraw(savers[i]);
        assert(pool.books().reserved == claimable);
    }

    function invariant_INV40_heldIsWithinWhatTheBookKeeps() external view {
        uint256 kept = book.heldFor(address(token), address(pool));
        assert(kept == acts.heldOf(address(pool)));
        assert(pool.books().held + acts.heldDonations() <= kept);
    }

    function invariant_INV41_exposureIsTheSumOverOpenLoans() external view {
        Watched[] memory loans = acts.loans();
        uint256[] memory exposures = new uint256[](loans.length);
        for (uint256 i = 0; i < loans.length; ++i) {
            LoanState state = book.loanOf(loans[i].id).state;
            bool isOver = state == LoanState.Closed || state == LoanState.Cancelled;
            if (!isOver && acts.isPools(loans[i])) exposures[i] = loans[i].principal * loans[i].unit;
        }
        address[] memory accounts = acts.everybody();
        for (uint256 i = 0; i < accounts.length; ++i) {
            uint256 exposure;
            for (uint256 j = 0; j < loans.length; ++j) {
                if (loans[j].borrower == accounts[i]) exposure += exposures[j];
            }
            assert(pool.exposureOf(accounts[i]) == exposure);
        }
    }

    function invariant_INV42_theInstitutionTakesItsFeesAndNoMore() external view {
        assert(pool.books().fees + acts.feesCollected() <= acts.feesEarned());
    }

    function invariant_INV86_feesThatMayGoBackAreNotCollected() external view {
        Watched[] memory loans = acts.loans();
        uint256 returnable;
        for (uint256 i = 0; i < loans.length; ++i) {
            bool counts = acts.isPools(loans[i]) && acts.isReturnable(loans[i]);
            if (counts) returnable += loans[i].upfrontFee * loans[i].unit;
        }
        assert(pool.collectableFees() + returnable <= pool.books().fees);
    }

    /* AGEING AND PROVISIONS */

    function invariant_INV58_portfolioAtRiskIsTheSumOverLateLoans() external view {
        for (uint16 moreThanDays = 0; moreThanDays < 150; moreThanDays = moreThanDays * 2 + 5) {
            assert(pool.portfolioAtRisk(moreThanDays) == acts.atRisk(int256(uint256(moreThanDays))));
        }
    }

    function invariant_INV59_provisionsAreTheSumOverLateLoans() external view {
        assert(pool.provisions() == acts.provisionsOf(false));
    }

    function invariant_INV60_leaversBearTheProvisionsAheadThatTheCoverDoesNot() external view {
        PoolBooks memory b = pool.books();
        uint256 ahead = acts.provisionsOf(true);
        uint256 first = b.uncovered == 0 ? b.cover : b.coverBefore;
        uint256 lenders = ahead > first ? ahead - first : 0;
        uint256 later = b.cover - first;
        if (lenders > b.uncovered) {
            uint256 beyond = lenders - b.uncovered;
            lenders -= beyond < later ? beyond : later;
        }
        assert(pool.exitDeduction() == lenders);
    }

    /* COVER */

    function invariant_INV62_coverThatWasThereBeforeIsPartOfTheCover() external view {
        PoolBooks memory b = pool.books();
        assert(b.uncovered == 0 || b.coverBefore <= b.cover);
    }

    function invariant_INV63_topUpMovesNoPriceInItsOwnSecond() external view {
        isNotBroken(63);
    }

    function invariant_INV64_lendersLoseWhatTheCoverDoesNotPay() external view {
        isNotBroken(64);
    }

    /* QUEUE */

    function invariant_INV67_everyShareIsASaversOrWaits() external view {
        address[3] memory savers = acts.lenders();
        (, , uint256 pending) = pool.redemptionQueue();
        uint256 shares = pool.balanceOf(address(0xdead));
        for (uint256 i = 0; i < savers.length; ++i) shares += pool.balanceOf(savers[i]);
        assert(pool.balanceOf(address(pool)) == pending);
        assert(pool.totalSupply() == shares + pending);
    }

    function invariant_INV68_requestsAreServedInTheirOrder() external view {
        address[3] memory savers = acts.lenders();
        (uint256 next, uint256 last, uint256 pending) = pool.redemptionQueue();
        uint256 waiting;
        for (uint256 id = 1; id <= last; ++id) {
            for (uint256 i = 0; i < savers.length; ++i) {
                uint256 rest = pool.pendingRedeemRequest(id, savers[i]);
                if (id < next) assert(rest == 0);
                if (id > next && rest != 0) assert(pool.claimableRedeemRequest(id, savers[i]) == 0);
                waiting += rest;
            }
        }
        assert(waiting == pending);
    }

    function invariant_INV69_claimsChangeByServingAndClaimingAlone() external view {
        isNotBroken(69);
    }
}

contract SharePriceInvariants is InstitutionCampaign {
    function setUp() external {
        start(2);
    }

    function invariant_INV43_assetsAreCashAndClaimsAndEarnedIncome() external view {
        int256 owned = acts.ownedByLenders();
        assert(pool.totalAssets() == (owned > 0 ? uint256(owned) : 0));
    }

    function invariant_INV44_nothingButADepositRaisesAssetsInItsOwnSecond() external view {
        isNotBroken(44);
    }

    function invariant_INV45_nothingButALossLowersAssetsInItsOwnSecond() external view {
        isNotBroken(45);
    }

    function invariant_INV46_timeAloneNeverLowersAssets() external view {
        isNotBroken(46);
    }

    function invariant_INV47_leavingIsNeverWorthMoreThanJoining() external view {
        uint256 supply = pool.totalSupply();
        for (uint256 shares = 1; shares <= supply; shares *= 1e6) {
            assert(pool.convertToExitAssets(shares) <= pool.convertToAssets(shares));
        }
    }

    function invariant_INV48_whoJoinsOrLeavesTakesNothingFromWhoStays() external view {
        isNotBroken(48);
    }

    function invariant_INV49_roundTripNeverGains() external view {
        isNotBroken(49);
    }

    function invariant_INV50_giftsAndIntrudersMoveNoFigure() external view {
        isNotBroken(50);
    }

    function invariant_INV51_rollingMovesNoFigure() external view {
        isNotBroken(51);
    }

    /// However the loss will be shared: what leaving deducts and the cover are at least all that the books say of these loans.
    function invariant_INV87_leavingCountsNothingOfALoanThatIsProvidedForInFull() external view {
        assert(pool.exitDeduction() + pool.books().cover >= acts.lostAhead());
    }
}

contract InstitutionWalks is InstitutionCampaign {
    uint256 private constant ACTS = uint256(type(Act).max) + 1;

    mapping(uint256 act => uint256) private _done;

    /// A campaign proves nothing about an act that never succeeds in it.
    function test_everyActSucceeds() external {
        for (uint256 salt = 0; salt < 6; ++salt) {
            start(salt % 3);
            _walk(salt, 3 * ACTS);
            for (uint256 act = 0; act < ACTS; ++act) _done[act] += acts.done(Act(act));
        }
        for (uint256 act = 0; act < ACTS; ++act) assert(_done[act] != 0);
    }

    /// hardhat-config: default.fuzz.runs = 16
    function testFuzz_INV57_atRestAllThatWasReceivedIsEarnedAndCanBeTakenOut(uint256 seed) external {
        start(seed % 3);
        _walk(seed, 50);
        acts.comeToRest();
        PoolBooks memory b = pool.books();
        assert(b.outstanding == 0 && b.funded == 0 && b.held == 0);
        assert(pool.recognised() == b.interestReceived);
        assert(acts.ownedByLenders() == int256(uint256(b.cash)));
        assert(pool.provisions() == 0);
        acts.everybodyLeaves();
        assert(pool.books().reserved == 0);
    }

    /// The campaigns are short; here loans grow old, are cured, restructured, given up and taken back.
    /// hardhat-config: default.fuzz.runs = 12
    function testFuzz_provisionsFollowEveryAct(uint256 seed) external {
        start(seed % 3);
        for (uint256 i = 0; i < 20; ++i) {
            _walk(seed, 3);
            seed = uint256(keccak256(abi.encode(seed, i)));
            assert(pool.provisions() == acts.provisionsOf(false));
            assert(pool.exitDeduction() + pool.books().cover >= acts.lostAhead());
        }
    }

    function _walk(uint256 seed, uint256 steps) private {
        for (uint256 i = 0; i < steps; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            acts.perform(Act(seed % ACTS), seed);
        }
    }
}
