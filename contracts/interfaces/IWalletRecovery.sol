// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IWalletRecovery: where a borrower who lost her key is found
/// @notice Two people agree that what `account` owes shall be `successor`'s. Then the old key has time to object, and the
/// new key takes over by its own call.
///
///     requestRecovery   approveRecovery           from                      until
///      (one person)      (another person)           |                         |
///           |                   |----- DELAY -------|-------- WINDOW ---------|
///           |                   |                   |     acceptRecovery      |
///           |------------- vetoRecovery, until it was accepted ------------------->
///
/// Moments are half-open: `from` is the first second of the window, `until` the first one after it.
/// Warning: it is made for keys that were lost. Who stole a key can object with it as its owner can.
interface IWalletRecovery {
    /* ERRORS */

    error WalletRecoveryAddressZero();
    error WalletRecoverySameAddress(address account);
    error WalletRecoveryEvidenceZero();
    /// @notice `account` has moved already: ask for the recovery of the address that stands for it now.
    error WalletRecoveryMoved(address account, address current);
    /// @notice `successor` has taken over from another address: two borrowers must not become one.
    error WalletRecoverySuccessorTaken(address successor);
    error WalletRecoveryNotRequested(address account);
    error WalletRecoveryNotApproved(address account);
    error WalletRecoveryMakerIsChecker(address account, address person);
    error WalletRecoveryTooEarly(address account, uint48 from, uint256 timestamp);
    error WalletRecoveryTooLate(address account, uint48 until, uint256 timestamp);
    error WalletRecoveryNotSuccessor(address account, address caller);

    /* EVENTS */

    event RecoveryRequested(address indexed account, address indexed successor, address indexed by, bytes32 evidence);
    /// @notice The request became an approval, in the place of an earlier one.
    event RecoveryApproved(
        address indexed account,
        address indexed successor,
        address indexed by,
        uint48 from,
        uint48 until
    );
    /// @notice Once for the approval and once for the request that the veto ended.
    event RecoveryVetoed(address indexed account, address indexed successor);
    /// @notice Everything that was requested or approved for `account` is void.
    event AccountMoved(address indexed account, address indexed successor, uint48 noLoanUntil);

    /* RECOVERY */

    /// @notice The first of two people asks that what `account` owes be `successor`'s. A later request replaces it. What
    /// was approved stays as it is until a second person approves the new request.
    /// Warning: until it has moved, `account` may borrow as before. Whoever asks for its recovery has its KYC revoked too.
    /// @param evidence Keyed commitment to the case file.
    function requestRecovery(address account, address successor, bytes32 evidence) external;

    /// @notice The second person agrees to exactly this request; from then on the delay runs. It takes the place of what
    /// was approved before, by which two people stop a recovery that turns out to be a fraud.
    function approveRecovery(address account, address successor, bytes32 evidence) external;

    /// @notice The holder of the key that was said to be lost ends whatever was requested and approved for it.
    function vetoRecovery() external;

    /// @notice The successor takes over after the delay: its call proves that it holds the new key.
    function acceptRecovery(address account) external;

    /* READING */

    /// @notice The address that stands for `account` now: itself, or where it moved, however often. Costs the same however
    /// often that was.
    function currentOf(address account) external view returns (address);

    /// @notice The address with which the line of moves up to `account` began: itself if it never took over. It never
    /// changes once it is another one, so what is counted for a person is counted under it.
    function originOf(address account) external view returns (address);

    /// @notice False for an address that moved away, and for one that took over less than `NO_LOAN_PERIOD` ago.
    function mayBorrow(address account) external view returns (bool);

    /// @notice The request that waits for its second person; zeros when there is none.
    function requestOf(
        address account
    ) external view returns (address successor, address requestedBy, bytes32 evidence);

    /// @notice What two people agreed to, void from `until` on; zeros when there is nothing.
    function approvalOf(
        address account
    ) external view returns (address successor, address requestedBy, address approvedBy, uint48 from, uint48 until);

    /// @notice Seconds between the second person's approval and the takeover.
    function DELAY() external view returns (uint48);
    /// @notice Seconds from the end of the delay within which the recovery must be accepted.
    function WINDOW() external view returns (uint48);
    /// @notice Seconds without a new loan after a takeover.
    function NO_LOAN_PERIOD() external view returns (uint48);
}
