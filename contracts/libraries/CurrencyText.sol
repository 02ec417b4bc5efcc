// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {ShortHex} from "./ShortHex.sol";

/// @notice How amounts of a currency are written.
struct Currency {
    /// What the token says, as far as it can be shown; its short address when it says nothing.
    string symbol;
    /// Digits after the point.
    uint256 decimals;
    /// Whether the token's decimals fit the loan's unit. If not, amounts are shown as minor units.
    bool isScaled;
}

/// @title Amounts in a currency whose contract is not trusted
/// @dev A token may revert, burn all gas, answer with megabytes or with text that means something to whoever reads the
/// page it ends up on. Nothing of it may stop a loan from being shown.
library CurrencyText {
    using Strings for uint256;

    /// Longest symbol that is shown, in characters.
    uint256 private constant MAX_SYMBOL = 16;

    /// As in `lending/limits.ts`.
    uint256 private constant MAX_DECIMALS = 18;

    /// A proxy with its storage cold needs about 10,000.
    uint256 private constant ANSWER_GAS = 100_000;

    /// Enough for the head of an answer and the bytes of the longest symbol.
    uint256 private constant ANSWER_BYTES = 192;

    /// @param unit Base units of the currency in a minor unit.
    function read(address token, uint256 unit) internal view returns (Currency memory currency) {
        currency.symbol = _printable(_symbolOf(token));
        if (bytes(currency.symbol).length == 0) {
            currency.symbol = ShortHex.text(Strings.toChecksumHexString(token));
        }
        bytes memory answer = _ask(token, IERC20Metadata.decimals.selector);
        if (answer.length < 32) return currency;
        uint256 decimals = uint256(_word(answer, 0));
        uint256 exponent = Math.log10(unit);
        bool fits = 10 ** exponent == unit && decimals >= exponent && decimals <= exponent + MAX_DECIMALS;
        if (fits) (currency.decimals, currency.isScaled) = (decimals - exponent, true);
    }

    /// @notice "5,000.00 TUSD".
    function text(Currency memory currency, uint256 minorUnits) internal pure returns (string memory) {
        string memory number = _grouped(bytes(minorUnits.toString()), currency.decimals);
        return string.concat(number, currency.isScaled ? " " : " minor units of ", currency.symbol);
    }

    /* NUMBERS */

    function _grouped(bytes memory digits, uint256 decimals) private pure returns (string memory) {
        while (digits.length <= decimals) digits = bytes.concat("0", digits);
        uint256 whole = digits.length - decimals;
        bytes memory grouped;
        for (uint256 i = 0; i < digits.length; ++i) {
            if (i == whole) grouped = bytes.concat(grouped, ".");
            else if (i != 0 && i < whole && (whole - i) % 3 == 0) grouped = bytes.concat(grouped, ",");
            grouped = bytes.concat(grouped, digits[i]);
        }
        return string(grouped);
    }

    /* SYMBOLS */

    /// @dev The bytes of a `string`, or those of a `bytes32` up to its first zero byte; empty for any other answer.
    function _symbolOf(address token) private view returns (bytes memory symbol) {
        bytes memory answer = _ask(token, IERC20Metadata.symbol.selector);
        if (answer.length == 32) {
            uint256 length = 0;
            while (length < 32 && answer[length] != 0) ++length;
            return Bytes.slice(answer, 0, length);
        }
        if (answer.length < 64 || _word(answer, 0) != bytes32(uint256(32))) return symbol;
        // A length may be any number: cut down before it is added to anything.
        uint256 size = Math.min(uint256(_word(answer, 32)), answer.length - 64);
        return Bytes.slice(answer, 64, 64 + size);
    }

    /// @dev Letters, digits and signs of ASCII, Latin letters and the signs of currencies as they are, anything else as
    /// one "?": no control character, nothing that turns the direction of writing, nothing invisible, no broken UTF-8.
    function _printable(bytes memory raw) private pure returns (string memory symbol) {
        uint256 i = 0;
        for (uint256 count = 0; i < raw.length && count < MAX_SYMBOL; ++count) {
            uint256 size = _printableSize(raw, i);
            symbol = string.concat(symbol, size == 0 ? "?" : string(Bytes.slice(raw, i, i + size)));
            i += size == 0 ? 1 : size;
            if (size == 0) while (i < raw.length && _isContinuation(raw[i])) ++i;
        }
        if (i < raw.length) symbol = string.concat(symbol, "...");
    }

    /// @return size Bytes of the character at `i` if it may be shown, 0 if not.
    function _printableSize(bytes memory raw, uint256 i) private pure returns (uint256 size) {
        uint256 lead = uint8(raw[i]);
        if (lead < 0x80) return lead >= 0x20 && lead < 0x7f ? 1 : 0;
        if (i + 1 >= raw.length || !_isContinuation(raw[i + 1])) return 0;
        uint256 second = uint8(raw[i + 1]) & 0x3f;
        if (lead >= 0xc0 && lead < 0xe0) {
            uint256 character = ((lead & 0x1f) << 6) | second;
            // U+00A1 to U+024F without the soft hyphen.
            return character >= 0xa1 && character <= 0x24f && character != 0xad ? 2 : 0;
        }
        if (lead != 0xe2 || i + 2 >= raw.length || !_isContinuation(raw[i + 2])) return 0;
        uint256 sign = (second << 6) | (uint8(raw[i + 2]) & 0x3f);
        // U+20A0 to U+20CF: signs of currencies, without the 0x2000 of the leading byte.
        return sign >= 0xa0 && sign <= 0xcf ? 3 : 0;
    }

    function _isContinuation(bytes1 b) private pure returns (bool) {
        return b & 0xc0 == 0x80;
    }

    /* CALLS */

    /// @dev At most `ANSWER_BYTES` of what the token answers within `ANSWER_GAS`; empty when it reverts.
    function _ask(address token, bytes4 selector) private view returns (bytes memory answer) {
        answer = new bytes(ANSWER_BYTES);
        assembly ("memory-safe") {
            mstore(0, selector)
            let success := staticcall(ANSWER_GAS, token, 0, 4, 0, 0)
            let size := mul(success, returndatasize())
            if gt(size, ANSWER_BYTES) {
                size := ANSWER_BYTES
            }
            returndatacopy(add(answer, 32), 0, size)
            mstore(answer, size)
        }
    }

    function _word(bytes memory answer, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(answer, 32), offset))
        }
    }
}
