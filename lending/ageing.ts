import { assertDay, type Day } from "./calendar.ts";
import { LendingError } from "./errors.ts";
import { assertMinor } from "./money.ts";
import { addComponents, type Components, noComponents, sumOf } from "./standing.ts";

/** An instalment and what was paid on it so far, in minor units. */
export interface AgedInstalment extends Components {
  /** The day until whose end it is on time. */
  day: Day;
  paid: Components;
}

/** Arrears that do not count yet. */
export interface ArrearsTolerance {
  /** Days past due that are taken off before a loan is delinquent (Fineract: `graceOnArrearsAgeing`). */
  days: number;
  /** Overdue minor units up to which a loan is not past due (Fineract: `inArrearsTolerance`). */
  amount: bigint;
}

/** A class of delinquent days, both ends included; the last of a list may be open. */
export interface DelinquencyRange {
  fromDays: number;
  toDays?: number | undefined;
}

/** How late a loan is at the end of a day. */
export interface Ageing {
  /** Whole days since the oldest unpaid due day; 0 while nothing is overdue beyond the tolerated amount. */
  daysPastDue: number;
  /** Days past due beyond the tolerated ones: what the bucket goes by. */
  delinquentDays: number;
  /** The oldest due day that is not paid in full; undefined while nothing is overdue, tolerated or not. */
  overdueSince: Day | undefined;
  /** Unpaid parts of all instalments whose due day is over, tolerated or not, in minor units. */
  overdue: Components;
  /** The sum of `overdue`. */
  totalOverdue: bigint;
  /** The range that holds the delinquent days; undefined below the first one. */
  bucket: DelinquencyRange | undefined;
}

/** Days overdue at which a range ends. Source: Fineract, DelinquencyGlobalInitializerStep, DEFAULT_DELINQUENCY_RANGES. */
const DEFAULT_RANGE_ENDS = [3, 30, 60, 90, 120, 150, 180, 240, undefined];

/** 1-3, 4-30, 31-60, 61-90, 91-120, 121-150, 151-180, 181-240, and from 241. */
export const DEFAULT_BUCKETS: readonly DelinquencyRange[] = DEFAULT_RANGE_ENDS.map((toDays, index) => ({
  fromDays: (DEFAULT_RANGE_ENDS[index - 1] ?? 0) + 1,
  toDays,
}));

/** Nothing is tolerated: a loan is past due on the first day after an unpaid due day. */
const NO_TOLERANCE: ArrearsTolerance = { days: 0, amount: 0n };

const COMPONENT_NAMES = ["penalty", "fee", "interest", "principal"] as const;

/**
 * How late a loan is on `day`:
 *
 *     due 5 May            6 May: 1 day past due      7 May: 2 days past due
 *     |-- still on time --|--------------------------|----
 *
 * The due day itself is on time to its end. Source of both tolerances: Fineract, LoanDelinquencyDomainServiceImpl
 * (delinquent days = overdue days less grace) and Loan.inArrearsTolerance.
 * @throws LendingError naming the field: days that do not rise, amounts out of range, more paid than due, ranges that
 * leave a gap or overlap.
 */
export function ageOf(
  instalments: readonly AgedInstalment[],
  day: Day,
  tolerance: ArrearsTolerance = NO_TOLERANCE,
  buckets: readonly DelinquencyRange[] = DEFAULT_BUCKETS,
): Ageing {
  assertInstalments(instalments);
  assertDay(day, "day");
  assertDays(tolerance.days, 0, "tolerance.days");
  assertMinor(tolerance.amount, "tolerance.amount");
  assertBuckets(buckets);
  const late = instalments.filter((instalment) => instalment.day < day && sumOf(unpaid(instalment)) > 0n);
  const overdue = noComponents();
  for (const instalment of late) addComponents(overdue, unpaid(instalment));
  const totalOverdue = sumOf(overdue);
  const overdueSince = late[0]?.day;
  const daysPastDue = totalOverdue > tolerance.amount ? day - (overdueSince ?? day) : 0;
  const delinquentDays = Math.max(0, daysPastDue - tolerance.days);
  const bucket = buckets.find(
    ({ fromDays, toDays }) => fromDays <= delinquentDays && delinquentDays <= (toDays ?? delinquentDays),
  );
  return { daysPastDue, delinquentDays, overdueSince, overdue, totalOverdue, bucket };
}

function unpaid({ paid, ...due }: AgedInstalment): Components {
  return {
    penalty: due.penalty - paid.penalty,
    fee: due.fee - paid.fee,
    interest: due.interest - paid.interest,
    principal: due.principal - paid.principal,
  };
}

function assertInstalments(instalments: readonly AgedInstalment[]): void {
  for (const [index, instalment] of instalments.entries()) {
    const path = `instalments[${index}]`;
    assertDay(instalment.day, `${path}.day`);
    if (index > 0 && instalment.day <= (instalments[index - 1]?.day ?? 0)) {
      throw new LendingError("invalid", `${path}.day`, "must be after the due day before it");
    }
    for (const name of COMPONENT_NAMES) {
      assertMinor(instalment[name], `${path}.${name}`);
      assertMinor(instalment.paid[name], `${path}.paid.${name}`);
      if (instalment.paid[name] <= instalment[name]) continue;
      throw new LendingError("out_of_range", `${path}.paid.${name}`, "must not be more than is due");
    }
  }
}

/** Ranges must begin at a day or more, follow each other without gap, and only the last may be open. */
function assertBuckets(buckets: readonly DelinquencyRange[]): void {
  for (const [index, { fromDays, toDays }] of buckets.entries()) {
    const path = `buckets[${index}]`;
    assertDays(fromDays, 1, `${path}.fromDays`);
    if (index > 0 && fromDays !== (buckets[index - 1]?.toDays ?? Number.NaN) + 1) {
      throw new LendingError("invalid", `${path}.fromDays`, "must be the day after the range before it");
    }
    if (toDays !== undefined) assertDays(toDays, fromDays, `${path}.toDays`);
  }
}

function assertDays(days: number, min: number, path: string): void {
  if (Number.isSafeInteger(days) && days >= min) return;
  throw new LendingError("out_of_range", path, `must be a whole number of days from ${min}`);
}
