// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Instalment} from "../contracts/interfaces/ILoanBook.sol";
import {TermsCode} from "../contracts/libraries/TermsCode.sol";

/// @title A row of the schedule, whatever the width of its amounts
/// @dev A day of three bytes and amounts of as many as the property says. Where the number stands among the bytes is assembly
/// and not shown to the checker.
contract RowsProof {
    function rowOfOneByteComesBack(Instalment memory row) external pure {
        _comesBack(row, 256);
    }

    function rowOfTwoBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 65536);
    }

    function rowOfThreeBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 16777216);
    }

    function rowOfFourBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 4294967296);
    }

    function rowOfFiveBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 1099511627776);
    }

    function rowOfSixBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 281474976710656);
    }

    function rowOfSevenBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 72057594037927936);
    }

    function rowOfEightBytesComesBack(Instalment memory row) external pure {
        _comesBack(row, 18446744073709551616);
    }

    function _comesBack(Instalment memory row, uint256 base) private pure {
        require(row.day < 2 ** 24 && row.principal < base && row.interest < base && row.fee < base);
        uint256 word = _packed(row, base);
        // It fills no more than its bytes, and whatever the other fields are, each of them comes back.
        assert(word < 2 ** 24 * base * base * base);
        Instalment memory read = _unpacked(word, base);
        assert(read.day == row.day);
        assert(read.principal == row.principal);
        assert(read.interest == row.interest);
        assert(read.fee == row.fee);
    }

    /// @custom:from TermsCode._pack
    function _packed(Instalment memory r, uint256 base) private pure returns (uint256 word) {
        word = ((uint256(r.day) * base + r.principal) * base + r.interest) * base + r.fee;
    }

    /// @custom:from TermsCode.row
    function _unpacked(uint256 word, uint256 base) private pure returns (Instalment memory) {
        return
            Instalment({
                day: uint32(word / base / base / base),
                principal: uint64((word / base / base) % base),
                interest: uint64((word / base) % base),
                fee: uint64(word % base)
            });
    }
}
