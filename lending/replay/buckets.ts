import type { Day } from "../calendar.ts";
import { divRound, type RoundingMode, smallerOf } from "../money.ts";
import { type Component, isPaidOff, type LedgerRow, unpaidPart } from "./ledger.ts";

export const DUE_TYPES = ["past_due", "due", "in_advance"] as const;
export type DueType = (typeof DUE_TYPES)[number];

/** One of 12: a component of instalments that are overdue, due on the day, or not due yet. */
export interface Bucket {
  when: DueType;
  component: Component;
}

/** The general form of allocation. Source: Fineract, advanced-payment-allocation-strategy. */
export interface BucketRule {
  /** Each of the 12 buckets once. */
  order: readonly Bucket[];
  /** `horizontal`: one instalment is finished before the next; `vertical`: one bucket over all instalments first. */
  processing: "horizontal" | "vertical";
  /** What money in advance pays: the next instalment, the last, or an equal part of each. */
  future: "next" | "last" | "reamortise";
  rounding: RoundingMode;
}

/** Pays at most `limit` of a component and books it; returns what was taken. */
export type PayBucket = (row: LedgerRow, component: Component, limit: bigint, when: DueType) => bigint;

/** Pays `amount` over `rows` (in the order of their due days); returns what is left when nothing more is owed. */
export function payByBuckets(
  rule: BucketRule,
  rows: readonly LedgerRow[],
  amount: bigint,
  day: Day,
  pay: PayBucket,
): bigint {
  const run: Run = { rule, rows, day, pay, left: amount };
  if (rule.processing === "horizontal") {
    for (const when of new Set(rule.order.map((bucket) => bucket.when))) payInstalments(run, when);
  } else {
    for (const bucket of rule.order) payBucket(run, bucket);
  }
  return run.left;
}

interface Run {
  rule: BucketRule;
  rows: readonly LedgerRow[];
  day: Day;
  pay: PayBucket;
  left: bigint;
}

function payInstalments(run: Run, when: DueType): void {
  const components = run.rule.order
    .filter((bucket) => bucket.when === when)
    .map(({ component }) => component);
  payWhileOpen(run, when, components, (row) => !isPaidOff(row));
}

function payBucket(run: Run, { when, component }: Bucket): void {
  payWhileOpen(run, when, [component], (row) => unpaidPart(row, component) > 0n);
}

/** In advance an instalment may take less on the day than it will owe: then the money goes on to another. */
function payWhileOpen(
  run: Run,
  when: DueType,
  components: readonly Component[],
  isOpen: (row: LedgerRow) => boolean,
): void {
  const full = new Set<LedgerRow>();
  while (run.left > 0n) {
    const targets = targetsOf(run, when, (row) => isOpen(row) && !full.has(row));
    if (targets.length === 0) return;
    const before = run.left;
    for (const component of components) payEvenly(run, targets, component, when);
    if (run.left === before) for (const row of targets) full.add(row);
  }
}

/** The oldest instalment of the kind; in advance those that the future rule names. */
function targetsOf(run: Run, when: DueType, isOpen: (row: LedgerRow) => boolean): LedgerRow[] {
  const open = run.rows.filter((row) => dueTypeOf(row, run.day) === when && isOpen(row));
  if (when === "in_advance" && run.rule.future === "reamortise") return open;
  const one = when === "in_advance" && run.rule.future === "last" ? open.at(-1) : open[0];
  return one === undefined ? [] : [one];
}

function dueTypeOf({ due }: LedgerRow, day: Day): DueType {
  if (due < day) return "past_due";
  return due === day ? "due" : "in_advance";
}

/** An equal part for each target; the last takes what the division leaves over. */
function payEvenly(run: Run, targets: readonly LedgerRow[], component: Component, when: DueType): void {
  if (targets.length === 0) return;
  const count = BigInt(targets.length);
  const [whole, even] = [run.left, divRound(run.left, count, run.rule.rounding)];
  for (const [index, row] of targets.entries()) {
    const part = index === targets.length - 1 ? whole - even * (count - 1n) : even;
    run.left -= run.pay(row, component, smallerOf(part, run.left), when);
  }
}
