// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The part of ERC-3009 that LoanBook calls, with a signature of any length so that contract wallets can pay too
interface IERC3009Receive {
    /// @notice Moves `value` from `from`, who signed it, to the caller.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
