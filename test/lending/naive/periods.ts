import type { Period, ScheduleTerms } from "../../../lending/schedule/terms.ts";
import { dateOf, monthsLater } from "./calendar.ts";

export function naiveStart(terms: ScheduleTerms): number {
  return terms.scheduleStartDay ?? terms.disbursementDay;
}

/** With the instalments that changes add, one for each period of further grace on principal among them. */
export function agreedCount(terms: ScheduleTerms): number {
  let count = terms.numberOfInstalments;
  for (const change of terms.changes ?? []) count += change.extraInstalments + change.graceOnPrincipal;
  return count;
}

function later(terms: ScheduleTerms, day: number, periods: number, seed: number): number {
  const units = periods * terms.repayEvery;
  if (terms.repayUnit === "months") return monthsLater(day, units, seed);
  return day + units * (terms.repayUnit === "weeks" ? 7 : 1);
}

/** All due days first; then each change that moves one writes it and all after it anew. */
export function naivePeriods(terms: ScheduleTerms): Period[] {
  if (terms.periods !== undefined) return [...terms.periods];
  const start = naiveStart(terms);
  const lastTranche = Math.max(...(terms.tranches ?? []).map(({ day }) => day), 0);
  const isComplete = (days: number[]) =>
    days.length >= agreedCount(terms) && (days.at(-1) ?? 0) >= lastTranche;
  /** Goes on after `days` with the days that follow `anchor`, the first of them `skipped` periods after it. */
  const goOn = (days: number[], anchor: number, skipped: number): number[] => {
    const all = [...days];
    for (let k = skipped; !isComplete(all); k++) all.push(later(terms, anchor, k, dateOf(anchor).dayOfMonth));
    return all;
  };
  const first = terms.firstRepaymentDay;
  let days = first === undefined ? goOn([], start, 1) : goOn([], first, 0);
  for (const { from, dueDay } of terms.changes ?? []) {
    if (dueDay === undefined) continue;
    const moved = days.indexOf(from);
    if (moved === -1) throw new RangeError(`nothing is due on day ${from}`);
    days = goOn([...days.slice(0, moved), dueDay], dueDay, 1);
  }
  return days.map((due, index) => ({ from: days[index - 1] ?? start, due }));
}
