// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILendingPool, PoolBooks} from "../interfaces/ILendingPool.sol";
import {AgeBrackets, Ageing} from "./AgeBrackets.sol";
import {Ledger, PoolLedger} from "./PoolLedger.sol";

/// @title The institution's cover, which meets losses before the lenders do
/// @dev Deployed on its own and linked, because LendingPool with it would pass the limit on code size. It runs in
/// LendingPool's context, on its storage, and moves no tokens.
library FirstLoss {
    using AgeBrackets for Ageing;
    using PoolLedger for Ledger;

    uint256 private constant BASIS_POINTS = 10_000;

    /// @notice See `ILendingPool.depositCover`.
    function deposited(Ledger storage ledger, uint256 amount) external {
        ledger.raiseCover(amount);
        emit ILendingPool.CoverDeposited(msg.sender, amount);
        ledger.emitReserves();
    }

    /// @notice See `ILendingPool.withdrawCover`.
    function withdrawn(Ledger storage ledger, uint256 amount, address to) external {
        PoolBooks storage books = ledger.books;
        uint256 late = ledger.ageing.late(ledger.today());
        if (late != 0) revert ILendingPool.LendingPoolCoverLocked(late);
        if (amount > books.cover) revert ILendingPool.LendingPoolInsufficientCash(amount, books.cover);
        checkFloor(ledger, books.cover - amount, 0);
        ledger.lowerCover(amount);
        emit ILendingPool.CoverWithdrawn(to, amount);
        ledger.emitReserves();
    }

    /// @notice Reverts unless `cover` reaches the floor for all lent principal and `more`.
    function checkFloor(Ledger storage ledger, uint256 cover, uint256 more) internal view {
        uint256 lent = uint256(ledger.books.outstanding) + ledger.books.funded + more;
        uint256 floor = Math.ceilDiv(lent * ledger.rules.coverFloorBps, BASIS_POINTS);
        if (cover < floor) revert ILendingPool.LendingPoolCoverTooLow(cover, floor);
    }
}
