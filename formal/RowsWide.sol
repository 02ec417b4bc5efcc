// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Instalment} from "../contracts/interfaces/ILoanBook.sol";
import {TermsCode} from "../contracts/libraries/TermsCode.sol";

/// @title A row of the schedule, with amounts of eight bytes
/// @dev Any row that fits. z3 knows what is left of a division by a number that stands there, not by one that it is told of:
/// hence a file for each width. Where the number stands among the bytes is assembly and not shown to the checker.
contract RowsWideProof {
    uint256 private constant base = 256 ** 8;

    function rowComesBackAsItWasPacked(Instalment memory row) external pure {
        require(row.day < 2 ** 24 && row.principal < base && row.interest < base && row.fee < base);
        uint256 word = _packed(row);
        // Whatever the other fields are, each of them comes back.
        Instalment memory read = _unpacked(word);
        assert(read.day == row.day);
        assert(read.principal == row.principal);
        assert(read.interest == row.interest);
        assert(read.fee == row.fee);
    }

    /// @custom:from TermsCode._pack
    function _packed(Instalment memory r) private pure returns (uint256 word) {
        word = ((uint256(r.day) * base + r.principal) * base + r.interest) * base + r.fee;
    }

    /// @custom:from TermsCode.row
    function _unpacked(uint256 word) private pure returns (Instalment memory) {
        return
            Instalment({
                day: uint32(word / base / base / base),
                principal: uint64((word / base / base) % base),
                interest: uint64((word / base) % base),
                fee: uint64(word % base)
            });
    }
}
