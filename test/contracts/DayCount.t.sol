// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DayCount} from "../../contracts/libraries/DayCount.sol";

contract DayCountTest {
    /// A day holds exactly the seconds from its beginning in the offset to the next day's beginning.
    function testFuzz_dayHoldsItsSeconds(uint32 day, uint32 second, uint256 offsetSeed) external pure {
        day = 2 + (day % DayCount.MAX_DAY);
        second = second % 1 days;
        int32 offset = _offset(offsetSeed);
        uint256 timestamp = uint256(int256(uint256(day) * 1 days + second) - offset);
        assert(DayCount.dayOf(timestamp, offset) == day);
        assert(DayCount.dayOf(timestamp - second - 1, offset) == day - 1);
        assert(DayCount.dayOf(timestamp - second + 1 days, offset) == day + 1);
    }

    function testFuzz_offsetsAreWholeMinutesWithinFourteenHours(int32 offset) external pure {
        bool possible = offset >= -50_400 && offset <= 50_400 && (offset / 60) * 60 == offset;
        assert(DayCount.isUtcOffset(offset) == possible);
    }

    function testFuzz_everyOffsetInUseIsOne(uint256 seed) external pure {
        assert(DayCount.isUtcOffset(_offset(seed)));
    }

    function test_lastDayEndsTheYear2149() external pure {
        // 5,680,281,599 is 2149-12-31T23:59:59Z.
        assert(DayCount.dayOf(5_680_281_599, 0) == DayCount.MAX_DAY);
        assert(DayCount.dayOf(5_680_281_600, 0) == DayCount.MAX_DAY + 1);
    }

    function _offset(uint256 seed) private pure returns (int32) {
        return (int32(uint32(seed % 1681)) - 840) * 60;
    }
}
