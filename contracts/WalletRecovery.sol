// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IWalletRecovery} from "./interfaces/IWalletRecovery.sol";

/// @title WalletRecovery: see `IWalletRecovery` for what each function promises
contract WalletRecovery is IWalletRecovery, AccessManaged {
    /// @inheritdoc IWalletRecovery
    uint48 public constant DELAY = 3 days;

    /// @inheritdoc IWalletRecovery
    uint48 public constant WINDOW = 14 days;

    /// @inheritdoc IWalletRecovery
    uint48 public constant NO_LOAN_PERIOD = 7 days;

    /// @dev One slot, all that an origination asks for.
    struct Standing {
        /// The first address of the line; zero unless the account took over from another one, however long ago.
        address origin;
        uint48 noLoanUntil;
        bool moved;
    }

    struct Request {
        address successor;
        address requestedBy;
        bytes32 evidence;
    }

    struct Approval {
        address successor;
        uint48 from;
        uint48 until;
        address requestedBy;
        address approvedBy;
    }

    mapping(address account => Standing) private _standings;
    /// @dev The last address of the line that begins with `origin`; zero while that has not moved. Kept by the line and not
    /// by the step, so that nobody is ever asked to walk.
    mapping(address origin => address) private _currents;
    /// @dev Apart from the approvals, so that no single person can touch what two have agreed to.
    mapping(address account => Request) private _requests;
    mapping(address account => Approval) private _approvals;

    constructor(address initialAuthority) AccessManaged(initialAuthority) {}

    /* RECOVERY */

    /// @inheritdoc IWalletRecovery
    function requestRecovery(address account, address successor, bytes32 evidence) external restricted {
        if (account == address(0) || successor == address(0)) revert WalletRecoveryAddressZero();
        if (account == successor) revert WalletRecoverySameAddress(account);
        if (evidence == 0) revert WalletRecoveryEvidenceZero();
        _checkNotMoved(account);
        _checkSuccessor(successor);
        _requests[account] = Request(successor, msg.sender, evidence);
        emit RecoveryRequested(account, successor, msg.sender, evidence);
    }

    /// @inheritdoc IWalletRecovery
    function approveRecovery(address account, address successor, bytes32 evidence) external restricted {
        Request memory request = _requests[account];
        // Said again by the second person, so that the first one cannot put another request under the approval. A request
        // holds no zeros, so neither does what equals it.
        if (request.requestedBy == address(0) || request.successor != successor || request.evidence != evidence) {
            revert WalletRecoveryNotRequested(account);
        }
        // Two roles are not enough: one person may hold both.
        if (request.requestedBy == msg.sender) revert WalletRecoveryMakerIsChecker(account, msg.sender);
        _checkSuccessor(successor);
        uint48 from = uint48(block.timestamp) + DELAY;
        uint48 until = from + WINDOW;
        delete _requests[account];
        _approvals[account] = Approval(successor, from, until, request.requestedBy, msg.sender);
        emit RecoveryApproved(account, successor, msg.sender, from, until);
    }

    /// @inheritdoc IWalletRecovery
    function vetoRecovery() external {
        address approved = _approvals[msg.sender].successor;
        address requested = _requests[msg.sender].successor;
        if (approved == address(0) && requested == address(0)) revert WalletRecoveryNotRequested(msg.sender);
        delete _approvals[msg.sender];
        delete _requests[msg.sender];
        if (approved != address(0)) emit RecoveryVetoed(msg.sender, approved);
        if (requested != address(0)) emit RecoveryVetoed(msg.sender, requested);
    }

    /// @inheritdoc IWalletRecovery
    function acceptRecovery(address account) external {
        Approval memory approval = _approvals[account];
        if (approval.successor == address(0)) revert WalletRecoveryNotApproved(account);
        if (approval.successor != msg.sender) revert WalletRecoveryNotSuccessor(account, msg.sender);
        if (block.timestamp < approval.from) {
            revert WalletRecoveryTooEarly(account, approval.from, block.timestamp);
        }
        if (block.timestamp >= approval.until) {
            revert WalletRecoveryTooLate(account, approval.until, block.timestamp);
        }
        // Asked again: since the approval it may have moved itself, or taken over from somebody else. This is what keeps
        // the moves a set of lines: no two of them meet, and none of them closes.
        _checkSuccessor(msg.sender);
        address origin = originOf(account);
        uint48 noLoanUntil = uint48(block.timestamp) + NO_LOAN_PERIOD;
        delete _approvals[account];
        delete _requests[account];
        _standings[account].moved = true;
        _standings[msg.sender] = Standing(origin, noLoanUntil, false);
        _currents[origin] = msg.sender;
        emit AccountMoved(account, msg.sender, noLoanUntil);
    }

    /* READING */

    /// @inheritdoc IWalletRecovery
    function currentOf(address account) public view returns (address) {
        address current = _currents[originOf(account)];
        return current == address(0) ? account : current;
    }

    /// @inheritdoc IWalletRecovery
    function originOf(address account) public view returns (address) {
        address origin = _standings[account].origin;
        return origin == address(0) ? account : origin;
    }

    /// @inheritdoc IWalletRecovery
    function mayBorrow(address account) external view returns (bool) {
        Standing memory standing = _standings[account];
        return !standing.moved && block.timestamp >= standing.noLoanUntil;
    }

    /// @inheritdoc IWalletRecovery
    function requestOf(
        address account
    ) external view returns (address successor, address requestedBy, bytes32 evidence) {
        Request memory request = _requests[account];
        return (request.successor, request.requestedBy, request.evidence);
    }

    /// @inheritdoc IWalletRecovery
    function approvalOf(
        address account
    ) external view returns (address successor, address requestedBy, address approvedBy, uint48 from, uint48 until) {
        Approval memory approval = _approvals[account];
        return (approval.successor, approval.requestedBy, approval.approvedBy, approval.from, approval.until);
    }

    /* INTERNAL */

    function _checkNotMoved(address account) private view {
        if (_standings[account].moved) revert WalletRecoveryMoved(account, currentOf(account));
    }

    function _checkSuccessor(address successor) private view {
        _checkNotMoved(successor);
        if (_standings[successor].origin != address(0)) revert WalletRecoverySuccessorTaken(successor);
    }

    /// @dev Whoever acts calls in her own name, as in `KycRegistry`: behind `AccessManager.execute` one person could be
    /// maker and checker.
    function _checkCanCall(address caller, bytes calldata data) internal override {
        if (caller == authority()) revert AccessManagedUnauthorized(caller);
        super._checkCanCall(caller, data);
    }
}
