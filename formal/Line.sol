// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccrualBook, Period} from "../contracts/libraries/AccrualBook.sol";
import {DayCount} from "../contracts/libraries/DayCount.sol";

/// @notice Days `from` to `to` of a period.
struct Piece {
    Period period;
    uint32 from;
    uint32 to;
    int32 utcOffset;
}

/// @title What it changes in the pool's line that a piece of a period is laid into it
/// @dev A model of `AccrualBook._lay` and `_bend`, which work on storage: what the two bends and the step back of the
/// intercept add to the numerator. The figures themselves are the library's own. The line is a sum of such pieces, so what
/// holds for each of them holds for the pool.
contract LineProof {
    uint256 private constant LAST_SECOND = 2 ** 40;

    function layingChangesNothingInItsOwnSecond(Piece memory piece, uint256 laidAt) external pure {
        _requireValid(piece, laidAt);
        // However late a payment comes, the price does not step.
        assert(_added(piece, laidAt, laidAt) == 0);
    }

    function lineCountsWhatAccruesFromThenOn(Piece memory piece, uint256 laidAt, uint256 later) external pure {
        _requireValid(piece, laidAt);
        require(laidAt <= later && later <= LAST_SECOND);
        // At any later second the line has grown by exactly what the piece accrued since it was laid.
        assert(_added(piece, laidAt, later) == int256(_accrued(piece, later)) - int256(_accrued(piece, laidAt)));
    }

    function lineNeverFallsWithTime(Piece memory piece, uint256 laidAt, uint256 later) external pure {
        _requireValid(piece, laidAt);
        require(laidAt <= later && later <= LAST_SECOND);
        // Nothing that is laid takes anything from the price at a later second.
        assert(_added(piece, laidAt, later) >= 0);
    }

    /// By how much the numerator at `timestamp` differs because the piece was laid at `laidAt`.
    function _added(Piece memory piece, uint256 laidAt, uint256 timestamp) private pure returns (int256) {
        if (piece.from >= piece.to || piece.period.interest == 0) return 0;
        if (AccrualBook.startOf(piece.to, piece.utcOffset) <= laidAt) return 0;
        (uint256 slope, uint256 residue) = AccrualBook._courseOf(piece.period);
        int256 rest = piece.to == piece.period.to ? int256(residue) : int256(0);
        return
            _bend(piece.from, piece.utcOffset, int256(slope), 0, timestamp) +
            _bend(piece.to, piece.utcOffset, -int256(slope), rest, timestamp) -
            int256(_accrued(piece, laidAt));
    }

    /// What a bend at the beginning of `day` adds at `timestamp`.
    function _bend(
        uint32 day,
        int32 utcOffset,
        int256 slope,
        int256 residue,
        uint256 timestamp
    ) private pure returns (int256) {
        uint256 start = AccrualBook.startOf(day, utcOffset);
        return timestamp < start ? int256(0) : slope * int256(timestamp) + (residue - slope * int256(start));
    }

    function _accrued(Piece memory piece, uint256 timestamp) private pure returns (uint256) {
        return AccrualBook._accrued(piece.period, piece.from, piece.to, piece.utcOffset, timestamp);
    }

    function _requireValid(Piece memory piece, uint256 laidAt) private pure {
        require(DayCount.isUtcOffset(piece.utcOffset) && piece.period.from >= 2);
        require(piece.period.from < piece.period.to && piece.period.to <= 2 * DayCount.MAX_DAY);
        require(piece.from >= piece.period.from && piece.to <= piece.period.to && laidAt <= LAST_SECOND);
    }
}
