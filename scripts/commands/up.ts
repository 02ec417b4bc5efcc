import { stderr } from "node:process";
import { type Command, InvalidArgumentError } from "commander";
import { type Flags, readConfig } from "../../platform/config.ts";
import { log } from "../../platform/log.ts";
import { printError, printResult, wantsJson } from "../command.ts";
import { aborted, stopRequests } from "../local/stopping.ts";
import type { Ready, Supervisor } from "../local/supervisor.ts";

export function register(program: Command): void {
  program
    .command("up")
    .description("start everything: chain, database, indexer, API and pages; Ctrl-C stops it")
    .option("--rpc-url <url>", "attach to this chain instead of the embedded one")
    .option("--database-url <url>", "attach to this Postgres instead of the embedded one")
    .option("--port <port>", "port of API and pages (3000)")
    .option("--host <host>", "address to listen on (127.0.0.1)")
    .option("--chain-port <port>", "port of the embedded chain (8545)")
    .option("--postgres-port <port>", "port of the embedded Postgres (54329)")
    .option("--data-dir <folder>", "data of the local run (.ahadi)")
    .option("--chain-id <id>", "the chain id that is expected")
    .option("--deployment-dir <folder>", "deployment to use on an attached chain")
    .option("--poll-ms <ms>", "how often the indexer looks at the chain's head (500)")
    .option(
      "--fresh",
      "start anew: first remove the local data that this start uses (never an attached database)",
    )
    .option("--no-demo", "do not play the demo on a new local chain")
    .addOption(
      program
        .createOption("--chain-start <seconds>", "unix time of a new embedded chain's first block")
        .argParser(parseSeconds)
        .hideHelp(),
    )
    .action(async ({ fresh = false, demo, chainStart, ...settings }, command: Command) => {
      process.exitCode = await run({ settings, fresh, demo, chainStart }, wantsJson(command));
      // Nothing is left that is worth waiting for: all children have ended.
      process.exit();
    });
}

interface UpFlags {
  settings: Flags;
  fresh: boolean;
  demo: boolean;
  chainStart: number | undefined;
}

async function run(flags: UpFlags, json: boolean): Promise<number> {
  const startedAt = performance.now();
  let supervisor: Supervisor | undefined;
  let exitCode = 0;
  const stop = stopRequests(() => {
    log.info("  stopping at once");
    supervisor?.kill();
  });
  try {
    const config = readConfig({ env: process.env, flags: flags.settings });
    const { createSupervisor } = await import("../local/supervisor.ts");
    const { fresh, demo, chainStart } = flags;
    supervisor = await createSupervisor({ config, fresh, demo, chainStart });
    const ready = await Promise.race([supervisor.start(), aborted(stop)]);
    if (ready !== undefined) {
      printResult(answer(ready), json, () => frame(ready, (performance.now() - startedAt) / 1000));
      await Promise.race([supervisor.failed, aborted(stop)]);
    }
  } catch (error) {
    exitCode = 1;
    printError(error, json);
  }
  if (stop.aborted && stderr.isTTY) stderr.write("\n");
  await supervisor?.stop();
  return exitCode;
}

function parseSeconds(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("must be unix seconds");
  return Number(value);
}

/** What `--json` prints: the same keys as everywhere in our JSON. */
function answer({ chainId, deploymentDir, dataDir, ...rest }: Ready) {
  return { ...rest, chain_id: chainId, deployment_dir: deploymentDir, data_dir: dataDir };
}

/** A short list in a frame: what a newcomer looks for first. */
function frame(ready: Ready, seconds: number): string {
  const rows: [string, string][] = [
    ["pages", ready.pages],
    ["API", `${ready.api}/loans`],
    ["chain", `${ready.rpc} (chain id ${ready.chainId})`],
    ["database", ready.database],
    ["deployment", ready.deploymentDir],
    ["data, logs", ready.dataDir],
  ];
  const lines = [
    `Ahadi is ready after ${seconds.toFixed(1)} s. Ctrl-C stops everything.`,
    "",
    ...rows.map(([name, where]) => `${name.padEnd(12)}${where}`),
  ];
  const width = Math.max(...lines.map((line) => line.length));
  const bar = "─".repeat(width + 2);
  return [`┌${bar}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${bar}┘`].join("\n");
}
