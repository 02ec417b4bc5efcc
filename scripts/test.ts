import { globSync } from "node:fs";
import { stdout } from "node:process";
import { repositoryRoot } from "../platform/config.ts";
import { log } from "../platform/log.ts";
import { ensureBuilt } from "./build.ts";
import { runTool, type ToolOptions, type ToolRun } from "./run-tools.ts";

/**
 * All tests: the checks that read the code, the contracts on Hardhat's chain, everything else with mocha. Almost all of it
 * waits for one thread, so two lanes run side by side. `--deep` runs the long campaigns too, with random seeds that are
 * printed.
 */
/** test/contracts, test/adversary and test/gas belong to Hardhat; test/tidy ran with the checks. */
const rooms = ["platform", "lending", "chain", "indexer", "backend", "web", "scripts", "system"].map(
  (room) => `test/${room}/**/*.test.ts`,
);
const attacks = globSync("test/adversary/*.test.ts", { cwd: repositoryRoot });
const deep = process.argv.includes("--deep");
const environment: Record<string, string> = deep ? { AHADI_DEEP: "1" } : {};
/** Far more than any part needs: a part that takes so long hangs. */
const options: ToolOptions = { env: environment, limitMinutes: deep ? 600 : 30, isLabelled: true };

await ensureBuilt();
const started = performance.now();
const lanes: [string, string[]][][] = [
  [
    ["check", ["node", "scripts/check.ts"]],
    ["contracts", ["hardhat", "test"]],
    ["attacks", ["hardhat", "test", "mocha", "--no-compile", ...attacks.sort()]],
    ["gas", ["hardhat", "test", "mocha", "--no-compile", "test/gas/gas.test.ts"]],
  ],
  [["everything else", ["mocha", ...rooms]]],
];
const runs = (await Promise.all(lanes.map(runLane))).flat();

const counted = { passed: 0, failed: 0 };
for (const { output } of runs) {
  counted.passed += sum(output, /^\s*(\d+) passing/gm);
  counted.failed += sum(output, /^\s*(\d+) failing/gm);
}
log.info(`all tests took ${((performance.now() - started) / 1000).toFixed(0)} s`);
if (runs.some(({ code }) => code !== 0)) {
  // A run that broke off before it could count is a failure too.
  counted.failed = Math.max(counted.failed, 1);
  process.exitCode = 1;
}
stdout.write(`${counted.passed} passed, ${counted.failed} failed\n`);

async function runLane(tools: [string, string[]][]): Promise<ToolRun[]> {
  const ended: ToolRun[] = [];
  for (const [label, command] of tools) ended.push(await runTool(label, command, options));
  return ended;
}

function sum(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}
