// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgeBrackets, Aged, AgeRule} from "../contracts/libraries/AgeBrackets.sol";

/// @notice What stands under two due days, and what of all the rest is past a threshold: principal, or interest.
struct Book {
    uint256 dueFrom;
    uint256 dueTo;
    uint256 restAtRisk;
    uint32 fromDay;
    uint32 toDay;
    uint32 today;
    uint16 moreThanDays;
}

/// @title Age brackets, one threshold and one provision at a time
/// @dev A model: `AgeBrackets` works on storage and in loops over rules and days. What holds for any two neighbouring rules
/// holds for the list, and what holds for two due days beside any rest holds for all of them.
contract BracketsProof {
    function everyAgeIsInOneBracket(AgeRule memory rule, AgeRule memory next, uint32 late) external pure {
        require(AgeBrackets._isAfter(next, rule));
        bool below = !_isPast(late, rule);
        bool inside = _isPast(late, rule) && !_isPast(late, next);
        bool beyond = _isPast(late, next);
        // It is before this bracket, in it, or in a later one.
        assert(below || inside || beyond);
        // And never at two places.
        assert(!(below && inside) && !(inside && beyond) && !(below && beyond));
    }

    function provisionNeverFallsWithAge(
        AgeRule memory rule,
        AgeRule memory next,
        uint128 amount,
        uint256 rest
    ) external pure {
        require(AgeBrackets._isAfter(next, rule) && next.provisionBps <= 10_000 && rest < 2 ** 160);
        // As the sums are cumulative, a loan counts with what each threshold that it crossed adds to the rate.
        uint256 inRule = uint256(amount) * rule.provisionBps;
        uint256 inNext = inRule + uint256(amount) * (next.provisionBps - rule.provisionBps);
        // A loan that gets older needs no less provision, whatever else is in the book.
        assert(AgeBrackets._fromBasisPoints(rest + inRule) <= AgeBrackets._fromBasisPoints(rest + inNext));
        // Nor more than the loan itself.
        assert(AgeBrackets._fromBasisPoints(inNext) <= amount);
    }

    function provisionIsRoundedUp(uint192 weighted) external pure {
        uint256 provision = AgeBrackets._fromBasisPoints(weighted);
        // Never less than the exact provision.
        assert(provision * 10_000 >= weighted);
        // And less than one base unit more.
        assert(provision == 0 || (provision - 1) * 10_000 < weighted);
    }

    function moveLosesNothing(Book memory book, uint256 before, uint256 rest) external pure {
        _requireValid(book);
        require(before <= book.dueFrom && rest < 2 ** 128);
        uint256 from = book.dueFrom - before;
        uint256 to = book.dueTo + rest;
        // All together changes by what the loan owes less, or more: the next period's interest may be the greater one.
        assert(from + to + before == book.dueFrom + book.dueTo + rest);
        uint256 atRisk = _atRisk(book, book.dueFrom, book.dueTo);
        atRisk = atRisk - (_isLate(book, book.fromDay) ? before : 0) + (_isLate(book, book.toDay) ? rest : 0);
        // What was taken from the sum and added to it leaves the sum of what is late.
        assert(atRisk == _atRisk(book, from, to));
    }

    function oneAdditionAddsBoth(uint128 principal, uint128 interest, Aged amount) external pure {
        Aged first = Aged.wrap((uint256(interest) << 128) | principal);
        uint256 principals = AgeBrackets.principalOf(first) + AgeBrackets.principalOf(amount);
        uint256 interests = AgeBrackets.interestOf(first) + AgeBrackets.interestOf(amount);
        require(principals < 2 ** 128 && interests < 2 ** 128);
        Aged sum = AgeBrackets._plus(first, amount);
        // Nothing runs over from one half into the other.
        assert(AgeBrackets.principalOf(sum) == principals && AgeBrackets.interestOf(sum) == interests);
        Aged rest = AgeBrackets._minus(sum, amount);
        // What was added can be taken away again.
        assert(AgeBrackets.principalOf(rest) == principal && AgeBrackets.interestOf(rest) == interest);
    }

    function dayThatBeginsTakesOneDueDayAcross(Book memory book) external pure {
        _requireValid(book);
        // `AgeBrackets._crossing` adds the due day that lies the threshold's days before the one that was.
        require(uint256(book.fromDay) + book.moreThanDays == book.today && book.toDay > book.fromDay);
        bool crosses = !_isLateOn(book, book.today, book.fromDay) && _isLateOn(book, book.today + 1, book.fromDay);
        // It crosses when the day begins.
        assert(crosses);
        // A later one does not.
        assert(!_isLateOn(book, book.today + 1, book.toDay));
    }

    function _atRisk(Book memory book, uint256 from, uint256 to) private pure returns (uint256) {
        return book.restAtRisk + (_isLate(book, book.fromDay) ? from : 0) + (_isLate(book, book.toDay) ? to : 0);
    }

    function _isLate(Book memory book, uint32 dueDay) private pure returns (bool) {
        return _isLateOn(book, book.today, dueDay);
    }

    function _isLateOn(Book memory book, uint256 day, uint32 dueDay) private pure returns (bool) {
        return dueDay < day && day - dueDay > book.moreThanDays;
    }

    function _isPast(uint32 late, AgeRule memory rule) private pure returns (bool) {
        return late > rule.moreThanDays;
    }

    function _requireValid(Book memory book) private pure {
        require(book.dueFrom < 2 ** 128 && book.dueTo < 2 ** 128 && book.restAtRisk < 2 ** 128);
        require(book.fromDay != book.toDay);
    }
}
