// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITokenListener} from "./OddToken.sol";

/// @title Calls back while tokens move, and remembers the answer
contract Reentrant is ITokenListener {
    address private _target;
    bytes private _data;

    bool public called;
    bool public succeeded;
    bytes public answer;

    function prepare(address target, bytes calldata data) external {
        _target = target;
        _data = data;
        called = false;
    }

    /// @inheritdoc ITokenListener
    function tokensMove() external {
        if (called || _target == address(0)) return;
        called = true;
        (succeeded, answer) = _target.call(_data);
    }
}
