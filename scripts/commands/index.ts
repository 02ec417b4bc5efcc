import type { Command } from "commander";
import { readConfig } from "../../platform/config.ts";
import { runCommand } from "../command.ts";
import { stopRequests } from "../local/stopping.ts";

export function register(program: Command): void {
  program
    .command("index")
    .description("mirror the chain into the database until stopped")
    .option("--rpc-url <url>", "the chain's node")
    .option("--database-url <url>", "the database with the mirror")
    .option("--deployment-dir <folder>", "the deployment's folder")
    .option("--poll-ms <ms>", "how often to look at the chain's head (500)")
    .action((options, command: Command) =>
      runCommand(command, () => index(options), { human: () => "", exitCode: () => 0 }),
    );
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
