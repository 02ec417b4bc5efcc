import type { Command } from "commander";
import { runCommand } from "../command.ts";
import { addSignerOptions, type SignerOptions } from "../signer.ts";
import { addTargetOptions, type TargetOptions } from "../target.ts";

interface DeployOptions extends TargetOptions, SignerOptions {
  governor?: string;
  underwriter?: string;
  approver?: string;
  supervisor?: string;
  guardian?: string;
  kycIssuer?: string;
  compliance?: string;
  currency?: string;
  utcOffset?: string;
  poolName?: string;
  poolSymbol?: string;
}

export function register(program: Command): void {
  const command = program
    .command("deploy")
    .description("deploy the contracts with Hardhat Ignition; goes on where a broken-off deployment stopped");
  addSignerOptions(addTargetOptions(command))
    .option("--governor <address>", "decides, with a delay, about everything")
    .option("--underwriter <address>", "lets the pool fund loans that the approver has approved")
    .option("--approver <address>", "the other underwriter, somebody else")
    .option("--supervisor <address>", "writes off, sells notes, asks for wallet recoveries, lifts blocks")
    .option("--guardian <address>", "pauses new business")
    .option("--kyc-issuer <address>", "states who has passed KYC, and revokes it")
    .option("--compliance <address>", "blocks accounts, stops KYC issuers, approves wallet recoveries")
    .option("--currency <address>", "ERC-20 token in which the pool lends")
    .option("--utc-offset <seconds>", "the institution's offset from UTC")
    .option("--pool-name <name>", "name of the pool's shares")
    .option("--pool-symbol <symbol>", "symbol of the pool's shares")
    .action((options: DeployOptions, command: Command) =>
      runCommand(command, () => run(options), {
        human: (result) => `deployed to chain ${result.chain_id}: ${result.folder}/deployment.json`,
      }),
    );
}

async function run(options: DeployOptions) {
  const { ensureBuilt } = await import("../build.ts");
  await ensureBuilt();
  const [{ resolveTarget }, { chooseSigner }, deploy] = await Promise.all([
    import("../target.ts"),
    import("../signer.ts"),
    import("../deploy.ts"),
  ]);
  const target = await resolveTarget(options);
  const signer = await chooseSigner(options, "deployer", target.chainId);
  const institution = deploy.parseInstitution({ ...options }, target.chainId);
  const { rpcUrl, deploymentDir: dir } = target;
  const deployment = await deploy.deployInstitution({ rpcUrl, dir, signer, institution });
  return { chain_id: deployment.chainId, folder: dir, contracts: deployment.contracts };
}
