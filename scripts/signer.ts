import { readFile } from "node:fs/promises";
import { stderr, stdin } from "node:process";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Command } from "commander";
import type { LocalAccount } from "viem";
import { type LocalRole, localSigner, openKeyFile } from "../chain/operator.ts";
import { AhadiError } from "../platform/errors.ts";

export interface SignerOptions {
  keyFile?: string;
  passphraseFile?: string;
}

export function addSignerOptions(command: Command): Command {
  return command
    .option(
      "--key-file <file>",
      "encrypted key file that signs (on the local chain: a public test key without it)",
    )
    .option("--passphrase-file <file>", "file with the key's passphrase; asked for on a terminal without it");
}

/** The key file's signer; on the local chain, without a key file, the public test key of `role`. */
export async function chooseSigner(
  options: SignerOptions,
  role: LocalRole,
  chainId: number,
): Promise<LocalAccount> {
  if (options.keyFile === undefined) return localSigner(role, chainId);
  return await openKeyFile(options.keyFile, await readPassphrase(options.passphraseFile, options.keyFile));
}

/** Passphrases come from a file or a terminal, never from arguments or the environment, which other processes can read. */
export async function readPassphrase(file: string | undefined, keyFile: string): Promise<string> {
  if (file !== undefined) {
    const content = await readFile(file, "utf8").catch((cause) => {
      throw new AhadiError("passphrase_missing", `cannot read the passphrase file ${file}`, { cause });
    });
    return content.replace(/\r?\n$/, "");
  }
  if (!stdin.isTTY) {
    throw new AhadiError("passphrase_missing", `no passphrase for ${keyFile}`, {
      hint: "give --passphrase-file",
    });
  }
  stderr.write(`Passphrase for ${keyFile}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    stderr.write("\n");
  }
}
