// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A currency that answers whatever it likes when it is asked what it is called and how it is divided
contract OddSymbol {
    enum Habit {
        Answer,
        Revert,
        BurnGas,
        Flood
    }

    Habit private _habit;
    bytes private _symbol;
    bytes private _decimals;

    /// @param symbol_ What `symbol()` returns or reverts with, byte for byte.
    function set(Habit habit, bytes calldata symbol_, bytes calldata decimals_) external {
        (_habit, _symbol, _decimals) = (habit, symbol_, decimals_);
    }

    function symbol() external view {
        _answer(_symbol);
    }

    function decimals() external view {
        _answer(_decimals);
    }

    function _answer(bytes memory answer) private view {
        while (_habit == Habit.BurnGas) {}
        // Nearly as much as 100,000 gas pay for.
        if (_habit == Habit.Flood) answer = bytes.concat(answer, new bytes(60_000));
        bool reverts = _habit == Habit.Revert;
        assembly ("memory-safe") {
            if reverts {
                revert(add(answer, 32), mload(answer))
            }
            return(add(answer, 32), mload(answer))
        }
    }
}
