// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LendingLimits, PoolBooks, PoolRules} from "../../../contracts/interfaces/ILendingPool.sol";
import {ILoanOwner} from "../../../contracts/interfaces/ILoanOwner.sol";
import {
    Agreement,
    Collection,
    Components,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    PaymentRecord,
    Restructuring
} from "../../../contracts/interfaces/ILoanBook.sol";
import {TestDollar} from "../../../contracts/local/TestDollar.sol";
import {InstitutionLedger, Watched} from "./InstitutionLedger.sol";
import {OddToken} from "./OddToken.sol";
import {VM} from "./Vm.sol";

/// @notice Events as the runner hears them.
interface Listener {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @notice What the people of an institution do. `Act.Wait` stands for time alone.
enum Act {
    Wait,
    Deposit,
    RoundTrip,
    Request,
    Fulfil,
    Claim,
    RedeemNow,
    Lend,
    LendByDesk,
    LendByPerson,
    Activate,
    Cancel,
    GiveBack,
    Repay,
    PayOff,
    RepayMany,
    Reverse,
    Restructure,
    WriteOff,
    Sell,
    GiveNote,
    CoverIn,
    CoverOut,
    CollectFees,
    CollectHeld,
    Donate,
    Roll,
    Refuse,
    Intrude
}

/// @notice The pool's figures at one second.
struct Figures {
    int256 owned;
    uint256 supply;
    uint256 exitAssets;
    uint256 provisions;
    uint256 late;
    bytes32 books;
    uint256 reserved;
    uint256 cover;
    uint256 cash;
}

/// @title What borrowers, lenders, savers, officers, strangers and time do to an institution, in any order
/// @dev Every act is drawn so that it can succeed in the state at hand, and is then called without a safety net: what the
/// contracts refuse although they should not stops the campaign. An act that nothing stands ready for does nothing.
contract InstitutionActs is InstitutionLedger {
    Listener private constant LISTENER = Listener(address(VM));
    uint256 private constant MAX_LOANS = 12;

    /// By act: how often it was called, and how often it did something.
    mapping(Act act => uint256) public tried;
    mapping(Act act => uint256) public done;

    bytes32 private _random;
    uint256 private _salt;
    mapping(address account => bool) private _refusedByToken;
    mapping(bytes32 loanId => PaymentRecord) private _records;
    mapping(bytes32 loanId => bytes32) private _standingBefore;
    mapping(address saver => uint256) private _claimable;
    /// The most that the institution may have for itself, and what it has collected.
    uint256 public feesEarned;
    uint256 public feesCollected;
    /// Joined and left in the present step, base units.
    int256 private _joined;

    /* BEGINNING */

    /// An institution with a pool by `poolRules` in a token with a block-list, some savings, and a loan of each kind.
    function begin(PoolRules calldata poolRules, uint256 salt) external {
        setUp();
        _salt = salt;
        token = new OddToken(6);
        dollar = TestDollar(address(token));
        book.setCurrency(address(token), true);
        pool = openPool(IERC20(address(token)), poolRules);
        LendingLimits memory wide = limits();
        wide.maxCostBps = type(uint32).max;
        pool.setLimits(wide);
        savers = [depositor, guardian, compliance];
        address[8] memory people = [borrower, stranger, lender, depositor, guardian, compliance, supervisor, desk];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
        for (uint256 i = 0; i < people.length; ++i) followAccount(people[i]);
        followAccount(address(book));
        followAccount(address(pool));
        anchor(borrower);
        anchor(stranger);
        _random = keccak256(abi.encode(salt));
        _save(depositor, 2_000_000 * UNIT);
        _raiseCover(100_000 * UNIT);
        for (uint256 i = 0; i < 3; ++i) _lend();
        _lendByDesk();
        _lendByPerson();
    }

    /// Somebody does something, at some time after what was done before.
    function perform(Act act, uint256 seed) external {
        _random = keccak256(abi.encode(_salt, seed, tried[act]++));
        _letTimePass(act == Act.Wait);
        Figures memory before = _figures();
        _joined = 0;
        if (_run(act)) ++done[act];
        _compare(act, before);
        for (uint256 i = 0; i < count(); ++i) _look(loanAt(i), act);
    }

    /// How many acts were called, and how many of them did something.
    function counts() external view returns (uint256 called, uint256 succeeded) {
        for (uint256 act = 0; act <= uint256(type(Act).max); ++act) {
            called += tried[Act(act)];
            succeeded += done[Act(act)];
        }
    }

    function _run(Act act) private returns (bool) {
        if (act == Act.Wait) return true;
        if (act == Act.Deposit) return _deposit();
        if (act == Act.RoundTrip) return _roundTrip();
        if (act == Act.Request) return _request();
        if (act == Act.Fulfil) return _fulfil();
        if (act == Act.Claim) return _claim();
        if (act == Act.RedeemNow) return _redeemNow();
        if (act == Act.Lend) return _lend();
        if (act == Act.LendByDesk) return _lendByDesk();
        if (act == Act.LendByPerson) return _lendByPerson();
        if (act == Act.Activate) return _activate();
        if (act == Act.Cancel) return _cancel();
        if (act == Act.GiveBack) return _giveBack();
        if (act == Act.Repay) return _repay();
        if (act == Act.PayOff) return _payOff();
        if (act == Act.RepayMany) return _repayMany();
        if (act == Act.Reverse) return _reverse();
        if (act == Act.Restructure) return _restructure();
        if (act == Act.WriteOff) return _writeOff();
        if (act == Act.Sell) return _sell();
        if (act == Act.GiveNote) return _giveNote();
        if (act == Act.CoverIn) return _coverIn();
        if (act == Act.CoverOut) return _coverOut();
        if (act == Act.CollectFees) return _collectFees();
        if (act == Act.CollectHeld) return _collectHeld();
        if (act == Act.Donate) return _donate();
        if (act == Act.Roll) return _roll();
        if (act == Act.Refuse) return _refuse();
        return _intrude();
    }

    /// Pays every loan off, brings everything home, and lets the last income come in.
    function comeToRest() external {
        _open(address(pool));
        for (uint256 i = 0; i < count(); ++i) {
            Watched storage loan = loanAt(i);
            _open(loan.owner);
            if (loan.state == LoanState.Funded) _cancelAs(loan, loan.borrower);
            else if (_isOwed(loan)) _payAndCheck(loan, stranger, type(uint64).max);
            _look(loan, loan.state == LoanState.Funded ? Act.Cancel : Act.Repay);
        }
        if (heldOf[address(pool)] != 0) _bringPoolsHome();
        // Interest that was paid early is earned when its time comes, gains within a week: later than any last day.
        VM.warp(block.timestamp + 400 days);
        while (!pool.roll(400)) {}
    }

    /// Every saver requests what she has, and claims what it came to.
    function everybodyLeaves() external {
        for (uint256 i = 0; i < savers.length; ++i) {
            address saver = savers[i];
            uint256 shares = pool.balanceOf(saver);
            if (pool.convertToExitAssets(shares) < pool.rules().minRedemption) continue;
            VM.prank(saver);
            pool.requestRedeem(shares, saver, saver);
        }
        (, , uint256 pending) = pool.redemptionQueue();
        if (pending != 0) pool.fulfilRedemptions(type(uint256).max);
        for (uint256 i = 0; i < savers.length; ++i) {
            address saver = savers[i];
            if (pool.maxRedeem(saver) != 0) _claimShares(saver, pool.maxRedeem(saver));
        }
    }

    /* EACH STEP */

    /// Between two acts pass seconds or weeks, more often than not. What the lenders own never falls by it.
    function _letTimePass(bool surely) private {
        uint256 kind = _draw(20);
        if (kind < 10 && !surely) return;
        int256 before = ownedByLenders();
        uint256 secs = _draw(3 hours);
        if (kind > 14) secs = _draw(5 days);
        if (kind > 18) secs = _draw(60 days);
        VM.warp(block.timestamp + secs);
        hold(46, ownedByLenders() >= before);
    }

    function _figures() private view returns (Figures memory f) {
        PoolBooks memory b = pool.books();
        f.owned = ownedByLenders();
        f.supply = pool.totalSupply();
        // All shares with the virtual ones are worth the assets and the virtual one.
        f.exitAssets = pool.convertToExitAssets(f.supply + 1e6);
        f.provisions = pool.provisions();
        f.late = pool.portfolioAtRisk(0);
        f.books = keccak256(abi.encode(b));
        (f.reserved, f.cover, f.cash) = (b.reserved, b.cover, b.cash);
    }

    function _compare(Act act, Figures memory before) private {
        Figures memory f = _figures();
        // Redemptions that were fulfilled have left the lenders' assets, but not the pool.
        int256 owned = f.owned + int256(f.reserved) - int256(before.reserved) - _joined;
        if (act == Act.Claim) owned = f.owned;
        hold(44, owned <= before.owned);
        bool mayLose = act == Act.WriteOff || act == Act.GiveBack || act == Act.Restructure || act == Act.Reverse;
        if (!mayLose) hold(45, owned == before.owned);
        if (act >= Act.Deposit && act <= Act.RedeemNow) hold(48, _isNoLess(f, before));
        bool still = act == Act.Donate || act == Act.Roll || act == Act.Intrude;
        bool same =
            f.owned == before.owned &&
                f.supply == before.supply &&
                f.exitAssets == before.exitAssets &&
                f.provisions == before.provisions &&
                f.late == before.late;
        if (still) hold(act == Act.Roll ? 51 : 50, same && (act == Act.Roll || f.books == before.books));
        if (act == Act.CoverIn) hold(63, same && f.cash == before.cash);
        _compareClaims(act);
    }

    /// Neither the price of joining nor that of leaving has fallen.
    function _isNoLess(Figures memory f, Figures memory before) private pure returns (bool) {
        // Worth nothing at all, a share may be worth less of it.
        if (f.owned < 0 || before.owned < 0 || before.exitAssets <= 1) return true;
        uint256 shares = f.supply + 1e6;
        uint256 sharesBefore = before.supply + 1e6;
        bool joining = (uint256(f.owned) + 1) * sharesBefore >= (uint256(before.owned) + 1) * shares;
        return joining && f.exitAssets * sharesBefore >= before.exitAssets * shares;
    }

    /// What a saver may claim changes when requests are fulfilled, and when she claims.
    function _compareClaims(Act act) private {
        bool serves = act == Act.Fulfil || act == Act.Lend || act == Act.LendByDesk;
        for (uint256 i = 0; i < savers.length; ++i) {
            uint256 claimable = pool.maxWithdraw(savers[i]);
            if (serves) hold(69, claimable >= _claimable[savers[i]]);
            else hold(69, claimable == _claimable[savers[i]]);
            _claimable[savers[i]] = claimable;
        }
    }

    /// Where a loan may go, and how its payments are counted.
    function _look(Watched storage loan, Act act) private {
        LoanView memory v = book.loanOf(loan.id);
        if (v.state != loan.state) hold(17, _mayBecome(act, loan.state, v.state));
        loan.state = v.state;
        hold(22, v.payments == loan.payments);
    }

    function _mayBecome(Act act, LoanState from, LoanState to) private pure returns (bool) {
        if (from == LoanState.Funded) {
            return act == Act.Activate ? to == LoanState.Active : act == Act.Cancel && to == LoanState.Cancelled;
        }
        if (from == LoanState.Closed) return act == Act.Reverse && to == LoanState.Active;
        bool pays =
            act == Act.Repay || act == Act.PayOff || act == Act.RepayMany || act == Act.Refuse || act == Act.Reverse;
        if (from == LoanState.WrittenOff) return pays && to == LoanState.Closed;
        if (from != LoanState.Active) return false;
        if (to == LoanState.Closed) return pays;
        if (to == LoanState.WrittenOff) return act == Act.WriteOff;
        return act == Act.GiveBack && to == LoanState.Cancelled;
    }

    /* SAVING */

    function _deposit() private returns (bool) {
        return _save(_saver(), _amount());
    }

    /// Joining and leaving in the same second is never worth it.
    function _roundTrip() private returns (bool) {
        (, , uint256 pending) = pool.redemptionQueue();
        address saver = _saver();
        uint256 assets = _amount();
        uint256 before = pool.balanceOf(saver);
        if (pending != 0 || !_save(saver, assets)) return false;
        uint256 shares = pool.balanceOf(saver) - before;
        if (shares == 0) return false;
        _tokensHere(assets);
        VM.prank(saver);
        uint256 got = pool.redeemNow(shares, saver, 0);
        moved(address(pool), saver, got);
        _joined -= int256(got);
        hold(49, got <= assets);
        return true;
    }

    function _request() private returns (bool) {
        address saver = _saver();
        uint256 shares = _someOf(pool.balanceOf(saver));
        if (shares == 0 || pool.convertToExitAssets(shares) < pool.rules().minRedemption) return false;
        VM.prank(saver);
        pool.requestRedeem(shares, _draw(4) == 0 ? _saver() : saver, saver);
        return true;
    }

    function _fulfil() private returns (bool) {
        (, , uint256 pending) = pool.redemptionQueue();
        if (pending == 0 && !_request()) return false;
        // Refused while there is no cash, or shares are worth nothing.
        try pool.fulfilRedemptions(1 + _draw(4)) {
            return true;
        } catch {
            return false;
        }
    }

    function _claim() private returns (bool) {
        address saver = _saver();
        for (uint256 i = 0; i < savers.length && pool.maxRedeem(saver) == 0; ++i) saver = savers[i];
        uint256 shares = pool.maxRedeem(saver);
        if (shares == 0) return false;
        _open(address(pool));
        if (_draw(2) == 0) {
            _claimable[saver] -= _claimShares(saver, _someOf(shares));
            return true;
        }
        uint256 assets = _someOf(pool.maxWithdraw(saver));
        _tokensHere(assets);
        VM.prank(saver);
        pool.withdraw(assets, saver, saver);
        _claimable[saver] -= assets;
        moved(address(pool), saver, assets);
        return true;
    }

    function _claimShares(address saver, uint256 shares) private returns (uint256 assets) {
        _tokensHere(pool.maxWithdraw(saver));
        VM.prank(saver);
        assets = pool.redeem(shares, saver, saver);
        moved(address(pool), saver, assets);
    }

    function _redeemNow() private returns (bool) {
        (, , uint256 pending) = pool.redemptionQueue();
        address saver = _saver();
        uint256 shares = _someOf(pool.balanceOf(saver));
        uint256 assets = pool.convertToExitAssets(shares);
        if (pending != 0 || shares == 0 || assets > pool.books().cash) return false;
        _tokensHere(assets);
        VM.prank(saver);
        moved(address(pool), saver, pool.redeemNow(shares, saver, assets));
        _joined -= int256(assets);
        return true;
    }

    function _save(address saver, uint256 assets) private returns (bool) {
        if (pool.maxDeposit(saver) < assets) return false;
        _open(address(pool));
        VM.prank(saver);
        pool.deposit(assets, saver);
        moved(saver, address(pool), assets);
        _joined += int256(assets);
        return true;
    }

    /* LENDING */

    function _lend() private returns (bool) {
        Agreement memory a = _someAgreement(address(pool));
        return _lendFromPool(a);
    }

    function _lendByDesk() private returns (bool) {
        Agreement memory a = _someAgreement(address(pool));
        a.payee = desk;
        return _lendFromPool(a);
    }

    function _lendFromPool(Agreement memory a) private returns (bool) {
        if (count() == MAX_LOANS || !_makeRoom(a.principal * a.unit)) return false;
        approve(approver, book.loanIdOf(a));
        bytes memory consent = borrowerConsent(a);
        VM.prank(underwriter);
        _lent(a, pool.originate(a, consent));
        return true;
    }

    function _lendByPerson() private returns (bool) {
        if (count() == MAX_LOANS) return false;
        Agreement memory a = _someAgreement(lender);
        if (_draw(3) == 0) a.payee = desk;
        _open(lender);
        bytes memory consent = borrowerConsent(a);
        VM.prank(lender);
        _lent(a, book.originate(a, consent, ""));
        return true;
    }

    function _lent(Agreement memory a, bytes32 id) private {
        bool isDirect = a.payee == a.borrower;
        moved(a.lender, isDirect ? a.borrower : address(book), (a.principal - a.upfrontFee) * a.unit);
        follow(id, a.lender);
        if (isDirect && a.lender == address(pool)) feesEarned += a.upfrontFee * a.unit;
    }

    /// Serves whoever waits, and brings cash and cover for a loan of `principal`.
    function _makeRoom(uint256 principal) private returns (bool) {
        _open(address(pool));
        (, , uint256 pending) = pool.redemptionQueue();
        if (pending != 0) {
            if (!_save(depositor, pool.convertToExitAssets(pending) + 1)) return false;
            try pool.fulfilRedemptions(type(uint256).max) {} catch {}
            (, , pending) = pool.redemptionQueue();
            if (pending != 0) return false;
        }
        PoolBooks memory b = pool.books();
        if (principal > b.cash && !_save(depositor, principal - b.cash)) return false;
        uint256 floor = ((uint256(b.outstanding) + b.funded + principal) * pool.rules().coverFloorBps + 9_999) / 10_000;
        if (b.cover < floor) _raiseCover(floor - b.cover);
        _tokensHere(principal);
        return true;
    }

    function _activate() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isPayable);
        if (!found) return false;
        bytes memory receipt = signed(loan.borrower, book.receiptDigest(loan.id));
        address[3] memory callers = [loan.borrower, desk, lender];
        VM.prank(callers[_draw(3)]);
        book.activate(loan.id, receipt);
        moved(address(book), desk, payout(loan));
        if (isPools(loan)) feesEarned += loan.upfrontFee * loan.unit;
        return true;
    }

    function _cancel() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isFunded);
        if (!found) return false;
        bool isOver = today() > book.loanOf(loan.id).disburseUntilDay;
        _cancelAs(loan, isOver ? lender : loan.borrower);
        return true;
    }

    function _cancelAs(Watched storage loan, address by) private {
        VM.prank(by);
        book.cancel(loan.id);
        delivered(loan, address(book), payout(loan), isPools(loan));
    }

    function _giveBack() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isReturnable);
        if (!found) return false;
        address by = book.loanOf(loan.id).payee == desk && _draw(2) == 0 ? desk : loan.borrower;
        uint256 left = owed(loan);
        uint256 fee = loan.upfrontFee * loan.unit;
        uint256 amount = left > fee ? left - fee : 0;
        VM.prank(by);
        book.returnLoan(loan.id);
        delivered(loan, by, amount, isPools(loan));
        return true;
    }

    /* REPAYING */

    function _repay() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isOwed);
        if (!found) return false;
        _payAndCheck(loan, _payer(loan), _someRepayment(loan));
        return true;
    }

    function _payOff() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isOwed);
        if (!found) return false;
        uint256 payoff = sum(book.payoff(loan.id, today()));
        // Exactly, beyond it, and just not enough.
        uint256 offer = [payoff, payoff + _draw(1_000), payoff - 1][_draw(3)];
        _payAndCheck(loan, _payer(loan), uint64(offer));
        return true;
    }

    /// Takes exactly what was offered, or what closes the loan.
    function _payAndCheck(Watched storage loan, address payer, uint64 amount) private {
        if (amount == 0) amount = 1;
        Components memory payoff = book.payoff(loan.id, today());
        bytes32 before = _hashOfStanding(loan.id);
        if (payer == desk) LISTENER.recordLogs();
        VM.prank(payer);
        Components memory paid = book.repay(loan.id, amount);
        bool closes = amount >= sum(payoff);
        hold(3, sum(paid) == (closes ? sum(payoff) : amount));
        if (closes) hold(3, keccak256(abi.encode(paid)) == keccak256(abi.encode(payoff)));
        hold(20, (book.loanOf(loan.id).state == LoanState.Closed) == closes);
        _paid(loan, payer, paid);
        if (payer == desk && loan.state == LoanState.Active) _remember(loan.id, before);
    }

    function _paid(Watched storage loan, address payer, Components memory paid) private {
        ++loan.payments;
        loan.tokensIn += sum(paid) * loan.unit;
        delivered(loan, payer, sum(paid) * loan.unit, isPools(loan));
        if (!isPools(loan)) return;
        // The fee is rounded down once an instalment: a payment that ends one may bring what was cut off before.
        uint256 share = (paid.interest * loan.unit * pool.rules().managementFeeBps) / 10_000 + 1;
        feesEarned += paid.fee * loan.unit + share;
    }

    function _remember(bytes32 id, bytes32 before) private {
        Listener.Log[] memory logs = LISTENER.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == ILoanBook.PaymentRecorded.selector) {
                _records[id] = abi.decode(logs[i].data, (PaymentRecord));
            }
        }
        _standingBefore[id] = before;
    }

    /// A sheet with a row for each loan, those that are over included: their rows fail and leave the others alone.
    function _repayMany() private returns (bool) {
        Collection[] memory rows = new Collection[](count());
        for (uint256 i = 0; i < rows.length; ++i) {
            Watched storage loan = loanAt(i);
            rows[i] = Collection(loan.id, _isOwed(loan) ? _someRepayment(loan) : uint64(1 + _draw(100)));
            if (rows[i].amount == 0) rows[i].amount = 1;
        }
        VM.prank(desk);
        Components[] memory paid = book.repayMany(rows);
        bool any;
        for (uint256 i = 0; i < rows.length; ++i) {
            Watched storage loan = loanAt(i);
            if (!_isOwed(loan)) {
                hold(3, sum(paid[i]) == 0);
                continue;
            }
            any = true;
            _paid(loan, desk, paid[i]);
            delete _records[loan.id];
        }
        return any;
    }

    function _reverse() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isReversible);
        if (!found) {
            (found, loan) = _find(_isSellable);
            if (found) _payAndCheck(loan, desk, _someRepayment(loan));
            if (!found || !_isReversible(loan)) return false;
        }
        PaymentRecord memory record = _records[loan.id];
        uint256 amount = sum(record.paid) * loan.unit;
        _tokensHere(amount);
        VM.prank(desk);
        book.reverse(loan.id, record);
        hold(16, _hashOfStanding(loan.id) == _standingBefore[loan.id]);
        delete _records[loan.id];
        loan.tokensIn -= amount;
        moved(address(pool), desk, amount);
        return true;
    }

    /* RARE TURNS */

    function _restructure() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isActive);
        if (!found) return false;
        LoanView memory v = book.loanOf(loan.id);
        Components memory payoff = book.payoff(loan.id, today());
        uint64 most = uint64(sum(payoff) - payoff.principal);
        Restructuring memory r = draftRestructuring(loan.id, 1 + _draw(5), uint64(_someOf(most)));
        bytes memory consent = signed(loan.borrower, book.restructuringDigest(AS_BORROWER, r));
        if (loan.owner == address(pool)) {
            bytes32 digest = book.restructuringDigest(AS_LENDER, r);
            approve(approver, digest);
            approve(secondApprover, digest);
            VM.prank(underwriter);
            pool.restructure(r, consent);
        } else {
            VM.prank(loan.owner);
            book.restructure(r, consent, "");
        }
        loan.paidEarlier += sum(v.paid);
        loan.penaltyEarlier += v.paid.penalty;
        loan.tables.push(keccak256(abi.encode(r.schedule)));
        delete _records[loan.id];
        return true;
    }

    /// The lenders bear what the cover does not.
    function _writeOff() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isLate);
        if (!found) return false;
        delete _records[loan.id];
        if (loan.owner != address(pool)) {
            VM.prank(loan.owner);
            book.writeOff(loan.id);
            return true;
        }
        int256 owned = ownedByLenders();
        uint256 cover = pool.books().cover;
        uint256 carrying = pool.carryingValueOf(loan.id);
        uint256 principal = owed(loan);
        VM.prank(book.daysPastDue(loan.id) > pool.rules().writeOffDays ? stranger : supervisor);
        pool.writeOff(loan.id);
        int256 lost = owned - ownedByLenders() + int256(cover - pool.books().cover);
        // Worth less than its principal: interest was paid in advance, which is income now. The worth is rounded up.
        int256 worth = int256(carrying > principal ? carrying : principal);
        hold(64, lost == worth || lost + 1 == worth);
        return true;
    }

    function _sell() private returns (bool) {
        (bool found, Watched storage loan) = _find(_isSellable);
        if (!found) return false;
        _open(address(pool));
        uint256 price = pool.carryingValueOf(loan.id) + (_draw(2) == 0 ? 0 : _draw(1e6));
        VM.prank(supervisor);
        pool.sellNote(loan.id, compliance, price);
        VM.prank(compliance);
        pool.buyNote(loan.id, price, 0);
        moved(compliance, address(pool), price);
        (loan.owner, loan.isSold) = (compliance, true);
        delete _records[loan.id];
        return true;
    }

    /// A person gives her note to somebody else; now and then to the pool, which never asked for it.
    function _giveNote() private returns (bool) {
        Watched storage loan = loanAt(_draw(count()));
        if (loan.owner == address(pool)) return false;
        address[6] memory others = [lender, compliance, depositor, guardian, lender, address(pool)];
        address to = others[_draw(6)];
        VM.prank(loan.owner);
        book.transferFrom(loan.owner, to, uint256(loan.id));
        loan.owner = to;
        return true;
    }

    /* COVER, FEES, TOKENS */

    function _coverIn() private returns (bool) {
        _raiseCover(_amount() / 10 + 1);
        return true;
    }

    function _raiseCover(uint256 amount) private {
        _open(address(pool));
        VM.prank(supervisor);
        pool.depositCover(amount);
        moved(supervisor, address(pool), amount);
    }

    function _coverOut() private returns (bool) {
        PoolBooks memory b = pool.books();
        uint256 floor = ((uint256(b.outstanding) + b.funded) * pool.rules().coverFloorBps + 9_999) / 10_000;
        if (lateAmount() != 0 || b.cover <= floor) return false;
        uint256 amount = 1 + _draw(b.cover - floor);
        _open(address(pool));
        pool.withdrawCover(amount, supervisor);
        if (heldOf[address(pool)] != 0) broughtHome(address(pool));
        moved(address(pool), supervisor, amount);
        return true;
    }

    function _collectFees() private returns (bool) {
        if (pool.collectableFees() == 0) return false;
        _open(address(pool));
        uint256 amount = pool.collectFees(supervisor);
        if (heldOf[address(pool)] != 0) broughtHome(address(pool));
        moved(address(pool), supervisor, amount);
        feesCollected += amount;
        return true;
    }

    function _collectHeld() private returns (bool) {
        if (heldOf[address(pool)] != 0) {
            _open(address(pool));
            _bringPoolsHome();
            return true;
        }
        if (heldOf[lender] == 0) return false;
        _open(lender);
        VM.prank(lender);
        book.collectHeld(address(token), lender);
        broughtHome(lender);
        return true;
    }

    function _bringPoolsHome() private {
        pool.collectHeldCash();
        broughtHome(address(pool));
    }

    function _donate() private returns (bool) {
        address to = _draw(2) == 0 ? address(pool) : address(book);
        uint256 amount = _amount();
        _open(to);
        VM.prank(stranger);
        token.transfer(to, amount);
        moved(stranger, to, amount);
        donatedTo[to] += amount;
        return true;
    }

    function _roll() private returns (bool) {
        pool.roll(_draw(30));
        return true;
    }

    /// The token refuses the pool or a lender from now on, until somebody needs it. Borrowers go on paying.
    function _refuse() private returns (bool) {
        address account = _draw(3) == 0 ? lender : address(pool);
        if (_refusedByToken[account]) return false;
        token.setBlocked(account, true);
        _refusedByToken[account] = true;
        return _repay();
    }

    /* INTRUDING */

    /// Somebody who is nobody calls what is not hers, one after the other.
    function _intrude() private returns (bool) {
        (, Watched storage loan) = _find(_isLate);
        for (uint256 what = 0; what < 12; ++what) {
            (address target, bytes memory data) = _forbidden(loan, what);
            VM.prank(secondApprover);
            (bool success, ) = target.call(data);
            hold(23, !success);
        }
        return true;
    }

    function _forbidden(Watched storage loan, uint256 what) private view returns (address, bytes memory) {
        bytes32 id = loan.id;
        if (what < 6) return (address(book), _forbiddenOfBook(loan, what));
        address here = address(pool);
        if (what == 6) return (here, abi.encodeCall(pool.sellNote, (id, secondApprover, 0)));
        if (what == 7) return (here, abi.encodeCall(pool.withdrawCover, (1, secondApprover)));
        if (what == 8) return (here, abi.encodeCall(pool.collectFees, (secondApprover)));
        if (what == 9) return (here, abi.encodeCall(pool.buyNote, (id, type(uint256).max, 0)));
        if (what == 10) return (here, abi.encodeCall(ILoanOwner.onCancelled, (id, 1, false)));
        return (here, abi.encodeCall(pool.redeem, (1, secondApprover, depositor)));
    }

    function _forbiddenOfBook(Watched storage loan, uint256 what) private view returns (bytes memory) {
        bytes32 id = loan.id;
        if (what == 0) return abi.encodeCall(book.transferFrom, (loan.owner, secondApprover, uint256(id)));
        if (what == 1) return abi.encodeCall(book.writeOff, (id));
        if (what == 2) return abi.encodeCall(book.returnLoan, (id));
        if (what == 3) return abi.encodeCall(book.activate, (id, ""));
        if (what == 4) return abi.encodeCall(book.collectHeld, (address(token), secondApprover));
        return abi.encodeCall(book.repayRow, (borrower, Collection(id, 1)));
    }

    /* CHOICES */

    /// Below `end`, which must not be 0.
    function _draw(uint256 end) private returns (uint256) {
        _random = keccak256(abi.encode(_random));
        return uint256(_random) % end;
    }

    /// All of it as often as any part.
    function _someOf(uint256 all) private returns (uint256) {
        return _draw(2) == 0 ? all : _draw(all + 1);
    }

    /// Dust, or up to a hundred thousand cents.
    function _amount() private returns (uint256) {
        return 1 + (_draw(5) == 0 ? _draw(1_000) : _draw(100_000 * UNIT));
    }

    function _saver() private returns (address) {
        return savers[_draw(3)];
    }

    function _payer(Watched storage loan) private returns (address) {
        address[4] memory payers = [loan.borrower, desk, desk, stranger];
        return payers[_draw(4)];
    }

    /// A loan that is ready for something, if there is any.
    function _find(
        function(Watched storage) internal view returns (bool) isReady
    ) private returns (bool found, Watched storage loan) {
        uint256 first = _draw(count());
        for (uint256 i = 0; i < count(); ++i) {
            loan = loanAt((first + i) % count());
            if (isReady(loan)) return (true, loan);
        }
        loan = loanAt(0);
    }

    /// A part of an instalment, the whole of it, all that is due, or anything.
    function _someRepayment(Watched storage loan) private returns (uint64) {
        uint256 kind = _draw(4);
        uint256 payoff = sum(book.payoff(loan.id, today()));
        if (kind == 0) return uint64(_draw(payoff + 1));
        uint256 due = sum(book.due(loan.id, today()));
        if (kind == 1 && due != 0) return uint64(due);
        (, Components memory unpaid) = book.instalment(loan.id, book.loanOf(loan.id).nextInstalment);
        return uint64(kind == 2 ? _draw(sum(unpaid) + 1) : sum(unpaid));
    }

    /// One to five instalments of anything, at any distance; by any rules.
    function _someAgreement(address from) private returns (Agreement memory a) {
        a = draft(from, 1 + _draw(5));
        if (_draw(2) == 0) (a.borrower, a.payee) = (stranger, stranger);
        a.unit = [uint256(1), UNIT, UNIT, 1e6][_draw(4)];
        a.disburseUntilDay = today() + 15;
        uint32 day = a.disburseUntilDay + 1;
        for (uint256 i = 0; i < a.schedule.length; ++i) {
            a.schedule[i] = Instalment(day, uint64(_draw(20_000)), uint64(_draw(2_000)), uint64(_draw(300)));
            if (_draw(5) == 0) a.schedule[i].interest = 0;
            if (_draw(5) == 0) a.schedule[i].principal = 0;
            a.schedule[i].fee += 1;
            day += uint32(1 + _draw(35));
        }
        a.schedule[0].principal += 100;
        total(a);
        if (_draw(3) == 0) a.upfrontFee = uint64(_draw(a.principal));
        a.penaltyRateBps = uint32(_draw(3) * 50_000);
        a.penaltyCap = uint64(_draw(3) * 2_500);
        a.penaltyGraceDays = uint16(_draw(6));
        a.waterfall = [bytes4(0x00010203), 0x03020100, 0x02000301][_draw(3)];
        a.earlySettlement = uint8(_draw(2));
        a.coolingOffDays = uint16(_draw(2) * 30);
        a.reversalDays = 30;
    }

    /* ON THE WAY */

    function _isFunded(Watched storage loan) private view returns (bool) {
        return loan.state == LoanState.Funded;
    }

    function _isPayable(Watched storage loan) private view returns (bool) {
        return _isFunded(loan) && today() <= book.loanOf(loan.id).disburseUntilDay;
    }

    function _isOwed(Watched storage loan) private view returns (bool) {
        return loan.state == LoanState.Active || loan.state == LoanState.WrittenOff;
    }

    /// Its owner can agree to something: a pool knows nothing of a note that it was given.
    function _isActive(Watched storage loan) private view returns (bool) {
        return loan.state == LoanState.Active && (loan.owner != address(pool) || isPools(loan));
    }

    function _isSellable(Watched storage loan) private view returns (bool) {
        return loan.state == LoanState.Active && isPools(loan);
    }

    function _isLate(Watched storage loan) private view returns (bool) {
        return _isActive(loan) && book.daysPastDue(loan.id) != 0;
    }

    function _isReturnable(Watched storage loan) private view returns (bool) {
        return isReturnable(loan);
    }

    function _isReversible(Watched storage loan) private view returns (bool) {
        if (loan.state != LoanState.Active && loan.state != LoanState.Closed) return false;
        PaymentRecord storage record = _records[loan.id];
        bool isLatest = record.paymentNr != 0 && record.paymentNr == loan.payments;
        if (!isLatest || !isPools(loan)) return false;
        if (today() > record.day + book.loanOf(loan.id).reversalDays) return false;
        // Rounding may make a base unit of difference.
        uint256 share = (record.paid.interest * loan.unit * pool.rules().managementFeeBps) / 10_000 + 1;
        uint256 fees = record.paid.fee * loan.unit + share;
        return sum(record.paid) * loan.unit <= pool.books().cash && fees <= pool.collectableFees();
    }

    function _hashOfStanding(bytes32 id) private view returns (bytes32) {
        LoanView memory v = book.loanOf(id);
        v.payments = 0;
        return keccak256(abi.encode(v));
    }

    function isBlocked(address account) internal view override returns (bool) {
        return _refusedByToken[account];
    }

    /// The token lets `account` through again.
    function _open(address account) private {
        if (!_refusedByToken[account]) return;
        token.setBlocked(account, false);
        _refusedByToken[account] = false;
    }

    /// Fees and cover are booked when they are paid, though their tokens may still wait in LoanBook.
    function _tokensHere(uint256 amount) private {
        _open(address(pool));
        if (token.balanceOf(address(pool)) < amount && heldOf[address(pool)] != 0) _bringPoolsHome();
    }
}
