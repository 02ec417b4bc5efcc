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

/** How far a loan has been paid. Amounts are minor units, days are day numbers in the agreement's UTC offset. */
export interface Standing {
  disbursedDay: number;
  /** Index (from 0) of the oldest unpaid instalment; the number of rows when all are paid. */
  nextInstalment: number;
  /** What was already paid on `nextInstalment`; `penalty` is always 0 here. */
  partPaid: Components;
  /** Everything paid since disbursement. */
  paid: Components;
  waivedInterest: bigint;
  /** Sum over overdue instalments of unpaid minor units * basis points * days, to the end of `penaltyDay`. */
  penaltyNumerator: bigint;
  penaltyDay: number;
  closed: boolean;
}

/** The part of an agreement that is enforced after origination; names and units as in `Agreement`. */
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
    disbursedDay,
    nextInstalment: 0,
    partPaid: noComponents(),
    paid: noComponents(),
    waivedInterest: 0n,
    penaltyNumerator: 0n,
    penaltyDay: disbursedDay,
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
