// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgeRule} from "../libraries/AgeBrackets.sol";
import {IKycOracle} from "./IKycOracle.sol";
import {Agreement, Restructuring} from "./ILoanBook.sol";
import {ILoanOwner} from "./ILoanOwner.sol";

/// @notice What a pool is for its whole life.
struct PoolRules {
    /// Seconds; every loan of the pool counts its days in this offset.
    int32 utcOffset;
    /// Days after a missed due moment at which a loan stops accruing into the price.
    uint16 nonAccrualDays;
    /// The institution's share of interest, rounded down.
    uint16 managementFeeBps;
    /// More days past due than these, and anybody may write a loan off.
    uint16 writeOffDays;
    /// First-loss cover below this share of all lent principal stops new lending.
    uint16 coverFloorBps;
    /// The set of KYC rules that a borrower must have passed, never 0.
    uint32 kycPolicy;
    /// Smallest redemption that may join the queue, base units.
    uint128 minRedemption;
    /// From when on a loan counts as late, and the share of its principal that is then provided for.
    AgeRule[] ageing;
}

/// @notice What underwriters may decide; the governor sets it. Amounts are base units.
struct LendingLimits {
    /// Loans up to this principal need one approval, larger ones two.
    uint128 oneApprovalUpTo;
    uint128 maxPrincipal;
    /// Principal of all open loans of one borrower, as originated.
    uint128 maxPerBorrower;
    /// Principal of all loans of the pool.
    uint128 maxOutstanding;
    /// Principal that may be originated in a burst, refilled evenly over `rateWindow` seconds.
    uint128 rateCapacity;
    uint48 rateWindow;
    /// Days from today to the last instalment, of new tables too.
    uint16 maxTermDays;
    /// Interest and fees over the outstanding principal and time, basis points of a year of 365 days, of new tables too. Who
    /// wants to stop lending sets `maxPrincipal` to 0.
    uint32 maxCostBps;
}

/// @notice The pool's books in base units. Those that every repayment changes come first: they share two slots.
struct PoolBooks {
    /// Idle and the lenders'.
    uint128 cash;
    /// Principal that borrowers owe.
    uint128 outstanding;
    /// Interest, penalties and other gains received since the pool began, without the management fee.
    uint128 interestReceived;
    /// The institution's fees, not collected yet.
    uint128 fees;
    /// Repaid to the pool, waiting in LoanBook.
    uint128 held;
    /// Principal of *Funded* loans.
    uint128 funded;
    /// Redemptions that were fulfilled and not claimed: no longer part of `totalAssets`.
    uint128 reserved;
    /// First-loss cover.
    uint128 cover;
    /// Provisions that the cover did not reach when it was topped up: these stay the lenders'.
    uint128 uncovered;
    /// The part of the cover that was there before: it bears losses before `uncovered` does, the rest after. Says nothing
    /// while `uncovered` is 0.
    uint128 coverBefore;
}

/// @title LendingPool: the capital of many lenders in one currency
/// @notice Deposits are ERC-4626. Redemptions are ERC-7540 alone: requested, fulfilled in order at the price of that moment,
/// then claimed. The price is right at each second without a call: see `AccrualBook` and `AgeBrackets`.
interface ILendingPool is ILoanOwner {
    /* ERRORS */

    error LendingPoolNotLoanBook(address caller);
    /// @notice It does not know this pool, or follows other moves of addresses.
    error LendingPoolLoanBookMismatch(address loanBook);
    error LendingPoolNotRegistered(address pool);
    error LendingPoolNotPoolsLoan(bytes32 loanId);
    error LendingPoolCurrencyMismatch(address currency, address asset);
    error LendingPoolLenderMismatch(address lender);
    error LendingPoolUtcOffsetMismatch(int32 agreement, int32 pool);
    error LendingPoolInsufficientCash(uint256 needed, uint256 cash);
    /// @notice A payment cannot be taken back: fees of it, or of as much, were collected. Its recorder bears it.
    error LendingPoolFeesCollected(uint256 needed, uint256 fees);
    error LendingPoolRuleOutOfBounds(string rule, uint256 value, uint256 max);
    error LendingPoolZeroAddress(string field);
    error LendingPoolRedemptionsFirst(uint256 pendingShares);
    error LendingPoolNotEligible(address borrower, uint32 policy);
    error LendingPoolStillEligible(address borrower, uint32 policy);
    error LendingPoolAlreadyApproved(bytes32 id, address underwriter);
    error LendingPoolApprovalMissing(bytes32 id, uint256 approvals, uint256 needed);
    error LendingPoolMakerIsChecker(bytes32 id, address person);
    error LendingPoolLimit(string limit, uint256 value, uint256 max);
    error LendingPoolCoverTooLow(uint256 cover, uint256 floor);
    /// @notice So much is late, principal and interest.
    error LendingPoolCoverLocked(uint256 late);
    error LendingPoolNotOverdueEnough(bytes32 loanId, uint32 daysPastDue, uint32 needed);
    error LendingPoolPriceTooLow(bytes32 loanId, uint256 price, uint256 carrying);
    error LendingPoolNoOffer(bytes32 loanId, address buyer);
    error LendingPoolSlippage(uint256 value, uint256 bound);
    error LendingPoolRequestZero();
    error LendingPoolRequestTooSmall(uint256 assets, uint256 min);
    error LendingPoolNotOperator(address controller, address caller);
    error LendingPoolNothingToFulfil();
    error LendingPoolAmountZero();
    error LendingPoolTransferShort(uint256 expected, uint256 arrived);
    /// @notice What a redemption brings is known when it is fulfilled (ERC-7540).
    error LendingPoolPreviewUnknown();

