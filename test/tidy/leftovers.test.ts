import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";

const CODE = /\.(ts|cjs|sol|sql)$/;

function trackedFiles(): string[] {
  return execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file !== "");
}

async function linesMatching(pattern: RegExp, files: string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const lines = (await readFile(join(repositoryRoot, file), "utf8").catch(() => "")).split("\n");
      return lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
    }),
  );
  return found.flat();
}

describe("leftovers", () => {
  // Patterns are put together so that this file does not hold what it looks for.
  const code = trackedFiles().filter((file) => CODE.test(file));

  it("there is code to look at", () => {
    expect(code.length).to.be.greaterThan(50);
  });

  it("no work is left as a note in the code", async () => {
    expect(await linesMatching(new RegExp(["TO", "DO|FIX", "ME|XX", "X\\b"].join("")), code)).to.deep.equal(
      [],
    );
  });

  it("no test is skipped or alone", async () => {
    const tests = code.filter((file) => file.startsWith("test/"));
    expect(
      await linesMatching(/\b(describe|it)\.(on\u006cy|ski\u0070)\b|\bx(it|describe)\(/, tests),
    ).to.deep.equal([]);
  });

  it("no check is silenced", async () => {
    const silence = [
      "@ts-",
      "ignore|@ts-",
      "nocheck|@ts-",
      "expect-error|biome-",
      "ignore|solhint-",
      "disable",
    ].join("");
    expect(await linesMatching(new RegExp(silence), code)).to.deep.equal([]);
  });

  it("the lockfile names no registry", async () => {
    const lock = await readFile(join(repositoryRoot, "package-lock.json"), "utf8");
    expect(lock).not.to.match(/"resolved": "https?:/);
  });

  it("every dependency is pinned exactly", async () => {
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(join(repositoryRoot, "package.json"), "utf8"),
    ) as Record<"dependencies" | "devDependencies", Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, range]) => !/^\d/.test(range),
    );
    expect(loose).to.deep.equal([]);
  });
});
