import { resolve } from "node:path";
import type { Command } from "commander";
import { AhadiError } from "../../platform/errors.ts";
import { runCommand } from "../command.ts";
import { addTargetOptions, resolveTarget, type TargetOptions } from "../target.ts";

interface Options extends TargetOptions {
  out: string;
}

export function register(program: Command): void {
  addTargetOptions(program.command("backup"))
    .description(
      "write what cannot be rebuilt from the chain to a file: schema desk and the deployment record",
    )
    .requiredOption("--out <file>", "file to write; it must not exist")
    .addHelpText("after", "\nOperator key files are not in the backup: keep them apart from it.")
    .action((options: Options, command: Command) =>
      runCommand(command, () => work(options), {
        human: (result) =>
          `${result.file}: ${result.rows} rows of chain ${result.chain_id}, ${result.bytes} bytes, ` +
          `sha-256 ${result.sha256}\nOperator key files are not in it: keep them apart from it.`,
      }),
    );
}

async function work(options: Options) {
  const { backUp } = await import("../../backend/backup.ts");
  const target = await resolveTarget(options);
  const { databaseUrl } = target;
  if (databaseUrl === undefined) {
    throw new AhadiError("config_invalid", "AHADI_DATABASE_URL (--database-url) is missing");
  }
  const result = await backUp({
    databaseUrl,
    deploymentDir: target.deploymentDir,
    file: resolve(options.out),
  });
  return { ...result, operator_keys: "not_included" };
}
