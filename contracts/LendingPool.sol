// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IERC7540Redeem} from "./interfaces/IERC7540Redeem.sol";
import {IKycOracle} from "./interfaces/IKycOracle.sol";
import {ILendingPool, LendingLimits, PoolBooks, PoolRules} from "./interfaces/ILendingPool.sol";
import {
    Agreement,
    ILoanBook,
    Instalment,
    Movement,
    PaymentRecord,
    Position,
    Restructuring
} from "./interfaces/ILoanBook.sol";
import {ILoanOwner} from "./interfaces/ILoanOwner.sol";
import {AccrualBook, Accruals} from "./libraries/AccrualBook.sol";
import {AgeBrackets, Ageing} from "./libraries/AgeBrackets.sol";
import {DayCount} from "./libraries/DayCount.sol";
import {FirstLoss} from "./libraries/FirstLoss.sol";
import {Booking, FixedRules, Ledger, PoolLedger, PoolLoan} from "./libraries/PoolLedger.sol";
import {Bookkeeping} from "./libraries/Bookkeeping.sol";
import {PoolRepayment, Rates} from "./libraries/PoolRepayment.sol";
import {ExitPrice, RedemptionQueue, Redemptions} from "./libraries/RedemptionQueue.sol";
import {Desk, LendingPolicy, Underwriting} from "./libraries/Underwriting.sol";
import {Workout} from "./libraries/Workout.sol";

