// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title A wallet with one owner: says yes to what the owner signed or approved beforehand, and does what it says
contract ContractWallet is IERC1271 {
    address private immutable _owner;

    mapping(bytes32 digest => bool) private _approved;

    error ContractWalletNotOwner(address caller);
    error ContractWalletCallFailed(bytes answer);

    constructor(address owner) {
        _owner = owner;
    }

    function approveDigest(bytes32 digest, bool approved) external {
        if (msg.sender != _owner) revert ContractWalletNotOwner(msg.sender);
        _approved[digest] = approved;
    }

    function execute(address target, bytes calldata data) external {
        if (msg.sender != _owner) revert ContractWalletNotOwner(msg.sender);
        (bool success, bytes memory answer) = target.call(data);
        if (!success) revert ContractWalletCallFailed(answer);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4 magicValue) {
        if (_approved[digest]) return IERC1271.isValidSignature.selector;
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(digest, signature);
        bool valid = problem == ECDSA.RecoverError.NoError && signer == _owner;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
