import { expect } from "chai";
import { summarise } from "../../../scripts/coverage/coverage.ts";
import { parseLcov, percentOf } from "../../../scripts/coverage/lcov.ts";

const REPORT = `TN:
SF:contracts/Pool.sol
DA:10,3
DA:11,0
DA:12,1
DA:12,0
BRDA:10,0,0,3
BRDA:10,0,1,0
BRDA:11,1,0,-
end_of_record
TN:
SF:test/contracts/support/Helper.sol
DA:1,0
BRDA:1,0,0,0
end_of_record
`;

describe("coverage", () => {
  it("counts a line or a branch that never ran, and one that is named twice only once", () => {
    expect(parseLcov(REPORT).get("contracts/Pool.sol")).to.deep.equal({
      lines: { covered: 2, total: 3 },
      branches: { covered: 1, total: 3 },
      uncoveredLines: [11],
    });
  });

  it("is never rounded up to the threshold", () => {
    expect(percentOf([{ covered: 97_999, total: 100_000 }])).to.equal(97.99);
    expect(percentOf([{ covered: 0, total: 0 }])).to.equal(100);
  });

  it("is that of the contracts alone: lines by the one report, branches by the other", () => {
    const byForge = parseLcov("SF:contracts/Other.sol\nDA:1,0\nBRDA:1,0,0,2\nend_of_record\n");
    const { rows, ...totals } = summarise(parseLcov(REPORT), byForge);
    expect(rows.map(({ path }) => path)).to.deep.equal(["contracts/Other.sol", "contracts/Pool.sol"]);
    expect(totals).to.deep.equal({ lines: 66.66, branches: 100 });
  });
});
