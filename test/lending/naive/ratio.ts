import type { RoundingMode } from "../../../lending/money.ts";

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** An exact fraction. */
export class Ratio {
  readonly top: bigint;
  readonly bottom: bigint;

  constructor(top: bigint | number, bottom: bigint | number = 1n) {
    const [a, b] = [BigInt(top), BigInt(bottom)];
    if (b === 0n) throw new RangeError("nothing can be divided by 0");
    const sign = b < 0n ? -1n : 1n;
    const common = gcd(a < 0n ? -a : a, b * sign) * sign;
    this.top = a / common;
    this.bottom = b / common;
  }

  plus(other: Ratio): Ratio {
    return new Ratio(this.top * other.bottom + other.top * this.bottom, this.bottom * other.bottom);
  }

  minus(other: Ratio): Ratio {
    return new Ratio(this.top * other.bottom - other.top * this.bottom, this.bottom * other.bottom);
  }

  times(other: Ratio): Ratio {
    return new Ratio(this.top * other.top, this.bottom * other.bottom);
  }

  over(other: Ratio): Ratio {
    return new Ratio(this.top * other.bottom, this.bottom * other.top);
  }

  /** The whole number that java.math.RoundingMode's own table gives: by the sign, and by what is beyond the point. */
  rounded(mode: RoundingMode): bigint {
    const isNegative = this.top < 0n;
    const size = isNegative ? -this.top : this.top;
    const whole = size / this.bottom;
    const beyond = size % this.bottom;
    if (beyond === 0n) return this.top / this.bottom;
    const isHalf = beyond * 2n === this.bottom;
    const isMore = beyond * 2n > this.bottom;
    const away = {
      up: true,
      down: false,
      ceiling: !isNegative,
      floor: isNegative,
      half_up: isMore || isHalf,
      half_down: isMore,
      half_even: isMore || (isHalf && whole % 2n === 1n),
    }[mode];
    const rounded = away ? whole + 1n : whole;
    return isNegative ? -rounded : rounded;
  }
}

export function ratioOf({ numerator, denominator }: { numerator: bigint; denominator: bigint }): Ratio {
  return new Ratio(numerator, denominator);
}
