import { resolve } from "node:path";
import type { Command } from "commander";
import { connect, identify } from "../../chain/clients.ts";
import { AhadiError } from "../../platform/errors.ts";
import { runCommand } from "../command.ts";
import { addTargetOptions, resolveTarget, type TargetOptions } from "../target.ts";

interface Options extends TargetOptions {
  in: string;
}

export function register(program: Command): void {
  addTargetOptions(program.command("restore"))
    .description("put a backup into a database whose desk is empty, all of it or nothing")
    .requiredOption("--in <file>", "file that `ahadi backup` wrote")
    .addHelpText("after", "\nOperator key files are not in a backup: bring them yourself.")
    .action((options: Options, command: Command) =>
      runCommand(command, () => work(options), {
        human: (result) =>
          `${result.outcome === "restored" ? "Restored" : "Already there:"} ${result.rows} rows of chain ` +
          `${result.chain_id}; the deployment record ${result.deployment === "written" ? "was written" : "was there"}.\n` +
          "Operator key files are not in a backup: bring them yourself.",
      }),
    );
}

async function work(options: Options) {
  const { restore } = await import("../../backend/backup.ts");
  const target = await resolveTarget(options);
  const { databaseUrl } = target;
  if (databaseUrl === undefined) {
    throw new AhadiError("config_invalid", "AHADI_DATABASE_URL (--database-url) is missing");
  }
  const { chainId, genesisHash } = await identify(connect(target.rpcUrl), target.rpcUrl);
  const result = await restore({
    databaseUrl,
    deploymentDir: target.deploymentDir,
    file: resolve(options.in),
    chain: { chain_id: chainId, genesis_hash: genesisHash },
  });
  return { ...result, operator_keys: "not_included" };
}
