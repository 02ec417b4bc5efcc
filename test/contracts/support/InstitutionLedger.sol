// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LendingPool} from "../../../contracts/LendingPool.sol";
import {LoanBook} from "../../../contracts/LoanBook.sol";
import {PoolBooks, PoolRules} from "../../../contracts/interfaces/ILendingPool.sol";
import {Components, Instalment, LoanState, LoanView} from "../../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./Institution.sol";
import {OddToken} from "./OddToken.sol";

/// @notice A loan as it must be, by what was done with it.
struct Watched {
    bytes32 id;
    address borrower;
    address funder;
    /// Of the note.
    address owner;
    /// Sold by the pool that funded it.
    bool isSold;
    LoanState state;
    uint32 payments;
    uint256 unit;
    /// Minor units, as originated.
    uint64 principal;
    uint64 upfrontFee;
    uint64 penaltyCap;
    /// What was paid under earlier versions.
    uint256 paidEarlier;
    uint64 penaltyEarlier;
    /// Base units that payers gave for it, without those that were taken back.
    uint256 tokensIn;
    /// Hash of what no party may change.
    bytes32 rulesHash;
    /// Hashes of the tables, oldest first.
    bytes32[] tables;
}

/// @title What an institution's figures must be, added up loan by loan and transfer by transfer
/// @dev `InstitutionHandler` acts and writes down here; `Institution.invariant.t.sol` compares.
abstract contract InstitutionLedger is Institution {
    OddToken internal token;

    Watched[] private _loans;
    /// Whose tokens and shares are followed.
    address[] internal accounts;
    /// Lenders of the pool, who also control redemptions.
    address[3] internal savers;

    mapping(address account => uint256) public tokensOf;
    /// What LoanBook keeps for somebody whom the token refused.
    mapping(address account => uint256) public heldOf;
    /// Sent by somebody who owed nothing.
    mapping(address account => uint256) public donatedTo;
    /// Of `heldOf` the pool, what a note brought that counts nothing.
    uint256 public heldDonations;
    /// By the number of an invariant that speaks of one step: whether a step broke it.
    mapping(uint256 number => bool) public isBroken;

    /* READING */

    function parts() external view returns (LoanBook, LendingPool, OddToken) {
        return (book, pool, token);
    }

    function loans() public view returns (Watched[] memory) {
        return _loans;
    }

    function everybody() external view returns (address[] memory) {
        return accounts;
    }

    function lenders() external view returns (address[3] memory) {
        return savers;
    }

    /// Books that the pool keeps on the loan.
    function isPools(Watched memory loan) public view returns (bool) {
        return loan.funder == address(pool) && !loan.isSold;
    }

    /// Outstanding principal, base units.
    function owed(Watched memory loan) public view returns (uint256) {
        LoanView memory v = book.loanOf(loan.id);
        return v.state == LoanState.Active ? (v.principal - v.paid.principal) * v.unit : 0;
    }

    /// Whether its borrower may still give it back.
    function isReturnable(Watched memory loan) public view returns (bool) {
        LoanView memory v = book.loanOf(loan.id);
        if (v.state != LoanState.Active) return false;
        bool isFresh = v.version == 1 && v.coolingOffDays != 0;
        return isFresh && today() <= v.startDay + v.coolingOffDays;
    }

    /// Base units that a *Funded* loan will pay out.
    function payout(Watched memory loan) public pure returns (uint256) {
        return (loan.principal - loan.upfrontFee) * loan.unit;
    }

    /// Interest of a late loan that its line counts at most while nobody pays, base units: the oldest unpaid instalment
    /// without what was paid of it, and the next one up to the pool's non-accrual days, rounded up. Nothing until it is cured.
    function accruing(Watched memory loan) public view returns (uint256 interest) {
        LoanView memory v = book.loanOf(loan.id);
        if (v.state != LoanState.Active || v.arrearsDay != 0) return 0;
        Instalment[] memory rows = book.scheduleOf(loan.id);
        Instalment memory row = rows[v.nextInstalment];
        interest = _net(row.interest * v.unit) - _net(v.partPaid.interest * v.unit);
        if (v.nextInstalment + 1 == v.count) return interest;
        Instalment memory next = rows[v.nextInstalment + 1];
        uint256 length = next.day - row.day;
        uint256 counted = pool.rules().nonAccrualDays;
        if (counted > length) counted = length;
        interest += (_net(next.interest * v.unit) * counted + length - 1) / length;
    }

    /// Principal of the pool's loans that are more than `moreThanDays` days late; of all with -1.
    function atRisk(int256 moreThanDays) public view returns (uint256 principal) {
        for (uint256 i = 0; i < _loans.length; ++i) {
            Watched memory loan = _loans[i];
            if (!isPools(loan) || int256(uint256(book.daysPastDue(loan.id))) <= moreThanDays) continue;
            principal += owed(loan);
        }
    }

    /// All that the pool's late loans owe of principal, and may come to owe of interest while nobody pays.
    function lateAmount() public view returns (uint256 amount) {
        for (uint256 i = 0; i < _loans.length; ++i) {
            Watched memory loan = _loans[i];
            if (isPools(loan) && book.daysPastDue(loan.id) != 0) amount += owed(loan) + accruing(loan);
        }
    }

    /// Provisions, loan by loan: by the bracket in which each is, or `ahead` of it by one.
    function provisionsOf(bool ahead) public view returns (uint256) {
        uint256 weighted;
        PoolRules memory r = pool.rules();
        for (uint256 i = 0; i < _loans.length; ++i) {
            Watched memory loan = _loans[i];
            if (!isPools(loan)) continue;
            uint256 bracket;
            uint256 daysLate = book.daysPastDue(loan.id);
            while (bracket < r.ageing.length && daysLate > r.ageing[bracket].moreThanDays) ++bracket;
            if (ahead && bracket < r.ageing.length) ++bracket;
            if (bracket == 0) continue;
            uint256 amount = owed(loan) + (daysLate != 0 ? accruing(loan) : 0);
            weighted += amount * r.ageing[bracket - 1].provisionBps;
        }
        return (weighted + 9_999) / 10_000;
    }

    /// What the pool's books say of loans of which leaving must bring nothing: late ones that one bracket further are provided
    /// for in full.
    function lostAhead() public view returns (uint256 carried) {
        PoolRules memory r = pool.rules();
        for (uint256 i = 0; i < _loans.length; ++i) {
            Watched memory loan = _loans[i];
            if (!isPools(loan)) continue;
            uint256 daysLate = book.daysPastDue(loan.id);
            uint256 bracket;
            while (bracket < r.ageing.length && daysLate > r.ageing[bracket].moreThanDays) ++bracket;
            uint256 ahead = bracket < r.ageing.length ? bracket : r.ageing.length - 1;
            if (bracket != 0 && r.ageing[ahead].provisionBps == 10_000) carried += pool.carryingValueOf(loan.id);
        }
    }

    /// What the lenders own; negative when a loss met income that was paid out before it was earned.
    function ownedByLenders() public view returns (int256) {
        PoolBooks memory b = pool.books();
        uint256 owned = uint256(b.cash) + b.held + b.funded + b.outstanding + pool.recognised();
        return int256(owned) - int256(uint256(b.interestReceived));
    }

    /* WRITING */

    function loanAt(uint256 index) internal view returns (Watched storage) {
        return _loans[index];
    }

    function count() internal view returns (uint256) {
        return _loans.length;
    }

    /// Follows a loan that was made just now.
    function follow(bytes32 id, address funder) internal {
        LoanView memory v = book.loanOf(id);
        Watched storage loan = _loans.push();
        (loan.id, loan.borrower, loan.funder, loan.owner) = (id, v.borrower, funder, funder);
        (loan.state, loan.unit, loan.principal) = (v.state, v.unit, v.principal);
        (loan.upfrontFee, loan.penaltyCap, loan.rulesHash) = (v.upfrontFee, v.penaltyCap, hashOfRules(v));
        loan.tables.push(hashOfTable(id));
    }

    function followAccount(address account) internal {
        accounts.push(account);
        tokensOf[account] = token.balanceOf(account);
    }

    function moved(address from, address to, uint256 amount) internal {
        tokensOf[from] -= amount;
        tokensOf[to] += amount;
    }

    /// To who owns the note, or to LoanBook for her. What the pool gets for a loan that it does not count is a donation.
    function delivered(Watched storage loan, address from, uint256 amount, bool counts) internal {
        address to = loan.owner;
        bool isDonation = to == address(pool) && !counts;
        if (!isBlocked(to)) {
            moved(from, to, amount);
            if (isDonation) donatedTo[to] += amount;
            return;
        }
        moved(from, address(book), amount);
        heldOf[to] += amount;
        if (isDonation) heldDonations += amount;
    }

    /// What LoanBook kept for `account` has gone to it.
    function broughtHome(address account) internal {
        moved(address(book), account, heldOf[account]);
        heldOf[account] = 0;
        if (account != address(pool)) return;
        donatedTo[account] += heldDonations;
        heldDonations = 0;
    }

    /// An invariant that speaks of one step: `number` is broken for good if it did not hold.
    function hold(uint256 number, bool holds) internal {
        if (!holds) isBroken[number] = true;
    }

    function isBlocked(address account) internal view virtual returns (bool);

    /* FIGURES */

    function hashOfTable(bytes32 id) internal view returns (bytes32) {
        return keccak256(abi.encode(book.scheduleOf(id)));
    }

    /// All that neither a payment nor a new table changes.
    function hashOfRules(LoanView memory v) public pure returns (bytes32) {
        bytes memory parties = abi.encode(v.borrower, v.lender, v.currency, v.unit, v.payee, v.upfrontFee);
        bytes memory penalty = abi.encode(v.penaltyRateBps, v.penaltyGraceDays, v.waterfall, v.earlySettlement);
        bytes memory days_ = abi.encode(v.disburseUntilDay, v.reversalDays, v.coolingOffDays, v.utcOffset);
        return keccak256(bytes.concat(parties, penalty, days_));
    }

    /// Without the management fee, which is rounded down.
    function _net(uint256 interest) private view returns (uint256) {
        return interest - (interest * pool.rules().managementFeeBps) / 10_000;
    }

    function sum(Components memory c) public pure returns (uint256) {
        return uint256(c.penalty) + c.fee + c.interest + c.principal;
    }
}
