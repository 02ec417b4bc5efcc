// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Instalment} from "../contracts/interfaces/ILoanBook.sol";
import {Waterfall} from "../contracts/libraries/Waterfall.sol";

/// @title The interest that an early payoff owes
/// @dev Any row that begins before it is due, any day, any part of it paid. A model of `Waterfall.payoffInterest` for loans
/// that are settled pro rata: the row and the day on which it begins are given, since reading them is assembly.
contract PayoffProof {
    function payoffNeverExceedsWhatIsUnpaid(
        Instalment memory row,
        uint32 start,
        uint32 day,
        uint64 unpaid
    ) external pure {
        _requireValid(row, start, unpaid);
        // Nobody pays more by paying early.
        assert(_payoffInterest(row, start, day, unpaid) <= unpaid);
    }

    function payoffIsNothingBeforeAndAllFromTheDueDayOn(
        Instalment memory row,
        uint32 start,
        uint32 day,
        uint64 unpaid
    ) external pure {
        _requireValid(row, start, unpaid);
        uint64 interest = _payoffInterest(row, start, day, unpaid);
        // A row that has not begun costs nothing.
        assert(day > start || interest == 0);
        // One that is due costs all that is unpaid.
        assert(day < row.day || interest == unpaid);
    }

    function payoffCoversWhatIsEarned(Instalment memory row, uint32 start, uint32 day, uint64 unpaid) external pure {
        _requireValid(row, start, unpaid);
        require(start <= day && day <= row.day);
        uint256 interest = _payoffInterest(row, start, day, unpaid);
        uint256 length = row.day - start;
        uint256 exact = uint256(row.interest) * (day - start);
        uint256 kept = row.interest - unpaid + interest;
        // With what was paid before it is never less than the days that have passed.
        assert(kept * length >= exact);
        // And less than one minor unit more, unless more was paid before.
        assert(interest == 0 || (kept - 1) * length < exact);
    }

    function payoffNeverFallsWithTime(
        Instalment memory row,
        uint32 start,
        uint32 earlier,
        uint32 later,
        uint64 unpaid
    ) external pure {
        _requireValid(row, start, unpaid);
        require(earlier <= later);
        // Who waits a day never owes less.
        assert(_payoffInterest(row, start, earlier, unpaid) <= _payoffInterest(row, start, later, unpaid));
    }

    function _requireValid(Instalment memory row, uint32 start, uint64 unpaid) private pure {
        require(start < row.day && unpaid <= row.interest);
    }

    /// @custom:from Waterfall.payoffInterest
    function _payoffInterest(
        Instalment memory row,
        uint32 start,
        uint32 day,
        uint64 unpaidInterest
    ) private pure returns (uint64) {
        if (row.day <= day) return unpaidInterest;
        if (day <= start) return 0;
        uint256 length = row.day - start;
        uint256 earned = (uint256(row.interest) * (day - start) + length - 1) / length;
        uint256 alreadyPaid = row.interest - unpaidInterest;
        return earned <= alreadyPaid ? 0 : uint64(earned - alreadyPaid);
    }
}
