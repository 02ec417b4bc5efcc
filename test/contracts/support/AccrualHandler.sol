// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accruals, AccrualBook, Period, Stream} from "../../../contracts/libraries/AccrualBook.sol";

/// @title What may happen to an accrual book, for a fuzzer to call in any order
/// @dev Keeps every loan by itself and can add up, from nothing but them, what the book must say.
contract AccrualHandler {
    using AccrualBook for Accruals;

    uint256 private constant LOANS = 4;
    uint256 private constant ROWS = 4;
    int32 private constant UTC_OFFSET = 3 hours;
    uint32 private constant NON_ACCRUAL_DAYS = 10;

    struct Loan {
        bool running;
        uint256 unpaid;
        Stream deferred;
        Period[ROWS] periods;
    }

    Accruals private _book;
    Loan[LOANS] private _loans;
    /// Periods of paid instalments of loans that have ended, and what stays recognised of the others.
    Period[] private _ended;
    int256 private _kept;
    Stream[] private _gains;

    uint256 public timestamp = 1_780_000_000;
    bool public movedByItself;

    constructor() {
        _book.begin(UTC_OFFSET, timestamp);
    }

    /// What happens may move the numerator by a loss alone.
    modifier steady() {
        uint256 before = _book.numeratorAt(timestamp);
        uint256 keptBefore = sum();
        _;
        uint256 loss = keptBefore - sum();
        if (_book.numeratorAt(timestamp) + loss != before) movedByItself = true;
    }

    function wait(uint256 secondsSeed) external {
        timestamp += secondsSeed % 9 days;
    }

    function waitForDay(uint256 seed) external {
        uint32 day = uint32(uint256(int256(timestamp) + UTC_OFFSET) / 1 days) + 1;
        timestamp = AccrualBook.startOf(day, UTC_OFFSET) + (seed % 2) * 10 days;
    }

    function roll(uint256 maxDays) external steady {
        _book.roll(timestamp, maxDays % 12);
    }

    function open(uint256 seed) external steady {
        Loan storage loan = _loans[seed % LOANS];
        if (loan.running) return;
        loan.running = true;
        loan.unpaid = 0;
        delete loan.deferred;
        uint32 from = uint32(uint256(int256(timestamp) + UTC_OFFSET) / 1 days) + 1;
        for (uint256 i = 0; i < ROWS; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            loan.periods[i] = Period(from, from + 1 + uint32(seed % 20), uint128((seed >> 32) % 1e9));
            from = loan.periods[i].to;
        }
        _book.open(loan.deferred, _shown(loan, 0), NON_ACCRUAL_DAYS, timestamp);
    }

    function advance(uint256 seed) external steady {
        Loan storage loan = _loans[seed % LOANS];
        if (!loan.running) return;
        uint256 paid = 1 + ((seed >> 8) % (ROWS - loan.unpaid));
        _book.advance(loan.deferred, _shown(loan, paid), paid, NON_ACCRUAL_DAYS, timestamp);
        loan.unpaid += paid;
        if (loan.unpaid == ROWS) _end(loan);
    }

    function close(uint256 seed) external steady {
        Loan storage loan = _loans[seed % LOANS];
        if (!loan.running) return;
        uint128 received = uint128((seed >> 8) % (2 * uint256(loan.periods[loan.unpaid].interest) + 1));
        (uint256 gain, ) = _book.close(loan.deferred, _shown(loan, 0), received, NON_ACCRUAL_DAYS, timestamp);
        _gains.push(_book.stream(gain, timestamp));
        _end(loan);
        _kept += int256(received * AccrualBook.SCALE) - int256(gain);
    }

    function income(uint256 amount) external steady {
        _gains.push(_book.stream(amount % 1e27, timestamp));
    }

    function numerator(uint256 later) external view returns (uint256) {
        return _book.numeratorAt(timestamp + later);
    }

    /// Brute force, now: the book's numerator must be this.
    function sum() public view returns (uint256 scaled) {
        for (uint256 i = 0; i < _ended.length; ++i) scaled += _earned(_ended[i], timestamp);
        for (uint256 i = 0; i < _gains.length; ++i) scaled += _gains[i].scaled - _toCome(_gains[i]);
        for (uint256 i = 0; i < LOANS; ++i) if (_loans[i].running) scaled += _contribution(_loans[i]);
        scaled = uint256(int256(scaled) + _kept);
    }

    function slope() external view returns (int256) {
        return _book.slope;
    }

    /// @dev A stream that is on its way when its loan ends goes on as a gain of nobody's.
    function _end(Loan storage loan) private {
        loan.running = false;
        for (uint256 i = 0; i < loan.unpaid; ++i) _ended.push(loan.periods[i]);
        if (loan.deferred.scaled == 0) return;
        // The gain that it becomes is already in what the paid periods earn.
        _gains.push(loan.deferred);
        _kept -= int256(uint256(loan.deferred.scaled));
    }

    function _contribution(Loan storage loan) private view returns (uint256 scaled) {
        for (uint256 i = 0; i <= loan.unpaid; ++i) scaled += _earned(loan.periods[i], timestamp);
        if (loan.unpaid + 1 < ROWS) {
            Period memory oldest = loan.periods[loan.unpaid];
            uint256 stop = AccrualBook.startOf(oldest.to + NON_ACCRUAL_DAYS, UTC_OFFSET);
            Period memory next = loan.periods[loan.unpaid + 1];
            scaled += _earned(next, timestamp < stop ? timestamp : stop);
        }
        scaled -= _toCome(loan.deferred);
    }

    function _earned(Period memory period, uint256 until) private pure returns (uint256) {
        uint256 start = AccrualBook.startOf(period.from, UTC_OFFSET);
        uint256 end = AccrualBook.startOf(period.to, UTC_OFFSET);
        uint256 whole = period.interest * AccrualBook.SCALE;
        if (until <= start) return 0;
        return until < end ? (whole / (end - start)) * (until - start) : whole;
    }

    function _toCome(Stream memory stream) private view returns (uint256) {
        if (stream.scaled == 0) return 0;
        uint256 day = uint256(int256(uint256(stream.startedAt)) + UTC_OFFSET) / 1 days;
        uint256 end = AccrualBook.startOf(uint32(day) + 8, UTC_OFFSET);
        if (timestamp >= end) return 0;
        return stream.scaled - (stream.scaled / (end - stream.startedAt)) * (timestamp - stream.startedAt);
    }

    function _shown(Loan storage loan, uint256 paid) private view returns (Period[] memory periods) {
        uint256 end = loan.unpaid + paid + 2;
        if (end > ROWS) end = ROWS;
        periods = new Period[](end - loan.unpaid);
        for (uint256 i = 0; i < periods.length; ++i) periods[i] = loan.periods[loan.unpaid + i];
    }
}
