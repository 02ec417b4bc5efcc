import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Address, type Hex, isAddress, isHex } from "viem";
import { z } from "zod";
import { AhadiError } from "../platform/errors.ts";
import { problemsOf } from "../platform/problems.ts";

const address = z.custom<Address>((value) => typeof value === "string" && isAddress(value), {
  error: "must be an address",
});
const word = z.custom<Hex>((value) => isHex(value) && value.length === 66, {
  error: "must be 32 bytes in hexadecimal",
});

const contract = z.strictObject({
  address,
  /** ABI-encoded, as appended to the creation code. */
  constructorArguments: z.custom<Hex>((value) => isHex(value), { error: "must be hexadecimal" }),
  /** Linked libraries by name. */
  libraries: z.record(z.string(), address),
  transactionHash: word,
  blockNumber: z.number().int().nonnegative(),
});

const schema = z.strictObject({
  chainId: z.number().int().positive(),
  /** Tells two local chains with the same id apart. */
  genesisHash: word,
  /** No event of ours is older. */
  startBlock: z.number().int().nonnegative(),
  contracts: z.strictObject({
    AccessManager: contract,
    KycRegistry: contract,
    WalletRecovery: contract,
    LoanMetadata: contract,
    LoanBook: contract,
    LendingPool: contract,
    TestDollar: contract.optional(),
  }),
  /** What the contracts are linked with, by name. */
  libraries: z.record(z.string(), contract),
});

/** `deployment.json`: which contracts stand where on which chain. */
export type Deployment = z.infer<typeof schema>;

const FILE = "deployment.json";

/**
 * Reads the deployment that a folder describes.
 * Throws AhadiError `deployment_missing` or `deployment_invalid` (naming the fields).
 */
export async function readDeployment(dir: string): Promise<Deployment> {
  const path = join(dir, FILE);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) {
    throw new AhadiError("deployment_missing", `no deployment in ${dir}`, {
      hint: "run `ahadi deploy` first",
    });
  }
  return parseDeployment(text, path);
}

export function parseDeployment(text: string, source: string): Deployment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AhadiError("deployment_invalid", `${source} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AhadiError("deployment_invalid", `${source}: ${problemsOf(parsed.error).join("; ")}`);
}

/** True when the folder holds a deployment, whole or not. */
export function hasDeployment(dir: string): Promise<boolean> {
  return readFile(join(dir, FILE)).then(
    () => true,
    () => false,
  );
}

export function deploymentFile(dir: string): string {
  return join(dir, FILE);
}
