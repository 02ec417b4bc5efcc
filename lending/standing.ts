import type { Hex } from "viem";
import type { Instalment } from "./agreement.ts";
import { LendingError } from "./errors.ts";

/** The four components of any payment, in minor units. Same shape as in `ILoanBook.sol`. */
export interface Components {
  penalty: bigint;
  fee: bigint;
  interest: bigint;
  principal: bigint;
}

/** Words for `LoanState` of `ILoanBook.sol`, by its number. */
export const LOAN_STATES = ["none", "active", "closed", "funded", "cancelled", "written_off"] as const;

export type LoanState = (typeof LOAN_STATES)[number];

/** Instalments in a row that a restructured loan pays on time before its lateness ends. */
export const CURE_INSTALMENTS = 3;

/** How far a loan has been paid. Amounts are minor units, days are day numbers in the agreement's UTC offset. */
export interface Standing {
  /** 1 as signed first; each restructuring adds one. */
  version: number;
  /** The day of the disbursement; of a restructured loan that of the restructuring. */
  startDay: number;
  /** Index (from 0) of the oldest unpaid instalment; the number of rows when all are paid. */
  nextInstalment: number;
  /** What was already paid on `nextInstalment`; `penalty` is always 0 here. */
  partPaid: Components;
  /** Everything paid under the present version. */
  paid: Components;
  waivedInterest: bigint;
  /** Payments since the disbursement, under all versions, reversed ones included. */
  payments: number;
  /** Sum over overdue instalments of unpaid minor units * basis points * days, to the end of `penaltyDay`. */
  penaltyNumerator: bigint;
  penaltyDay: number;
  /**
   * A restructured loan that was late counts its days from here until `CURE_INSTALMENTS` were paid on time in a row; 0
   * when nothing is to be cured.
   */
  arrearsDay: number;
  /** Instalments paid on time in a row meanwhile. */
  paidOnTime: number;
  closed: boolean;
}

/**
 * The part of an agreement that is enforced after origination; names and units as in `Agreement`. Of a restructured loan
 * the table of the present version, and what of the penalty cap earlier versions have left.
 */
export interface EnforcedTerms {
  schedule: readonly Instalment[];
  penaltyRateBps: number;
  penaltyGraceDays: number;
  penaltyCap: bigint;
  waterfall: Hex;
  earlySettlement: 0 | 1;
}

/** The standing of a loan on the day on which it was disbursed. */
export function openStanding(disbursedDay: number): Standing {
  return {
    version: 1,
    startDay: disbursedDay,
    nextInstalment: 0,
    partPaid: noComponents(),
    paid: noComponents(),
    waivedInterest: 0n,
    payments: 0,
    penaltyNumerator: 0n,
    penaltyDay: disbursedDay,
    arrearsDay: 0,
    paidOnTime: 0,
    closed: false,
  };
}

export function noComponents(): Components {
  return { penalty: 0n, fee: 0n, interest: 0n, principal: 0n };
}

export function sumOf(c: Components): bigint {
  return c.penalty + c.fee + c.interest + c.principal;
}

/** Adds `part` to `total` in place. */
export function addComponents(total: Components, part: Components): void {
  total.penalty += part.penalty;
  total.fee += part.fee;
  total.interest += part.interest;
  total.principal += part.principal;
}

/** What is unpaid of instalment `index`, without penalty, and its due day. `index` must not be before `nextInstalment`. */
export function unpaidOf(
  terms: EnforcedTerms,
  standing: Standing,
  index: number,
): { day: number; owed: Components } {
  const row = terms.schedule[index];
  if (row === undefined) throw new LendingError("out_of_range", "index", `there is no instalment ${index}`);
  const owed = { penalty: 0n, fee: row.fee, interest: row.interest, principal: row.principal };
  if (index === standing.nextInstalment) {
    owed.fee -= standing.partPaid.fee;
    owed.interest -= standing.partPaid.interest;
    owed.principal -= standing.partPaid.principal;
  }
  return { day: row.day, owed };
}

/** Principal of the present version that is unpaid, in minor units. */
export function outstandingPrincipal(terms: EnforcedTerms, standing: Standing): bigint {
  return terms.schedule.reduce((sum, row) => sum + row.principal, 0n) - standing.paid.principal;
}

/** Whole days since the oldest unpaid instalment fell due, or since an earlier lateness that is not cured; never negative. */
export function daysPastDue(terms: EnforcedTerms, standing: Standing, today: number): number {
  const dueDay = terms.schedule[standing.nextInstalment]?.day;
  if (standing.closed || dueDay === undefined) return 0;
  const lateFromDay = standing.arrearsDay === 0 ? dueDay : Math.min(standing.arrearsDay, dueDay);
  return Math.max(0, today - lateFromDay);
}
