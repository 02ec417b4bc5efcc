// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accruals, AccrualBook, Period, Stream} from "../../../contracts/libraries/AccrualBook.sol";

/// @title An accrual book that anybody may write, at any time they say
/// @dev Each operation answers with an event: its two results (zero where it has fewer) and its gas without the call's.
contract AccrualHarness {
    using AccrualBook for Accruals;

    uint32 private immutable _nonAccrualDays;
    Accruals private _book;
    mapping(uint256 id => Stream) private _loans;

    event Done(uint256 first, uint256 second, uint256 gasUsed);

    constructor(int32 utcOffset, uint256 timestamp, uint32 nonAccrualDays) {
        _nonAccrualDays = nonAccrualDays;
        _book.begin(utcOffset, timestamp);
    }

    function roll(uint256 timestamp, uint256 maxDays) external {
        uint256 gasBefore = gasleft();
        bool upToDate = _book.roll(timestamp, maxDays);
        emit Done(upToDate ? 1 : 0, 0, gasBefore - gasleft());
    }

    function open(uint256 id, Period[] memory periods, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        uint256 late = _book.open(_loans[id], periods, _nonAccrualDays, timestamp);
        emit Done(late, 0, gasBefore - gasleft());
    }

    /// The same loan `times` times.
    function openMany(Period[] memory periods, uint256 timestamp, uint256 times) external {
        for (uint256 i = 0; i < times; ++i) _book.open(_loans[0], periods, _nonAccrualDays, timestamp);
    }

    function advance(uint256 id, Period[] memory periods, uint256 paid, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        uint256 late = _book.advance(_loans[id], periods, paid, _nonAccrualDays, timestamp);
        emit Done(late, 0, gasBefore - gasleft());
    }

    function retreat(uint256 id, Period[] memory periods, uint256 paid, uint256 paidAt, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        uint256 lost = _book.retreat(_loans[id], periods, paid, paidAt, _nonAccrualDays, timestamp);
        emit Done(lost, 0, gasBefore - gasleft());
    }

    function close(uint256 id, Period[] memory periods, uint128 received, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        (uint256 gain, uint256 loss) = _book.close(_loans[id], periods, received, _nonAccrualDays, timestamp);
        emit Done(gain, loss, gasBefore - gasleft());
    }

    function reopen(uint256 id, Period[] memory periods, int256 kept, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        uint256 late = _book.reopen(_loans[id], periods, kept, _nonAccrualDays, timestamp);
        emit Done(late, 0, gasBefore - gasleft());
    }

    function stream(uint256 scaled, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        Stream memory gain = _book.stream(scaled, timestamp);
        emit Done(gain.scaled, gain.startedAt, gasBefore - gasleft());
    }

    function cancel(uint192 scaled, uint40 startedAt, uint256 timestamp) external {
        uint256 gasBefore = gasleft();
        uint256 lost = _book.cancel(Stream(scaled, startedAt), timestamp);
        emit Done(lost, 0, gasBefore - gasleft());
    }

    function numeratorAt(uint256 timestamp) external view returns (uint256) {
        return _book.numeratorAt(timestamp);
    }

    function recognisedAt(uint256 timestamp) external view returns (uint256) {
        return _book.recognisedAt(timestamp);
    }

    function countedOf(uint256 id, Period[] memory periods, uint256 timestamp) external view returns (uint256) {
        return _book.countedOf(_loans[id], periods, _nonAccrualDays, timestamp);
    }

    /// The view's gas without the call's: what a share price pays for it.
    function gasOfView(uint256 timestamp) external view returns (uint256) {
        uint256 gasBefore = gasleft();
        _book.numeratorAt(timestamp);
        return gasBefore - gasleft();
    }

    function line() external view returns (int192 slope, int256 intercept, uint32 day) {
        return (_book.slope, _book.intercept, _book.day);
    }

    function bucket(uint256 day) external view returns (int192 slope, int64 residue) {
        return (_book.buckets[day].slope, _book.buckets[day].residue);
    }

    function netOf(uint256 interest, uint256 feeBps) external pure returns (uint128) {
        return AccrualBook.netOf(interest, feeBps);
    }
}
