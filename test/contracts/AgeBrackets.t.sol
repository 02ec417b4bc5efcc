// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Aged, Ageing, AgeBrackets, AgeRule} from "../../contracts/libraries/AgeBrackets.sol";
import {VM} from "./support/Vm.sol";

/// What the book must say, added up loan by loan.
struct Sums {
    uint256[8] principal;
    uint256[8] interest;
    uint256 outstanding;
    uint256 weighted;
    uint256 ahead;
}

contract AgeBracketsTest {
    using AgeBrackets for Aged;
    using AgeBrackets for Ageing;

    uint32 private constant START_DAY = 20_600;

    Ageing private _book;
    uint32[] private _dueDays;
    Aged[] private _amounts;

    /// Loans that come, pay, default and leave on random days, with rolls in between.
    function testFuzz_sumsAreThoseOverTheLoans(uint256 seed) external {
        AgeRule[] memory rules = _rules(seed);
        uint32 today = START_DAY;
        _book.begin(rules, today);
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            today += uint32(seed >> 16) % 12;
            _act(seed, today);
        }
        Sums memory sums;
        for (uint256 i = 0; i < _dueDays.length; ++i) _sumUp(sums, rules, i, today);
        Aged[8] memory atRisk = _book.atRiskOn(today);
        for (uint256 i = 0; i < 8; ++i) {
            assert(atRisk[i].principalOf() == sums.principal[i] && atRisk[i].interestOf() == sums.interest[i]);
        }
        assert(_book.provision(today) == (sums.weighted + 9_999) / 10_000);
        assert(_book.provisionAhead(sums.outstanding, today) == (sums.ahead + 9_999) / 10_000);
        assert(_book.provisionAhead(sums.outstanding, today) >= _book.provision(today));
    }

    function _sumUp(Sums memory sums, AgeRule[] memory rules, uint256 i, uint32 today) private view {
        (uint256 principal, uint256 interest) = (_amounts[i].principalOf(), _amounts[i].interestOf());
        uint256 late = today > _dueDays[i] ? today - _dueDays[i] : 0;
        uint256 bracket;
        while (bracket < rules.length && late > rules[bracket].moreThanDays) {
            sums.principal[bracket] += principal;
            sums.interest[bracket] += interest;
            ++bracket;
        }
        sums.outstanding += principal;
        // Of what is not late, interest counts nowhere.
        uint256 owed = principal + (bracket == 0 ? 0 : interest);
        if (bracket != 0) sums.weighted += owed * rules[bracket - 1].provisionBps;
        sums.ahead += owed * rules[bracket < rules.length ? bracket : rules.length - 1].provisionBps;
    }

    function test_noMoreLeavesADayThanStandsUnderIt() external {
        _book.begin(_rules(0), START_DAY);
        _book.add(START_DAY, AgeBrackets.aged(10, 3));
        _refuse(11, 0);
        _refuse(1, 4);
        this.remove(START_DAY, 10, 3);
        assert(Aged.unwrap(_book.outstanding[START_DAY]) == 0);
    }

    function _refuse(uint256 principal, uint256 interest) private {
        bytes4 selector = AgeBrackets.AgeBracketsAmountMissing.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, START_DAY, principal, interest));
        this.remove(START_DAY, principal, interest);
    }

    function remove(uint32 dueDay, uint256 principal, uint256 interest) external {
        _book.remove(dueDay, AgeBrackets.aged(principal, interest));
    }

    /// However much interest a table promises, no day stops beginning.
    function test_noInterestIsTooMuchForASum() external {
        AgeRule[] memory rules = new AgeRule[](1);
        rules[0] = AgeRule(0, 10_000);
        _book.begin(rules, START_DAY);
        Aged most = AgeBrackets.aged(1, type(uint256).max);
        assert(most.interestOf() == type(uint112).max && most.principalOf() == 1);
        for (uint32 day = START_DAY; day < START_DAY + 30; ++day) {
            for (uint256 i = 0; i < 10; ++i) _book.add(day, most);
        }
        assert(_book.roll(START_DAY + 40, 40));
        assert(_book.provision(START_DAY + 40) == 300 * (1 + uint256(type(uint112).max)));
        for (uint32 day = START_DAY; day < START_DAY + 30; ++day) {
            for (uint256 i = 0; i < 10; ++i) _book.remove(day, most);
        }
        assert(_book.provision(START_DAY + 40) == 0);
    }

    function test_principalBeyondItsBitsIsRefused() external {
        uint256 tooMuch = uint256(type(uint128).max) + 1;
        VM.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, tooMuch));
        this.agedOf(tooMuch);
        assert(this.agedOf(type(uint128).max).principalOf() == type(uint128).max);
    }

    function agedOf(uint256 principal) external pure returns (Aged) {
        return AgeBrackets.aged(principal, 0);
    }

    /// Late by any number of days and then paid: nothing is left of it, in whatever pieces the days were rolled.
    function testFuzz_cureLeavesNoTrace(
        uint256 seed,
        uint128 principal,
        uint112 interest,
        uint32 late,
        uint256 rolled
    ) external {
        _book.begin(_rules(seed), START_DAY);
        late %= 400;
        uint32 today = START_DAY + late;
        Aged amount = AgeBrackets.aged(principal, interest);
        _book.add(START_DAY, amount);
        _book.roll(today, rolled % 500);
        _book.move(START_DAY, amount, today + 30, amount);
        Aged[8] memory sums = _book.atRiskOn(today + 30);
        for (uint256 i = 0; i < 8; ++i) assert(Aged.unwrap(sums[i]) == 0);
        assert(_book.provision(today + 30) == 0);
        assert(Aged.unwrap(_book.outstanding[START_DAY]) == 0);
        assert(Aged.unwrap(_book.outstanding[today + 30]) == Aged.unwrap(amount));
    }

    function testFuzz_rollingChangesNothing(uint256 seed, uint120 principal, uint32 late, uint256 rolled) external {
        _book.begin(_rules(seed), START_DAY);
        late %= 200;
        _book.add(START_DAY + 3, AgeBrackets.aged(principal, seed >> 150));
        _book.add(START_DAY - 50, AgeBrackets.aged(principal, seed >> 160));
        uint32 today = START_DAY + late;
        bytes32 before = keccak256(abi.encode(_book.atRiskOn(today), _book.atRiskOn(today + 100)));
        bool upToDate = _book.roll(today, rolled % 300);
        assert(upToDate == (late <= rolled % 300));
        assert(_book.day == START_DAY + (upToDate ? late : uint32(rolled % 300)));
        assert(keccak256(abi.encode(_book.atRiskOn(today), _book.atRiskOn(today + 100))) == before);
    }

    /// Interest is no part of it.
    function testFuzz_portfolioAtRiskForAnyNumberOfDays(uint256 seed, uint32 moreThanDays, uint32 late) external {
        _book.begin(_rules(seed), START_DAY);
        late %= 300;
        moreThanDays %= 300;
        _book.add(START_DAY - late, AgeBrackets.aged(1_000, seed));
        assert(_book.portfolioAtRisk(moreThanDays, START_DAY) == (late > moreThanDays ? 1_000 : 0));
    }

    function _act(uint256 seed, uint32 today) private {
        uint256 kind = (seed >> 8) % 6;
        if (kind == 0) _book.roll(today, (seed >> 32) % 30);
        uint256 count = _dueDays.length;
        if (kind < 3 || count == 0) {
            _dueDays.push(today + (uint32(seed >> 64) % 15));
            _amounts.push(AgeBrackets.aged(uint128(seed >> (136 + (seed % 60))), uint64(seed >> (seed % 60))));
            _book.add(_dueDays[count], _amounts[count]);
            return;
        }
        uint256 i = (seed >> 96) % count;
        uint32 dueDay = _dueDays[i] + (kind == 3 ? 0 : uint32(seed >> 64) % 30);
        // Of interest there may be more after a payment: that of the next period.
        Aged rest = AgeBrackets.aged(
            _amounts[i].principalOf() / 3,
            (_amounts[i].interestOf() * ((seed >> 40) % 4)) / 2
        );
        if (kind == 5) rest = Aged.wrap(0);
        _book.move(_dueDays[i], _amounts[i], dueDay, rest);
        _dueDays[i] = dueDay;
        _amounts[i] = rest;
    }

    /// One to eight rules that rise, the first one for all that is late.
    function _rules(uint256 seed) private pure returns (AgeRule[] memory rules) {
        rules = new AgeRule[](1 + (seed % 8));
        uint16 moreThanDays;
        uint16 provisionBps = uint16((seed >> 16) % 500);
        for (uint256 i = 0; i < rules.length; ++i) {
            rules[i] = AgeRule(moreThanDays, provisionBps);
            seed = uint256(keccak256(abi.encode(seed)));
            moreThanDays += 1 + uint16((seed >> 8) % 40);
            provisionBps += uint16((seed >> 16) % 1_300);
        }
    }
}
