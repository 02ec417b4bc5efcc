import type { Minor } from "../../../lending/money.ts";
import type { ScheduleTerms, Tranche } from "../../../lending/schedule/terms.ts";
import { type NaiveSplit, naiveDeclining, naiveFlat } from "./cumulative.ts";
import { instalment, money } from "./interest.ts";
import { naivePeriods } from "./periods.ts";
import { naiveInterestFree, naiveProgressive } from "./progressive.ts";
import { Ratio, ratioOf } from "./ratio.ts";

export interface NaiveRow extends NaiveSplit {
  due: number;
  isDownPayment: boolean;
  outstanding: bigint;
}

function downPaymentOf(terms: ScheduleTerms, amount: bigint): bigint {
  if (terms.downPayment === undefined) return 0n;
  const exact = money(new Ratio(amount).times(ratioOf(terms.downPayment)), terms);
  const rounded = instalment(new Ratio(exact), terms);
  return rounded < amount ? rounded : amount;
}

/**
 * A second schedule engine for the tests, as simple as it can be: exact fractions, days one by one, the platform's calendar,
 * payments from sums of present values. It shares no code with `lending/` and knows nothing of limits or refusals.
 */
export function naivePlan(terms: ScheduleTerms): NaiveRow[] {
  const paidOut = terms.tranches ?? [{ day: terms.disbursementDay, amount: terms.principal }];
  const tranches = paidOut.map(({ day, amount }): Tranche => {
    return { day, amount: (amount - downPaymentOf(terms, amount)) as Minor };
  });
  const periods = naivePeriods(terms);
  const splits = splitsOf({ ...terms, tranches });
  const rows = splits.map((split, index) => ({ due: periods[index]?.due ?? 0, order: 1, ...split }));
  for (const { day, amount } of paidOut) {
    const principal = downPaymentOf(terms, amount);
    if (principal > 0n) rows.push({ due: day, order: 0, principal, interest: 0n });
  }
  rows.sort((a, b) => a.due - b.due || a.order - b.order);
  let outstanding: bigint = terms.principal;
  return rows.map(({ due, order, principal, interest }) => {
    outstanding -= principal;
    return { due, isDownPayment: order === 0, principal, interest, outstanding };
  });
}

function splitsOf(terms: ScheduleTerms): NaiveSplit[] {
  const periods = naivePeriods(terms);
  if (terms.engine === "progressive") {
    const rates = [terms.annualRate, ...(terms.changes ?? []).map(({ annualRate }) => annualRate)];
    const bearsInterest = rates.some((rate) => rate !== undefined && rate.numerator > 0n);
    const { tranches = [] } = terms;
    return bearsInterest
      ? naiveProgressive(terms, periods, tranches)
      : naiveInterestFree(terms, periods, tranches);
  }
  const splits = terms.interestMethod === "flat" ? naiveFlat(terms, periods) : naiveDeclining(terms, periods);
  while (splits.length > 0 && splits.at(-1)?.principal === 0n && splits.at(-1)?.interest === 0n) splits.pop();
  return splits;
}
