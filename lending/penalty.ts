import { type EnforcedTerms, type Standing, sumOf, unpaidOf } from "./standing.ts";

/** Basis points of a year of 365 days: what a penalty numerator is divided by. */
export const PENALTY_SCALE = 3_650_000n;

/**
 * The penalty numerator at the end of `day`: minor units * basis points * days. Each overdue instalment adds its unpaid
 * amount for each day after its due day plus grace:
 *
 *     due day    + grace           day
 *        |----------|-- accrues ----|
 *
 * It is a sum without division, so it does not depend on how often it is asked. Mirrors `Waterfall.penaltyNumeratorAt`.
 */
export function penaltyNumeratorAt(terms: EnforcedTerms, standing: Standing, day: number): bigint {
  let numerator = standing.penaltyNumerator;
  for (let index = standing.nextInstalment; index < terms.schedule.length; index++) {
    const row = unpaidOf(terms, standing, index);
    const graceEnd = row.day + terms.penaltyGraceDays;
    if (graceEnd >= day) break;
    const from = Math.max(graceEnd, standing.penaltyDay);
    if (from < day) numerator += sumOf(row.owed) * BigInt(terms.penaltyRateBps) * BigInt(day - from);
  }
  return numerator;
}

/** The unpaid penalty in minor units for a numerator: rounded down, capped over the loan's life. */
export function penaltyDue(terms: EnforcedTerms, standing: Standing, numerator: bigint): bigint {
  const accrued = numerator / PENALTY_SCALE;
  return (accrued < terms.penaltyCap ? accrued : terms.penaltyCap) - standing.paid.penalty;
}

/** The unpaid penalty at the end of `day`, in minor units; 0 for a closed loan. */
export function penaltyAccrued(terms: EnforcedTerms, standing: Standing, day: number): bigint {
  return standing.closed ? 0n : penaltyDue(terms, standing, penaltyNumeratorAt(terms, standing, day));
}
