// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILendingPool, PoolBooks} from "../interfaces/ILendingPool.sol";
import {Instalment} from "../interfaces/ILoanBook.sol";
import {AccrualBook, Accruals, Period, Stream} from "./AccrualBook.sol";
import {AgeBrackets, Aged, Ageing} from "./AgeBrackets.sol";
import {DayCount} from "./DayCount.sol";

/// @notice How the pool counts a loan.
///
///     None -- originate ------------> Accruing -- paid off --> Ended    (None when it cannot be taken back)
///       |                              ^ |  |  ^
///       |                   onActivated| |  |  +-- cured --- CashBasis <-- restructured while late (from Accruing)
///       +-- originate --> Funded ------+ |  |                   |
///           (through a desk)             |  +----- buyNote -----+-----> Sold
///                                        +-------- writeOff ----+-----> WrittenOff
enum Booking {
    None,
    Funded,
    /// Its interest runs in `Ledger.accruals`.
    Accruing,
    /// Restructured while it was late and not cured yet: interest counts when it is paid.
    CashBasis,
    /// Paid off by a payment that may be taken back.
    Ended,
    /// Nothing is outstanding; what still comes in is a recovery.
    WrittenOff,
    /// Left for good: its note counts nothing even if it comes back.
    Sold
}

/// @notice What the pool remembers of a loan, in one slot.
struct PoolLoan {
    /// The first address of the borrower, for her exposure: she may sign with one that she moved to.
    address person;
    /// As originated, minor units.
    uint64 principal;
    /// log10 of base units in a minor unit.
    uint8 unitExponent;
    /// Which adopted LoanBook the loan is in, from 0.
    uint8 bookNr;
    Booking booking;
}

/// @notice A loss on a loan that was written off, as far as it was not recovered.
struct Loss {
    uint128 lenders;
    uint128 cover;
}

/// @notice `PoolRules` without what `Ledger` keeps elsewhere.
struct FixedRules {
    uint16 nonAccrualDays;
    uint16 managementFeeBps;
    uint16 writeOffDays;
    uint16 coverFloorBps;
    uint32 kycPolicy;
    uint128 minRedemption;
}

/// @notice All that a pool counts.
struct Ledger {
    PoolBooks books;
    FixedRules rules;
    Accruals accruals;
    Ageing ageing;
    mapping(bytes32 loanId => PoolLoan) loans;
    mapping(address person => uint256) exposure;
    /// Recognised income of a loan that comes into the price little by little: see `AccrualBook.advance`.
    mapping(bytes32 loanId => Stream) deferred;
    /// The gain of a payoff that may be taken back.
    mapping(bytes32 loanId => Stream) endings;
    mapping(bytes32 loanId => Loss) losses;
    /// Upfront fees of loans that may be given back until the end of a day. They are part of `books.fees`.
    mapping(uint256 lastDay => uint256) returnableFees;
}

