// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IKycOracle} from "./interfaces/IKycOracle.sol";
import {Anchor, IKycRegistry, KycRecord, Revocation, SignedAnchor} from "./interfaces/IKycRegistry.sol";

/// @title KycRegistry: see `IKycRegistry` for what each function promises
contract KycRegistry is IKycRegistry, EIP712, AccessManaged {
    /// @inheritdoc IKycRegistry
    uint256 public constant MAX_BATCH = 100;

    /// @inheritdoc IKycRegistry
    /// @dev Five years. It also refuses milliseconds that were taken for seconds.
    uint256 public constant MAX_VALIDITY = 1827 days;

    /// @inheritdoc IKycRegistry
    /// @dev With the largest number at once, a stolen key could leave an account without any number to go on with.
    uint256 public constant MAX_SEQUENCE_STEP = 256;

    bytes32 private constant ANCHOR_TYPEHASH = keccak256(
        "Anchor(address account,uint32 policy,bytes32 commitment,uint48 validUntil,uint32 sequence,address issuer)"
    );

    /// @dev The second slot of a record, all that a pool's question needs. `blocked` shares it to save that question a
    /// slot: anchoring and revoking carry it over as it is.
    struct Standing {
        uint48 validUntil;
        uint48 anchoredAt;
        uint32 policy;
        uint32 sequence;
        uint32 issuerNr;
        bool revoked;
        bool blocked;
    }

    struct Record {
        bytes32 commitment;
        Standing standing;
    }

    /// @dev Numbered from 1 as they come, because an address does not fit into the standing's slot.
    struct Issuer {
        address account;
        bool delisted;
    }

    struct UnblockRequest {
        bytes32 evidence;
        address requestedBy;
    }

    mapping(address account => Record) private _records;
    mapping(uint32 issuerNr => Issuer) private _issuers;
    mapping(address issuer => uint32) private _issuerNrs;
    mapping(address account => UnblockRequest) private _unblockRequests;
    uint32 private _issuerCount;

    constructor(address initialAuthority) EIP712("Ahadi KycRegistry", "1") AccessManaged(initialAuthority) {}

    /* CREDENTIALS */

    /// @inheritdoc IKycRegistry
    /// @dev Not `restricted`: the caller may be any relayer. The manager is asked about the issuer instead.
    function anchor(Anchor calldata credential, bytes calldata signature) external {
        _anchor(credential, signature);
    }

    /// @inheritdoc IKycRegistry
    function anchorMany(SignedAnchor[] calldata credentials) external {
        _checkBatch(credentials.length);
        for (uint256 i = 0; i < credentials.length; ++i) _anchor(credentials[i].anchor, credentials[i].signature);
    }

    /// @inheritdoc IKycRegistry
    function revoke(address account, uint32 sequence) external restricted {
        _revoke(account, sequence);
    }

    /// @inheritdoc IKycRegistry
    function revokeMany(Revocation[] calldata revocations) external restricted {
        _checkBatch(revocations.length);
        for (uint256 i = 0; i < revocations.length; ++i) _revoke(revocations[i].account, revocations[i].sequence);
    }

    /* COMPLIANCE */

    /// @inheritdoc IKycRegistry
    function blockAccounts(address[] calldata accounts, bytes32 evidence) external restricted {
        _checkBatch(accounts.length);
        if (evidence == 0) revert KycRegistryEvidenceZero();
        for (uint256 i = 0; i < accounts.length; ++i) {
            if (accounts[i] == address(0)) revert KycRegistryAccountZero();
            _records[accounts[i]].standing.blocked = true;
            // What was asked for knew nothing of the new reason.
            delete _unblockRequests[accounts[i]];
            emit AccountBlocked(accounts[i], msg.sender, evidence);
        }
    }

    /// @inheritdoc IKycRegistry
    function requestUnblock(address account, bytes32 evidence) external restricted {
        if (evidence == 0) revert KycRegistryEvidenceZero();
        if (!_records[account].standing.blocked) revert KycRegistryNotBlocked(account);
        _unblockRequests[account] = UnblockRequest(evidence, msg.sender);
        emit UnblockRequested(account, msg.sender, evidence);
    }

    /// @inheritdoc IKycRegistry
    function unblock(address account, bytes32 evidence) external restricted {
        UnblockRequest memory request = _unblockRequests[account];
        if (request.requestedBy == address(0) || request.evidence != evidence) {
            revert KycRegistryUnblockNotRequested(account, evidence);
        }
        // Two roles are not enough: one person may hold both.
        if (request.requestedBy == msg.sender) revert KycRegistryMakerIsChecker(account, msg.sender);
        delete _unblockRequests[account];
        _records[account].standing.blocked = false;
        emit AccountUnblocked(account, msg.sender, request.requestedBy, evidence);
    }

    /// @inheritdoc IKycRegistry
    function delistIssuer(address issuer) external restricted {
        if (issuer == address(0)) revert KycRegistryAccountZero();
        // Numbered now if need be: an issuer can lose its key before it has issued anything.
        Issuer storage listed = _issuers[_numberOf(issuer)];
        if (listed.delisted) revert KycRegistryIssuerDelisted(issuer);
        listed.delisted = true;
        emit IssuerDelisted(issuer, msg.sender);
    }

    /// @inheritdoc IKycRegistry
    function relistIssuer(address issuer) external restricted {
        Issuer storage listed = _issuers[_issuerNrs[issuer]];
        if (!listed.delisted) revert KycRegistryIssuerNotDelisted(issuer);
        listed.delisted = false;
        emit IssuerRelisted(issuer, msg.sender);
    }

    /* READING */

    /// @inheritdoc IKycOracle
    function isEligible(address account, uint32 policy) external view returns (bool) {
        return isEligibleAt(account, policy, block.timestamp);
    }

    /// @inheritdoc IKycRegistry
    /// @dev An account without a record is valid until 0, so it is not eligible at any second under any policy.
    function isEligibleAt(address account, uint32 policy, uint256 timestamp) public view returns (bool) {
        Standing memory standing = _records[account].standing;
        if (standing.blocked || standing.revoked || standing.policy != policy) return false;
        if (timestamp < standing.anchoredAt || timestamp >= standing.validUntil) return false;
        return !_issuers[standing.issuerNr].delisted;
    }

    /// @inheritdoc IKycRegistry
    function anchorDigest(Anchor calldata credential) public view returns (bytes32 digest) {
        // Members of 32 bytes in the order of the type: the struct's own encoding is the one that EIP-712 asks for.
        return _hashTypedDataV4(keccak256(abi.encode(ANCHOR_TYPEHASH, credential)));
    }

    /// @inheritdoc IKycRegistry
    function recordOf(address account) external view returns (KycRecord memory) {
        Record memory record = _records[account];
        Standing memory standing = record.standing;
        return
            KycRecord({
                commitment: record.commitment,
                validUntil: standing.validUntil,
                anchoredAt: standing.anchoredAt,
                policy: standing.policy,
                sequence: standing.sequence,
                issuer: _issuers[standing.issuerNr].account,
                revoked: standing.revoked,
                blocked: standing.blocked
            });
    }

    /// @inheritdoc IKycRegistry
    function isDelisted(address issuer) external view returns (bool) {
        return _issuers[_issuerNrs[issuer]].delisted;
    }

    /// @inheritdoc IKycRegistry
    function unblockRequestOf(address account) external view returns (address requestedBy, bytes32 evidence) {
        UnblockRequest memory request = _unblockRequests[account];
        return (request.requestedBy, request.evidence);
    }

    /* INTERNAL: CREDENTIALS */

    /// @dev 1. nothing for a repetition; 2. check the statement; 3. check its issuer's right and signature; 4. write.
    function _anchor(Anchor calldata credential, bytes calldata signature) private {
        Record storage record = _records[credential.account];
        Standing memory standing = record.standing;
        // Somebody may bring a statement before the relayer does: the relayer's batch must not fail for that.
        if (_stands(credential, record, standing)) return;
        _checkAnchor(credential, standing.sequence);
        _checkIssuer(credential, signature);

        uint32 issuerNr = _numberOf(credential.issuer);
        if (_issuers[issuerNr].delisted) revert KycRegistryIssuerDelisted(credential.issuer);
        record.commitment = credential.commitment;
        record.standing = Standing({
            validUntil: credential.validUntil,
            anchoredAt: uint48(block.timestamp),
            policy: credential.policy,
            sequence: credential.sequence,
            issuerNr: issuerNr,
            revoked: false,
            blocked: standing.blocked
        });
        emit CredentialAnchored(
            credential.account,
            credential.issuer,
            credential.policy,
            credential.commitment,
            credential.validUntil,
            credential.sequence
        );
    }

    function _stands(
        Anchor calldata credential,
        Record storage record,
        Standing memory standing
    ) private view returns (bool) {
        return
            credential.sequence == standing.sequence &&
            !standing.revoked &&
            standing.issuerNr != 0 &&
            credential.policy == standing.policy &&
            credential.validUntil == standing.validUntil &&
            credential.issuer == _issuers[standing.issuerNr].account &&
            credential.commitment == record.commitment;
    }

    function _checkAnchor(Anchor calldata credential, uint32 last) private view {
        address account = credential.account;
        uint48 validUntil = credential.validUntil;
        if (account == address(0)) revert KycRegistryAccountZero();
        if (credential.policy == 0) revert KycRegistryPolicyZero(account);
        if (credential.commitment == 0) revert KycRegistryCommitmentZero(account);
        if (validUntil <= block.timestamp) revert KycRegistryExpired(account, validUntil, block.timestamp);
        if (validUntil > block.timestamp + MAX_VALIDITY) {
            revert KycRegistryValidTooLong(account, validUntil, block.timestamp + MAX_VALIDITY);
        }
        if (credential.sequence <= last) revert KycRegistrySequenceNotNew(account, credential.sequence, last);
        _checkStep(account, credential.sequence, last);
    }

    /// @dev Asked when the statement is brought, not when it was signed: who lost the right issues nothing any more.
    function _checkIssuer(Anchor calldata credential, bytes calldata signature) private view {
        address issuer = credential.issuer;
        address manager = authority();
        (bool allowed, ) = AuthorityUtils.canCallWithDelay(manager, issuer, address(this), this.anchor.selector);
        // The manager itself may call while it executes for somebody, who would stay unknown.
        if (!allowed || issuer == manager) revert KycRegistryNotIssuer(issuer);
        if (msg.sender == issuer) return;
        if (!SignatureChecker.isValidSignatureNowCalldata(issuer, anchorDigest(credential), signature)) {
            revert KycRegistrySignatureInvalid(issuer);
        }
    }

    /// @dev The number only rises, and a newer credential than the caller knew of is revoked with the rest: who holds a
    /// statement back must not save herself by bringing it first.
    function _revoke(address account, uint32 sequence) private {
        Standing memory standing = _records[account].standing;
        if (sequence == 0 && standing.sequence == 0) revert KycRegistryNothingToRevoke(account);
        if (standing.revoked && sequence <= standing.sequence) return;
        if (sequence > standing.sequence) {
            _checkStep(account, sequence, standing.sequence);
            standing.sequence = sequence;
        }
        standing.revoked = true;
        _records[account].standing = standing;
        emit CredentialRevoked(account, msg.sender, standing.sequence);
    }

    function _checkStep(address account, uint32 sequence, uint32 last) private pure {
        uint256 max = uint256(last) + MAX_SEQUENCE_STEP;
        if (sequence > max) revert KycRegistrySequenceTooFar(account, sequence, max);
    }

    function _checkBatch(uint256 length) private pure {
        if (length == 0 || length > MAX_BATCH) revert KycRegistryBatchOutOfBounds(length, MAX_BATCH);
    }

    /* INTERNAL: ISSUERS */

    function _numberOf(address issuer) private returns (uint32 issuerNr) {
        issuerNr = _issuerNrs[issuer];
        if (issuerNr != 0) return issuerNr;
        issuerNr = ++_issuerCount;
        _issuerNrs[issuer] = issuerNr;
        _issuers[issuerNr].account = issuer;
    }

    /* INTERNAL: RIGHTS */

    /// @dev Whoever acts calls in her own name. Through `AccessManager.execute` the caller would be the manager: one
    /// person could be maker and checker, and no event would say who it was.
    function _checkCanCall(address caller, bytes calldata data) internal override {
        if (caller == authority()) revert AccessManagedUnauthorized(caller);
        super._checkCanCall(caller, data);
    }
}
