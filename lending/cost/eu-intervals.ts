import { addMonths, type Day } from "../calendar.ts";
import type { Fraction } from "../rate.ts";
import { type MonthCounter, monthCounter } from "./months.ts";
import { commonPeriod } from "./unit-period.ts";

/** The regular period in which intervals are expressed; what is left over is days. */
type Basis = "years" | "months" | "weeks";

/**
 * The interval from the first of a transaction's `days` to any of them, in years. A year is 52 weeks or 12 equal months; only an interval that
 * is no whole number of them has days, counted at its beginning, of which the year before their last one has 365 or 366:
 *
 *     12 Jan 2012          15 Jan              15 Feb              15 Mar 2012
 *        |---- 3 / 365 ------|------ 1/12 -------|------ 1/12 -------|
 *
 * Source: Annex III, remark (c); the choice of period, the counting backwards and the example: Commission guidelines
 * SWD(2012) 128, 4.1.1.
 */
export function euIntervals(days: readonly Day[]): (to: Day) => Fraction {
  const counter = monthCounter(days);
  const basis = basisOf(days, counter);
  const from = days[0] ?? 0;
  return (to) => {
    const [whole, perYear, restEnd] = wholePeriods(basis, counter, from, to);
    if (restEnd === from) return { numerator: BigInt(whole), denominator: perYear };
    const yearDays = BigInt(restEnd - addMonths(restEnd, -12));
    const numerator = BigInt(whole) * yearDays + BigInt(restEnd - from) * perYear;
    return { numerator, denominator: perYear * yearDays };
  };
}

/** Whole periods counted back from `to`, how many make a year, and the day that they leave to be reached by days. */
function wholePeriods(basis: Basis, counter: MonthCounter, from: Day, to: Day): [number, bigint, Day] {
  if (basis === "weeks") {
    const weeks = Math.floor((to - from) / 7);
    return [weeks, 52n, to - 7 * weeks];
  }
  const { months } = counter.between(from, to);
  if (basis === "months") return [months, 12n, counter.back(to, months)];
  const years = Math.floor(months / 12);
  return [years, 1n, counter.back(to, 12 * years)];
}

/**
 * Months or weeks if they express every interval without days; else what the payments follow. Where they follow a number
 * of days that makes no weeks, weeks come nearest; single and irregular payments are counted in months, as in the
 * guidelines' example.
 */
function basisOf(days: readonly Day[], counter: MonthCounter): Basis {
  const from = days[0] ?? 0;
  if (days.every((to) => counter.between(from, to).days === 0)) return "months";
  if (days.every((to) => (to - from) % 7 === 0)) return "weeks";
  const common = commonPeriod(days, counter);
  if (common === undefined || common.unit === "semimonths") return "months";
  if (common.unit === "days") return "weeks";
  return common.count === 12 ? "years" : "months";
}
