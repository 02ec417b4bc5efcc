// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IERC7540Redeem: shares that are redeemed in two steps (ERC-7540), by owners, controllers and their operators
/// @notice With the one function of ERC-7575 that ERC-7540 asks for. `redeem` and `withdraw` of ERC-4626 claim what was
/// fulfilled; `previewRedeem` and `previewWithdraw` revert, because the price is that of the fulfilment.
interface IERC7540Redeem {
    event RedeemRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice Hands `shares` of `owner` in. Whoever controls `controller` claims what they come to. Callers other than the
    /// owner and its operators need its allowance.
    /// @return requestId Above all ids so far.
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256 requestId);

    /// @notice Shares of the request that wait. 0 when it is not the controller's.
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256 pendingShares);

    /// @notice Shares of the request that were fulfilled and not claimed. A controller's claims take the oldest first. 0 when
    /// it is not the controller's.
    function claimableRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 claimableShares);

    /// @notice Lets `operator` request for the caller's shares and claim what is the caller's, until taken back.
    function setOperator(address operator, bool approved) external returns (bool);

    function isOperator(address controller, address operator) external view returns (bool status);

    /// @notice ERC-7575: the token of the shares is the pool itself.
    function share() external view returns (address shareTokenAddress);
}
