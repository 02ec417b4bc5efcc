import type { Day } from "../calendar.ts";
import { largerOf, smallerOf } from "../money.ts";
import type { Period } from "../schedule/terms.ts";
import { type Components, noComponents, sumOf } from "../standing.ts";

export type Component = keyof Components;

/** A fee or penalty that falls due with an instalment. Amounts are minor units. */
export interface ChargeShare {
  isPenalty: boolean;
  due: Day;
  amount: bigint;
}

/** An instalment with what is owed and what was paid of it. */
export interface LedgerRow extends Period {
  kind: "down_payment" | "instalment" | "charges_only" | "late_interest" | "re_aged";
  owed: Components;
  paid: Components;
  /** Interest that is no longer asked for; part of `owed`. */
  waivedInterest: bigint;
  paidInAdvance: bigint;
  paidLate: bigint;
  charges: ChargeShare[];
}

export function openRow(
  kind: LedgerRow["kind"],
  { from, due }: Period,
  principal = 0n,
  interest = 0n,
): LedgerRow {
  const owed = { ...noComponents(), principal, interest };
  const paid = noComponents();
  return { kind, from, due, owed, paid, waivedInterest: 0n, paidInAdvance: 0n, paidLate: 0n, charges: [] };
}

export function copyRow(row: LedgerRow): LedgerRow {
  return { ...row, owed: { ...row.owed }, paid: { ...row.paid }, charges: [...row.charges] };
}

export function unpaidPart(row: LedgerRow, component: Component): bigint {
  const waived = component === "interest" ? row.waivedInterest : 0n;
  return row.owed[component] - row.paid[component] - waived;
}

export function unpaidTotal(row: LedgerRow): bigint {
  return sumOf(row.owed) - sumOf(row.paid) - row.waivedInterest;
}

export function isPaidOff(row: LedgerRow): boolean {
  return unpaidTotal(row) === 0n;
}

export function totalUnpaid(rows: readonly LedgerRow[]): Components {
  const owed = noComponents();
  for (const row of rows) {
    for (const component of ["penalty", "fee", "interest", "principal"] as const) {
      owed[component] += unpaidPart(row, component);
    }
  }
  return owed;
}

/** Pays at most `limit` of one component on `day`; returns what was taken. */
export function payComponent(row: LedgerRow, component: Component, limit: bigint, day: Day): bigint {
  const unpaid = unpaidPart(row, component);
  const taken = smallerOf(unpaid, limit);
  if (taken <= 0n) return 0n;
  row.paid[component] += taken;
  if (day < row.due) row.paidInAdvance += taken;
  else if (day > row.due) row.paidLate += taken;
  return taken;
}

/** What is unpaid of the fees or penalties that are due by `day` themselves, whenever their instalment is. */
export function unpaidChargesBy(row: LedgerRow, component: "fee" | "penalty", day: Day): bigint {
  const isPenalty = component === "penalty";
  let due = 0n;
  for (const share of row.charges) if (share.isPenalty === isPenalty && share.due <= day) due += share.amount;
  return largerOf(due - row.paid[component], 0n);
}
