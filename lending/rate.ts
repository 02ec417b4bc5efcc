import { LendingError } from "./errors.ts";
import { MAX_RATE_BPS } from "./limits.ts";

/** An exact non-negative fraction; a rate of `numerator / denominator` of one. */
export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

export const BPS_PER_ONE = 10_000n;

/** How often money is due: every `repayEvery` days, weeks or months. */
export type RepayUnit = "days" | "weeks" | "months";

function reduce(numerator: bigint, denominator: bigint): Fraction {
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}

/** A yearly rate in basis points as a fraction of one. @throws LendingError naming `path`. */
export function rateFromBps(rateBps: number, path: string): Fraction {
  if (!Number.isInteger(rateBps) || rateBps < 0 || rateBps > MAX_RATE_BPS) {
    throw new LendingError(
      "out_of_range",
      path,
      `must be a whole number of basis points from 0 to ${MAX_RATE_BPS}`,
    );
  }
  return reduce(BigInt(rateBps), BPS_PER_ONE);
}

/** A yearly rate in percent ("12", "9.4822") as a fraction of one. @throws LendingError naming `path`. */
export function rateFromPercent(text: unknown, path: string): Fraction {
  const match = typeof text === "string" ? /^(-?)(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text) : null;
  if (match === null)
    throw new LendingError("invalid", path, 'must be a decimal string of percent such as "12.5"');
  if (match[1] === "-") throw new LendingError("out_of_range", path, "must not be negative");
  const fraction = match[3] ?? "";
  const rate = reduce(BigInt(`${match[2]}${fraction}`), 100n * 10n ** BigInt(fraction.length));
  if (rate.numerator * BPS_PER_ONE > BigInt(MAX_RATE_BPS) * rate.denominator) {
    throw new LendingError("out_of_range", path, `must be at most ${MAX_RATE_BPS / 100} percent`);
  }
  return rate;
}

/** `rate * numerator / denominator`, reduced. */
export function scale(rate: Fraction, numerator: bigint, denominator: bigint): Fraction {
  return reduce(rate.numerator * numerator, rate.denominator * denominator);
}

/**
 * The equal payment that pays off `principal` with interest in `periods` periods, as an exact fraction of minor units:
 *
 *     payment = P * r * (1 + r)^n / ((1 + r)^n - 1)        and P / n for r = 0
 *
 * With r = a/b this is P * a * (a+b)^n / (b * ((a+b)^n - b^n)): integers all the way, so the only rounding is the
 * caller's. Source: the annuity formula, as in `meta.formulas.EMI_SAR` of the golden file.
 */
export function annuityPayment(principal: bigint, rate: Fraction, periods: number): Fraction {
  if (rate.numerator === 0n) return { numerator: principal, denominator: BigInt(periods) };
  const { numerator: a, denominator: b } = rate;
  const grown = (a + b) ** BigInt(periods);
  return { numerator: principal * a * grown, denominator: b * (grown - b ** BigInt(periods)) };
}
