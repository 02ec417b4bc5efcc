// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IWalletRecovery: where a borrower who lost her key is found
interface IWalletRecovery {
    /* ERRORS */

    error WalletRecoveryAddressZero();
    error WalletRecoverySameAddress(address account);
    /// @notice `account` has moved already: ask for the recovery of the address it moved to.
    error WalletRecoveryMoved(address account, address successor);
    error WalletRecoveryNotRequested(address account);
    error WalletRecoveryNotApproved(address account);
    error WalletRecoveryMakerIsChecker(address account, address person);
    error WalletRecoveryTooEarly(address account, uint48 from, uint256 timestamp);
    error WalletRecoveryTooLate(address account, uint48 until, uint256 timestamp);
    error WalletRecoveryNotSuccessor(address account, address caller);

    /* EVENTS */

    event RecoveryRequested(address indexed account, address indexed successor, address indexed by, bytes32 evidence);
    event RecoveryApproved(
        address indexed account,
        address indexed successor,
        address indexed by,
        uint48 from,
        uint48 until
    );
    event RecoveryVetoed(address indexed account, address indexed successor);
    event AccountMoved(address indexed account, address indexed successor, uint48 noLoanUntil);

    /* RECOVERY */

    /// @notice The first of two people asks that what `account` owes be `successor`'s. A later request replaces it.
    /// @param evidence Keyed commitment to the case file.
    function requestRecovery(address account, address successor, bytes32 evidence) external;

    /// @notice The second person agrees to exactly this request; from then on the delay runs.
    function approveRecovery(address account, address successor) external;

    /// @notice The holder of the key that was said to be lost ends the request.
    function vetoRecovery() external;

    /// @notice The successor takes over after the delay: its call proves that it holds the new key.
    function acceptRecovery(address account) external;

    /* READING */

    /// @notice The address that stands for `account` now: itself, or where it moved, however often.
    function currentOf(address account) external view returns (address);

    /// @notice False for an address that moved away, and for one that took over less than `NO_LOAN_PERIOD` ago.
    function mayBorrow(address account) external view returns (bool);

    function requestOf(
        address account
    ) external view returns (address successor, address requestedBy, address approvedBy, uint48 from, uint48 until);

    /// @notice Seconds between the second person's approval and the takeover.
    function DELAY() external view returns (uint48);
    /// @notice Seconds within which an approved recovery must be accepted.
    function WINDOW() external view returns (uint48);
    /// @notice Seconds without a new loan after a takeover.
    function NO_LOAN_PERIOD() external view returns (uint48);
}
