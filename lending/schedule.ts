import { LendingError } from "./errors.ts";
import { MAX_MINOR } from "./limits.ts";
import { assertMinor, type Minor, minor } from "./money.ts";
import { planOf } from "./schedule/plan.ts";
import { assertTerms, type ScheduleTerms } from "./schedule/terms.ts";

export type { ScheduleTerms } from "./schedule/terms.ts";

/** One instalment; `outstanding` is the principal still owed after it. Amounts are minor units. */
export interface ScheduleRow {
  nr: number;
  day: number;
  principal: Minor;
  interest: Minor;
  fee: Minor;
  outstanding: Minor;
}

/** Sums over all rows; `total` = principal + interest + fee. */
export interface ScheduleTotals {
  principal: Minor;
  interest: Minor;
  fee: Minor;
  total: Minor;
}

/**
 * The instalments that an agreement carries, each with a fixed `fee` on top.
 * @throws LendingError naming the field: `out_of_range` beyond a limit, `unsupported` for combinations without a meaning,
 * `impossible` where a row would be empty or negative.
 */
export function computeSchedule(terms: ScheduleTerms, fee: Minor = minor(0n)): ScheduleRow[] {
  assertTerms(terms);
  assertMinor(fee, "instalmentFee");
  let outstanding: bigint = terms.principal;
  const rows = planOf(terms).map(({ due, principal, interest }, index): ScheduleRow => {
    outstanding -= principal;
    const amounts = { principal: minor(principal), interest: minor(interest), fee };
    return { nr: index + 1, day: due, ...amounts, outstanding: minor(outstanding) };
  });
  if (scheduleTotals(rows).total <= MAX_MINOR) return rows;
  throw new LendingError(
    "out_of_range",
    "principal",
    `with interest and fees it exceeds ${MAX_MINOR} minor units`,
  );
}

/** Sums the columns of a schedule. */
export function scheduleTotals(rows: readonly ScheduleRow[]): ScheduleTotals {
  const sum = (pick: (row: ScheduleRow) => bigint) => rows.reduce((total, row) => total + pick(row), 0n);
  const [principal, interest, fee] = [sum((r) => r.principal), sum((r) => r.interest), sum((r) => r.fee)];
  const total = minor(principal + interest + fee);
  return { principal: minor(principal), interest: minor(interest), fee: minor(fee), total };
}
