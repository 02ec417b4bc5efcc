import { expect } from "chai";
import { check } from "../../../scripts/prove/check.ts";
import { type Property, prove } from "../../../scripts/prove/prove.ts";
import { readProof } from "../../../scripts/prove/sources.ts";
import { twins } from "../../../scripts/prove/twins.ts";
import { withoutBits } from "../../../scripts/prove/z3.ts";

const ROUNDING = "Brackets.provisionIsRoundedUp";
const PAYOFF = { proof: "formal/Payoff.sol", only: "payoffNeverExceedsWhatIsUnpaid" };

function property(name: string, twin = twins[name]): Property {
  if (twin === undefined) throw new Error(`${name} has no twin`);
  return { name, twin };
}

describe("the proofs", () => {
  it("fail on a bug that nobody would notice", async () => {
    const twin = {
      in: "contracts/libraries/AgeBrackets.sol",
      find: "weighted + BASIS_POINTS - 1",
      replace: "weighted + 9_999",
    };
    const { proved, refuted, failed } = await prove([property(ROUNDING, twin)]);
    expect({ proved, refuted }).to.deep.equal({ proved: 1, refuted: 0 });
    expect(failed).to.deep.equal([`${ROUNDING}: it does not notice its planted bug`]);
  }).timeout(60_000);

  it("name the line of a property that does not hold", async () => {
    const change = twins[ROUNDING];
    const [file, only] = ROUNDING.split(".");
    const proof = `formal/${file}.sol`;
    const sources = await readProof({ proof, only: only ?? "", ...(change === undefined ? {} : { change }) });
    const { refuted, safe, unknown } = await check(proof, sources);
    expect({ refuted: refuted.length, safe, unknown }).to.deep.equal({ refuted: 1, safe: 1, unknown: [] });
    expect(refuted[0]).to.match(/^formal\/Brackets\.sol:\d+$/);
  }).timeout(60_000);

  it("prove what holds, and refute it with its planted bug", async () => {
    const report = await prove([property(ROUNDING)]);
    expect(report).to.deep.equal({ proved: 1, refuted: 1, failed: [] });
  }).timeout(60_000);
});

describe("what a proof is made of", () => {
  it("is refused when a bug is planted nowhere, or at two places", async () => {
    const plant = (find: string) => readProof({ ...PAYOFF, change: { in: PAYOFF.proof, find, replace: "" } });
    expect(await refusalOf(plant("no such code"))).to.include("stands in 0 places");
    expect(await refusalOf(plant("unpaidInterest"))).to.match(/stands in \d+ places/);
  });

  it("is refused when the checker would misunderstand it", async () => {
    const change = (replace: string) => ({ in: PAYOFF.proof, find: "if (day <= start) return 0;", replace });
    for (const code of ["while (day <= start) return 0;", "row.day = day;", 'assembly ("memory-safe") {}']) {
      const sources = await readProof({ ...PAYOFF, change: change(code) });
      expect(await refusalOf(check(PAYOFF.proof, sources)), code).to.include("the checker misunderstands");
    }
  });

  it("is what it calls and nothing else", async () => {
    const sources = await readProof({ proof: "formal/Brackets.sol", only: "provisionIsRoundedUp" });
    expect([...sources.keys()].sort()).to.deep.equal([
      "contracts/libraries/AgeBrackets.sol",
      "formal/Brackets.sol",
    ]);
    const library = sources.get("contracts/libraries/AgeBrackets.sol")?.text ?? "";
    expect(library).to.include("function _fromBasisPoints").and.not.to.include("function _crossed");
  });
});

describe("bits in a query", () => {
  const bits = (x: string) => `(ite (>= ${x} 0) ((_ int2bv 256) ${x}) (bvneg ((_ int2bv 256) (- ${x}))))`;
  const MODULUS = 2n ** 256n;

  it("stay when they are neither a cast, nor a shift by a known number, nor an or", () => {
    for (const query of [
      `(bv2nat (bvand ${bits("x")} ${bits("y")}))`,
      `(bv2nat (bvshl ${bits("x")} ${bits("y")}))`,
    ]) {
      expect(withoutBits(query)).to.equal(query);
    }
  });

  it("become numbers", () => {
    expect(withoutBits(`(bv2nat ${bits(`(bv2nat ${bits("x")})`)})`)).to.equal(
      `(mod (mod x ${MODULUS}) ${MODULUS})`,
    );
    expect(withoutBits(`(and (= y 8) (= z (bv2nat (bvlshr ${bits("x")} ${bits("y")}))))`)).to.equal(
      `(and (= y 8) (= z (div (mod x ${MODULUS}) 256)))`,
    );
  });
});

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return "";
}
