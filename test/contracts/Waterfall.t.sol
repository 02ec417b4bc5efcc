// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Components} from "../../contracts/interfaces/ILoanBook.sol";
import {Waterfall} from "../../contracts/libraries/Waterfall.sol";

contract WaterfallTest {
    using Waterfall for Components;

    function testFuzz_splitTakesNoMoreThanIsOwedNorThanIsGiven(
        uint256 orderSeed,
        uint256 amount,
        Components memory owed
    ) external pure {
        amount = _near(amount, owed.sum());
        Components memory taken = Waterfall.split(_order(orderSeed), amount, owed);
        for (uint8 id = 0; id < 4; ++id) assert(_part(taken, id) <= _part(owed, id));
        assert(taken.sum() == (amount < owed.sum() ? amount : owed.sum()));
    }

    function testFuzz_splitFillsEachComponentBeforeTheNext(
        uint256 orderSeed,
        uint256 amount,
        Components memory owed
    ) external pure {
        bytes4 order = _order(orderSeed);
        Components memory taken = Waterfall.split(order, _near(amount, owed.sum()), owed);
        bool exhausted;
        for (uint256 i = 0; i < 4; ++i) {
            uint8 id = uint8(order[i]);
            if (exhausted) assert(_part(taken, id) == 0);
            if (_part(taken, id) < _part(owed, id)) exhausted = true;
        }
    }

    function testFuzz_isOrderIsTrueForPermutationsAlone(bytes4 order) external pure {
        uint256 counts;
        for (uint256 i = 0; i < 4; ++i) {
            uint8 id = uint8(order[i]);
            if (id < 4) counts += 1 << (8 * id);
        }
        assert(Waterfall.isOrder(order) == (counts == 0x01010101));
    }

    function testFuzz_everyPermutationIsAnOrder(uint256 seed) external pure {
        assert(Waterfall.isOrder(_order(seed)));
    }

    /// A permutation of 0, 1, 2, 3, drawn as from an urn.
    function _order(uint256 seed) private pure returns (bytes4 order) {
        uint8[4] memory urn = [0, 1, 2, 3];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 drawn = i + (seed % (4 - i));
            seed /= 4;
            (urn[i], urn[drawn]) = (urn[drawn], urn[i]);
            order |= bytes4(bytes1(urn[i])) >> (8 * i);
        }
    }

    /// Amounts around and below `total`, where something happens.
    function _near(uint256 amount, uint256 total) private pure returns (uint256) {
        return amount % (total + 3);
    }

    function _part(Components memory c, uint8 id) private pure returns (uint64) {
        if (id == 0) return c.penalty;
        if (id == 1) return c.fee;
        return id == 2 ? c.interest : c.principal;
    }
}
