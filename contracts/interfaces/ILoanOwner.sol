// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Instalment, Movement, PaymentRecord, Position} from "./ILoanBook.sol";

/// @title ILoanOwner: what LoanBook tells a registered pool about a loan that it funded and still owns
/// @notice LoanBook calls; a pool that reverts stops the call that it hears of, so `onRepaid` must not revert.
interface ILoanOwner {
    /// @notice A *Funded* loan is about to be paid out. `rows` are its first two instalments, as far as there are any.
    function onActivated(bytes32 loanId, uint256 unit, Position calldata position, Instalment[] calldata rows) external;

    /// @notice A *Funded* loan was cancelled: `amount` base units, what it had been funded with, are on their way back.
    /// @param held The tokens could not be delivered and wait in LoanBook.
    function onCancelled(bytes32 loanId, uint256 amount, bool held) external;

    /// @notice The borrower gave back `amount` base units within the cooling-off days.
    function onReturned(bytes32 loanId, uint256 amount, bool held) external;

    /// @notice A payment moved.
    function onRepaid(bytes32 loanId, Movement calldata movement) external;

    /// @notice The latest payment, made at `record.timestamp`, is taken back. The pool pays its base units to
    /// `record.recorder` or reverts.
    function onReversed(bytes32 loanId, Movement calldata movement, PaymentRecord calldata record) external;
}
