// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";

import {ILendingPool} from "../interfaces/ILendingPool.sol";

/// @notice Who has agreed to what. The first empty place ends a list.
struct ApprovalBook {
    mapping(bytes32 id => address[3]) places;
}

/// @title Approvals: several people agree to one thing before somebody else does it
/// @dev An id is a digest, so an approval binds every term. It counts while the underwriter has the role, and once. Three
/// places are one more than is ever needed: who does it may have agreed to it before, by mistake.
library Approvals {
    uint256 private constant PLACES = 3;

    /// @notice The caller agrees. Somebody who lost the role makes room.
    function approve(ApprovalBook storage book, bytes32 id, address authority) internal {
        address[PLACES] storage places = book.places[id];
        uint256 free = PLACES;
        for (uint256 i = PLACES; i != 0; --i) {
            address person = places[i - 1];
            if (person == msg.sender) revert ILendingPool.LendingPoolAlreadyApproved(id, msg.sender);
            if (person == address(0) || !isUnderwriter(authority, person)) free = i - 1;
        }
        if (free == PLACES) revert ILendingPool.LendingPoolLimit("approvals", PLACES + 1, PLACES);
        places[free] = msg.sender;
        emit ILendingPool.Approved(id, msg.sender, list(book, id).length);
    }

    /// @notice The caller no longer agrees.
    function withdraw(ApprovalBook storage book, bytes32 id) internal {
        address[PLACES] storage places = book.places[id];
        address[] memory people = list(book, id);
        for (uint256 i = 0; i < people.length; ++i) {
            if (people[i] != msg.sender) continue;
            // The last one moves into the gap.
            places[i] = people[people.length - 1];
            delete places[people.length - 1];
            emit ILendingPool.ApprovalWithdrawn(id, msg.sender);
            return;
        }
        revert ILendingPool.LendingPoolApprovalMissing(id, 0, 1);
    }

    /// @notice Uses the approvals of `id` up. Reverts unless `needed` people other than the caller gave theirs.
    function consume(ApprovalBook storage book, bytes32 id, uint256 needed, address authority) internal {
        address[] memory people = list(book, id);
        uint256 valid;
        for (uint256 i = 0; i < people.length; ++i) {
            if (people[i] == msg.sender) revert ILendingPool.LendingPoolMakerIsChecker(id, msg.sender);
            if (isUnderwriter(authority, people[i])) ++valid;
            delete book.places[id][i];
        }
        if (valid < needed) revert ILendingPool.LendingPoolApprovalMissing(id, valid, needed);
    }

    function list(ApprovalBook storage book, bytes32 id) internal view returns (address[] memory people) {
        address[PLACES] storage places = book.places[id];
        uint256 count;
        while (count < PLACES && places[count] != address(0)) ++count;
        people = new address[](count);
        for (uint256 i = 0; i < count; ++i) people[i] = places[i];
    }

    /// @dev Asked when the approval is used, not only when it was given.
    function isUnderwriter(address authority, address person) internal view returns (bool) {
        return mayCall(authority, person, ILendingPool.approveLoan.selector);
    }

    /// @notice Whether `person` may call a function of this pool without delay.
    function mayCall(address authority, address person, bytes4 selector) internal view returns (bool allowed) {
        (allowed, ) = AuthorityUtils.canCallWithDelay(authority, person, address(this), selector);
        // The manager itself may call while it executes for somebody, who would stay unknown.
        return allowed && person != authority;
    }
}
