import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { parseAccepted, reasonFor, staleReasons } from "../../../scripts/mutate/accepted.ts";
import { solidityGraph, typeScriptClosure } from "../../../scripts/mutate/imports.ts";
import { mostLikelyFirst, thatDeploy, thatImport } from "../../../scripts/mutate/judges.ts";
import type { Mutant } from "../../../scripts/mutate/mutants.ts";
import { inSampleOrder, shardOf } from "../../../scripts/mutate/sample.ts";
import { temporaryFolder } from "../../support/folder.ts";

function mutant(file: string, index: number, operator: Mutant["operator"] = "literal"): Mutant {
  const id = `${file} ${operator} ${index}`;
  return { id, file, operator, line: 1, where: "Pool.pay", before: `${index}`, after: "", start: 0, end: 1 };
}

const many = (file: string, count: number, operator?: Mutant["operator"]): Mutant[] =>
  Array.from({ length: count }, (_, index) => mutant(file, index, operator));

describe("the sample of mutants", () => {
  const all = [...many("Large.sol", 600), ...many("Large.sol", 200, "emit"), ...many("Small.sol", 200)];

  it("holds of each file and operator its share, however long it is", () => {
    for (const seed of [1, 2, 3]) {
      for (const length of [50, 200, 500]) {
        const sample = inSampleOrder(all, seed).slice(0, length);
        const literals = sample.filter(
          ({ file, operator }) => file === "Large.sol" && operator === "literal",
        );
        const emits = sample.filter(({ operator }) => operator === "emit");
        expect(literals.length, `literals of ${length}`).to.be.closeTo(length * 0.6, 2);
        expect(emits.length, `emits of ${length}`).to.be.closeTo(length * 0.2, 2);
      }
    }
  });

  it("is the same for a seed, another for another one", () => {
    const ids = (seed: number) => inSampleOrder(all, seed).map(({ id }) => id);
    expect(ids(1)).to.deep.equal(ids(1));
    expect(ids(1)).not.to.deep.equal(ids(2));
    expect(ids(1).toSorted()).to.deep.equal(ids(2).toSorted());
  });

  it("is the whole when all shards are put together", () => {
    const shards = [1, 2, 3].map((part) => shardOf(all, 200, { part, of: 3 }));
    expect(shards.flatMap(({ mutants }) => mutants)).to.have.members(all);
    expect(shards.map(({ sample }) => sample)).to.deep.equal([67, 67, 66]);
  });
});

describe("the tests that can notice a mutant", () => {
  const graph = solidityGraph(
    {
      "project/contracts/Book.sol": 'import {Day} from "./libraries/Day.sol";',
      "project/contracts/Other.sol": 'import {\n    Math\n} from "@openzeppelin/contracts/Math.sol";',
      "project/contracts/libraries/Day.sol": "library Day {}",
      "npm/@openzeppelin/contracts@5.7.0/Math.sol": "library Math {}",
      "project/test/contracts/Book.t.sol": 'import {Book} from "../../contracts/Book.sol";',
    },
    ["project/:@openzeppelin/contracts/=npm/@openzeppelin/contracts@5.7.0/"],
  );

  it("are compiled with it, at whatever distance, when they are Solidity", () => {
    expect(graph.dependentsOf("project/contracts/libraries/Day.sol")).to.have.members([
      "project/contracts/Book.sol",
      "project/contracts/libraries/Day.sol",
      "project/test/contracts/Book.t.sol",
    ]);
    expect(graph.dependentsOf("npm/@openzeppelin/contracts@5.7.0/Math.sol")).to.include(
      "project/contracts/Other.sol",
    );
    const tests = ["test/contracts/Book.t.sol"];
    expect(thatImport(tests, graph, "project/contracts/libraries/Day.sol")).to.deep.equal(tests);
    expect(thatImport(tests, graph, "project/contracts/Other.sol")).to.deep.equal([]);
  });

  it("name its contract, or import something that does, when they are TypeScript", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder.path, "support"));
    await writeFile(join(folder.path, "a.test.ts"), 'import { world } from "./support/world.ts";\n');
    await writeFile(
      join(folder.path, "support", "world.ts"),
      'deploy("LoanBook", []);\nimport "../a.test.ts";\n',
    );
    const text = typeScriptClosure(join(folder.path, "a.test.ts"));
    const tests = [
      { file: "a.test.ts", text },
      { file: "b.test.ts", text: 'deploy("LoanBookLens")' },
    ];
    expect(thatDeploy(tests, ["LoanBook"])).to.deep.equal(["a.test.ts"]);
    expect(thatDeploy(tests, ["LendingPool", "LoanBookLens"])).to.deep.equal(["b.test.ts"]);
    await folder.remove();
  });

  it("come in the order of what they killed before, of their names, of their time", () => {
    const files = ["t/slow.test.ts", "t/quick.test.ts", "t/loan-book.test.ts", "t/killer.test.ts"];
    const times = { "t/slow.test.ts": 9, "t/quick.test.ts": 1, "t/loan-book.test.ts": 99 };
    const kills = new Map([["t/killer.test.ts", 2]]);
    expect(mostLikelyFirst(files, "contracts/LoanBook.sol", kills, times)).to.deep.equal([
      "t/killer.test.ts",
      "t/loan-book.test.ts",
      "t/quick.test.ts",
      "t/slow.test.ts",
    ]);
  });
});

describe("survivors that are accepted", () => {
  const survivor: Mutant = { ...mutant("Pool.sol", 1), before: "a || b", after: "a && b" };

  it("are refused without a reason", () => {
    expect(() => parseAccepted("| `Pool.pay` | `a` -> `b` |  |")).to.throw("not a row");
    expect(() => parseAccepted("| Pool.pay | a -> b | Equal. |")).to.throw("not a row");
  });

  it("have the reason of their own change and no other", () => {
    const accepted = parseAccepted(
      [
        "| where | change | reason |",
        "|---|---|---|",
        "| `Pool.pay` | `a \\|\\| b` -> `a && b` | Both say the same. |",
        "| `Pool.pay` | `onlyOnce` -> `nothing` | It can run once only. |",
      ].join("\n"),
    );
    expect(reasonFor(accepted, survivor)).to.equal("Both say the same.");
    expect(reasonFor(accepted, { ...survivor, after: "b && a" })).to.equal(undefined);
    const modifier: Mutant = { ...survivor, before: "onlyOnce", after: "" };
    expect(reasonFor(accepted, modifier)).to.equal("It can run once only.");
    expect(staleReasons(accepted, [survivor]).map(({ before }) => before)).to.deep.equal(["onlyOnce"]);
  });
});
