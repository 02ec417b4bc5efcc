import { assertDay, civilOfDay, type Day, formatDate, LAST_DAY } from "./calendar.ts";
import { LendingError } from "./errors.ts";

/** Which days people work on, as the caller knows it. */
export interface WorkingCalendar {
  isWorkingDay(day: Day): boolean;
}

/** Days on which nobody works, both ends included. */
export interface Holiday {
  from: Day;
  to: Day;
}

/**
 * Where a due day goes that is no working day. `same`: it stays. `next`, `previous`: the nearest working day after or
 * before it. `next_same_month`: the next one, unless that lies in another month, then the previous one (bond markets call
 * it "modified following"). Fineract's "move to next repayment meeting day" has no counterpart: it lays two instalments
 * on one day.
 */
export type WorkingDayRule = "same" | "next" | "previous" | "next_same_month";

/** Days after which the search for a working day ends: a year without one is a mistake in the calendar. */
const MAX_MOVE_DAYS = 366;

/** Most holidays of a calendar: one range a week over the years that loans may span. */
const MAX_HOLIDAYS = 10_000;

/** The day of the week, 1 = Monday to 7 = Sunday (ISO 8601). 1970-01-01 was a Thursday. */
function weekdayOf(day: Day): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/**
 * A calendar of weekly rest days (1 = Monday to 7 = Sunday) and holidays.
 * @throws LendingError naming the field.
 */
export function holidayCalendar(
  restWeekdays: readonly number[],
  holidays: readonly Holiday[],
): WorkingCalendar {
  for (const [index, weekday] of restWeekdays.entries()) {
    if (Number.isInteger(weekday) && weekday >= 1 && weekday <= 7) continue;
    const problem = "must be a day of the week from 1 (Monday) to 7 (Sunday)";
    throw new LendingError("out_of_range", `restWeekdays[${index}]`, problem);
  }
  if (holidays.length > MAX_HOLIDAYS) {
    throw new LendingError("out_of_range", "holidays", `must be at most ${MAX_HOLIDAYS}`);
  }
  for (const [index, { from, to }] of holidays.entries()) {
    assertDay(from, `holidays[${index}].from`);
    assertDay(to, `holidays[${index}].to`);
    if (to < from) throw new LendingError("invalid", `holidays[${index}].to`, "must not be before from");
  }
  const rest = new Set(restWeekdays);
  // One mark a day that a loan may have: asking stays cheap however many holidays there are.
  const isHoliday = new Uint8Array(LAST_DAY + 1);
  for (const { from, to } of holidays) isHoliday.fill(1, from, to + 1);
  return { isWorkingDay: (day) => !rest.has(weekdayOf(day)) && isHoliday[day] !== 1 };
}

/**
 * Moves due days to working days. Each is moved from its own date, so a moved day does not drag the ones after it:
 *
 *     due    Sun 5 May      Wed 5 June     Fri 5 July
 *     next   Mon 6 May      Wed 5 June     Fri 5 July
 *
 * @param dueDays the unmoved due days, strictly rising, all after `disbursementDay`.
 * @returns the moved days, as many, strictly rising and after `disbursementDay`.
 * @throws LendingError `impossible` naming `dueDays[i]` where a move would meet the instalment before it or the
 * disbursement, or `calendar` where it has no working day within 366 days; `invalid` for due days that do not rise.
 */
export function moveDueDays(
  dueDays: readonly Day[],
  rule: WorkingDayRule,
  calendar: WorkingCalendar,
  disbursementDay: Day,
): Day[] {
  assertDay(disbursementDay, "disbursementDay");
  assertRising(dueDays, disbursementDay);
  const moved = dueDays.map((day) => workingDay(day, rule, calendar));
  for (const [index, day] of moved.entries()) {
    const path = `dueDays[${index}]`;
    assertDay(day, path);
    const before = index === 0 ? disbursementDay : (moved[index - 1] ?? disbursementDay);
    if (day > before) continue;
    const met = index === 0 ? "the disbursement" : "the instalment before it";
    const problem = `moved to ${formatDate(day)}, which is not after ${met} on ${formatDate(before)}`;
    throw new LendingError("impossible", path, problem);
  }
  return moved;
}

function workingDay(day: Day, rule: WorkingDayRule, calendar: WorkingCalendar): Day {
  if (rule === "same") return day;
  if (rule === "previous") return search(day, -1, calendar);
  const next = search(day, 1, calendar);
  return rule === "next" || isSameMonth(day, next) ? next : search(day, -1, calendar);
}

function isSameMonth(a: Day, b: Day): boolean {
  const [first, second] = [civilOfDay(a), civilOfDay(b)];
  return first.year === second.year && first.month === second.month;
}

/** The first working day from `day` on, in steps of a day forward (1) or back (-1). */
function search(day: Day, step: 1 | -1, calendar: WorkingCalendar): Day {
  for (let moves = 0; moves <= MAX_MOVE_DAYS; moves++) {
    const candidate = day + step * moves;
    if (calendar.isWorkingDay(candidate)) return candidate;
  }
  const side = step === 1 ? "after" : "before";
  const problem = `has no working day within ${MAX_MOVE_DAYS} days ${side} ${formatDate(day)}`;
  throw new LendingError("impossible", "calendar", problem);
}

function assertRising(dueDays: readonly Day[], disbursementDay: Day): void {
  let last = disbursementDay;
  for (const [index, day] of dueDays.entries()) {
    assertDay(day, `dueDays[${index}]`);
    if (day <= last) {
      const than = index === 0 ? "the disbursement" : "the due day before it";
      throw new LendingError("invalid", `dueDays[${index}]`, `must be after ${than}`);
    }
    last = day;
  }
}
