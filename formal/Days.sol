// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccrualBook} from "../contracts/libraries/AccrualBook.sol";
import {DayCount} from "../contracts/libraries/DayCount.sol";

/// @title Days and the seconds at which they begin
/// @dev All offsets in use, timestamps from the third day of 1970 on.
contract DaysProof {
    uint256 private constant LAST_SECOND = 2 ** 40;

    function everySecondBelongsToOneDay(uint256 timestamp, int32 utcOffset) external pure {
        _requireValid(timestamp, utcOffset);
        uint32 day = DayCount.dayOf(timestamp, utcOffset);
        // The day on which a second falls has begun.
        assert(AccrualBook.startOf(day, utcOffset) <= timestamp);
        // The next one has not.
        assert(timestamp < AccrualBook.startOf(day + 1, utcOffset));
    }

    function dayBeginsWithItsFirstSecond(uint32 day, int32 utcOffset) external pure {
        require(DayCount.isUtcOffset(utcOffset) && day >= 2 && day <= DayCount.MAX_DAY);
        uint256 start = AccrualBook.startOf(day, utcOffset);
        // The first second of a day falls on it.
        assert(DayCount.dayOf(start, utcOffset) == day);
        // The second before falls on the day before.
        assert(DayCount.dayOf(start - 1, utcOffset) == day - 1);
    }

    function timeNeverRunsBack(uint256 earlier, uint256 later, int32 utcOffset) external pure {
        _requireValid(earlier, utcOffset);
        _requireValid(later, utcOffset);
        require(earlier <= later);
        // A later second never falls on an earlier day.
        assert(DayCount.dayOf(earlier, utcOffset) <= DayCount.dayOf(later, utcOffset));
    }

    function instalmentIsOnTimeDuringItsWholeDueDay(uint256 timestamp, uint32 dueDay, int32 utcOffset) external pure {
        _requireValid(timestamp, utcOffset);
        require(dueDay >= 2 && dueDay <= DayCount.MAX_DAY);
        int256 dueMoment = (int256(uint256(dueDay)) + 1) * 1 days - utcOffset;
        // It is late from the due moment on, and not a second earlier.
        assert((DayCount.dayOf(timestamp, utcOffset) > dueDay) == (int256(timestamp) >= dueMoment));
    }

    function _requireValid(uint256 timestamp, int32 utcOffset) private pure {
        require(DayCount.isUtcOffset(utcOffset) && timestamp >= 2 days && timestamp <= LAST_SECOND);
    }
}
