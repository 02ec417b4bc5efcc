import { addMonths, civilOfDay, type Day, daysInMonth } from "../calendar.ts";

/** An interval counted back from its later day: whole months, and the days that are left at its beginning. */
interface MonthsAndDays {
  months: number;
  days: number;
}

/**
 * Counts months between days of one transaction. A series "on the 31st" falls on 28 February too, and from there to
 * 31 March is one month: so the day of the month that a series means is found from all its days.
 */
export interface MonthCounter {
  /** `months` before `day`, on the day of the month that the series means. */
  back(day: Day, months: number): Day;
  between(from: Day, to: Day): MonthsAndDays;
}

/**
 * The counter for a transaction that begins on the first of `days`. The day of the month is that of all days if they
 * can share one, else that of the days after the first, else each day's own.
 */
export function monthCounter(days: readonly Day[]): MonthCounter {
  const seed = sharedDayOfMonth(days) ?? sharedDayOfMonth(days.slice(1));
  const fits = (day: Day) => seed !== undefined && dayOfMonthFor(day, seed) === civilOfDay(day).dayOfMonth;
  const back = (day: Day, months: number) =>
    fits(day) ? addMonths(day, -months, seed) : addMonths(day, -months);
  const between = (from: Day, to: Day) => {
    const [a, b] = [civilOfDay(from), civilOfDay(to)];
    const most = (b.year - a.year) * 12 + (b.month - a.month);
    const months = back(to, most) >= from ? most : most - 1;
    return { months, days: back(to, months) - from };
  };
  return { back, between };
}

/** The day of the month on which all `days` fall, where 31 stands for the end of shorter months; or nothing. */
function sharedDayOfMonth(days: readonly Day[]): number | undefined {
  const seed = Math.max(0, ...days.map((day) => civilOfDay(day).dayOfMonth));
  const isShared = days.every((day) => dayOfMonthFor(day, seed) === civilOfDay(day).dayOfMonth);
  return days.length > 0 && isShared ? seed : undefined;
}

function dayOfMonthFor(day: Day, seed: number): number {
  const { year, month } = civilOfDay(day);
  return Math.min(seed, daysInMonth(year, month));
}
