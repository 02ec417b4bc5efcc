import type { Day } from "../calendar.ts";
import { largerOf, type Rounding, roundMoney } from "../money.ts";
import type { Fraction } from "../rate.ts";
import type { ScheduleTerms } from "../schedule/terms.ts";
import { tranchesOf } from "../schedule/terms.ts";
import { type LedgerRow, openRow } from "./ledger.ts";

/** What a percentage is taken of. */
export type ChargeBase = "principal" | "interest" | "principal_and_interest";

export type ChargeAmount = { flat: bigint } | { percent: Fraction; of: ChargeBase };

/**
 * A fee or a penalty:
 * - `on_day`: once, with the instalment in whose period the day lies; percentages are of the whole loan;
 * - `per_instalment`: with each instalment; percentages are of that instalment;
 * - `disbursement`: with each tranche, and paid out of it; percentages are of the tranche;
 * - `overdue`: once, with the instalment that is due on `day` and was not paid in time; `amount` is what it came to.
 */
export type Charge =
  | { when: "on_day"; day: Day; isPenalty: boolean; amount: ChargeAmount }
  | { when: "per_instalment"; isPenalty: boolean; amount: ChargeAmount }
  | { when: "disbursement"; isPenalty: boolean; amount: ChargeAmount }
  | { when: "overdue"; day: Day; isPenalty: true; amount: { flat: bigint } };

/** A charge that falls due after the last instalment has a row of its own there. Source: Fineract, N+1 instalment. */
export function withChargesOnlyRow(rows: readonly LedgerRow[], charges: readonly Charge[]): LedgerRow[] {
  const latest = Math.max(...charges.map((charge) => (charge.when === "on_day" ? charge.day : 0)));
  const last = rows.at(-1);
  if (last === undefined || latest <= last.due) return [...rows];
  if (last.kind !== "charges_only")
    return [...rows, openRow("charges_only", { from: last.due, due: latest })];
  last.due = latest;
  return [...rows];
}

/** Writes what each row owes in fees and penalties, from all charges. */
export function assessCharges(
  terms: ScheduleTerms,
  rows: readonly LedgerRow[],
  charges: readonly Charge[],
): void {
  const normal = rows.filter((row) => row.kind !== "down_payment");
  const whole = {
    principal: tranchesOf(terms).reduce((sum, { amount }) => sum + amount, 0n),
    interest: rows.reduce((sum, row) => sum + row.owed.interest, 0n),
  };
  for (const row of rows) row.charges = [];
  for (const charge of charges) {
    if (charge.when === "disbursement") continue;
    if (charge.when === "per_instalment") {
      for (const row of normal.filter(({ kind }) => kind === "instalment")) {
        addShare(row, charge.isPenalty, row.due, amountOf(charge.amount, row.owed, terms.rounding));
      }
      continue;
    }
    const row =
      charge.when === "overdue" ? normal.find(({ due }) => due === charge.day) : rowOf(normal, charge.day);
    if (row !== undefined)
      addShare(row, charge.isPenalty, charge.day, amountOf(charge.amount, whole, terms.rounding));
  }
  for (const row of rows) {
    // A percentage of interest that has since become less does not give back what was paid of it.
    row.owed.fee = largerOf(sumShares(row, false), row.paid.fee);
    row.owed.penalty = largerOf(sumShares(row, true), row.paid.penalty);
  }
}

/** The first period holds its own first day; every other begins after the due day before it. */
function rowOf(rows: readonly LedgerRow[], day: Day): LedgerRow | undefined {
  return rows.find(({ due }) => day <= due);
}

function addShare(row: LedgerRow, isPenalty: boolean, due: Day, amount: bigint): void {
  if (amount > 0n) row.charges.push({ isPenalty, due, amount });
}

function sumShares(row: LedgerRow, isPenalty: boolean): bigint {
  return row.charges.reduce((sum, share) => (share.isPenalty === isPenalty ? sum + share.amount : sum), 0n);
}

/** The amount of a charge on `base`, rounded. */
export function amountOf(
  amount: ChargeAmount,
  base: { principal: bigint; interest: bigint },
  rounding: Rounding,
): bigint {
  if ("flat" in amount) return amount.flat;
  const { principal, interest } = base;
  const of = { principal, interest, principal_and_interest: principal + interest }[amount.of];
  return roundMoney(of * amount.percent.numerator, amount.percent.denominator, rounding);
}
