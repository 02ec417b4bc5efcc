// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ILoanMetadata: what a wallet or a block explorer shows of a loan's note
interface ILoanMetadata {
    /// @notice ERC-721 metadata of a note as a data URI: JSON with a picture inside that loads nothing. Figures are those of
    /// the block in which it is asked.
    /// @param loanBook The `ILoanBook` whose note it is.
    function tokenURI(address loanBook, uint256 tokenId) external view returns (string memory);
}
