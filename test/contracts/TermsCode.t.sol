// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, Instalment} from "../../contracts/interfaces/ILoanBook.sol";
import {Terms, TermsCode} from "../../contracts/libraries/TermsCode.sol";

contract TermsCodeTest {
    using TermsCode for Terms;

    function testFuzz_whatIsWrittenIsRead(Agreement memory a, uint8 exponent, uint256 rowSeed, uint16 rows) external {
        exponent %= 19;
        rows = rows % 367;
        a.schedule = _rows(rowSeed, rows);
        a.count = rows;
        (address pointer, Terms memory terms, bytes32 before, bytes32 afterwards) = this.roundTrip(a, exponent);
        assert(before == afterwards);
        uint256 length = 135 + (3 + 3 * _bytesOfLargest(a.schedule)) * uint256(rows);
        assert(pointer.code.length == 1 + length);
        assert(pointer.code[0] == 0x00);
        assert(terms.blob.length == length);
        _checkParties(a, terms, exponent);
        _checkRules(a, terms);
        for (uint256 i = 0; i < rows; ++i) {
            assert(keccak256(abi.encode(terms.row(i))) == keccak256(abi.encode(a.schedule[i])));
        }
    }

    /// Nobody can run the terms: they begin with STOP, whatever follows.
    function testFuzz_codeDoesNothingWhenCalled(Agreement memory a, bytes calldata data) external {
        a.schedule = _rows(7, 3);
        (address pointer, , , ) = this.roundTrip(a, 2);
        (bool success, bytes memory answer) = pointer.call(data);
        assert(success && answer.length == 0);
    }

    /// External, because agreements are written from calldata. The two hashes are of memory that neither writing nor
    /// reading may touch: one array from before, one from in between.
    function roundTrip(
        Agreement calldata a,
        uint8 exponent
    ) external returns (address pointer, Terms memory terms, bytes32 before, bytes32 afterwards) {
        bytes memory witness = abi.encode(a);
        pointer = TermsCode.write(a, exponent);
        bytes memory second = abi.encode(a, pointer);
        before = keccak256(abi.encode(keccak256(abi.encode(a)), keccak256(abi.encode(a, pointer))));
        terms = TermsCode.read(pointer);
        afterwards = keccak256(abi.encode(keccak256(witness), keccak256(second)));
    }

    function _checkParties(Agreement memory a, Terms memory terms, uint8 exponent) private pure {
        assert(terms.borrower == a.borrower);
        assert(terms.lender == a.lender);
        assert(terms.currency == a.currency);
        assert(terms.payee == a.payee);
        assert(terms.unit == 10 ** uint256(exponent));
        assert(terms.principal == a.principal);
        assert(terms.upfrontFee == a.upfrontFee);
        assert(terms.disburseFromDay == a.disburseFromDay);
        assert(terms.disburseUntilDay == a.disburseUntilDay);
    }

    function _checkRules(Agreement memory a, Terms memory terms) private pure {
        assert(terms.penaltyRateBps == a.penaltyRateBps);
        assert(terms.penaltyGraceDays == a.penaltyGraceDays);
        assert(terms.penaltyCap == a.penaltyCap);
        assert(terms.waterfall == a.waterfall);
        assert(terms.earlySettlement == a.earlySettlement);
        assert(terms.reversalDays == a.reversalDays);
        assert(terms.coolingOffDays == a.coolingOffDays);
        assert(terms.utcOffset == a.utcOffset);
        assert(terms.count == a.count);
    }

    function _bytesOfLargest(Instalment[] memory rows) private pure returns (uint256 size) {
        size = 1;
        for (uint256 i = 0; i < rows.length; ++i) {
            uint64[3] memory amounts = [rows[i].principal, rows[i].interest, rows[i].fee];
            for (uint256 k = 0; k < 3; ++k) while (amounts[k] >= 256 ** size) ++size;
        }
    }

    /// Days of three bytes, and amounts of as many bytes as the seed says.
    function _rows(uint256 seed, uint256 count) private pure returns (Instalment[] memory rows) {
        rows = new Instalment[](count);
        uint256 cut = 8 * (seed % 8);
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            rows[i] = Instalment({
                day: uint24(word),
                principal: uint64(word >> 32) >> cut,
                interest: uint64(word >> 96) >> cut,
                fee: uint64(word >> 160) >> cut
            });
        }
    }
}
