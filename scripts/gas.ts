import { ensureBuilt } from "./build.ts";
import { runTool } from "./run-tools.ts";

/** Writes test/contracts/snapshots/gas.json, which `npm test` compares with what it measures. Takes minutes. */
await ensureBuilt();
const { code } = await runTool("gas", ["hardhat", "test", "mocha", "--no-compile", "test/gas/gas.test.ts"], {
  env: { AHADI_GAS: "write" },
});
process.exitCode = code;
