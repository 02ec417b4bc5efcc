import {
  due,
  type EnforcedTerms,
  type InstalmentAllocation,
  openStanding,
  payoff,
  repay,
  type Standing,
} from "../../../lending/allocation.ts";
import { LendingError } from "../../../lending/errors.ts";
import { log } from "../../../platform/log.ts";
import type { LoanRow } from "./rows.ts";

type Components = ReturnType<typeof due>;

/** What is owed on the day asked for, or why it cannot be said. */
export interface Owed {
  readonly due: Components;
  readonly payoff: Components;
}

function enforcedTerms(loan: LoanRow): EnforcedTerms {
  return {
    schedule: loan.schedule.map(({ day, principal, interest, fee }) => ({ day, principal, interest, fee })),
    penaltyRateBps: loan.penalty_rate_bps,
    penaltyGraceDays: loan.penalty_grace_days,
    penaltyCap: loan.penalty_cap,
    waterfall: loan.waterfall as `0x${string}`,
    earlySettlement: loan.early_settlement,
  };
}

function amountOf(payment: LoanRow["payment_rows"][number]): bigint {
  return payment.penalty + payment.fee + payment.interest + payment.principal;
}

function sameSplit(ours: readonly InstalmentAllocation[], theirs: LoanRow["allocations"]): boolean {
  return (
    ours.length === theirs.length &&
    ours.every((one, at) => {
      const other = theirs[at];
      return (
        other !== undefined &&
        one.index + 1 === other.instalment_nr &&
        one.penalty === other.penalty &&
        one.fee === other.fee &&
        one.interest === other.interest &&
        one.principal === other.principal &&
        one.waivedInterest === other.waived_interest
      );
    })
  );
}

/** Plays the mirrored payments through the loan's own arithmetic; undefined as soon as a split differs. */
function replay(loan: LoanRow, terms: EnforcedTerms, disbursedDay: number): Standing | undefined {
  let standing = openStanding(disbursedDay);
  for (const payment of loan.payment_rows) {
    const outcome = repay(terms, standing, amountOf(payment), payment.day);
    const allocations = loan.allocations.filter(({ payment_nr }) => payment_nr === payment.nr);
    if (!sameSplit(outcome.perInstalment, allocations)) return undefined;
    standing = outcome.next;
  }
  return standing;
}

function agrees(standing: Standing, loan: LoanRow): boolean {
  const { paid } = standing;
  return (
    paid.penalty === loan.penalty_paid &&
    paid.fee === loan.fee_paid &&
    paid.interest === loan.interest_paid &&
    paid.principal === loan.principal_paid &&
    standing.waivedInterest === loan.waived_interest &&
    loan.principal - paid.principal === loan.outstanding_principal &&
    standing.closed === (loan.state === "closed") &&
    (standing.closed || standing.nextInstalment + 1 === loan.oldest_unpaid_nr)
  );
}

function recompute(loan: LoanRow, today: number): Owed | undefined {
  if (loan.disbursed_day === null) return undefined;
  const terms = enforcedTerms(loan);
  const standing = replay(loan, terms, loan.disbursed_day);
  if (standing === undefined || !agrees(standing, loan)) return undefined;
  return { due: due(terms, standing, today), payoff: payoff(terms, standing, today) };
}

/**
 * What is owed today. Penalty and payoff move with the clock, so they are not in the mirror: they are computed from
 * the terms and the payments, and only shown when the same computation also gives every figure that the mirror does
 * have. Otherwise one of the two is wrong, and no quote is better than a wrong one.
 */
export function owedOn(loan: LoanRow, today: number): Owed | undefined {
  try {
    const owed = recompute(loan, today);
    if (owed === undefined) log.error(`loan ${loan.loan_id}: replaying its payments contradicts the mirror`);
    return owed;
  } catch (error) {
    if (!(error instanceof LendingError)) throw error;
    log.error(`loan ${loan.loan_id}: its payments cannot be replayed: ${error.message}`);
    return undefined;
  }
}
