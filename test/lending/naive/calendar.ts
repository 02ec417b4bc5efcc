/** Days since 1970-01-01, by the platform's own calendar. */
const MS_PER_DAY = 86_400_000;

export interface NaiveDate {
  year: number;
  /** 0 to 11, as the platform counts. */
  month: number;
  dayOfMonth: number;
}

export function dateOf(day: number): NaiveDate {
  const date = new Date(day * MS_PER_DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), dayOfMonth: date.getUTCDate() };
}

/** Months and days may lie beyond their ends, as the platform allows. */
export function dayOf(year: number, month: number, dayOfMonth: number): number {
  return Date.UTC(year, month, dayOfMonth) / MS_PER_DAY;
}

export function daysOfMonth(year: number, month: number): number {
  return dateOf(dayOf(year, month + 1, 0)).dayOfMonth;
}

export function daysOfYear(year: number): number {
  return dayOf(year + 1, 0, 1) - dayOf(year, 0, 1);
}

/** `months` later, on the day `seed` of the month or on the last one that it has. */
export function monthsLater(day: number, months: number, seed: number): number {
  const { year, month } = dateOf(day);
  return dayOf(year, month + months, Math.min(seed, daysOfMonth(year, month + months)));
}
