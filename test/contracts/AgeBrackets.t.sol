// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ageing, AgeBrackets, AgeRule} from "../../contracts/libraries/AgeBrackets.sol";
import {VM} from "./support/Vm.sol";

contract AgeBracketsTest {
    using AgeBrackets for Ageing;

    uint32 private constant START_DAY = 20_600;

    Ageing private _book;
    uint32[] private _dueDays;
    uint128[] private _principals;

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
        uint256[8] memory sums = _book.atRiskOn(today);
        uint256 weighted;
        uint256 ahead;
        uint256 outstanding;
        for (uint256 i = 0; i < _dueDays.length; ++i) {
            uint256 late = today > _dueDays[i] ? today - _dueDays[i] : 0;
            uint256 bracket;
            while (bracket < rules.length && late > rules[bracket].moreThanDays) {
                sums[bracket] -= _principals[i];
                ++bracket;
            }
            outstanding += _principals[i];
            if (bracket != 0) weighted += uint256(_principals[i]) * rules[bracket - 1].provisionBps;
            uint256 next = bracket < rules.length ? bracket : rules.length - 1;
            ahead += uint256(_principals[i]) * rules[next].provisionBps;
        }
        for (uint256 i = 0; i < 8; ++i) assert(sums[i] == 0);
        assert(_book.provision(today) == (weighted + 9_999) / 10_000);
        assert(_book.provisionAhead(outstanding, today) == (ahead + 9_999) / 10_000);
        assert(_book.provisionAhead(outstanding, today) >= _book.provision(today));
    }

    function test_noMoreLeavesADayThanStandsUnderIt() external {
        _book.begin(_rules(0), START_DAY);
        _book.add(START_DAY, 10);
        VM.expectRevert(abi.encodeWithSelector(AgeBrackets.AgeBracketsAmountMissing.selector, START_DAY, 11, 10));
        this.remove(START_DAY, 11);
        this.remove(START_DAY, 10);
        assert(_book.outstanding[START_DAY] == 0);
    }

    function remove(uint32 dueDay, uint256 amount) external {
        _book.remove(dueDay, amount);
    }

    /// Late by any number of days and then paid: nothing is left of it, in whatever pieces the days were rolled.
    function testFuzz_cureLeavesNoTrace(uint256 seed, uint128 principal, uint32 late, uint256 rolled) external {
        _book.begin(_rules(seed), START_DAY);
        late %= 400;
        uint32 today = START_DAY + late;
        _book.add(START_DAY, principal);
        _book.roll(today, rolled % 500);
        _book.move(START_DAY, principal, today + 30, principal);
        uint256[8] memory sums = _book.atRiskOn(today + 30);
        for (uint256 i = 0; i < 8; ++i) assert(sums[i] == 0);
        assert(_book.provision(today + 30) == 0);
        assert(_book.outstanding[START_DAY] == 0);
        assert(_book.outstanding[today + 30] == principal);
    }

    function testFuzz_rollingChangesNothing(uint256 seed, uint120 principal, uint32 late, uint256 rolled) external {
        _book.begin(_rules(seed), START_DAY);
        late %= 200;
        _book.add(START_DAY + 3, principal);
        _book.add(START_DAY - 50, principal);
        uint32 today = START_DAY + late;
        bytes32 before = keccak256(abi.encode(_book.atRiskOn(today), _book.atRiskOn(today + 100)));
        bool upToDate = _book.roll(today, rolled % 300);
        assert(upToDate == (late <= rolled % 300));
        assert(_book.day == START_DAY + (upToDate ? late : uint32(rolled % 300)));
        assert(keccak256(abi.encode(_book.atRiskOn(today), _book.atRiskOn(today + 100))) == before);
    }

    function testFuzz_portfolioAtRiskForAnyNumberOfDays(uint256 seed, uint32 moreThanDays, uint32 late) external {
        _book.begin(_rules(seed), START_DAY);
        late %= 300;
        moreThanDays %= 300;
        _book.add(START_DAY - late, 1_000);
        assert(_book.portfolioAtRisk(moreThanDays, START_DAY) == (late > moreThanDays ? 1_000 : 0));
    }

    function _act(uint256 seed, uint32 today) private {
        uint256 kind = (seed >> 8) % 6;
        if (kind == 0) _book.roll(today, (seed >> 32) % 30);
        uint256 count = _dueDays.length;
        if (kind < 3 || count == 0) {
            _dueDays.push(today + (uint32(seed >> 64) % 15));
            _principals.push(uint128(seed >> (136 + (seed % 60))));
            _book.add(_dueDays[count], _principals[count]);
            return;
        }
        uint256 i = (seed >> 96) % count;
        uint32 dueDay = _dueDays[i] + (kind == 3 ? 0 : uint32(seed >> 64) % 30);
        uint128 rest = kind == 5 ? 0 : _principals[i] / 3;
        _book.move(_dueDays[i], _principals[i], dueDay, rest);
        _dueDays[i] = dueDay;
        _principals[i] = rest;
    }

    /// One to eight rules that rise.
    function _rules(uint256 seed) private pure returns (AgeRule[] memory rules) {
        rules = new AgeRule[](1 + (seed % 8));
        uint16 moreThanDays = uint16((seed >> 8) % 10);
        uint16 provisionBps = uint16((seed >> 16) % 500);
        for (uint256 i = 0; i < rules.length; ++i) {
            rules[i] = AgeRule(moreThanDays, provisionBps);
            seed = uint256(keccak256(abi.encode(seed)));
            moreThanDays += 1 + uint16((seed >> 8) % 40);
            provisionBps += uint16((seed >> 16) % 1_300);
        }
    }
}
