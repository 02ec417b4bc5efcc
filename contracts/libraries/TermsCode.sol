// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, Instalment} from "../interfaces/ILoanBook.sol";

/// @notice What LoanBook enforces after origination, as read back from contract code.
struct Terms {
    address borrower;
    address lender;
    address currency;
    address payee;
    uint256 unit;
    uint64 principal;
    uint32 penaltyRateBps;
    uint16 penaltyGraceDays;
    uint64 penaltyCap;
    bytes4 waterfall;
    uint8 earlySettlement;
    uint16 reversalDays;
    int32 utcOffset;
    uint16 count;
    /// The whole blob, header included: rows are unpacked one at a time by `TermsCode.row`.
    bytes blob;
}

/// @title Terms and schedule of a loan, written once as contract code
/// @dev Code is the cheapest storage that is read whole: 12 rows cost 214k gas in storage slots, about 90k here, and one
/// cold account access reads everything that a repayment needs. A leading STOP byte makes the code uncallable.
///
///     offset  bytes  field                     offset  bytes  field
///     0       20     borrower                  93      2      penaltyGraceDays
///     20      20     lender                    95      8      penaltyCap
///     40      20     currency                  103     4      waterfall
///     60      20     payee                     107     1      earlySettlement
///     80      1      log10(unit)               108     2      reversalDays
///     81      8      principal                 110     4      utcOffset
///     89      4      penaltyRateBps            114     2      count
///     116 + 28 i     row i: day 4, principal 8, interest 8, fee 8
library TermsCode {
    error TermsCodeWriteFailed();

    uint256 private constant HEADER_BYTES = 116;
    uint256 private constant ROW_BYTES = 28;

    /// @param unitExponent log10 of `a.unit`, checked by the caller.
    function write(Agreement calldata a, uint8 unitExponent) internal returns (address pointer) {
        bytes memory blob = bytes.concat(_parties(a, unitExponent), _rules(a), _rows(a.schedule));
        // PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE (0), CODECOPY, RETURNDATASIZE (0), RETURN; then STOP and the blob.
        bytes memory init = abi.encodePacked(hex"61", uint16(blob.length + 1), hex"80600a3d393df3", hex"00", blob);
        assembly ("memory-safe") {
            pointer := create(0, add(init, 32), mload(init))
        }
        if (pointer == address(0)) revert TermsCodeWriteFailed();
    }

    function read(address pointer) internal view returns (Terms memory terms) {
        bytes memory blob = pointer.code;
        // Drops the STOP byte in place: length and start move on by one byte.
        assembly ("memory-safe") {
            let length := sub(mload(blob), 1)
            mcopy(add(blob, 32), add(blob, 33), length)
            mstore(blob, length)
        }
        terms.borrower = address(uint160(_uint(blob, 0, 20)));
        terms.lender = address(uint160(_uint(blob, 20, 20)));
        terms.currency = address(uint160(_uint(blob, 40, 20)));
        terms.payee = address(uint160(_uint(blob, 60, 20)));
        terms.unit = 10 ** _uint(blob, 80, 1);
        terms.principal = uint64(_uint(blob, 81, 8));
        terms.penaltyRateBps = uint32(_uint(blob, 89, 4));
        terms.penaltyGraceDays = uint16(_uint(blob, 93, 2));
        terms.penaltyCap = uint64(_uint(blob, 95, 8));
        terms.waterfall = bytes4(uint32(_uint(blob, 103, 4)));
        terms.earlySettlement = uint8(_uint(blob, 107, 1));
        terms.reversalDays = uint16(_uint(blob, 108, 2));
        terms.utcOffset = int32(uint32(_uint(blob, 110, 4)));
        terms.count = uint16(_uint(blob, 114, 2));
        terms.blob = blob;
    }

    /// @param index Counted from 0; must be below `terms.count`.
    function row(Terms memory terms, uint256 index) internal pure returns (Instalment memory) {
        uint256 offset = HEADER_BYTES + ROW_BYTES * index;
        uint256 word = _uint(terms.blob, offset, ROW_BYTES);
        // Fields are 64 bits wide from the right: the casts cut off exactly what belongs to the fields on the left.
        return
            Instalment({
                day: uint32(word >> 192),
                principal: uint64(word >> 128),
                interest: uint64(word >> 64),
                fee: uint64(word)
            });
    }

    function _parties(Agreement calldata a, uint8 unitExponent) private pure returns (bytes memory) {
        return abi.encodePacked(a.borrower, a.lender, a.currency, a.payee, unitExponent, a.principal);
    }

    function _rules(Agreement calldata a) private pure returns (bytes memory) {
        return
            abi.encodePacked(
                a.penaltyRateBps,
                a.penaltyGraceDays,
                a.penaltyCap,
                a.waterfall,
                a.earlySettlement,
                a.reversalDays,
                a.utcOffset,
                a.count
            );
    }

    function _rows(Instalment[] calldata schedule) private pure returns (bytes memory rows) {
        rows = new bytes(schedule.length * ROW_BYTES);
        for (uint256 i = 0; i < schedule.length; ++i) {
            Instalment calldata r = schedule[i];
            uint256 word =
                (uint256(r.day) << 192) | (uint256(r.principal) << 128) | (uint256(r.interest) << 64) | uint256(r.fee);
            // A word is 4 bytes longer than a row: the mask keeps what stands behind the last row as it was.
            assembly ("memory-safe") {
                let at := add(add(rows, 32), mul(i, 28))
                mstore(at, or(shl(32, word), and(mload(at), 0xffffffff)))
            }
        }
    }

    /// @dev The big-endian unsigned integer of `size` bytes (1 to 32) at `offset`. Reading past the end gives what stands
    /// there in memory, so callers stay within the layout above.
    function _uint(bytes memory blob, uint256 offset, uint256 size) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(shl(3, sub(32, size)), mload(add(add(blob, 32), offset)))
        }
    }
}
