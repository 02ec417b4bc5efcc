import type { Period, ScheduleTerms } from "../../../lending/schedule/terms.ts";
import { dateOf, daysOfMonth, daysOfYear, monthsLater } from "./calendar.ts";
import { naiveStart } from "./periods.ts";
import { Ratio } from "./ratio.ts";

/** An amount that can be paid: to the minor unit first, then to the nearer multiple of the currency, upwards in the middle. */
export function money(amount: Ratio, { rounding }: Pick<ScheduleTerms, "rounding">): bigint {
  const minor = amount.rounded(rounding.mode);
  if (minor <= 0n) return minor;
  const above = minor % rounding.multiple;
  return above * 2n < rounding.multiple ? minor - above : minor - above + rounding.multiple;
}

/** To the nearest instalment multiple. */
export function instalment(amount: Ratio, terms: ScheduleTerms): bigint {
  const steps = amount.over(new Ratio(terms.instalmentMultiple)).rounded(terms.rounding.mode);
  return money(new Ratio(steps * terms.instalmentMultiple), terms);
}

/** The cumulative engine's years have 365 days, whatever the calendar says. */
function usualYear({ daysInYear }: ScheduleTerms): number {
  return daysInYear === "actual" ? 365 : daysInYear;
}

function unitsPerYear(terms: ScheduleTerms): number {
  return { days: usualYear(terms), weeks: 52, months: 12 }[terms.repayUnit];
}

/** Whole months one by one, then the days of the month that has begun. */
function monthsBetween(terms: ScheduleTerms, from: number, to: number): Ratio {
  const { year, month, dayOfMonth } = dateOf(from);
  const agreed = dateOf(terms.firstRepaymentDay ?? naiveStart(terms)).dayOfMonth;
  const isCutOff = dayOfMonth === daysOfMonth(year, month) && agreed > dayOfMonth;
  const seed = isCutOff ? agreed : dayOfMonth;
  let months = 0;
  while (monthsLater(from, months + 1, seed) <= to) months++;
  const [begun, end] = [monthsLater(from, months, seed), monthsLater(from, months + 1, seed)];
  return new Ratio(months).plus(new Ratio(to - begun, end - begun));
}

function unitsBetween(terms: ScheduleTerms, from: number, to: number): Ratio {
  if (terms.repayUnit === "months") return monthsBetween(terms, from, to);
  return new Ratio(to - from, terms.repayUnit === "weeks" ? 7 : 1);
}

/** The interest of one unit from day to day, in the cumulative engine. */
export function factorOfDays(terms: ScheduleTerms, rate: Ratio, from: number, to: number): Ratio {
  if (terms.interestPeriod === "repayment_period") {
    return rate.times(unitsBetween(terms, from, to)).over(new Ratio(unitsPerYear(terms)));
  }
  const countsDays = terms.repayUnit !== "months" || terms.daysInMonth === "actual";
  const days = countsDays ? new Ratio(to - from) : monthsBetween(terms, from, to).times(new Ratio(30));
  return rate.times(days).over(new Ratio(usualYear(terms)));
}

/** The interest of one unit over a period that is like all others, in the cumulative engine. */
export function factorOfAnyPeriod(terms: ScheduleTerms, rate: Ratio): Ratio {
  const perUnit =
    terms.interestPeriod === "repayment_period"
      ? new Ratio(1, unitsPerYear(terms))
      : new Ratio({ days: 1, weeks: 7, months: 30 }[terms.repayUnit], usualYear(terms));
  return rate.times(perUnit).times(new Ratio(terms.repayEvery));
}

/** The interest of one unit over a slice of a period, in the progressive engine. */
export function factorOfPart(
  terms: ScheduleTerms,
  rate: Ratio,
  period: Period,
  from: number,
  to: number,
): Ratio {
  const every = rate.times(new Ratio(terms.repayEvery));
  const { year, month } = dateOf(from);
  if (terms.daysInYear === "actual" && dateOf(to).year !== year) {
    let years = new Ratio(0);
    for (let day = from + 1; day <= to; day++) years = years.plus(new Ratio(1, daysOfYear(dateOf(day).year)));
    return every.times(years);
  }
  const monthDays = terms.daysInMonth === 30 ? 30 : daysOfMonth(year, month);
  const unitDays = { days: 1, weeks: 7, months: monthDays }[terms.repayUnit];
  const yearDays = terms.daysInYear === "actual" ? daysOfYear(year) : terms.daysInYear;
  return every.times(new Ratio(unitDays, yearDays)).times(new Ratio(to - from, period.due - period.from));
}

/** The equal payment whose present values sum to `balance`, when one unit becomes `1 + factor` in each period. */
export function equalPayment(balance: bigint, factors: readonly Ratio[]): Ratio {
  let [discount, present] = [new Ratio(1), new Ratio(0)];
  for (const factor of factors) {
    discount = discount.over(new Ratio(1).plus(factor));
    present = present.plus(discount);
  }
  return new Ratio(balance).over(present);
}
