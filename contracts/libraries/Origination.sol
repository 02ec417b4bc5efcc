// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {Agreement, ILoanBook, LoanState} from "../interfaces/ILoanBook.sol";
import {AgreementCheck} from "./AgreementCheck.sol";
import {AgreementHash} from "./AgreementHash.sol";
import {DayCount} from "./DayCount.sol";
import {Currency, Loan, LoanRecords} from "./LoanStorage.sol";
import {TermsCode} from "./TermsCode.sol";

/// @dev What each consent is checked against.
struct Consents {
    bytes32 loanId;
    bytes32 agreementHash;
    bytes32 domainSeparator;
}

/// @title The part of LoanBook that looks at a whole agreement
/// @dev Deployed on its own and linked, because LoanBook with it would pass the limit on code size. It runs in LoanBook's
/// context, on LoanBook's storage.
library Origination {
    /// @notice Checks the agreement and both consents and writes the loan down. The note and the money are LoanBook's.
    /// @param encoded The agreement as it came, first of the arguments: LoanBook need not decode and encode it once more.
    /// @return loanId See `ILoanBook.loanIdOf`.
    /// @return day Today, the day on which the loan is funded.
    function originate(
        LoanRecords storage records,
        bytes calldata encoded,
        bytes calldata borrowerSignature,
        bytes calldata lenderSignature,
        bytes32 domainSeparator
    ) external returns (bytes32 loanId, uint32 day) {
        Agreement memory agreement = abi.decode(encoded, (Agreement));
        Currency memory currency = records.currencies[agreement.currency];
        if (!currency.allowed) revert ILoanBook.LoanBookCurrencyNotAllowed(agreement.currency);
        day = _checkTime(agreement);
        uint8 unitExponent = AgreementCheck.check(agreement, currency.decimals);
        Consents memory consents;
        consents.domainSeparator = domainSeparator;
        consents.agreementHash = AgreementHash.hash(agreement);
        loanId = consents.loanId = MessageHashUtils.toTypedDataHash(domainSeparator, consents.agreementHash);
        if (records.loans[loanId].state != LoanState.None) revert ILoanBook.LoanBookAlreadyOriginated(loanId);
        _checkConsent(records, consents, agreement.borrower, AgreementHash.ROLE_BORROWER, borrowerSignature);
        _checkConsent(records, consents, agreement.lender, AgreementHash.ROLE_LENDER, lenderSignature);
        Loan storage loan = records.loans[loanId];
        loan.isPoolLoan = records.pools[agreement.lender];
        _write(loan, loanId, agreement, day, unitExponent);
    }

    /// @notice The EIP-712 struct hash alone.
    function hash(Agreement memory agreement) external pure returns (bytes32 agreementHash) {
        return AgreementHash.hash(agreement);
    }

    function _checkTime(Agreement memory agreement) private view returns (uint32 day) {
        if (block.timestamp > agreement.expiry) revert ILoanBook.LoanBookExpired(agreement.expiry, block.timestamp);
        day = DayCount.dayOf(block.timestamp, agreement.utcOffset);
        if (day < agreement.disburseFromDay || day > agreement.disburseUntilDay) {
            revert ILoanBook.LoanBookOutsideDisbursementWindow(
                day,
                agreement.disburseFromDay,
                agreement.disburseUntilDay
            );
        }
    }

    /// @dev A lender that calls consents by calling. The borrower always signs: it is what anybody can check later.
    function _checkConsent(
        LoanRecords storage records,
        Consents memory consents,
        address party,
        uint8 role,
        bytes calldata signature
    ) private view {
        if (records.withdrawnConsents[consents.loanId][party]) {
            revert ILoanBook.LoanBookConsentWithdrawn(party, consents.loanId);
        }
        if (role == AgreementHash.ROLE_LENDER && msg.sender == party) return;
        bytes32 structHash = AgreementHash.hashConsent(role, consents.agreementHash);
        bytes32 digest = MessageHashUtils.toTypedDataHash(consents.domainSeparator, structHash);
        if (!SignatureChecker.isValidSignatureNowCalldata(party, digest, signature)) {
            revert ILoanBook.LoanBookConsentMissing(party, role);
        }
    }

    /// @dev A payee that is not the borrower pays out by hand: the principal then waits in LoanBook for her receipt.
    function _write(
        Loan storage loan,
        bytes32 loanId,
        Agreement memory agreement,
        uint32 day,
        uint8 unitExponent
    ) private {
        bool isDirect = agreement.payee == agreement.borrower;
        loan.terms = TermsCode.write(agreement, unitExponent);
        loan.state = isDirect ? LoanState.Active : LoanState.Funded;
        // A day number: the cast keeps it.
        if (isDirect) loan.startDay = uint24(day);
        emit ILoanBook.LoanOriginated(loanId, agreement.borrower, agreement.lender, agreement);
    }
}
