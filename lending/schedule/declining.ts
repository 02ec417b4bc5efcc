import type { Day } from "../calendar.ts";
import { roundMoney, roundToMultiple, smallerOf } from "../money.ts";
import { annuityPayment } from "../rate.ts";
import { factorBetween, factorOfWholePeriod } from "./interest.ts";
import { type Split, type Step, trancheTotal } from "./steps.ts";
import type { ScheduleTerms } from "./terms.ts";

/**
 * Interest on what is still owed. Equal instalments: the annuity payment, rounded to the instalment multiple; interest
 * comes first, principal is the rest. Equal principal: the same part each time, interest on top. The last row takes what
 * is left. Later tranches are part of what the payment is solved for from the start; interest runs on what was paid out.
 * Formulas: `meta.formulas` EMI_SAR, EMI_DAILY and EQP of the golden file.
 */
export function decliningSplits(terms: ScheduleTerms, steps: readonly Step[]): Split[] {
  let [balance, payment, deferred] = [0n, 0n, 0n];
  let toCome = steps.reduce((sum, step) => sum + trancheTotal(step), 0n);
  return steps.map((step) => {
    const charged = step.bearsInterest ? interestOfStep(terms, step, balance) : 0n;
    balance += trancheTotal(step);
    toCome -= trancheTotal(step);
    if (step.solvesAnew) payment = solvePayment(terms, step, balance + toCome);
    const principal = step.paysAllThatIsLeft
      ? balance
      : principalOfStep(terms, step, payment, charged, balance);
    balance -= principal;
    if (step.defersInterest && !step.paysAllThatIsLeft) {
      deferred += charged;
      return { principal, interest: 0n };
    }
    const interest = charged + deferred;
    deferred = 0n;
    return { principal, interest };
  });
}

/**
 * The payment of equal instalments, or the principal of each, that pays off `balance` from `step` on. Unrounded values are
 * rounded once, to the instalment multiple; equal principal knows no multiple.
 */
export function solvePayment(terms: ScheduleTerms, step: Step, balance: bigint): bigint {
  const count = step.principalSteps;
  if (terms.amortisation === "equal_principal") return roundMoney(balance, BigInt(count), terms.rounding);
  const rate = factorOfWholePeriod(terms, step.annualRate);
  const { numerator, denominator } = annuityPayment(balance, rate, count);
  return roundToMultiple(numerator, denominator, terms.instalmentMultiple, terms.rounding);
}

/** The principal of a step that is not the last: never more than what is owed. */
export function principalOfStep(
  terms: ScheduleTerms,
  step: Step,
  payment: bigint,
  interest: bigint,
  balance: bigint,
): bigint {
  if (!step.paysPrincipal) return 0n;
  const principal = terms.amortisation === "equal_principal" ? payment : payment - interest;
  return smallerOf(principal, balance);
}

/** The balance before a period's tranches bears interest over all of it, each tranche from its own day on. */
export function interestOfStep(terms: ScheduleTerms, step: Step, balance: bigint): bigint {
  const { due } = step.period;
  let [from, owed, interest]: [Day, bigint, bigint] = [step.period.from, balance, 0n];
  for (const { day, amount } of step.tranches) {
    const until = Math.min(day, due);
    if (until > from) {
      if (owed > 0n) interest += interestBetween(terms, step, owed, from, until);
      from = until;
    }
    owed += amount;
  }
  return interest + interestBetween(terms, step, owed, from, due);
}

/**
 * The interest of `balance` over the step's period or a part of it, rounded. Where every period bears the same interest,
 * only a part of one is measured by its days.
 */
export function interestBetween(
  terms: ScheduleTerms,
  step: Step,
  balance: bigint,
  from: Day,
  to: Day,
): bigint {
  const isWhole = from === step.period.from && to === step.period.due;
  const isFixed = terms.interestPeriod === "repayment_period" && !terms.partialPeriods;
  const { numerator, denominator } =
    isWhole && isFixed
      ? factorOfWholePeriod(terms, step.annualRate)
      : factorBetween(terms, step.annualRate, from, to);
  return roundMoney(balance * numerator, denominator, terms.rounding);
}
