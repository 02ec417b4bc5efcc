import type { Day } from "../calendar.ts";
import { largerOf, smallerOf } from "../money.ts";
import { interestBetween, principalOfStep, solvePayment } from "../schedule/declining.ts";
import { periodsOf, periodsUntil } from "../schedule/periods.ts";
import { type Split, type Step, stepsOf, trancheTotal } from "../schedule/steps.ts";
import type { ScheduleTerms } from "../schedule/terms.ts";
import { type LedgerRow, openRow, unpaidPart } from "./ledger.ts";

/** How the cumulative engine answers payments that do not follow the plan. */
export interface RecalculationRule {
  /** From when on money counts: its own day, or the next due day. */
  rest: "daily" | "repayment_period";
  /** What becomes of money that was paid beyond the plan. */
  earlyMoney: "reduce_instalment" | "reduce_number" | "next_repayments" | "adjust_last";
  /** Until when a payoff pays interest: its own day, or the end of the period. */
  payoffUntil: "payoff_day" | "period_end";
}

export interface PastPayment {
  day: Day;
  amount: bigint;
}

/** `lateInterest` is what principal that was unpaid on the last due day has borne since then, up to `asOf`. */
export interface Recalculation {
  splits: RecalculatedSplit[];
  lateInterest: bigint;
}

/** Pays over `rows` as the loan's allocation says; returns what is left. */
export type Allocate = (rows: LedgerRow[], payment: PastPayment) => bigint;

export interface RecalculationInput {
  terms: ScheduleTerms;
  rule: RecalculationRule;
  /** In the order of their days. */
  payments: readonly PastPayment[];
  allocate: Allocate;
  /** Principal that is unpaid stays in the base of interest until this day. */
  asOf: Day;
  /** Rows that are due at once; they bear no interest, but money pays them, too. */
  downPayments: readonly LedgerRow[];
  /** The interest of rows that were billed before: it stays as it is. */
  billed: readonly bigint[];
  /** The loan ends on this day, as with a payoff. */
  until?: Day | undefined;
}

/** `charged` is the interest that the row's period bears, also where a grace puts it off. */
export interface RecalculatedSplit extends Split {
  charged: bigint;
}

/**
 * The rows of a declining-balance loan as its payments have made them: money that came early leaves the base of interest
 * on its day, principal that is late stays in it, each slice is rounded.
 *
 *     due 1                due 2               base of interest
 *       |------ 5,000 ------|- 5,000 -|- 4,187 -|
 *                                     ^ the late payment
 *
 * Source: `meta.formulas` RECALC of the golden file; Fineract, AbstractCumulativeLoanScheduleGenerator, without compounding.
 */
export function recalculatedSplits(input: RecalculationInput): Recalculation {
  const { terms, asOf } = input;
  const steps = stepsUntil(stepsOf(terms, periodsOf(terms)), input.until);
  const nextDue = steps.find(({ period }) => period.due >= asOf)?.period.due ?? asOf;
  const walk: Walk = {
    input,
    rows: [],
    outstanding: 0n,
    base: 0n,
    toCome: steps.reduce((sum, step) => sum + trancheTotal(step), 0n),
    payment: 0n,
    credit: 0n,
    deferred: 0n,
    leaving: new Map(),
    late: new Map(),
    lateUntil: input.rule.rest === "daily" ? asOf : nextDue,
    pending: [...input.payments],
    dueAtOnce: [...input.downPayments],
  };
  const splits: RecalculatedSplit[] = [];
  for (const [index, step] of steps.entries()) {
    const isLast = step.paysAllThatIsLeft || index === steps.length - 1;
    if (index > 0 && walk.outstanding === 0n && walk.toCome === 0n && walk.deferred === 0n) break;
    splits.push(walkStep(walk, step, steps[index + 1], isLast, input.billed[index]));
  }
  return { splits, lateInterest: interestAfterLastDay(walk, steps[splits.length - 1]) };
}

