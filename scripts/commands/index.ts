import type { Command } from "commander";
import { readConfig } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { runCommand } from "../command.ts";
import { EXIT_HOPELESS } from "../local/keep-running.ts";
import { stopRequests } from "../local/stopping.ts";

export function register(program: Command): void {
  program
    .command("index")
    .description("mirror the chain into the database until stopped")
    .option("--rpc-url <url>", "the chain's node")
    .option("--database-url <url>", "the database with the mirror")
    .option("--deployment-dir <folder>", "the deployment's folder")
    .option("--poll-ms <ms>", "how often to look at the chain's head (500)")
    .action(async (options, command: Command) => {
      let problem: unknown;
      const work = () =>
        index(options).catch((error: unknown) => {
          problem = error;
          throw error;
        });
      await runCommand(command, work, { human: () => "", exitCode: () => 0 });
      if (isHopeless(problem)) process.exitCode = EXIT_HOPELESS;
    });
}

/** Whatever passes by itself is waited for while indexing; only the first look at the database is not. */
function isHopeless(problem: unknown): boolean {
  if (problem instanceof AhadiError) return problem.code !== "database_unreachable";
  return problem instanceof Error && problem.name === "FatalError";
}

async function index(flags: Record<string, string>): Promise<{ stopped: true }> {
  const signal = stopRequests();
  const config = readConfig({
    env: process.env,
    flags,
    required: ["rpcUrl", "databaseUrl", "deploymentDir"],
  });
  const { rpcUrl = "", databaseUrl = "", deploymentDir = "", pollMs } = config;
  const [{ runIndexer }, { migrate }, { chainRoom }] = await Promise.all([
    import("../../indexer/run.ts"),
    import("../../platform/migrate.ts"),
    import("../local/rooms.ts"),
  ]);
  await migrate(databaseUrl, chainRoom);
  await runIndexer({ rpcUrl, databaseUrl, deploymentDir, pollMs, signal });
  return { stopped: true };
}
