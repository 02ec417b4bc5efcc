import type { Day } from "../calendar.ts";
import type { Fraction } from "../rate.ts";
import { type MonthCounter, monthCounter } from "./months.ts";
import { countPeriods, periodsPerYear, type UnitPeriods, unitPeriod, YEAR } from "./unit-period.ts";

/** How the time of a transaction is counted. */
interface UsTimes {
  /** Unit-periods in a year. */
  perYear: Fraction;
  /** From the beginning of the term to a day of the transaction. */
  periodsTo(day: Day): UnitPeriods;
}

/**
 * The unit-period of a transaction and its intervals. One advance with one payment makes a single unit-period of its
 * term, or years from a year on: (b)(4)(ii), (b)(5)(v)-(vii); everything else follows its most common period.
 */
export function usTimes(days: readonly Day[]): UsTimes {
  const counter = monthCounter(days);
  const [from = 0, to = 0] = days;
  const single = days.length === 2 ? singlePayment(counter, from, to) : undefined;
  if (single !== undefined) return single;
  const period = days.length === 2 ? YEAR : unitPeriod(days, counter);
  const periodsTo = (day: Day) => countPeriods(period, counter, from, day);
  return { perYear: periodsPerYear(period), periodsTo };
}

/** The times of one advance and one payment within a year; nothing for a longer term. */
function singlePayment(counter: MonthCounter, from: Day, to: Day): UsTimes | undefined {
  const { months, days } = counter.between(from, to);
  if (months >= 12) return undefined;
  const perYear =
    days === 0
      ? { numerator: 12n, denominator: BigInt(months) }
      : { numerator: 365n, denominator: BigInt(to - from) };
  const none = { numerator: 0n, denominator: 1n };
  return { perYear, periodsTo: (day) => ({ whole: day === from ? 0 : 1, fraction: none }) };
}
