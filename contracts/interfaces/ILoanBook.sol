// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One row of the schedule that the borrower signs. Amounts are minor units of the currency (cents).
/// @dev `day` is a day number since 1970-01-01 in the agreement's `utcOffset`.
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
    /// Who receives the principal: the borrower, or a desk that pays out by hand. A loan through a desk is *Funded* until
    /// the borrower's receipt makes it *Active*.
    address payee;
    /// First and last day on which the loan may be disbursed. What is not disbursed by then goes back.
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
    /// Together with `totalRepayable` the cap fits 64 bits.
    uint32 penaltyRateBps;
    uint16 penaltyGraceDays;
    uint64 penaltyCap;
    /// Order of components inside an instalment, one byte each: a permutation of 0 penalty, 1 fee, 2 interest, 3 principal.
    bytes4 waterfall;
    /// What a full payoff before the last day costs: see `EarlySettlement`.
    uint8 earlySettlement;
    /// Days within which a recorded cash payment may be reversed.
    uint16 reversalDays;
    /// Days after the disbursement within which the borrower may give the loan back and owe nothing.
    uint16 coolingOffDays;
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

/// @notice What both parties sign to replace a loan's table by a new one. It binds all that was paid: any later payment
/// voids it. Rules that it does not name (penalty, waterfall, early settlement) stay as they were.
struct Restructuring {
    bytes32 loanId;
    /// The version it makes: 2 for the first restructuring.
    uint16 version;
    /// Payments so far, and what was paid under the present version.
    uint32 payments;
    Components paid;
    /// What of the unpaid interest, fees and penalty becomes principal. The rest of them is forgiven.
    uint64 capitalised;
    /// Signed totals, checked: outstanding principal + `capitalised`, and the rows.
    uint64 principal;
    uint64 totalRepayable;
    uint32 firstDay;
    uint32 lastDay;
    uint16 count;
    bytes32 documentHash;
    uint64 expiry;
    Instalment[] schedule;
}

/// @notice Where a loan stands. `Active` says nothing of lateness: days past due are derived on read.
///
///     None -- originate --> Active ------ repay ------> Closed
///       |                   ^ |  |
///       |          activate | |  +-- returnLoan ------> Cancelled
///       |                   | |
///       +-- originate --> Funded -- cancel -----------> Cancelled
///           (through a desk)  |
///                             +-- writeOff --> WrittenOff -- repay --> Closed      (from Active)
enum LoanState {
    None,
    Active,
    Closed,
    Funded,
    Cancelled,
    WrittenOff
}

/// @notice `Full`: all interest of the schedule is owed. `ProRata`: interest to the end of the payoff day, rounded up.
enum EarlySettlement {
    Full,
    ProRata
}

/// @notice The part of the agreement that is enforced after origination, and the standing of the loan.
struct LoanView {
    LoanState state;
    /// Who owes now: the borrower of the agreement, or the address to which she recovered.
    address borrower;
    /// Who funded it; the present lender of record is `ownerOf(uint256(loanId))`.
    address lender;
    address currency;
    uint256 unit;
    address payee;
    /// Of the present version.
    uint64 principal;
    uint64 upfrontFee;
    uint32 disburseUntilDay;
    uint32 penaltyRateBps;
    uint16 penaltyGraceDays;
    uint64 penaltyCap;
    bytes4 waterfall;
    EarlySettlement earlySettlement;
    uint16 reversalDays;
    uint16 coolingOffDays;
    int32 utcOffset;
    uint16 count;
    /// 1 as signed first; each restructuring adds one.
    uint16 version;
    /// The day of the disbursement; of a restructured loan that of the restructuring. 0 while *Funded*.
    uint32 startDay;
    /// Index (from 0) of the oldest unpaid instalment; `count` when all are paid.
    uint16 nextInstalment;
    /// What was already paid on `nextInstalment`; `penalty` is always 0 here.
    Components partPaid;
    /// Everything paid under the present version.
    Components paid;
    uint64 waivedInterest;
    /// Payments since the disbursement, under all versions, reversed ones included.
    uint32 payments;
    /// A restructured loan that was late counts its days from here until `CURE_INSTALMENTS` were paid on time in a row;
    /// 0 when nothing is to be cured.
    uint32 arrearsDay;
    /// Instalments paid on time in a row meanwhile.
    uint8 paidOnTime;
}

/// @notice Where a loan stands, for whoever keeps books on it.
struct Position {
    /// Index (from 0) of the oldest unpaid instalment.
    uint16 nextInstalment;
    /// The day after which its interest runs: the due day before it, or the start of the loan.
    uint32 periodStartDay;
    /// The day from which its lateness counts: its due day, or an earlier one until a restructured loan is cured.
    uint32 lateFromDay;
    uint64 outstandingPrincipal;
    /// Interest that was already paid on `nextInstalment`.
    uint64 partPaidInterest;
    /// A restructured loan that is not cured yet.
    bool curing;
}

