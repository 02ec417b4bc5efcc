import type { Day } from "../calendar.ts";
import { minor, roundMoney, roundToMultiple, smallerOf } from "../money.ts";
import { decliningSplits } from "./declining.ts";
import { emptyRow, spreadEvenly } from "./even.ts";
import { flatSplits } from "./flat.ts";
import { periodsOf, periodsUntil } from "./periods.ts";
import { changeRate, disburse, openModel } from "./progressive.ts";
import { type Split, stepsOf } from "./steps.ts";
import { bearsInterest, type Period, type ScheduleTerms, tranchesOf } from "./terms.ts";

/** A row of the schedule before anything was paid. A down payment is due on the day of its tranche. */
export interface PlanRow extends Period, Split {
  kind: "down_payment" | "instalment";
}

/**
 * The instalments of a loan if everybody does as agreed. Every division is exact up to one rounding at the smallest amount
 * that can be paid (or at the instalment multiple); the last row takes what rounding left over.
 * @throws LendingError naming the field: `unsupported` for combinations without a meaning, `impossible` where a row
 * would be negative or, outside a grace period, empty.
 */
export function planOf(terms: ScheduleTerms): PlanRow[] {
  const rows = rowsOf(terms, splitsOf(financedTerms(terms), periodsOf(terms)));
  assertRows(terms, rows);
  return withDownPayments(terms, rows);
}

/** The same terms for what is left of each tranche after its down payment. */
export function financedTerms(terms: ScheduleTerms): ScheduleTerms {
  if (terms.downPayment === undefined) return terms;
  const tranches = tranchesOf(terms).map((tranche) => ({
    day: tranche.day,
    amount: minor(tranche.amount - downPaymentOf(terms, tranche.amount)),
  }));
  return { ...terms, tranches };
}

/** The rows of the periods, one for each split. */
export function rowsOf(terms: ScheduleTerms, splits: readonly Split[], until?: Day): PlanRow[] {
  const periods = periodsUntil(periodsOf(terms), until);
  return splits.map((split, index): PlanRow => {
    const period = periods[index];
    if (period === undefined) throw new RangeError("more rows than periods");
    return { kind: "instalment", ...period, ...split };
  });
}

/** Adds what is due at once of each tranche. */
export function withDownPayments(terms: ScheduleTerms, rows: readonly PlanRow[]): PlanRow[] {
  const first = tranchesOf(terms).flatMap(({ day, amount }): PlanRow[] => {
    const principal = downPaymentOf(terms, amount);
    return principal === 0n ? [] : [{ kind: "down_payment", from: day, due: day, principal, interest: 0n }];
  });
  return inOrder([...first, ...rows]);
}

/** By due day; a down payment before the instalment of the same day, since its tranche came in that period. */
export function inOrder<T extends { due: Day }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => a.due - b.due);
}

/** What is due at once of a tranche: never more than the tranche, however coarse the multiple. */
export function downPaymentOf(terms: ScheduleTerms, amount: bigint): bigint {
  if (terms.downPayment === undefined) return 0n;
  const { numerator, denominator } = terms.downPayment;
  const exact = roundMoney(amount * numerator, denominator, terms.rounding);
  return smallerOf(roundToMultiple(exact, 1n, terms.instalmentMultiple, terms.rounding), amount);
}

function splitsOf(terms: ScheduleTerms, periods: readonly Period[]): Split[] {
  if (terms.engine === "progressive") return progressiveSplits(terms, periods);
  const steps = stepsOf(terms, periods);
  return withoutEmptyEnd(
    terms.interestMethod === "flat" ? flatSplits(terms, steps) : decliningSplits(terms, steps),
  );
}

/** A rounded instalment may pay a loan off before its last due day: then the schedule ends there. */
function withoutEmptyEnd(splits: readonly Split[]): Split[] {
  const end = splits.findLastIndex(({ principal, interest }) => principal !== 0n || interest !== 0n);
  return splits.slice(0, end + 1);
}

function progressiveSplits(terms: ScheduleTerms, periods: readonly Period[]): Split[] {
  if (!bearsInterest(terms)) return interestFreeSplits(terms, periods);
  const model = openModel(terms, periods);
  const rates = (terms.changes ?? []).filter(({ annualRate }) => annualRate !== undefined);
  // A tranche is divided anew at the rate that was agreed before its day.
  const agreeUntil = (day: Day): void => {
    for (let rate = rates[0]; rate !== undefined && (rate.agreedOn ?? rate.from) < day; rate = rates[0]) {
      if (rate.annualRate !== undefined) changeRate(model, rate.from, rate.annualRate);
      rates.shift();
    }
  };
  for (const { day, amount } of tranchesOf(terms)) {
    agreeUntil(day);
    disburse(model, day, amount);
  }
  agreeUntil(Number.POSITIVE_INFINITY);
  return model.periods.map(({ duePrincipal, dueInterest }) => ({
    principal: duePrincipal,
    interest: dueInterest,
  }));
}

function interestFreeSplits(terms: ScheduleTerms, periods: readonly Period[]): Split[] {
  const rows = periods.map(({ due }) => ({ due, owed: { principal: 0n, interest: 0n } }));
  for (const { day, amount } of tranchesOf(terms)) spreadEvenly(terms, rows, day, amount);
  return rows.map(({ owed }) => owed);
}

function assertRows(terms: ScheduleTerms, rows: readonly PlanRow[]): void {
  const inGrace = Math.max(terms.grace.principal, terms.grace.interest, terms.grace.interestPayment);
  // Where money comes later, nothing may be owed in between.
  const isChanged = tranchesOf(terms).length > 1 || Boolean(terms.changes?.length);
  const mayBeEmpty = (index: number): boolean => index < inGrace || isChanged;
  const bad = rows.findIndex(({ principal, interest }, index) => {
    return principal < 0n || interest < 0n || (principal + interest === 0n && !mayBeEmpty(index));
  });
  if (bad !== -1) throw emptyRow(terms, bad + 1);
}
