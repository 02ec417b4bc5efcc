// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ILoanMetadata: how a loan note looks to wallets and explorers
interface ILoanMetadata {
    /// @notice The ERC-721 metadata of a LoanBook's note as a `data:` URI.
    function tokenURI(address loanBook, uint256 tokenId) external view returns (string memory uri);
}
