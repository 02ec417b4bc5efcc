/**
 * Binary fixed point: a `Fixed` stands for `value / 2^192`. 192 bits are 57 decimal digits: what a chain of some million
 * multiplications loses stays far below the 30 digits that rates are rounded to.
 */
export type Fixed = bigint;

const FRACTION_BITS = 192n;

/** The number 1. */
export const FIXED_ONE: Fixed = 1n << FRACTION_BITS;

/** Every third step halves the bracket, which 3 * 192 steps close: this is never reached. */
const MAX_ROOT_STEPS = 1_000;

/** `a * b`, rounded down. */
function multiplyFixed(a: Fixed, b: Fixed): Fixed {
  return (a * b) >> FRACTION_BITS;
}

/** `a / b`, rounded down, for positive numbers. */
export function divideFixed(a: Fixed, b: Fixed): Fixed {
  return (a << FRACTION_BITS) / b;
}

/** `base ^ exponent` by squaring, for `base >= 0` and a whole `exponent >= 0`. */
export function powerFixed(base: Fixed, exponent: bigint): Fixed {
  let [result, square, rest] = [FIXED_ONE, base, exponent];
  while (rest > 0n) {
    if (rest % 2n === 1n) result = multiplyFixed(result, square);
    rest /= 2n;
    if (rest > 0n) square = multiplyFixed(square, square);
  }
  return result;
}

/**
 * `[base^e for e of exponents]`: powers between neighbours are computed once.
 * @throws RangeError if the exponents fall.
 */
export function powersFixed(base: Fixed, exponents: readonly bigint[]): Fixed[] {
  const steps = new Map<bigint, Fixed>();
  let [last, reached] = [0n, FIXED_ONE];
  return exponents.map((exponent) => {
    const gap = exponent - last;
    if (gap < 0n) throw new RangeError("exponents must not fall");
    const step = steps.get(gap) ?? powerFixed(base, gap);
    steps.set(gap, step);
    [last, reached] = [exponent, multiplyFixed(reached, step)];
    return reached;
  });
}

/**
 * Where `f` crosses zero between 0 and 1, given that `f(0) < 0 <= f(1)`; the answer is at most a last bit above a crossing.
 * The Illinois form of regula falsi (M. Dowell, P. Jarratt, BIT 11, 1971), with a bisection in every third step: fast on
 * smooth functions, and certain on all others.
 */
export function rootFixed(f: (x: Fixed) => bigint): Fixed {
  let [low, high] = [0n, FIXED_ONE];
  let [atLow, atHigh] = [f(low), f(high)];
  if (atLow >= 0n || atHigh < 0n) throw new RangeError("the root must lie between 0 and 1");
  let lastSide = 0;
  for (let step = 0; step < MAX_ROOT_STEPS && high - low > 1n; step++) {
    const middle = step % 3 === 2 ? (low + high) / 2n : secant(low, high, atLow, atHigh);
    const value = f(middle);
    const side = value < 0n ? -1 : 1;
    // The end that stays twice in a row counts for half, which pulls the next point over to its side.
    if (side < 0) {
      [low, atLow] = [middle, value];
      if (lastSide === side) atHigh /= 2n;
    } else {
      [high, atHigh] = [middle, value];
      if (lastSide === side) atLow /= 2n;
    }
    lastSide = side;
  }
  return high;
}

/** Where the line between both ends meets zero, kept inside the bracket. */
function secant(low: Fixed, high: Fixed, atLow: bigint, atHigh: bigint): Fixed {
  const rise = atHigh - atLow;
  const guess = rise === 0n ? low : low + (-atLow * (high - low)) / rise;
  if (guess <= low) return low + 1n;
  return guess >= high ? high - 1n : guess;
}
