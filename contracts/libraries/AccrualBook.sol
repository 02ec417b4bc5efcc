// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {DayCount} from "./DayCount.sol";

/// @notice The period of one instalment: its interest is recognised evenly from the beginning of day `from` to the
/// beginning of day `to`. An instalment is on time during its whole due day, so `to` is its due day + 1, and `from` is
/// the `to` of the instalment before it (of the first: the day of the disbursement + 1).
struct Period {
    uint32 from;
    uint32 to;
    /// Base units that the pool keeps: without the management fee, see `AccrualBook.netOf`.
    uint128 interest;
}

/// @notice A gain on its way into the price. `scaled` is in base units times `AccrualBook.SCALE`; zero is none.
struct Stream {
    uint192 scaled;
    uint40 startedAt;
}

/// @notice What changes when the day begins: the slope, and what the floor in slopes that end here had left over.
struct DayBucket {
    int192 slope;
    int64 residue;
}

/// @notice Recognised income as a line over time, and how the line bends on later days.
/// @dev Warning: `slope` and `intercept` stand as of the beginning of `day`. Days after it that have begun are still in
/// `buckets`: `AccrualBook.numeratorAt` looks there, other readers must too.
struct Accruals {
    int192 slope;
    uint32 day;
    int32 utcOffset;
    int256 intercept;
    mapping(uint256 day => DayBucket) buckets;
}

