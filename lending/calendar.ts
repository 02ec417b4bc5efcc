import { LendingError } from "./errors.ts";

/**
 * A calendar day: whole days since 1970-01-01 in the institution's fixed offset from UTC.
 * The arithmetic here is on civil dates alone: no time zone, no daylight saving, no clock.
 */
export type Day = number;

/** A date of the proleptic Gregorian calendar; `month` 1 to 12, `dayOfMonth` 1 to 31. */
export interface CivilDate {
  year: number;
  month: number;
  dayOfMonth: number;
}

export const SECONDS_PER_DAY = 86_400;

/** 1970-01-01 and 2149-12-31: the days on which loans may begin and end. */
export const FIRST_DAY: Day = 0;
export const LAST_DAY: Day = 65_743;

const DAYS_PER_ERA = 146_097;
const DAYS_FROM_0000_03_01_TO_1970 = 719_468;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** The day number of a civil date. Source: H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil. */
export function dayOfCivil({ year, month, dayOfMonth }: CivilDate): Day {
  // Years begin in March here, so that the leap day is the last day of a year.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_FROM_0000_03_01_TO_1970;
}

/** The civil date of a day number. Source: as above, civil_from_days. */
export function civilOfDay(day: Day): CivilDate {
  const shifted = day + DAYS_FROM_0000_03_01_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return { year, month, dayOfMonth: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1 };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (DAYS_OF_MONTH[month - 1] ?? 0);
}

/**
 * The day `months` after `day`, on `seedDayOfMonth` or on the month's last day if the month is shorter.
 * With the seed kept apart from `day`, 31 Jan goes on to 28 Feb and from there to 31 Mar, not to 28 Mar.
 */
export function addMonths(day: Day, months: number, seedDayOfMonth = civilOfDay(day).dayOfMonth): Day {
  const from = civilOfDay(day);
  const monthsSinceYear0 = from.year * 12 + (from.month - 1) + months;
  const year = Math.floor(monthsSinceYear0 / 12);
  const month = monthsSinceYear0 - year * 12 + 1;
  return dayOfCivil({ year, month, dayOfMonth: Math.min(seedDayOfMonth, daysInMonth(year, month)) });
}

/** Reads "2022-11-01". @throws LendingError naming `path` for other forms, days that do not exist, 1969 and 2150. */
export function parseDate(text: unknown, path: string): Day {
  const match = typeof text === "string" ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) : null;
  if (match === null) throw new LendingError("invalid", path, 'must be a date such as "2022-11-01"');
  const [year, month, dayOfMonth] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysInMonth(year, month)) {
    throw new LendingError("invalid", path, `${match[0]} is not in the calendar`);
  }
  return assertDay(dayOfCivil({ year, month, dayOfMonth }), path);
}

/** Writes a day as "2022-11-01". */
export function formatDate(day: Day): string {
  const { year, month, dayOfMonth } = civilOfDay(assertDay(day, "day"));
  return `${year}-${String(month).padStart(2, "0")}-${String(dayOfMonth).padStart(2, "0")}`;
}

/** Checks that `day` is a whole day from 1970-01-01 to 2149-12-31. */
export function assertDay(day: number, path: string): Day {
  if (Number.isInteger(day) && day >= FIRST_DAY && day <= LAST_DAY) return day;
  throw new LendingError("out_of_range", path, "must lie between 1970-01-01 and 2149-12-31");
}

/** The day that contains the unix second `timeS`, `utcOffsetS` seconds east of Greenwich. Matches `LoanBook.today`. */
export function dayNumber(timeS: number | bigint, utcOffsetS: number): Day {
  return Math.floor((Number(timeS) + utcOffsetS) / SECONDS_PER_DAY);
}

/** The unix second at which `day` begins. */
export function startOfDay(day: Day, utcOffsetS: number): number {
  return day * SECONDS_PER_DAY - utcOffsetS;
}

/** The last unix second that still belongs to `day`. */
export function endOfDay(day: Day, utcOffsetS: number): number {
  return startOfDay(day + 1, utcOffsetS) - 1;
}

/** The first unix second at which an instalment due on `day` is late: on time is the whole due day. */
export function dueMoment(day: Day, utcOffsetS: number): number {
  return startOfDay(day + 1, utcOffsetS);
}
