import { LendingError } from "../errors.ts";
import type { Fraction } from "../rate.ts";
import { lastAgreed } from "./periods.ts";
import type { Period, ScheduleTerms, TermChange, Tranche } from "./terms.ts";
import { tranchesOf } from "./terms.ts";

/** One repayment period of the cumulative engine with everything that the terms and their changes say about it. */
export interface Step {
  period: Period;
  annualRate: Fraction;
  /** Paid out after the due day before this period and up to its own. */
  tranches: readonly Tranche[];
  paysPrincipal: boolean;
  bearsInterest: boolean;
  /** Its interest is collected with the first later step that is not deferred. */
  defersInterest: boolean;
  /** The step from which on it was known that this one defers its interest. */
  deferredFrom: number;
  /** Instalments that pay principal, from this one to the last that was foreseen when it was due. */
  principalSteps: number;
  /** The last that was agreed; also one that stands after it because a tranche came later. */
  paysAllThatIsLeft: boolean;
  /** What is still owed is divided anew from here on: the first step, a changed rate, more instalments. */
  solvesAnew: boolean;
}

/** What a row of a schedule owes, before it has a number. Amounts are minor units. */
export interface Split {
  principal: bigint;
  interest: bigint;
}

/** What is paid out in the step's period. */
export function trancheTotal(step: Step): bigint {
  return step.tranches.reduce((sum, { amount }) => sum + amount, 0n);
}

export function stepsOf(terms: ScheduleTerms, periods: readonly Period[]): Step[] {
  const { grace } = terms;
  const last = lastAgreed(terms) - 1;
  const steps = periods.map((period, index): Step => {
    const tranches = tranchesOf(terms).filter(({ day }) => isPaidOutIn(day, periods, index));
    return {
      period,
      annualRate: terms.annualRate,
      tranches,
      paysPrincipal: index >= grace.principal,
      bearsInterest: index >= grace.interest,
      defersInterest: index < grace.interestPayment,
      deferredFrom: 0,
      principalSteps: 0,
      paysAllThatIsLeft: index >= last,
      solvesAnew: index === 0,
    };
  });
  // Instalments that a change adds are not foreseen before it.
  const added = steps.map(() => 0);
  for (const change of terms.changes ?? []) {
    const first = applyChange(steps, change);
    for (let index = 0; index < first; index++) added[index] = (added[index] ?? 0) + change.extraInstalments;
  }
  let paying = 0;
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    if (step === undefined) continue;
    if (index <= last && step.paysPrincipal) paying++;
    step.principalSteps = Math.max(1, paying - (added[index] ?? 0));
  }
  return steps;
}

function isPaidOutIn(day: number, periods: readonly Period[], index: number): boolean {
  // Given periods may leave gaps: what is paid out in one belongs to the period after it.
  const begins = index === 0 ? Number.NEGATIVE_INFINITY : (periods[index - 1]?.due ?? 0);
  return day > begins && day <= (periods[index]?.due ?? 0);
}

/** Returns the index of the first step that the change applies to. */
function applyChange(steps: Step[], change: TermChange): number {
  const first = steps.findIndex(({ period }) => period.due >= (change.dueDay ?? change.from));
  if (first === -1) throw new LendingError("impossible", "changes", "must not be after the last instalment");
  if (change.graceOnInterest > 0 && first + change.graceOnInterest >= steps.length) {
    throw new LendingError(
      "impossible",
      "graceOnInterest",
      "leaves no later instalment to collect the interest",
    );
  }
  const changed = steps[first];
  if (changed !== undefined && (change.annualRate !== undefined || change.extraInstalments > 0)) {
    changed.solvesAnew = true;
  }
  for (const [offset, step] of steps.slice(first).entries()) {
    if (change.annualRate !== undefined) step.annualRate = change.annualRate;
    if (offset < change.graceOnPrincipal) step.paysPrincipal = false;
    if (offset < change.graceOnInterest && !step.defersInterest) {
      step.defersInterest = true;
      step.deferredFrom = first;
    }
  }
  return first;
}
