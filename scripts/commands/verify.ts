import type { Command } from "commander";
import { AhadiError } from "../../platform/errors.ts";
import { runCommand } from "../command.ts";
import { addTargetOptions, type TargetOptions } from "../target.ts";

export function register(program: Command): void {
  const command = program
    .command("verify")
    .description("compare the mirror with contract storage, row by row; exit code 0 when they are equal");
  addTargetOptions(command).action((options: TargetOptions, command: Command) =>
    runCommand(command, () => run(options), {
      human: (result) =>
        result.ok
          ? `the mirror equals the chain at block ${result.block_number}: ${result.loans} loans, ${result.pools} pools, ${result.comparisons} comparisons`
          : [
              `the mirror differs from the chain at block ${result.block_number}:`,
              ...result.differences.map(
                (d) => `  ${d.kind} ${d.id} ${d.field}: mirror ${d.mirror}, chain ${d.chain}`,
              ),
            ].join("\n"),
      exitCode: (result) => (result.ok ? 0 : 1),
    }),
  );
}

async function run(options: TargetOptions) {
  const [{ resolveTarget }, { verify }] = await Promise.all([
    import("../target.ts"),
    import("../../indexer/verify.ts"),
  ]);
  const { rpcUrl, databaseUrl, deploymentDir } = await resolveTarget(options);
  if (databaseUrl === undefined) {
    throw new AhadiError("config_invalid", "AHADI_DATABASE_URL (--database-url) is missing");
  }
  const { blockNumber, blockHash, ...found } = await verify({ rpcUrl, databaseUrl, deploymentDir });
  return { ...found, block_number: blockNumber, block_hash: blockHash };
}
