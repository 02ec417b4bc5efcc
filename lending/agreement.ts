import { type Address, type Hex, hashTypedData } from "viem";

/** One row of the schedule that the borrower signs. Amounts are minor units; `day` is a day number in `utcOffset`. */
export interface Instalment {
  day: number;
  principal: bigint;
  interest: bigint;
  fee: bigint;
}

/**
 * The whole promise, member by member as in `contracts/interfaces/ILoanBook.sol`, which explains each one.
 * Amounts are minor units (`bigint`), days are day numbers in `utcOffset` (seconds east of Greenwich), rates are basis
 * points a year, `unit` is base units per minor unit, `expiry` a unix second.
 */
export interface Agreement {
  borrower: Address;
  lender: Address;
  currency: Address;
  unit: bigint;
  payee: Address;
  disburseFromDay: number;
  disburseUntilDay: number;
  principal: bigint;
  totalRepayable: bigint;
  firstDay: number;
  lastDay: number;
  count: number;
  upfrontFee: bigint;
  penaltyRateBps: number;
  penaltyGraceDays: number;
  penaltyCap: bigint;
  waterfall: Hex;
  earlySettlement: number;
  reversalDays: number;
  coolingOffDays: number;
  utcOffset: number;
  documentHash: Hex;
  language: string;
  salt: Hex;
  expiry: bigint;
  schedule: readonly Instalment[];
}

/** The members that follow from the rows: what a small screen shows and the contract checks against them. */
export type SignedTotals = Pick<Agreement, "principal" | "totalRepayable" | "firstDay" | "lastDay" | "count">;

/** EIP-712 types of what is hashed and signed; order and types of `ILoanBook.sol`. */
export const agreementTypes = {
  Consent: [
    { name: "role", type: "uint8" },
    { name: "agreement", type: "Agreement" },
  ],
  Agreement: [
    { name: "borrower", type: "address" },
    { name: "lender", type: "address" },
    { name: "currency", type: "address" },
    { name: "unit", type: "uint256" },
    { name: "payee", type: "address" },
    { name: "disburseFromDay", type: "uint32" },
    { name: "disburseUntilDay", type: "uint32" },
    { name: "principal", type: "uint64" },
    { name: "totalRepayable", type: "uint64" },
    { name: "firstDay", type: "uint32" },
    { name: "lastDay", type: "uint32" },
    { name: "count", type: "uint16" },
    { name: "upfrontFee", type: "uint64" },
    { name: "penaltyRateBps", type: "uint32" },
    { name: "penaltyGraceDays", type: "uint16" },
    { name: "penaltyCap", type: "uint64" },
    { name: "waterfall", type: "bytes4" },
    { name: "earlySettlement", type: "uint8" },
    { name: "reversalDays", type: "uint16" },
    { name: "coolingOffDays", type: "uint16" },
    { name: "utcOffset", type: "int32" },
    { name: "documentHash", type: "bytes32" },
    { name: "language", type: "string" },
    { name: "salt", type: "bytes32" },
    { name: "expiry", type: "uint64" },
    { name: "schedule", type: "Instalment[]" },
  ],
  Instalment: [
    { name: "day", type: "uint32" },
    { name: "principal", type: "uint64" },
    { name: "interest", type: "uint64" },
    { name: "fee", type: "uint64" },
  ],
} as const;

/** Who consents: the role stands inside what is signed, so one signature never counts for both sides. */
export type ConsentRole = "borrower" | "lender";

const ROLE_IDS: Record<ConsentRole, 1 | 2> = { borrower: 1, lender: 2 };

/** The EIP-712 domain of a LoanBook. */
export interface AgreementDomain {
  name: string;
  version: string;
  chainId: number;
  verifyingContract: Address;
}

export function agreementDomain(chainId: number, verifyingContract: Address): AgreementDomain {
  return { name: "Ahadi LoanBook", version: "1", chainId, verifyingContract };
}

/** The loan's id: the EIP-712 digest of the agreement. Equals `LoanBook.loanIdOf`. */
export function loanIdOf(domain: AgreementDomain, agreement: Agreement): Hex {
  return hashTypedData({ domain, types: agreementTypes, primaryType: "Agreement", message: agreement });
}

/** What a party signs, ready for viem's `signTypedData` (add `account`). */
export function consentTypedData(domain: AgreementDomain, role: ConsentRole, agreement: Agreement) {
  const message = { role: ROLE_IDS[role], agreement };
  return { domain, types: agreementTypes, primaryType: "Consent", message } as const;
}

/** The digest that a party signs. Equals `LoanBook.consentDigest`. */
export function consentDigest(domain: AgreementDomain, role: ConsentRole, agreement: Agreement): Hex {
  return hashTypedData(consentTypedData(domain, role, agreement));
}

/** Adds the signed totals to an agreement's other members. Does not check them: see `checkAgreement`. */
export function buildAgreement(members: Omit<Agreement, keyof SignedTotals>): Agreement {
  return { ...members, ...signedTotals(members.schedule) };
}

/** The totals that are signed beside the rows; all 0 without rows. */
export function signedTotals(schedule: readonly Instalment[]): SignedTotals {
  let [principal, totalRepayable] = [0n, 0n];
  for (const row of schedule) {
    principal += row.principal;
    totalRepayable += row.principal + row.interest + row.fee;
  }
  const [firstDay, lastDay] = [schedule[0]?.day ?? 0, schedule.at(-1)?.day ?? 0];
  return { principal, totalRepayable, firstDay, lastDay, count: schedule.length };
}
