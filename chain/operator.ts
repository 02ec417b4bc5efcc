import { readFile, writeFile } from "node:fs/promises";
import { decryptKeystoreJson, encryptKeystoreJson, Wallet } from "ethers";
import type { Address, Hex, LocalAccount } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { AhadiError } from "../platform/errors.ts";
import { LOCAL_CHAIN_ID } from "./clients.ts";

/**
 * What signs for an operator. It never shows a key: a key-management service can stand behind the same three functions
 * (`signTransaction`, `signMessage`, `signTypedData`) and `address`.
 */
export type OperatorSigner = Pick<
  LocalAccount,
  "address" | "type" | "source" | "publicKey" | "signMessage" | "signTransaction" | "signTypedData"
>;

/** The key that every local node publishes. Worth nothing anywhere else. */
const LOCAL_MNEMONIC = "test test test test test test test test test test test junk";

const LOCAL_ROLES = [
  "deployer",
  "governor",
  "underwriter",
  "guardian",
  "supervisor",
  "lender",
  "borrower",
  "kycIssuer",
  "compliance",
  "approver",
  "cashier",
] as const;

/**
 * The parts that are played on a local chain, in the order of the node's accounts. The cashier only receives: nodes give
 * coins to the first ten alone.
 */
export type LocalRole = (typeof LOCAL_ROLES)[number];

/** Throws AhadiError `key_needed` on any chain but the local one. */
export function localSigner(role: LocalRole, chainId: number): LocalAccount {
  if (chainId !== LOCAL_CHAIN_ID) {
    throw new AhadiError("key_needed", `chain ${chainId} is not local, so a key file must sign`, {
      hint: "give --key-file; `ahadi key new` makes one",
    });
  }
  return mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: LOCAL_ROLES.indexOf(role) });
}

/**
 * Opens an encrypted key file (Web3 Secret Storage, version 3).
 * Throws AhadiError `key_file_missing`, `key_file_invalid` or `passphrase_wrong`.
 */
export async function openKeyFile(path: string, passphrase: string): Promise<LocalAccount> {
  const json = await readFile(path, "utf8").catch((cause) => {
    throw new AhadiError("key_file_missing", `cannot read the key file ${path}`, { cause });
  });
  try {
    const { privateKey } = await decryptKeystoreJson(json, passphrase);
    return privateKeyToAccount(privateKey as Hex);
  } catch (cause) {
    const wrong = cause instanceof Error && cause.message.includes("incorrect password");
    throw wrong
      ? new AhadiError("passphrase_wrong", `the passphrase does not open ${path}`, { cause })
      : new AhadiError("key_file_invalid", `${path} is not an encrypted key file`, { cause });
  }
}

/**
 * Makes a new key and writes it, encrypted, to a file that must not exist.
 * Throws AhadiError `passphrase_short`, `key_file_exists`, `key_file_unwritable`.
 */
export async function createKeyFile(path: string, passphrase: string): Promise<Address> {
  if (passphrase.length < 12) {
    throw new AhadiError("passphrase_short", "the passphrase must have at least 12 characters");
  }
  const wallet = Wallet.createRandom();
  const json = await encryptKeystoreJson(
    { address: wallet.address, privateKey: wallet.privateKey },
    passphrase,
  );
  await writeFile(path, json, { mode: 0o600, flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EEXIST") throw new AhadiError("key_file_exists", `${path} exists already`, { cause });
    throw new AhadiError("key_file_unwritable", `cannot write the key file: ${cause.message}`, { cause });
  });
  return wallet.address as Address;
}
