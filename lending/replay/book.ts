import type { Day } from "../calendar.ts";
import { type Components, noComponents, sumOf } from "../standing.ts";
import { type Bucket, DUE_TYPES, payByBuckets } from "./buckets.ts";
import type { Charge } from "./charges.ts";
import type { Allocation, Loan, ReAge } from "./history.ts";
import { type Component, type LedgerRow, payComponent } from "./ledger.ts";
import { payByStrategy } from "./strategies.ts";

/**
 * What happened, after reversals are taken out and quotes are filled in. It counts on `day`; `posted` is its place among
 * the entries, `on` the business day of that.
 */
export type Fact = { posted: number; on: Day; day: Day } & (
  | { kind: "disbursement"; amount: bigint }
  /** With `paysOff`, what was quoted as the payoff of the day. */
  | { kind: "repayment"; amount: bigint; paysOff: boolean }
  /** Paid out of a tranche at once. */
  | { kind: "down_payment"; amount: bigint }
  | { kind: "charge"; charge: Charge }
  | ({ kind: "re_age" } & ReAge)
  /** The books of the day were closed: late principal has borne interest until then. */
  | { kind: "close" }
);

export type PostingKind = "disbursement" | "disbursement_fee" | "down_payment" | "repayment" | "re_age";

/** A fact with the components that it moved. Amounts are minor units. */
export interface Posting {
  kind: PostingKind;
  posted: number;
  day: Day;
  amount: bigint;
  components: Components;
  /** What its overpaid money has paid since, when a later tranche made something due; not part of `components`. */
  spent: Components;
  /** Paid beyond all that was owed; kept as a balance of the borrower. */
  overpaid: bigint;
}

/** A loan after some facts. */
export interface Book {
  rows: LedgerRow[];
  postings: Posting[];
  overpaid: bigint;
}

export interface BookInput {
  loan: Loan;
  /** In the order of posting. */
  facts: readonly Fact[];
  /** The day on which the book is looked at: late principal has borne interest until then. */
  asOf?: Day | undefined;
}

export function factsOf<K extends Fact["kind"]>(
  facts: readonly Fact[],
  kind: K,
): Extract<Fact, { kind: K }>[] {
  return facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
}

/** Money that came in, in the order of posting. */
export function paymentsOf(facts: readonly Fact[]): Extract<Fact, { kind: "repayment" | "down_payment" }>[] {
  return facts.filter((fact) => fact.kind === "repayment" || fact.kind === "down_payment");
}

/** By day, and in the order of posting within one. */
export function chronological<T extends { day: Day; posted: number }>(facts: readonly T[]): T[] {
  return facts.toSorted((a, b) => a.day - b.day || a.posted - b.posted);
}

export function openPosting(
  kind: PostingKind,
  { posted, day }: { posted: number; day: Day },
  amount: bigint,
): Posting {
  return { kind, posted, day, amount, components: noComponents(), spent: noComponents(), overpaid: 0n };
}

/**
 * A payoff pays all that is owed, oldest first and interest before principal: also what its strategy would not take early,
 * and the interest of a period whose principal it pays before it was due.
 */
export function payoffAllocation({ allocation }: Loan): Allocation {
  if (allocation.kind === "strategy") return { kind: "strategy", strategy: "penalty_fee_interest_principal" };
  return { ...allocation, order: PAYOFF_ORDER, processing: "horizontal", future: "next" };
}

const PAYOFF_ORDER: readonly Bucket[] = DUE_TYPES.flatMap((when) =>
  (["penalty", "fee", "interest", "principal"] as const).map((component) => ({ when, component })),
);

type Pay = (row: LedgerRow, component: Component, limit: bigint, when: Bucket["when"]) => bigint;

/** Divides the posting's amount, or `amount` of it, over the rows as of `day`; what is left over is overpaid. */
export function allocate(
  allocation: Allocation,
  rows: readonly LedgerRow[],
  posting: Posting,
  { amount = posting.amount, day = posting.day, pay }: { amount?: bigint; day?: Day; pay?: Pay } = {},
): bigint {
  const { components } = posting;
  const take: Pay = pay ?? ((row, component, limit) => payComponent(row, component, limit, day));
  const left =
    allocation.kind === "strategy"
      ? payByStrategy(allocation.strategy, rows, amount, day, (_row, component, taken) => {
          components[component] += taken;
        })
      : payByBuckets(allocation, rows, amount, day, (row, component, limit, when) => {
          const taken = take(row, component, limit, when);
          components[component] += taken;
          return taken;
        });
  posting.overpaid = posting.amount - sumOf(components) - sumOf(posting.spent);
  return left;
}
