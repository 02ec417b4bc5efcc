import { LendingError } from "../errors.ts";
import { divRound } from "../money.ts";
import { FIXED_ONE, type Fixed, rootFixed } from "./fixed-point.ts";

/** A yearly rate. */
export interface AnnualRate {
  /** The rate of one in units of 10^-12: 0.0969 is 96,900,000,000. */
  rateE12: bigint;
  /** In percent, rounded half up: "9.7". */
  percent: string;
}

/** Rates are first rounded to 10^-30 of one, so that a rate of exactly 10.05 % does not print as 10.0. */
const RATE_DIGITS = 30n;

/**
 * The highest rate that is stated: 10^32 percent, at which a loan grows by a fifth in a day. Up to there `rateE12` is
 * exact.
 */
const MAX_RATE_E30 = 10n ** (30n + RATE_DIGITS);

/**
 * The `x` between 0 and 1 at which flows are worth nothing together: `sum amounts[i] * factorsAt(x)[i] = 0`, where a
 * factor rises with `x` from 0 (1 for flows of the first day) to 1. Amounts are minor units, positive to the borrower,
 * sorted by time; they begin with an advance and sum to 0 or less, which puts a root into the interval.
 * @throws LendingError if the borrower would be a creditor at some time: then more than one rate may solve the equation.
 */
export function solveDiscount(amounts: readonly bigint[], factorsAt: (x: Fixed) => Fixed[]): Fixed {
  const worthAt = (x: Fixed) => {
    const factors = factorsAt(x);
    return amounts.reduce((total, amount, index) => total - amount * (factors[index] ?? 0n), 0n);
  };
  const root = rootFixed(worthAt);
  assertBorrowing(amounts, factorsAt(root));
  return root;
}

/**
 * What is still owed, discounted to the first day, must never be negative. Then the root is the only one (a "pure
 * investment": D. Teichroew, A. Robichek, M. Montalbano, Management Science 11, 1965).
 */
function assertBorrowing(amounts: readonly bigint[], factors: readonly Fixed[]): void {
  // What the root's last digits can make of the amounts: below 10^-12 of the first advance.
  const tolerance = (amounts[0] ?? 0n) * (FIXED_ONE >> 40n);
  let owed = 0n;
  for (const [index, amount] of amounts.entries()) {
    owed += amount * (factors[index] ?? 0n);
    if (owed >= -tolerance) continue;
    const problem = "pay back more than is owed before a later advance: no single annual rate";
    throw new LendingError("unsupported", "repayments", problem);
  }
}

/** The rate `numerator / denominator` of one, its percent with `decimals` digits. @throws LendingError beyond 10^32 %. */
export function annualRate(numerator: bigint, denominator: bigint, decimals: number): AnnualRate {
  const rate = divRound(numerator * 10n ** RATE_DIGITS, denominator, "half_up");
  if (rate > MAX_RATE_E30) {
    throw new LendingError("out_of_range", "repayments", "cost more than 10^32 percent a year");
  }
  return {
    rateE12: divRound(rate, 10n ** (RATE_DIGITS - 12n), "half_up"),
    percent: decimalText(divRound(rate, 10n ** (RATE_DIGITS - 2n - BigInt(decimals)), "half_up"), decimals),
  };
}

function decimalText(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
