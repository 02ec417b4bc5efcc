import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { repositoryRoot } from "../../platform/config.ts";
import { runCommand } from "../command.ts";
import { readSources } from "../solidity/compiler.ts";
import { type Program, readProgram } from "../solidity/program.ts";
import { type Comparison, compareAnswers, parseAnswers, rowsFor } from "./answers.ts";
import { type Detector, type Finding, findingOf } from "./detector.ts";
import { detectors } from "./detectors/index.ts";

/** Static analysis of contracts/: each finding is mended, or answered in docs/security/findings.md. */

const ANSWERS = "docs/security/findings.md";

interface Report extends Comparison {
  detectors: number;
  findings: number;
}

export function findIn(program: Program, which: readonly Detector[] = detectors): Finding[] {
  return which.flatMap((detector) =>
    detector.find(program).map((hit) => findingOf(program, detector.name, hit)),
  );
}

async function analyse(): Promise<Report> {
  const findings = findIn(await readProgram(await readSources("contracts")));
  const answers = parseAnswers(await readFile(join(repositoryRoot, ANSWERS), "utf8"));
  return { detectors: detectors.length, findings: findings.length, ...compareAnswers(findings, answers) };
}

function describe(report: Report): string {
  const { unanswered, stale } = report;
  const lines = [
    `${report.detectors} detectors, ${report.findings} findings, ${unanswered.length} without an answer`,
  ];
  for (const { detector, where, code, place } of unanswered) {
    const reports = detectors.find(({ name }) => name === detector)?.reports;
    lines.push(`${place}: ${detector} in ${where}: ${code} (${reports})`);
  }
  if (unanswered.length > 0)
    lines.push("", `mend them, or answer them in ${ANSWERS}:`, ...rowsFor(unanswered));
  if (stale.length > 0) lines.push("", `answered in ${ANSWERS}, but not found any more:`);
  return [...lines, ...stale.map(({ detector, where, code }) => `${detector} in ${where}: ${code}`)].join(
    "\n",
  );
}

if (import.meta.main) {
  const command = new Command("analyse")
    .description(
      "look for mistakes in the contracts; each finding is answered, and each answer has its finding",
    )
    .option("--json", "print {detectors, findings, unanswered, stale} as JSON")
    .parse();
  await runCommand<Report>(command, analyse, {
    human: describe,
    exitCode: ({ unanswered, stale }) => (unanswered.length + stale.length === 0 ? 0 : 1),
  });
}
