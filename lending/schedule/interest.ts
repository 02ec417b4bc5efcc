import { addMonths, civilOfDay, type Day, dayOfCivil, daysInMonth, isLeapYear } from "../calendar.ts";
import { type Fraction, scale } from "../rate.ts";
import { startDay } from "./periods.ts";
import type { Period, ScheduleTerms } from "./terms.ts";

type Convention = ScheduleTerms;

const DAYS_OF_COMMON_YEAR = 365n;

/** Repayment units in a year of interest. Source: Fineract, DefaultPaymentPeriodsInOneYearCalculator. */
function unitsPerYear({ repayUnit, daysInYear }: Convention): bigint {
  if (repayUnit === "months") return 12n;
  if (repayUnit === "weeks") return 52n;
  return daysPerYear(daysInYear);
}

/** "actual" is 365 here, also in leap years. Source: as above. */
function daysPerYear(daysInYear: Convention["daysInYear"]): bigint {
  return daysInYear === "actual" ? DAYS_OF_COMMON_YEAR : BigInt(daysInYear);
}

/**
 * The interest on one unit of balance for one whole repayment period, as the annuity formula needs it: with daily
 * interest, months count 30 days.
 * Formula: `meta.formulas` EMI_SAR and EMI_DAILY of the golden file.
 */
export function factorOfWholePeriod(terms: Convention, annualRate: Fraction): Fraction {
  const every = BigInt(terms.repayEvery);
  if (terms.interestPeriod === "repayment_period") return scale(annualRate, every, unitsPerYear(terms));
  const days = { days: 1n, weeks: 7n, months: 30n }[terms.repayUnit];
  return scale(annualRate, days * every, daysPerYear(terms.daysInYear));
}

/** The interest on one unit of balance from the end of `from` to the end of `to`, in the cumulative engine. */
export function factorBetween(terms: Convention, annualRate: Fraction, from: Day, to: Day): Fraction {
  if (terms.interestPeriod === "repayment_period") {
    const { numerator, denominator } = unitsBetween(terms, from, to);
    return scale(annualRate, numerator, denominator * unitsPerYear(terms));
  }
  const year = daysPerYear(terms.daysInYear);
  if (terms.repayUnit !== "months" || terms.daysInMonth === "actual") {
    return scale(annualRate, BigInt(to - from), year);
  }
  const { numerator, denominator } = unitsBetween(terms, from, to);
  return scale(annualRate, 30n * numerator, denominator * year);
}

/**
 * How many repayment units lie between two days: days; weeks of 7 days; whole months, and of the month begun the part of
 * its days. Source: Fineract, LoanApplicationTerms.calculatePeriodsBetweenDates.
 */
function unitsBetween(terms: Convention, from: Day, to: Day): Fraction {
  if (terms.repayUnit === "days") return { numerator: BigInt(to - from), denominator: 1n };
  if (terms.repayUnit === "weeks") return { numerator: BigInt(to - from), denominator: 7n };
  const seed = seedOf(terms, from);
  const [a, b] = [civilOfDay(from), civilOfDay(to)];
  let months = (b.year - a.year) * 12 + b.month - a.month;
  if (addMonths(from, months, seed) > to) months -= 1;
  const begun = addMonths(from, months, seed);
  const length = BigInt(addMonths(from, months + 1, seed) - begun);
  return { numerator: BigInt(months) * length + BigInt(to - begun), denominator: length };
}

/** The day of month that months after `from` land on: the schedule's seed where `from` is one of its days. */
function seedOf(terms: Convention, from: Day): number {
  const { year, month, dayOfMonth } = civilOfDay(from);
  const seed = civilOfDay(terms.firstRepaymentDay ?? startDay(terms)).dayOfMonth;
  return Math.min(seed, daysInMonth(year, month)) === dayOfMonth ? seed : dayOfMonth;
}

/**
 * The interest on one unit of balance for the slice `from` to `to` of a period, in the progressive engine:
 *
 *     R * (m * every / Y) * (days of the slice / days of the period)
 *
 * m = 30 or the days of the month of `from` (months), 7 (weeks), 1 (days); Y = 360, 364, 365 or the days of the year of
 * `from`. With an actual year, a slice over New Year is R * every * (days / 365 + days / 366), each part in its own year.
 * Formula: `meta.formulas` PROG of the golden file.
 */
export function factorOfSlice(
  terms: Convention,
  annualRate: Fraction,
  period: Period,
  from: Day,
  to: Day,
): Fraction {
  const every = BigInt(terms.repayEvery);
  const first = civilOfDay(from);
  if (terms.daysInYear === "actual" && civilOfDay(to).year > first.year) {
    const { numerator, denominator } = yearsBetween(from, to);
    return scale(annualRate, every * numerator, denominator);
  }
  const year = terms.daysInYear === "actual" ? daysOfYear(first.year) : BigInt(terms.daysInYear);
  const unit = daysOfUnit(terms, first.year, first.month);
  return scale(annualRate, unit * every * BigInt(to - from), year * BigInt(period.due - period.from));
}

function daysOfUnit(terms: Convention, year: number, month: number): bigint {
  if (terms.repayUnit === "days") return 1n;
  if (terms.repayUnit === "weeks") return 7n;
  return terms.daysInMonth === 30 ? 30n : BigInt(daysInMonth(year, month));
}

function daysOfYear(year: number): bigint {
  return isLeapYear(year) ? 366n : DAYS_OF_COMMON_YEAR;
}

/** The days from 31 December to 31 December over the length of each year. Source: Fineract, calculatePeriodFractions. */
function yearsBetween(from: Day, to: Day): Fraction {
  const denominator = 365n * 366n;
  let [numerator, at] = [0n, from];
  for (let { year } = civilOfDay(from); at < to; year++) {
    const end = Math.min(to, dayOfYearEnd(year));
    numerator += (BigInt(end - at) * denominator) / daysOfYear(year);
    at = end;
  }
  return { numerator, denominator };
}

function dayOfYearEnd(year: number): Day {
  return dayOfCivil({ year, month: 12, dayOfMonth: 31 });
}