/// @title LendingPool: see `ILendingPool` for what each function promises
/// @dev This file holds the shares and the tokens and says who may call what. What follows from a call stands in linked
/// libraries that run on this contract's storage, because no contract is large enough for all of it: `Underwriting` lends,
/// `PoolRepayment` books payments, `Workout` the other turns and ends of a loan, `FirstLoss` keeps the cover,
/// `RedemptionQueue` the order of those who leave, `Bookkeeping` answers. What the lenders own is said in `PoolLedger`.
///
/// Every entry walks the same steps: who calls and when; roll the days; prices; totals; events; tokens last. Nothing reads
/// `balanceOf` to learn what is owned, so a donation moves no price:
///
///     balance here + held in LoanBook >= cash + held + reserved + cover + fees
contract LendingPool is
    ILendingPool,
    IERC7540Redeem,
    IERC165,
    ERC4626,
    AccessManaged,
    Pausable,
    ReentrancyGuardTransient
{
    using AccrualBook for Accruals;
    using AgeBrackets for Ageing;
    using FirstLoss for Ledger;
    using PoolLedger for Ledger;
    using PoolRepayment for Ledger;
    using RedemptionQueue for Redemptions;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using Underwriting for Ledger;
    using Underwriting for LendingPolicy;
    using Workout for Ledger;

    /// Shares carry six more decimals than the asset: a first depositor cannot round others down to nothing.
    uint8 private constant DECIMALS_OFFSET = 6;
    uint256 private constant VIRTUAL_SHARES = 10 ** DECIMALS_OFFSET;

    /// Requests that an origination serves by itself before it lends.
    uint256 private constant SERVED_FIRST = 8;

    /// Sums of base units stay below `uint128`, whatever borrowers add in interest.
    uint256 private constant MAX_ASSETS = type(uint112).max;

    uint256 private constant MAX_ASSET_DECIMALS = 18;
    uint256 private constant BASIS_POINTS = 10_000;

    /// ERC-165 ids of the parts of the standards that the pool has.
    bytes4 private constant ERC7575_VAULT = 0x2f0a18c5;
    bytes4 private constant ERC7540_OPERATORS = 0xe3bc4e65;
    bytes4 private constant ERC7540_REDEEM = 0x620ee8e4;

    /// @dev A note on offer.
    struct Offer {
        address buyer;
        uint256 price;
    }

    IKycOracle private immutable _kycOracle;
    /// @dev Has number 0. It and the two rules of `_ledger` below are needed by every repayment: here they cost nothing to
    /// read.
    ILoanBook private immutable _firstLoanBook;
    uint16 private immutable _managementFeeBps;
    uint16 private immutable _nonAccrualDays;

    /// @dev Of the LoanBook that new loans are made in. Stands first, in the slot of the authority, which every origination
    /// reads anyway.
    uint8 private _bookNr;
    Ledger private _ledger;
    LendingPolicy private _policy;
    Redemptions private _redemptions;
    mapping(address controller => mapping(address operator => bool)) private _operators;
    mapping(bytes32 loanId => Offer) private _offers;
    /// @dev Adopted after the first one.
    mapping(uint256 bookNr => ILoanBook) private _laterLoanBooks;

    constructor(
        address initialAuthority,
        ILoanBook loanBook_,
        IKycOracle kycOracle_,
        IERC20 asset_,
        PoolRules memory rules_,
        string memory name_,
        string memory symbol_
    ) ERC20(name_, symbol_) ERC4626(asset_) AccessManaged(initialAuthority) {
        _checkAddress("loanBook", address(loanBook_));
        _checkAddress("kycOracle", address(kycOracle_));
        _checkRules(rules_);
        _firstLoanBook = loanBook_;
        _kycOracle = kycOracle_;
        _managementFeeBps = rules_.managementFeeBps;
        _nonAccrualDays = rules_.nonAccrualDays;
        _ledger.rules = FixedRules({
            nonAccrualDays: rules_.nonAccrualDays,
            managementFeeBps: rules_.managementFeeBps,
            writeOffDays: rules_.writeOffDays,
            coverFloorBps: rules_.coverFloorBps,
            kycPolicy: rules_.kycPolicy,
            minRedemption: rules_.minRedemption
        });
        _ledger.accruals.begin(rules_.utcOffset, block.timestamp);
        _ledger.ageing.begin(rules_.ageing, _ledger.today());
        emit LoanBookAdopted(address(loanBook_));
    }

    /* UNDERWRITING */

    /// @inheritdoc ILendingPool
    function approveLoan(bytes32 id) external restricted {
        _policy.approve(id, authority());
    }

    /// @inheritdoc ILendingPool
    function withdrawApproval(bytes32 id) external {
        _policy.withdrawApproval(id);
    }

    /// @inheritdoc ILendingPool
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature
    ) external restricted whenNotPaused nonReentrant returns (bytes32 loanId) {
        _serve(SERVED_FIRST);
        // Who wants to leave comes before who wants to borrow.
        if (_redemptions.pendingShares != 0) revert LendingPoolRedemptionsFirst(_redemptions.pendingShares);
        Desk memory desk = Desk(_loanBook(_bookNr), _bookNr, IERC20(asset()), _kycOracle, authority());
        if (agreement.lender != address(this)) revert LendingPoolLenderMismatch(agreement.lender);
        return _ledger.originate(_policy, desk, msg.data[4:], borrowerSignature);
    }

    /// @inheritdoc ILendingPool
    function cancelIneligible(bytes32 loanId) external nonReentrant {
        _roll();
        _ledger.cancelIneligible(_loanBookOf(loanId), _kycOracle, loanId);
    }

    /* SERVICING */

    /// @inheritdoc ILendingPool
    function restructure(
        Restructuring calldata restructuring,
        bytes calldata borrowerSignature
    ) external restricted nonReentrant {
        _roll();
        _ledger.checkNewTable(_policy, restructuring);
        ILoanBook book = _loanBookOf(restructuring.loanId);
        _ledger.restructure(_policy.approvals, book, authority(), restructuring, borrowerSignature);
    }

    /// @inheritdoc ILendingPool
    function writeOff(bytes32 loanId) external nonReentrant {
        _roll();
        _ledger.writeOff(_loanBookOf(loanId), authority(), loanId);
    }

    /// @inheritdoc ILendingPool
    function sellNote(bytes32 loanId, address buyer, uint256 price) external restricted {
        if (!PoolLedger.isOpen(_ledger.loans[loanId])) revert LendingPoolNotPoolsLoan(loanId);
        _offers[loanId] = Offer(buyer, price);
        emit NoteOffered(loanId, buyer, price);
    }

    /// @inheritdoc ILendingPool
    /// @dev What the loan is worth is asked after the price is here: while tokens move, somebody may pay on the loan.
    function buyNote(bytes32 loanId, uint256 maxPrice, uint256 minOutstanding) external nonReentrant {
        Offer memory offer = _offers[loanId];
        if (offer.buyer != msg.sender) revert LendingPoolNoOffer(loanId, msg.sender);
        if (offer.price > maxPrice) revert LendingPoolSlippage(offer.price, maxPrice);
        delete _offers[loanId];
        _roll();
        _pull(msg.sender, offer.price);
        ILoanBook book = _loanBookOf(loanId);
        _ledger.sell(book, loanId, offer.price, minOutstanding);
        // Not `safeTransferFrom`: the buyer's code must not run here.
        IERC721(address(book)).transferFrom(address(this), msg.sender, uint256(loanId));
    }

    /// @inheritdoc ILendingPool
    function collectHeldCash() external nonReentrant {
        if (!_bringHome()) revert LendingPoolAmountZero();
    }

    /* WHAT LOANBOOK TELLS */

    /// @inheritdoc ILoanOwner
    function onActivated(bytes32 loanId, uint256 unit, Position calldata, Instalment[] calldata rows) external {
        _checkLoanBook(loanId);
        _roll();
        _ledger.activated(_kycOracle, loanId, unit, rows);
    }

    /// @inheritdoc ILoanOwner
    function onCancelled(bytes32 loanId, uint256 amount, bool held) external {
        _checkLoanBook(loanId);
        _roll();
        _ledger.cancelled(loanId, amount, held);
    }

    /// @inheritdoc ILoanOwner
    function onReturned(bytes32 loanId, uint256 amount, bool held) external {
        Booking booking = _checkLoanBook(loanId);
        // As in `onRepaid`: the borrower may give back a loan whose sold note somebody sent here.
        if (booking == Booking.Sold) return;
        _roll();
        _ledger.returned(loanId, amount, held);
    }

    /// @inheritdoc ILoanOwner
    /// @dev Not `nonReentrant`, like all of these: LoanBook's own guard is on, and a repayment must get through whatever
    /// else is running.
    function onRepaid(bytes32 loanId, Movement calldata) external {
        Booking booking = _checkLoanBook(loanId);
        // A note that was sold, or another's, and came here uninvited: what it brings is a donation.
        if (booking == Booking.None || booking == Booking.Sold) return;
        _ledger.repaid(_rates(), msg.data[4:]);
    }

    /// @inheritdoc ILoanOwner
    function onReversed(bytes32 loanId, Movement calldata, PaymentRecord calldata) external {
        _checkLoanBook(loanId);
        _ledger.reversed(_rates(), IERC20(asset()), msg.data[4:]);
    }

    /* FIRST-LOSS COVER AND FEES */

    /// @inheritdoc ILendingPool
    function depositCover(uint256 amount) external restricted nonReentrant {
        if (amount == 0) revert LendingPoolAmountZero();
        _roll();
        _pull(msg.sender, amount);
        _ledger.deposited(amount);
    }

    /// @inheritdoc ILendingPool
    function withdrawCover(uint256 amount, address to) external restricted nonReentrant {
        if (amount == 0) revert LendingPoolAmountZero();
        _roll();
        _bringHome();
        _ledger.withdrawn(amount, to);
        IERC20(asset()).safeTransfer(to, amount);
    }

    /// @inheritdoc ILendingPool
    function collectFees(address to) external restricted nonReentrant returns (uint256 amount) {
        _bringHome();
        amount = Bookkeeping.collectFees(_ledger, to);
        IERC20(asset()).safeTransfer(to, amount);
    }

    /* JOINING */

    /// @inheritdoc ILendingPool
    function depositWithMin(uint256 assets, address receiver, uint256 minShares) external returns (uint256 shares) {
        shares = deposit(assets, receiver);
        if (shares < minShares) revert LendingPoolSlippage(shares, minShares);
    }

    /// @inheritdoc ILendingPool
    function mintWithMax(uint256 shares, address receiver, uint256 maxAssets) external returns (uint256 assets) {
        assets = mint(shares, receiver);
        if (assets > maxAssets) revert LendingPoolSlippage(assets, maxAssets);
    }

    /// @inheritdoc ERC4626
    function maxDeposit(address receiver) public view override returns (uint256) {
        (uint256 assets, uint256 shares) = _room(receiver);
        return Math.min(assets, _convertToAssets(shares, Math.Rounding.Floor));
    }

    /// @inheritdoc ERC4626
    function maxMint(address receiver) public view override returns (uint256) {
        (uint256 assets, uint256 shares) = _room(receiver);
        return Math.min(shares, _convertToShares(assets, Math.Rounding.Floor));
    }

    /// @inheritdoc ERC4626
    /// @dev Provisions are not deducted: who joins pays for what may still come in.
    function totalAssets() public view override returns (uint256) {
        int256 assets = Bookkeeping.assets(_ledger);
        return assets > 0 ? uint256(assets) : 0;
    }

    /* LEAVING */

    /// @inheritdoc IERC7540Redeem
    function requestRedeem(
        uint256 shares,
        address controller,
        address owner
    ) external nonReentrant returns (uint256 requestId) {
        if (shares == 0) revert LendingPoolRequestZero();
        _checkAddress("controller", controller);
        if (owner != msg.sender && !_operators[owner][msg.sender]) _spendAllowance(owner, msg.sender, shares);
        _roll();
        uint256 worth = convertToExitAssets(shares);
        uint256 least = _ledger.rules.minRedemption;
        if (worth < least) revert LendingPoolRequestTooSmall(worth, least);

        requestId = _redemptions.push(controller, shares);
        // Past this contract's own `_update`, which lets nobody else send shares here.
        super._update(owner, address(this), shares);
        emit RedeemRequest(controller, owner, requestId, msg.sender, shares);
    }

    /// @inheritdoc ILendingPool
    function fulfilRedemptions(uint256 maxRequests) external nonReentrant returns (uint256 fulfilled) {
        _roll();
        fulfilled = _serve(maxRequests);
        if (fulfilled == 0) revert LendingPoolNothingToFulfil();
    }

    /// @inheritdoc ILendingPool
    function redeemNow(
        uint256 shares,
        address receiver,
        uint256 minAssets
    ) external nonReentrant returns (uint256 assets) {
        if (shares == 0) revert LendingPoolRequestZero();
        if (_redemptions.pendingShares != 0) revert LendingPoolRedemptionsFirst(_redemptions.pendingShares);
        _roll();
        assets = convertToExitAssets(shares);
        if (assets < minAssets) revert LendingPoolSlippage(assets, minAssets);
        uint256 cash = _ledger.books.cash;
        if (assets > cash) revert LendingPoolInsufficientCash(assets, cash);

        _ledger.books.cash -= uint128(assets);
        _burn(msg.sender, shares);
        emit Withdraw(msg.sender, receiver, msg.sender, assets, shares);
        emit SupplyUpdated(totalSupply());
        _ledger.emitBooks();
        _send(receiver, assets);
    }

    /// @inheritdoc ERC4626
    /// @dev Claims what was fulfilled for `controller`.
    function redeem(
        uint256 shares,
        address receiver,
        address controller
    ) public override nonReentrant returns (uint256 assets) {
        _checkOperator(controller);
        uint256 max = maxRedeem(controller);
        if (shares > max) revert ERC4626ExceededMaxRedeem(controller, shares, max);
        assets = _redemptions.claimShares(controller, shares);
        _payOut(receiver, controller, assets, shares);
    }

    /// @inheritdoc ERC4626
    /// @dev Claims what was fulfilled for `controller`.
    function withdraw(
        uint256 assets,
        address receiver,
        address controller
    ) public override nonReentrant returns (uint256 shares) {
        _checkOperator(controller);
        uint256 max = maxWithdraw(controller);
        if (assets > max) revert ERC4626ExceededMaxWithdraw(controller, assets, max);
        shares = _redemptions.claimAssets(controller, assets);
        _payOut(receiver, controller, assets, shares);
    }

    /// @inheritdoc IERC7540Redeem
    function setOperator(address operator, bool approved) external returns (bool) {
        _operators[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @inheritdoc ERC4626
    function maxRedeem(address controller) public view override returns (uint256) {
        return _redemptions.redeemers[controller].claimableShares;
    }

    /// @inheritdoc ERC4626
    function maxWithdraw(address controller) public view override returns (uint256) {
        return _redemptions.redeemers[controller].claimableAssets;
    }

    /// @inheritdoc ERC4626
    function previewRedeem(uint256) public pure override returns (uint256) {
        return RedemptionQueue.preview();
    }

    /// @inheritdoc ERC4626
    function previewWithdraw(uint256) public pure override returns (uint256) {
        return RedemptionQueue.preview();
    }

    /// @inheritdoc IERC7540Redeem
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return _redemptions.pendingOf(requestId, controller);
    }

    /// @inheritdoc IERC7540Redeem
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return _redemptions.claimableOf(requestId, controller);
    }

    /// @inheritdoc IERC7540Redeem
    function isOperator(address controller, address operator) external view returns (bool) {
        return _operators[controller][operator];
    }

    /// @inheritdoc IERC7540Redeem
    function share() external view returns (address) {
        return address(this);
    }

    /* GOVERNANCE */

    /// @inheritdoc ILendingPool
    function setLimits(LendingLimits calldata limits_) external restricted {
        _policy.setLimits(limits_);
    }

    /// @inheritdoc ILendingPool
    function adoptLoanBook(address loanBook_) external restricted {
        _checkAddress("loanBook", loanBook_);
        // It must know the pool, and the same moves of addresses: a wrong one could not be taken back.
        ILoanBook book = ILoanBook(loanBook_);
        bool fits =
            loanBook_.code.length != 0 &&
                book.isPool(address(this)) &&
                book.walletRecovery() == _firstLoanBook.walletRecovery();
        if (!fits) revert LendingPoolLoanBookMismatch(loanBook_);
        _laterLoanBooks[++_bookNr] = ILoanBook(loanBook_);
        emit LoanBookAdopted(loanBook_);
    }

    /// @inheritdoc ILendingPool
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc ILendingPool
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc ILendingPool
    function roll(uint256 maxDays) external returns (bool upToDate) {
        return Bookkeeping.catchUp(_ledger, maxDays);
    }

    /* READING */

    /// @inheritdoc ILendingPool
    function loanBook() external view returns (address) {
        return address(_loanBook(_bookNr));
    }

    /// @inheritdoc ILendingPool
    function isLoanBook(address account) external view returns (bool) {
        for (uint256 nr = 0; nr <= _bookNr; ++nr) if (address(_loanBook(nr)) == account) return true;
        return false;
    }

    /// @inheritdoc ILendingPool
    function kycOracle() external view returns (IKycOracle) {
        return _kycOracle;
    }

    /// @inheritdoc ILendingPool
    function rules() external view returns (PoolRules memory) {
        return Bookkeeping.rules(_ledger);
    }

    /// @inheritdoc ILendingPool
    function limits() external view returns (LendingLimits memory) {
        return _policy.limits;
    }

    /// @inheritdoc ILendingPool
    function books() external view returns (PoolBooks memory) {
        return _ledger.books;
    }

    /// @inheritdoc ILendingPool
    function utcOffset() external view returns (int32) {
        return _ledger.accruals.utcOffset;
    }

    /// @inheritdoc ILendingPool
    function recognised() external view returns (uint256) {
        return Bookkeeping.recognised(_ledger);
    }

    /// @inheritdoc ILendingPool
    function portfolioAtRisk(uint32 moreThanDays) external view returns (uint256) {
        return Bookkeeping.portfolioAtRisk(_ledger, moreThanDays);
    }

    /// @inheritdoc ILendingPool
    function provisions() external view returns (uint256) {
        return Bookkeeping.provisions(_ledger);
    }

    /// @inheritdoc ILendingPool
    function exitDeduction() external view returns (uint256) {
        return Bookkeeping.exitDeduction(_ledger);
    }

    /// @inheritdoc ILendingPool
    function collectableFees() external view returns (uint256) {
        return Bookkeeping.collectableFees(_ledger);
    }

    /// @inheritdoc ILendingPool
    function convertToExitAssets(uint256 shares) public view returns (uint256) {
        ExitPrice memory price = _exitPrice();
        return Math.mulDiv(shares, price.assets, price.supply);
    }

    /// @inheritdoc ILendingPool
    function redemptionQueue()
        external
        view
        returns (uint256 nextRequestId, uint256 lastRequestId, uint256 pendingShares)
    {
        return (_redemptions.next, _redemptions.last, _redemptions.pendingShares);
    }

    /// @inheritdoc ILendingPool
    function approvalsOf(bytes32 id) external view returns (address[] memory underwriters) {
        return _policy.approvalsOf(id);
    }

    /// @inheritdoc ILendingPool
    function exposureOf(address borrower) external view returns (uint256) {
        return _ledger.exposureOf(_loanBook(_bookNr), borrower);
    }

    /// @inheritdoc ILendingPool
    function carryingValueOf(bytes32 loanId) external view returns (uint256) {
        return _ledger.carryingOf(_loanBookOf(loanId), loanId);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(IERC165).interfaceId ||
            interfaceId == ERC7575_VAULT ||
            interfaceId == ERC7540_OPERATORS ||
            interfaceId == ERC7540_REDEEM;
    }

    /* INTERNAL: RIGHTS */

    /// @dev Whoever acts calls in her own name. Through `AccessManager.execute` the caller would be the manager: one
    /// person could be maker and checker, and no event would say who it was.
    function _checkCanCall(address caller, bytes calldata data) internal override {
        if (caller == authority()) revert AccessManagedUnauthorized(caller);
        super._checkCanCall(caller, data);
    }

    function _loanBook(uint256 bookNr) private view returns (ILoanBook) {
        return bookNr == 0 ? _firstLoanBook : _laterLoanBooks[bookNr];
    }

    function _loanBookOf(bytes32 loanId) private view returns (ILoanBook) {
        return _loanBook(_ledger.loans[loanId].bookNr);
    }

    /// @dev A LoanBook speaks of the loans that were made in it, and of no others.
    function _checkLoanBook(bytes32 loanId) private view returns (Booking) {
        PoolLoan memory loan = _ledger.loans[loanId];
        if (msg.sender != address(_loanBook(loan.bookNr))) revert LendingPoolNotLoanBook(msg.sender);
        return loan.booking;
    }

    function _checkOperator(address controller) private view {
        if (controller == msg.sender || _operators[controller][msg.sender]) return;
        revert LendingPoolNotOperator(controller, msg.sender);
    }

    /* INTERNAL: LOANS */

    function _roll() private {
        Bookkeeping.roll(_ledger, PoolLedger.ROLL_DAYS);
    }

    function _rates() private view returns (Rates memory) {
        return Rates(_managementFeeBps, _nonAccrualDays);
    }

    /* INTERNAL: SHARES */

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }

    /// @dev Shares come here by `requestRedeem` alone: what somebody sends by mistake would wait for nobody.
    function _update(address from, address to, uint256 value) internal override {
        if (to == address(this)) revert ERC20InvalidReceiver(to);
        super._update(from, to, value);
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        _roll();
        // Counted after the shares exist: a token that calls the sender first must not show a price without them.
        super._deposit(caller, receiver, assets, shares);
        _ledger.books.cash += assets.toUint128();
        emit SupplyUpdated(totalSupply());
        _ledger.emitBooks();
    }

    /// @dev Tokens that take a fee on transfer would be counted in full.
    function _transferIn(address from, uint256 assets) internal override {
        _pull(from, assets);
    }

    /// @dev What may still be added. None while the lenders' assets are negative: whoever joined would pay for that.
    function _room(address receiver) private view returns (uint256 assets, uint256 shares) {
        int256 owned = Bookkeeping.assets(_ledger);
        if (paused() || receiver == address(this) || owned < 0) return (0, 0);
        return (Math.saturatingSub(MAX_ASSETS, uint256(owned)), type(uint128).max - totalSupply());
    }

    /* INTERNAL: LEAVING */

    /// @dev With the same virtual share and asset as the price of joining, so that leaving is never worth more.
    function _exitPrice() private view returns (ExitPrice memory) {
        return ExitPrice(Bookkeeping.exitAssets(_ledger) + 1, totalSupply() + VIRTUAL_SHARES);
    }

    /// @dev Serves the queue from idle cash: burns shares, sets assets aside.
    function _serve(uint256 maxRequests) private returns (uint256 served) {
        if (_redemptions.pendingShares == 0) return 0;
        PoolBooks storage b = _ledger.books;
        uint256 shares;
        uint256 assets;
        (served, shares, assets) = _redemptions.serve(maxRequests, b.cash, _exitPrice());
        if (served == 0) return 0;
        // At most the cash there is: the cast keeps it.
        b.cash -= uint128(assets);
        b.reserved += uint128(assets);
        _burn(address(this), shares);
        emit SupplyUpdated(totalSupply());
        _ledger.emitBooks();
        _ledger.emitReserves();
    }

    /// @dev Pays a claim that was taken off the controller's.
    function _payOut(address receiver, address controller, uint256 assets, uint256 shares) private {
        // A part of what was set aside: the cast keeps it.
        _ledger.books.reserved -= uint128(assets);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
        _ledger.emitReserves();
        _send(receiver, assets);
    }

    /* INTERNAL: TOKENS */

    function _pull(address from, uint256 amount) private {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        uint256 arrived = token.balanceOf(address(this)) - before;
        if (arrived != amount) revert LendingPoolTransferShort(amount, arrived);
    }

    /// @dev A payment that was held may have been taken back out of the tokens that are here: then those of others wait in
    /// LoanBook.
    function _send(address to, uint256 amount) private {
        IERC20 token = IERC20(asset());
        if (token.balanceOf(address(this)) < amount) _bringHome();
        token.safeTransfer(to, amount);
    }

    /// @dev Fees and cover are booked with each payment, but the tokens of one that was held are not here yet.
    /// @return any Whether anything was there.
    function _bringHome() private returns (bool any) {
        for (uint256 nr = 0; nr <= _bookNr; ++nr) {
            ILoanBook book = _loanBook(nr);
            if (book.heldFor(asset(), address(this)) == 0) continue;
            book.collectHeld(asset(), address(this));
            any = true;
        }
        if (!any) return false;
        // What a note that somebody gave to the pool has paid comes along uncounted, like any donation.
        PoolBooks storage b = _ledger.books;
        uint128 amount = b.held;
        b.held = 0;
        b.cash += amount;
        emit HeldCashCollected(amount);
        _ledger.emitBooks();
        _ledger.emitReserves();
        return true;
    }

    /* INTERNAL: SETTING UP */

    function _checkRules(PoolRules memory rules_) private view {
        if (!DayCount.isUtcOffset(rules_.utcOffset)) {
            revert LendingPoolRuleOutOfBounds(
                "utcOffset",
                SignedMath.abs(rules_.utcOffset),
                uint256(int256(DayCount.MAX_UTC_OFFSET))
            );
        }
        _atMost("assetDecimals", IERC20Metadata(asset()).decimals(), MAX_ASSET_DECIMALS);
        _atMost("nonAccrualDays", rules_.nonAccrualDays, AgeBrackets.MAX_DAYS);
        _atMost("writeOffDays", rules_.writeOffDays, AgeBrackets.MAX_DAYS);
        _atMost("managementFeeBps", rules_.managementFeeBps, BASIS_POINTS);
        _atMost("coverFloorBps", rules_.coverFloorBps, BASIS_POINTS);
        if (rules_.kycPolicy == 0) revert LendingPoolRuleOutOfBounds("kycPolicy", 0, type(uint32).max);
    }

    function _atMost(string memory rule, uint256 value, uint256 max) private pure {
        if (value > max) revert LendingPoolRuleOutOfBounds(rule, value, max);
    }

    function _checkAddress(string memory field, address account) private pure {
        if (account == address(0)) revert LendingPoolZeroAddress(field);
    }
}