function interestAfterLastDay(walk: Walk, last: Step | undefined): bigint {
  const { terms, asOf, allocate } = walk.input;
  if (last === undefined) return 0n;
  const unpaid = (): bigint =>
    financedRows(walk).reduce((sum, row) => sum + unpaidPart(row, "principal"), 0n);
  let [at, interest] = [last.period.due, 0n];
  for (const payment of [...walk.pending, { day: asOf, amount: 0n }]) {
    const day = Math.min(payment.day, asOf);
    if (day > at) {
      interest += interestBetween(terms, last, unpaid(), at, day);
      at = day;
    }
    if (payment.amount > 0n) allocate(walk.rows, payment);
  }
  return interest;
}

/** The steps up to the one that `until` lies in, which ends on that day; what was foreseen stays so. */
function stepsUntil(steps: readonly Step[], until: Day | undefined): readonly Step[] {
  if (until === undefined) return steps;
  const periods = periodsUntil(
    steps.map(({ period }) => period),
    until,
  );
  return periods.flatMap((period, index) => {
    const step = steps[index];
    return step === undefined ? [] : [{ ...step, period }];
  });
}

interface Walk {
  input: RecalculationInput;
  rows: LedgerRow[];
  /** Principal that the plan has still to ask for. */
  outstanding: bigint;
  /** Principal that bears interest at the start of the period. */
  base: bigint;
  /** Tranches that were not paid out yet. */
  toCome: bigint;
  /** The equal instalment, or the equal principal. */
  payment: bigint;
  /** Money beyond the plan that lowers the next principals. */
  credit: bigint;
  /** Interest that a grace has put off. */
  deferred: bigint;
  /** Principal that leaves the base, by day. */
  leaving: Map<Day, bigint>;
  /** Principal that stays in the base because it is late, by day; leaves it again with a negative amount. */
  late: Map<Day, bigint>;
  lateUntil: Day;
  pending: PastPayment[];
  /** Down payments that the walk has not come to. */
  dueAtOnce: LedgerRow[];
}

function walkStep(
  walk: Walk,
  step: Step,
  next: Step | undefined,
  isLast: boolean,
  billed: bigint | undefined,
): RecalculatedSplit {
  const { terms } = walk.input;
  const { due } = step.period;
  walk.outstanding += trancheTotal(step);
  walk.toCome -= trancheTotal(step);
  if (step.solvesAnew) walk.payment = solvePayment(terms, step, walk.outstanding + walk.toCome);
  walk.rows.push(...walk.dueAtOnce.filter((row) => row.due <= due));
  walk.dueAtOnce = walk.dueAtOnce.filter((row) => row.due > due);
  const early = takeEarlyMoney(walk, step);

  const charged = billed ?? (step.bearsInterest ? interestOf(walk, step) : 0n);
  // What was credited before is planned for like anything else, and then taken off.
  const left = walk.outstanding + early + walk.credit;
  // An instalment below its interest pays no principal.
  const planned = isLast ? left : largerOf(principalOfStep(terms, step, walk.payment, charged, left), 0n);
  let principal = planned > walk.credit ? planned - walk.credit : 0n;
  walk.credit -= planned - principal;
  if (early > principal) {
    walk.credit += early - principal;
    principal = early;
    spendCredit(walk, next);
  }
  walk.outstanding -= principal - early;
  const isPutOff = step.defersInterest && !isLast;
  const interest = isPutOff ? 0n : charged + walk.deferred;
  walk.deferred = isPutOff ? walk.deferred + charged : 0n;

  const row = openRow("instalment", step.period, principal, interest);
  walk.rows.push(row);
  const excess = payOnDueDay(walk, row, next);
  addTo(walk.leaving, due, row.owed.principal - excess - early);
  rememberLate(walk);
  settleBase(walk, step);
  return { principal: row.owed.principal, interest, charged };
}

/** Payments before the due day: overdue rows first; what is left leaves the base at once and is booked on the due day. */
function takeEarlyMoney(walk: Walk, step: Step): bigint {
  const { input, pending } = walk;
  const { due } = step.period;
  let early = 0n;
  for (const payment of pending.filter(({ day }) => day < due)) {
    const from = nextRest(input.rule, step, payment.day);
    if (from >= due) continue;
    const before = financedRows(walk).reduce((sum, row) => sum + row.paid.principal, 0n);
    const left = input.allocate(walk.rows, payment);
    const arrears = financedRows(walk).reduce((sum, row) => sum + row.paid.principal, 0n) - before;
    pending.splice(pending.indexOf(payment), 1);
    if (arrears > 0n && from < walk.lateUntil) settleLate(walk, from, arrears);
    if (left === 0n) continue;
    const taken = smallerOf(left, walk.outstanding);
    addTo(walk.leaving, from, taken);
    early += taken;
    walk.outstanding -= taken;
    pending.unshift({ day: due, amount: left });
  }
  return early;
}

