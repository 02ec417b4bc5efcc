import { roundMoney, roundToMultiple, smallerOf } from "../money.ts";
import { type Fraction, scale } from "../rate.ts";
import { factorBetween, factorOfWholePeriod } from "./interest.ts";
import { type Split, type Step, trancheTotal } from "./steps.ts";
import type { ScheduleTerms } from "./terms.ts";

/**
 * Flat interest: the interest of the whole term on the original principal, divided evenly over the instalments that bear
 * it; principal likewise, a later tranche as if it had been there from the start. With an instalment multiple, principal
 * makes up what rounds the instalment. The last row takes what rounding has left over of both.
 * Formula: `meta.formulas` FLAT of the golden file; grace as Fineract, LoanApplicationTerms, averages it out.
 */
export function flatSplits(terms: ScheduleTerms, steps: readonly Step[]): Split[] {
  const interest = flatInterest(terms, steps);
  let [balance, toDivide, parts] = [0n, 0n, 1n];
  let toCome = steps.reduce((sum, step) => sum + trancheTotal(step), 0n);
  return steps.map((step, index) => {
    const paidOut = trancheTotal(step);
    balance += paidOut;
    toDivide += paidOut;
    toCome -= paidOut;
    if (step.solvesAnew) [toDivide, parts] = [balance, BigInt(step.principalSteps)];
    const own = interest[index] ?? 0n;
    const even = roundMoney(toDivide, parts, terms.rounding);
    const planned = step.paysPrincipal ? evenPrincipal(terms, even, own) : 0n;
    // What is not paid out yet is not due, however an instalment is rounded.
    const most = toCome > 0n ? smallerOf(planned, balance) : planned;
    const principal = step.paysAllThatIsLeft ? balance : most;
    balance -= principal;
    return { principal, interest: own };
  });
}

function evenPrincipal(terms: ScheduleTerms, even: bigint, interest: bigint): bigint {
  const multiple = terms.instalmentMultiple;
  if (multiple === 1n) return even;
  const rounded = (amount: bigint): bigint => roundToMultiple(amount, 1n, multiple, terms.rounding);
  return rounded(even) + rounded(interest) - interest;
}

/** Steps of one rate, one after the other. */
interface Stretch {
  rate: Fraction;
  first: number;
  end: number;
}

function flatInterest(terms: ScheduleTerms, steps: readonly Step[]): bigint[] {
  const owed = steps.map(() => 0n);
  for (const stretch of stretchesOf(steps)) {
    const own = steps.slice(stretch.first, stretch.end);
    const charged = own.filter((step) => step.bearsInterest).length;
    const total = interestOfTerm(terms, stretch, own, charged);
    if (terms.amortisation === "equal_principal") {
      for (const [index, interest] of broughtForward(terms, own, total, charged).entries()) {
        owed[stretch.first + index] = interest;
      }
      continue;
    }
    for (const [index, interest] of sharedEvenly(terms, own, total, stretch.first).entries()) {
      owed[stretch.first + index] = interest;
    }
  }
  return owed;
}

/**
 * Evenly over the steps that collect interest, `first` being the index of the first; where a grace was agreed later, what is
 * left is divided anew. The last one takes what is left, also what was deferred to the very end.
 */
function sharedEvenly(terms: ScheduleTerms, steps: readonly Step[], total: bigint, first: number): bigint[] {
  const cuts = new Set(steps.flatMap((step) => (step.defersInterest ? [step.deferredFrom] : [])));
  const end = steps.some(collects) ? steps.findLastIndex(collects) : steps.length - 1;
  let [left, each] = [total, 0n];
  return steps.map((step, index) => {
    const at = first + index;
    if (index === 0 || cuts.has(at)) {
      const foreseen = steps.slice(index).filter((one) => collects(one) || one.deferredFrom > at).length;
      each = roundMoney(left, BigInt(foreseen || 1), terms.rounding);
    }
    const planned = collects(step) ? each : 0n;
    const interest = index === end ? left : planned;
    left -= interest;
    return interest;
  });
}

/** With equal principal each period has its own part of the interest, and a deferred one is due with the next. */
function broughtForward(
  terms: ScheduleTerms,
  steps: readonly Step[],
  total: bigint,
  charged: number,
): bigint[] {
  const each = roundMoney(total, BigInt(charged || 1), terms.rounding);
  let [left, deferred] = [total, 0n];
  return steps.map((step, index) => {
    const isLast = index === steps.length - 1;
    const planned = step.bearsInterest ? smallerOf(each, left) : 0n;
    const own = isLast ? left : planned;
    left -= own;
    deferred += own;
    if (step.defersInterest && !isLast) return 0n;
    const interest = deferred;
    deferred = 0n;
    return interest;
  });
}

function collects(step: Step): boolean {
  return step.bearsInterest && !step.defersInterest;
}

function stretchesOf(steps: readonly Step[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [index, { annualRate }] of steps.entries()) {
    const last = stretches.at(-1);
    if (last?.rate === annualRate) last.end = index + 1;
    else stretches.push({ rate: annualRate, first: index, end: index + 1 });
  }
  return stretches;
}

function interestOfTerm(
  terms: ScheduleTerms,
  { rate, first }: Stretch,
  steps: readonly Step[],
  charged: number,
): bigint {
  const count = BigInt(steps.length);
  const from = first === 0 ? terms.disbursementDay : (steps[0]?.period.from ?? 0);
  const byDays = terms.interestPeriod === "daily" || terms.partialPeriods;
  const factor = byDays
    ? factorBetween(terms, rate, from, steps.at(-1)?.period.due ?? from)
    : scale(factorOfWholePeriod(terms, rate), count, 1n);
  const total = roundMoney(terms.principal * factor.numerator, factor.denominator, terms.rounding);
  const free = BigInt(steps.length - charged);
  return total - free * roundMoney(total, count, terms.rounding);
}
