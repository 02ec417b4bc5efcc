import { type Hex, hashTypedData } from "viem";
import type { Agreement, AgreementDomain } from "./agreement.ts";

/** EIP-712 type of the borrower's receipt; order and types of `ILoanBook.sol`. */
export const receiptTypes = {
  Receipt: [
    { name: "loanId", type: "bytes32" },
    { name: "amount", type: "uint64" },
  ],
} as const;

/** What reaches the borrower of a loan, in minor units: the principal without the upfront fee. */
export function amountPaidOut({
  principal,
  upfrontFee,
}: Pick<Agreement, "principal" | "upfrontFee">): bigint {
  return principal - upfrontFee;
}

/**
 * With this the borrower of a *Funded* loan confirms that she holds the money, ready for viem's `signTypedData` (add
 * `account`). `amount` is `amountPaidOut` of the agreement.
 */
export function receiptTypedData(domain: AgreementDomain, loanId: Hex, amount: bigint) {
  return { domain, types: receiptTypes, primaryType: "Receipt", message: { loanId, amount } } as const;
}

/** The digest that the borrower signs. Equals `LoanBook.receiptDigest`. */
export function receiptDigest(domain: AgreementDomain, loanId: Hex, amount: bigint): Hex {
  return hashTypedData(receiptTypedData(domain, loanId, amount));
}
