// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ILendingPool} from "./interfaces/ILendingPool.sol";
import {
    Agreement,
    Authorization,
    Collection,
    Components,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    PaymentRecord,
    Position,
    Restructuring
} from "./interfaces/ILoanBook.sol";
import {ILoanMetadata} from "./interfaces/ILoanMetadata.sol";
import {IWalletRecovery} from "./interfaces/IWalletRecovery.sol";
import {AgreementHash} from "./libraries/AgreementHash.sol";
import {Currency, Loan, LoanRecords, LoanStorage} from "./libraries/LoanStorage.sol";
import {Origination} from "./libraries/Origination.sol";
import {Payer, Repayment} from "./libraries/Repayment.sol";
import {Reading} from "./libraries/Reading.sol";
import {Parties, Servicing} from "./libraries/Servicing.sol";
import {Terms, TermsCode} from "./libraries/TermsCode.sol";
import {Tokens} from "./libraries/Tokens.sol";
import {Waterfall} from "./libraries/Waterfall.sol";

/// @title LoanBook: see `ILoanBook` for what each function promises
/// @dev This file says who may call what, keeps the notes, and hands over to linked libraries that run on this contract's
/// storage, because no contract is large enough for all of it: `Origination` makes a loan, `Repayment` takes money for it,
/// `Servicing` has the rare turns of its life, `Reading` answers.
contract LoanBook is ILoanBook, ERC721, EIP712, AccessManaged, Pausable, ReentrancyGuardTransient {
    using LoanStorage for Loan;
    using LoanStorage for LoanRecords;
    using SafeERC20 for IERC20;
    using TermsCode for Terms;
    using Tokens for LoanRecords;
    using Waterfall for Components;
    using Waterfall for Terms;

    /// @inheritdoc ILoanBook
    uint256 public constant MAX_BATCH = 30;

    /// @inheritdoc ILoanBook
    uint8 public constant CURE_INSTALMENTS = Repayment.CURE_INSTALMENTS;

    /// @dev What a row of a collection sheet may use at least. `MAX_BATCH` times that fits a transaction (2^24 gas); a payoff
    /// of hundreds of instalments needs more and is paid alone.
    uint256 private constant ROW_GAS = 500_000;

    IWalletRecovery private immutable _wallets;
    ILoanMetadata private immutable _metadata;
    LoanRecords private _records;

    constructor(
        address initialAuthority,
        IWalletRecovery wallets_,
        ILoanMetadata metadata_
    ) ERC721("Ahadi Loan Note", "AHADI") EIP712("Ahadi LoanBook", "1") AccessManaged(initialAuthority) {
        if (address(wallets_) == address(0)) revert LoanBookZeroAddress("walletRecovery");
        if (address(metadata_) == address(0)) revert LoanBookZeroAddress("metadata");
        _wallets = wallets_;
        _metadata = metadata_;
    }

    /* CONSENT */

    /// @inheritdoc ILoanBook
    function loanIdOf(Agreement calldata agreement) external view returns (bytes32 loanId) {
        return _hashTypedDataV4(Origination.hash(agreement));
    }

    /// @inheritdoc ILoanBook
    function consentDigest(uint8 role, Agreement calldata agreement) external view returns (bytes32 digest) {
        return _hashTypedDataV4(AgreementHash.hashConsent(role, Origination.hash(agreement)));
    }

    /// @inheritdoc ILoanBook
    function receiptDigest(bytes32 loanId) external view returns (bytes32 digest) {
        uint64 amount = Reading.amountToPayOut(_records, loanId);
        return _hashTypedDataV4(AgreementHash.hashReceipt(loanId, amount));
    }

    /// @inheritdoc ILoanBook
    function restructuringDigest(
        uint8 role,
        Restructuring calldata restructuring
    ) external view returns (bytes32 digest) {
        return Servicing.restructuringDigest(role, restructuring, _domainSeparatorV4());
    }

    /// @inheritdoc ILoanBook
    function withdrawConsent(bytes32 loanId) external {
        _records.withdrawnConsents[loanId][msg.sender] = true;
        emit ConsentWithdrawn(loanId, msg.sender);
    }

    /* MAKING A LOAN */

    /// @inheritdoc ILoanBook
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature,
        bytes calldata lenderSignature
    ) external whenNotPaused nonReentrant returns (bytes32 loanId) {
        if (!_wallets.mayBorrow(agreement.borrower)) revert LoanBookBorrowerMoved(agreement.borrower);
        uint32 day;
        (loanId, day) = Origination.originate(
            _records,
            msg.data[4:],
            borrowerSignature,
            lenderSignature,
            _domainSeparatorV4()
        );
        // Not `_safeMint`: a lender's code must not run in the middle of an origination.
        _mint(agreement.lender, uint256(loanId));
        _fund(loanId, agreement, day);
    }

    /// @inheritdoc ILoanBook
    function activate(bytes32 loanId, bytes calldata receipt) external nonReentrant {
        Servicing.activate(_records, loanId, _parties(loanId), receipt);
    }

    /// @inheritdoc ILoanBook
    function cancel(bytes32 loanId) external nonReentrant {
        Servicing.cancel(_records, loanId, _parties(loanId));
    }

    /// @inheritdoc ILoanBook
    function returnLoan(bytes32 loanId) external nonReentrant {
        Servicing.returnLoan(_records, loanId, _parties(loanId));
    }

    /* REPAYING */

    /// @inheritdoc ILoanBook
    function repay(bytes32 loanId, uint64 amount) external nonReentrant returns (Components memory paid) {
        return _repay(loanId, amount, msg.sender, false);
    }

    /// @inheritdoc ILoanBook
    function repayWithPermit(
        bytes32 loanId,
        uint64 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (Components memory paid) {
        Terms memory terms = TermsCode.read(_records.existing(loanId).terms);
        uint256 value = amount * terms.unit;
        // A permit that somebody already handed in has set the allowance: it must not stop the repayment.
        try IERC20Permit(terms.currency).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {}
        return _repay(loanId, amount, msg.sender, false);
    }

    /// @inheritdoc ILoanBook
    function repayWithAuthorization(
        bytes32 loanId,
        uint64 amount,
        Authorization calldata authorization
    ) external nonReentrant returns (Components memory paid) {
        Terms memory terms = TermsCode.read(_records.existing(loanId).terms);
        uint256 value = amount * terms.unit;
        bytes32 nonce = authorizationNonce(loanId, authorization.salt);
        Tokens.receiveAuthorized(terms.currency, value, nonce, authorization);
        paid = _repay(loanId, amount, authorization.payer, true);
        uint256 rest = value - paid.sum() * terms.unit;
        if (rest != 0) _records.release(terms.currency, authorization.payer, rest);
    }

    /// @inheritdoc ILoanBook
    function repayMany(Collection[] calldata rows) external nonReentrant returns (Components[] memory paid) {
        if (rows.length == 0 || rows.length > MAX_BATCH) revert LoanBookBatchOutOfBounds(rows.length, MAX_BATCH);
        // A row that fails for want of gas is reported like any other: who estimates must not find that to be enough.
        uint256 least = rows.length * ROW_GAS;
        if (gasleft() < least) revert LoanBookGasTooLow(gasleft(), least);
        paid = new Components[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            Collection calldata row = rows[i];
            // A call of its own, so that what a row did before it failed is undone. It has an equal share of what is left:
            // the first payment after quiet weeks also brings a pool's books up to date.
            try this.repayRow{gas: gasleft() / (rows.length - i)}(msg.sender, row) returns (Components memory taken) {
                paid[i] = taken;
            } catch (bytes memory reason) {
                emit CollectionFailed(row.loanId, msg.sender, i, reason);
            }
        }
    }

    /// @inheritdoc ILoanBook
    function repayRow(address payer, Collection calldata row) external returns (Components memory paid) {
        if (msg.sender != address(this)) revert LoanBookOnlySelf(msg.sender);
        return _repay(row.loanId, row.amount, payer, false);
    }

    /// @inheritdoc ILoanBook
    function collectHeld(address currency, address to) external nonReentrant returns (uint256 amount) {
        amount = _records.held[currency][msg.sender];
        if (amount == 0) revert LoanBookNothingOwed(currency, msg.sender);
        _records.held[currency][msg.sender] = 0;
        emit HeldPaymentCollected(currency, msg.sender, to, amount);
        IERC20(currency).safeTransfer(to, amount);
    }

    /* RARE TURNS */

    /// @inheritdoc ILoanBook
    function reverse(bytes32 loanId, PaymentRecord calldata record) external nonReentrant {
        Servicing.reverse(_records, loanId, record, _ownerOf(uint256(loanId)));
    }

    /// @inheritdoc ILoanBook
    function restructure(
        Restructuring calldata restructuring,
        bytes calldata borrowerSignature,
        bytes calldata ownerSignature
    ) external nonReentrant {
        Parties memory parties = _parties(restructuring.loanId);
        Servicing.restructure(_records, restructuring, parties, borrowerSignature, ownerSignature);
    }

    /// @inheritdoc ILoanBook
    function writeOff(bytes32 loanId) external nonReentrant {
        Servicing.writeOff(_records, loanId, _ownerOf(uint256(loanId)));
    }

    /* GOVERNANCE */

    /// @inheritdoc ILoanBook
    function setCurrency(address currency, bool allowed) external restricted {
        uint8 decimals = IERC20Metadata(currency).decimals();
        _records.currencies[currency] = Currency(allowed, decimals);
        emit CurrencyAllowed(currency, allowed, decimals, IERC20Metadata(currency).symbol());
    }

    /// @inheritdoc ILoanBook
    function registerPool(address pool) external restricted {
        if (_records.pools[pool]) revert LoanBookPoolAlreadyRegistered(pool);
        address asset = IERC4626(pool).asset();
        if (!_records.currencies[asset].allowed) revert LoanBookCurrencyNotAllowed(asset);
        _records.pools[pool] = true;
        emit PoolRegistered(pool, asset, ILendingPool(pool).utcOffset());
    }

    /// @inheritdoc ILoanBook
    function setRecorder(address recorder, bool registered) external restricted {
        if (recorder.code.length == 0) revert LoanBookRecorderNotContract(recorder);
        _records.recorders[recorder] = registered;
        emit RecorderSet(recorder, registered);
    }

    /// @inheritdoc ILoanBook
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc ILoanBook
    function unpause() external restricted {
        _unpause();
    }

    /* READING */

    /// @inheritdoc ILoanBook
    function loanOf(bytes32 loanId) external view returns (LoanView memory v) {
        v = Reading.loanOf(_records, loanId);
        if (v.state != LoanState.None) v.borrower = _wallets.currentOf(v.borrower);
    }

    /// @inheritdoc ILoanBook
    function scheduleOf(bytes32 loanId) external view returns (Instalment[] memory) {
        return Reading.scheduleOf(_records, loanId);
    }

    /// @inheritdoc ILoanBook
    function scheduleOfVersion(bytes32 loanId, uint16 version) external view returns (Instalment[] memory) {
        return Reading.scheduleOfVersion(_records, loanId, version);
    }

    /// @inheritdoc ILoanBook
    function instalment(
        bytes32 loanId,
        uint16 index
    ) external view returns (Instalment memory row, Components memory unpaid) {
        return Reading.instalment(_records, loanId, index);
    }

    /// @inheritdoc ILoanBook
    function positionOf(bytes32 loanId) external view returns (Position memory position, Instalment[] memory rows) {
        return Reading.positionOf(_records, loanId);
    }

    /// @inheritdoc ILoanBook
    function today(bytes32 loanId) external view returns (uint32 day) {
        return Reading.today(_records, loanId);
    }

    /// @inheritdoc ILoanBook
    function due(bytes32 loanId, uint32 day) external view returns (Components memory) {
        return Reading.due(_records, loanId, day);
    }

    /// @inheritdoc ILoanBook
    function payoff(bytes32 loanId, uint32 day) external view returns (Components memory) {
        return Reading.payoff(_records, loanId, day);
    }

    /// @inheritdoc ILoanBook
    function daysPastDue(bytes32 loanId) external view returns (uint32) {
        return Reading.daysPastDue(_records, loanId);
    }

    /// @inheritdoc ILoanBook
    function isCurrencyAllowed(address currency) external view returns (bool) {
        return _records.currencies[currency].allowed;
    }

    /// @inheritdoc ILoanBook
    function isPool(address account) external view returns (bool) {
        return _records.pools[account];
    }

    /// @inheritdoc ILoanBook
    function isRecorder(address account) external view returns (bool) {
        return _records.recorders[account];
    }

    /// @inheritdoc ILoanBook
    function heldFor(address currency, address account) external view returns (uint256) {
        return _records.held[currency][account];
    }

    /// @inheritdoc ILoanBook
    function isConsentWithdrawn(bytes32 loanId, address party) external view returns (bool) {
        return _records.withdrawnConsents[loanId][party];
    }

    /// @inheritdoc ILoanBook
    /// @dev The key of a keyed nonce, with sequence 0: tokens that count nonces by key and tokens that take any number
    /// both accept it once.
    function authorizationNonce(bytes32 loanId, bytes32 salt) public pure returns (bytes32 nonce) {
        return bytes32(uint256(keccak256(abi.encode(loanId, salt))) << 64);
    }

    /// @inheritdoc ILoanBook
    function walletRecovery() external view returns (address) {
        return address(_wallets);
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        return _metadata.tokenURI(address(this), tokenId);
    }

    /* NOTES */

    /// @inheritdoc ERC721
    /// @dev Guarded, so that no note changes hands while a token's move runs somebody's code: who was about to be told of a
    /// payment would no longer be the owner.
    function transferFrom(address from, address to, uint256 tokenId) public override nonReentrant {
        super.transferFrom(from, to, tokenId);
    }

    /// @dev A note that is sent here would take its loan's repayments with it, and nobody could get them out.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        if (to == address(this)) revert ERC721InvalidReceiver(to);
        return super._update(to, tokenId, auth);
    }

    /* INTERNAL: MAKING A LOAN */

    /// @dev Reverts unless the loan exists.
    function _parties(bytes32 loanId) private view returns (Parties memory) {
        address borrower = _wallets.currentOf(Reading.borrowerOf(_records, loanId));
        return Parties(_ownerOf(uint256(loanId)), borrower, _domainSeparatorV4());
    }

    function _fund(bytes32 loanId, Agreement calldata agreement, uint32 day) private {
        uint64 amount = agreement.principal - agreement.upfrontFee;
        address recipient = agreement.payee;
        if (recipient == agreement.borrower) {
            emit Disbursed(loanId, recipient, day, amount, agreement.upfrontFee);
        } else {
            emit LoanFunded(loanId, recipient, day, amount);
            recipient = address(this);
        }
        Tokens.pull(agreement.currency, agreement.lender, recipient, amount * agreement.unit);
    }

    /* INTERNAL: REPAYMENT */

    function _repay(bytes32 loanId, uint64 amount, address payer, bool isHere) private returns (Components memory) {
        return Repayment.repay(_records, Payer(payer, isHere), _ownerOf(uint256(loanId)), loanId, amount);
    }
}