/// @notice A payment, or the taking back of one, as `ILoanOwner` hears of it. Minor units; times `unit` it is what moved.
struct Movement {
    uint256 unit;
    Components paid;
    /// Before the payment and after it; of a reversal, before and after the payment that is taken back.
    Position before;
    Position present;
    /// The instalments from `before.nextInstalment` to the one after `present.nextInstalment`, as far as there are any; of a
    /// payment that closed the loan, only the first two of them.
    Instalment[] rows;
    /// The payment closed the loan.
    bool closed;
    /// The tokens could not be delivered and wait in LoanBook; false of a reversal.
    bool held;
    /// A recorder made the payment: it may be taken back.
    bool reversible;
}

/// @notice A payment through a recorder, complete enough to take it back. LoanBook keeps the hash of the latest one.
struct PaymentRecord {
    address recorder;
    uint32 paymentNr;
    uint32 day;
    uint64 timestamp;
    Components paid;
    /// What the loan was before.
    uint16 nextInstalment;
    uint32 penaltyDay;
    uint32 arrearsDay;
    uint8 paidOnTime;
    uint128 penaltyNumerator;
    uint64 waivedInterest;
    Components partPaid;
    Components totals;
}

/// @notice What a payer signed for the token (ERC-3009), beside the token, LoanBook and the amount.
struct Authorization {
    address payer;
    uint256 validAfter;
    uint256 validBefore;
    /// Chosen by the payer. The nonce that she signed is `authorizationNonce(loanId, salt)`, which binds her money to the
    /// loan.
    bytes32 salt;
    bytes signature;
}

/// @notice One row of a collection sheet. At most `amount` minor units are taken.
struct Collection {
    bytes32 loanId;
    uint64 amount;
}

/// @title LoanBook: two parties and two signatures make a loan
/// @notice Holds each agreement's schedule, what was paid by component, and the lender's note (ERC-721, `tokenId = uint256(loanId)`).
/// It keeps no funds between transactions except the principal of *Funded* loans and what is owed to somebody who could
/// not be paid.
interface ILoanBook {
    /* ERRORS */

    error LoanBookZeroAddress(string field);
    error LoanBookSameParty(address party);
    error LoanBookCurrencyNotAllowed(address currency);
    error LoanBookUnitOutOfBounds(uint256 unit);
    error LoanBookExpired(uint64 expiry, uint256 timestamp);
    error LoanBookOutsideDisbursementWindow(uint32 day, uint32 fromDay, uint32 untilDay);
    error LoanBookConsentMissing(address party, uint8 role);
    error LoanBookConsentWithdrawn(address party, bytes32 loanId);
    error LoanBookBorrowerMoved(address borrower);
    error LoanBookAlreadyOriginated(bytes32 loanId);
    /// @notice The loan's state does not allow the call.
    error LoanBookWrongState(bytes32 loanId, LoanState state);
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
    error LoanBookDayBeforeStart(uint32 day, uint32 startDay);
    error LoanBookTransferShort(address currency, uint256 expected, uint256 arrived);
    error LoanBookNothingOwed(address currency, address account);
    error LoanBookPoolAlreadyRegistered(address pool);
    error LoanBookRecorderNotContract(address recorder);
    error LoanBookReceiptMissing(bytes32 loanId);
    error LoanBookNotCancellable(bytes32 loanId, address caller);
    error LoanBookNotBorrower(bytes32 loanId, address caller);
    error LoanBookNotOwner(bytes32 loanId, address caller);
    error LoanBookCoolingOffOver(bytes32 loanId, uint32 day, uint32 lastDay);
    error LoanBookNotOverdue(bytes32 loanId);
    error LoanBookNotReversible(bytes32 loanId);
    error LoanBookReversalTooLate(bytes32 loanId, uint32 day, uint32 lastDay);
    /// @notice The signed restructuring does not fit the loan as it stands now.
    error LoanBookRestructuringStale(string field, uint256 signed, uint256 present);
    error LoanBookBatchOutOfBounds(uint256 length, uint256 max);
    error LoanBookGasTooLow(uint256 gasLeft, uint256 least);
    error LoanBookOnlySelf(address caller);
    error LoanBookInstalmentOutOfBounds(uint256 index, uint16 count);
    error LoanBookVersionOutOfBounds(uint16 version, uint16 present);

    /* EVENTS */