    /* EVENTS */

    event LoanFundedByPool(bytes32 indexed loanId, address indexed borrower, uint256 principal, uint256 upfrontFee);
    event LoanStarted(bytes32 indexed loanId, uint256 principal, uint256 upfrontFee);
    event LoanFundingReturned(bytes32 indexed loanId, uint256 principal);
    event LoanGivenBack(bytes32 indexed loanId, uint256 principal, uint256 amount);
    /// @notice `interest` is net of `fees`, which hold the management fee on it too.
    event RepaymentBooked(bytes32 indexed loanId, uint256 principal, uint256 interest, uint256 penalty, uint256 fees);
    event ReversalBooked(bytes32 indexed loanId, address indexed recorder, uint256 amount);
    event RecoveryBooked(bytes32 indexed loanId, uint256 toLenders, uint256 toCover, uint256 fees);
    event LoanWriteOffBooked(bytes32 indexed loanId, uint256 loss, uint256 fromCover);
    event LoanRestructuringBooked(bytes32 indexed loanId, uint256 outstandingBefore, uint256 outstandingAfter);
    event Approved(bytes32 indexed id, address indexed underwriter, uint256 approvals);
    event ApprovalWithdrawn(bytes32 indexed id, address indexed underwriter);
    event NoteOffered(bytes32 indexed loanId, address indexed buyer, uint256 price);
    event NoteSold(bytes32 indexed loanId, address indexed buyer, uint256 price, uint256 carrying);
    event RedemptionFulfilled(uint256 indexed requestId, address indexed controller, uint256 shares, uint256 assets);
    event CoverDeposited(address indexed from, uint256 amount);
    event CoverWithdrawn(address indexed to, uint256 amount);
    event FeesCollected(address indexed to, uint256 amount);
    event HeldCashCollected(uint256 amount);
    event LimitsSet(LendingLimits limits);
    event LoanBookAdopted(address indexed loanBook);
    /// @notice Running totals in base units after any change of one of them.
    event BooksUpdated(uint128 cash, uint128 outstanding, uint128 interestReceived, uint128 fees);
    /// @notice Running totals in base units after any change of one of them.
    event ReservesUpdated(
        uint128 held,
        uint128 funded,
        uint128 reserved,
        uint128 cover,
        uint128 uncovered,
        uint128 coverBefore
    );
    /// @notice Shares after any minting or burning.
    event SupplyUpdated(uint256 totalSupply);

    /* UNDERWRITING */

    /// @notice An underwriter agrees to the loan (by `loanId`) or restructuring (by its digest for the owner's role).
    function approveLoan(bytes32 id) external;

    /// @notice Takes the caller's approval back, while it was not used.
    function withdrawApproval(bytes32 id) external;

    /// @notice Funds a loan from idle cash, after the queue of redemptions was served. The pool consents by being
    /// LoanBook's caller. Needs one or two approvals by underwriters other than the caller.
    function originate(
        Agreement calldata agreement,
        bytes calldata borrowerSignature
    ) external returns (bytes32 loanId);

    /// @notice Ends a *Funded* loan whose borrower is no longer eligible. Anybody may call.
    function cancelIneligible(bytes32 loanId) external;

    /// @notice Signs a restructuring for the pool, with two approvals by underwriters other than the caller.
    function restructure(Restructuring calldata restructuring, bytes calldata borrowerSignature) external;

    /// @notice Writes a loan off: the cover pays first. Anybody may call after `writeOffDays`, a supervisor before.
    function writeOff(bytes32 loanId) external;

    /// @notice Offers a note to `buyer` at `price`, never less than what it is worth in the books when it is taken.
    function sellNote(bytes32 loanId, address buyer, uint256 price) external;

