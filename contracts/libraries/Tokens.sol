// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IReceiveWithAuthorization} from "../interfaces/IReceiveWithAuthorization.sol";
import {Authorization, ILoanBook} from "../interfaces/ILoanBook.sol";
import {LoanRecords} from "./LoanStorage.sol";

/// @title How LoanBook moves tokens
/// @dev Tokens that take a fee on transfer or change balances by themselves are refused by what arrived.
library Tokens {
    using SafeERC20 for IERC20;

    /// @notice Moves `amount` from `from` to `to`, or reverts.
    function pull(address currency, address from, address to, uint256 amount) internal {
        uint256 before = IERC20(currency).balanceOf(to);
        IERC20(currency).safeTransferFrom(from, to, amount);
        checkArrived(currency, to, before, amount);
    }

    /// @notice Brings here what a payer has authorised by signature.
    function receiveAuthorized(
        address currency,
        uint256 amount,
        bytes32 nonce,
        Authorization calldata authorization
    ) internal {
        uint256 before = IERC20(currency).balanceOf(address(this));
        IReceiveWithAuthorization(currency).receiveWithAuthorization(
            authorization.payer,
            address(this),
            amount,
            authorization.validAfter,
            authorization.validBefore,
            nonce,
            authorization.signature
        );
        checkArrived(currency, address(this), before, amount);
    }

    /// @notice Moves `payer`'s tokens to `recipient`. A recipient that the token refuses (a block-list, say) never stops
    /// it: the tokens then wait here for it.
    function deliver(
        LoanRecords storage records,
        address currency,
        address payer,
        address recipient,
        uint256 amount
    ) internal returns (bool held) {
        uint256 before = IERC20(currency).balanceOf(recipient);
        if (IERC20(currency).trySafeTransferFrom(payer, recipient, amount)) {
            // A lender of record who pays the loan herself (a note she bought back, say) sends the tokens to herself: her
            // balance stays.
            if (recipient != payer) checkArrived(currency, recipient, before, amount);
            return false;
        }
        pull(currency, payer, address(this), amount);
        _hold(records, currency, recipient, amount);
        return true;
    }

    /// @notice As `deliver`, of tokens that are here already.
    function release(
        LoanRecords storage records,
        address currency,
        address recipient,
        uint256 amount
    ) internal returns (bool held) {
        uint256 before = IERC20(currency).balanceOf(recipient);
        if (IERC20(currency).trySafeTransfer(recipient, amount)) {
            checkArrived(currency, recipient, before, amount);
            return false;
        }
        _hold(records, currency, recipient, amount);
        return true;
    }

    function checkArrived(address currency, address to, uint256 before, uint256 amount) internal view {
        uint256 arrived = IERC20(currency).balanceOf(to) - before;
        if (arrived != amount) revert ILoanBook.LoanBookTransferShort(currency, amount, arrived);
    }

    function _hold(LoanRecords storage records, address currency, address account, uint256 amount) private {
        uint256 owed = records.held[currency][account] += amount;
        emit ILoanBook.PaymentHeld(currency, account, amount, owed);
    }
}
