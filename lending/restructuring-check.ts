import { payoff } from "./allocation.ts";
import { LendingError } from "./errors.ts";
import {
  checkAmount,
  checkBytes32,
  checkExpiry,
  checkPenaltyCap,
  checkRows,
  checkTotals,
} from "./member-check.ts";
import type { Restructuring } from "./restructuring.ts";
import {
  type Components,
  type EnforcedTerms,
  openStanding,
  outstandingPrincipal,
  type Standing,
} from "./standing.ts";

/** A restructured loan: what is enforced from now on, where it stands, and what was given up, in minor units. */
export interface Restructured {
  terms: EnforcedTerms;
  standing: Standing;
  forgiven: bigint;
}

const COMPONENT_NAMES = ["penalty", "fee", "interest", "principal"] as const;

/**
 * Applies the rules that `LoanBook.restructure` will apply on `day`, so that nobody is asked to sign what the contract
 * refuses. Consents, the loan's state and the time of day are the contract's alone.
 * @throws LendingError naming the member.
 */
export function checkRestructuring(
  terms: EnforcedTerms,
  standing: Standing,
  restructuring: Restructuring,
  day: number,
): void {
  if (standing.closed) throw new LendingError("impossible", "standing.closed", "the loan is closed");
  const { paid, capitalised } = restructuring;
  assertPresent("version", restructuring.version, standing.version + 1);
  assertPresent("payments", restructuring.payments, standing.payments);
  for (const name of COMPONENT_NAMES) assertPresent(`paid.${name}`, paid[name], standing.paid[name]);
  checkAmount("capitalised", capitalised);
  const unpaid = chargesOf(payoff(terms, standing, day));
  if (capitalised > unpaid) {
    const problem = `must be at most ${unpaid}, the unpaid interest, fees and penalty`;
    throw new LendingError("out_of_range", "capitalised", problem);
  }
  checkExpiry(restructuring.expiry);
  checkBytes32("documentHash", restructuring.documentHash);
  checkRows(restructuring.schedule, day, "the day of the restructuring");
  checkTotals(restructuring);
  assertPresent("principal", restructuring.principal, outstandingPrincipal(terms, standing) + capitalised);
  checkPenaltyCap(penaltyLeft(terms, standing, capitalised, day), restructuring.totalRepayable);
}

/** Of the cap for the loan's life: penalty that becomes principal is used up like penalty that was paid. */
function penaltyLeft(terms: EnforcedTerms, standing: Standing, capitalised: bigint, day: number): bigint {
  const { penalty } = payoff(terms, standing, day);
  const asPrincipal = penalty < capitalised ? penalty : capitalised;
  return terms.penaltyCap - standing.paid.penalty - asPrincipal;
}

/**
 * Replaces the table on `day`: what was paid counts from 0 again, the penalty cap is what earlier versions have left of
 * it, and the lateness stays until it is cured. Mirrors `LoanBook.restructure`.
 * @throws LendingError as `checkRestructuring`.
 */
export function restructure(
  terms: EnforcedTerms,
  standing: Standing,
  restructuring: Restructuring,
  day: number,
): Restructured {
  checkRestructuring(terms, standing, restructuring, day);
  const { version, schedule, capitalised } = restructuring;
  const { waivedInterest, payments } = standing;
  return {
    terms: { ...terms, schedule, penaltyCap: penaltyLeft(terms, standing, capitalised, day) },
    standing: {
      ...openStanding(day),
      version,
      waivedInterest,
      payments,
      arrearsDay: arrearsDayOn(terms, standing, day),
    },
    forgiven: chargesOf(payoff(terms, standing, day)) - capitalised,
  };
}

/** The lateness that goes on: an earlier one that is not cured, or that of the oldest unpaid instalment; 0 for none. */
function arrearsDayOn(terms: EnforcedTerms, standing: Standing, day: number): number {
  if (standing.arrearsDay !== 0) return standing.arrearsDay;
  const dueDay = terms.schedule[standing.nextInstalment]?.day ?? day;
  return dueDay < day ? dueDay : 0;
}

function chargesOf({ penalty, fee, interest }: Components): bigint {
  return penalty + fee + interest;
}

function assertPresent(path: string, signed: number | bigint, present: number | bigint): void {
  if (signed === present) return;
  throw new LendingError("mismatch", path, `is ${signed}, but the loan stands at ${present}`);
}