/// @title Interest recognised by the second, at a cost that knows no number of loans
/// @dev An instalment's interest enters the price evenly over its period. All periods that run together are one line,
/// `numerator(t) = slope * t + intercept`, which bends at the beginnings of days alone:
///
///     numerator                                  ____ day `to + non-accrual days`, or the next due moment if that is
///         |                             ____-----     earlier: the line of an unpaid loan ends by itself
///         |                  ___---'''''
///         |            __--''  next period
///         |       __--'        (half the interest)
///         |   __--' period
///         +--'----------------|-------------------|------> t
///            from             to
///
/// 1. A period's slope is `floor(interest * SCALE / length)`; what the floor leaves over, less than one numerator a
///    second, is added when the period ends. So a period that has ended counts exactly its interest.
/// 2. `intercept` holds `-slope * start` of what runs and all of what has ended. The start is a day's beginning, or the
///    second of the payment for a stream.
/// 3. A loan contributes the period of its oldest unpaid instalment and the next one until the stop. Periods of paid
///    instalments run to their end: interest that was paid early is earned when its time comes.
/// 4. No operation changes `numeratorAt(timestamp)` at its own timestamp except by a loss. What a payment brings that
///    the line did not count yet comes in as a stream: evenly over a week.
/// 5. Everything here is a sum of pieces, so nothing depends on how far the days were rolled.
///
/// Timestamps are seconds and never run back. Amounts fit `uint128` for currencies of up to 18 decimals, whose schedules
/// are `uint64` minor units: then no sum here comes near its limits and no repayment can fail on one.
library AccrualBook {
    error AccrualBookTimeRanBack(uint256 timestamp, uint32 day);
    error AccrualBookPaidOutOfBounds(uint256 paid, uint256 periods);

    /// Numerators of a base unit.
    uint256 internal constant SCALE = 1e18;

    /// A stream runs at least so long, and on to the end of that day.
    uint32 internal constant STREAM_DAYS = 7;

    uint256 private constant BASIS_POINTS = 10_000;

    /* SETTING UP */

    /// @param utcOffset Seconds, checked by the caller.
    function begin(Accruals storage book, int32 utcOffset, uint256 timestamp) internal {
        book.utcOffset = utcOffset;
        book.day = DayCount.dayOf(timestamp, utcOffset);
    }

    /// @notice The part of `interest` that is the pool's. The fee is rounded down.
    function netOf(uint256 interest, uint256 feeBps) internal pure returns (uint128) {
        return SafeCast.toUint128(interest - (interest * feeBps) / BASIS_POINTS);
    }

    /* READING */

    /// @notice Income recognised up to `timestamp`, in base units times `SCALE`. Walks the days since the last roll.
    function numeratorAt(Accruals storage book, uint256 timestamp) internal view returns (uint256) {
        _checkTime(book, timestamp);
        uint32 today = DayCount.dayOf(timestamp, book.utcOffset);
        (int256 slope, int256 intercept, ) = _lineAt(book, today);
        return SafeCast.toUint256(slope * int256(timestamp) + intercept);
    }

    /// @notice Income recognised up to `timestamp`, in base units, rounded down.
    function recognisedAt(Accruals storage book, uint256 timestamp) internal view returns (uint256) {
        return numeratorAt(book, timestamp) / SCALE;
    }

    /// @notice What the line counts for a loan's unpaid instalments, times `SCALE`: what writing it off would remove.
    /// @param loan Where the caller keeps the loan's own stream, see `advance`.
    /// @param periods Of the oldest unpaid instalment and of the next one, if there is one.
    function countedOf(
        Accruals storage book,
        Stream storage loan,
        Period[] memory periods,
        uint32 nonAccrualDays,
        uint256 timestamp
    ) internal view returns (uint256 scaled) {
        int32 utcOffset = book.utcOffset;
        scaled = _accrued(periods[0], periods[0].from, periods[0].to, utcOffset, timestamp);
        if (periods.length > 1) {
            uint32 stop = _stopDay(periods, 0, nonAccrualDays);
            scaled += _accrued(periods[1], periods[1].from, stop, utcOffset, timestamp);
        }
        uint256 toCome = _toCome(loan, utcOffset, timestamp);
        return scaled > toCome ? scaled - toCome : 0;
    }

    /// @notice What the line counts at most for a loan's unpaid instalments as long as none of them is paid, in base units,
    /// rounded up: the whole period of the oldest one, and the next period up to its stop.
    /// @param unpaid Index of the oldest unpaid instalment's period.
    function mostOf(
        Period[] memory periods,
        uint256 unpaid,
        uint32 nonAccrualDays
    ) internal pure returns (uint256 interest) {
        // Interest is below 2^128 and days below 2^32: nothing here runs over.
        unchecked {
            interest = periods[unpaid].interest;
            if (++unpaid == periods.length) return interest;
            Period memory next = periods[unpaid];
            uint256 length = next.to - next.from;
            // It begins where the oldest one ends: it counts as many days as it is long, or up to the stop.
            if (nonAccrualDays >= length) return interest + next.interest;
            return interest + (uint256(next.interest) * nonAccrualDays + length - 1) / length;
        }
    }

    /* ROLLING */

    /// @notice Brings the line forward to the day of `timestamp`, at most `maxDays` days. Changes no figure, only what
    /// later calls cost.
    /// @return upToDate False when days are left.
    function roll(Accruals storage book, uint256 timestamp, uint256 maxDays) internal returns (bool upToDate) {
        uint32 today = DayCount.dayOf(timestamp, book.utcOffset);
        uint32 day = book.day;
        if (day >= today) return true;
        upToDate = today - day <= maxDays;
        // `maxDays` is below `today - day` where it is used: the cast keeps it.
        uint32 last = upToDate ? today : day + uint32(maxDays);
        (int256 slope, int256 intercept, bool changed) = _lineAt(book, last);
        book.day = last;
        if (!changed) return upToDate;
        book.slope = SafeCast.toInt192(slope);
        book.intercept = intercept;
        while (day < last) delete book.buckets[++day];
    }

    /* LOANS */

    /// @notice Adds a loan whose first instalment is the oldest unpaid one. What its periods would count already is
    /// streamed: nothing on the day of the disbursement.
    /// @param loan As for `advance`.
    /// @param periods Of the first instalment and of the second, if there is one.
    function open(
        Accruals storage book,
        Stream storage loan,
        Period[] memory periods,
        uint32 nonAccrualDays,
        uint256 timestamp
    ) internal returns (uint256 late) {
        _checkTime(book, timestamp);
        late = _layUnpaid(book, periods, nonAccrualDays, timestamp, 1);
        if (late != 0) _defer(book, loan, late, timestamp);
    }

    /// @notice Moves a loan on after its `paid` oldest instalments were paid in full. Part payments change nothing here.
    ///
    ///     before   |---- u ----|--- u+1 ---> stop
    ///     after    |---- u ----|-------- u+1 --------|--- u+2 ---> stop
    ///                                       ^ late: what lies between the old stop and now
    ///
    /// @param loan Where the caller keeps the loan's own stream: what the line would count already had it not stopped.
    /// Read and written only when a payment comes after the stop, and when a loan ends with a loss, because a part of it
    /// belongs to instalments that are still unpaid.
    /// @param periods From the instalment that was the oldest unpaid one to the one after the new oldest unpaid one, as
    /// far as there are any. All of them, when the last was paid.
    /// @return late What went into the loan's stream, times `SCALE`.
    function advance(
        Accruals storage book,
        Stream storage loan,
        Period[] memory periods,
        uint256 paid,
        uint32 nonAccrualDays,
        uint256 timestamp
    ) internal returns (uint256 late) {
        _checkTime(book, timestamp);
        uint256 end = _spansEnd(periods, paid);
        for (uint256 i = 1; i < end; ++i) {
            (uint32 from, uint32 to) = _span(periods, i, paid, nonAccrualDays);
            late += _lay(book, periods[i], from, to, timestamp, 1);
        }
        if (late != 0) _defer(book, loan, late, timestamp);
    }

    /// @notice Takes back the loan's latest `advance`, that of `paidAt`: the line is as if the instalments had not been
    /// paid. What it counted meanwhile for the payment's sake is lost at once.
    /// @param periods The same as for the `advance`.
    /// @return lost What left the price, times `SCALE`.
    function retreat(
        Accruals storage book,
        Stream storage loan,
        Period[] memory periods,
        uint256 paid,
        uint256 paidAt,
        uint32 nonAccrualDays,
        uint256 timestamp
    ) internal returns (uint256 lost) {
        _checkTime(book, timestamp);
        uint256 late;
        int32 utcOffset = book.utcOffset;
        uint256 end = _spansEnd(periods, paid);
        for (uint256 i = 1; i < end; ++i) {
            (uint32 from, uint32 to) = _span(periods, i, paid, nonAccrualDays);
            late += _accrued(periods[i], from, to, utcOffset, paidAt);
            lost += _lay(book, periods[i], from, to, timestamp, -1);
        }
        lost -= late;
        book.intercept -= int256(lost);
        if (late == 0) return lost;
        // What was on its way before that payment sets out again.
        uint256 earlier = loan.scaled - late;
        lost += cancel(book, loan, timestamp);
        _keep(loan, stream(book, earlier, timestamp));
    }

    /// @notice Ends a loan that is paid off, written off, sold or replaced: of its unpaid instalments exactly `received`
    /// base units stay recognised.
    /// @param loan As for `advance`.
    /// @param periods Of the oldest unpaid instalment and of the next one, if there is one.
    /// @param received Interest that came in for the unpaid instalments, part payments before this one included, without
    /// the management fee.
    /// @return gain What came in beyond what the line counted, times `SCALE`. To be streamed by the caller.
    /// @return loss What the line counted and never came in, times `SCALE`. Leaves the price at once.
    function close(
        Accruals storage book,
        Stream storage loan,
        Period[] memory periods,
        uint128 received,
        uint32 nonAccrualDays,
        uint256 timestamp
    ) internal returns (uint256 gain, uint256 loss) {
        _checkTime(book, timestamp);
        uint256 accrued = _layUnpaid(book, periods, nonAccrualDays, timestamp, -1);
        uint256 earned = received * SCALE;
        if (earned >= accrued) return (earned - accrued, 0);
        // What is still on its way was accrued but never counted: it must not be lost, nor come.
        earned += _halt(book, loan, timestamp);
        _keep(loan, Stream(0, 0));
        if (earned >= accrued) return (earned - accrued, 0);
        loss = accrued - earned;
        book.intercept -= int256(loss);
    }

    /// @notice Takes back a `close`: the loan runs on as before. What its unpaid instalments count by now beyond `kept`
    /// comes in as a stream; the stream of the gain, if there was one, is for the caller to `cancel`.
    /// @param loan As for `advance`.
    /// @param periods The same as for the `close`.
    /// @param kept What the `close` left recognised: `received * SCALE - gain`, never negative after a loss.
    /// @return late What went into the loan's stream, times `SCALE`.
    function reopen(
        Accruals storage book,
        Stream storage loan,
        Period[] memory periods,
        int256 kept,
        uint32 nonAccrualDays,
        uint256 timestamp
    ) internal returns (uint256 late) {
        _checkTime(book, timestamp);
        late = uint256(int256(_layUnpaid(book, periods, nonAccrualDays, timestamp, 1)) - kept);
        if (late != 0) _defer(book, loan, late, timestamp);
    }

    /* STREAMS */

    /// @notice Lets a gain into the price evenly, from now to a day's beginning more than `STREAM_DAYS` days away.
    /// @param scaled Base units times `SCALE`.
    /// @return gain What `cancel` needs.
    function stream(Accruals storage book, uint256 scaled, uint256 timestamp) internal returns (Stream memory gain) {
        _checkTime(book, timestamp);
        if (scaled == 0) return gain;
        gain = Stream(SafeCast.toUint192(scaled), SafeCast.toUint40(timestamp));
        (int192 slope, int64 residue, uint32 to, ) = _courseOf(gain, book.utcOffset);
        book.slope += slope;
        book.intercept -= slope * int256(timestamp);
        _bend(book, to, -slope, residue);
    }

    /// @notice Takes a stream out again, whole: what it brought so far leaves the price at once.
    /// @return lost That part, times `SCALE`.
    function cancel(Accruals storage book, Stream memory gain, uint256 timestamp) internal returns (uint256 lost) {
        _checkTime(book, timestamp);
        lost = gain.scaled - _halt(book, gain, timestamp);
        book.intercept -= int256(lost);
    }

    /* ARITHMETIC */

    /// @notice Spreads `scaled` evenly over `length` seconds: `slope * length + residue == scaled`, `residue < length`.
    function spread(uint256 scaled, uint256 length) internal pure returns (uint256 slope, uint256 residue) {
        slope = scaled / length;
        residue = scaled % length;
    }

    /// @notice The second at which `day` begins.
    function startOf(uint32 day, int32 utcOffset) internal pure returns (uint256) {
        return uint256(int256(uint256(day) * 1 days) - utcOffset);
    }

    /// @dev A period's length is whole days, at most 2^32 of them: a residue is below 2^49, a slope below 2^188.
    function _courseOf(Period memory period) private pure returns (uint256 slope, uint256 residue) {
        return spread(period.interest * SCALE, uint256(period.to - period.from) * 1 days);
    }

    /// @dev The casts keep their values: `scaled` is below 2^192 and the length more than 2^19.
    function _courseOf(
        Stream memory gain,
        int32 utcOffset
    ) private pure returns (int192 slope, int64 residue, uint32 to, uint256 end) {
        to = DayCount.dayOf(gain.startedAt, utcOffset) + STREAM_DAYS + 1;
        end = startOf(to, utcOffset);
        (uint256 quotient, uint256 rest) = spread(gain.scaled, end - gain.startedAt);
        (slope, residue) = (int192(int256(quotient)), int64(uint64(rest)));
    }

    /// @dev What the days `from` to `to` of a period count by `timestamp`. The residue comes with the period's own end.
    function _accrued(
        Period memory period,
        uint32 from,
        uint32 to,
        int32 utcOffset,
        uint256 timestamp
    ) private pure returns (uint256) {
        uint256 start = startOf(from, utcOffset);
        if (from >= to || period.interest == 0 || timestamp <= start) return 0;
        (uint256 slope, uint256 residue) = _courseOf(period);
        if (timestamp < startOf(to, utcOffset)) return slope * (timestamp - start);
        return slope * (uint256(to - from) * 1 days) + (to == period.to ? residue : 0);
    }

    /// @dev The day on which the next period stops while instalment `u` is unpaid.
    function _stopDay(Period[] memory periods, uint256 u, uint32 nonAccrualDays) private pure returns (uint32) {
        uint32 stop = periods[u].to + nonAccrualDays;
        return stop < periods[u + 1].to ? stop : periods[u + 1].to;
    }

    /// @dev One more than the last period that paying `paid` instalments changes.
    function _spansEnd(Period[] memory periods, uint256 paid) private pure returns (uint256) {
        if (paid == 0 || paid > periods.length) revert AccrualBookPaidOutOfBounds(paid, periods.length);
        return paid + 2 < periods.length ? paid + 2 : periods.length;
    }

    /// @dev The days of period `i` that paying the `paid` instalments before it adds: from where it stopped before (the
    /// second alone had begun) to its end, or to the stop for the period after the new oldest unpaid one.
    function _span(
        Period[] memory periods,
        uint256 i,
        uint256 paid,
        uint32 nonAccrualDays
    ) private pure returns (uint32 from, uint32 to) {
        from = i == 1 ? _stopDay(periods, 0, nonAccrualDays) : periods[i].from;
        to = i > paid ? _stopDay(periods, paid, nonAccrualDays) : periods[i].to;
    }

    /// @dev The part of a stream that the line does not count yet.
    function _toCome(Stream memory gain, int32 utcOffset, uint256 timestamp) private pure returns (uint256) {
        if (gain.scaled == 0) return 0;
        (int192 slope, , , uint256 end) = _courseOf(gain, utcOffset);
        return timestamp < end ? gain.scaled - uint256(int256(slope)) * (timestamp - gain.startedAt) : 0;
    }

    /* THE LINE */

    /// @dev The line after the days up to `last` have begun, and whether it differs from the stored one.
    function _lineAt(
        Accruals storage book,
        uint32 last
    ) private view returns (int256 slope, int256 intercept, bool changed) {
        slope = book.slope;
        intercept = book.intercept;
        int32 utcOffset = book.utcOffset;
        for (uint32 day = book.day + 1; day <= last; ++day) {
            DayBucket memory bucket = book.buckets[day];
            if (bucket.slope == 0 && bucket.residue == 0) continue;
            changed = true;
            slope += bucket.slope;
            intercept += bucket.residue - bucket.slope * int256(startOf(day, utcOffset));
        }
    }

    /// @dev Adds (`sign` 1) or removes (-1) the days `from` to `to` of a period without a change of the numerator now:
    /// days that have passed are neither added nor taken away, but returned.
    function _lay(
        Accruals storage book,
        Period memory period,
        uint32 from,
        uint32 to,
        uint256 timestamp,
        int256 sign
    ) private returns (uint256 past) {
        if (from >= to || period.interest == 0) return 0;
        int32 utcOffset = book.utcOffset;
        past = _accrued(period, from, to, utcOffset, timestamp);
        if (startOf(to, utcOffset) <= timestamp) return past;
        (uint256 quotient, uint256 rest) = _courseOf(period);
        int192 slope = int192(sign * int256(quotient));
        _bend(book, from, slope, 0);
        _bend(book, to, -slope, to == period.to ? int64(sign * int256(rest)) : int64(0));
        if (past != 0) book.intercept -= sign * int256(past);
    }

    /// @dev `_lay` for what a loan contributes while `periods[0]` is the oldest unpaid one.
    function _layUnpaid(
        Accruals storage book,
        Period[] memory periods,
        uint32 nonAccrualDays,
        uint256 timestamp,
        int256 sign
    ) private returns (uint256 past) {
        past = _lay(book, periods[0], periods[0].from, periods[0].to, timestamp, sign);
        if (periods.length == 1) return past;
        uint32 stop = _stopDay(periods, 0, nonAccrualDays);
        past += _lay(book, periods[1], periods[1].from, stop, timestamp, sign);
    }

    /// @dev Puts `late` into the loan's stream. What was still on its way there sets out again with it.
    function _defer(Accruals storage book, Stream storage loan, uint256 late, uint256 timestamp) private {
        _keep(loan, stream(book, late + _halt(book, loan, timestamp), timestamp));
    }

    /// @dev Ends a stream without a change of the numerator now.
    /// @return toCome What it would have brought.
    function _halt(Accruals storage book, Stream memory gain, uint256 timestamp) private returns (uint256 toCome) {
        toCome = _toCome(gain, book.utcOffset, timestamp);
        if (toCome == 0) return 0;
        (int192 slope, int64 residue, uint32 to, ) = _courseOf(gain, book.utcOffset);
        book.slope -= slope;
        book.intercept += slope * int256(timestamp);
        _bend(book, to, slope, -residue);
    }

    function _keep(Stream storage loan, Stream memory gain) private {
        (loan.scaled, loan.startedAt) = (gain.scaled, gain.startedAt);
    }

    /// @dev Changes the slope from the beginning of `day` on. A day that was rolled over is in the line already.
    function _bend(Accruals storage book, uint32 day, int192 slope, int64 residue) private {
        if (day > book.day) {
            // One read and one write of the slot that holds both.
            DayBucket memory bucket = book.buckets[day];
            book.buckets[day] = DayBucket(bucket.slope + slope, bucket.residue + residue);
        } else {
            book.slope += slope;
            book.intercept += residue - slope * int256(startOf(day, book.utcOffset));
        }
    }

    function _checkTime(Accruals storage book, uint256 timestamp) private view {
        if (timestamp < startOf(book.day, book.utcOffset)) revert AccrualBookTimeRanBack(timestamp, book.day);
    }
}