    /// @notice The buyer takes the offer and pays.
    /// @param minOutstanding Base units of principal that the note must still bring: somebody may repay at any moment. Within
    /// her cooling-off days a borrower may give the loan back, less its upfront fee, to whoever owns its note.
    function buyNote(bytes32 loanId, uint256 maxPrice, uint256 minOutstanding) external;

    /// @notice Brings home what LoanBook holds for the pool. Anybody may call.
    function collectHeldCash() external;

    /* FIRST-LOSS COVER AND FEES */

    /// @notice The institution adds to the cover. Provisions of today that it does not reach stay the lenders': a second
    /// top-up while some are uncovered puts all of the cover that was there before them.
    function depositCover(uint256 amount) external;

    /// @notice Takes cover out, while no loan is late and the floor stays covered.
    function withdrawCover(uint256 amount, address to) external;

    /// @notice Sends the institution its `collectableFees`.
    function collectFees(address to) external returns (uint256 amount);

    /* LENDERS */

    /// @notice As ERC-4626 `deposit`, for at least `minShares`.
    function depositWithMin(uint256 assets, address receiver, uint256 minShares) external returns (uint256 shares);

    /// @notice As ERC-4626 `mint`, for at most `maxAssets`.
    function mintWithMax(uint256 shares, address receiver, uint256 maxAssets) external returns (uint256 assets);

    /// @notice Redeems the caller's shares at once, while nobody waits in the queue and there is cash.
    function redeemNow(uint256 shares, address receiver, uint256 minAssets) external returns (uint256 assets);

    /// @notice Serves the queue from idle cash, at most `maxRequests` of it. Anybody may call.
    /// @return fulfilled Requests that were served, in part or whole.
    function fulfilRedemptions(uint256 maxRequests) external returns (uint256 fulfilled);

    /// @notice Rolls the days of the accrual and ageing books forward, at most `maxDays`, and forgets uncovered provisions that
    /// are gone, once no day is left. Changes no price.
    function roll(uint256 maxDays) external returns (bool upToDate);

    /* GOVERNANCE */

    function setLimits(LendingLimits calldata limits) external;
    /// @notice New loans go through `loanBook` from now on; running ones stay where they are. It must have registered this
    /// pool and follow the same `WalletRecovery`.
    function adoptLoanBook(address loanBook) external;
    /// @notice Stops or resumes deposits and new loans. Redeeming and claiming are never pausable.
    function pause() external;
    function unpause() external;

    /* READING */

    function loanBook() external view returns (address);
    function isLoanBook(address account) external view returns (bool);
    function kycOracle() external view returns (IKycOracle);
    function rules() external view returns (PoolRules memory);
    function limits() external view returns (LendingLimits memory);
    function books() external view returns (PoolBooks memory);
    function utcOffset() external view returns (int32);
    /// @notice Interest recognised since the pool began, base units, net of the management fee.
    function recognised() external view returns (uint256);
    /// @notice Outstanding principal of loans with any amount more than `moreThanDays` days late (PAR-X). Interest is no part
    /// of it.
    function portfolioAtRisk(uint32 moreThanDays) external view returns (uint256);
    /// @notice Provisions by rule today: of each late loan a share of its outstanding principal and of its unpaid interest,
    /// namely all that `recognised` counts of that by the end of its non-accrual days. Of a restructured loan that is not
    /// cured no interest is recognised, and none is provided for.
    function provisions() external view returns (uint256);
    /// @notice What the exit price deducts: provisions one bracket ahead, beyond what the cover bears. What is late counts
    /// with principal and interest as above, what is not late with its principal by the first rule. So nothing of a loan
    /// that is provided for in full is in the price of leaving, neither before its write-off nor after it. Of interest it
    /// deducts what is counted by the end of the non-accrual days, so until then a little more than is counted now.
    function exitDeduction() external view returns (uint256);
    /// @notice Fees that are the institution's for good: without upfront fees of loans that may still be given back.
    function collectableFees() external view returns (uint256);
    /// @notice Assets for `shares` at the price of leaving now.
    function convertToExitAssets(uint256 shares) external view returns (uint256);
    /// @notice Requests from `nextRequestId` to `lastRequestId` wait; `pendingShares` in all.
    function redemptionQueue()
        external
        view
        returns (uint256 nextRequestId, uint256 lastRequestId, uint256 pendingShares);
    function approvalsOf(bytes32 id) external view returns (address[] memory underwriters);
    /// @notice Principal of the borrower's open loans, as originated: what counts towards `maxPerBorrower`. It follows her
    /// when her address moves, and what the new address had borrowed before it took over counts as hers too.
    function exposureOf(address borrower) external view returns (uint256);
    /// @notice What a loan stands for in the books: principal, and recognised interest beyond what was paid.
    function carryingValueOf(bytes32 loanId) external view returns (uint256);
}
