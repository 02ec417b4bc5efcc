import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../../platform/config.ts";
import { applyMutant, type Mutant, mutantsOf } from "../../../scripts/mutate/mutants.ts";
import { compile, errorsOf } from "../../../scripts/solidity/compiler.ts";
import { readProgram } from "../../../scripts/solidity/program.ts";

const PATH = "test/scripts/mutate/Fixture.sol";

const EXPECTED = [
  "Fixture literal 100 -> (100 + 1)",
  "Fixture.take modifier onlyOnce -> ",
  "Fixture.take check amount > MAX -> false",
  "Fixture.take condition amount > MAX -> true",
  "Fixture.take comparison amount > MAX -> amount >= MAX",
  "Fixture.take statement _total += amount; -> {}",
  "Fixture.take arithmetic _total += amount -> _total -= amount",
  "Fixture.take emit emit Taken(amount); -> {}",
  "Fixture.take statement rest = Math.min(amount, MAX) - 1; -> {}",
  "Fixture.take arithmetic Math.min(amount, MAX) - 1 -> Math.min(amount, MAX) + 1",
  "Fixture.take min-max Math.min -> Math.max",
  "Fixture.take literal 1 -> (1 + 1)",
  "Fixture.sum literal 0 -> (0 + 1)",
  "Fixture.sum condition i < 4 -> false",
  "Fixture.sum comparison i < 4 -> i <= 4",
  "Fixture.sum literal 4 -> (4 + 1)",
  "Fixture.sum condition !all || _figures[i] == 7 -> true",
  "Fixture.sum condition !all || _figures[i] == 7 -> false",
  "Fixture.sum condition !all || _figures[i] == 7 -> !all && _figures[i] == 7",
  "Fixture.sum not !all -> all",
  "Fixture.sum comparison _figures[i] == 7 -> _figures[i] != 7",
  "Fixture.sum literal 7 -> (7 + 1)",
  "Fixture.sum statement result += _figures[i]; -> {}",
  "Fixture.sum arithmetic result += _figures[i] -> result -= _figures[i]",
  "Fixture.word arithmetic add -> sub",
  "Fixture.word literal 0x1f -> 0x20",
];

describe("the mutants of a file", () => {
  let source: string;
  let mutants: Mutant[];
  before(async () => {
    source = await readFile(join(repositoryRoot, PATH), "utf8");
    mutants = mutantsOf(await readProgram({ [PATH]: source }));
  });

  it("are every change that an operator knows, each once", () => {
    const shown = mutants.map(
      ({ where, operator, before, after }) => `${where} ${operator} ${before} -> ${after}`,
    );
    expect(shown.sort()).to.deep.equal([...EXPECTED].sort());
    expect(new Set(mutants.map(({ id }) => id)).size).to.equal(mutants.length);
  });

  it("change the file in their own place and nowhere else", () => {
    for (const mutant of mutants) {
      const changed = applyMutant(source, mutant);
      const bytes = Buffer.from(source);
      expect(changed.startsWith(bytes.toString("utf8", 0, mutant.start)), mutant.id).to.equal(true);
      expect(changed.endsWith(bytes.toString("utf8", mutant.end)), mutant.id).to.equal(true);
      expect(changed).not.to.equal(source);
    }
  });

  it("compile, all of this file's", async () => {
    for (const mutant of mutants) {
      const output = await compile({
        language: "Solidity",
        sources: { [PATH]: { content: applyMutant(source, mutant) } },
        settings: {},
      });
      expect(errorsOf(output), mutant.id).to.deep.equal([]);
    }
  });
});
