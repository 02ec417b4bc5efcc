import { type Hex, hashTypedData } from "viem";
import {
  type AgreementDomain,
  agreementTypes,
  type Instalment,
  type SignedTotals,
  signedTotals,
} from "./agreement.ts";
import type { Components } from "./standing.ts";

/**
 * What both parties sign to replace a loan's table by a new one, member by member as in
 * `contracts/interfaces/ILoanBook.sol`. It binds the payments so far: any later one voids it. Amounts are minor units.
 */
export interface Restructuring extends SignedTotals {
  loanId: Hex;
  /** The version it makes: 2 for the first restructuring. */
  version: number;
  payments: number;
  /** Paid under the present version. */
  paid: Components;
  /** What of the unpaid interest, fees and penalty becomes principal; the rest of them is forgiven. */
  capitalised: bigint;
  documentHash: Hex;
  expiry: bigint;
  schedule: readonly Instalment[];
}

/** EIP-712 types of what is signed; order and types of `ILoanBook.sol`. */
export const restructuringTypes = {
  RestructuringConsent: [
    { name: "role", type: "uint8" },
    { name: "restructuring", type: "Restructuring" },
  ],
  Restructuring: [
    { name: "loanId", type: "bytes32" },
    { name: "version", type: "uint16" },
    { name: "payments", type: "uint32" },
    { name: "paid", type: "Components" },
    { name: "capitalised", type: "uint64" },
    { name: "principal", type: "uint64" },
    { name: "totalRepayable", type: "uint64" },
    { name: "firstDay", type: "uint32" },
    { name: "lastDay", type: "uint32" },
    { name: "count", type: "uint16" },
    { name: "documentHash", type: "bytes32" },
    { name: "expiry", type: "uint64" },
    { name: "schedule", type: "Instalment[]" },
  ],
  Components: [
    { name: "penalty", type: "uint64" },
    { name: "fee", type: "uint64" },
    { name: "interest", type: "uint64" },
    { name: "principal", type: "uint64" },
  ],
  Instalment: agreementTypes.Instalment,
} as const;

/** Who consents: the borrower of now, and the owner of the note. */
export type RestructuringRole = "borrower" | "owner";

const ROLE_IDS: Record<RestructuringRole, 1 | 2> = { borrower: 1, owner: 2 };

/** What a party signs, ready for viem's `signTypedData` (add `account`). */
export function restructuringTypedData(
  domain: AgreementDomain,
  role: RestructuringRole,
  restructuring: Restructuring,
) {
  const message = { role: ROLE_IDS[role], restructuring };
  return { domain, types: restructuringTypes, primaryType: "RestructuringConsent", message } as const;
}

/** The digest that a party signs. Equals `LoanBook.restructuringDigest`. */
export function restructuringDigest(
  domain: AgreementDomain,
  role: RestructuringRole,
  restructuring: Restructuring,
): Hex {
  return hashTypedData(restructuringTypedData(domain, role, restructuring));
}

/** Adds the signed totals to a restructuring's other members. Does not check them: see `checkRestructuring`. */
export function buildRestructuring(members: Omit<Restructuring, keyof SignedTotals>): Restructuring {
  return { ...members, ...signedTotals(members.schedule) };
}
