// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IReceiveWithAuthorization: what of ERC-3009 a contract needs that is paid by signature
/// @notice The form of ERC-7598, with the signature in one piece, so that contract wallets can pay as well (ERC-1271).
/// OpenZeppelin's `ERC20TransferAuthorization` and USDC since its version 2.2 have it.
interface IReceiveWithAuthorization {
    /// @notice Moves `value` from `from` to the caller, once for each `nonce`.
    /// @param to Must be the caller: nobody else can use the authorisation up.
    /// @param validAfter The last second before it is valid.
    /// @param validBefore The first second after it was valid.
    /// @param nonce Anything that was not used. Some tokens read it as a key (192 bits) and a sequence that rises by one under
    /// the key (64 bits): a fresh key with the sequence 0 suits all of them.
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
