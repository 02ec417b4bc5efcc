// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accruals, AccrualBook, Period, Stream} from "../../contracts/libraries/AccrualBook.sol";
import {AccrualHandler} from "./support/AccrualHandler.sol";
import {VM} from "./support/Vm.sol";

contract AccrualBookTest {
    using AccrualBook for Accruals;

    uint32 private constant START_DAY = 20_600;

    Accruals private _book;
    Stream private _loan;
    AccrualHandler private _handler;

    function setUp() external {
        _handler = new AccrualHandler();
    }

    /// What the fuzzer may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /* INVARIANTS */

    /// hardhat-config: default.invariant.runs = 24
    /// hardhat-config: default.invariant.depth = 64
    /// hardhat-config: default.invariant.failOnRevert = true
    function invariant_INV52_numeratorIsTheSumOverLoansAndStreams() external view {
        assert(_handler.numerator(0) == _handler.sum());
    }

    /// hardhat-config: default.invariant.runs = 24
    /// hardhat-config: default.invariant.depth = 64
    /// hardhat-config: default.invariant.failOnRevert = true
    function invariant_INV53_onlyALossMovesTheNumeratorInItsOwnSecond() external view {
        assert(!_handler.movedByItself());
    }

    /// hardhat-config: default.invariant.runs = 24
    /// hardhat-config: default.invariant.depth = 64
    /// hardhat-config: default.invariant.failOnRevert = true
    function invariant_INV54_timeAloneNeverTakesAway() external view {
        assert(_handler.slope() >= 0);
        uint256 last = _handler.numerator(0);
        for (uint256 later = 1 hours; later < 40 days; later = later * 3 + 1) {
            uint256 next = _handler.numerator(later);
            assert(next >= last);
            last = next;
        }
    }

    /* BOUNDS */

    function test_onlyInstalmentsThatThereAreArePaid() external {
        VM.expectRevert(abi.encodeWithSelector(AccrualBook.AccrualBookPaidOutOfBounds.selector, 0, 2));
        this.advance(0);
        VM.expectRevert(abi.encodeWithSelector(AccrualBook.AccrualBookPaidOutOfBounds.selector, 3, 2));
        this.advance(3);
    }

    function advance(uint256 paid) external {
        _book.advance(_loan, new Period[](2), paid, 30, block.timestamp);
    }

    /// No pool opens a loan so late; the book would not let its price jump.
    function test_whatALoanWouldCountAlreadyWhenItIsOpenedIsStreamed() external {
        _book.begin(0, uint256(START_DAY) * 1 days);
        uint256 timestamp = uint256(START_DAY + 3) * 1 days;
        Period[] memory periods = new Period[](1);
        // One base unit a second.
        periods[0] = Period(START_DAY, START_DAY + 7, 7 days);
        assert(_book.open(_loan, periods, 30, timestamp) == 3 days * AccrualBook.SCALE);
        assert(_book.recognisedAt(timestamp) == 0);
        // All that the line had still to count, and half of the stream of eight days.
        assert(_book.recognisedAt(timestamp + 4 days) == 4 days + 1.5 days);
        assert(_book.recognisedAt(timestamp + 8 days) == 7 days);
    }

    /* ARITHMETIC */

    function testFuzz_spreadLosesNothing(uint256 scaled, uint256 length) external pure {
        if (length == 0) length = 1;
        (uint256 slope, uint256 residue) = AccrualBook.spread(scaled, length);
        assert(slope * length + residue == scaled);
        assert(residue < length);
    }

    function testFuzz_netIsTheInterestWithoutTheFee(uint128 interest, uint256 feeBps) external pure {
        feeBps %= 10_001;
        uint256 fee = interest - AccrualBook.netOf(interest, feeBps);
        assert(fee * 10_000 <= uint256(interest) * feeBps);
        assert((fee + 1) * 10_000 > uint256(interest) * feeBps);
    }

    /* PERIODS */

    function testFuzz_endedPeriodCountsExactlyItsInterest(
        uint128 interest,
        uint32 length,
        uint256 offsetSeed
    ) external {
        Period[] memory periods = new Period[](1);
        periods[0] = _begin(interest, length, offsetSeed);
        _book.open(_loan, periods, 0, _at(START_DAY));
        uint256 whole = interest * AccrualBook.SCALE;
        assert(_book.numeratorAt(_at(periods[0].to)) == whole);
        assert(_book.numeratorAt(_at(periods[0].to) + 1) == whole);
        assert(_book.recognisedAt(_at(periods[0].to)) == interest);
    }

    function testFuzz_runningPeriodMissesLessThanANumeratorASecond(
        uint128 interest,
        uint32 length,
        uint256 offsetSeed,
        uint256 passed
    ) external {
        Period[] memory periods = new Period[](1);
        periods[0] = _begin(interest, length, offsetSeed);
        _book.open(_loan, periods, 0, _at(START_DAY));
        uint256 period = uint256(periods[0].to - periods[0].from) * 1 days;
        passed %= period;
        uint256 exactTimesPeriod = interest * AccrualBook.SCALE * passed;
        uint256 counted = _book.numeratorAt(_at(periods[0].from) + passed) * period;
        assert(counted <= exactTimesPeriod);
        assert(exactTimesPeriod - counted < passed * period || passed == 0);
    }

    /// However late, partial rolls included: a payment lets nothing in at once.
    function testFuzz_paymentChangesNothingInItsOwnSecond(uint256 seed, uint256 day, uint256 paid) external {
        Period[] memory periods = _schedule(seed);
        uint32 nonAccrualDays = uint32(seed >> 200) % 60;
        _book.open(_loan, _part(periods, 0, 2), nonAccrualDays, _at(START_DAY));
        uint256 timestamp = _at(START_DAY + uint32(day % 300)) + (seed % 1 days);
        _book.roll(timestamp, seed % 40);
        uint256 before = _book.numeratorAt(timestamp);
        paid = 1 + (paid % periods.length);
        _book.advance(_loan, _part(periods, 0, paid + 2), paid, nonAccrualDays, timestamp);
        assert(_book.numeratorAt(timestamp) == before);
        uint256 later = _book.numeratorAt(timestamp + 400 days);
        assert(later >= before);
        if (paid == periods.length) assert(later == _interest(periods));
    }

    /// What a pool provides for must never be below what it counts.
    function testFuzz_unpaidLoanCountsItsMostAndNoMore(uint256 seed, uint256 day) external {
        Period[] memory periods = _schedule(seed);
        uint32 nonAccrualDays = uint32(seed >> 200) % 60;
        _book.open(_loan, _part(periods, 0, 2), nonAccrualDays, _at(START_DAY));
        uint256 most = AccrualBook.mostOf(periods, 0, nonAccrualDays) * AccrualBook.SCALE;
        assert(_book.numeratorAt(_at(START_DAY + uint32(day % 300)) + (seed % 1 days)) <= most);
        // At its stop all of it, but for less than a base unit.
        assert(_book.numeratorAt(_at(START_DAY + 300)) + AccrualBook.SCALE > most);
    }

    function testFuzz_loanThatEndsLeavesWhatItBrought(uint256 seed, uint256 day, uint128 received) external {
        Period[] memory periods = _schedule(seed);
        uint32 nonAccrualDays = uint32(seed >> 200) % 60;
        _book.open(_loan, _part(periods, 0, 2), nonAccrualDays, _at(START_DAY));
        uint256 timestamp = _at(START_DAY + uint32(day % 300)) + (seed % 1 days);
        _book.roll(timestamp, seed % 40);
        uint256 before = _book.numeratorAt(timestamp);
        (uint256 gain, uint256 loss) = _book.close(_loan, _part(periods, 0, 2), received, nonAccrualDays, timestamp);
        assert(gain == 0 || loss == 0);
        assert(before + gain - loss == received * AccrualBook.SCALE);
        assert(_book.numeratorAt(timestamp) == before - loss);
        assert(_book.numeratorAt(timestamp + 400 days) == before - loss);
    }

    /* STREAMS */

    function testFuzz_INV55_streamBringsAtMostItsPartOfAWeek(
        uint128 amount,
        uint256 start,
        uint256 from,
        uint256 held
    ) external {
        _book.begin(0, _at(START_DAY));
        uint256 scaled = amount;
        start = _at(START_DAY) + (start % 3 days);
        _book.stream(scaled, start);
        assert(_book.numeratorAt(start) == 0);
        from = start + (from % 9 days);
        held %= 9 days;
        uint256 won = _book.numeratorAt(from + held) - _book.numeratorAt(from);
        assert(won <= (scaled * held) / 7 days + 8 days);
        assert(_book.numeratorAt(start + 8 days) == scaled);
    }

    function testFuzz_cancelledStreamLeavesNothing(uint128 amount, uint256 start, uint256 passed) external {
        _book.begin(0, _at(START_DAY));
        start = _at(START_DAY) + (start % 3 days);
        Stream memory gain = _book.stream(amount, start);
        passed %= 12 days;
        _book.roll(start + passed, passed % 13);
        uint256 come = _book.numeratorAt(start + passed);
        assert(_book.cancel(gain, start + passed) == come);
        assert(_book.numeratorAt(start + passed) == 0);
        assert(_book.numeratorAt(start + passed + 30 days) == 0);
    }

    function _begin(uint128 interest, uint32 length, uint256 offsetSeed) private returns (Period memory) {
        int32 utcOffset = (int32(uint32(offsetSeed % 1681)) - 840) * 60;
        _book.begin(utcOffset, AccrualBook.startOf(START_DAY, utcOffset));
        return Period(START_DAY + 1, START_DAY + 2 + (length % 400), interest);
    }

    function _at(uint32 day) private view returns (uint256) {
        return AccrualBook.startOf(day, _book.utcOffset);
    }

    /// Up to five periods of up to forty days.
    function _schedule(uint256 seed) private returns (Period[] memory periods) {
        _book.begin(-5 hours, AccrualBook.startOf(START_DAY, -5 hours));
        periods = new Period[](1 + (seed % 5));
        uint32 from = START_DAY + 1;
        for (uint256 i = 0; i < periods.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            periods[i] = Period(from, from + 1 + uint32(seed % 40), uint128(seed >> (128 + (seed % 100))));
            from = periods[i].to;
        }
    }

    function _part(Period[] memory periods, uint256 from, uint256 end) private pure returns (Period[] memory part) {
        if (end > periods.length) end = periods.length;
        part = new Period[](end - from);
        for (uint256 i = from; i < end; ++i) part[i - from] = periods[i];
    }

    function _interest(Period[] memory periods) private pure returns (uint256 scaled) {
        for (uint256 i = 0; i < periods.length; ++i) scaled += periods[i].interest * AccrualBook.SCALE;
    }
}
