import type { Hex } from "viem";
import { LendingError } from "./errors.ts";
import { MAX_MINOR } from "./limits.ts";
import { smallerOf } from "./money.ts";
import { penaltyDue, penaltyNumeratorAt } from "./penalty.ts";
import type { Standing } from "./standing.ts";
import {
  addComponents,
  type Components,
  CURE_INSTALMENTS,
  type EnforcedTerms,
  noComponents,
  sumOf,
  unpaidOf,
} from "./standing.ts";

export type { Components, EnforcedTerms, Standing } from "./standing.ts";
export { daysPastDue, openStanding, outstandingPrincipal, sumOf } from "./standing.ts";

/** What one payment put on one instalment; `index` counts from 0, as in the event `InstalmentRepaid`. */
export interface InstalmentAllocation extends Components {
  index: number;
  waivedInterest: bigint;
}

/** The outcome of a payment; `components` is what was taken (never more than the payoff), `next` the standing after it. */
export interface Repayment {
  components: Components;
  perInstalment: InstalmentAllocation[];
  waivedInterest: bigint;
  closed: boolean;
  next: Standing;
}

const COMPONENT_OF_ID = ["penalty", "fee", "interest", "principal"] as const;

/**
 * What is due up to the end of `day` and unpaid, with the penalty to that day; minor units.
 * Mirrors `Waterfall.due`. @throws LendingError if `day` is before the start.
 */
export function due(terms: EnforcedTerms, standing: Standing, day: number): Components {
  const total = noComponents();
  if (isClosed(standing, day)) return total;
  total.penalty = penaltyDue(terms, standing, penaltyNumeratorAt(terms, standing, day));
  for (let index = standing.nextInstalment; index < terms.schedule.length; index++) {
    const row = unpaidOf(terms, standing, index);
    if (row.day > day) break;
    addComponents(total, row.owed);
  }
  return total;
}

/**
 * What closes the loan on `day`: all unpaid principal, fees and penalty, and the interest that the early-settlement
 * rule leaves; minor units. Mirrors `Waterfall.payoff`. @throws LendingError if `day` is before the start.
 */
export function payoff(terms: EnforcedTerms, standing: Standing, day: number): Components {
  const total = noComponents();
  if (isClosed(standing, day)) return total;
  total.penalty = penaltyDue(terms, standing, penaltyNumeratorAt(terms, standing, day));
  for (let index = standing.nextInstalment; index < terms.schedule.length; index++) {
    const { owed } = unpaidOf(terms, standing, index);
    owed.interest = payoffInterest(terms, standing, index, day, owed.interest);
    addComponents(total, owed);
  }
  return total;
}

/**
 * Pays at most `amount` minor units on `day`: oldest instalment first, in the agreement's waterfall order inside it;
 * an amount that reaches the payoff of `day` closes the loan and waives the rest of the interest.
 * Mirrors `LoanBook.repay`; `standing` is not changed.
 * @throws LendingError for an amount that is not positive or beyond uint64, a closed loan, a day before what has
 * already been accounted for.
 */
export function repay(terms: EnforcedTerms, standing: Standing, amount: bigint, day: number): Repayment {
  if (amount <= 0n || amount > MAX_MINOR) {
    throw new LendingError("out_of_range", "amount", `must be from 1 to ${MAX_MINOR} minor units`);
  }
  if (isClosed(standing, day)) throw new LendingError("impossible", "standing.closed", "the loan is closed");
  if (day < standing.penaltyDay) {
    throw new LendingError(
      "out_of_range",
      "day",
      `must not be before ${standing.penaltyDay}, the last day accounted for`,
    );
  }
  const next = { ...accrue(terms, standing, day), payments: standing.payments + 1 };
  const run: Run = { terms, next, components: noComponents(), perInstalment: [], waivedInterest: 0n };
  if (amount >= sumOf(payoff(terms, next, day))) settle(run, day);
  else allocate(run, amount, day);
  next.closed = next.nextInstalment === terms.schedule.length;
  next.waivedInterest += run.waivedInterest;
  const { components, perInstalment, waivedInterest } = run;
  return { components, perInstalment, waivedInterest, closed: next.closed, next };
}

/**
 * The standing with its penalty brought to the end of `day`. Changes no figure that is due on any later day.
 * `penaltyDay` moves only when something accrued, as in the contract, which saves a storage write.
 */
