import type { Address, Hex } from "viem";
import { type Agreement, buildAgreement } from "./agreement.ts";
import { checkAgreement } from "./agreement-check.ts";
import { parseDate } from "./calendar.ts";
import { documentHash } from "./canonical.ts";
import { LendingError } from "./errors.ts";
import {
  canonicalTerms,
  instalmentsOf,
  type LoanTerms,
  readCanonicalTerms,
  scheduleMatchesTerms,
} from "./terms.ts";

/** What turns terms into an offer between two parties. Days and units as in `Agreement`. */
export interface OfferInput {
  terms: LoanTerms;
  borrower: Address;
  lender: Address;
  currency: Address;
  unit: bigint;
  /** Who receives the principal: a desk that pays out by hand; the borrower if left out. */
  payee?: Address;
  /** First and last day for the disbursement; the terms' disbursement date if left out. */
  disburseFromDay?: number;
  disburseUntilDay?: number;
  utcOffset: number;
  salt: Hex;
  expiry: bigint;
}

const COMPONENT_BYTES = { penalty: "00", fee: "01", interest: "02", principal: "03" } as const;

/** The members of an agreement that the terms document states. */
type TermsMembers = Pick<
  Agreement,
  | "upfrontFee"
  | "penaltyRateBps"
  | "penaltyGraceDays"
  | "penaltyCap"
  | "waterfall"
  | "earlySettlement"
  | "reversalDays"
  | "coolingOffDays"
  | "documentHash"
  | "language"
>;

/**
 * The agreement that two parties sign for `terms`.
 * @throws LendingError if the rows do not follow from the terms or the contract would refuse the agreement.
 */
export function agreementFromTerms(input: OfferInput): Agreement {
  const { terms, borrower, lender, currency, unit, utcOffset, salt, expiry } = input;
  const disbursementDay = parseDate(terms.disbursement_date, "disbursement_date");
  const agreement = buildAgreement({
    ...{ borrower, lender, currency, unit, payee: input.payee ?? borrower, utcOffset, salt, expiry },
    disburseFromDay: input.disburseFromDay ?? disbursementDay,
    disburseUntilDay: input.disburseUntilDay ?? disbursementDay,
    ...termsMembers(terms),
    schedule: instalmentsOf(terms),
  });
  checkAgreement(agreement);
  checkTermsDocument(agreement, canonicalTerms(terms));
  return agreement;
}

/**
 * Checks that `canonical` is the document that `agreement` names, and that everything it states is what the agreement
 * enforces: rows that follow from the stated terms, the same rows signed, the same rules.
 * @returns The terms. @throws LendingError naming the first member of the agreement that differs.
 */
export function checkTermsDocument(agreement: Agreement, canonical: string): LoanTerms {
  if (documentHash(canonical) !== agreement.documentHash.toLowerCase()) {
    throw new LendingError("mismatch", "documentHash", "is not the hash of this document");
  }
  const terms = readCanonicalTerms(canonical);
  if (!scheduleMatchesTerms(terms)) {
    throw new LendingError("mismatch", "terms.schedule", "does not follow from the stated terms");
  }
  if (!scheduleMatchesTerms(terms, agreement.schedule)) {
    throw new LendingError("mismatch", "schedule", "is not the schedule of the terms document");
  }
  for (const [member, stated] of Object.entries(termsMembers(terms))) {
    const signed = agreement[member as keyof TermsMembers];
    if (signed === stated) continue;
    throw new LendingError("mismatch", member, `is ${signed}, but the terms document states ${stated}`);
  }
  const disbursementDay = parseDate(terms.disbursement_date, "disbursement_date");
  if (agreement.disburseFromDay > disbursementDay || disbursementDay > agreement.disburseUntilDay) {
    throw new LendingError(
      "mismatch",
      "disburseFromDay",
      "the window must hold the terms' disbursement date",
    );
  }
  return terms;
}

function termsMembers(terms: LoanTerms): TermsMembers {
  return {
    upfrontFee: BigInt(terms.upfront_fee),
    penaltyRateBps: terms.penalty.rate_bps,
    penaltyGraceDays: terms.penalty.grace_days,
    penaltyCap: BigInt(terms.penalty.cap),
    waterfall: `0x${terms.waterfall.map((name) => COMPONENT_BYTES[name]).join("")}`,
    earlySettlement: terms.early_settlement === "full" ? 0 : 1,
    reversalDays: terms.reversal_days,
    coolingOffDays: terms.cooling_off_days ?? 0,
    documentHash: documentHash(canonicalTerms(terms)),
    language: terms.language,
  };
}
