// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CurrencyText} from "../../../contracts/libraries/CurrencyText.sol";
import {IsoDate} from "../../../contracts/libraries/IsoDate.sol";

/// @title The libraries that write dates and amounts, by themselves
contract TextHarness {
    function dates(uint32 from, uint32 count) external pure returns (string[] memory texts) {
        texts = new string[](count);
        for (uint32 i = 0; i < count; ++i) texts[i] = IsoDate.text(from + i);
    }

    function amount(address token, uint256 unit, uint256 minorUnits) external view returns (string memory) {
        return CurrencyText.text(CurrencyText.read(token, unit), minorUnits);
    }
}
