import { type AnnualRate, annualRate, solveDiscount } from "./annual-rate.ts";
import type { NetFlows } from "./cash-flows.ts";
import { euIntervals } from "./eu-intervals.ts";
import { divideFixed, FIXED_ONE, powerFixed, powersFixed } from "./fixed-point.ts";

/** Decimals of the percentage: "at least one" (remark (d)). */
const DECIMALS = 1;

/**
 * The annual percentage rate of charge X of Directive (EU) 2023/2225, Annex III, Part I (the equation and remarks of
 * 2008/48/EC, Annex I):
 *
 *     sum  C_k (1 + X)^-t_k  =  sum  D_l (1 + X)^-s_l        t, s in years from the first drawdown
 *
 * With L a common denominator of all intervals and v = (1 + X)^(-1/L), this is a polynomial in v with whole exponents,
 * and X = v^-L - 1.
 */
export function euAnnualRate({ flows }: NetFlows): AnnualRate {
  const yearsTo = euIntervals(flows.map(({ day }) => day));
  const yearParts = flows.reduce(
    (parts, { day }) => leastCommonMultiple(parts, yearsTo(day).denominator),
    1n,
  );
  const timed = flows.map(({ day, amount }) => {
    const { numerator, denominator } = yearsTo(day);
    return { amount, exponent: (numerator * yearParts) / denominator };
  });
  const exponents = timed.map(({ exponent }) => exponent);
  const v = solveDiscount(
    timed.map(({ amount }) => amount),
    (x) => powersFixed(x, exponents),
  );
  // 1 / v before the power: v^L of a high rate would keep too few digits.
  const yearGrowth = powerFixed(divideFixed(FIXED_ONE, v), yearParts);
  return annualRate(yearGrowth - FIXED_ONE, FIXED_ONE, DECIMALS);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b;
}
