import type { Day } from "../calendar.ts";
import type { Fraction, RepayUnit } from "../rate.ts";
import type { ScheduleTerms, TermChange } from "../schedule/terms.ts";
import type { BucketRule } from "./buckets.ts";
import type { Charge, ChargeBase } from "./charges.ts";
import type { RecalculationRule } from "./recalculation.ts";
import type { Strategy } from "./strategies.ts";

/** How payments are divided: one order inside each instalment, or 12 buckets over all of them. */
export type Allocation = { kind: "strategy"; strategy: Strategy } | ({ kind: "buckets" } & BucketRule);

/** A loan as it was agreed. */
export interface Loan {
  terms: ScheduleTerms;
  allocation: Allocation;
  /** Undefined: the plan stays as it is, whatever is paid when. */
  recalculation: RecalculationRule | undefined;
  /** Charged once for each instalment that a close of business finds overdue; percent of what is unpaid of it. */
  overduePenalty: { percent: Fraction; of: ChargeBase } | undefined;
  /** The down payment of a tranche is paid out of the tranche. */
  paysDownPayment: boolean;
}

/** Unpaid principal is put on new instalments; the old ones keep what was paid of them. */
export interface ReAge {
  day: Day;
  firstDue: Day;
  every: number;
  unit: RepayUnit;
  numberOfInstalments: number;
}

/** Something that was posted, in the order of posting; `day` is the day on which it counts. */
export type Entry =
  | { kind: "disbursement"; day: Day; amount: bigint }
  | { kind: "repayment"; day: Day; amount: bigint }
  | { kind: "payoff"; day: Day }
  | { kind: "charge"; charge: Charge }
  /** Takes back the `nth` repayment, counted from 1. */
  | { kind: "reversal"; day: Day; nth: number }
  | { kind: "change"; day: Day; change: TermChange }
  | ({ kind: "re_age" } & ReAge)
  /** The books of the business day are closed. */
  | { kind: "close_of_business" }
  /** From here on this is the business day. */
  | { kind: "as_of"; day: Day };
