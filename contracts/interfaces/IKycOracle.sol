// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IKycOracle: the one question that a pool asks about a borrower
/// @notice `KycRegistry` answers it from its own records; an adapter to EAS or ERC-3643 may stand in its place.
interface IKycOracle {
    /// @notice True when `account` may borrow now under `policy`. Asked at consent and at activation, never at a
    /// repayment.
    /// @param policy The institution's number of a set of KYC rules.
    function isEligible(address account, uint32 policy) external view returns (bool);
}
