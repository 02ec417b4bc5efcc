// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement} from "../interfaces/ILoanBook.sol";
import {AgreementCheck} from "./AgreementCheck.sol";
import {AgreementHash} from "./AgreementHash.sol";
import {TermsCode} from "./TermsCode.sol";

/// @title The part of LoanBook that looks at a whole agreement
/// @dev Deployed on its own and linked, because LoanBook with it would pass the limit on code size. It has no state and
/// runs in LoanBook's context, so what `prepare` creates is LoanBook's.
library Origination {
    /// @notice Checks the agreement, hashes it, and writes its terms and schedule as contract code.
    /// @param decimals Decimals of the currency.
    /// @return agreementHash EIP-712 struct hash.
    /// @return terms Where `TermsCode.read` finds the terms.
    function prepare(
        Agreement calldata agreement,
        uint8 decimals
    ) external returns (bytes32 agreementHash, address terms) {
        uint8 unitExponent = AgreementCheck.check(agreement, decimals);
        agreementHash = AgreementHash.hash(agreement);
        terms = TermsCode.write(agreement, unitExponent);
    }

    /// @notice The EIP-712 struct hash alone.
    function hash(Agreement calldata agreement) external pure returns (bytes32 agreementHash) {
        return AgreementHash.hash(agreement);
    }
}
