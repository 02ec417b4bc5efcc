// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccrualBook, Period} from "../contracts/libraries/AccrualBook.sol";
import {DayCount} from "../contracts/libraries/DayCount.sol";

/// @title The interest of one period over time
/// @dev Any interest, any period from the third day of 1970 to twice the last day of any schedule, all offsets in use.
contract InterestProof {
    uint256 private constant LAST_SECOND = 2 ** 40;

    function spreadLosesNothing(uint256 scaled, uint256 length) external pure {
        require(length != 0);
        (uint256 slope, uint256 residue) = AccrualBook.spread(scaled, length);
        // What the floor takes from the slope is the residue, to the last numerator.
        assert(slope * length + residue == scaled);
        // That is less than one numerator a second.
        assert(residue < length);
    }

    function netIsTheInterestWithoutTheFee(uint128 interest, uint256 feeBps) external pure {
        require(feeBps <= 10_000);
        uint256 net = AccrualBook.netOf(interest, feeBps);
        // The pool never keeps more than the interest.
        assert(net <= interest);
        uint256 fee = interest - net;
        // The management fee is never more than its basis points.
        assert(fee * 10_000 <= uint256(interest) * feeBps);
        // And less than one base unit short of them.
        assert((fee + 1) * 10_000 > uint256(interest) * feeBps);
    }

    function slopeAndResidueFitTheirFields(Period memory period) external pure {
        require(period.from < period.to);
        (uint256 slope, uint256 residue) = AccrualBook._courseOf(period);
        // The casts to the width of a bucket's slope keep it, with either sign.
        assert(int192(int256(slope)) == int256(slope) && int192(-int256(slope)) == -int256(slope));
        // Those to the width of its residue keep that.
        assert(int64(int256(residue)) == int256(residue) && int64(-int256(residue)) == -int256(residue));
    }

    function periodThatEndedCountsExactlyItsInterest(
        Period memory period,
        int32 utcOffset,
        uint256 timestamp
    ) external pure {
        _requireValid(period, utcOffset);
        require(timestamp >= AccrualBook.startOf(period.to, utcOffset) && timestamp <= LAST_SECOND);
        // Slope times length and residue are the interest, whenever one looks.
        assert(_accrued(period, utcOffset, timestamp) == uint256(period.interest) * AccrualBook.SCALE);
    }

    function periodThatHasNotBegunCountsNothing(
        Period memory period,
        int32 utcOffset,
        uint256 timestamp
    ) external pure {
        _requireValid(period, utcOffset);
        require(timestamp <= AccrualBook.startOf(period.from, utcOffset));
        // No interest is recognised before the day from which it runs.
        assert(_accrued(period, utcOffset, timestamp) == 0);
    }

    function timeAloneNeverTakesAway(
        Period memory period,
        int32 utcOffset,
        uint256 earlier,
        uint256 later
    ) external pure {
        _requireValid(period, utcOffset);
        require(earlier <= later && later <= LAST_SECOND);
        // What a period counts never falls.
        assert(_accrued(period, utcOffset, earlier) <= _accrued(period, utcOffset, later));
        // And never exceeds its interest.
        assert(_accrued(period, utcOffset, later) <= uint256(period.interest) * AccrualBook.SCALE);
    }

    function runningPeriodMissesLessThanANumeratorASecond(
        Period memory period,
        int32 utcOffset,
        uint256 timestamp
    ) external pure {
        _requireValid(period, utcOffset);
        uint256 start = AccrualBook.startOf(period.from, utcOffset);
        require(timestamp > start && timestamp < AccrualBook.startOf(period.to, utcOffset));
        uint256 length = uint256(period.to - period.from) * 1 days;
        uint256 counted = _accrued(period, utcOffset, timestamp) * length;
        uint256 exact = uint256(period.interest) * AccrualBook.SCALE * (timestamp - start);
        // A running period never counts more than its even part.
        assert(counted <= exact);
        // It misses less than one numerator for each second that has passed.
        assert(exact - counted < (timestamp - start) * length);
    }

    function piecesOfAPeriodAddUp(Period memory period, uint32 stop, int32 utcOffset, uint256 timestamp) external pure {
        _requireValid(period, utcOffset);
        require(period.from <= stop && stop <= period.to && timestamp <= LAST_SECOND);
        uint256 first = AccrualBook._accrued(period, period.from, stop, utcOffset, timestamp);
        uint256 second = AccrualBook._accrued(period, stop, period.to, utcOffset, timestamp);
        // A period that stopped for an overdue loan, and ran on after its payment, counts as if it had never stopped.
        assert(first + second == _accrued(period, utcOffset, timestamp));
    }

    function _accrued(Period memory period, int32 utcOffset, uint256 timestamp) private pure returns (uint256) {
        return AccrualBook._accrued(period, period.from, period.to, utcOffset, timestamp);
    }

    function _requireValid(Period memory period, int32 utcOffset) private pure {
        require(DayCount.isUtcOffset(utcOffset) && period.from >= 2 && period.from < period.to);
        require(period.to <= 2 * DayCount.MAX_DAY);
    }
}
