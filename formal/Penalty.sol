// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Terms} from "../contracts/libraries/TermsCode.sol";
import {Standing, Waterfall} from "../contracts/libraries/Waterfall.sol";

/// @title The penalty of one instalment over time
/// @dev Any grace and days, and any `perDay`: the product of what is unpaid and the rate. A model of the loop's body in
/// `Waterfall.penaltyNumeratorAt`, where `break` ends the work on this instalment; the penalty itself is the library's own.
contract PenaltyProof {
    function askingInBetweenChangesNothing(
        Terms memory terms,
        Standing memory standing,
        uint128 perDay,
        uint32 dueDay,
        uint32 between,
        uint32 day
    ) external pure {
        require(standing.penaltyDay <= between && between <= day);
        uint256 numerator = _numeratorAt(terms, standing.penaltyDay, perDay, dueDay, between, 0);
        uint256 continued = _numeratorAt(terms, between, perDay, dueDay, day, numerator);
        // Rolled forward in two steps or in one: the penalty is the same.
        assert(continued == _numeratorAt(terms, standing.penaltyDay, perDay, dueDay, day, 0));
    }

    function graceIsFree(Terms memory terms, uint128 perDay, uint32 from, uint32 dueDay, uint32 day) external pure {
        require(day <= uint256(dueDay) + terms.penaltyGraceDays);
        // Up to the end of the grace days nothing is added.
        assert(_numeratorAt(terms, from, perDay, dueDay, day, 0) == 0);
    }

    function penaltyStaysWithinItsCap(Terms memory terms, Standing memory standing, uint256 numerator) external pure {
        uint256 due = Waterfall.penaltyDue(terms, standing, numerator);
        // What is due and what was paid never exceed the cap.
        assert(due + standing.paid.penalty <= terms.penaltyCap);
        // Nor the exact penalty.
        assert((due + standing.paid.penalty) * Waterfall.PENALTY_SCALE <= numerator);
    }

    function _numeratorAt(
        Terms memory terms,
        uint32 penaltyDay,
        uint128 perDay,
        uint32 dueDay,
        uint32 day,
        uint256 numerator
    ) private pure returns (uint256) {
        uint256 from = uint256(dueDay) + terms.penaltyGraceDays;
        if (from >= day) return numerator;
        if (from < penaltyDay) from = penaltyDay;
        if (from < day) numerator += perDay * (day - from);
        return numerator;
    }
}
