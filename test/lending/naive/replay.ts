import type { Minor } from "../../../lending/money.ts";
import type { Entry } from "../../../lending/replay/history.ts";
import type { ScheduleTerms } from "../../../lending/schedule/terms.ts";
import { type NaiveRow, naivePlan } from "./plan.ts";

const COMPONENTS = ["penalty", "fee", "interest", "principal"] as const;
type Component = (typeof COMPONENTS)[number];

/** The strategies that finish one instalment after the other: what they pay when it is due or late, and when it is early. */
export const NAIVE_STRATEGIES = {
  penalty_fee_interest_principal: {
    late: "penalty fee interest principal",
    early: "penalty fee interest principal",
  },
  interest_principal_penalty_fee: {
    late: "interest principal penalty fee",
    early: "interest principal penalty fee",
  },
  principal_interest_penalty_fee: {
    late: "principal interest penalty fee",
    early: "principal interest penalty fee",
  },
  early_repayment: { late: "interest principal penalty fee", early: "principal" },
  due_pfip_early_ppfi: {
    late: "penalty fee interest principal",
    early: "charges principal penalty fee interest",
  },
  due_pipf_early_pipf: {
    late: "penalty interest principal fee",
    early: "charges penalty interest principal fee",
  },
} as const;
export type NaiveStrategy = keyof typeof NAIVE_STRATEGIES;

/** A single debt: a component of a row, or one charge. */
interface Debt {
  row: number;
  component: Component;
  /** For a charge: when it is due itself. */
  due: number | undefined;
  unpaid: bigint;
}

type Amounts = Record<Component, bigint>;

const none = (): Amounts => ({ penalty: 0n, fee: 0n, interest: 0n, principal: 0n });

interface NaiveLedgerRow {
  due: number;
  owed: Amounts;
  paid: Amounts;
  paidInAdvance: bigint;
  paidLate: bigint;
}

export interface NaiveLedger {
  rows: NaiveLedgerRow[];
  payments: { amount: bigint; components: Amounts }[];
  overpaid: bigint;
}

/**
 * Pays a list of debts, one by one: the cumulative engine without recalculation, its simple strategies, flat charges on a day
 * or with each instalment, payments and what is taken back of them.
 */
export function naiveReplay(
  terms: ScheduleTerms,
  strategy: NaiveStrategy,
  entries: readonly Entry[],
): NaiveLedger {
  const tranches = entries
    .flatMap((entry) =>
      entry.kind === "disbursement" ? [{ day: entry.day, amount: entry.amount as Minor }] : [],
    )
    .toSorted((a, b) => a.day - b.day);
  const principal = tranches.reduce((sum, { amount }) => sum + amount, 0n) as Minor;
  const plan = naivePlan(tranches.length === 0 ? terms : { ...terms, tranches, principal });
  const rows = plan.map(({ due }): NaiveLedgerRow => {
    return { due, owed: none(), paid: none(), paidInAdvance: 0n, paidLate: 0n };
  });
  const debts = debtsOf(plan, rows, entries);
  for (const { row, component, unpaid } of debts) {
    const owed = rows[row]?.owed;
    if (owed !== undefined) owed[component] += unpaid;
  }
  const payments = paymentsOf(entries).map((payment) => ({
    ...payment,
    components: none(),
    left: payment.amount,
  }));
  for (const payment of countedInOrder(payments, strategy)) {
    for (const debt of inOrder(debts, rows, strategy, payment.day)) payDebt(debt, rows[debt.row], payment);
  }
  return {
    rows,
    payments: payments.map(({ amount, components }) => ({ amount, components })),
    overpaid: payments.reduce((sum, { left }) => sum + left, 0n),
  };
}

function payDebt(
  debt: Debt,
  row: NaiveLedgerRow | undefined,
  payment: { day: number; components: Amounts; left: bigint },
): void {
  if (row === undefined) return;
  const isEnough = debt.unpaid <= payment.left;
  const taken = isEnough ? debt.unpaid : payment.left;
  debt.unpaid -= taken;
  payment.left -= taken;
  row.paid[debt.component] += taken;
  payment.components[debt.component] += taken;
  if (payment.day < row.due) row.paidInAdvance += taken;
  if (payment.day > row.due) row.paidLate += taken;
}

/** Where it matters in which order the payments of a day count, the smaller ones count first. */
function countedInOrder<T extends { day: number; amount: bigint }>(
  payments: readonly T[],
  strategy: NaiveStrategy,
): readonly T[] {
  if (strategy !== "early_repayment") return payments;
  return payments.toSorted((a, b) => a.day - b.day || Number(a.amount - b.amount));
}

function paymentsOf(entries: readonly Entry[]): { day: number; amount: bigint }[] {
  const repayments = entries.flatMap((entry) =>
    entry.kind === "repayment" ? [{ ...entry, isGone: false }] : [],
  );
  for (const entry of entries) {
    const gone = entry.kind === "reversal" ? repayments[entry.nth - 1] : undefined;
    if (gone !== undefined) gone.isGone = true;
  }
  return repayments.filter(({ isGone }) => !isGone).toSorted((a, b) => a.day - b.day);
}

function debtsOf(plan: readonly NaiveRow[], rows: NaiveLedgerRow[], entries: readonly Entry[]): Debt[] {
  const debts = plan.flatMap(({ principal, interest }, row): Debt[] => [
    { row, component: "interest", due: undefined, unpaid: interest },
    { row, component: "principal", due: undefined, unpaid: principal },
  ]);
  for (const entry of entries) {
    if (entry.kind !== "charge" || !("flat" in entry.charge.amount)) continue;
    const { charge } = entry;
    const component = charge.isPenalty ? "penalty" : "fee";
    const unpaid = entry.charge.amount.flat;
    if (charge.when === "on_day") {
      debts.push({ row: rowOfCharge(plan, rows, charge.day), component, due: charge.day, unpaid });
    }
    if (charge.when !== "per_instalment") continue;
    for (const [row, { due, isDownPayment }] of plan.entries()) {
      if (!isDownPayment) debts.push({ row, component, due, unpaid });
    }
  }
  return debts.toSorted((a, b) => (a.due ?? 0) - (b.due ?? 0));
}

/** The row with which a charge of `day` is due; after the last instalment it is a row of its own. */
function rowOfCharge(plan: readonly NaiveRow[], rows: NaiveLedgerRow[], day: number): number {
  const found = plan.findIndex(({ due, isDownPayment }) => !isDownPayment && day <= due);
  if (found !== -1) return found;
  const last = rows[plan.length];
  if (last !== undefined) last.due = Math.max(last.due, day);
  else rows.push({ due: day, owed: none(), paid: none(), paidInAdvance: 0n, paidLate: 0n });
  return plan.length;
}

/** All debts in the order in which a payment of `day` pays them; one that comes up twice is paid the first time. */
function inOrder(
  debts: readonly Debt[],
  rows: readonly NaiveLedgerRow[],
  strategy: NaiveStrategy,
  day: number,
): Debt[] {
  return rows.flatMap(({ due }, row) => {
    const own = debts.filter((debt) => debt.row === row);
    const words = NAIVE_STRATEGIES[strategy][day >= due ? "late" : "early"].split(" ");
    return words.flatMap((word) => {
      const isDue = (debt: Debt) => debt.due !== undefined && debt.due <= day;
      if (word !== "charges") return own.filter(({ component }) => component === word);
      return (["penalty", "fee"] as const).flatMap((component) =>
        own.filter((debt) => debt.component === component && isDue(debt)),
      );
    });
  });
}