/// @title What the lenders own
/// @dev
///     assets = cash + held + funded + outstanding + recognised(now) - interestReceived
///
/// A payment of interest raises `cash` and `interestReceived` alike, so it moves no price: time does, through `recognised`.
/// Every other gain is booked as interest received at once and comes in as a stream. Losses are the only steps.
library PoolLedger {
    using AccrualBook for Accruals;
    using AgeBrackets for Ageing;
    using PoolLedger for Ledger;
    using SafeCast for uint256;

    /// Days that any call rolls the books forward; `ILendingPool.roll` takes more.
    uint256 internal constant ROLL_DAYS = 8;

    /// Most days for which a loan may be given back, so that `collectableFees` stays cheap.
    uint32 internal constant MAX_COOLING_OFF_DAYS = 30;

    /* TIME */

    function today(Ledger storage ledger) internal view returns (uint32) {
        return DayCount.dayOf(block.timestamp, ledger.accruals.utcOffset);
    }

    /// @notice Brings both books forward. Changes no figure.
    function roll(Ledger storage ledger, uint256 maxDays) internal returns (bool upToDate) {
        upToDate = ledger.accruals.roll(block.timestamp, maxDays);
        ledger.ageing.roll(ledger.today(), maxDays);
    }

    /* READING */

    /// @notice Negative when the lenders who left were paid out of interest that is not earned yet, and a loss came after.
    function assets(Ledger storage ledger) internal view returns (int256) {
        PoolBooks storage books = ledger.books;
        uint256 owned = uint256(books.cash) + books.outstanding + books.held + books.funded;
        uint256 recognised = ledger.accruals.recognisedAt(block.timestamp);
        return (owned + recognised).toInt256() - uint256(books.interestReceived).toInt256();
    }

    /// @notice What a lender who leaves now shares in: `assets` without the provisions that the cover does not bear.
    function exitAssets(Ledger storage ledger) internal view returns (uint256) {
        int256 rest = ledger.assets() - ledger.exitDeduction().toInt256();
        return rest > 0 ? uint256(rest) : 0;
    }

    /// @notice Provisions one bracket ahead, as far as the lenders would bear them.
    ///
    ///     provisions   |--- coverBefore ---|--- uncovered ---|--- rest of the cover ---|--- beyond ---|
    ///                          cover            lenders                cover               lenders
    function exitDeduction(Ledger storage ledger) internal view returns (uint256) {
        PoolBooks storage books = ledger.books;
        uint256 ahead = ledger.provisionAhead();
        uint256 uncovered = books.uncovered;
        return
            Math.min(Math.saturatingSub(ahead, books.coverBefore), uncovered) +
            Math.saturatingSub(ahead, uncovered + books.cover);
    }

    function provisionAhead(Ledger storage ledger) internal view returns (uint256) {
        return ledger.ageing.provisionAhead(ledger.books.outstanding, ledger.today());
    }

    /* FIRST-LOSS COVER */

    /// @notice Adds to the cover without an effect on what leaving is worth now: of provisions that it did not reach it
    /// bears nothing, and what it bore it goes on to bear.
    function raiseCover(Ledger storage ledger, uint256 amount) internal {
        PoolBooks storage books = ledger.books;
        ledger.settleUncovered();
        uint256 ahead = ledger.provisionAhead();
        uint128 cover = books.cover;
        if (ahead > uint256(cover) + books.uncovered) {
            books.uncovered = (ahead - cover).toUint128();
            books.coverBefore = cover;
        }
        books.cover = cover + amount.toUint128();
    }

    /// @notice Puts back what the cover had paid: it is no top-up, but was there before. Leaving is worth more by at most
    /// that.
    function restoreCover(Ledger storage ledger, uint256 amount) internal {
        PoolBooks storage books = ledger.books;
        ledger.settleUncovered();
        books.cover += amount.toUint128();
        if (books.uncovered != 0) books.coverBefore += amount.toUint128();
    }

    /// @notice Takes from the cover what came last.
    function lowerCover(Ledger storage ledger, uint256 amount) internal {
        PoolBooks storage books = ledger.books;
        uint128 rest = (books.cover - amount).toUint128();
        books.cover = rest;
        if (books.coverBefore > rest) books.coverBefore = rest;
    }

    /// @notice Forgets uncovered provisions that are gone. Changes no figure of now.
    function settleUncovered(Ledger storage ledger) internal {
        PoolBooks storage books = ledger.books;
        uint128 uncovered = books.uncovered;
        if (uncovered == 0) return;
        uint256 left = Math.saturatingSub(ledger.provisionAhead(), books.coverBefore);
        if (left < uncovered) books.uncovered = uint128(left);
    }

    /// @notice Shares a loss out in the order of `exitDeduction`. What the cover pays becomes the lenders' cash.
    /// @return fromCover What the cover pays; the lenders bear the rest.
    function bearLoss(Ledger storage ledger, uint256 loss) internal returns (uint256 fromCover) {
        PoolBooks storage books = ledger.books;
        ledger.settleUncovered();
        uint256 uncovered = books.uncovered;
        uint256 cover = books.cover;
        uint256 first = Math.min(loss, uncovered == 0 ? cover : books.coverBefore);
        uint256 lenders = Math.min(loss - first, uncovered);
        fromCover = first + Math.min(loss - first - lenders, cover - first);
        // None is more than what it is taken from: no cast cuts anything off.
        books.uncovered = uint128(uncovered - lenders);
        if (uncovered != 0) books.coverBefore -= uint128(first);
        books.cover = uint128(cover - fromCover);
        books.cash += uint128(fromCover);
    }

    /* GAINS */

    /// @notice Lets what came in beyond principal and schedule into the price evenly.
    function stream(Ledger storage ledger, uint256 amount) internal {
        if (amount != 0) ledger.accruals.stream(amount * AccrualBook.SCALE, block.timestamp);
    }

    /* LOANS */

    /// @notice Adds a loan that starts to run today.
    /// @param rows The first two instalments, as far as there are any.
    function start(
        Ledger storage ledger,
        bytes32 loanId,
        Instalment[] memory rows,
        uint256 principal,
        uint256 unit
    ) internal {
        FixedRules memory rules = ledger.rules;
        Period[] memory periods = periodsOf(rows, 0, ledger.today(), unit, rules.managementFeeBps);
        ledger.loans[loanId].booking = Booking.Accruing;
        ledger.accruals.open(ledger.deferred[loanId], periods, rules.nonAccrualDays, block.timestamp);
        ledger.ageing.add(rows[0].day, agedOf(periods, 0, rules.nonAccrualDays, principal, 0, false));
    }

    /// @notice What of an open loan ages: all that the price counts of it at most while nothing more is paid. That is its
    /// principal and what its line comes to before it stops, without what was paid of that. So a loan that is provided for
    /// in full is in the price of leaving with nothing.
    /// @param periods From any on, to the one after that of the oldest unpaid instalment if there is one.
    /// @param unpaid Index of the oldest unpaid instalment's period.
    /// @param partPaid Interest that was paid on that instalment, base units, without the management fee.
    /// @param curing On a cash basis: it has no line.
    function agedOf(
        Period[] memory periods,
        uint256 unpaid,
        uint32 nonAccrualDays,
        uint256 principal,
        uint256 partPaid,
        bool curing
    ) internal pure returns (Aged) {
        uint256 interest = curing ? 0 : AccrualBook.mostOf(periods, unpaid, nonAccrualDays) - partPaid;
        return AgeBrackets.aged(principal, interest);
    }

    /// @notice Whether principal of it is outstanding.
    function isOpen(PoolLoan memory loan) internal pure returns (bool) {
        return loan.booking == Booking.Accruing || loan.booking == Booking.CashBasis;
    }

    /// @notice Takes a loan that is no longer open off its borrower's exposure.
    function release(Ledger storage ledger, PoolLoan memory loan) internal {
        ledger.exposure[loan.person] -= originatedOf(loan);
    }

    function unitOf(PoolLoan memory loan) internal pure returns (uint256) {
        return 10 ** uint256(loan.unitExponent);
    }

    /// @notice Principal as originated, base units.
    function originatedOf(PoolLoan memory loan) internal pure returns (uint256) {
        return loan.principal * unitOf(loan);
    }

    /// @notice The periods of `rows` from index `first` on. The interest of the first one runs after `startDay`.
    function periodsOf(
        Instalment[] memory rows,
        uint256 first,
        uint32 startDay,
        uint256 unit,
        uint256 feeBps
    ) internal pure returns (Period[] memory periods) {
        periods = new Period[](rows.length - first);
        uint32 from = startDay + 1;
        for (uint256 i = 0; i < periods.length; ++i) {
            Instalment memory row = rows[first + i];
            // Filled where it stands: a new one would be memory twice.
            Period memory period = periods[i];
            period.from = from;
            from = row.day + 1;
            period.to = from;
            period.interest = AccrualBook.netOf(row.interest * unit, feeBps);
        }
    }

    /* MONEY */

    /// @param held The tokens wait in LoanBook.
    function receiveCash(Ledger storage ledger, uint256 amount, bool held) internal {
        if (held) ledger.books.held += amount.toUint128();
        else ledger.books.cash += amount.toUint128();
    }

    /// @notice The institution's fees without those that go back with a loan that is given back.
    function collectableFees(Ledger storage ledger) internal view returns (uint256) {
        uint256 returnable;
        uint32 first = ledger.today();
        for (uint32 day = first; day <= first + MAX_COOLING_OFF_DAYS; ++day) returnable += ledger.returnableFees[day];
        return ledger.books.fees - returnable;
    }

    /* EVENTS */

    function emitBooks(Ledger storage ledger) internal {
        PoolBooks storage books = ledger.books;
        emit ILendingPool.BooksUpdated(books.cash, books.outstanding, books.interestReceived, books.fees);
    }

    function emitReserves(Ledger storage ledger) internal {
        PoolBooks storage books = ledger.books;
        emit ILendingPool.ReservesUpdated(
            books.held,
            books.funded,
            books.reserved,
            books.cover,
            books.uncovered,
            books.coverBefore
        );
    }
}
