import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { repositoryRoot } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { runCommand } from "../command.ts";
import { runTool } from "../run-tools.ts";
import { prepareForge } from "../solidity/forge.ts";
import { copyProject } from "../solidity/project-copy.ts";
import { type FileCoverage, parseLcov, percentOf, type Share } from "./lcov.ts";

/**
 * Lines of contracts/ that any test runs, counted by Hardhat, and branches that the Solidity tests run, counted by forge,
 * because Hardhat knows no branches and forge runs no mocha. Both work in a copy of the checkout: Hardhat would leave
 * instrumented contracts in artifacts/.
 */

const LEAST_LINES_PERCENT = 98;
const LEAST_BRANCHES_PERCENT = 90;

interface Coverage {
  lines: number;
  branches: number;
  /** Instrumented contracts are larger and dearer: tests of sizes and of gas may fail, `npm test` is their judge. */
  failedTests: number;
}

interface Row extends Coverage {
  path: string;
  branchCount: number;
  uncoveredLines: number[];
}

interface Report extends Coverage {
  rows: Omit<Row, "failedTests">[];
}

async function measure(): Promise<Report> {
  const copy = join(repositoryRoot, ".ahadi", "coverage", "project");
  await copyProject(copy);
  await rm(join(copy, "coverage"), { recursive: true, force: true });
  const tests = await runTool("lines, by Hardhat", ["hardhat", "--coverage", "test"], { folder: copy });
  const byHardhat = await readReport(join(copy, "coverage", "lcov.info"), "Hardhat");

  await prepareForge(copy);
  const report = join(".forge", "lcov.info");
  await rm(join(copy, report), { force: true });
  const forge = ["forge", "coverage", "--report", "lcov", "--report-file", report];
  await runTool("branches, by forge", forge, { folder: copy });
  const byForge = await readReport(join(copy, report), "forge");

  return { ...summarise(byHardhat, byForge), failedTests: failuresIn(tests.output) };
}

async function readReport(path: string, tool: string): Promise<Map<string, FileCoverage>> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new AhadiError("coverage_failed", `${tool} wrote no report; see what it said above`, { cause });
  });
  return parseLcov(text);
}

export function summarise(
  byHardhat: Map<string, FileCoverage>,
  byForge: Map<string, FileCoverage>,
): Omit<Report, "failedTests"> {
  const paths = [...new Set([...byHardhat.keys(), ...byForge.keys()])].filter((path) =>
    path.startsWith("contracts/"),
  );
  const lines: Share[] = [];
  const branches: Share[] = [];
  const rows = paths.sort().map((path) => {
    const run = byHardhat.get(path);
    const taken = byForge.get(path)?.branches ?? { covered: 0, total: 0 };
    const share = run?.lines ?? { covered: 0, total: 0 };
    lines.push(share);
    branches.push(taken);
    return {
      path,
      lines: percentOf([share]),
      branches: percentOf([taken]),
      branchCount: taken.total,
      uncoveredLines: run?.uncoveredLines ?? [],
    };
  });
  return { rows, lines: percentOf(lines), branches: percentOf(branches) };
}

function failuresIn(output: string): number {
  const summary = /^(\d+) passing.*\n(?:(\d+) failing)?/m.exec(output);
  if (summary === null) throw new AhadiError("coverage_failed", "Hardhat did not run the tests to their end");
  return Number(summary[2] ?? 0);
}

function describe({ rows, failedTests, ...totals }: Report): string {
  const percent = (value: number) => value.toFixed(2).padStart(10);
  const table = rows.map(({ path, lines, branches, branchCount, uncoveredLines }) =>
    [
      path.padEnd(44),
      percent(lines),
      branchCount === 0 ? "-".padStart(10) : percent(branches),
      uncoveredLines.length > 0 ? `  lines ${uncoveredLines.join(", ")}` : "",
    ].join(""),
  );
  if (failedTests > 0) log.warn(`${failedTests} tests failed on instrumented contracts`);
  return [
    `${"".padEnd(44)}${"lines %".padStart(10)}${"branches %".padStart(11)}`,
    ...table,
    `${`all (at least ${LEAST_LINES_PERCENT} and ${LEAST_BRANCHES_PERCENT})`.padEnd(44)}${percent(totals.lines)}${percent(totals.branches)}`,
    JSON.stringify({ ...totals, failedTests }),
  ].join("\n");
}

if (import.meta.main) {
  const command = new Command("coverage")
    .description("measure which lines and branches of the contracts the tests run")
    .option("--json", "print {rows, lines, branches, failedTests} as JSON")
    .parse();
  await runCommand<Report>(command, measure, {
    human: describe,
    exitCode: ({ lines, branches }) =>
      lines >= LEAST_LINES_PERCENT && branches >= LEAST_BRANCHES_PERCENT ? 0 : 1,
  });
}
