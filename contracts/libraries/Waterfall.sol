// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Components, Instalment, Position} from "../interfaces/ILoanBook.sol";
import {Terms, TermsCode} from "./TermsCode.sol";

/// @notice How far a loan has been paid. A copy in memory of what LoanBook stores.
struct Standing {
    /// The day of the disbursement, or of the restructuring that made this table.
    uint32 startDay;
    uint16 nextInstalment;
    Components partPaid;
    Components paid;
    /// Sum over overdue instalments of unpaid minor units * basis points * days, up to the end of `penaltyDay`.
    uint128 penaltyNumerator;
    uint32 penaltyDay;
    uint64 waivedInterest;
    /// See `LoanView`.
    uint32 arrearsDay;
    uint8 paidOnTime;
}

/// @title The arithmetic of due amounts, penalties and their order
/// @dev Pure and without rounding except where a name says so. `lending/allocation.ts` is the same in TypeScript.
library Waterfall {
    using TermsCode for Terms;

    /// Basis points of a year of 365 days: the penalty's denominator.
    uint256 internal constant PENALTY_SCALE = 10_000 * 365;

    uint8 internal constant PRO_RATA = 1;

    /// @notice True for a permutation of 0 penalty, 1 fee, 2 interest, 3 principal.
    function isOrder(bytes4 order) internal pure returns (bool) {
        uint256 seen;
        for (uint256 i = 0; i < 4; ++i) {
            uint8 component = uint8(order[i]);
            if (component > 3) return false;
            seen |= 1 << component;
        }
        return seen == 0xf;
    }

    function sum(Components memory c) internal pure returns (uint256) {
        // Four times 64 bits.
        unchecked {
            return uint256(c.penalty) + c.fee + c.interest + c.principal;
        }
    }

    /// @notice Splits `amount` over `owed` in `order`; takes nothing beyond either.
    function split(
        bytes4 order,
        uint256 amount,
        Components memory owed
    ) internal pure returns (Components memory taken) {
        for (uint256 i = 0; i < 4 && amount != 0; ++i) {
            uint8 component = uint8(order[i]);
            uint64 part;
            if (component == 0) amount -= part = taken.penalty = _min(amount, owed.penalty);
            else if (component == 1) amount -= part = taken.fee = _min(amount, owed.fee);
            else if (component == 2) amount -= part = taken.interest = _min(amount, owed.interest);
            else amount -= part = taken.principal = _min(amount, owed.principal);
        }
    }

    /// @notice What is unpaid of instalment `index`, without penalty.
    function unpaid(
        Terms memory terms,
        Standing memory standing,
        uint256 index
    ) internal pure returns (uint32 day, Components memory owed) {
        Instalment memory row = terms.row(index);
        day = row.day;
        owed = Components(0, row.fee, row.interest, row.principal);
        if (index == standing.nextInstalment) {
            owed.fee -= standing.partPaid.fee;
            owed.interest -= standing.partPaid.interest;
            owed.principal -= standing.partPaid.principal;
        }
    }

    /// @notice The penalty numerator at the end of `day`. Each overdue instalment adds its unpaid amount for each day
    /// after its due day plus grace, so the result does not depend on how often it is asked.
    function penaltyNumeratorAt(
        Terms memory terms,
        Standing memory standing,
        uint32 day
    ) internal pure returns (uint256 numerator) {
        numerator = standing.penaltyNumerator;
        if (terms.penaltyRateBps == 0) return numerator;
        for (uint256 i = standing.nextInstalment; i < terms.count; ++i) {
            (uint32 dueDay, Components memory owed) = unpaid(terms, standing, i);
            uint256 from = uint256(dueDay) + terms.penaltyGraceDays;
            if (from >= day) break;
            if (from < standing.penaltyDay) from = standing.penaltyDay;
            if (from < day) numerator += sum(owed) * terms.penaltyRateBps * (day - from);
        }
    }

    /// @notice Unpaid penalty for a numerator: rounded down, capped over the loan's life.
    function penaltyDue(
        Terms memory terms,
        Standing memory standing,
        uint256 numerator
    ) internal pure returns (uint64) {
        return _min(numerator / PENALTY_SCALE, terms.penaltyCap) - standing.paid.penalty;
    }

    /// @notice What is due up to the end of `day` and unpaid. `numerator` is the penalty numerator of that day.
    function due(
        Terms memory terms,
        Standing memory standing,
        uint32 day,
        uint256 numerator
    ) internal pure returns (Components memory total) {
        total.penalty = penaltyDue(terms, standing, numerator);
        for (uint256 i = standing.nextInstalment; i < terms.count; ++i) {
            (uint32 dueDay, Components memory owed) = unpaid(terms, standing, i);
            if (dueDay > day) break;
            _add(total, owed);
        }
    }

    /// @notice What closes the loan on `day`: all principal, fees and penalty, and the interest that the early-settlement
    /// rule leaves.
    function payoff(
        Terms memory terms,
        Standing memory standing,
        uint32 day,
        uint256 numerator
    ) internal pure returns (Components memory total) {
        total.penalty = penaltyDue(terms, standing, numerator);
        for (uint256 i = standing.nextInstalment; i < terms.count; ++i) {
            (, Components memory owed) = unpaid(terms, standing, i);
            owed.interest = payoffInterest(terms, standing, i, day, owed.interest);
            _add(total, owed);
        }
    }

    /// @notice The part of instalment `index`'s `unpaidInterest` that a payoff on `day` still owes.
    ///
    ///     previous due day            payoff day                due day
    ///            |---- earned, rounded up ----|------ waived -------|
    function payoffInterest(
        Terms memory terms,
        Standing memory standing,
        uint256 index,
        uint32 day,
        uint64 unpaidInterest
    ) internal pure returns (uint64) {
        if (terms.earlySettlement != PRO_RATA) return unpaidInterest;
        Instalment memory row = terms.row(index);
        if (row.day <= day) return unpaidInterest;
        uint32 start = index == 0 ? standing.startDay : terms.row(index - 1).day;
        if (day <= start) return 0;
        uint256 length = row.day - start;
        uint256 earned = (uint256(row.interest) * (day - start) + length - 1) / length;
        uint256 alreadyPaid = row.interest - unpaidInterest;
        // `earned` is at most `row.interest`, so the difference is at most `unpaidInterest`: the cast keeps it.
        return earned <= alreadyPaid ? 0 : uint64(earned - alreadyPaid);
    }

    /// @notice Where a loan stands, for whoever keeps books on it. Days are 0 when nothing is unpaid.
    function position(Terms memory terms, Standing memory standing) internal pure returns (Position memory) {
        uint256 next = standing.nextInstalment;
        bool isUnpaid = next < terms.count;
        uint32 periodStartDay = next == 0 ? standing.startDay : terms.dayOf(next - 1);
        return
            Position({
                nextInstalment: standing.nextInstalment,
                periodStartDay: isUnpaid ? periodStartDay : 0,
                lateFromDay: isUnpaid ? lateFromDay(terms, standing) : 0,
                outstandingPrincipal: terms.principal - standing.paid.principal,
                partPaidInterest: standing.partPaid.interest,
                curing: standing.arrearsDay != 0
            });
    }

    /// @notice The day from which the loan's lateness counts. Something must be unpaid.
    function lateFromDay(Terms memory terms, Standing memory standing) internal pure returns (uint32 day) {
        day = terms.dayOf(standing.nextInstalment);
        if (standing.arrearsDay != 0 && standing.arrearsDay < day) day = standing.arrearsDay;
    }

    /// @notice The rows that an `ILoanOwner` needs for a movement between two positions.
    function rowsOf(
        Terms memory terms,
        Position memory before,
        Position memory present,
        bool closed
    ) internal pure returns (Instalment[] memory) {
        uint256 end = uint256(closed ? before.nextInstalment : present.nextInstalment) + 2;
        return terms.rows(before.nextInstalment, end < terms.count ? end : terms.count);
    }

    function _add(Components memory total, Components memory part) private pure {
        total.fee += part.fee;
        total.interest += part.interest;
        total.principal += part.principal;
    }

    /// @dev The smaller one fits `uint64` because `b` does.
    function _min(uint256 a, uint64 b) private pure returns (uint64) {
        return a < b ? uint64(a) : b;
    }
}