    /// @notice The agreement in full: with it anybody recomputes `loanId` and the schedule.
    event LoanOriginated(bytes32 indexed loanId, address indexed borrower, address indexed lender, Agreement agreement);
    /// @notice The principal waits here until the borrower's receipt. `amount` is the principal without the upfront fee.
    event LoanFunded(bytes32 indexed loanId, address indexed payee, uint32 day, uint64 amount);
    event Disbursed(bytes32 indexed loanId, address indexed payee, uint32 day, uint64 amount, uint64 upfrontFee);
    /// @notice The principal of a *Funded* loan went back to `recipient`.
    event LoanCancelled(
        bytes32 indexed loanId,
        address indexed by,
        address indexed recipient,
        uint32 day,
        uint64 amount
    );
    /// @notice The borrower gave the loan back within the cooling-off days.
    event LoanReturned(
        bytes32 indexed loanId,
        address indexed payer,
        address indexed recipient,
        uint32 day,
        uint64 amount
    );
    /// @notice One payment. `paid` is this payment's split, `totals` the running totals of the present version after it.
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
    /// @notice Follows `Repaid` when a registered recorder paid: `reverse` wants the record back.
    event PaymentRecorded(bytes32 indexed loanId, PaymentRecord record);
    /// @notice The latest payment was taken back: the loan stands as before it. Its number is not used again.
    event PaymentReversed(
        bytes32 indexed loanId,
        address indexed recorder,
        uint32 paymentNr,
        uint32 day,
        Components paid,
        Components totals,
        uint64 outstandingPrincipal
    );
    event LoanClosed(bytes32 indexed loanId, uint32 day);
    /// @notice A new table took the place of the old one. `forgiven` is what was unpaid and did not become principal,
    /// `penaltyCap` what is left of the cap after the penalty that was paid or became principal.
    event LoanRestructured(
        bytes32 indexed loanId,
        uint16 indexed version,
        uint32 day,
        uint64 forgiven,
        uint64 penaltyCap,
        uint32 arrearsDay,
        Restructuring restructuring
    );
    /// @notice A restructured loan that was late has paid enough instalments on time.
    event LoanCured(bytes32 indexed loanId, uint32 day);
    event LoanWrittenOff(bytes32 indexed loanId, address indexed owner, uint32 day, uint64 outstandingPrincipal);
    event ConsentWithdrawn(bytes32 indexed loanId, address indexed party);
    event CurrencyAllowed(address indexed currency, bool allowed, uint8 decimals, string symbol);
    event PoolRegistered(address indexed pool, address indexed currency, int32 utcOffset);
    event RecorderSet(address indexed recorder, bool registered);
    /// @notice A recipient could not be paid; `owed` is the running total that it may collect.
    event PaymentHeld(address indexed currency, address indexed account, uint256 amount, uint256 owed);
    event HeldPaymentCollected(address indexed currency, address indexed account, address to, uint256 amount);
    /// @notice A row of a collection sheet that was not paid, with the error that stopped it; empty when it ran out of gas.
    event CollectionFailed(bytes32 indexed loanId, address indexed payer, uint256 index, bytes reason);

    /* CONSENT */

    /// @notice The EIP-712 digest of `agreement` in this contract's domain: the loan's id.
    function loanIdOf(Agreement calldata agreement) external view returns (bytes32 loanId);

    /// @notice The EIP-712 digest that a party signs: `Consent{uint8 role, Agreement agreement}`, role 1 borrower, 2 lender.
    function consentDigest(uint8 role, Agreement calldata agreement) external view returns (bytes32 digest);

    /// @notice The digest with which the borrower of a *Funded* loan confirms that she holds the money:
    /// `Receipt{bytes32 loanId, uint64 amount}`, `amount` being the principal without the upfront fee.
    function receiptDigest(bytes32 loanId) external view returns (bytes32 digest);

    /// @notice The digest that a party signs: `RestructuringConsent{uint8 role, Restructuring restructuring}`, role 1
    /// borrower, 2 owner of the note.
    function restructuringDigest(
        uint8 role,
        Restructuring calldata restructuring
    ) external view returns (bytes32 digest);

    /// @notice Voids the caller's consent to `loanId`, given or still to come. No effect on a loan that was originated.
    function withdrawConsent(bytes32 loanId) external;

    /* LIFE OF A LOAN */

