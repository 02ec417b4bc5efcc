import { log } from "../platform/log.ts";
import { runTool } from "./run-tools.ts";

const write = process.argv.includes("--write");

/** Format, lint, types, tidy: everything that reads the code without running the product. */
const steps: [string, string[]][] = [
  ["format and lint TypeScript", ["biome", "check", "--error-on-warnings", ...(write ? ["--write"] : [])]],
  [
    "format Solidity",
    ["prettier", write ? "--write" : "--check", "--log-level", "warn", "{contracts,formal,test}/**/*.sol"],
  ],
  ["lint Solidity", ["solhint", "--noPoster", "--max-warnings", "0", "contracts/**/*.sol"]],
  ["analyse Solidity", ["node", "scripts/analyse/analyse.ts"]],
  ["types", ["tsc", "--noEmit", "-p", "."]],
  ["tidy", ["mocha", "--reporter", "dot", "test/tidy/**/*.test.ts"]],
];

const failed: string[] = [];
for (const [label, command] of steps) {
  if ((await runTool(label, command)).code !== 0) failed.push(label);
}
if (failed.length > 0) {
  log.error(`not in order: ${failed.join(", ")}`);
  process.exitCode = 1;
}
