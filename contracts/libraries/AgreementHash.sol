// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, Components, Instalment, Restructuring} from "../interfaces/ILoanBook.sol";

/// @title EIP-712 struct hashes of what the parties sign
/// @dev The members stand in the order of the Solidity structs. Encoding is done in thirds: one `abi.encode` of all
/// members does not fit the EVM stack.
library AgreementHash {
    /// The role stands inside what is signed, so one ERC-1271 answer never counts for both sides.
    uint8 internal constant ROLE_BORROWER = 1;
    uint8 internal constant ROLE_LENDER = 2;

    bytes32 internal constant INSTALMENT_TYPEHASH = keccak256(
        "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)"
    );

    bytes32 internal constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(address borrower,address lender,address currency,uint256 unit,address payee,"
        "uint32 disburseFromDay,uint32 disburseUntilDay,uint64 principal,uint64 totalRepayable,uint32 firstDay,"
        "uint32 lastDay,uint16 count,uint64 upfrontFee,uint32 penaltyRateBps,uint16 penaltyGraceDays,"
        "uint64 penaltyCap,bytes4 waterfall,uint8 earlySettlement,uint16 reversalDays,uint16 coolingOffDays,int32 utcOffset,"
        "bytes32 documentHash,string language,bytes32 salt,uint64 expiry,Instalment[] schedule)"
        "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)"
    );

    bytes32 internal constant CONSENT_TYPEHASH = keccak256(
        "Consent(uint8 role,Agreement agreement)"
        "Agreement(address borrower,address lender,address currency,uint256 unit,address payee,"
        "uint32 disburseFromDay,uint32 disburseUntilDay,uint64 principal,uint64 totalRepayable,uint32 firstDay,"
        "uint32 lastDay,uint16 count,uint64 upfrontFee,uint32 penaltyRateBps,uint16 penaltyGraceDays,"
        "uint64 penaltyCap,bytes4 waterfall,uint8 earlySettlement,uint16 reversalDays,uint16 coolingOffDays,int32 utcOffset,"
        "bytes32 documentHash,string language,bytes32 salt,uint64 expiry,Instalment[] schedule)"
        "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)"
    );

    bytes32 internal constant RECEIPT_TYPEHASH = keccak256("Receipt(bytes32 loanId,uint64 amount)");

    bytes32 internal constant COMPONENTS_TYPEHASH = keccak256(
        "Components(uint64 penalty,uint64 fee,uint64 interest,uint64 principal)"
    );

    bytes32 internal constant RESTRUCTURING_TYPEHASH = keccak256(
        "Restructuring(bytes32 loanId,uint16 version,uint32 payments,Components paid,uint64 capitalised,"
        "uint64 principal,uint64 totalRepayable,uint32 firstDay,uint32 lastDay,uint16 count,bytes32 documentHash,"
        "uint64 expiry,Instalment[] schedule)"
        "Components(uint64 penalty,uint64 fee,uint64 interest,uint64 principal)"
        "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)"
    );

    bytes32 internal constant RESTRUCTURING_CONSENT_TYPEHASH = keccak256(
        "RestructuringConsent(uint8 role,Restructuring restructuring)"
        "Components(uint64 penalty,uint64 fee,uint64 interest,uint64 principal)"
        "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)"
        "Restructuring(bytes32 loanId,uint16 version,uint32 payments,Components paid,uint64 capitalised,"
        "uint64 principal,uint64 totalRepayable,uint32 firstDay,uint32 lastDay,uint16 count,bytes32 documentHash,"
        "uint64 expiry,Instalment[] schedule)"
    );

    function hash(Agreement memory a) internal pure returns (bytes32) {
        bytes memory parties = abi.encode(
            AGREEMENT_TYPEHASH,
            a.borrower,
            a.lender,
            a.currency,
            a.unit,
            a.payee,
            a.disburseFromDay,
            a.disburseUntilDay
        );
        bytes memory totals = abi.encode(
            a.principal,
            a.totalRepayable,
            a.firstDay,
            a.lastDay,
            a.count,
            a.upfrontFee,
            a.penaltyRateBps,
            a.penaltyGraceDays,
            a.penaltyCap
        );
        bytes memory rules = abi.encode(
            a.waterfall,
            a.earlySettlement,
            a.reversalDays,
            a.coolingOffDays,
            a.utcOffset,
            a.documentHash,
            keccak256(bytes(a.language)),
            a.salt,
            a.expiry,
            hash(a.schedule)
        );
        return keccak256(bytes.concat(parties, totals, rules));
    }

    /// @dev A row in memory is what EIP-712 hashes, but for the type that stands before it.
    function hash(Instalment[] memory schedule) internal pure returns (bytes32) {
        bytes32[] memory rows = new bytes32[](schedule.length);
        bytes32 typehash = INSTALMENT_TYPEHASH;
        for (uint256 i = 0; i < schedule.length; ++i) {
            Instalment memory row = schedule[i];
            bytes32 rowHash;
            assembly ("memory-safe") {
                // Beyond the end of what is allocated, where nothing stays.
                let at := mload(0x40)
                mstore(at, typehash)
                mcopy(add(at, 32), row, 128)
                rowHash := keccak256(at, 160)
            }
            rows[i] = rowHash;
        }
        return keccak256(abi.encodePacked(rows));
    }

    function hashConsent(uint8 role, bytes32 agreementHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSENT_TYPEHASH, role, agreementHash));
    }

    function hashReceipt(bytes32 loanId, uint64 amount) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, loanId, amount));
    }

    function hash(Components memory c) internal pure returns (bytes32) {
        return keccak256(abi.encode(COMPONENTS_TYPEHASH, c.penalty, c.fee, c.interest, c.principal));
    }

    function hash(Restructuring memory r) internal pure returns (bytes32) {
        bytes memory standing = abi.encode(
            RESTRUCTURING_TYPEHASH,
            r.loanId,
            r.version,
            r.payments,
            hash(r.paid),
            r.capitalised,
            r.principal
        );
        bytes memory table = abi.encode(
            r.totalRepayable,
            r.firstDay,
            r.lastDay,
            r.count,
            r.documentHash,
            r.expiry,
            hash(r.schedule)
        );
        return keccak256(bytes.concat(standing, table));
    }

    function hashRestructuringConsent(uint8 role, bytes32 restructuringHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(RESTRUCTURING_CONSENT_TYPEHASH, role, restructuringHash));
    }
}
