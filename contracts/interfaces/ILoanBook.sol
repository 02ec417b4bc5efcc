// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One row of the schedule that the borrower signs. Amounts are minor units of the currency (cents).
/// @dev 28 bytes when packed. `day` is a day number since 1970-01-01 in the agreement's `utcOffset`.
struct Instalment {
    uint32 day;
    uint64 principal;
    uint64 interest;
    uint64 fee;
}

/// @notice The whole promise: what the borrower sees is what is hashed, signed, stored and enforced.
/// @dev Amounts are minor units; `unit` converts them exactly to the token's base units. Days are day numbers in `utcOffset`.
struct Agreement {
    /// Who owes. Consents by EIP-712 signature (EOA or ERC-1271).
    address borrower;
    /// Who lends. A pool consents by calling, a person by signature.
    address lender;
    /// ERC-20 token of every amount below.
    address currency;
    /// Base units of `currency` per minor unit: 10^(token decimals - display decimals).
    uint256 unit;
    /// Who receives the principal on disbursement.
    address payee;
    /// First and last day on which the loan may be disbursed.
    uint32 disburseFromDay;
    uint32 disburseUntilDay;
    /// Signed totals, checked against the rows: what a small screen shows.
    uint64 principal;
    uint64 totalRepayable;
    uint32 firstDay;
    uint32 lastDay;
    uint16 count;
    /// Withheld from the disbursement in favour of the lender; 0 for none.
    uint64 upfrontFee;
    /// Penalty on overdue amounts: basis points a year (365 days), from the first day after due day + grace, at most `penaltyCap` over the loan's life.
    uint32 penaltyRateBps;
    uint16 penaltyGraceDays;
    uint64 penaltyCap;
    /// Order of components inside an instalment, one byte each: a permutation of 0 penalty, 1 fee, 2 interest, 3 principal.
    bytes4 waterfall;
    /// What a full payoff before the last day costs: see `EarlySettlement`.
    uint8 earlySettlement;
    /// Days within which a recorded cash payment may be reversed.
    uint16 reversalDays;
    /// The institution's fixed offset from UTC in seconds.
    int32 utcOffset;
    /// keccak256 of the canonical terms JSON (salted, no personal data).
    bytes32 documentHash;
    /// BCP 47 tag of the language in which the terms were shown.
    string language;
    /// Makes each offer single-use.
    bytes32 salt;
    /// Unix second after which the consents are void. 0 is in the past, never "never".
    uint64 expiry;
    Instalment[] schedule;
}

/// @notice The four components of any payment, in minor units.
struct Components {
    uint64 penalty;
    uint64 fee;
    uint64 interest;
    uint64 principal;
}

/// @notice Where a loan stands in storage. `Active` says nothing of lateness: days past due are derived on read.
enum LoanState {
    None,
    Active,
    Closed
}

/// @notice `Full`: all interest of the schedule is owed. `ProRata`: interest to the end of the payoff day, rounded up.
enum EarlySettlement {
    Full,
    ProRata
}

/// @notice The part of the agreement that is enforced after origination, and the standing of the loan.
struct LoanView {
    LoanState state;
    address borrower;
    /// Who funded it; the present lender of record is `ownerOf(uint256(loanId))`.
    address lender;
    address currency;
    uint256 unit;
    address payee;
    uint64 principal;
    uint32 penaltyRateBps;
    uint16 penaltyGraceDays;
    uint64 penaltyCap;
    bytes4 waterfall;
    EarlySettlement earlySettlement;
    uint16 reversalDays;
    int32 utcOffset;
    uint16 count;
    uint32 disbursedDay;
    /// Index (from 0) of the oldest unpaid instalment; `count` when all are paid.
    uint16 nextInstalment;
    /// What was already paid on `nextInstalment`; `penalty` is always 0 here.
    Components partPaid;
    /// Everything paid since disbursement.
    Components paid;
    uint64 waivedInterest;
    uint32 payments;
}

/// @title LoanBook: two parties and two signatures make a loan
/// @notice Holds each agreement's schedule, what was paid by component, and the lender's note (ERC-721, `tokenId = uint256(loanId)`).
/// It keeps no funds between transactions except what is owed to a lender who could not be paid.
interface ILoanBook {
    /* ERRORS */

    error LoanBookZeroAddress(string field);
    error LoanBookSameParty(address party);
    error LoanBookCurrencyNotAllowed(address currency);
    error LoanBookUnitOutOfBounds(uint256 unit);
    error LoanBookPayeeNotBorrower(address payee, address borrower);
    error LoanBookExpired(uint64 expiry, uint256 timestamp);
    error LoanBookOutsideDisbursementWindow(uint32 day, uint32 fromDay, uint32 untilDay);
    error LoanBookConsentMissing(address party, uint8 role);
    error LoanBookConsentWithdrawn(address party, bytes32 loanId);
    error LoanBookAlreadyOriginated(bytes32 loanId);
    error LoanBookNotActive(bytes32 loanId);
    error LoanBookScheduleCount(uint256 rows, uint16 signed);
    error LoanBookScheduleDayNotRising(uint256 index, uint32 day);
    error LoanBookScheduleEmptyRow(uint256 index);
    error LoanBookScheduleTotal(string field, uint256 rows, uint256 signed);
    error LoanBookUpfrontFeeTooHigh(uint64 upfrontFee, uint64 principal);
    error LoanBookWaterfallInvalid(bytes4 waterfall);
    error LoanBookEarlySettlementInvalid(uint8 rule);
    error LoanBookLanguageInvalid(string language);
    error LoanBookTermsOutOfBounds(string field, uint256 value, uint256 max);
    error LoanBookAmountZero();
    error LoanBookDayBeforeDisbursement(uint32 day, uint32 disbursedDay);
    error LoanBookTransferShort(address currency, uint256 expected, uint256 arrived);
    error LoanBookNothingOwed(address currency, address account);
    error LoanBookPoolAlreadyRegistered(address pool);

