import { expect } from "chai";
import { compareAnswers, parseAnswers, rowsFor } from "../../../scripts/analyse/answers.ts";
import type { Finding } from "../../../scripts/analyse/detector.ts";

const finding = (code: string, where = "Pool.pay"): Finding => ({
  detector: "unsafe-cast",
  where,
  code,
  place: "contracts/Pool.sol:1",
});

const TABLE = [
  "# Findings",
  "Words about the table.",
  "| detector | where | code | answer |",
  "|---|---|---|---|",
];
const answers = (...rows: string[]) => parseAnswers([...TABLE, ...rows].join("\n"));

describe("answers to findings", () => {
  it("refuse a row that answers nothing", () => {
    expect(() => answers("| unsafe-cast | `Pool.pay` | `uint8(a)` |  |")).to.throw("not a row");
    expect(() => answers("| unsafe-cast | `Pool.pay` | uint8(a) | Small. |")).to.throw("not a row");
    expect(() => answers("| unsafe-cast | `Pool.pay` | `uint8(a)` |")).to.throw("not a row");
  });

  it("leave a finding open beside one that is answered", () => {
    const { unanswered, stale } = compareAnswers(
      [finding("uint8(a)"), finding("uint8(b)"), finding("uint8(a)", "Pool.take")],
      answers("| unsafe-cast | `Pool.pay` | `uint8(a)` | Small. |"),
    );
    expect(unanswered.map(({ where, code }) => `${where} ${code}`)).to.deep.equal([
      "Pool.pay uint8(b)",
      "Pool.take uint8(a)",
    ]);
    expect(stale).to.deep.equal([]);
  });

  it("answer the same code once, unless it stands there twice", () => {
    const twice = [finding("uint8(a)"), finding("uint8(a)")];
    const one = answers("| unsafe-cast | `Pool.pay` | `uint8(a)` | Small. |");
    const two = answers("| unsafe-cast | `Pool.pay` | `uint8(a)`, `uint8(a)` | Small. |");
    expect(compareAnswers(twice, one).unanswered).to.have.length(1);
    expect(compareAnswers(twice, two).unanswered).to.have.length(0);
    expect(compareAnswers(twice.slice(1), two).stale).to.have.length(1);
  });

  it("are stale when nothing is found any more", () => {
    const { stale } = compareAnswers([], answers("| unsafe-cast | `Pool.pay` | `uint8(a)` | Small. |"));
    expect(stale.map(({ code, answer }) => [code, answer])).to.deep.equal([["uint8(a)", "Small."]]);
  });

  it("come as rows that only wait for a person's words", () => {
    const findings = [finding("uint8(a | b)"), finding("uint8(c)"), finding("uint8(c)", "Pool.take")];
    const rows = rowsFor(findings);
    expect(rows).to.deep.equal([
      "| unsafe-cast | `Pool.pay` | `uint8(a \\| b)`, `uint8(c)` |  |",
      "| unsafe-cast | `Pool.take` | `uint8(c)` |  |",
    ]);
    const answered = answers(...rows.map((row) => row.replace(/\| {2}\|$/, "| Small. |")));
    expect(compareAnswers(findings, answered)).to.deep.equal({ unanswered: [], stale: [] });
  });
});
