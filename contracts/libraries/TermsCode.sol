// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Agreement, Instalment} from "../interfaces/ILoanBook.sol";

/// @notice What LoanBook enforces after origination, as read back from contract code.
struct Terms {
    address borrower;
    address lender;
    address currency;
    address payee;
    uint256 unit;
    uint64 principal;
    uint64 upfrontFee;
    uint32 disburseFromDay;
    uint32 disburseUntilDay;
    uint32 penaltyRateBps;
    uint16 penaltyGraceDays;
    uint64 penaltyCap;
    bytes4 waterfall;
    uint8 earlySettlement;
    uint16 reversalDays;
    uint16 coolingOffDays;
    int32 utcOffset;
    uint16 count;
    uint256 amountBytes;
    /// The whole blob, header included: rows are unpacked one at a time by `TermsCode.row`.
    bytes blob;
}

/// @title Terms and schedule of a loan, written once as contract code
/// @dev Code is the cheapest storage that is read whole: 12 rows cost 214k gas in storage slots, about 81k with their terms here, and one
/// cold account access reads everything that a repayment needs. Each byte costs 200 gas for ever: the amounts of a table
/// are as wide as its largest one needs. A leading STOP byte makes the code uncallable.
///
///     offset  bytes  field                     offset  bytes  field
///     0       20     borrower                  105     4      penaltyRateBps
///     20      20     lender                    109     2      penaltyGraceDays
///     40      20     currency                  111     8      penaltyCap
///     60      20     payee                     119     4      waterfall
///     80      1      log10(unit)               123     1      earlySettlement
///     81      8      principal                 124     2      reversalDays
///     89      8      upfrontFee                126     2      coolingOffDays
///     97      4      disburseFromDay           128     4      utcOffset
///     101     4      disburseUntilDay          132     2      count
///                                              134     1      w = amountBytes, 1 to 8
///     135 + (3 + 3 w) i     row i: day 3, principal w, interest w, fee w
library TermsCode {
    error TermsCodeWriteFailed();

    uint256 private constant HEADER_BYTES = 135;
    /// Of a row's day: far more than `DayCount.MAX_DAY`.
    uint256 private constant DAY_BYTES = 3;

    /// @notice Writes the terms of a new agreement.
    /// @param unitExponent log10 of `a.unit`, checked by the caller.
    function write(Agreement memory a, uint8 unitExponent) internal returns (address pointer) {
        bytes memory parties = abi.encodePacked(
            a.borrower,
            a.lender,
            a.currency,
            a.payee,
            unitExponent,
            a.principal,
            a.upfrontFee,
            a.disburseFromDay,
            a.disburseUntilDay
        );
        bytes memory rules = abi.encodePacked(
            a.penaltyRateBps,
            a.penaltyGraceDays,
            a.penaltyCap,
            a.waterfall,
            a.earlySettlement,
            a.reversalDays,
            a.coolingOffDays,
            a.utcOffset,
            a.count,
            _amountBytes(a.schedule)
        );
        return _create(bytes.concat(parties, rules), a.schedule);
    }

    /// @notice Writes the terms of a loan's next version: another table, the same rules.
    /// @param penaltyCap What is left of the penalty that was agreed for the loan's life.
    function rewrite(
        Terms memory terms,
        uint64 principal,
        uint64 penaltyCap,
        Instalment[] memory schedule
    ) internal returns (address pointer) {
        bytes memory header = new bytes(HEADER_BYTES);
        bytes memory blob = terms.blob;
        assembly ("memory-safe") {
            mcopy(add(header, 32), add(blob, 32), HEADER_BYTES)
        }
        _put(header, 81, 8, principal);
        _put(header, 111, 8, penaltyCap);
        _put(header, 132, 2, schedule.length);
        _put(header, 134, 1, _amountBytes(schedule));
        return _create(header, schedule);
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
        terms.upfrontFee = uint64(_uint(blob, 89, 8));
        terms.disburseFromDay = uint32(_uint(blob, 97, 4));
        terms.disburseUntilDay = uint32(_uint(blob, 101, 4));
        terms.penaltyRateBps = uint32(_uint(blob, 105, 4));
        terms.penaltyGraceDays = uint16(_uint(blob, 109, 2));
        terms.penaltyCap = uint64(_uint(blob, 111, 8));
        terms.waterfall = bytes4(uint32(_uint(blob, 119, 4)));
        terms.earlySettlement = uint8(_uint(blob, 123, 1));
        terms.reversalDays = uint16(_uint(blob, 124, 2));
        terms.coolingOffDays = uint16(_uint(blob, 126, 2));
        terms.utcOffset = int32(uint32(_uint(blob, 128, 4)));
        terms.count = uint16(_uint(blob, 132, 2));
        terms.amountBytes = _uint(blob, 134, 1);
        terms.blob = blob;
    }

    /// @param index Counted from 0; must be below `terms.count`.
    function row(Terms memory terms, uint256 index) internal pure returns (Instalment memory) {
        uint256 size = _rowBytes(terms.amountBytes);
        uint256 word = _uint(terms.blob, _rowAt(size, index), size);
        uint256 base = _baseOf(terms.amountBytes);
        // A row's fields are the digits of a number, the day leftmost: none is wider than its type.
        unchecked {
            return
                Instalment({
                    day: uint32(word / base / base / base),
                    principal: uint64((word / base / base) % base),
                    interest: uint64((word / base) % base),
                    fee: uint64(word % base)
                });
        }
    }

    /// @notice Rows `from` to the one before `end`.
    function rows(Terms memory terms, uint256 from, uint256 end) internal pure returns (Instalment[] memory schedule) {
        schedule = new Instalment[](end - from);
        for (uint256 i = from; i < end; ++i) schedule[i - from] = row(terms, i);
    }

    /// @notice The due day of row `index` alone.
    function dayOf(Terms memory terms, uint256 index) internal pure returns (uint32) {
        return uint32(_uint(terms.blob, _rowAt(_rowBytes(terms.amountBytes), index), DAY_BYTES));
    }

    /// @param header Ends with the width of the amounts.
    function _create(bytes memory header, Instalment[] memory schedule) private returns (address pointer) {
        bytes memory blob = bytes.concat(header, _pack(schedule, uint8(header[HEADER_BYTES - 1])));
        // PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE (0), CODECOPY, RETURNDATASIZE (0), RETURN; then STOP and the blob.
        bytes memory init = abi.encodePacked(hex"61", uint16(blob.length + 1), hex"80600a3d393df3", hex"00", blob);
        assembly ("memory-safe") {
            pointer := create(0, add(init, 32), mload(init))
        }
        if (pointer == address(0)) revert TermsCodeWriteFailed();
    }

    /// @param amountBytes Room for the largest amount. Days fit `DAY_BYTES`, checked by the caller.
    function _pack(Instalment[] memory schedule, uint256 amountBytes) private pure returns (bytes memory packed) {
        uint256 size = _rowBytes(amountBytes);
        uint256 base = _baseOf(amountBytes);
        packed = new bytes(schedule.length * size);
        for (uint256 i = 0; i < schedule.length; ++i) {
            Instalment memory r = schedule[i];
            uint256 word;
            // 27 bytes at most, as the fields are.
            unchecked {
                word = ((uint256(r.day) * base + r.principal) * base + r.interest) * base + r.fee;
            }
            _put(packed, size * i, size, word);
        }
    }

    /// @dev Bytes that the largest amount of a table needs.
    function _amountBytes(Instalment[] memory schedule) private pure returns (uint8) {
        uint256 bits;
        for (uint256 i = 0; i < schedule.length; ++i) {
            Instalment memory r = schedule[i];
            bits |= r.principal | r.interest | r.fee;
        }
        return uint8(Math.log256(bits) + 1);
    }

    function _rowBytes(uint256 amountBytes) private pure returns (uint256) {
        unchecked {
            return DAY_BYTES + 3 * amountBytes;
        }
    }

    /// @dev One more than the largest amount of so many bytes.
    function _baseOf(uint256 amountBytes) private pure returns (uint256) {
        unchecked {
            return 1 << (8 * amountBytes);
        }
    }

    /// @dev Where a row of `size` bytes begins: both are small.
    function _rowAt(uint256 size, uint256 index) private pure returns (uint256) {
        unchecked {
            return HEADER_BYTES + size * index;
        }
    }

    /// @dev The big-endian unsigned integer of `size` bytes (1 to 32) at `offset`. Reading past the end gives what stands
    /// there in memory, so callers stay within the layout above.
    function _uint(bytes memory blob, uint256 offset, uint256 size) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(shl(3, sub(32, size)), mload(add(add(blob, 32), offset)))
        }
    }

    /// @dev Writes the low `size` bytes (1 to 31) of `value` at `offset`, and keeps what stands behind them.
    function _put(bytes memory blob, uint256 offset, uint256 size, uint256 value) private pure {
        assembly ("memory-safe") {
            let at := add(add(blob, 32), offset)
            let behind := shr(shl(3, size), not(0))
            mstore(at, or(shl(shl(3, sub(32, size)), value), and(mload(at), behind)))
        }
    }
}
