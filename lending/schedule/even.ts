import type { Day } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { roundMoney, roundToMultiple } from "../money.ts";
import type { ScheduleTerms } from "./terms.ts";

/** An instalment whose principal grows with each tranche. */
interface Growing {
  due: Day;
  owed: { principal: bigint };
}

/**
 * Divides a tranche without interest evenly over the instalments after it; the last takes what rounding left over.
 * Source: Fineract, handleDisbursementWithoutEMICalculator.
 * @throws LendingError `impossible` where that would leave the last one negative.
 */
export function spreadEvenly(terms: ScheduleTerms, rows: readonly Growing[], day: Day, amount: bigint): void {
  const later = rows.filter(({ due }) => due > day);
  const targets = later.length > 0 ? later : rows.slice(-1);
  const even = roundMoney(amount, BigInt(targets.length), terms.rounding);
  let left = amount;
  for (const { owed } of targets) {
    const before = owed.principal;
    owed.principal = roundToMultiple(before + even, 1n, terms.instalmentMultiple, terms.rounding);
    left -= owed.principal - before;
  }
  const last = targets.at(-1);
  if (last === undefined) return;
  last.owed.principal += left;
  if (last.owed.principal < 0n) throw emptyRow(terms, rows.length);
}

/** The instalments are too many, or their multiple too coarse, for the amount. */
export function emptyRow(terms: ScheduleTerms, nr: number): LendingError {
  const path = terms.instalmentMultiple > 1n ? "instalmentMultiple" : "numberOfInstalments";
  const problem = `leaves instalment ${nr} empty or negative; choose fewer instalments or a finer multiple`;
  return new LendingError("impossible", path, problem);
}
