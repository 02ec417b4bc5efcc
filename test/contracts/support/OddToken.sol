// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice Is told by the token that tokens are about to move.
interface ITokenListener {
    function tokensMove() external;
}

/// @title A currency with the habits that currencies have: a block-list, a fee on transfer, a call before each move
contract OddToken is ERC20 {
    uint8 private immutable _decimals;

    uint256 private _feeBps;
    ITokenListener private _listener;

    mapping(address account => bool) private _blocked;

    error OddTokenBlocked(address account);

    constructor(uint8 decimals_) ERC20("Odd Token", "ODD") {
        _decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address account, bool blocked) external {
        _blocked[account] = blocked;
    }

    function setFeeBps(uint256 feeBps) external {
        _feeBps = feeBps;
    }

    function setListener(ITokenListener listener) external {
        _listener = listener;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (_blocked[from]) revert OddTokenBlocked(from);
        if (_blocked[to]) revert OddTokenBlocked(to);
        if (from != address(0) && address(_listener) != address(0)) _listener.tokensMove();
        uint256 fee = from == address(0) ? 0 : (amount * _feeBps) / 10_000;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(this), fee);
    }
}
