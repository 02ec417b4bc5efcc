// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract Fixture {
    error FixtureTooMuch(uint256 amount);

    event Taken(uint256 amount);

    uint256 private constant MAX = 100;

    uint256[4] private _figures;
    uint256 private _total;

    modifier onlyOnce() {
        _;
    }

    function take(uint256 amount) external onlyOnce returns (uint256 rest) {
        if (amount > MAX) revert FixtureTooMuch(amount);
        // Multi-byte signs before the place: für alle, — wie üblich.
        _total += amount;
        emit Taken(amount);
        rest = Math.min(amount, MAX) - 1;
    }

    function sum(bool all) external view returns (uint256 result) {
        for (uint256 i = 0; i < 4; ++i) if (!all || _figures[i] == 7) result += _figures[i];
    }

    function word(uint256 a) external pure returns (uint256 b) {
        assembly ("memory-safe") {
            b := add(a, 0x1f)
        }
    }

    /// A member whose name every object of the language that the mutants are made in knows.
    function text(uint256 a) external pure returns (string memory) {
        return Strings.toString(a);
    }
}
