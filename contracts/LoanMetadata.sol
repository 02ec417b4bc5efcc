// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {Components, ILoanBook, Instalment, LoanState, LoanView, Position} from "./interfaces/ILoanBook.sol";
import {ILoanMetadata} from "./interfaces/ILoanMetadata.sol";
import {Currency, CurrencyText} from "./libraries/CurrencyText.sol";
import {IsoDate} from "./libraries/IsoDate.sol";
import {Card, LoanCard} from "./libraries/LoanCard.sol";
import {ShortHex} from "./libraries/ShortHex.sol";

/// @title LoanMetadata: see `ILoanMetadata` for what it promises
/// @dev It has no storage and no rights: what it says is what the loan book's views say.
contract LoanMetadata is ILoanMetadata {
    using CurrencyText for Currency;
    using Strings for uint256;

    bytes1 private constant QUOTE = 0x22;

    /// @dev What is shown of a loan. Amounts are minor units; `dueDate` is empty when nothing is to be paid any more.
    struct Facts {
        string id;
        LoanView loan;
        Currency currency;
        /// Whether somebody owes: *Active* or *WrittenOff*.
        bool isOwed;
        uint256 outstanding;
        uint256 due;
        uint256 penalty;
        uint256 payoff;
        uint256 daysPastDue;
        /// Whether the oldest unpaid instalment was due before today. A restructured loan counts as late before it is.
        bool isOverdue;
        string dueDate;
    }

    /// @inheritdoc ILoanMetadata
    function tokenURI(address loanBook, uint256 tokenId) external view returns (string memory) {
        Facts memory f = _read(ILoanBook(loanBook), bytes32(tokenId));
        string memory image = Base64.encode(bytes(LoanCard.draw(_card(f))));
        string memory json = string.concat(
            string.concat("{", _member("name", _text(string.concat("Ahadi loan ", f.id)))),
            string.concat(",", _member("description", _text(_description(f)))),
            string.concat(",", _member("image", _quoted(string.concat("data:image/svg+xml;base64,", image)))),
            string.concat(",", _member("attributes", _attributes(f)), "}")
        );
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    /* READING */

    function _read(ILoanBook book, bytes32 loanId) private view returns (Facts memory f) {
        f.id = ShortHex.text(uint256(loanId).toHexString(32));
        f.loan = book.loanOf(loanId);
        LoanState state = f.loan.state;
        if (state == LoanState.None) return f;
        f.currency = CurrencyText.read(f.loan.currency, f.loan.unit);
        f.isOwed = state == LoanState.Active || state == LoanState.WrittenOff;
        if (!f.isOwed && state != LoanState.Funded) return f;
        (Instalment memory row, ) = book.instalment(loanId, f.loan.nextInstalment);
        f.dueDate = IsoDate.text(row.day);
        if (f.isOwed) _readDebt(f, book, loanId, row.day);
    }

    function _readDebt(Facts memory f, ILoanBook book, bytes32 loanId, uint32 dueDay) private view {
        (Position memory position, ) = book.positionOf(loanId);
        uint32 today = book.today(loanId);
        f.isOverdue = dueDay < today;
        Components memory due = book.due(loanId, today);
        f.outstanding = position.outstandingPrincipal;
        f.due = _sum(due);
        f.penalty = due.penalty;
        f.payoff = _sum(book.payoff(loanId, today));
        f.daysPastDue = book.daysPastDue(loanId);
    }

    function _sum(Components memory c) private pure returns (uint256) {
        return uint256(c.penalty) + c.fee + c.interest + c.principal;
    }

    /* WORDS */

    function _stateName(LoanState state) private pure returns (string memory) {
        if (state == LoanState.Active) return "Active";
        if (state == LoanState.Closed) return "Closed";
        if (state == LoanState.Funded) return "Funded";
        if (state == LoanState.Cancelled) return "Cancelled";
        if (state == LoanState.WrittenOff) return "Written off";
        return "None";
    }

    function _description(Facts memory f) private pure returns (string memory) {
        if (f.loan.state == LoanState.None) return "There is no such loan in this loan book.";
        return
            string.concat(
                string.concat("A microloan of ", f.currency.text(f.loan.principal)),
                string.concat(" in ", _counted(f.loan.count, "instalment"), ". ", _standing(f)),
                f.loan.version > 1 ? " It was restructured: the schedule in force is not the first one." : "",
                " Whoever owns this note is the lender of record and receives the repayments. "
                "All figures are read from the loan book when they are shown."
            );
    }

    function _standing(Facts memory f) private pure returns (string memory) {
        LoanState state = f.loan.state;
        if (state == LoanState.Closed) return "It is closed: nothing is owed any more.";
        if (state == LoanState.Cancelled) return "It was cancelled: the money went back and nothing is owed.";
        if (state == LoanState.Funded) {
            return "The money is put aside; nothing is owed until the borrower has received it.";
        }
        string memory given = state == LoanState.WrittenOff ? "The lender has given it up, but it is still owed. " : "";
        string memory paid = _counted(f.loan.nextInstalment, "instalment");
        paid = string.concat(paid, f.loan.nextInstalment == 1 ? " is paid" : " are paid");
        string memory left = string.concat(" and ", f.currency.text(f.outstanding), " of principal is outstanding. ");
        return string.concat(given, paid, left, _lateness(f));
    }

    function _lateness(Facts memory f) private pure returns (string memory) {
        string memory late = _counted(f.daysPastDue, "day");
        if (!f.isOverdue) {
            string memory counts = string.concat("; the loan still counts as ", late, " late");
            return string.concat("The next instalment is due on ", f.dueDate, f.daysPastDue == 0 ? "" : counts, ".");
        }
        return string.concat("The oldest unpaid instalment is that of ", f.dueDate, "; the loan is ", late, " late.");
    }

    function _counted(uint256 count, string memory noun) private pure returns (string memory) {
        return string.concat(count.toString(), " ", noun, count == 1 ? "" : "s");
    }

    /* JSON */

    function _attributes(Facts memory f) private pure returns (string memory) {
        LoanView memory loan = f.loan;
        string memory state = string.concat("[", _trait("State", _text(_stateName(loan.state))));
        if (loan.state == LoanState.None) return string.concat(state, "]");
        string memory progress = string.concat(
            string.concat(",", _trait("Days past due", f.daysPastDue.toString())),
            string.concat(",", _trait("Instalments paid", _text(_progress(loan)))),
            bytes(f.dueDate).length == 0 ? "" : string.concat(",", _trait("Next due day", _text(f.dueDate))),
            string.concat(",", _trait("Version", uint256(loan.version).toString()))
        );
        string memory parties = string.concat(
            string.concat(",", _trait("Borrower", _text(Strings.toChecksumHexString(loan.borrower)))),
            string.concat(",", _trait("Funded by", _text(Strings.toChecksumHexString(loan.lender))))
        );
        return string.concat(state, _amounts(f), progress, parties, "]");
    }

    function _amounts(Facts memory f) private pure returns (string memory) {
        return
            string.concat(
                string.concat(",", _trait("Principal", _text(f.currency.text(f.loan.principal)))),
                string.concat(",", _trait("Outstanding principal", _text(f.currency.text(f.outstanding)))),
                string.concat(",", _trait("Due now", _text(f.currency.text(f.due)))),
                string.concat(",", _trait("Penalty", _text(f.currency.text(f.penalty)))),
                string.concat(",", _trait("Payoff today", _text(f.currency.text(f.payoff))))
            );
    }

    function _progress(LoanView memory loan) private pure returns (string memory) {
        return string.concat(uint256(loan.nextInstalment).toString(), " of ", uint256(loan.count).toString());
    }

    function _trait(string memory name, string memory value) private pure returns (string memory) {
        return string.concat("{", _member("trait_type", _quoted(name)), ",", _member("value", value), "}");
    }

    function _member(string memory name, string memory value) private pure returns (string memory) {
        return string.concat(_quoted(name), ":", value);
    }

    function _text(string memory text) private pure returns (string memory) {
        return _quoted(Strings.escapeJSON(text));
    }

    /// @dev For text in which nothing needs to be escaped.
    function _quoted(string memory text) private pure returns (string memory) {
        return string(bytes.concat(QUOTE, bytes(text), QUOTE));
    }

    /* PICTURE */

    function _card(Facts memory f) private pure returns (Card memory card) {
        card.id = f.id;
        card.state = _stateName(f.loan.state);
        card.accent = _accent(f);
        if (f.loan.state == LoanState.None) return card;
        card.principal = f.currency.text(f.loan.principal);
        card.paid = f.loan.nextInstalment;
        card.count = f.loan.count;
        card.dueLabel = f.isOverdue ? "Oldest unpaid" : "Next due";
        card.dueDate = f.dueDate;
        if (!f.isOwed) return card;
        card.outstanding = f.currency.text(f.outstanding);
        card.daysPastDue = f.daysPastDue.toString();
    }

    /// @dev Green while all is well, amber when late, red when late by more than 30 days (PAR-30) or given up, blue before
    /// the money is handed out, grey when it is over.
    function _accent(Facts memory f) private pure returns (string memory) {
        LoanState state = f.loan.state;
        if (state == LoanState.Funded) return "#8db4f0";
        if (state == LoanState.WrittenOff || f.daysPastDue > 30) return "#f08080";
        if (state != LoanState.Active) return "#b9c4be";
        return f.daysPastDue == 0 ? "#7fd1a0" : "#f2b65a";
    }
}
