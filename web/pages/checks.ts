import { type Agreement, agreementDomain, loanIdOf, signedTotals } from "../../lending/agreement.ts";
import { parseDate } from "../../lending/calendar.ts";
import { LendingError } from "../../lending/errors.ts";
import { checkTermsDocument } from "../../lending/offer.ts";
import type { Loan } from "./api.ts";

/** `unknown`: what it would be checked against is not there. */
export type Verdict = "holds" | "fails" | "unknown";

export interface Checks {
  /** The loan's id is the EIP-712 hash of exactly the terms and rows that the page shows. */
  readonly id: Verdict;
  /** The schedule adds up to the totals that were signed beside it. */
  readonly totals: Verdict;
  /** The terms document has the signed hash, and states what the agreement enforces. */
  readonly document: Verdict;
}

const componentBytes = { penalty: "00", fee: "01", interest: "02", principal: "03" } as const;

/** The agreement that a page shows, put together again as it was signed. */
function agreementOf(loan: Loan): Agreement {
  const { terms } = loan;
  const day = (date: string) => parseDate(date, "date");
  // A restructured loan keeps its id: what was signed first stands in the table that was replaced first.
  const rows = loan.restructurings[0]?.superseded ?? loan.schedule;
  return {
    borrower: terms.borrower,
    lender: loan.lender,
    currency: loan.currency.address,
    unit: loan.currency.unit,
    payee: terms.payee,
    disburseFromDay: day(terms.disburse_from_date),
    disburseUntilDay: day(terms.disburse_until_date),
    principal: terms.principal,
    totalRepayable: terms.total_repayable,
    firstDay: day(terms.first_due_date),
    lastDay: day(terms.last_due_date),
    count: terms.instalment_count,
    upfrontFee: terms.upfront_fee,
    penaltyRateBps: terms.penalty.rate_bps,
    penaltyGraceDays: terms.penalty.grace_days,
    penaltyCap: terms.penalty.cap,
    waterfall: `0x${terms.waterfall.map((name) => componentBytes[name]).join("")}`,
    earlySettlement: terms.early_settlement === "full" ? 0 : 1,
    reversalDays: terms.reversal_days,
    coolingOffDays: terms.cooling_off_days,
    utcOffset: terms.utc_offset_s,
    documentHash: terms.document_hash,
    language: terms.language,
    salt: terms.salt,
    expiry: terms.expiry_s,
    schedule: rows.map((row) => ({
      day: day(row.due_date),
      principal: row.principal,
      interest: row.interest,
      fee: row.fee,
    })),
  };
}

function holds(condition: boolean): Verdict {
  return condition ? "holds" : "fails";
}

function checkDocument(agreement: Agreement, canonical: string | undefined): Verdict {
  if (canonical === undefined) return "unknown";
  try {
    checkTermsDocument(agreement, canonical);
    return "holds";
  } catch (error) {
    if (error instanceof LendingError) return "fails";
    throw error;
  }
}

/** Recomputes what can be recomputed from the answer alone, so that the page does not merely repeat the server. */
export function checkLoan(loan: Loan): Checks {
  const agreement = agreementOf(loan);
  const domain = agreementDomain(loan.chain.chain_id, loan.chain.loan_book);
  const totals = Object.entries(signedTotals(agreement.schedule));
  return {
    id: holds(loanIdOf(domain, agreement).toLowerCase() === loan.id.toLowerCase()),
    totals: holds(totals.every(([member, value]) => agreement[member as keyof Agreement] === value)),
    document: checkDocument(agreement, loan.terms_document?.canonical),
  };
}
