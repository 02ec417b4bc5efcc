// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILendingPool} from "../interfaces/ILendingPool.sol";

/// @notice Shares that somebody handed in. Never changes: how far it was served follows from the controller's line.
struct Request {
    address controller;
    uint128 shares;
    /// Where it begins on the controller's line: all that the controller had requested before.
    uint128 start;
}

/// @notice A controller's requests as one line of shares.
struct Redeemer {
    uint128 requested;
    uint128 fulfilled;
    /// Of `fulfilled`, not claimed yet; and what it is worth, fixed when it was fulfilled.
    uint128 claimableShares;
    uint128 claimableAssets;
}

/// @notice Requests from `next` to `last` wait.
struct Redemptions {
    uint64 next;
    uint64 last;
    uint128 pendingShares;
    mapping(uint256 requestId => Request) requests;
    mapping(address controller => Redeemer) redeemers;
}

/// @notice What shares are worth to those who leave: `shares * assets / supply`.
struct ExitPrice {
    uint256 assets;
    uint256 supply;
}

/// @title Redemptions first come, first served
/// @dev All requests stand in one queue; those of one controller also follow one another on a line of its own. The queue
/// serves in order, a controller claims in order, so two marks on each line say everything about every request:
///
///     a controller's line   |-- request 3 --|- 7 -|------ 8 ------|- 12 -|
///                           |***** claimed ****|++ fulfilled ++|.. wait ..|
///
/// No call walks the queue except `serve`, and that no further than it is told. Shares fit `uint128`: the pool mints no
/// more.
///
/// Deployed on its own and linked, because LendingPool with it would pass the limit on code size. It runs in LendingPool's
/// context, on its storage, and moves neither shares nor tokens.
library RedemptionQueue {
    using SafeCast for uint256;

    /// @notice Puts a request at the end.
    function push(Redemptions storage queue, address controller, uint256 shares) external returns (uint256 requestId) {
        Redeemer storage redeemer = queue.redeemers[controller];
        requestId = ++queue.last;
        if (requestId == 1) queue.next = 1;
        queue.pendingShares += shares.toUint128();
        queue.requests[requestId] = Request(controller, uint128(shares), redeemer.requested);
        redeemer.requested += uint128(shares);
    }

    /// @notice Serves requests from the oldest on with at most `cash`, the last one perhaps in part. While shares are worth
    /// nothing at all they wait for better times; a rest that is worth less than a base unit is not waited for.
    /// @param price Before the first of them. Each is priced as if served by a call of its own.
    /// @return served Requests that were served, in part or whole.
    /// @return shares To be burned.
    /// @return assets To be set aside.
    function serve(
        Redemptions storage queue,
        uint256 maxRequests,
        uint256 cash,
        ExitPrice memory price
    ) external returns (uint256 served, uint256 shares, uint256 assets) {
        // The one asset beyond the lenders' own is the virtual one, see OpenZeppelin's ERC4626.
        while (served < maxRequests && queue.pendingShares != 0 && price.assets > 1) {
            (uint256 part, uint256 worth) = _serveNext(queue, cash - assets, price);
            if (part == 0) break;
            ++served;
            shares += part;
            assets += worth;
            price.supply -= part;
            price.assets -= worth;
        }
    }

    /// @dev A part takes all the cash there is and as many shares for it as the price asks, rounded up. It is less than a
    /// whole because the whole is worth more.
    function _serveNext(
        Redemptions storage queue,
        uint256 cash,
        ExitPrice memory price
    ) private returns (uint256 shares, uint256 assets) {
        uint64 requestId = queue.next;
        Request memory request = queue.requests[requestId];
        Redeemer storage redeemer = queue.redeemers[request.controller];
        uint256 waiting = uint256(request.start) + request.shares - redeemer.fulfilled;
        shares = waiting;
        assets = Math.mulDiv(shares, price.assets, price.supply);
        if (assets > cash) {
            assets = cash;
            shares = Math.mulDiv(cash, price.supply, price.assets, Math.Rounding.Ceil);
            if (shares == 0) return (0, 0);
        }

        // Parts of what was requested, which fits: no cast cuts anything off.
        if (shares == waiting) queue.next = requestId + 1;
        queue.pendingShares -= uint128(shares);
        redeemer.fulfilled += uint128(shares);
        redeemer.claimableShares += uint128(shares);
        redeemer.claimableAssets += assets.toUint128();
        emit ILendingPool.RedemptionFulfilled(requestId, request.controller, shares, assets);
    }

    /// @notice Takes `shares` of what the controller may claim.
    /// @return assets Their part of the assets, rounded down; with the last shares comes all that is left.
    function claimShares(
        Redemptions storage queue,
        address controller,
        uint256 shares
    ) external returns (uint256 assets) {
        Redeemer storage redeemer = queue.redeemers[controller];
        uint128 left = redeemer.claimableShares;
        if (shares != 0) assets = Math.mulDiv(shares, redeemer.claimableAssets, left);
        redeemer.claimableShares = left - shares.toUint128();
        redeemer.claimableAssets -= uint128(assets);
    }

    /// @notice Takes `assets` of what the controller may claim.
    /// @return shares Their part of the shares, rounded down; with the last assets go all that are left.
    function claimAssets(
        Redemptions storage queue,
        address controller,
        uint256 assets
    ) external returns (uint256 shares) {
        Redeemer storage redeemer = queue.redeemers[controller];
        uint128 left = redeemer.claimableAssets;
        if (assets != 0) shares = Math.mulDiv(assets, redeemer.claimableShares, left);
        redeemer.claimableAssets = left - assets.toUint128();
        redeemer.claimableShares -= uint128(shares);
    }

    /// @notice Nobody knows what shares will be worth when they are fulfilled.
    /// @dev Reverts here and not in the pool, where the compiler would then call OpenZeppelin's own `redeem` unreachable.
    function preview() external pure returns (uint256) {
        revert ILendingPool.LendingPoolPreviewUnknown();
    }

    /// @notice See `IERC7540Redeem.pendingRedeemRequest`.
    function pendingOf(
        Redemptions storage queue,
        uint256 requestId,
        address controller
    ) external view returns (uint256) {
        return _beyond(queue.requests[requestId], controller, queue.redeemers[controller].fulfilled);
    }

    /// @notice See `IERC7540Redeem.claimableRedeemRequest`.
    function claimableOf(
        Redemptions storage queue,
        uint256 requestId,
        address controller
    ) external view returns (uint256) {
        Request memory request = queue.requests[requestId];
        Redeemer memory redeemer = queue.redeemers[controller];
        uint256 claimed = redeemer.fulfilled - redeemer.claimableShares;
        return _beyond(request, controller, claimed) - _beyond(request, controller, redeemer.fulfilled);
    }

    /// @dev Shares of the request that lie beyond `mark` on its controller's line.
    function _beyond(Request memory request, address controller, uint256 mark) private pure returns (uint256) {
        if (request.controller != controller) return 0;
        return Math.min(request.shares, Math.saturatingSub(uint256(request.start) + request.shares, mark));
    }
}
