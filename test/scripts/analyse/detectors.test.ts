import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../../platform/config.ts";
import { findIn } from "../../../scripts/analyse/analyse.ts";
import type { Detector } from "../../../scripts/analyse/detector.ts";
import { detectors } from "../../../scripts/analyse/detectors/index.ts";
import { nodesOf } from "../../../scripts/solidity/ast.ts";
import { type Program, readProgram } from "../../../scripts/solidity/program.ts";

const FIXTURES = "test/scripts/analyse/fixtures";
const BAD = /^_?bad/i;

async function programOf(detector: Detector): Promise<Program> {
  const path = `${FIXTURES}/${detector.name}.sol`;
  return await readProgram({ [path]: await readFile(join(repositoryRoot, path), "utf8") });
}

/** The functions and contracts of a fixture whose names say that they are bad. */
function badNames(program: Program): string[] {
  const named = program.ownUnits.flatMap((unit) => nodesOf(unit, "ContractDefinition", "FunctionDefinition"));
  return named.map(({ name }) => name).filter((name) => BAD.test(name));
}

describe("the detectors", () => {
  for (const detector of detectors) {
    it(`${detector.name} catches what is bad in its fixture, all of it and nothing else`, async () => {
      const program = await programOf(detector);
      const found = findIn(program, [detector]).map(({ where }) => {
        const [contract = "", inside = ""] = where.split(".");
        return BAD.test(inside) ? inside : `${BAD.test(contract) ? "" : `${inside} of `}${contract}`;
      });
      expect([...new Set(found)].sort()).to.deep.equal(badNames(program).sort());
      expect(found).not.to.be.empty;
    });
  }

  it("say in a few words what they report, under names of their own", () => {
    expect(new Set(detectors.map(({ name }) => name)).size).to.equal(detectors.length);
    for (const { reports } of detectors) expect(reports.length).to.be.within(20, 100);
  });
});
