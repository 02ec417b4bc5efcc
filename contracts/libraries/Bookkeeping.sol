// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILendingPool, PoolRules} from "../interfaces/ILendingPool.sol";
import {AccrualBook, Accruals} from "./AccrualBook.sol";
import {AgeBrackets, Ageing} from "./AgeBrackets.sol";
import {FixedRules, Ledger, PoolLedger} from "./PoolLedger.sol";

/// @title What the books say, and how they keep up with time
/// @dev Deployed on its own and linked, because LendingPool with it would pass the limit on code size. It runs in
/// LendingPool's context, on its storage. See `ILendingPool` and `PoolLedger` for what each function means.
library Bookkeeping {
    using AccrualBook for Accruals;
    using AgeBrackets for Ageing;
    using PoolLedger for Ledger;

    function roll(Ledger storage ledger, uint256 maxDays) external returns (bool upToDate) {
        return ledger.roll(maxDays);
    }

    /// @notice As `roll`; once no day is left, also forgets uncovered provisions that are gone, before they can come again.
    function catchUp(Ledger storage ledger, uint256 maxDays) external returns (bool upToDate) {
        upToDate = ledger.roll(maxDays);
        if (!upToDate) return false;
        uint256 uncovered = ledger.books.uncovered;
        ledger.settleUncovered();
        if (uncovered != ledger.books.uncovered) ledger.emitReserves();
    }

    /// @notice Takes what is the institution's for good out of the books. The tokens are here.
    function collectFees(Ledger storage ledger, address to) external returns (uint256 amount) {
        amount = ledger.collectableFees();
        if (amount == 0) revert ILendingPool.LendingPoolAmountZero();
        // At most the fees: the cast keeps it.
        ledger.books.fees -= uint128(amount);
        emit ILendingPool.FeesCollected(to, amount);
        ledger.emitBooks();
    }

    function collectableFees(Ledger storage ledger) external view returns (uint256) {
        return ledger.collectableFees();
    }

    function assets(Ledger storage ledger) external view returns (int256) {
        return ledger.assets();
    }

    function exitAssets(Ledger storage ledger) external view returns (uint256) {
        return ledger.exitAssets();
    }

    function exitDeduction(Ledger storage ledger) external view returns (uint256) {
        return ledger.exitDeduction();
    }

    function recognised(Ledger storage ledger) external view returns (uint256) {
        return ledger.accruals.recognisedAt(block.timestamp);
    }

    function provisions(Ledger storage ledger) external view returns (uint256) {
        return ledger.ageing.provision(ledger.today());
    }

    function portfolioAtRisk(Ledger storage ledger, uint32 moreThanDays) external view returns (uint256) {
        return ledger.ageing.portfolioAtRisk(moreThanDays, ledger.today());
    }

    function rules(Ledger storage ledger) external view returns (PoolRules memory) {
        FixedRules memory fixedRules = ledger.rules;
        return
            PoolRules({
                utcOffset: ledger.accruals.utcOffset,
                nonAccrualDays: fixedRules.nonAccrualDays,
                managementFeeBps: fixedRules.managementFeeBps,
                writeOffDays: fixedRules.writeOffDays,
                coverFloorBps: fixedRules.coverFloorBps,
                kycPolicy: fixedRules.kycPolicy,
                minRedemption: fixedRules.minRedemption,
                ageing: ledger.ageing.rulesOf()
            });
    }
}
