// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IKycOracle} from "./IKycOracle.sol";

/// @notice What an issuer signs when somebody has passed KYC: nothing in it says who she is.
struct Anchor {
    /// Who may borrow.
    address account;
    /// The set of KYC rules that she passed; 0 is none.
    uint32 policy;
    /// HMAC-SHA256, under a random key of this credential alone, of the credential's SHA-256. Without the key it says
    /// nothing.
    bytes32 commitment;
    /// Unix second from which the credential is void, as in a JWT's `exp`. 0 is in the past, never "never".
    uint48 validUntil;
    /// Rises with each statement about the account, whoever issues it.
    uint32 sequence;
    /// Who signs (EOA or ERC-1271). Inside the statement, so that a signature for one contract wallet is not another's.
    address issuer;
}

/// @notice An issuer's statement as anybody may bring it.
struct SignedAnchor {
    Anchor anchor;
    /// Ignored when the caller is the issuer.
    bytes signature;
}

/// @notice One revocation of several.
struct Revocation {
    address account;
    uint32 sequence;
}

/// @notice All that is stored about an account.
struct KycRecord {
    bytes32 commitment;
    uint48 validUntil;
    /// Unix second of the block that anchored it.
    uint48 anchoredAt;
    uint32 policy;
    /// The last number used; a revocation may have raised it above the credential's.
    uint32 sequence;
    address issuer;
    bool revoked;
    bool blocked;
}

/// @title KycRegistry: who may borrow, without saying who she is
/// @notice Holds a keyed commitment to each borrower's private KYC credential, how long and under which policy it
/// counts, and a sanctions block that stands apart: no issuer can lift it.
interface IKycRegistry is IKycOracle {
    /* ERRORS */

    error KycRegistryAccountZero();
    error KycRegistryPolicyZero(address account);
    error KycRegistryCommitmentZero(address account);
    error KycRegistryExpired(address account, uint48 validUntil, uint256 timestamp);
    error KycRegistryValidTooLong(address account, uint48 validUntil, uint256 max);
    error KycRegistrySequenceNotNew(address account, uint32 sequence, uint32 last);
    error KycRegistrySequenceTooFar(address account, uint32 sequence, uint256 max);
    error KycRegistryNothingToRevoke(address account);
    error KycRegistryNotIssuer(address issuer);
    error KycRegistryIssuerDelisted(address issuer);
    error KycRegistryIssuerNotDelisted(address issuer);
    error KycRegistrySignatureInvalid(address issuer);
    error KycRegistryBatchOutOfBounds(uint256 length, uint256 max);
    error KycRegistryEvidenceZero();
    error KycRegistryNotBlocked(address account);
    error KycRegistryUnblockNotRequested(address account, bytes32 evidence);
    error KycRegistryMakerIsChecker(address account, address person);

    /* EVENTS */

    event CredentialAnchored(
        address indexed account,
        address indexed issuer,
        uint32 indexed policy,
        bytes32 commitment,
        uint48 validUntil,
        uint32 sequence
    );
    /// @param sequence The last number used from now on: statements up to it are void.
    event CredentialRevoked(address indexed account, address indexed by, uint32 sequence);
    /// @notice Blocked, or blocked for one more reason. A request to unblock that was open is void.
    /// @param evidence Keyed commitment to the case file.
    event AccountBlocked(address indexed account, address indexed by, bytes32 evidence);
    event UnblockRequested(address indexed account, address indexed by, bytes32 evidence);
    event AccountUnblocked(address indexed account, address indexed by, address indexed requestedBy, bytes32 evidence);
    event IssuerDelisted(address indexed issuer, address indexed by);
    event IssuerRelisted(address indexed issuer, address indexed by);

    /* CREDENTIALS */

    /// @notice Writes what an issuer has stated, in place of what stood for the account. Anybody may bring the statement:
    /// the right is its issuer's, who must be allowed to call this function without delay at the time.
    /// A block stays as it is. What stands already, unrevoked, may be brought again and changes nothing.
    /// @param signature The issuer's EIP-712 signature of `credential`; ignored when the caller is the issuer.
    function anchor(Anchor calldata credential, bytes calldata signature) external;

    /// @notice As `anchor` for each of 1 to `MAX_BATCH` statements: all of them or none.
    function anchorMany(SignedAnchor[] calldata credentials) external;

    /// @notice Revokes what stands for the account, whoever issued it, and voids every statement up to `sequence`.
    /// Only a statement with a higher number makes her eligible again.
    /// Warning: a statement that was signed but not brought yet survives unless `sequence` covers it.
    /// @param sequence The highest number that was signed for the account; a lower one than is in use does no harm.
    function revoke(address account, uint32 sequence) external;

    /// @notice As `revoke` for each of 1 to `MAX_BATCH` accounts.
    function revokeMany(Revocation[] calldata revocations) external;

    /* COMPLIANCE */

    /// @notice Blocks 1 to `MAX_BATCH` accounts, known here or not. It holds until two people lift it.
    /// @param evidence Keyed commitment to the case file.
    function blockAccounts(address[] calldata accounts, bytes32 evidence) external;

    /// @notice Asks for the end of a block. A later request or a new block takes its place.
    function requestUnblock(address account, bytes32 evidence) external;

    /// @notice Ends a block as somebody else has requested it, on the same evidence.
    function unblock(address account, bytes32 evidence) external;

    /// @notice Stops an issuer and disables everything it has issued, at once. Meant for a key that was stolen: one that
    /// is only replaced loses its role, and what it has issued goes on to its end.
    function delistIssuer(address issuer) external;

    /// @notice Makes what a delisted issuer has issued count again, what a thief has issued included.
    function relistIssuer(address issuer) external;

    /* READING */

    /// @notice Whether what is known now makes `account` eligible at `timestamp`. About the past the events know more: what
    /// stood before the present credential is not stored, and a revocation or a block counts for every second.
    function isEligibleAt(address account, uint32 policy, uint256 timestamp) external view returns (bool);

    /// @notice The EIP-712 digest that the issuer signs.
    function anchorDigest(Anchor calldata credential) external view returns (bytes32 digest);

    function recordOf(address account) external view returns (KycRecord memory);
    function isDelisted(address issuer) external view returns (bool);
    /// @notice Who has asked to unblock `account`, on which evidence; zeros when nobody has.
    function unblockRequestOf(address account) external view returns (address requestedBy, bytes32 evidence);

    /// @notice Rows in one call at most.
    function MAX_BATCH() external view returns (uint256);
    /// @notice Seconds from anchoring to `validUntil` at most.
    function MAX_VALIDITY() external view returns (uint256);
    /// @notice How far a sequence may rise at once.
    function MAX_SEQUENCE_STEP() external view returns (uint256);
}
