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
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILendingPool, ILoanOwner} from "./interfaces/ILendingPool.sol";
import {
    Agreement,
    Components,
    EarlySettlement,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView
} from "./interfaces/ILoanBook.sol";
import {AgreementHash} from "./libraries/AgreementHash.sol";
import {DayCount} from "./libraries/DayCount.sol";
import {Origination} from "./libraries/Origination.sol";
import {Terms, TermsCode} from "./libraries/TermsCode.sol";
import {Standing, Waterfall} from "./libraries/Waterfall.sol";

/// @title LoanBook: see `ILoanBook` for what each function promises
contract LoanBook is ILoanBook, ERC721, EIP712, AccessManaged, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using TermsCode for Terms;
    using Waterfall for Components;
    using Waterfall for Terms;

    uint8 private constant ROLE_BORROWER = 1;
    uint8 private constant ROLE_LENDER = 2;

    /// @dev Four slots; the terms stand in code. Penalty and days past due are not stored: they follow from these and
    /// the time.
    struct Loan {
        address terms;
        LoanState state;
        uint32 disbursedDay;
        uint16 nextInstalment;
        uint32 payments;
        Components paid;
        Components partPaid;
        uint128 penaltyNumerator;
        uint32 penaltyDay;
        uint64 waivedInterest;
    }

    /// @dev One repayment on its way through the rows.
    struct Payment {
        bytes32 loanId;
        uint32 nr;
        uint32 day;
        uint64 waived;
        Components paid;
    }

    struct Currency {
        bool allowed;
        uint8 decimals;
    }

    mapping(bytes32 loanId => Loan) private _loans;
    mapping(bytes32 loanId => mapping(address party => bool)) private _withdrawnConsents;
    mapping(address currency => Currency) private _currencies;
    mapping(address account => bool) private _pools;
    mapping(address currency => mapping(address account => uint256)) private _held;

    constructor(
        address initialAuthority
    ) ERC721("Ahadi Loan Note", "AHADI") EIP712("Ahadi LoanBook", "1") AccessManaged(initialAuthority) {}

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
    function withdrawConsent(bytes32 loanId) external {
        _withdrawnConsents[loanId][msg.sender] = true;
        emit ConsentWithdrawn(loanId, msg.sender);
    }

    /* LIFE OF A LOAN */

    /// @inheritdoc ILoanBook
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature,
        bytes calldata lenderSignature
    ) external whenNotPaused nonReentrant returns (bytes32 loanId) {
        Currency memory currency = _currencies[agreement.currency];
        if (!currency.allowed) revert LoanBookCurrencyNotAllowed(agreement.currency);
        uint32 day = _checkTime(agreement);
        (bytes32 agreementHash, address terms) = Origination.prepare(agreement, currency.decimals);
        loanId = _hashTypedDataV4(agreementHash);
        if (_loans[loanId].state != LoanState.None) revert LoanBookAlreadyOriginated(loanId);
        _checkConsent(loanId, agreementHash, agreement.borrower, ROLE_BORROWER, borrowerSignature);
        if (msg.sender == agreement.lender) _checkNotWithdrawn(loanId, agreement.lender);
        else _checkConsent(loanId, agreementHash, agreement.lender, ROLE_LENDER, lenderSignature);
        _disburse(loanId, agreement, terms, day);
    }

    /// @inheritdoc ILoanBook
    function repay(bytes32 loanId, uint64 amount) external nonReentrant returns (Components memory paid) {
        return _repay(loanId, amount);
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
        Terms memory terms = TermsCode.read(_activeLoan(loanId).terms);
        uint256 value = amount * terms.unit;
        // A permit that somebody already handed in has set the allowance: it must not stop the repayment.
        try IERC20Permit(terms.currency).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {}
        return _repay(loanId, amount);
    }

    /// @inheritdoc ILoanBook
    function collectHeld(address currency, address to) external nonReentrant returns (uint256 amount) {
        amount = _held[currency][msg.sender];
        if (amount == 0) revert LoanBookNothingOwed(currency, msg.sender);
        _held[currency][msg.sender] = 0;
        emit HeldPaymentCollected(currency, msg.sender, to, amount);
        IERC20(currency).safeTransfer(to, amount);
    }

    /* GOVERNANCE */

    /// @inheritdoc ILoanBook
    function setCurrency(address currency, bool allowed) external restricted {
        uint8 decimals = IERC20Metadata(currency).decimals();
        _currencies[currency] = Currency(allowed, decimals);
        emit CurrencyAllowed(currency, allowed, decimals, IERC20Metadata(currency).symbol());
    }

    /// @inheritdoc ILoanBook
    function registerPool(address pool) external restricted {
        if (_pools[pool]) revert LoanBookPoolAlreadyRegistered(pool);
        address asset = IERC4626(pool).asset();
        if (!_currencies[asset].allowed) revert LoanBookCurrencyNotAllowed(asset);
        _pools[pool] = true;
        emit PoolRegistered(pool, asset, ILendingPool(pool).utcOffset());
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
        Loan storage loan = _loans[loanId];
        v.state = loan.state;
        if (loan.state == LoanState.None) return v;
        Terms memory terms = TermsCode.read(loan.terms);
        v.borrower = terms.borrower;
        v.lender = terms.lender;
        v.currency = terms.currency;
        v.unit = terms.unit;
        v.payee = terms.payee;
        v.principal = terms.principal;
        v.penaltyRateBps = terms.penaltyRateBps;
        v.penaltyGraceDays = terms.penaltyGraceDays;
        v.penaltyCap = terms.penaltyCap;
        v.waterfall = terms.waterfall;
        v.earlySettlement = EarlySettlement(terms.earlySettlement);
        v.reversalDays = terms.reversalDays;
        v.utcOffset = terms.utcOffset;
        v.count = terms.count;
        v.disbursedDay = loan.disbursedDay;
        v.nextInstalment = loan.nextInstalment;
        v.partPaid = loan.partPaid;
        v.paid = loan.paid;
        v.waivedInterest = loan.waivedInterest;
        v.payments = loan.payments;
    }

    /// @inheritdoc ILoanBook
    function scheduleOf(bytes32 loanId) external view returns (Instalment[] memory schedule) {
        Loan storage loan = _loans[loanId];
        if (loan.state == LoanState.None) return schedule;
        Terms memory terms = TermsCode.read(loan.terms);
        schedule = new Instalment[](terms.count);
        for (uint256 i = 0; i < schedule.length; ++i) schedule[i] = terms.row(i);
    }

    /// @inheritdoc ILoanBook
    function today(bytes32 loanId) external view returns (uint32 day) {
        return DayCount.dayOf(block.timestamp, TermsCode.read(_existingLoan(loanId).terms).utcOffset);
    }

    /// @inheritdoc ILoanBook
    function due(bytes32 loanId, uint32 day) external view returns (Components memory total) {
        Loan storage loan = _existingLoan(loanId);
        if (loan.state == LoanState.Closed) return total;
        (Terms memory terms, Standing memory standing) = _load(loan);
        if (day < standing.disbursedDay) revert LoanBookDayBeforeDisbursement(day, standing.disbursedDay);
        return terms.due(standing, day, terms.penaltyNumeratorAt(standing, day));
    }

    /// @inheritdoc ILoanBook
    function payoff(bytes32 loanId, uint32 day) external view returns (Components memory total) {
        Loan storage loan = _existingLoan(loanId);
        if (loan.state == LoanState.Closed) return total;
        (Terms memory terms, Standing memory standing) = _load(loan);
        if (day < standing.disbursedDay) revert LoanBookDayBeforeDisbursement(day, standing.disbursedDay);
        return terms.payoff(standing, day, terms.penaltyNumeratorAt(standing, day));
    }

    /// @inheritdoc ILoanBook
    function daysPastDue(bytes32 loanId) external view returns (uint32) {
        Loan storage loan = _existingLoan(loanId);
        if (loan.state == LoanState.Closed) return 0;
        Terms memory terms = TermsCode.read(loan.terms);
        uint32 day = DayCount.dayOf(block.timestamp, terms.utcOffset);
        uint32 dueDay = terms.row(loan.nextInstalment).day;
        return day > dueDay ? day - dueDay : 0;
    }

    /// @inheritdoc ILoanBook
    function isCurrencyAllowed(address currency) external view returns (bool) {
        return _currencies[currency].allowed;
    }

    /// @inheritdoc ILoanBook
    function isPool(address account) external view returns (bool) {
        return _pools[account];
    }

    /// @inheritdoc ILoanBook
    function heldFor(address currency, address account) external view returns (uint256) {
        return _held[currency][account];
    }

    /// @inheritdoc ILoanBook
    function isConsentWithdrawn(bytes32 loanId, address party) external view returns (bool) {
        return _withdrawnConsents[loanId][party];
    }

    /* INTERNAL: NOTES */

    /// @dev A note that is sent here would take its loan's repayments with it, and nobody could get them out.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        if (to == address(this)) revert ERC721InvalidReceiver(to);
        return super._update(to, tokenId, auth);
    }

    /* INTERNAL: CONSENT */

    /// @dev Returns today, the day on which the loan is disbursed.
    function _checkTime(Agreement calldata agreement) private view returns (uint32 day) {
        if (block.timestamp > agreement.expiry) revert LoanBookExpired(agreement.expiry, block.timestamp);
        day = DayCount.dayOf(block.timestamp, agreement.utcOffset);
        if (day < agreement.disburseFromDay || day > agreement.disburseUntilDay) {
            revert LoanBookOutsideDisbursementWindow(day, agreement.disburseFromDay, agreement.disburseUntilDay);
        }
    }

    /// @dev The role is inside what is signed, so one ERC-1271 answer never counts for both sides.
    function _checkConsent(
        bytes32 loanId,
        bytes32 agreementHash,
        address party,
        uint8 role,
        bytes calldata signature
    ) private view {
        _checkNotWithdrawn(loanId, party);
        bytes32 digest = _hashTypedDataV4(AgreementHash.hashConsent(role, agreementHash));
        if (!SignatureChecker.isValidSignatureNowCalldata(party, digest, signature)) {
            revert LoanBookConsentMissing(party, role);
        }
    }

    function _checkNotWithdrawn(bytes32 loanId, address party) private view {
        if (_withdrawnConsents[loanId][party]) revert LoanBookConsentWithdrawn(party, loanId);
    }

    /* INTERNAL: DISBURSEMENT */

    function _disburse(bytes32 loanId, Agreement calldata agreement, address terms, uint32 day) private {
        Loan storage loan = _loans[loanId];
        loan.terms = terms;
        loan.state = LoanState.Active;
        loan.disbursedDay = day;
        loan.penaltyDay = day;
        emit LoanOriginated(loanId, agreement.borrower, agreement.lender, agreement);
        // Not `_safeMint`: a lender's code must not run in the middle of an origination.
        _mint(agreement.lender, uint256(loanId));
        uint64 amount = agreement.principal - agreement.upfrontFee;
        emit Disbursed(loanId, agreement.payee, day, amount, agreement.upfrontFee);
        _pull(agreement.currency, agreement.lender, agreement.payee, amount * agreement.unit);
    }

    /* INTERNAL: REPAYMENT */

    /// @dev 1. bring the penalty to today; 2. payoff or allocation, instalment by instalment; 3. write the standing;
    /// 4. move the tokens; 5. tell the pool.
    function _repay(bytes32 loanId, uint64 amount) private returns (Components memory) {
        Loan storage loan = _activeLoan(loanId);
        if (amount == 0) revert LoanBookAmountZero();
        (Terms memory terms, Standing memory standing) = _load(loan);
        Payment memory payment;
        payment.loanId = loanId;
        payment.nr = ++loan.payments;
        payment.day = DayCount.dayOf(block.timestamp, terms.utcOffset);

        uint256 numerator = terms.penaltyNumeratorAt(standing, payment.day);
        if (numerator != standing.penaltyNumerator) {
            standing.penaltyNumerator = SafeCast.toUint128(numerator);
            standing.penaltyDay = payment.day;
        }
        if (amount >= terms.payoff(standing, payment.day, numerator).sum()) _settle(payment, terms, standing);
        else _allocate(payment, amount, terms, standing);
        _store(loan, standing, payment.waived);

        address recipient = ownerOf(uint256(loanId));
        _emitRepaid(payment, recipient, terms, standing);
        if (standing.nextInstalment == terms.count) {
            loan.state = LoanState.Closed;
            emit LoanClosed(loanId, payment.day);
        }
        bool held = _deliver(terms.currency, recipient, payment.paid.sum() * terms.unit);
        if (recipient == terms.lender && _pools[recipient]) {
            ILoanOwner(recipient).onRepaid(loanId, payment.paid, terms.unit, held);
        }
        return payment.paid;
    }

    /// @dev Less than a payoff: oldest instalment first, the agreement's order inside it. An instalment is complete when
    /// nothing of it and no penalty is unpaid. `amount` is below the payoff, so it is used up before the rows are.
    function _allocate(Payment memory payment, uint256 amount, Terms memory terms, Standing memory standing) private {
        while (amount != 0) {
            (, Components memory owed) = terms.unpaid(standing, standing.nextInstalment);
            owed.penalty = terms.penaltyDue(standing, standing.penaltyNumerator);
            Components memory taken = Waterfall.split(terms.waterfall, amount, owed);
            amount -= taken.sum();
            _book(payment, taken, 0, standing);
            if (taken.sum() == owed.sum()) _nextInstalment(standing);
        }
    }

    /// @dev A payoff: every remaining instalment is paid in full, less the interest that the rule waives.
    function _settle(Payment memory payment, Terms memory terms, Standing memory standing) private {
        while (standing.nextInstalment < terms.count) {
            uint16 index = standing.nextInstalment;
            (, Components memory owed) = terms.unpaid(standing, index);
            owed.penalty = terms.penaltyDue(standing, standing.penaltyNumerator);
            uint64 interest = terms.payoffInterest(standing, index, payment.day, owed.interest);
            uint64 waived = owed.interest - interest;
            owed.interest = interest;
            _book(payment, owed, waived, standing);
            _nextInstalment(standing);
        }
    }

    /// @dev Adds `taken` to the payment, to the loan and to the instalment at hand, and says so.
    function _book(Payment memory payment, Components memory taken, uint64 waived, Standing memory standing) private {
        _add(payment.paid, taken);
        _add(standing.paid, taken);
        payment.waived += waived;
        standing.partPaid.fee += taken.fee;
        standing.partPaid.interest += taken.interest;
        standing.partPaid.principal += taken.principal;
        emit InstalmentRepaid(
            payment.loanId,
            standing.nextInstalment,
            payment.nr,
            taken.penalty,
            taken.fee,
            taken.interest,
            taken.principal,
            waived
        );
    }

    function _nextInstalment(Standing memory standing) private pure {
        ++standing.nextInstalment;
        standing.partPaid = Components(0, 0, 0, 0);
    }

    function _emitRepaid(
        Payment memory payment,
        address recipient,
        Terms memory terms,
        Standing memory standing
    ) private {
        emit Repaid(
            payment.loanId,
            msg.sender,
            recipient,
            payment.nr,
            payment.day,
            payment.paid,
            standing.paid,
            payment.waived,
            terms.principal - standing.paid.principal
        );
    }

    function _add(Components memory total, Components memory part) private pure {
        total.penalty += part.penalty;
        total.fee += part.fee;
        total.interest += part.interest;
        total.principal += part.principal;
    }

    /* INTERNAL: STORAGE */

    function _existingLoan(bytes32 loanId) private view returns (Loan storage loan) {
        loan = _loans[loanId];
        if (loan.state == LoanState.None) revert LoanBookNotActive(loanId);
    }

    function _activeLoan(bytes32 loanId) private view returns (Loan storage loan) {
        loan = _loans[loanId];
        if (loan.state != LoanState.Active) revert LoanBookNotActive(loanId);
    }

    function _load(Loan storage loan) private view returns (Terms memory terms, Standing memory standing) {
        terms = TermsCode.read(loan.terms);
        standing = Standing({
            disbursedDay: loan.disbursedDay,
            nextInstalment: loan.nextInstalment,
            partPaid: loan.partPaid,
            paid: loan.paid,
            penaltyNumerator: loan.penaltyNumerator,
            penaltyDay: loan.penaltyDay
        });
    }

    function _store(Loan storage loan, Standing memory standing, uint64 waived) private {
        loan.nextInstalment = standing.nextInstalment;
        loan.partPaid = standing.partPaid;
        loan.paid = standing.paid;
        loan.penaltyNumerator = standing.penaltyNumerator;
        loan.penaltyDay = standing.penaltyDay;
        loan.waivedInterest += waived;
    }

    /* INTERNAL: TOKENS */

    /// @dev Brings the caller's tokens to `recipient`. A recipient that the token refuses (a block-list, say) never stops
    /// a repayment: the tokens then wait here for it.
    function _deliver(address currency, address recipient, uint256 amount) private returns (bool held) {
        uint256 before = IERC20(currency).balanceOf(recipient);
        if (IERC20(currency).trySafeTransferFrom(msg.sender, recipient, amount)) {
            // A lender of record who pays the loan herself (a cash payment she records, a note she bought back) sends the
            // tokens to herself: her balance stays.
            if (recipient != msg.sender) _checkArrived(currency, recipient, before, amount);
            return false;
        }
        _pull(currency, msg.sender, address(this), amount);
        uint256 owed = _held[currency][recipient] += amount;
        emit PaymentHeld(currency, recipient, amount, owed);
        return true;
    }

    function _pull(address currency, address from, address to, uint256 amount) private {
        uint256 before = IERC20(currency).balanceOf(to);
        IERC20(currency).safeTransferFrom(from, to, amount);
        _checkArrived(currency, to, before, amount);
    }

    /// @dev Tokens that take a fee on transfer or change balances by themselves are refused by what arrived.
    function _checkArrived(address currency, address to, uint256 before, uint256 amount) private view {
        uint256 arrived = IERC20(currency).balanceOf(to) - before;
        if (arrived != amount) revert LoanBookTransferShort(currency, amount, arrived);
    }
}
