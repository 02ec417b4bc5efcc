import { type Instalment, type SignedTotals, signedTotals } from "./agreement.ts";
import { LAST_DAY } from "./calendar.ts";
import { LendingError } from "./errors.ts";
import { MAX_AGREEMENT_ROWS, MAX_MINOR } from "./limits.ts";

/* Checks that an agreement and its restructuring share. Each throws LendingError naming the member. */

/** The rows of a schedule whose first due day comes after `previousDay`, which `previousName` names. */
export function checkRows(schedule: readonly Instalment[], previousDay: number, previousName: string): void {
  if (schedule.length < 1 || schedule.length > MAX_AGREEMENT_ROWS) {
    throw new LendingError("out_of_range", "schedule", `must have from 1 to ${MAX_AGREEMENT_ROWS} rows`);
  }
  let previous = previousDay;
  for (const [index, row] of schedule.entries()) {
    const path = `schedule[${index}]`;
    checkWholeNumber(`${path}.day`, row.day, LAST_DAY);
    checkAmount(`${path}.principal`, row.principal);
    checkAmount(`${path}.interest`, row.interest);
    checkAmount(`${path}.fee`, row.fee);
    if (row.day <= previous) {
      const before = index === 0 ? previousName : "the row before";
      throw new LendingError("out_of_range", `${path}.day`, `must be after ${before} (${previous})`);
    }
    if (row.principal + row.interest + row.fee === 0n) {
      throw new LendingError("out_of_range", path, "must not be empty");
    }
    previous = row.day;
  }
}

/** The totals that are signed beside the rows. */
export function checkTotals(signed: SignedTotals & { schedule: readonly Instalment[] }): void {
  for (const [field, rows] of Object.entries(signedTotals(signed.schedule))) {
    const stated = signed[field as keyof SignedTotals];
    if (stated === rows) continue;
    throw new LendingError("mismatch", field, `is ${stated}, but the rows of the schedule give ${rows}`);
  }
}

/** All that can ever be owed fits one amount, so that one payment can close the loan. */
export function checkPenaltyCap(penaltyCap: bigint, totalRepayable: bigint): void {
  const most = MAX_MINOR - totalRepayable;
  if (penaltyCap <= most) return;
  const problem = `is ${penaltyCap}, but must be at most ${most}: with all instalments it may not exceed ${MAX_MINOR} minor units`;
  throw new LendingError("out_of_range", "penaltyCap", problem);
}

/** 0 stands for a moment in the past, so that no consent is ever good without end. */
export function checkExpiry(expiry: bigint): void {
  if (expiry > 0n && expiry <= MAX_MINOR) return;
  throw new LendingError(
    "out_of_range",
    "expiry",
    "must be a unix second; 0 is in the past, never without end",
  );
}

export function checkWholeNumber(path: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new LendingError("out_of_range", path, `must be a whole number from 0 to ${max}`);
}

export function checkAmount(path: string, value: bigint): void {
  if (value >= 0n && value <= MAX_MINOR) return;
  throw new LendingError("out_of_range", path, `must be from 0 to ${MAX_MINOR} minor units`);
}

export function checkBytes32(path: string, value: string): void {
  if (/^0x[0-9a-fA-F]{64}$/.test(value)) return;
  throw new LendingError("invalid", path, "must be 32 bytes in hex");
}
