// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, Components} from "./ILoanBook.sol";

/// @notice What LoanBook tells a registered pool about a loan that it funded and still owns.
interface ILoanOwner {
    /// @notice Reports a payment. `paid` is in minor units; times `unit` it is what moved.
    /// @param held True when the tokens could not be delivered and wait in LoanBook.
    function onRepaid(bytes32 loanId, Components calldata paid, uint256 unit, bool held) external;
}

/// @title LendingPool: the capital of many lenders in one currency (ERC-4626)
interface ILendingPool is ILoanOwner {
    /* ERRORS */

    error LendingPoolNotLoanBook(address caller);
    error LendingPoolNotRegistered(address pool);
    error LendingPoolCurrencyMismatch(address currency, address asset);
    error LendingPoolLenderMismatch(address lender);
    error LendingPoolUtcOffsetMismatch(int32 agreement, int32 pool);
    error LendingPoolInsufficientCash(uint256 needed, uint256 cash);
    error LendingPoolUtcOffsetOutOfBounds(int32 utcOffset);

    /* EVENTS */

    event LoanFunded(bytes32 indexed loanId, uint256 principal, uint256 upfrontFee);
    event RepaymentBooked(bytes32 indexed loanId, uint256 principal, uint256 income);
    event HeldCashCollected(uint256 amount);
    /// @notice Running totals in base units after any change of the pool's books.
    event PoolUpdated(
        uint256 cash,
        uint256 heldCash,
        uint256 outstandingPrincipal,
        uint256 incomeReceived,
        uint256 totalSupply
    );

    /* LENDING */

    /// @notice Funds a loan from idle cash. The pool consents by being LoanBook's caller, after the underwriter's decision.
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature
    ) external returns (bytes32 loanId);

    /// @notice Brings home what LoanBook holds for the pool. Anybody may call.
    function collectHeldCash() external;

    /// @notice Stops or resumes deposits and new loans. Withdrawing is never pausable.
    function pause() external;
    function unpause() external;

    /* READING */

    function loanBook() external view returns (address);
    function utcOffset() external view returns (int32);
    /// @notice Base units that are idle, counted by the pool itself: a direct transfer changes nothing.
    function cash() external view returns (uint256);
    /// @notice Base units repaid to the pool that wait in LoanBook.
    function heldCash() external view returns (uint256);
    /// @notice Base units of principal that borrowers still owe.
    function outstandingPrincipal() external view returns (uint256);
    /// @notice Base units of interest, fees and penalties received since the pool began.
    function incomeReceived() external view returns (uint256);
}
