// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Components} from "../contracts/interfaces/ILoanBook.sol";
import {Waterfall} from "../contracts/libraries/Waterfall.sol";

/// @notice What is owed. A type of its own: the checker forgets all structs of a type when one of them is written.
struct Owed {
    uint64 penalty;
    uint64 fee;
    uint64 interest;
    uint64 principal;
}

/// @title A payment's way through the components
/// @dev Any amount, anything owed, any order of the four. A model of `Waterfall.split`: the loop's body is the library's,
/// its four turns are written out, and one without an amount takes nothing instead of not being run.
contract SplitProof {
    function turnTakesFromItsComponentAlone(uint8 component, uint256 amount, Owed memory owed) external pure {
        require(component < 4);
        (uint256 left, Components memory taken) = _turn(component, amount, owed);
        uint256 part = _takenOf(component, taken);
        // Nothing is taken of another component.
        assert(Waterfall.sum(taken) == part);
        // What is taken and what is left are the amount.
        assert(part + left == amount);
    }

    function turnTakesAllItMayAndNoMore(uint8 component, uint256 amount, Owed memory owed) external pure {
        require(component < 4);
        (uint256 left, Components memory taken) = _turn(component, amount, owed);
        uint256 part = _takenOf(component, taken);
        // No part exceeds what is owed of it.
        assert(part <= _owedOf(component, owed));
        // Only a component that is paid in full leaves anything to the next one.
        assert(left == 0 || part == _owedOf(component, owed));
    }

    function partsAddUp(uint8 a, uint8 b, uint8 c, uint8 d, uint256 amount, Owed memory owed) external pure {
        require(a < 4 && b < 4 && c < 4 && d < 4);
        require(a != b && a != c && a != d && b != c && b != d && c != d);
        uint256 total = uint256(owed.penalty) + owed.fee + owed.interest + owed.principal;
        (uint256 left, ) = _turn(a, amount, owed);
        (left, ) = _turn(b, left, owed);
        (left, ) = _turn(c, left, owed);
        (left, ) = _turn(d, left, owed);
        // The parts are the smaller one of the amount and all that is owed.
        assert(amount - left == (amount < total ? amount : total));
    }

    function laterComponentWaitsForTheEarlierOnes(uint8 a, uint8 b, uint256 amount, Owed memory owed) external pure {
        require(a < 4 && b < 4 && a != b);
        (uint256 left, Components memory taken) = _turn(a, amount, owed);
        uint256 first = _takenOf(a, taken);
        (, taken) = _turn(b, left, owed);
        // The second gets something only when the first is full. What is left over only falls: so it is for all four.
        assert(_takenOf(b, taken) == 0 || first == _owedOf(a, owed));
    }

    /// @custom:from Waterfall.split
    function _turn(
        uint8 component,
        uint256 amount,
        Owed memory owed
    ) private pure returns (uint256 left, Components memory taken) {
        uint64 part;
        if (component == 0) amount -= part = taken.penalty = _min(amount, owed.penalty);
        else if (component == 1) amount -= part = taken.fee = _min(amount, owed.fee);
        else if (component == 2) amount -= part = taken.interest = _min(amount, owed.interest);
        else amount -= part = taken.principal = _min(amount, owed.principal);
        return (amount, taken);
    }

    function _min(uint256 a, uint64 b) private pure returns (uint64) {
        return Waterfall._min(a, b);
    }

    function _takenOf(uint8 component, Components memory taken) private pure returns (uint256) {
        if (component == 0) return taken.penalty;
        if (component == 1) return taken.fee;
        return component == 2 ? taken.interest : taken.principal;
    }

    function _owedOf(uint8 component, Owed memory owed) private pure returns (uint256) {
        if (component == 0) return owed.penalty;
        if (component == 1) return owed.fee;
        return component == 2 ? owed.interest : owed.principal;
    }
}
