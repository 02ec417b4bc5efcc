import { expect } from "chai";
import fc from "fast-check";
import {
  divideFixed,
  FIXED_ONE,
  powerFixed,
  powersFixed,
  rootFixed,
} from "../../../lending/cost/fixed-point.ts";

/** 2^-150: far below what rates show. */
const SLACK = FIXED_ONE >> 150n;

function expectNear(actual: bigint, expected: bigint): void {
  const difference = actual > expected ? actual - expected : expected - actual;
  expect(difference <= SLACK, `${actual} is not near ${expected}`).to.equal(true);
}

describe("fixed point", () => {
  it("refuses to look for a root that the bracket does not hold", () => {
    expect(() => rootFixed(() => 1n)).to.throw(RangeError);
    expect(() => rootFixed(() => -1n)).to.throw(RangeError);
  });

  it("refuses exponents that fall", () => {
    expect(() => powersFixed(FIXED_ONE, [2n, 1n])).to.throw(RangeError);
  });

  it("raises to whole powers as repeated multiplication does", () => {
    const half = FIXED_ONE / 2n;
    expect(powerFixed(half, 0n)).to.equal(FIXED_ONE);
    expect(powerFixed(half, 1n)).to.equal(half);
    expect(powerFixed(half, 5n)).to.equal(FIXED_ONE / 32n);
    expect(powersFixed(half, [0n, 0n, 2n, 3n, 10n])).to.deep.equal(
      [1n, 1n, 4n, 8n, 1024n].map((divisor) => FIXED_ONE / divisor),
    );
  });

  it("finds roots of steep, flat and kinked functions", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: FIXED_ONE }),
        fc.constantFrom(1n, 2n, 12n, 4380n),
        fc.boolean(),
        (root, power, isKinked) => {
          const target = powerFixed(root, power);
          fc.pre(target > 0n);
          const found = rootFixed((x) => {
            const value = powerFixed(x, power) - target;
            return isKinked && value < 0n ? value * 1_000_000n : value;
          });
          // The root of a flat power is only as sharp as its value: compare there.
          expectNear(powerFixed(found, power), target);
        },
      ),
      { seed: 1971, numRuns: 150 },
    );
  });

  it("finds roots in few steps on smooth functions, in three a bit on all others", () => {
    const steps = (f: (x: bigint) => bigint) => {
      let count = 0;
      rootFixed((x) => {
        count++;
        return f(x);
      });
      return count;
    };
    expect(steps((x) => powerFixed(x, 12n) - FIXED_ONE / 2n)).to.be.below(50);
    expect(steps((x) => FIXED_ONE / 2n - powerFixed(FIXED_ONE - x, 12n))).to.be.below(50);
    expect(steps((x) => powerFixed(x, 4380n) - FIXED_ONE / 1000n)).to.be.below(80);
    expect(steps((x) => (x < FIXED_ONE / 3n ? -1n : 10n ** 80n))).to.be.within(192, 580);
  });

  it("divides as multiplication undoes", () => {
    expect(divideFixed(FIXED_ONE, FIXED_ONE * 4n)).to.equal(FIXED_ONE / 4n);
  });
});
