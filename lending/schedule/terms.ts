import { assertDay, type Day, formatDate } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { MAX_REPAY_EVERY, MAX_SCHEDULE_ROWS } from "../limits.ts";
import { assertMinor, type Minor, type Rounding } from "../money.ts";
import type { Fraction, RepayUnit } from "../rate.ts";
import type { WorkingCalendar, WorkingDayRule } from "../working-days.ts";

/** Money that goes out to the borrower on a day. */
export interface Tranche {
  day: Day;
  amount: Minor;
}

/** A repayment period: interest runs from the end of `from` to the end of `due`. */
export interface Period {
  from: Day;
  due: Day;
}

/** Counted in repayment periods from the first one. */
export interface Grace {
  /** Periods in which no principal is due. */
  principal: number;
  /** Periods whose interest is due only with the first period after them. */
  interestPayment: number;
  /** Periods that bear no interest at all. */
  interest: number;
}

/** From the instalment due on `from` (or the first one after it) on. */
export interface TermChange {
  /** The day on which it was agreed; `from` if it is not stated. */
  agreedOn?: Day | undefined;
  from: Day;
  annualRate?: Fraction | undefined;
  /** The instalment that is due on `from` falls due on this day instead, and later ones follow from it. */
  dueDay?: Day | undefined;
  /** Further periods without principal. */
  graceOnPrincipal: number;
  /** Further periods whose interest is collected with the first period after them. */
  graceOnInterest: number;
  /** Instalments that are added at the end. */
  extraInstalments: number;
}

/** What a schedule follows from. Amounts are minor units, days are day numbers, the rate is a fraction of one a year. */
export interface ScheduleTerms {
  principal: Minor;
  annualRate: Fraction;
  numberOfInstalments: number;
  repayEvery: number;
  repayUnit: RepayUnit;
  /** `flat`: interest on the original principal to the end; `declining_balance`: on what is still owed. */
  interestMethod: "declining_balance" | "flat";
  /** `repayment_period`: each bears one period's interest, however many days it has; `daily`: the days count. */
  interestPeriod: "daily" | "repayment_period";
  /** With `repayment_period`: a period that is shorter or longer than the others bears its part of the interest. */
  partialPeriods: boolean;
  amortisation: "equal_instalments" | "equal_principal";
  /**
   * `cumulative`: one balance, walked from period to period. `progressive`: every period is cut into slices of constant
   * balance, and instalments are solved from the slices' factors; leap years count. The two engines of Fineract.
   */
  engine: "cumulative" | "progressive";
  daysInYear: 360 | 364 | 365 | "actual";
  daysInMonth: 30 | "actual";
  grace: Grace;
  rounding: Rounding;
  /** Instalments are rounded to a multiple of this; 1 rounds to the minor unit. Equal principal ignores it. */
  instalmentMultiple: Minor;
  disbursementDay: Day;
  firstRepaymentDay?: Day | undefined;
  /** Where the first period begins if not with the disbursement; interest begins with the disbursement all the same. */
  scheduleStartDay?: Day | undefined;
  /** Instead of periods that follow from the terms; may leave gaps. */
  periods?: readonly Period[] | undefined;
  /** What is paid out when; by default the principal on the disbursement day. */
  tranches?: readonly Tranche[] | undefined;
  /** Part of each tranche that is due on the day of the tranche, as a fraction of one. */
  downPayment?: Fraction | undefined;
  /** Due days that are no working days are moved; the ones after them follow from the unmoved days. */
  workingDays?: { rule: WorkingDayRule; calendar: WorkingCalendar } | undefined;
  /** In the order in which they were agreed. */
  changes?: readonly TermChange[] | undefined;
}

