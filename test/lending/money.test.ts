import { expect } from "chai";
import fc from "fast-check";
import {
  base,
  baseToMinor,
  divCeil,
  divFloor,
  divHalfEven,
  divRound,
  formatMoney,
  minor,
  minorToBase,
  parseMoney,
  ROUNDING_MODES,
  roundMoney,
  roundToMultiple,
} from "../../lending/money.ts";
import { expectLendingError } from "./expect-error.ts";

const SEED = { seed: 20221101, numRuns: 500 };
const integer = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });

describe("money", () => {
  it("refuses what is no plain decimal string, naming the field", () => {
    for (const text of [
      "",
      " 1",
      "1 ",
      "+1",
      "1e3",
      "1,000",
      ".5",
      "5.",
      "0x10",
      "--1",
      "1.2.3",
      "١",
      5,
      null,
      undefined,
    ]) {
      expectLendingError(() => parseMoney(text, 2, "params.principal"), "invalid", "params.principal");
    }
  });

  it("refuses negative amounts, amounts beyond uint64 and digits that the currency does not have", () => {
    expectLendingError(() => parseMoney("-1", 2, "fee"), "out_of_range", "fee");
    expectLendingError(() => parseMoney("-0.01", 2, "fee"), "out_of_range", "fee");
    expectLendingError(() => parseMoney("184467440737095516.16", 2, "fee"), "out_of_range", "fee");
    expectLendingError(() => parseMoney("1.005", 2, "fee"), "invalid", "fee");
    expectLendingError(() => parseMoney("1.0", 0, "fee"), "invalid", "fee");
    expectLendingError(() => parseMoney("1", 19, "fee"), "out_of_range", "decimals");
  });

  it("reads and writes major units exactly", () => {
    expect(parseMoney("5000.00", 2, "a")).to.equal(500_000n);
    expect(parseMoney("0.5", 2, "a")).to.equal(50n);
    expect(parseMoney("007", 0, "a")).to.equal(7n);
    expect(parseMoney("184467440737095516.15", 2, "a")).to.equal(2n ** 64n - 1n);
    expect(formatMoney(5n, 2)).to.equal("0.05");
    expect(formatMoney(-5n, 2)).to.equal("-0.05");
    expect(formatMoney(1234n, 0)).to.equal("1234");
    expect(formatMoney(0n, 3)).to.equal("0.000");
  });

  it("writes what it reads, for every amount and number of decimals", () => {
    const amount = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 18 }), (value, decimals) => {
        expect(parseMoney(formatMoney(value, decimals), decimals, "a")).to.equal(value);
      }),
      SEED,
    );
  });

  it("converts to base units and back, and refuses what is no whole number of minor units", () => {
    expect(minorToBase(minor(30_500n), 10_000n)).to.equal(305_000_000n);
    expect(baseToMinor(base(305_000_000n), 10_000n)).to.equal(30_500n);
    expectLendingError(() => baseToMinor(base(305_000_001n), 10_000n, "assets"), "invalid", "assets");
    expectLendingError(() => minorToBase(minor(1n), 0n), "out_of_range", "unit");
  });

  it("rounds ties to the even neighbour", () => {
    const rounded = [-5n, -3n, -1n, 1n, 3n, 5n].map((halves) => divHalfEven(halves, 2n));
    expect(rounded).to.deep.equal([-2n, -2n, 0n, 0n, 2n, 2n]);
    expect([2550n, 2450n].map((a) => divHalfEven(a, 100n))).to.deep.equal([26n, 24n]);
    const cent = { mode: "half_even", multiple: 1n } as const;
    const rounding = (amount: bigint) => roundToMultiple(amount, 1n, 100n, cent);
    expect([30_450n, 30_550n, 30_549n].map(rounding)).to.deep.equal([30_400n, 30_600n, 30_500n]);
  });

  // The table of java.math.RoundingMode, in halves and quarters.
  it("rounds in each mode as Java does", () => {
    const tenths = [55n, 25n, 16n, 11n, 10n, -10n, -11n, -16n, -25n, -55n];
    const table: Record<(typeof ROUNDING_MODES)[number], number[]> = {
      up: [6, 3, 2, 2, 1, -1, -2, -2, -3, -6],
      down: [5, 2, 1, 1, 1, -1, -1, -1, -2, -5],
      ceiling: [6, 3, 2, 2, 1, -1, -1, -1, -2, -5],
      floor: [5, 2, 1, 1, 1, -1, -2, -2, -3, -6],
      half_up: [6, 3, 2, 1, 1, -1, -1, -2, -3, -6],
      half_down: [5, 2, 2, 1, 1, -1, -1, -2, -2, -5],
      half_even: [6, 2, 2, 1, 1, -1, -1, -2, -2, -6],
    };
    for (const mode of ROUNDING_MODES) {
      expect(
        tenths.map((a) => Number(divRound(a, 10n, mode))),
        mode,
      ).to.deep.equal(table[mode]);
    }
  });

  it("goes to the minor unit first and from there to what can be paid, ties up, as Fineract does", () => {
    const shillings = { mode: "half_even", multiple: 100n } as const;
    const rounded = (tenths: bigint) => roundMoney(tenths, 10n, shillings);
    expect([4_166_667n, 1_500n, 500n, 499n, 494n, 1_494n].map(rounded)).to.deep.equal([
      416_700n,
      200n,
      100n,
      100n,
      0n,
      100n,
    ]);
  });

  it("bounds every quotient: floor <= half even <= ceil, within half of the exact value", () => {
    fc.assert(
      fc.property(integer, positive, (a, b) => {
        const [low, near, high] = [divFloor(a, b), divHalfEven(a, b), divCeil(a, b)];
        expect(low * b <= a && a < (low + 1n) * b).to.equal(true);
        expect((high - 1n) * b < a && a <= high * b).to.equal(true);
        const twiceError = 2n * (near * b - a);
        expect(-b <= twiceError && twiceError <= b).to.equal(true);
        if (twiceError === b || twiceError === -b) expect(near % 2n).to.equal(0n);
      }),
      SEED,
    );
    expect(() => divFloor(1n, 0n)).to.throw(RangeError);
  });
});
