// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @notice What stands on a loan's card. Texts are plain; an empty one leaves its place empty.
struct Card {
    string id;
    string state;
    /// Colour of the state and of the bar.
    string accent;
    string principal;
    string dueLabel;
    string dueDate;
    string outstanding;
    string daysPastDue;
    /// Instalments.
    uint256 paid;
    uint256 count;
}

/// @title The picture of a loan: an SVG of 480 by 480 that loads nothing and runs nothing
library LoanCard {
    using Strings for uint256;

    /// Between the margins of 40.
    uint256 private constant WIDTH = 400;

    function draw(Card memory card) internal pure returns (string memory) {
        return string.concat(_head(card), _amount(card), _progress(card), _rows(card), "</g></svg>");
    }

    function _head(Card memory card) private pure returns (string memory) {
        return
            string.concat(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 480 480' role='img' "
                "font-family='system-ui,sans-serif'><title>",
                _escaped(string.concat("Ahadi loan ", card.id, ": ", card.state)),
                "</title><rect width='480' height='480' fill='#12271f'/><g fill='#f4f1e8' font-size='20'>"
                "<text x='40' y='66' font-size='28' font-weight='700'>Ahadi loan</text>",
                _label(40, 98, card.id),
                _badge(card)
            );
    }

    function _badge(Card memory card) private pure returns (string memory) {
        // Bold letters of 17 are about 11 wide.
        uint256 width = 11 * bytes(card.state).length + 32;
        string memory left = (440 - width).toString();
        string memory middle = (440 - width / 2).toString();
        return
            string.concat(
                string.concat("<rect x='", left, "' y='40' width='", width.toString(), "' height='34' rx='17' fill='"),
                string.concat(card.accent, "'/><text x='", middle, "' y='63' font-size='17' font-weight='700' "),
                "text-anchor='middle' fill='#12271f'>",
                _escaped(card.state),
                "</text>"
            );
    }

    function _amount(Card memory card) private pure returns (string memory) {
        if (bytes(card.principal).length == 0) return "";
        return
            string.concat(
                _label(40, 154, "Principal"),
                string.concat("<text x='40' y='208' font-weight='700' font-size='", _fitted(card.principal, 50, WIDTH)),
                "'>",
                _escaped(card.principal),
                "</text>"
            );
    }

    function _progress(Card memory card) private pure returns (string memory) {
        if (card.count == 0) return "";
        string memory counted = string.concat(card.paid.toString(), " of ", card.count.toString(), " instalment");
        string memory width = ((WIDTH * card.paid) / card.count).toString();
        return
            string.concat(
                _label(40, 266, string.concat(counted, card.count == 1 ? " paid" : "s paid")),
                "<rect x='40' y='280' width='400' height='14' rx='7' fill='#2b4a3d'/>"
                "<rect x='40' y='280' height='14' rx='7' width='",
                string.concat(width, "' fill='", card.accent, "'/>")
            );
    }

    function _rows(Card memory card) private pure returns (string memory) {
        return
            string.concat(
                _row(346, card.dueLabel, card.dueDate),
                _row(390, "Outstanding", card.outstanding),
                _row(434, "Days past due", card.daysPastDue)
            );
    }

    function _row(uint256 y, string memory label, string memory value) private pure returns (string memory) {
        if (bytes(value).length == 0) return "";
        return
            string.concat(
                _label(40, y, label),
                string.concat("<text x='440' y='", y.toString(), "' text-anchor='end' font-size='"),
                _fitted(value, 20, WIDTH - 160),
                "'>",
                _escaped(value),
                "</text>"
            );
    }

    function _label(uint256 x, uint256 y, string memory text) private pure returns (string memory) {
        return
            string.concat(
                string.concat("<text x='", x.toString(), "' y='", y.toString()),
                "' font-size='18' fill='#a9bfb4'>",
                _escaped(text),
                "</text>"
            );
    }

    /// @dev The font size, `largest` at most, at which `text` is not wider than `width`: no character of these fonts is
    /// wider than two thirds of its height on average.
    function _fitted(string memory text, uint256 largest, uint256 width) private pure returns (string memory) {
        return Math.min(largest, (width * 3) / (2 * bytes(text).length)).toString();
    }

    /// @dev For text between tags; all characters are such as XML allows.
    function _escaped(string memory text) private pure returns (string memory escaped) {
        bytes memory raw = bytes(text);
        for (uint256 i = 0; i < raw.length; ++i) {
            bytes1 b = raw[i];
            if (b == "&") escaped = string.concat(escaped, "&amp;");
            else if (b == "<") escaped = string.concat(escaped, "&lt;");
            else if (b == ">") escaped = string.concat(escaped, "&gt;");
            else escaped = string(bytes.concat(bytes(escaped), b));
        }
    }
}