/** @throws LendingError naming the field. */
export function assertTerms(terms: ScheduleTerms): void {
  assertPositive(terms.principal, "principal");
  assertCount(terms.numberOfInstalments, 1, MAX_SCHEDULE_ROWS, "numberOfInstalments");
  assertCount(terms.repayEvery, 1, MAX_REPAY_EVERY, "repayEvery");
  assertPositive(terms.instalmentMultiple, "instalmentMultiple");
  if (terms.rounding.multiple < 1n) {
    throw new LendingError("out_of_range", "currencyMultiple", "must be at least 1 minor unit");
  }
  assertDay(terms.disbursementDay, "disbursementDate");
  if (terms.firstRepaymentDay !== undefined) assertDay(terms.firstRepaymentDay, "firstRepaymentDate");
  assertStart(terms);
  assertGrace(terms);
  assertTranches(terms);
  if (terms.engine === "progressive") assertProgressive(terms);
}

/** Whether there is or will be a rate above 0. */
export function bearsInterest({ annualRate, changes = [] }: ScheduleTerms): boolean {
  return [annualRate, ...changes.map((change) => change.annualRate)].some(
    (rate) => (rate?.numerator ?? 0n) > 0n,
  );
}

/** What the progressive engine does not compute. */
function assertProgressive(terms: ScheduleTerms): void {
  const { interestMethod, amortisation, grace, changes = [] } = terms;
  const refuse = (isAsked: boolean, path: string, problem: string): void => {
    if (isAsked) throw new LendingError("unsupported", path, problem);
  };
  const elsewhere = "is computed by the cumulative engine alone";
  refuse(grace.principal > 0, "graceOnPrincipal", `grace ${elsewhere}`);
  refuse(grace.interestPayment > 0, "graceOnInterestPayment", `grace ${elsewhere}`);
  refuse(grace.interest > 0, "graceOnInterestCharged", `grace ${elsewhere}`);
  if (!bearsInterest(terms)) return;
  refuse(interestMethod === "flat", "interestMethod", `flat interest ${elsewhere}`);
  refuse(amortisation === "equal_principal", "amortisation", `equal principal ${elsewhere}`);
  const onlyRate = changes.every(
    (change) =>
      change.dueDay === undefined &&
      change.graceOnPrincipal + change.graceOnInterest + change.extraInstalments === 0,
  );
  refuse(!onlyRate, "changes", `a change of anything but the rate ${elsewhere}`);
}

function assertStart({ scheduleStartDay, disbursementDay }: ScheduleTerms): void {
  if (scheduleStartDay === undefined) return;
  assertDay(scheduleStartDay, "scheduleStartDate");
  if (scheduleStartDay <= disbursementDay) return;
  throw new LendingError(
    "out_of_range",
    "scheduleStartDate",
    `must not be after the disbursement on ${formatDate(disbursementDay)}`,
  );
}

function assertGrace({ grace, numberOfInstalments }: ScheduleTerms): void {
  const last = numberOfInstalments - 1;
  assertCount(grace.principal, 0, last, "graceOnPrincipal");
  assertCount(grace.interestPayment, 0, last, "graceOnInterestPayment");
  assertCount(grace.interest, 0, numberOfInstalments, "graceOnInterestCharged");
}

function assertTranches(terms: ScheduleTerms): void {
  const tranches = tranchesOf(terms);
  let total = 0n;
  for (const [index, { day, amount }] of tranches.entries()) {
    assertPositive(amount, `tranches[${index}].amount`);
    assertDay(day, `tranches[${index}].date`);
    if (day < (tranches[index - 1]?.day ?? terms.disbursementDay)) {
      const problem = "must not be before the disbursement or the tranche before it";
      throw new LendingError("out_of_range", `tranches[${index}].date`, problem);
    }
    total += amount;
  }
  if (total !== terms.principal) {
    throw new LendingError(
      "mismatch",
      "tranches",
      `sum to ${total}, but the principal is ${terms.principal}`,
    );
  }
}

/** What is paid out when. */
export function tranchesOf(terms: ScheduleTerms): readonly Tranche[] {
  return terms.tranches ?? [{ day: terms.disbursementDay, amount: terms.principal }];
}

function assertPositive(amount: bigint, path: string): void {
  assertMinor(amount, path);
  if (amount === 0n) throw new LendingError("out_of_range", path, "must be more than 0");
}

function assertCount(value: number, min: number, max: number, path: string): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new LendingError("out_of_range", path, `must be a whole number from ${min} to ${max}`);
}
