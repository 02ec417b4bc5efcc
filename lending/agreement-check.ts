import { isAddress, zeroAddress } from "viem";
import type { Agreement } from "./agreement.ts";
import { LAST_DAY } from "./calendar.ts";
import { LendingError } from "./errors.ts";
import {
  MAX_COOLING_OFF_DAYS,
  MAX_GRACE_DAYS,
  MAX_PENALTY_RATE_BPS,
  MAX_REVERSAL_DAYS,
  MAX_UTC_OFFSET_S,
} from "./limits.ts";
import {
  checkAmount,
  checkBytes32,
  checkExpiry,
  checkPenaltyCap,
  checkRows,
  checkTotals,
  checkWholeNumber,
} from "./member-check.ts";

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
  // The first instalment falls due after the last day on which the money may arrive.
  checkRows(agreement.schedule, agreement.disburseUntilDay, "disburseUntilDay");
  checkTotals(agreement);
  checkPenaltyCap(agreement.penaltyCap, agreement.totalRepayable);
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
  if (sameAddress(agreement.payee, agreement.lender)) {
    throw new LendingError("mismatch", "payee", "must not be the lender");
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
  checkWholeNumber("disburseFromDay", agreement.disburseFromDay, LAST_DAY);
  checkWholeNumber("disburseUntilDay", agreement.disburseUntilDay, LAST_DAY);
  if (agreement.disburseUntilDay < agreement.disburseFromDay) {
    throw new LendingError("out_of_range", "disburseUntilDay", "must not be before disburseFromDay");
  }
  checkWholeNumber("penaltyRateBps", agreement.penaltyRateBps, MAX_PENALTY_RATE_BPS);
  checkWholeNumber("penaltyGraceDays", agreement.penaltyGraceDays, MAX_GRACE_DAYS);
  checkWholeNumber("reversalDays", agreement.reversalDays, MAX_REVERSAL_DAYS);
  checkWholeNumber("coolingOffDays", agreement.coolingOffDays, MAX_COOLING_OFF_DAYS);
  checkWholeNumber("earlySettlement", agreement.earlySettlement, 1);
  checkAmount("penaltyCap", agreement.penaltyCap);
  checkAmount("upfrontFee", agreement.upfrontFee);
  checkAmount("principal", agreement.principal);
  checkAmount("totalRepayable", agreement.totalRepayable);
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
  checkBytes32("documentHash", agreement.documentHash);
  checkBytes32("salt", agreement.salt);
  checkExpiry(agreement.expiry);
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
