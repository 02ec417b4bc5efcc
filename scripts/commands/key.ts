import type { Command } from "commander";
import { runCommand } from "../command.ts";

export function register(program: Command): void {
  const key = program.command("key").description("operator keys in encrypted files");
  key
    .command("new")
    .description("make a new key and write it, encrypted with a passphrase, to a file")
    .requiredOption("--key-file <file>", "where to write it; must not exist")
    .option("--passphrase-file <file>", "file with the passphrase; asked for on a terminal without it")
    .action((options: { keyFile: string; passphraseFile?: string }, command: Command) =>
      runCommand(command, () => newKey(options), {
        human: ({ address, key_file }) => `${key_file} holds the key of ${address}`,
      }),
    );
}

async function newKey(options: { keyFile: string; passphraseFile?: string }) {
  const [{ createKeyFile }, { readPassphrase }] = await Promise.all([
    import("../../chain/operator.ts"),
    import("../signer.ts"),
  ]);
  const passphrase = await readPassphrase(options.passphraseFile, options.keyFile);
  return { address: await createKeyFile(options.keyFile, passphrase), key_file: options.keyFile };
}
