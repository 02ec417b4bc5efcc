import { addMonths, type Day, formatDate, LAST_DAY } from "../calendar.ts";
import { LendingError, type LendingErrorCode, withPaths } from "../errors.ts";
import { MAX_REPAY_EVERY, MAX_SCHEDULE_ROWS } from "../limits.ts";
import { periodsOf } from "../schedule/periods.ts";
import { stepsOf } from "../schedule/steps.ts";
import { bearsInterest, type ScheduleTerms, type TermChange } from "../schedule/terms.ts";
import type { Loan, ReAge } from "./history.ts";

/**
 * Checks that a change fits the terms as they stand. Source of what the progressive engine lacks: Fineract,
 * ProgressiveLoanRescheduleRequestDataValidator.
 * @throws LendingError naming the field of `path`, as a case of the golden format calls it.
 */
export function assertChange(terms: ScheduleTerms, change: TermChange, path: string): void {
  const { from, dueDay, annualRate, graceOnPrincipal, graceOnInterest, extraInstalments } = change;
  const isProgressive = terms.engine === "progressive";
  const lacking = { graceOnPrincipal, graceOnInterest, extraTerms: extraInstalments };
  for (const [field, count] of Object.entries(isProgressive ? lacking : {})) {
    if (count > 0) refuse("unsupported", `${path}.${field}`, "is computed by the cumulative engine alone");
  }
  const changesRateAlone = isProgressive && dueDay === undefined && annualRate !== undefined;
  const isMet = periodsOf(terms).some((p) =>
    changesRateAlone ? from > p.from && from <= p.due : p.due === from,
  );
  if (!isMet)
    refuse("impossible", `${path}.rescheduleFromDate`, `no instalment is due on ${formatDate(from)}`);
  const field = fieldOfRows(change);
  withPaths(
    (inner) => `${path}.${FIELD_OF_STEPS[inner] ?? field}`,
    () => {
      const changed = { ...terms, changes: [...(terms.changes ?? []), change] };
      stepsOf(changed, periodsOf(changed));
    },
  );
}

const FIELD_OF_STEPS: Record<string, string> = {
  changes: "adjustedDueDate",
  graceOnInterest: "graceOnInterest",
};

/** What made the rows too many or too late. */
function fieldOfRows({ extraInstalments, graceOnPrincipal }: TermChange): string {
  if (extraInstalments > 0) return "extraTerms";
  return graceOnPrincipal > 0 ? "graceOnPrincipal" : "adjustedDueDate";
}

/**
 * Checks that money can go out on `day`; the progressive engine has no instalment for what goes out after the last.
 * @throws LendingError naming `path`.
 */
export function assertTranche(terms: ScheduleTerms, day: Day, path: string): void {
  if (day < terms.disbursementDay) refuse("out_of_range", path, "must not be before the agreed disbursement");
  const last = terms.engine === "progressive" ? periodsOf(terms).at(-1) : undefined;
  if (last === undefined || day < last.due) return;
  refuse("unsupported", path, `must be before the last due day, ${formatDate(last.due)}`);
}

/**
 * Checks that a loan can be re-aged: without interest, by the progressive engine, once a day, onto instalments after all
 * others. Source: Fineract, LoanReAgingValidator.
 * @throws LendingError naming the field of `path`, as a case of the golden format calls it.
 */
export function assertReAge({ terms }: Loan, reAge: ReAge, earlier: readonly ReAge[], path: string): void {
  if (terms.engine !== "progressive") {
    refuse("unsupported", `${path}.type`, "the progressive engine alone can re-age a loan");
  }
  if (bearsInterest(terms)) {
    refuse("unsupported", `${path}.type`, "a loan that bears interest cannot be re-aged");
  }
  if (reAge.numberOfInstalments > MAX_SCHEDULE_ROWS) {
    refuse("out_of_range", `${path}.numberOfInstallments`, `must be at most ${MAX_SCHEDULE_ROWS}`);
  }
  if (reAge.every > MAX_REPAY_EVERY) {
    refuse("out_of_range", `${path}.frequencyNumber`, `must be at most ${MAX_REPAY_EVERY}`);
  }
  if (earlier.some(({ day }) => day === reAge.day)) {
    refuse("impossible", `${path}.date`, `the loan was re-aged on ${formatDate(reAge.day)} already`);
  }
  const last = Math.max(...[...periodsOf(terms).map(({ due }) => due), ...earlier.map(lastDue)]);
  if (reAge.firstDue <= last) {
    refuse("out_of_range", `${path}.startDate`, `must be after the last due day, ${formatDate(last)}`);
  }
  if (lastDue(reAge) > LAST_DAY) {
    refuse("out_of_range", `${path}.numberOfInstallments`, "the last must be due by 2149-12-31");
  }
}

function lastDue({ firstDue, every, unit, numberOfInstalments }: ReAge): Day {
  const units = every * (numberOfInstalments - 1);
  if (unit === "months") return addMonths(firstDue, units);
  return firstDue + units * (unit === "weeks" ? 7 : 1);
}

/** @throws LendingError */
function refuse(code: LendingErrorCode, path: string, problem: string): never {
  throw new LendingError(code, path, problem);
}
