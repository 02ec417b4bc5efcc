// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";

/// @title A contract that is asked whether it takes an ERC-721 token, and answers as a test wants
contract TokenReceiver is IERC721Receiver {
    enum Habit {
        Accept,
        AnswerWrongly,
        Refuse,
        RefuseSilently
    }

    Habit private immutable _habit;

    /// @param owner Who owned the token when this contract was asked.
    event TokenReceived(address operator, address from, uint256 tokenId, bytes data, address owner);

    error TokenReceiverRefused();

    constructor(Habit habit) {
        _habit = habit;
    }

    /// @inheritdoc IERC721Receiver
    function onERC721Received(
        address operator,
        address from,
        uint256 tokenId,
        bytes calldata data
    ) external returns (bytes4) {
        if (_habit == Habit.Refuse) revert TokenReceiverRefused();
        if (_habit == Habit.RefuseSilently) revert();
        if (_habit == Habit.AnswerWrongly) return 0xffffffff;
        emit TokenReceived(operator, from, tokenId, data, IERC721(msg.sender).ownerOf(tokenId));
        return IERC721Receiver.onERC721Received.selector;
    }
}
