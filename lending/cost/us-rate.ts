import type { Fraction } from "../rate.ts";
import { type AnnualRate, annualRate, solveDiscount } from "./annual-rate.ts";
import type { NetFlows } from "./cash-flows.ts";
import { divideFixed, FIXED_ONE, type Fixed, powersFixed } from "./fixed-point.ts";
import { usTimes } from "./us-times.ts";

/** Decimals of the percentage, as in the regulation's examples. */
const DECIMALS = 2;

/**
 * The annual percentage rate by the actuarial method of Regulation Z, 12 CFR 1026 Appendix J: `w * i` for w unit-periods
 * in a year ((b)(1)) and the unit-period rate i that solves ((b)(8))
 *
 *     sum  A_k / ((1 + e_k i) (1 + i)^q_k)  =  sum  P_j / ((1 + f_j i) (1 + i)^t_j)
 *
 * q, t whole unit-periods, e, f the fractions before them, which bear simple interest ((b)(6)). With u = 1 / (1 + i) a
 * factor is u^t for f = 0, and else u^(t+1) / (u + f (1 - u)).
 */
export function usAnnualRate({ flows }: NetFlows): AnnualRate {
  const { perYear, periodsTo } = usTimes(flows.map(({ day }) => day));
  const timed = flows.map(({ day, amount }) => {
    const { whole, fraction } = periodsTo(day);
    const hasFraction = fraction.numerator > 0n;
    return { amount, fraction, hasFraction, exponent: BigInt(whole) + (hasFraction ? 1n : 0n) };
  });
  const exponents = timed.map(({ exponent }) => exponent);
  const u = solveDiscount(
    timed.map(({ amount }) => amount),
    (x) =>
      powersFixed(x, exponents).map((power, index) => {
        const flow = timed[index];
        return flow?.hasFraction ? divideFixed(power, simpleInterest(x, flow.fraction)) : power;
      }),
  );
  return annualRate((FIXED_ONE - u) * perYear.numerator, u * perYear.denominator, DECIMALS);
}

/** `u + f (1 - u)`, which is `u (1 + f i)`. */
function simpleInterest(u: Fixed, { numerator, denominator }: Fraction): Fixed {
  return u + (numerator * (FIXED_ONE - u)) / denominator;
}
