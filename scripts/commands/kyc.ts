import type { Command } from "commander";
import { runCommand } from "../command.ts";
import type { AnchorOptions, KycOptions } from "../kyc/registry.ts";
import { addSignerOptions } from "../signer.ts";
import { addTargetOptions } from "../target.ts";

/** Heavy modules are loaded by the action that needs them, so that the help comes at once. */
export function register(program: Command): void {
  const kyc = program.command("kyc").description("who may borrow: anchor, show");

  addSignerOptions(addTargetOptions(kyc.command("anchor")))
    .description("state, as a KYC issuer, that an account has passed KYC")
    .requiredOption("--account <address>", "who may borrow")
    .option("--policy <number>", "the set of KYC rules that she passed (without it: the pool's)")
    .option("--days <number>", "how long it counts, at most 1827", "365")
    .option("--commitment <word>", "keyed commitment to her private credential (local chain: a random one)")
    .action((options: AnchorOptions, command: Command) =>
      runCommand(command, async () => (await import("../kyc/registry.ts")).anchorAccount(options), {
        human: (result) =>
          `${result.account} may borrow under policy ${result.policy} until ${result.valid_until}`,
      }),
    );

  addTargetOptions(kyc.command("show"))
    .description("read what the registry says of an account")
    .requiredOption("--account <address>", "who")
    .action((options: KycOptions, command: Command) =>
      runCommand(command, async () => (await import("../kyc/registry.ts")).showAccount(options), {
        human: (result) =>
          `${result.account} ${result.eligible ? "may" : "may not"} borrow under policy ${result.policy}`,
      }),
    );
}
