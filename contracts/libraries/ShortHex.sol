// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";

/// @title Ids and addresses where there is room for a few characters
library ShortHex {
    /// @notice "0x1234...abcd".
    function text(string memory hexadecimal) internal pure returns (string memory) {
        bytes memory all = bytes(hexadecimal);
        return string(bytes.concat(Bytes.slice(all, 0, 6), "...", Bytes.slice(all, all.length - 4)));
    }
}
