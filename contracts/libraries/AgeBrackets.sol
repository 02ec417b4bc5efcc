// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice What ages, base units: on the right principal, on the left the interest that ages with it, 128 bits each. One
/// slot holds both, and one addition adds both.
type Aged is uint256;

/// @notice From when on a loan counts as late in a bracket, and the share of it that is then provided for.
struct AgeRule {
    /// A loan is in this bracket, or in a later one, when its oldest unpaid amount is more than so many days late.
    uint16 moreThanDays;
    uint16 provisionBps;
}

/// @notice What all loans owe by the due day of each one's oldest unpaid instalment, and sums of what is late.
/// @dev Warning: `atRisk` stands as of `day`. `AgeBrackets.atRiskOn` adds what crossed a threshold since.
struct Ageing {
    uint32 day;
    uint8 count;
    /// Sixteen bits a rule, the first one rightmost.
    uint128 moreThanDays;
    uint128 provisionBps;
    mapping(uint256 dueDay => Aged) outstanding;
    /// By rule: what is more than `moreThanDays` days late, that of the later brackets included.
    Aged[8] atRisk;
}

/// @title How late all loans are, kept by day and not by loan
/// @dev A loan stands under one due day, that of its oldest unpaid instalment, with its whole outstanding principal and with
/// the interest that its owner may count while nobody pays. A payment moves one pair from one due day to another. When a
/// day begins, what stands under one due day crosses each threshold:
///
///     due days   ...|61 ago|60 ago|......|31 ago|30 ago|......|1 ago|today|...
///                      <-+                  <-+                  <-+
///     rules            > 60 days            > 30 days            > 0 days
///
/// So portfolio at risk and provisions are sums of what crossed, right in views on any day, and a loan that cures leaves
/// every sum as if it had never been late. The sums are cumulative: an amount that crosses changes one of them.
///
/// Portfolio at risk is a figure about principal. Provisions are of both: who counts interest as income and provides for
/// the principal alone would lose the interest when the loan is given up.
///
/// Principal was lent out, so a currency's supply bounds its sum far below 128 bits. Of a loan's interest nobody counts
/// more than `MAX_INTEREST`, so that no table, whatever stands in it, stops the days by an overflow.
library AgeBrackets {
    error AgeBracketsRuleCount(uint256 count);
    error AgeBracketsFirstRuleLate(uint16 moreThanDays);
    error AgeBracketsRulesNotRising(uint256 index);
    error AgeBracketsProvisionTooHigh(uint256 index, uint16 provisionBps);
    error AgeBracketsDaysOutOfBounds(uint256 moreThanDays);
    error AgeBracketsDayRanBack(uint32 today, uint32 day);
    error AgeBracketsAmountMissing(uint32 dueDay, uint256 principal, uint256 interest);

    uint256 internal constant MAX_RULES = 8;

    /// Ten years: no sum reaches back before 1970.
    uint256 internal constant MAX_DAYS = 3_660;

    /// What a loan's interest counts with at most: more base units than a pool ever has, and room for 2^16 such loans.
    uint256 internal constant MAX_INTEREST = type(uint112).max;

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant HALF = 128;

    /* SETTING UP */

    /// @param rules One to eight; days rise, provisions do not fall. The first one is for all that is late, whatever its
    /// provision: what is late under no rule would be provided for ahead without its interest.
    function begin(Ageing storage book, AgeRule[] memory rules, uint32 today) internal {
        uint256 count = rules.length;
        if (count == 0 || count > MAX_RULES) revert AgeBracketsRuleCount(count);
        uint256 moreThanDays;
        uint256 provisionBps;
        for (uint256 i = 0; i < count; ++i) {
            AgeRule memory rule = rules[i];
            if (rule.moreThanDays > MAX_DAYS) revert AgeBracketsDaysOutOfBounds(rule.moreThanDays);
            if (rule.provisionBps > BASIS_POINTS) revert AgeBracketsProvisionTooHigh(i, rule.provisionBps);
            if (i == 0 && rule.moreThanDays != 0) revert AgeBracketsFirstRuleLate(rule.moreThanDays);
            if (i != 0 && !_isAfter(rule, rules[i - 1])) revert AgeBracketsRulesNotRising(i);
            moreThanDays |= uint256(rule.moreThanDays) << (16 * i);
            provisionBps |= uint256(rule.provisionBps) << (16 * i);
        }
        book.day = today;
        // Eight times sixteen bits at most: no cast cuts anything off.
        book.count = uint8(count);
        book.moreThanDays = uint128(moreThanDays);
        book.provisionBps = uint128(provisionBps);
    }

    /// @notice The rules as they were given.
    function rulesOf(Ageing storage book) internal view returns (AgeRule[] memory rules) {
        rules = new AgeRule[](book.count);
        for (uint256 i = 0; i < rules.length; ++i) {
            rules[i] = AgeRule(uint16(_field(book.moreThanDays, i)), uint16(_field(book.provisionBps, i)));
        }
    }

    /* WHAT AGES */

    function aged(uint256 principal, uint256 interest) internal pure returns (Aged) {
        if (interest > MAX_INTEREST) interest = MAX_INTEREST;
        return Aged.wrap((interest << HALF) | SafeCast.toUint128(principal));
    }

    function principalOf(Aged amount) internal pure returns (uint256) {
        return uint128(Aged.unwrap(amount));
    }

    function interestOf(Aged amount) internal pure returns (uint256) {
        return Aged.unwrap(amount) >> HALF;
    }

    /* MOVING */

    /// @notice Counts `amount` under `dueDay`.
    function add(Ageing storage book, uint32 dueDay, Aged amount) internal {
        if (Aged.unwrap(amount) == 0) return;
        book.outstanding[dueDay] = _plus(book.outstanding[dueDay], amount);
        uint256 crossed = _crossed(book, dueDay);
        for (uint256 i = 0; i < crossed; ++i) book.atRisk[i] = _plus(book.atRisk[i], amount);
    }

    /// @notice Takes `amount` away from `dueDay`: paid, written off or sold.
    function remove(Ageing storage book, uint32 dueDay, Aged amount) internal {
        if (Aged.unwrap(amount) == 0) return;
        Aged there = book.outstanding[dueDay];
        if (!_isWithin(amount, there)) {
            revert AgeBracketsAmountMissing(dueDay, principalOf(amount), interestOf(amount));
        }
        book.outstanding[dueDay] = _minus(there, amount);
        uint256 crossed = _crossed(book, dueDay);
        for (uint256 i = 0; i < crossed; ++i) book.atRisk[i] = _minus(book.atRisk[i], amount);
    }

    /// @notice Books a payment: what the loan owes changes from `before` to `rest`, the due day of its oldest unpaid
    /// instalment moves from `fromDay` to `toDay` (or stays, after a part payment).
    function move(Ageing storage book, uint32 fromDay, Aged before, uint32 toDay, Aged rest) internal {
        if (fromDay == toDay && _isWithin(rest, before)) {
            remove(book, fromDay, _minus(before, rest));
        } else {
            remove(book, fromDay, before);
            add(book, toDay, rest);
        }
    }

    /* ROLLING */

    /// @notice Brings the sums forward to `today`, at most `maxDays` days. Changes no figure, only what later calls cost.
    /// @return upToDate False when days are left.
    function roll(Ageing storage book, uint32 today, uint256 maxDays) internal returns (bool upToDate) {
        uint32 day = book.day;
        if (day >= today) return true;
        upToDate = today - day <= maxDays;
        // `maxDays` is below `today - day` where it is used: the cast keeps it.
        uint32 last = upToDate ? today : day + uint32(maxDays);
        uint256 count = book.count;
        Aged[MAX_RULES] memory crossing = _crossing(book, last);
        book.day = last;
        for (uint256 i = 0; i < count; ++i) {
            if (Aged.unwrap(crossing[i]) != 0) book.atRisk[i] = _plus(book.atRisk[i], crossing[i]);
        }
    }

    /* READING */

    /// @notice What is under each rule on `today`, later brackets included. Walks the days since the last roll.
    function atRiskOn(Ageing storage book, uint32 today) internal view returns (Aged[MAX_RULES] memory sums) {
        _checkDay(book, today);
        sums = _crossing(book, today);
        uint256 count = book.count;
        for (uint256 i = 0; i < count; ++i) sums[i] = _plus(sums[i], book.atRisk[i]);
    }

    /// @notice Outstanding principal of loans with any amount more than `moreThanDays` days late (PAR-X). Any number of
    /// days will do; one that no rule names costs a read for each day between it and the nearest rule.
    function portfolioAtRisk(Ageing storage book, uint32 moreThanDays, uint32 today) internal view returns (uint256) {
        if (moreThanDays > MAX_DAYS) revert AgeBracketsDaysOutOfBounds(moreThanDays);
        Aged[MAX_RULES] memory sums = atRiskOn(book, today);
        uint128 thresholds = book.moreThanDays;
        uint256 i = book.count - 1;
        while (i != 0 && _field(thresholds, i) > moreThanDays) --i;
        return principalOf(sums[i]) - _dueBetween(book, today, _field(thresholds, i), moreThanDays);
    }

    /// @notice All that is late on `today`, principal and interest.
    function late(Ageing storage book, uint32 today) internal view returns (uint256) {
        return _wholeOf(atRiskOn(book, today)[0]);
    }

    /// @notice The provision by rule on `today`, of principal and interest, rounded up.
    function provision(Ageing storage book, uint32 today) internal view returns (uint256) {
        Aged[MAX_RULES] memory sums = atRiskOn(book, today);
        uint128 rates = book.provisionBps;
        uint256 weighted;
        uint256 below;
        uint256 count = book.count;
        for (uint256 i = 0; i < count; ++i) {
            uint256 rate = _field(rates, i);
            weighted += _wholeOf(sums[i]) * (rate - below);
            below = rate;
        }
        return _fromBasisPoints(weighted);
    }

    /// @notice The provision if every loan were one bracket further, rounded up: what is late counts as in the next
    /// bracket, what is not late as in the first. Who leaves before a loan gets worse leaves no loss to those who stay.
    /// @dev Interest of loans that are not late is left out: it is earned day by day as agreed, nothing says that it will
    /// not come, and it is a part of one period. Of what would be provided for on the first day of lateness, one who leaves
    /// the day before is spared the first rate of that interest. Its sum would cost every payment a slot.
    /// @param outstanding Principal of all loans.
    function provisionAhead(Ageing storage book, uint256 outstanding, uint32 today) internal view returns (uint256) {
        Aged[MAX_RULES] memory sums = atRiskOn(book, today);
        uint128 rates = book.provisionBps;
        uint256 rate = _field(rates, 0);
        uint256 weighted = (outstanding + interestOf(sums[0])) * rate;
        uint256 count = book.count;
        for (uint256 i = 1; i < count; ++i) {
            uint256 above = _field(rates, i);
            weighted += _wholeOf(sums[i - 1]) * (above - rate);
            rate = above;
        }
        return _fromBasisPoints(weighted);
    }

    /* PRIVATE */

    function _isAfter(AgeRule memory rule, AgeRule memory previous) private pure returns (bool) {
        return rule.moreThanDays > previous.moreThanDays && rule.provisionBps >= previous.provisionBps;
    }

    function _field(uint128 packed, uint256 index) private pure returns (uint32) {
        return uint16(packed >> (16 * index));
    }

    function _wholeOf(Aged amount) private pure returns (uint256) {
        return principalOf(amount) + interestOf(amount);
    }

    /// @dev Neither half of a sum of what loans owe passes its 128 bits, see above: nothing runs over into the other one.
    /// Unchecked, because a check would see the left half alone, and a day that cannot begin would stop every payment.
    function _plus(Aged a, Aged b) private pure returns (Aged) {
        unchecked {
            return Aged.wrap(Aged.unwrap(a) + Aged.unwrap(b));
        }
    }

    /// @dev `part` is in both halves within `whole`.
    function _minus(Aged whole, Aged part) private pure returns (Aged) {
        unchecked {
            return Aged.wrap(Aged.unwrap(whole) - Aged.unwrap(part));
        }
    }

    function _isWithin(Aged part, Aged whole) private pure returns (bool) {
        (uint256 left, uint256 right) = (Aged.unwrap(part), Aged.unwrap(whole));
        return uint128(left) <= uint128(right) && left >> HALF <= right >> HALF;
    }

    function _fromBasisPoints(uint256 weighted) private pure returns (uint256) {
        return (weighted + BASIS_POINTS - 1) / BASIS_POINTS;
    }

    /// @dev How many thresholds `dueDay` has crossed in the sums as they stand. Later ones follow when days roll.
    function _crossed(Ageing storage book, uint32 dueDay) private view returns (uint256 crossed) {
        uint32 day = book.day;
        if (dueDay >= day) return 0;
        uint128 thresholds = book.moreThanDays;
        uint256 count = book.count;
        uint32 late = day - dueDay;
        while (crossed < count && late > _field(thresholds, crossed)) ++crossed;
    }

    /// @dev What crosses each threshold on the days after the stored one up to `last`.
    function _crossing(Ageing storage book, uint32 last) private view returns (Aged[MAX_RULES] memory crossing) {
        uint128 thresholds = book.moreThanDays;
        uint256 count = book.count;
        uint32 day = book.day;
        for (uint256 i = 0; i < count; ++i) {
            uint32 moreThanDays = _field(thresholds, i);
            crossing[i] = _sum(book, day, last, moreThanDays);
        }
    }

    /// @dev Principal that is more than `least` days late on `today`, and at most `most`.
    function _dueBetween(Ageing storage book, uint32 today, uint32 least, uint32 most) private view returns (uint256) {
        return least < most ? principalOf(_sum(book, today - most, today - least, 0)) : 0;
    }

    /// @dev What stands under the due days from `first` to the one before `end`, each `earlier` days before.
    function _sum(Ageing storage book, uint32 first, uint32 end, uint32 earlier) private view returns (Aged sum) {
        for (uint32 day = first; day < end; ++day) sum = _plus(sum, book.outstanding[day - earlier]);
    }

    function _checkDay(Ageing storage book, uint32 today) private view {
        if (today < book.day) revert AgeBracketsDayRanBack(today, book.day);
    }
}
