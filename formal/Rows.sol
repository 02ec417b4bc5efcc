// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Instalment} from "../contracts/interfaces/ILoanBook.sol";
import {TermsCode} from "../contracts/libraries/TermsCode.sol";

/// @title A row of the schedule in its 28 bytes
/// @dev Any row. Where the word stands among the bytes is assembly and not shown to the checker.
contract RowsProof {
    function rowComesBackAsItWasPacked(Instalment memory row) external pure {
        Instalment memory read = _unpacked(_packed(row));
        // Whatever the other fields are, each of them comes back.
        assert(read.day == row.day);
        assert(read.principal == row.principal);
        assert(read.interest == row.interest);
        assert(read.fee == row.fee);
    }

    function rowFillsNoMoreThanItsBytes(Instalment memory row) external pure {
        // What is put into 28 bytes has no more of them.
        assert(_packed(row) < 2 ** (28 * 8));
    }

    /// @custom:from TermsCode._pack
    function _packed(Instalment memory r) private pure returns (uint256 word) {
        word = (uint256(r.day) << 192) | (uint256(r.principal) << 128) | (uint256(r.interest) << 64) | uint256(r.fee);
    }

    /// @custom:from TermsCode.row
    function _unpacked(uint256 word) private pure returns (Instalment memory) {
        return
            Instalment({
                day: uint32(word >> 192),
                principal: uint64(word >> 128),
                interest: uint64(word >> 64),
                fee: uint64(word)
            });
    }
}