/** Payments on the due day; returns what they paid beyond the row, which joins its principal. */
function payOnDueDay(walk: Walk, row: LedgerRow, next: Step | undefined): bigint {
  let excess = 0n;
  for (const payment of walk.pending.filter(({ day }) => day <= row.due)) {
    walk.pending.splice(walk.pending.indexOf(payment), 1);
    const left = walk.input.allocate(walk.rows, payment);
    const taken = smallerOf(left, walk.outstanding);
    if (taken === 0n) continue;
    walk.outstanding -= taken;
    row.owed.principal += taken;
    row.paid.principal += taken;
    addTo(walk.leaving, payment.day, taken);
    walk.credit += taken;
    excess += taken;
    spendCredit(walk, next);
  }
  return excess;
}

/** What money beyond the plan changes: the instalments from the next one on, how many there are, or the next principals. */
function spendCredit(walk: Walk, next: Step | undefined): void {
  const { terms, rule } = walk.input;
  if (rule.earlyMoney === "next_repayments") return;
  walk.credit = 0n;
  if (rule.earlyMoney !== "reduce_instalment" || next === undefined) return;
  const owed = walk.outstanding + walk.toCome;
  if (owed > 0n) walk.payment = solvePayment(terms, next, owed);
}

/** Interest over the period in slices of constant base. */
function interestOf(walk: Walk, step: Step): bigint {
  const { terms } = walk.input;
  const { from, due } = step.period;
  const moves = new Map<Day, bigint>(walk.late);
  for (const [day, amount] of walk.leaving) addTo(moves, day, -amount);
  for (const { day, amount } of step.tranches) addTo(moves, day, amount);
  let [at, base, interest] = [from, walk.base, 0n];
  for (const [day, amount] of [...moves].toSorted(([a], [b]) => a - b)) {
    if (day > due) break;
    if (day > at) {
      interest += interestBetween(terms, step, largerOf(base, 0n), at, day);
      at = day;
    }
    // Below 0 while more was paid than was paid out by then; that earns nothing.
    base += amount;
  }
  return due > at ? interest + interestBetween(terms, step, largerOf(base, 0n), at, due) : interest;
}

/** Unpaid principal of rows that are due stays in the base from their due day (at the next rest) until today. */
function rememberLate(walk: Walk): void {
  walk.late.clear();
  for (const row of financedRows(walk)) {
    const unpaid = unpaidPart(row, "principal");
    if (unpaid === 0n || row.due >= walk.input.asOf) continue;
    addTo(walk.late, row.due, unpaid);
    addTo(walk.late, walk.lateUntil, -unpaid);
  }
}

/** A late payment: its principal was in the base from its due day until it was paid. */
function settleLate(walk: Walk, day: Day, principal: bigint): void {
  let left = principal;
  for (const [from, amount] of [...walk.late].toSorted(([a], [b]) => a - b)) {
    if (amount <= 0n || left === 0n || from >= day) continue;
    const paid = smallerOf(amount, left);
    left -= paid;
    addTo(walk.leaving, from, -paid);
    addTo(walk.leaving, day, paid);
    addTo(walk.late, from, -paid);
    addTo(walk.late, walk.lateUntil, paid);
  }
}

/** The rows whose principal bears interest. */
function financedRows({ rows }: Walk): LedgerRow[] {
  return rows.filter(({ kind }) => kind !== "down_payment");
}

/** The base with which the next period begins. */
function settleBase(walk: Walk, step: Step): void {
  walk.base += trancheTotal(step);
  for (const [day, amount] of [...walk.leaving]) {
    if (day > step.period.due) continue;
    walk.base -= amount;
    walk.leaving.delete(day);
  }
}

function nextRest(rule: RecalculationRule, step: Step, day: Day): Day {
  return rule.rest === "daily" ? day : Math.max(day, step.period.due);
}

function addTo(map: Map<Day, bigint>, day: Day, amount: bigint): void {
  map.set(day, (map.get(day) ?? 0n) + amount);
}
