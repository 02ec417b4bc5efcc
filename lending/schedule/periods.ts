import { addMonths, civilOfDay, type Day, formatDate, LAST_DAY } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { MAX_SCHEDULE_ROWS } from "../limits.ts";
import { moveDueDays } from "../working-days.ts";
import { type Period, type ScheduleTerms, type TermChange, tranchesOf } from "./terms.ts";

/** The day `periods` repayment periods after `day`; months land on `seedDayOfMonth` where the month has it. */
function addPeriods(terms: ScheduleTerms, day: Day, periods: number, seedDayOfMonth: number): Day {
  const units = terms.repayEvery * periods;
  if (terms.repayUnit === "days") return day + units;
  if (terms.repayUnit === "weeks") return day + units * 7;
  return addMonths(day, units, seedDayOfMonth);
}

/** Where the first period begins. */
export function startDay(terms: ScheduleTerms): Day {
  return terms.scheduleStartDay ?? terms.disbursementDay;
}

/** The day one whole period after the start. */
export function regularFirstDay(terms: ScheduleTerms): Day {
  const start = startDay(terms);
  return addPeriods(terms, start, 1, civilOfDay(start).dayOfMonth);
}

/** How many instalments are agreed: with the further ones of changes, and one for each period that pays no principal. */
export function lastAgreed({ numberOfInstalments, changes = [] }: ScheduleTerms): number {
  const added = (change: TermChange): number => change.extraInstalments + change.graceOnPrincipal;
  return changes.reduce((sum, change) => sum + added(change), numberOfInstalments);
}

/**
 * The repayment periods, due days strictly rising.
 *
 *     disbursed 31 Jan, monthly:              28 Feb   31 Mar   30 Apr     (the seed day of month is 31)
 *     same with a first repayment on 15 Feb:  15 Feb   15 Mar   15 Apr     (the first repayment sets the seed)
 *     then 15 Mar is moved to 20 Mar:         15 Feb   20 Mar   20 Apr     (a moved day sets it, too)
 *
 * Source: Fineract, DefaultScheduledDateGenerator and CalendarUtils.adjustDate.
 * @throws LendingError naming `firstRepaymentDate` if it is not after the disbursement, `numberOfInstalments` if the
 * last day lies beyond 2149 or there are too many, `periods` or `changes` where they do not fit.
 */
export function periodsOf(terms: ScheduleTerms): readonly Period[] {
  if (terms.periods !== undefined) return assertPeriods(terms, terms.periods);
  const count = lastAgreed(terms);
  if (count > MAX_SCHEDULE_ROWS) {
    throw outOfRange("numberOfInstalments", `must be at most ${MAX_SCHEDULE_ROWS} with those added later`);
  }
  const { workingDays, disbursementDay } = terms;
  const natural = dueDays(terms, count);
  const days =
    workingDays === undefined
      ? natural
      : moveDueDays(natural, workingDays.rule, workingDays.calendar, disbursementDay);
  return days.map((due, index) => ({ from: days[index - 1] ?? startDay(terms), due }));
}

/** The periods up to the one that `until` lies in, which ends on that day. */
export function periodsUntil(periods: readonly Period[], until: Day | undefined): readonly Period[] {
  if (until === undefined) return periods;
  const last = periods.findIndex(({ due }) => due >= until);
  if (last === -1) return periods;
  return periods
    .slice(0, last + 1)
    .map((period) => ({ from: period.from, due: Math.min(period.due, until) }));
}

/** A tranche after the last agreed day has an instalment of its own, on the next due day. */
function dueDays(terms: ScheduleTerms, count: number): Day[] {
  const lastTranche = tranchesOf(terms).at(-1)?.day ?? 0;
  const moves = new Map(
    (terms.changes ?? []).flatMap(({ from, dueDay }) => (dueDay === undefined ? [] : [[from, dueDay]])),
  );
  let seedDayOfMonth = civilOfDay(terms.firstRepaymentDay ?? startDay(terms)).dayOfMonth;
  let anchor = terms.firstRepaymentDay ?? regularFirstDay(terms);
  if (anchor <= terms.disbursementDay) {
    throw outOfRange(
      "firstRepaymentDate",
      `must be after the disbursement on ${formatDate(terms.disbursementDay)}`,
    );
  }
  const days: Day[] = [];
  for (let [index, anchorIndex] = [0, 0]; index < count || (days.at(-1) ?? 0) < lastTranche; index++) {
    let day = addPeriods(terms, anchor, index - anchorIndex, seedDayOfMonth);
    for (let moved = moves.get(day); moved !== undefined; moved = moves.get(day)) {
      moves.delete(day);
      [anchor, anchorIndex, day, seedDayOfMonth] = [moved, index, moved, civilOfDay(moved).dayOfMonth];
    }
    if (day > LAST_DAY) throw outOfRange("numberOfInstalments", "the last must be due by 2149-12-31");
    if (day <= (days.at(-1) ?? terms.disbursementDay)) {
      throw outOfRange("changes", `${formatDate(day)} is not after the due day before it`);
    }
    days.push(day);
  }
  const [unknown] = moves.keys();
  if (unknown === undefined) return days;
  throw new LendingError("impossible", "changes", `no instalment is due on ${formatDate(unknown)}`);
}

function assertPeriods(terms: ScheduleTerms, periods: readonly Period[]): readonly Period[] {
  if (terms.changes?.length) {
    throw new LendingError("unsupported", "changes", "cannot change a schedule whose periods are given");
  }
  if (periods.length !== terms.numberOfInstalments) {
    const problem = `must be ${terms.numberOfInstalments}, the number of instalments, and are ${periods.length}`;
    throw new LendingError("mismatch", "periods", problem);
  }
  for (const [index, { from, due }] of periods.entries()) {
    const before = periods[index - 1]?.due ?? startDay(terms);
    if (from < before) throw outOfRange(`periods[${index}].from`, `must not be before ${formatDate(before)}`);
    if (due <= from) throw outOfRange(`periods[${index}].due`, `must be after ${formatDate(from)}`);
    if (due > LAST_DAY) throw outOfRange(`periods[${index}].due`, "must be by 2149-12-31");
  }
  const end = periods.at(-1)?.due ?? 0;
  const lastPaidOut = Math.max(terms.disbursementDay + 1, ...(terms.tranches ?? []).map(({ day }) => day));
  if (end < lastPaidOut) {
    throw outOfRange(`periods[${periods.length - 1}].due`, `must not be before ${formatDate(lastPaidOut)}`);
  }
  return periods;
}

function outOfRange(path: string, problem: string): LendingError {
  return new LendingError("out_of_range", path, problem);
}
