// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILendingPool, ILoanOwner} from "./interfaces/ILendingPool.sol";
import {Agreement, Components, ILoanBook} from "./interfaces/ILoanBook.sol";
import {DayCount} from "./libraries/DayCount.sol";

/// @title LendingPool: see `ILendingPool` for what each function promises
/// @dev Assets are what the pool counted in: idle cash, cash held for it in LoanBook, principal that is out. Interest,
/// fees and penalties enter the price when they are paid. Nothing reads `balanceOf`, so a donation moves no price.
contract LendingPool is ILendingPool, ERC4626, AccessManaged, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// Shares carry six more decimals than the asset: a first depositor cannot round others down to nothing.
    uint8 private constant DECIMALS_OFFSET = 6;

    ILoanBook private immutable _loanBook;
    int32 private immutable _utcOffset;

    uint256 private _cash;
    uint256 private _heldCash;
    uint256 private _outstandingPrincipal;
    uint256 private _incomeReceived;

    /// @param asset_ The currency in which the pool lends.
    /// @param utcOffset_ Seconds; every loan of the pool counts its days in this offset.
    constructor(
        address initialAuthority,
        ILoanBook loanBook_,
        IERC20 asset_,
        int32 utcOffset_,
        string memory name_,
        string memory symbol_
    ) ERC20(name_, symbol_) ERC4626(asset_) AccessManaged(initialAuthority) {
        if (!DayCount.isUtcOffset(utcOffset_)) revert LendingPoolUtcOffsetOutOfBounds(utcOffset_);
        _loanBook = loanBook_;
        _utcOffset = utcOffset_;
    }

    /* LENDING */

    /// @inheritdoc ILendingPool
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature
    ) external restricted whenNotPaused nonReentrant returns (bytes32 loanId) {
        // LoanBook reports repayments to registered pools alone: without them the books would stand still.
        if (!_loanBook.isPool(address(this))) revert LendingPoolNotRegistered(address(this));
        if (agreement.lender != address(this)) revert LendingPoolLenderMismatch(agreement.lender);
        if (agreement.currency != asset()) revert LendingPoolCurrencyMismatch(agreement.currency, asset());
        if (agreement.utcOffset != _utcOffset) revert LendingPoolUtcOffsetMismatch(agreement.utcOffset, _utcOffset);
        uint256 principal = agreement.principal * agreement.unit;
        uint256 upfrontFee = agreement.upfrontFee * agreement.unit;
        uint256 paidOut = principal - upfrontFee;
        if (paidOut > _cash) revert LendingPoolInsufficientCash(paidOut, _cash);

        _cash -= paidOut;
        _outstandingPrincipal += principal;
        _incomeReceived += upfrontFee;
        // The allowance is for this loan alone; LoanBook uses it up in the same call.
        IERC20(asset()).forceApprove(address(_loanBook), paidOut);
        loanId = _loanBook.originate(agreement, borrowerSignature, "");
        emit LoanFunded(loanId, principal, upfrontFee);
        _emitUpdate();
    }

    /// @inheritdoc ILoanOwner
    /// @dev Not `nonReentrant`: LoanBook's own guard is on, and a repayment must get through whatever else is running.
    function onRepaid(bytes32 loanId, Components calldata paid, uint256 unit, bool held) external {
        if (msg.sender != address(_loanBook)) revert LendingPoolNotLoanBook(msg.sender);
        uint256 principal = paid.principal * unit;
        uint256 income = (uint256(paid.penalty) + paid.fee + paid.interest) * unit;
        if (held) _heldCash += principal + income;
        else _cash += principal + income;
        _outstandingPrincipal -= principal;
        _incomeReceived += income;
        emit RepaymentBooked(loanId, principal, income);
        _emitUpdate();
    }

    /// @inheritdoc ILendingPool
    function collectHeldCash() external nonReentrant {
        // A note that somebody gave to the pool pays without `onRepaid`: what was held for it comes along uncounted, like
        // any donation, and must not stop what is the pool's.
        uint256 amount = Math.min(_loanBook.collectHeld(asset(), address(this)), _heldCash);
        _heldCash -= amount;
        _cash += amount;
        emit HeldCashCollected(amount);
        _emitUpdate();
    }

    /// @inheritdoc ILendingPool
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc ILendingPool
    function unpause() external restricted {
        _unpause();
    }

    /* ERC-4626 */

    /// @inheritdoc ERC4626
    function totalAssets() public view override returns (uint256) {
        return _cash + _heldCash + _outstandingPrincipal;
    }

    /// @inheritdoc ERC4626
    function maxDeposit(address receiver) public view override returns (uint256) {
        return paused() ? 0 : super.maxDeposit(receiver);
    }

    /// @inheritdoc ERC4626
    function maxMint(address receiver) public view override returns (uint256) {
        return paused() ? 0 : super.maxMint(receiver);
    }

    /// @inheritdoc ERC4626
    /// @dev Only idle cash can leave. `maxWithdraw` follows from this one.
    function maxRedeem(address owner) public view override returns (uint256) {
        return Math.min(super.maxRedeem(owner), _convertToShares(_cash, Math.Rounding.Floor));
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        // Counted after the shares exist: a token that calls the sender first must not show a price without them.
        super._deposit(caller, receiver, assets, shares);
        _cash += assets;
        _emitUpdate();
    }

    function _withdraw(
        address caller,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) internal override nonReentrant {
        _cash -= assets;
        super._withdraw(caller, receiver, owner, assets, shares);
        _emitUpdate();
    }

    /* READING */

    /// @inheritdoc ILendingPool
    function loanBook() external view returns (address) {
        return address(_loanBook);
    }

    /// @inheritdoc ILendingPool
    function utcOffset() external view returns (int32) {
        return _utcOffset;
    }

    /// @inheritdoc ILendingPool
    function cash() external view returns (uint256) {
        return _cash;
    }

    /// @inheritdoc ILendingPool
    function heldCash() external view returns (uint256) {
        return _heldCash;
    }

    /// @inheritdoc ILendingPool
    function outstandingPrincipal() external view returns (uint256) {
        return _outstandingPrincipal;
    }

    /// @inheritdoc ILendingPool
    function incomeReceived() external view returns (uint256) {
        return _incomeReceived;
    }

    function _emitUpdate() private {
        emit PoolUpdated(_cash, _heldCash, _outstandingPrincipal, _incomeReceived, totalSupply());
    }
}
