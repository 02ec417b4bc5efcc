import type { Day } from "../calendar.ts";
import type { Fraction } from "../rate.ts";
import type { MonthCounter } from "./months.ts";

/** A period of a transaction: `count` days, or months, or one half of a month. A week is 7 days, a year 12 months. */
export interface Period {
  unit: "days" | "semimonths" | "months";
  count: number;
}

/** An interval in unit-periods: `whole` of them at its end and a fraction before them. */
export interface UnitPeriods {
  whole: number;
  fraction: Fraction;
}

export const YEAR: Period = { unit: "months", count: 12 };

/** Lengths of the standard intervals where only their order and distance count: 30 days a month, 365 a year. */
function lengthOf({ unit, count }: Period): number {
  if (unit === "semimonths") return 15;
  if (unit === "months") return count === 12 ? 365 : 30 * count;
  return count;
}

/** A day, week, semimonth, month, or a multiple of a week or a month up to a year. Source: Appendix J (b)(3)(iii). */
function isStandard({ unit, count }: Period): boolean {
  return unit !== "days" || count === 1 || count % 7 === 0;
}

const period = (unit: Period["unit"], count: number): Period => ({ unit, count });
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const STANDARD_PERIODS: readonly Period[] = [
  period("days", 1),
  ...upTo(52).map((weeks) => period("days", 7 * weeks)),
  period("semimonths", 1),
  ...upTo(12).map((months) => period("months", months)),
].sort((a, b) => lengthOf(a) - lengthOf(b));

/**
 * The period up to a year that occurs most often between the days of a transaction, if one occurs more than once; the
 * smaller of two that occur equally often. An interval of 31 days may also be a month: it counts as both, and a standard
 * interval wins a tie. Source: 12 CFR 1026 Appendix J (b)(3)(ii), (b)(4)(i)(A).
 */
export function commonPeriod(days: readonly Day[], counter: MonthCounter): Period | undefined {
  const counts = new Map<string, { period: Period; count: number }>();
  const found = days.slice(1).flatMap((_, index) => periodsOf(days, index + 1, counter));
  for (const one of found) {
    const key = `${one.count} ${one.unit}`;
    counts.set(key, { period: one, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const common = [...counts.values()].filter(({ count }) => count > 1);
  common.sort(
    (a, b) =>
      b.count - a.count ||
      Number(isStandard(b.period)) - Number(isStandard(a.period)) ||
      lengthOf(a.period) - lengthOf(b.period),
  );
  return common[0]?.period;
}

/** All that the interval before `days[index]` can be called. */
function periodsOf(days: readonly Day[], index: number, counter: MonthCounter): Period[] {
  const [from = 0, to = 0] = days.slice(index - 1);
  const found: Period[] = [];
  if (to - from <= 365) found.push(period("days", to - from));
  const { months, days: rest } = counter.between(from, to);
  if (rest === 0 && months >= 1 && months <= 12) found.push(period("months", months));
  if (isHalfMonth(days, index, counter) || isHalfMonth(days, index + 1, counter)) {
    found.push(period("semimonths", 1));
  }
  return found;
}

/** True if the two intervals before `days[index]` are about equal and one month together (the 1st and the 16th). */
function isHalfMonth(days: readonly Day[], index: number, counter: MonthCounter): boolean {
  const [from, middle, to] = [days[index - 2], days[index - 1], days[index]];
  if (from === undefined || middle === undefined || to === undefined) return false;
  const { months, days: rest } = counter.between(from, to);
  return months === 1 && rest === 0 && Math.abs(to - middle - (middle - from)) <= 3;
}

/**
 * The unit-period of a transaction with more than two flows. Without a common period it is the average interval, rounded
 * to the nearest standard interval, the lower of two equally near; never more than a year.
 * Source: 12 CFR 1026 Appendix J (b)(4)(i).
 */
export function unitPeriod(days: readonly Day[], counter: MonthCounter): Period {
  const common = commonPeriod(days, counter);
  if (common !== undefined) return common;
  const [span, count] = [(days.at(-1) ?? 0) - (days[0] ?? 0), days.length - 1];
  // Distances are compared as |span - length * count|, so that the average need not be divided out.
  const distance = (one: Period) => Math.abs(span - lengthOf(one) * count);
  return STANDARD_PERIODS.reduce((best, one) => (distance(one) < distance(best) ? one : best), YEAR);
}

/**
 * Unit-periods in a year. Source: 12 CFR 1026 Appendix J (b)(5)(ii)-(v); for a common period of days that is no standard
 * interval (every 10 days), to which the regulation gives no number, 365 / days as in its (b)(5)(vii).
 */
export function periodsPerYear({ unit, count }: Period): Fraction {
  if (unit === "semimonths") return { numerator: 24n, denominator: 1n };
  if (unit === "months") return { numerator: 12n, denominator: BigInt(count) };
  if (count % 7 === 0) return { numerator: 52n, denominator: BigInt(count / 7) };
  return { numerator: 365n, denominator: BigInt(count) };
}

/** The unit-periods from one day to a later one. Source: 12 CFR 1026 Appendix J (b)(5)(i)-(v). */
export function countPeriods(unit: Period, counter: MonthCounter, from: Day, to: Day): UnitPeriods {
  if (unit.unit === "days") return divided(to - from, unit.count);
  const { months, days } = counter.between(from, to);
  if (unit.unit === "semimonths") return divided(30 * months + days, 15);
  if (unit.count === 1) return { whole: months, fraction: fraction(days, 30) };
  if (unit.count < 12) return divided(30 * months + days, 30 * unit.count);
  const years = Math.floor(months / 12);
  if (days === 0) return { whole: years, fraction: fraction(months % 12, 12) };
  return { whole: years, fraction: fraction(counter.back(to, 12 * years) - from, 365) };
}

function divided(days: number, length: number): UnitPeriods {
  return { whole: Math.floor(days / length), fraction: fraction(days % length, length) };
}

function fraction(numerator: number, denominator: number): Fraction {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}