    /// @notice Makes the loan: checks both consents and the schedule, mints the note to the lender, moves the principal
    /// from the lender to the payee. When the payee is not the borrower, the loan is *Funded* and the principal waits here.
    /// @param lenderSignature Ignored when the caller is the lender.
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature,
        bytes calldata lenderSignature
    ) external returns (bytes32 loanId);

    /// @notice Pays a *Funded* loan out to its payee, from which day on it is *Active*. The borrower may call, or somebody
    /// with her signed receipt, or the payee if it is a registered recorder.
    /// @param receipt The borrower's signature of `receiptDigest`; ignored when she or such a payee calls.
    function activate(bytes32 loanId, bytes calldata receipt) external;

    /// @notice Returns the principal of a *Funded* loan to the owner of the note. The borrower may at any time, the pool
    /// that funded it by its own rules, and anybody after the last day of the disbursement window.
    function cancel(bytes32 loanId) external;

    /// @notice Within the cooling-off days the borrower gives back what she owes of the principal, less the upfront fee, and
    /// owes nothing more. What was paid before stays paid, and no recorder takes it back.
    function returnLoan(bytes32 loanId) external;

    /// @notice Pays at most `amount` minor units from the caller on anybody's loan. Never takes more than `payoff` of today:
    /// an amount that reaches it closes the loan. A loan that was written off is paid in the same way.
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

    /// @notice As `repay` from a payer who signed an ERC-3009 `ReceiveWithAuthorization` for the exact base units of
    /// `amount`. Anybody may bring it. What is beyond the payoff goes back to the payer.
    function repayWithAuthorization(
        bytes32 loanId,
        uint64 amount,
        Authorization calldata authorization
    ) external returns (Components memory paid);

    /// @notice As `repay` for each of 1 to `MAX_BATCH` rows, all from the caller. A row that fails is reported by
    /// `CollectionFailed` and leaves the others as they are. Reverts with less than 500,000 gas a row at hand.
    /// @return paid By row; zeros for a row that failed.
    function repayMany(Collection[] calldata rows) external returns (Components[] memory paid);

    /// @notice One row of `repayMany`, which alone may call it.
    function repayRow(address payer, Collection calldata row) external returns (Components memory paid);

    /// @notice Takes back the latest payment of a loan: only the recorder that made it, back to itself, within the signed
    /// days, and only when the pool that funded the loan still owns it and has the cash.
    /// @param record As the event `PaymentRecorded` tells it.
    function reverse(bytes32 loanId, PaymentRecord calldata record) external;

    /// @notice Replaces the table by a new one that the borrower and the owner of the note have signed. The old one stays
    /// readable. Lateness persists until `CURE_INSTALMENTS` were paid on time in a row.
    /// @param ownerSignature Ignored when the caller owns the note.
    function restructure(
        Restructuring calldata restructuring,
        bytes calldata borrowerSignature,
        bytes calldata ownerSignature
    ) external;

    /// @notice The owner of the note gives an overdue loan up. The debt and its terms stay; it can be repaid at any time.
    function writeOff(bytes32 loanId) external;

    /// @notice Sends what is held for the caller in `currency` to `to`.
    function collectHeld(address currency, address to) external returns (uint256 amount);

    /* GOVERNANCE */

    function setCurrency(address currency, bool allowed) external;
    function registerPool(address pool) external;
    /// @notice A recorder pays for people without wallets: its payments can be reversed, and it confirms disbursements that
    /// went through it.
    function setRecorder(address recorder, bool registered) external;
    /// @notice Stops or resumes new loans. Repaying and collecting are never pausable.
    function pause() external;
    function unpause() external;

    /* READING */

    function loanOf(bytes32 loanId) external view returns (LoanView memory);
    /// @notice The present version's table.
    function scheduleOf(bytes32 loanId) external view returns (Instalment[] memory);
    /// @notice Any version's table, from 1.
    function scheduleOfVersion(bytes32 loanId, uint16 version) external view returns (Instalment[] memory);
    /// @notice Row `index` (from 0) of the present table and what of it is unpaid, without penalty.
    function instalment(
        bytes32 loanId,
        uint16 index
    ) external view returns (Instalment memory row, Components memory unpaid);
    /// @notice Where the loan stands, and the rows from the oldest unpaid one to the next.
    function positionOf(bytes32 loanId) external view returns (Position memory position, Instalment[] memory rows);
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
    function isRecorder(address account) external view returns (bool);
    function heldFor(address currency, address account) external view returns (uint256);
    function isConsentWithdrawn(bytes32 loanId, address party) external view returns (bool);
    /// @notice The ERC-3009 nonce by which a payer binds an authorisation to a loan.
    function authorizationNonce(bytes32 loanId, bytes32 salt) external pure returns (bytes32 nonce);
    /// @notice Where borrowers' addresses move, see `IWalletRecovery`.
    function walletRecovery() external view returns (address);

    /// @notice Rows of a collection sheet at most.
    function MAX_BATCH() external view returns (uint256);
    /// @notice Instalments in a row that a restructured loan pays on time before its lateness ends.
    function CURE_INSTALMENTS() external view returns (uint8);
}
