// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Day numbers since 1970-01-01 as people write them
library IsoDate {
    using Strings for uint256;

    uint256 private constant DAYS_PER_ERA = 146_097;
    uint256 private constant DAYS_FROM_0000_03_01_TO_1970 = 719_468;

    /// @notice The ISO 8601 date of a day number: "2024-02-29".
    /// @dev Source: H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days. Years begin in March here,
    /// so that the leap day is the last day of a year.
    function text(uint32 day) internal pure returns (string memory) {
        uint256 shifted = day + DAYS_FROM_0000_03_01_TO_1970;
        uint256 dayOfEra = shifted % DAYS_PER_ERA;
        uint256 leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096;
        uint256 yearOfEra = (dayOfEra - leapDays) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
        uint256 dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        uint256 month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        uint256 year = (shifted / DAYS_PER_ERA) * 400 + yearOfEra + (month <= 2 ? 1 : 0);
        return string.concat(year.toString(), "-", _two(month), "-", _two(dayOfMonth));
    }

    function _two(uint256 value) private pure returns (string memory) {
        return string.concat(value < 10 ? "0" : "", value.toString());
    }
}
