import { type Day, parseDate } from "../calendar.ts";
import type { Charge, LoanFlows } from "../cost/cash-flows.ts";
import { type Cost, costOf } from "../cost.ts";
import { LendingError } from "../errors.ts";
import { formatMoney, minor } from "../money.ts";
import type { Replay } from "../replay/replay.ts";
import { computePlan, type LoanRules, type Plan } from "../terms.ts";

/** What a person must see before signing; decimal strings of major units and of percent. */
export interface CostAnswer {
  /** Directive (EU) 2023/2225. */
  eu: { totalCredit: string; totalCost: string; totalPayable: string; aprPct: string };
  /** Regulation Z (12 CFR 1026). */
  us: { amountFinanced: string; financeCharge: string; totalOfPayments: string; aprPct: string };
}

/** The cost of a plan, whose upfront fee is kept back from the payout; null where it has no annual rate. */
export function costOfPlan(plan: Plan & Partial<Pick<LoanRules, "upfront_fee">>): CostAnswer | null {
  // Both laws count regular periods: a due day that was moved to a working day stays where it was.
  const { working_days: _moved, ...regular } = plan;
  const rows = computePlan(regular);
  const start = parseDate(plan.disbursement_date, "disbursement_date");
  return costAnswer(plan.currency.decimals, {
    advances: [{ day: start, amount: minor(BigInt(plan.principal)) }],
    repayments: rows.map(({ day, principal, interest }) => ({ day, amount: minor(principal + interest) })),
    charges: [
      charge(start, BigInt(plan.upfront_fee ?? 0), true),
      ...rows.map(({ day, fee }) => charge(day, fee, false)),
    ],
  });
}

/** The cost of a loan of which nothing was posted but its tranches; null where it has no annual rate. */
export function costOfReplay(decimals: number, { rows, postings }: Replay): CostAnswer | null {
  const withheld = postings.filter(({ kind }) => kind === "disbursement_fee");
  return costAnswer(decimals, {
    advances: postings
      .filter(({ kind }) => kind === "disbursement")
      .map(({ day, amount }) => ({ day, amount: minor(amount) })),
    repayments: rows.map(({ due, owed }) => ({ day: due, amount: minor(owed.principal + owed.interest) })),
    charges: [
      ...withheld.map(({ day, amount }) => charge(day, amount, true)),
      ...rows.map(({ due, owed }) => charge(due, owed.fee + owed.penalty, false)),
    ].toSorted((a, b) => a.day - b.day),
  });
}

/** Every charge here must be paid to have the loan: both laws count it. */
function charge(day: Day, amount: bigint, isWithheld: boolean): Charge {
  return { day, amount: minor(amount), isWithheld, isCost: true, isFinanceCharge: true };
}

function costAnswer(decimals: number, flows: LoanFlows): CostAnswer | null {
  const cost = costOrNothing(flows);
  if (cost === undefined) return null;
  const money = (amount: bigint) => formatMoney(amount, decimals);
  const { eu, us } = cost;
  return {
    eu: {
      totalCredit: money(eu.totalCredit),
      totalCost: money(eu.totalCost),
      totalPayable: money(eu.totalPayable),
      aprPct: eu.percent,
    },
    us: {
      amountFinanced: money(us.amountFinanced),
      financeCharge: money(us.financeCharge),
      totalOfPayments: money(us.totalOfPayments),
      aprPct: us.percent,
    },
  };
}

/** The rows stand, whether or not a law has a rate for them. */
function costOrNothing(flows: LoanFlows): Cost | undefined {
  try {
    return costOf(flows);
  } catch (error) {
    if (error instanceof LendingError) return undefined;
    throw error;
  }
}