    /* EVENTS */

    /// @notice The agreement in full: with it anybody recomputes `loanId` and the schedule.
    event LoanOriginated(bytes32 indexed loanId, address indexed borrower, address indexed lender, Agreement agreement);
    event Disbursed(bytes32 indexed loanId, address indexed payee, uint32 day, uint64 amount, uint64 upfrontFee);
    /// @notice One payment. `paid` is this payment's split, `totals` the loan's running totals after it.
    event Repaid(
        bytes32 indexed loanId,
        address indexed payer,
        address indexed recipient,
        uint32 paymentNr,
        uint32 day,
        Components paid,
        Components totals,
        uint64 waivedInterest,
        uint64 outstandingPrincipal
    );
    /// @notice What one payment put on one instalment (index from 0); stands right before its `Repaid` event.
    event InstalmentRepaid(
        bytes32 indexed loanId,
        uint16 indexed index,
        uint32 paymentNr,
        uint64 penalty,
        uint64 fee,
        uint64 interest,
        uint64 principal,
        uint64 waivedInterest
    );
    event LoanClosed(bytes32 indexed loanId, uint32 day);
    event ConsentWithdrawn(bytes32 indexed loanId, address indexed party);
    event CurrencyAllowed(address indexed currency, bool allowed, uint8 decimals, string symbol);
    event PoolRegistered(address indexed pool, address indexed currency, int32 utcOffset);
    /// @notice A recipient could not be paid; `owed` is the running total that it may collect.
    event PaymentHeld(address indexed currency, address indexed account, uint256 amount, uint256 owed);
    event HeldPaymentCollected(address indexed currency, address indexed account, address to, uint256 amount);

    /* CONSENT */

    /// @notice The EIP-712 digest of `agreement` in this contract's domain: the loan's id.
    function loanIdOf(Agreement calldata agreement) external view returns (bytes32 loanId);

    /// @notice The EIP-712 digest that a party signs: `Consent{uint8 role, Agreement agreement}`, role 1 borrower, 2 lender.
    function consentDigest(uint8 role, Agreement calldata agreement) external view returns (bytes32 digest);

    /// @notice Voids the caller's consent to `loanId`, given or still to come. No effect on a loan that was originated.
    function withdrawConsent(bytes32 loanId) external;

    /* LIFE OF A LOAN */

    /// @notice Makes the loan: checks both consents and the schedule, mints the note to the lender, moves the principal
    /// from the lender to the payee.
    /// @param lenderSignature Ignored when the caller is the lender.
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature,
        bytes calldata lenderSignature
    ) external returns (bytes32 loanId);

    /// @notice Pays at most `amount` minor units from the caller on anybody's loan. Never takes more than `payoff` of today:
    /// an amount that reaches it closes the loan.
    /// @return paid What was taken, by component.
    function repay(bytes32 loanId, uint64 amount) external returns (Components memory paid);

    /// @notice As `repay`, with an ERC-2612 permit of the caller for the exact base units of `amount`.
    function repayWithPermit(
        bytes32 loanId,
        uint64 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (Components memory paid);

    /// @notice Sends what is held for the caller in `currency` to `to`.
    function collectHeld(address currency, address to) external returns (uint256 amount);

    /* GOVERNANCE */

    function setCurrency(address currency, bool allowed) external;
    function registerPool(address pool) external;
    /// @notice Stops or resumes new loans. Repaying and collecting are never pausable.
    function pause() external;
    function unpause() external;

    /* READING */

    function loanOf(bytes32 loanId) external view returns (LoanView memory);
    function scheduleOf(bytes32 loanId) external view returns (Instalment[] memory);
    /// @notice Day number now in the loan's UTC offset.
    function today(bytes32 loanId) external view returns (uint32 day);
    /// @notice What is due up to the end of `day` and unpaid, with the penalty to that day.
    function due(bytes32 loanId, uint32 day) external view returns (Components memory);
    /// @notice What closes the loan on `day`.
    function payoff(bytes32 loanId, uint32 day) external view returns (Components memory);
    /// @notice Days since the oldest unpaid instalment fell due; 0 when nothing is overdue.
    function daysPastDue(bytes32 loanId) external view returns (uint32);
    function isCurrencyAllowed(address currency) external view returns (bool);
    function isPool(address account) external view returns (bool);
    function heldFor(address currency, address account) external view returns (uint256);
    function isConsentWithdrawn(bytes32 loanId, address party) external view returns (bool);
}
