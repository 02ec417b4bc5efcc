// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {LoanMetadata} from "../../contracts/LoanMetadata.sol";
import {Agreement, LoanView} from "../../contracts/interfaces/ILoanBook.sol";
import {CurrencyText} from "../../contracts/libraries/CurrencyText.sol";
import {FakeLoanBook} from "./support/FakeLoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {OddSymbol} from "./support/OddSymbol.sol";
import {VM} from "./support/Vm.sol";

contract LoanMetadataTest is Institution {
    string private constant GREEN = "#7fd1a0";
    string private constant AMBER = "#f2b65a";
    string private constant RED = "#f08080";
    string private constant BLUE = "#8db4f0";
    string private constant GREY = "#b9c4be";

    /* A LOAN */

    function test_whereThereIsNoLoanNothingIsDrawn() external {
        string memory json = _decoded(new LoanMetadata().tokenURI(address(book), 7), "data:application/json;base64,");
        _holds(json, '"description":"There is no such loan in this loan book."');
        _holds(json, '"attributes":[{"trait_type":"State","value":"None"}]}');
        string memory svg = _svgOf(json);
        _holds(svg, "0x0000...0007");
        VM.assertFalse(_contains(svg, "Principal"));
        VM.assertFalse(_contains(svg, "instalment"));
        VM.assertFalse(_contains(svg, "Days past due"));
    }

    function test_aLoanOnTime() external {
        bytes32 loanId = lend(draft(lender, 2));
        string memory json = _look(loanId);
        _holds(
            json,
            '"description":"A microloan of 200.00 TUSD in 2 instalments. 0 instalments are paid and 200.00 TUSD of '
            "principal is outstanding. The next instalment is due on 2025-08-07. Whoever owns this note"
        );
        _holds(json, _trait("State", '"Active"'));
        _holds(json, _trait("Outstanding principal", '"200.00 TUSD"'));
        _holds(json, _trait("Payoff today", '"202.00 TUSD"'));
        _holds(json, _trait("Days past due", "0"));
        _holds(json, _trait("Next due day", '"2025-08-07"'));
        _holds(json, _trait("Version", "1"));
        _holds(json, _trait("Borrower", string.concat('"', Strings.toChecksumHexString(borrower), '"')));
        string memory svg = _svgOf(json);
        _holds(svg, GREEN);
        _holds(svg, "Next due");
        _holds(svg, "0 of 2 instalments paid");
        // As wide as the word that it holds, and as the part that is paid.
        _holds(svg, "<rect x='342' y='40' width='98'");
        _holds(svg, "<text x='391' y='63'");
        _holds(svg, "<rect x='40' y='280' height='14' rx='7' width='0'");
    }

    function test_aLoanThatIsLate() external {
        bytes32 loanId = lend(draft(lender, 2));
        goToDay(FIRST_DAY + 7);
        pay(loanId, ROW);
        goToDay(FIRST_DAY + 15);
        string memory json = _look(loanId);
        _holds(
            json,
            "1 instalment is paid and 100.00 TUSD of principal is outstanding. The oldest unpaid instalment is that of "
            "2025-08-14; the loan is 1 day late."
        );
        _holds(json, _trait("Instalments paid", '"1 of 2"'));
        _holds(json, _trait("Due now", '"111.00 TUSD"'));
        _holds(_svgOf(json), AMBER);
        _holds(_svgOf(json), "Oldest unpaid");
        _holds(_svgOf(json), "<rect x='40' y='280' height='14' rx='7' width='200'");
        goToDay(FIRST_DAY + 14 + 31);
        json = _look(loanId);
        _holds(json, "the loan is 31 days late.");
        _holds(json, _trait("Penalty", '"2.88 TUSD"'));
        _holds(_svgOf(json), RED);
    }

    function test_aLoanThatWasGivenUp() external {
        bytes32 loanId = lend(draft(lender, 1));
        goToDay(FIRST_DAY + 8);
        VM.prank(lender);
        book.writeOff(loanId);
        string memory json = _look(loanId);
        _holds(json, "in 1 instalment. The lender has given it up, but it is still owed. 0 instalments are paid");
        _holds(json, _trait("State", '"Written off"'));
        _holds(_svgOf(json), RED);
        _holds(_svgOf(json), "0 of 1 instalment paid");
    }

    function test_aLoanThatIsOver() external {
        bytes32 loanId = lend(draft(lender, 2));
        pay(loanId, type(uint64).max);
        string memory json = _look(loanId);
        _holds(json, "in 2 instalments. It is closed: nothing is owed any more. Whoever");
        _holds(json, _trait("Outstanding principal", '"0.00 TUSD"'));
        VM.assertFalse(_contains(json, "Next due day"));
        _holds(_svgOf(json), GREY);
        VM.assertFalse(_contains(_svgOf(json), "Outstanding"));

        loanId = lend(draft(lender, 2));
        VM.prank(borrower);
        book.returnLoan(loanId);
        json = _look(loanId);
        _holds(json, "It was cancelled: the money went back and nothing is owed. Whoever");
        _holds(json, _trait("State", '"Cancelled"'));
    }

    function test_aLoanThatWaitsForAReceipt() external {
        Agreement memory a = draft(lender, 2);
        a.payee = desk;
        string memory json = _look(lend(a));
        _holds(json, "The money is put aside; nothing is owed until the borrower has received it. Whoever");
        _holds(json, _trait("Next due day", '"2025-08-07"'));
        _holds(_svgOf(json), BLUE);
    }

    function test_aLoanWithANewTable() external {
        bytes32 loanId = lend(draft(lender, 2));
        restructure(draftRestructuring(loanId, 3, 0));
        string memory json = _look(loanId);
        _holds(json, " It was restructured: the schedule in force is not the first one. Whoever");
        _holds(json, _trait("Version", "2"));
    }

    /// Whatever a token calls itself, the picture stays one.
    function test_signsOfMarkupAreText() external {
        LoanView memory loan = book.loanOf(lend(draft(lender, 2)));
        loan.currency = _token(abi.encode('<b>&"'));
        FakeLoanBook fake = new FakeLoanBook();
        FakeLoanBook.Figures memory figures;
        fake.set(bytes32(uint256(7)), loan, figures);
        string memory json = _decoded(new LoanMetadata().tokenURI(address(fake), 7), "data:application/json;base64,");
        _holds(json, _trait("Principal", '"200.00 <b>&\\""'));
        _holds(_svgOf(json), '200.00 &lt;b&gt;&amp;"</text>');
    }

    /* A CURRENCY */

    function test_amountsAreGroupedByThousands() external {
        address token = _token(abi.encode("TUSD"));
        VM.assertEq(_amount(token, 10_000, 0), "0.00 TUSD");
        VM.assertEq(_amount(token, 10_000, 5), "0.05 TUSD");
        VM.assertEq(_amount(token, 10_000, 99_999), "999.99 TUSD");
        VM.assertEq(_amount(token, 10_000, 123_456_789), "1,234,567.89 TUSD");
        VM.assertEq(_amount(token, 1_000_000, 1_234), "1,234 TUSD");
        // A unit that is none of the token's leaves minor units.
        VM.assertEq(_amount(token, 20_000, 1_234), "1,234 minor units of TUSD");
        VM.assertEq(_amount(token, 1e7, 1_234), "1,234 minor units of TUSD");
    }

    function test_aTokenThatSaysNothingIsItsAddress() external {
        OddSymbol token = new OddSymbol();
        string memory name = _short(Strings.toChecksumHexString(address(token)));
        string memory shown = string.concat("7 minor units of ", name);
        VM.assertEq(_amount(address(token), 1, 7), shown);
        token.set(OddSymbol.Habit.Revert, abi.encode("TUSD"), abi.encode(6));
        VM.assertEq(_amount(address(token), 1, 7), shown);
        token.set(OddSymbol.Habit.BurnGas, abi.encode("TUSD"), abi.encode(6));
        VM.assertEq(_amount(address(token), 1, 7), shown);
        VM.assertEq(
            _amount(stranger, 1, 7),
            string.concat("7 minor units of ", _short(Strings.toChecksumHexString(stranger)))
        );
        // Text that does not begin where text begins, and a head without text.
        token.set(OddSymbol.Habit.Answer, abi.encode(64, 4, "TUSD"), abi.encode(0));
        VM.assertEq(_amount(address(token), 1, 7), string.concat("7 ", name));
        token.set(OddSymbol.Habit.Answer, new bytes(63), abi.encode(0));
        VM.assertEq(_amount(address(token), 1, 7), string.concat("7 ", name));
        token.set(OddSymbol.Habit.Answer, abi.encode(""), abi.encode(0));
        VM.assertEq(_amount(address(token), 1, 7), string.concat("7 ", name));
    }

    function test_aSymbolMayBeAWord() external {
        _isShown(abi.encode(bytes32("MKR")), "MKR");
        _isShown(abi.encode(bytes32("0123456789abcdef0123456789abcdef")), "0123456789abcdef...");
    }

    function test_anAnswerIsReadAsFarAsItMayBeUseful() external {
        OddSymbol token = new OddSymbol();
        token.set(OddSymbol.Habit.Flood, abi.encode("TUSD"), abi.encode(6));
        VM.assertEq(_amount(address(token), 10_000, 7), "0.07 TUSD");
        // A text that says it is longer than its answer ends with it.
        _isShown(bytes.concat(abi.encode(32, type(uint256).max), "TUSD"), "TUSD");
    }

    function test_onlyWhatCanBeSeenIsShown() external {
        _isSymbol("0123456789abcdef", "0123456789abcdef");
        _isSymbol("0123456789abcdefg", "0123456789abcdef...");
        _isSymbol(unicode"€ł¡ɏ₠⃏", unicode"€ł¡ɏ₠⃏");
        _isSymbol(hex"411f7f42", "A??B");
        // The soft hyphen, what lies below the Latin letters and above them.
        _isSymbol(hex"c2adc2a0c990", "???");
        // A byte that nothing follows, one that the wrong thing follows, one that leads nowhere.
        _isSymbol(hex"41c3", "A?");
        _isSymbol(hex"c341", "?A");
        _isSymbol(hex"8041", "?A");
        // Marks that turn the writing round, signs that are no currency's, a sign that is cut off.
        _isSymbol(hex"41e280ae42", "A?B");
        _isSymbol(hex"e2839041", "?A");
        _isSymbol(hex"e282", "?");
        _isSymbol(hex"e28241", "?A");
        _isSymbol(hex"f09f92b041", "?A");
    }

    /* INTERNAL */

    function _look(bytes32 loanId) private view returns (string memory json) {
        json = _decoded(book.tokenURI(uint256(loanId)), "data:application/json;base64,");
        string memory id = _short(Strings.toHexString(uint256(loanId), 32));
        _holds(json, string.concat('{"name":"Ahadi loan ', id, '",'));
        _holds(_svgOf(json), id);
    }

    function _svgOf(string memory json) private pure returns (string memory) {
        bytes memory mark = '"image":"';
        uint256 start = _find(bytes(json), mark) + mark.length;
        uint256 end = _find(bytes(json), '","attributes"');
        return _decoded(string(Bytes.slice(bytes(json), start, end)), "data:image/svg+xml;base64,");
    }

    function _decoded(string memory uri, string memory prefix) private pure returns (string memory) {
        uint256 length = bytes(prefix).length;
        VM.assertEq(string(Bytes.slice(bytes(uri), 0, length)), prefix);
        return string(Base64.decode(string(Bytes.slice(bytes(uri), length))));
    }

    function _trait(string memory name, string memory value) private pure returns (string memory) {
        return string.concat('{"trait_type":"', name, '","value":', value, "}");
    }

    function _short(string memory hexadecimal) private pure returns (string memory) {
        bytes memory all = bytes(hexadecimal);
        return string.concat(string(Bytes.slice(all, 0, 6)), "...", string(Bytes.slice(all, all.length - 4)));
    }

    /// A token of six decimals that answers with `symbol`, byte for byte.
    function _token(bytes memory symbol) private returns (address) {
        OddSymbol token = new OddSymbol();
        token.set(OddSymbol.Habit.Answer, symbol, abi.encode(6));
        return address(token);
    }

    function _isShown(bytes memory answer, string memory symbol) private {
        VM.assertEq(_amount(_token(answer), 10_000, 120_000), string.concat("1,200.00 ", symbol));
    }

    function _isSymbol(bytes memory raw, string memory symbol) private {
        _isShown(abi.encode(raw), symbol);
    }

    function _amount(address token, uint256 unit, uint256 minorUnits) private view returns (string memory) {
        return CurrencyText.text(CurrencyText.read(token, unit), minorUnits);
    }

    /// Compared as texts when it is not there, so that a failure shows both.
    function _holds(string memory text, string memory part) private pure {
        if (!_contains(text, part)) VM.assertEq(text, part);
    }

    function _contains(string memory text, string memory part) private pure returns (bool) {
        return _find(bytes(text), bytes(part)) < bytes(text).length;
    }

    /// Where `part` begins; the length of `text` when it is not there.
    function _find(bytes memory text, bytes memory part) private pure returns (uint256 start) {
        for (; start + part.length <= text.length; ++start) {
            uint256 same;
            while (same < part.length && text[start + same] == part[same]) ++same;
            if (same == part.length) return start;
        }
        return text.length;
    }
}
