import { LendingError } from "./errors.ts";
import { MAX_DECIMALS, MAX_MINOR } from "./limits.ts";

declare const unitOfAmount: unique symbol;

/** An amount in minor units (cents): what people see and sign, and what schedules are computed in. */
export type Minor = bigint & { readonly [unitOfAmount]: "minor" };

/** An amount in base units: the token's integers, what moves on-chain. */
export type Base = bigint & { readonly [unitOfAmount]: "base" };

/** Says that `value` counts minor units. Arithmetic on `Minor` gives a plain `bigint`, which this takes back in. */
export function minor(value: bigint): Minor {
  return value as Minor;
}

/** Says that `value` counts base units. */
export function base(value: bigint): Base {
  return value as Base;
}

/** `floor(a / b)`. @throws RangeError if `b` is not positive. */
export function divFloor(a: bigint, b: bigint): bigint {
  if (b <= 0n) throw new RangeError("divisor must be positive");
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** `ceil(a / b)`. @throws RangeError if `b` is not positive. */
export function divCeil(a: bigint, b: bigint): bigint {
  return -divFloor(-a, b);
}

export function smallerOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function largerOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** How a quotient becomes a whole number. Source: java.math.RoundingMode, whose names Apache Fineract's settings use. */
export const ROUNDING_MODES = [
  "half_even",
  "half_up",
  "half_down",
  "up",
  "down",
  "ceiling",
  "floor",
] as const;

export type RoundingMode = (typeof ROUNDING_MODES)[number];

/**
 * `a / b` rounded to the nearest integer, ties to the even one (banker's rounding, Java's `HALF_EVEN`).
 * @throws RangeError if `b` is not positive.
 */
export function divHalfEven(a: bigint, b: bigint): bigint {
  const low = divFloor(a, b);
  const twiceRemainder = 2n * (a - low * b);
  if (twiceRemainder !== b) return twiceRemainder > b ? low + 1n : low;
  return low % 2n === 0n ? low : low + 1n;
}

/** `a / b` rounded as `mode` says. @throws RangeError if `b` is not positive. */
export function divRound(a: bigint, b: bigint, mode: RoundingMode): bigint {
  if (mode === "half_even") return divHalfEven(a, b);
  const low = divFloor(a, b);
  const remainder = a - low * b;
  if (remainder === 0n) return low;
  return roundsUp(mode, a > 0n, 2n * remainder - b) ? low + 1n : low;
}

/** Whether an inexact quotient goes to the integer above; `side` is negative, 0 or positive below, at and above the middle. */
function roundsUp(mode: Exclude<RoundingMode, "half_even">, isPositive: boolean, side: bigint): boolean {
  switch (mode) {
    case "half_up":
      return side === 0n ? isPositive : side > 0n;
    case "half_down":
      return side === 0n ? !isPositive : side > 0n;
    case "up":
      return isPositive;
    case "down":
      return !isPositive;
    case "ceiling":
      return true;
    case "floor":
      return false;
  }
}

/** What every computed amount of a loan is rounded to. */
export interface Rounding {
  mode: RoundingMode;
  /** Minor units of the smallest amount that can be paid: 1, or 100 where nothing below 100 UGX circulates. */
  multiple: bigint;
}

/**
 * `a / b` minor units as an amount that can be paid: rounded to the minor unit by the mode, and from there to the nearest
 * multiple, ties up. Source of the two steps: Fineract, `Money`.
 */
export function roundMoney(a: bigint, b: bigint, { mode, multiple }: Rounding): bigint {
  const amount = divRound(a, b, mode);
  if (multiple === 1n || amount <= 0n) return amount;
  return divFloor(2n * amount + multiple, 2n * multiple) * multiple;
}

/** `a / b` rounded to the nearest multiple of `multiple` by the mode of `rounding`, then to an amount that can be paid. */
export function roundToMultiple(a: bigint, b: bigint, multiple: bigint, rounding: Rounding): bigint {
  return roundMoney(divRound(a, b * multiple, rounding.mode) * multiple, 1n, rounding);
}

/** The exact base units of `amount`. `unit` = base units per minor unit, 10^(token decimals - display decimals). */
export function minorToBase(amount: Minor, unit: bigint): Base {
  if (unit <= 0n) throw new LendingError("out_of_range", "unit", "must be more than 0");
  return base(amount * unit);
}

/** The minor units of `amount`. @throws LendingError if it is no whole number of them: nothing is rounded away. */
export function baseToMinor(amount: Base, unit: bigint, path = "amount"): Minor {
  if (unit <= 0n) throw new LendingError("out_of_range", "unit", "must be more than 0");
  if (amount % unit !== 0n) {
    throw new LendingError(
      "invalid",
      path,
      `${amount} base units are no whole number of minor units of ${unit}`,
    );
  }
  return minor(amount / unit);
}

/**
 * Reads a decimal string of major units ("5000.00") as minor units. Strict: digits, at most one point, no sign,
 * no exponent, no grouping, no more digits than the currency has.
 * @throws LendingError naming `path`.
 */
export function parseMoney(text: unknown, decimals: number, path: string): Minor {
  assertDecimals(decimals, "decimals");
  if (typeof text !== "string")
    throw new LendingError("invalid", path, 'must be a decimal string such as "12.50"');
  if (/^-\d/.test(text)) throw new LendingError("out_of_range", path, "must not be negative");
  const match = /^(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text);
  if (match === null) throw new LendingError("invalid", path, 'must be a decimal string such as "12.50"');
  const fraction = match[2] ?? "";
  if (fraction.length > decimals) {
    throw new LendingError("invalid", path, `must have at most ${decimals} digits after the point`);
  }
  const amount = BigInt(`${match[1]}${fraction.padEnd(decimals, "0")}`);
  return assertMinor(amount, path);
}

/** Writes minor units as a decimal string of major units with exactly `decimals` digits after the point. */
export function formatMoney(amount: bigint, decimals: number): string {
  assertDecimals(decimals, "decimals");
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const sign = amount < 0n ? "-" : "";
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-decimals)}`;
}

/** Checks that `amount` is an amount that the contracts can hold. */
export function assertMinor(amount: bigint, path: string): Minor {
  if (amount < 0n) throw new LendingError("out_of_range", path, "must not be negative");
  if (amount > MAX_MINOR)
    throw new LendingError("out_of_range", path, `must be at most ${MAX_MINOR} minor units`);
  return minor(amount);
}

export function assertDecimals(decimals: number, path: string): void {
  if (Number.isInteger(decimals) && decimals >= 0 && decimals <= MAX_DECIMALS) return;
  throw new LendingError("out_of_range", path, `must be a whole number from 0 to ${MAX_DECIMALS}`);
}
