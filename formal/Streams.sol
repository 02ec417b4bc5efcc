// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccrualBook, Stream} from "../contracts/libraries/AccrualBook.sol";
import {DayCount} from "../contracts/libraries/DayCount.sol";

/// @title A gain on its way into the price
/// @dev Any gain that a stream can hold, from any second between the third day of 1970 and the last day of any schedule.
contract StreamsProof {
    function streamRunsForAWeekAndToTheEndOfTheDay(Stream memory gain, int32 utcOffset) external pure {
        _requireValid(gain, utcOffset);
        (, , uint32 to, uint256 end) = AccrualBook._courseOf(gain, utcOffset);
        // It ends at the beginning of a day.
        assert(end == AccrualBook.startOf(to, utcOffset));
        // It takes more than seven days, and at most eight.
        assert(end > uint256(gain.startedAt) + 7 days && end <= uint256(gain.startedAt) + 8 days);
    }

    function streamLosesNothing(Stream memory gain, int32 utcOffset) external pure {
        _requireValid(gain, utcOffset);
        (int192 slope, int64 residue, , uint256 end) = AccrualBook._courseOf(gain, utcOffset);
        // The casts to the widths of a bucket turn no sign.
        assert(slope >= 0 && residue >= 0);
        // Slope times length and residue are the gain: nor do they cut anything off.
        assert(uint256(int256(slope)) * (end - gain.startedAt) + uint64(residue) == gain.scaled);
    }

    function nothingHasComeAtFirstAndAllAtTheEnd(Stream memory gain, int32 utcOffset, uint256 later) external pure {
        _requireValid(gain, utcOffset);
        (, , , uint256 end) = AccrualBook._courseOf(gain, utcOffset);
        require(later >= end);
        // A gain enters as a slope, never as a step.
        assert(AccrualBook._toCome(gain, utcOffset, gain.startedAt) == gain.scaled);
        // From the end on nothing is to come any more.
        assert(AccrualBook._toCome(gain, utcOffset, later) == 0);
    }

    function whatIsToComeNeverRises(Stream memory gain, int32 utcOffset, uint256 earlier, uint256 later) external pure {
        _requireValid(gain, utcOffset);
        require(gain.startedAt <= earlier && earlier <= later);
        uint256 before = AccrualBook._toCome(gain, utcOffset, earlier);
        // Never more than the gain is to come.
        assert(before <= gain.scaled);
        // And never more than before.
        assert(AccrualBook._toCome(gain, utcOffset, later) <= before);
    }

    function guestWinsAtMostHerPartOfAWeek(
        Stream memory gain,
        int32 utcOffset,
        uint256 earlier,
        uint256 later
    ) external pure {
        _requireValid(gain, utcOffset);
        (, , , uint256 end) = AccrualBook._courseOf(gain, utcOffset);
        require(gain.startedAt <= earlier && earlier <= later && later < end);
        uint256 won = AccrualBook._toCome(gain, utcOffset, earlier) - AccrualBook._toCome(gain, utcOffset, later);
        // All deposits of a pool together win in some seconds at most what these seconds are of seven days.
        assert(won * 7 days <= uint256(gain.scaled) * (later - earlier));
    }

    function _requireValid(Stream memory gain, int32 utcOffset) private pure {
        require(DayCount.isUtcOffset(utcOffset));
        require(gain.startedAt >= 2 days && gain.startedAt <= uint256(DayCount.MAX_DAY) * 1 days);
    }
}
