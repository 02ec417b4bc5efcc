import type { Day } from "../calendar.ts";
import { smallerOf } from "../money.ts";
import {
  type Component,
  isPaidOff,
  type LedgerRow,
  payComponent,
  unpaidChargesBy,
  unpaidPart,
} from "./ledger.ts";

/**
 * In which order a payment pays the components of an instalment; `late` when it is due or overdue, `early` when it is not
 * due yet. Source: Fineract, transactionprocessor/impl.
 */
interface Order {
  late: readonly Component[];
  early: readonly Component[];
  /** Charges that are due themselves are paid before the rest of an instalment that is not. */
  dueChargesFirst?: boolean;
  /** Interest of an instalment is waived when its principal is paid off before the one before it is due. */
  waivesEarlyInterest?: boolean;
}

const PFIP = ["penalty", "fee", "interest", "principal"] as const;
const IPPF = ["interest", "principal", "penalty", "fee"] as const;

const ORDERS = {
  penalty_fee_interest_principal: { late: PFIP, early: PFIP },
  interest_principal_penalty_fee: { late: IPPF, early: IPPF },
  principal_interest_penalty_fee: order("principal", "interest", "penalty", "fee"),
  /** Early money pays principal alone. */
  early_repayment: { late: IPPF, early: ["principal"] },
  heavens_family: { ...order("principal", "interest", "fee", "penalty"), waivesEarlyInterest: true },
  due_pfip_early_ppfi: {
    late: PFIP,
    early: ["principal", "penalty", "fee", "interest"],
    dueChargesFirst: true,
  },
  due_pipf_early_pipf: { ...order("penalty", "interest", "principal", "fee"), dueChargesFirst: true },
} as const satisfies Record<string, Order>;

function order(...components: readonly Component[]): Order {
  return { late: components, early: components };
}

export const STRATEGIES = [...Object.keys(ORDERS), "rbi"] as readonly (keyof typeof ORDERS | "rbi")[];
export type Strategy = (typeof STRATEGIES)[number];

/** How a payment is applied: told of each part, so that the caller can book it. */
export type OnPaid = (row: LedgerRow, component: Component, amount: bigint) => void;

/** Pays `amount` over `rows`, oldest first; returns what is left when nothing more is owed. */
export function payByStrategy(
  strategy: Strategy,
  rows: readonly LedgerRow[],
  amount: bigint,
  day: Day,
  onPaid: OnPaid,
): bigint {
  let left = amount;
  const pay = (row: LedgerRow, component: Component, limit = left): void => {
    const taken = payComponent(row, component, smallerOf(limit, left), day);
    if (taken === 0n) return;
    left -= taken;
    onPaid(row, component, taken);
  };
  for (const [index, row] of rows.entries()) {
    if (left === 0n) break;
    if (isPaidOff(row)) continue;
    if (strategy !== "rbi") payRow(ORDERS[strategy], row, day, pay, rows[index - 1]);
    else if (day > row.due) payOverdueRbi(rows, day, pay);
    else for (const component of PFIP) pay(row, component);
  }
  return left;
}

type Pay = (row: LedgerRow, component: Component, limit?: bigint) => void;

function payRow(order: Order, row: LedgerRow, day: Day, pay: Pay, before: LedgerRow | undefined): void {
  if (day >= row.due) {
    for (const component of order.late) pay(row, component);
    return;
  }
  if (order.dueChargesFirst) {
    for (const component of ["penalty", "fee"] as const)
      pay(row, component, unpaidChargesBy(row, component, day));
  }
  const mayWaive =
    order.waivesEarlyInterest && day < (before ?? row).due && unpaidPart(row, "principal") > 0n;
  for (const component of order.early) {
    pay(row, component);
    const isWaived = mayWaive && component === "principal" && unpaidPart(row, "principal") === 0n;
    if (isWaived) row.waivedInterest = row.owed.interest - row.paid.interest;
  }
}

/** Charges and interest of all that is overdue or current first, then principal, oldest first. */
function payOverdueRbi(rows: readonly LedgerRow[], day: Day, pay: Pay): void {
  const current = rows.findLast(({ due }) => due <= day) ?? rows[0];
  for (const row of rows.filter((row) => row.due < day || row === current)) {
    for (const component of ["penalty", "fee", "interest"] as const) pay(row, component);
  }
  for (const row of rows) pay(row, "principal");
}