export function accrue(terms: EnforcedTerms, standing: Standing, day: number): Standing {
  const next = { ...standing, partPaid: { ...standing.partPaid }, paid: { ...standing.paid } };
  const numerator = penaltyNumeratorAt(terms, standing, day);
  if (numerator === standing.penaltyNumerator) return next;
  return { ...next, penaltyNumerator: numerator, penaltyDay: day };
}

/** A payment under way: `next` is its own copy of the standing. */
interface Run {
  terms: EnforcedTerms;
  next: Standing;
  components: Components;
  perInstalment: InstalmentAllocation[];
  waivedInterest: bigint;
}

/** The penalty stands with the oldest unpaid instalment, which is complete only without it. */
function owedNext({ terms, next }: Run): Components {
  const { owed } = unpaidOf(terms, next, next.nextInstalment);
  owed.penalty = penaltyDue(terms, next, next.penaltyNumerator);
  return owed;
}

/** Less than a payoff: the amount is used up before the rows are. */
function allocate(run: Run, amount: bigint, day: number): void {
  let left = amount;
  while (left !== 0n) {
    const owed = owedNext(run);
    const taken = split(run.terms.waterfall, left, owed);
    left -= sumOf(taken);
    book(run, taken, 0n);
    if (sumOf(taken) === sumOf(owed)) complete(run, day);
  }
}

/** A payoff: every remaining instalment is paid in full, less the interest that the rule waives. */
function settle(run: Run, day: number): void {
  while (run.next.nextInstalment < run.terms.schedule.length) {
    const owed = owedNext(run);
    const interest = payoffInterest(run.terms, run.next, run.next.nextInstalment, day, owed.interest);
    book(run, { ...owed, interest }, owed.interest - interest);
    complete(run, day);
  }
}

function book(run: Run, taken: Components, waivedInterest: bigint): void {
  run.perInstalment.push({ index: run.next.nextInstalment, ...taken, waivedInterest });
  run.waivedInterest += waivedInterest;
  addComponents(run.components, taken);
  addComponents(run.next.paid, taken);
  addComponents(run.next.partPaid, { ...taken, penalty: 0n });
}

function complete({ terms, next }: Run, day: number): void {
  const dueDay = terms.schedule[next.nextInstalment]?.day ?? day;
  next.nextInstalment += 1;
  next.partPaid = noComponents();
  if (next.arrearsDay === 0) return;
  next.paidOnTime = day <= dueDay ? next.paidOnTime + 1 : 0;
  if (next.paidOnTime < CURE_INSTALMENTS) return;
  next.arrearsDay = 0;
  next.paidOnTime = 0;
}

/**
 * Takes back the latest payment: the loan stands as `before` it, but the payment's number is not used again. Mirrors
 * `LoanBook.reverse`.
 */
export function reverse(before: Standing, { payments }: Standing): Standing {
  return { ...before, payments };
}

/** Splits `amount` over `owed` in the order of `waterfall`, one byte a component; takes nothing beyond either. */
function split(waterfall: Hex, amount: bigint, owed: Components): Components {
  const taken = noComponents();
  let left = amount;
  for (let at = 2; at < 10; at += 2) {
    const component = COMPONENT_OF_ID[Number.parseInt(waterfall.slice(at, at + 2), 16)];
    if (component === undefined)
      throw new LendingError("invalid", "waterfall", "must be a permutation of 0 to 3");
    const part = smallerOf(left, owed[component]);
    taken[component] = part;
    left -= part;
  }
  return taken;
}

/**
 * The part of an instalment's unpaid interest that a payoff on `day` still owes. Pro rata:
 *
 *     previous due day            payoff day                due day
 *            |---- earned, rounded up ----|------ waived -------|
 */
function payoffInterest(
  terms: EnforcedTerms,
  standing: Standing,
  index: number,
  day: number,
  unpaidInterest: bigint,
): bigint {
  const row = terms.schedule[index];
  if (row === undefined || terms.earlySettlement !== 1 || row.day <= day) return unpaidInterest;
  const start = terms.schedule[index - 1]?.day ?? standing.startDay;
  if (day <= start) return 0n;
  const length = BigInt(row.day - start);
  const earned = (row.interest * BigInt(day - start) + length - 1n) / length;
  const alreadyPaid = row.interest - unpaidInterest;
  return earned <= alreadyPaid ? 0n : earned - alreadyPaid;
}

function isClosed(standing: Standing, day: number): boolean {
  if (Number.isInteger(day) && day >= standing.startDay) return standing.closed;
  throw new LendingError(
    "out_of_range",
    "day",
    `must not be before ${standing.startDay}, the day of the disbursement or restructuring`,
  );
}
