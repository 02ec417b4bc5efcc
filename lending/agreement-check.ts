import { isAddress, zeroAddress } from "viem";
import { type Agreement, signedTotals } from "./agreement.ts";
import { LAST_DAY } from "./calendar.ts";
import { LendingError } from "./errors.ts";
import {
  MAX_AGREEMENT_ROWS,
  MAX_COOLING_OFF_DAYS,
  MAX_GRACE_DAYS,
  MAX_MINOR,
  MAX_PENALTY_RATE_BPS,
  MAX_REVERSAL_DAYS,
  MAX_UTC_OFFSET_S,
} from "./limits.ts";

/** Most decimals that any token can have so that uint64 amounts still fit into uint256 base units. */
const MAX_TOKEN_DECIMALS = 57;

/**
 * Applies the rules that `LoanBook.originate` will apply (`contracts/libraries/AgreementCheck.sol`), so that nobody is
 * asked to sign what the contract refuses. Consents, the allowed currencies and the time are the contract's alone.
 * @param tokenDecimals Decimals of `currency` where known: `unit` is at most 10 to this power.
 * @throws LendingError naming the member.
 */
export function checkAgreement(agreement: Agreement, tokenDecimals = MAX_TOKEN_DECIMALS): void {
  checkParties(agreement);
  checkUnit(agreement.unit, tokenDecimals);
  checkRules(agreement);
  checkRows(agreement);
  checkTotals(agreement);
}

function checkParties(agreement: Agreement): void {
  for (const field of ["borrower", "lender", "currency", "payee"] as const) {
    const account = agreement[field];
    if (!isAddress(account)) throw new LendingError("invalid", field, "must be an address of 20 bytes");
    if (account === zeroAddress) throw new LendingError("invalid", field, "must not be the zero address");
  }
  if (sameAddress(agreement.borrower, agreement.lender)) {
    throw new LendingError("mismatch", "lender", "must not be the borrower");
  }
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function checkUnit(unit: bigint, tokenDecimals: number): void {
  const isPowerOfTen = /^10*$/.test(unit.toString());
  if (isPowerOfTen && unit <= 10n ** BigInt(tokenDecimals)) return;
  throw new LendingError("out_of_range", "unit", `must be a power of ten up to 10^${tokenDecimals}`);
}

function checkRules(agreement: Agreement): void {
  wholeNumber("disburseFromDay", agreement.disburseFromDay, LAST_DAY);
  wholeNumber("disburseUntilDay", agreement.disburseUntilDay, LAST_DAY);
  if (agreement.disburseUntilDay < agreement.disburseFromDay) {
    throw new LendingError("out_of_range", "disburseUntilDay", "must not be before disburseFromDay");
  }
  wholeNumber("penaltyRateBps", agreement.penaltyRateBps, MAX_PENALTY_RATE_BPS);
  wholeNumber("penaltyGraceDays", agreement.penaltyGraceDays, MAX_GRACE_DAYS);
  wholeNumber("reversalDays", agreement.reversalDays, MAX_REVERSAL_DAYS);
  wholeNumber("coolingOffDays", agreement.coolingOffDays, MAX_COOLING_OFF_DAYS);
  wholeNumber("earlySettlement", agreement.earlySettlement, 1);
  amount("penaltyCap", agreement.penaltyCap);
  amount("upfrontFee", agreement.upfrontFee);
  amount("principal", agreement.principal);
  amount("totalRepayable", agreement.totalRepayable);
  if (agreement.upfrontFee >= agreement.principal) {
    throw new LendingError("out_of_range", "upfrontFee", "must be less than the principal");
  }
  checkUtcOffset(agreement.utcOffset);
  checkWaterfall(agreement.waterfall);
  if (!/^[A-Za-z0-9-]{2,35}$/.test(agreement.language)) {
    throw new LendingError(
      "invalid",
      "language",
      "must be a BCP 47 tag of at most 35 letters, digits, hyphens",
    );
  }
  bytes32("documentHash", agreement.documentHash);
  bytes32("salt", agreement.salt);
  if (agreement.expiry > 0n && agreement.expiry <= MAX_MINOR) return;
  throw new LendingError(
    "out_of_range",
    "expiry",
    "must be a unix second; 0 is in the past, never without end",
  );
}

function checkUtcOffset(utcOffset: number): void {
  const isWholeMinutes = Number.isInteger(utcOffset) && utcOffset % 60 === 0;
  if (isWholeMinutes && Math.abs(utcOffset) <= MAX_UTC_OFFSET_S) return;
  throw new LendingError(
    "out_of_range",
    "utcOffset",
    "must be whole minutes, in seconds, within 14 hours of UTC",
  );
}

function checkWaterfall(waterfall: string): void {
  const ids = /^0x(0[0-3])(0[0-3])(0[0-3])(0[0-3])$/.exec(waterfall)?.slice(1);
  if (ids !== undefined && new Set(ids).size === 4) return;
  throw new LendingError(
    "invalid",
    "waterfall",
    "must be a permutation of the bytes 00, 01, 02, 03 such as 0x00010203",
  );
}

function checkRows(agreement: Agreement): void {
  const { schedule } = agreement;
  if (schedule.length < 1 || schedule.length > MAX_AGREEMENT_ROWS) {
    throw new LendingError("out_of_range", "schedule", `must have from 1 to ${MAX_AGREEMENT_ROWS} rows`);
  }
  // The first instalment falls due after the last day on which the money may arrive.
  let previousDay = agreement.disburseUntilDay;
  for (const [index, row] of schedule.entries()) {
    const path = `schedule[${index}]`;
    wholeNumber(`${path}.day`, row.day, LAST_DAY);
    amount(`${path}.principal`, row.principal);
    amount(`${path}.interest`, row.interest);
    amount(`${path}.fee`, row.fee);
    if (row.day <= previousDay) {
      const before = index === 0 ? "disburseUntilDay" : "the row before";
      throw new LendingError("out_of_range", `${path}.day`, `must be after ${before} (${previousDay})`);
    }
    if (row.principal + row.interest + row.fee === 0n) {
      throw new LendingError("out_of_range", path, "must not be empty");
    }
    previousDay = row.day;
  }
}

function checkTotals(agreement: Agreement): void {
  for (const [field, rows] of Object.entries(signedTotals(agreement.schedule))) {
    const signed = agreement[field as keyof Agreement];
    if (signed === rows) continue;
    throw new LendingError("mismatch", field, `is ${signed}, but the rows of the schedule give ${rows}`);
  }
}

function wholeNumber(path: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new LendingError("out_of_range", path, `must be a whole number from 0 to ${max}`);
}

function amount(path: string, value: bigint): void {
  if (value >= 0n && value <= MAX_MINOR) return;
  throw new LendingError("out_of_range", path, `must be from 0 to ${MAX_MINOR} minor units`);
}

function bytes32(path: string, value: string): void {
  if (/^0x[0-9a-fA-F]{64}$/.test(value)) return;
  throw new LendingError("invalid", path, "must be 32 bytes in hex");
}
