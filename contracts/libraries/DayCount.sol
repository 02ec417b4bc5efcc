// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Day numbers since 1970-01-01 in a fixed UTC offset
library DayCount {
    int32 internal constant MAX_UTC_OFFSET = 14 hours;

    /// Last day of 2149: schedules end here at the latest.
    uint32 internal constant MAX_DAY = 65_743;

    /// @notice The day on which `timestamp` falls. An instalment is on time during its whole due day.
    function dayOf(uint256 timestamp, int32 utcOffset) internal pure returns (uint32) {
        // Timestamps are far above the offset and far below 2^32 days, so neither cast changes a value.
        return uint32(uint256(int256(timestamp) + utcOffset) / 1 days);
    }

    /// @notice Offsets in use lie within 14 hours of UTC; whole minutes only.
    function isUtcOffset(int32 utcOffset) internal pure returns (bool) {
        return utcOffset >= -MAX_UTC_OFFSET && utcOffset <= MAX_UTC_OFFSET && utcOffset % 60 == 0;
    }
}
