import { addMonths, civilOfDay, type Day, formatDate, LAST_DAY } from "./calendar.ts";
import { LendingError } from "./errors.ts";
import type { RepayUnit } from "./rate.ts";

export interface DueDayTerms {
  disbursementDay: Day;
  /** When the first instalment is due; one period after disbursement if left out. */
  firstRepaymentDay?: Day | undefined;
  repayEvery: number;
  repayUnit: RepayUnit;
  numberOfInstalments: number;
}

/** The day `periods` repayment periods after `day`; months land on `seedDayOfMonth` where the month has it. */
function addPeriods(terms: DueDayTerms, day: Day, periods: number, seedDayOfMonth: number): Day {
  const units = terms.repayEvery * periods;
  if (terms.repayUnit === "days") return day + units;
  if (terms.repayUnit === "weeks") return day + units * 7;
  return addMonths(day, units, seedDayOfMonth);
}

/** The day one whole period after the disbursement. */
export function regularFirstDay(terms: DueDayTerms): Day {
  return addPeriods(terms, terms.disbursementDay, 1, civilOfDay(terms.disbursementDay).dayOfMonth);
}

/**
 * The due day of each instalment, strictly rising.
 *
 *     disbursed 31 Jan, monthly:              28 Feb   31 Mar   30 Apr     (the seed day of month is 31)
 *     same with a first repayment on 15 Feb:  15 Feb   15 Mar   15 Apr     (the first repayment sets the seed)
 *
 * Source: Fineract, DefaultScheduledDateGenerator and CalendarUtils.adjustDate, without holidays.
 * @throws LendingError naming `firstRepaymentDate` if it is not after the disbursement, `numberOfInstalments` if the
 * last day lies beyond 2149.
 */
export function dueDays(terms: DueDayTerms): Day[] {
  const seed = terms.firstRepaymentDay ?? terms.disbursementDay;
  const seedDayOfMonth = civilOfDay(seed).dayOfMonth;
  const first = terms.firstRepaymentDay ?? regularFirstDay(terms);
  if (first <= terms.disbursementDay) {
    const limit = formatDate(terms.disbursementDay);
    throw new LendingError(
      "out_of_range",
      "firstRepaymentDate",
      `must be after the disbursement on ${limit}`,
    );
  }
  const days: Day[] = [];
  for (let period = 0; period < terms.numberOfInstalments; period++) {
    const day = addPeriods(terms, first, period, seedDayOfMonth);
    if (day > LAST_DAY) {
      throw new LendingError(
        "out_of_range",
        "numberOfInstalments",
        "the last instalment must be due by 2149-12-31",
      );
    }
    days.push(day);
  }
  return days;
}
