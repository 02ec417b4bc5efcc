import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";

/** A line of the page's tables: `| INV-07 | sentence | `file` `name of the test` |`. */
const ROW = /^\| (INV-\d\d) \| (.+) \| `([^`]+)` `(.+)` \|$/gm;

/** Tests by name: of Solidity the function, of mocha the sentence. */
const SOLIDITY_TEST = /\bfunction ((?:test|invariant)\w*)\(/g;
const MOCHA_TEST = /\bit\(\s*(?:"([^"]*)"|`([^`]*)`)/g;

interface Held {
  number: string;
  file: string;
  name: string;
}

async function rowsOfThePage(): Promise<(Held & { sentence: string })[]> {
  const page = await readFile(join(repositoryRoot, "docs/invariants.md"), "utf8");
  return [...page.matchAll(ROW)].map(([, number = "", sentence = "", file = "", name = ""]) => {
    return { number, sentence, file, name };
  });
}

/** Tests whose name has an invariant's number in it. */
async function numberedTests(): Promise<Held[]> {
  const names = await readdir(join(repositoryRoot, "test"), { recursive: true });
  const files = names.filter((name) => /\.test\.ts$|\.t\.sol$/.test(name)).map((name) => `test/${name}`);
  const tests = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(repositoryRoot, file), "utf8");
      const found = [...text.matchAll(file.endsWith(".sol") ? SOLIDITY_TEST : MOCHA_TEST)];
      return found.flatMap(([, first, second]) => numbersIn(file, first ?? second ?? ""));
    }),
  );
  return tests.flat();
}

function numbersIn(file: string, name: string): Held[] {
  return [...name.matchAll(/INV-?(\d\d)/g)].map(([, digits]) => ({ number: `INV-${digits}`, file, name }));
}

function byNumber(a: Held, b: Held): number {
  return `${a.number} ${a.file}`.localeCompare(`${b.number} ${b.file}`);
}

describe("docs/invariants.md", () => {
  it("numbers at least forty invariants one after the other", async () => {
    const rows = await rowsOfThePage();
    expect(rows.length).to.be.at.least(40);
    const numbers = rows.map((_, index) => `INV-${String(index + 1).padStart(2, "0")}`);
    expect(rows.map(({ number }) => number)).to.deep.equal(numbers);
  });

  it("says each in one sentence, and no two alike", async () => {
    const rows = await rowsOfThePage();
    for (const { number, sentence } of rows) expect(sentence, number).to.match(/^[A-Z`].*[^.]\.$/);
    expect(new Set(rows.map(({ sentence }) => sentence)).size).to.equal(rows.length);
  });

  it("names for each number exactly one test, and each numbered test stands there", async () => {
    const rows = (await rowsOfThePage()).map(({ number, file, name }) => ({ number, file, name }));
    expect((await numberedTests()).sort(byNumber)).to.deep.equal(rows.sort(byNumber));
  });
});
