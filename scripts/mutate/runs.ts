import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { repositoryRoot } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { forgeBinary } from "../local/binaries.ts";
import { type MochaReport, REPORT } from "./mocha-report.ts";
import { CONFIG, WORKSHOP } from "./project.ts";

/** Of what a tool said before it gave up, the last of it. */
const ERROR_LENGTH = 400;

/** What a run of tests said. */
export type Outcome = { passed: true } | Failure;

export interface Failure {
  passed: false;
  by: string;
  file?: string;
  /** It broke off or went on for ever, and no test has spoken: what it said instead. */
  silent?: string;
}

/** The chosen test files against the artifacts in `project`, up to the first failure. */
export async function runMocha(
  project: string,
  files: readonly string[],
  timeoutMs: number,
): Promise<Outcome> {
  const { report: _, ...outcome } = await mocha(project, ["--bail", ...files], timeoutMs);
  return outcome;
}

/** Milliseconds of each test file when all is well. Throws AhadiError `tests_failed` when it is not. */
export async function timeMocha(
  project: string,
  files: readonly string[],
  timeoutMs: number,
): Promise<Record<string, number>> {
  const outcome = await mocha(project, files, timeoutMs);
  if (!outcome.passed) {
    const { by, silent = "" } = outcome;
    throw new AhadiError(
      "tests_failed",
      `the contracts as they are do not pass their tests: ${by} ${silent}`,
    );
  }
  const times: Record<string, number> = {};
  for (const { file, duration } of outcome.report?.tests ?? []) {
    const path = relative(project, file);
    times[path] = (times[path] ?? 0) + duration;
  }
  return times;
}

async function mocha(
  project: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<Outcome & { report?: MochaReport }> {
  const path = join(project, REPORT);
  await rm(path, { force: true });
  const hardhat = join(repositoryRoot, "node_modules", "hardhat", "dist", "src", "cli.js");
  const command = [process.execPath, hardhat, "--config", CONFIG, "test", "mocha", "--no-compile", ...args];
  const { code, errors } = await run(project, command, timeoutMs);
  const silent = errors.slice(-ERROR_LENGTH);
  if (code === "timeout") return { passed: false, by: "no end in sight", silent };
  const report = await readFile(path, "utf8").then(
    (text) => JSON.parse(text) as MochaReport,
    () => undefined,
  );
  const [failure] = report?.failures ?? [];
  if (failure !== undefined) {
    return { passed: false, by: failure.title, file: relative(project, failure.file) };
  }
  if (report === undefined || code !== 0) return { passed: false, by: "the run breaks off", silent };
  return { passed: true, report };
}

type ForgeReport = Record<
  string,
  { test_results: Record<string, { status: string; reason?: string | null }> }
>;

/** The Solidity tests in `files`, on the sources in `project`. Suites that fail are named. */
export async function runForge(
  project: string,
  files: readonly string[],
  { timeoutMs, failFast }: { timeoutMs: number; failFast: boolean },
): Promise<{ failed: Map<string, string> }> {
  const only = files.length === 1 ? (files[0] ?? "") : `{${files.join(",")}}`;
  const flags = ["--json", "--threads", "1", ...(failFast ? ["--fail-fast"] : [])];
  const { code, errors, output } = await run(
    project,
    [forgeBinary(), "test", "--match-path", only, ...flags],
    timeoutMs,
  );
  if (code === "timeout") return { failed: new Map([[only, "no end in sight"]]) };
  const report = forgeReport(output, errors);
  const failed = new Map<string, string>();
  for (const [suite, { test_results }] of Object.entries(report)) {
    const bad = Object.entries(test_results).find(([, { status }]) => status === "Failure");
    if (bad !== undefined) failed.set(suite.split(":")[0] ?? suite, `${suite.split(":")[1]} ${bad[0]}`);
  }
  return { failed };
}

/** Behind what the compiler had to say. */
function forgeReport(output: string, errors: string): ForgeReport {
  const json = output.split("\n").find((line) => line.startsWith("{"));
  if (json === undefined)
    throw new AhadiError("forge_failed", `forge ran no tests: ${(errors || output).slice(-ERROR_LENGTH)}`);
  return JSON.parse(json) as ForgeReport;
}

async function run(
  folder: string,
  command: string[],
  timeoutMs: number,
): Promise<{ code: number | "timeout"; output: string; errors: string }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, NODE_COMPILE_CACHE: join(WORKSHOP, "compile-cache"), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(timer);
  return { code: isLate ? "timeout" : code, output, errors };
}
