import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../platform/config.ts";

const ARTIFACTS = join(repositoryRoot, "artifacts");

/** The contracts that a deployment consists of, and where the compiler put them. Their libraries follow from them. */
const contractSources = {
  AccessManager: "@openzeppelin/contracts/access/manager/AccessManager.sol",
  KycRegistry: "contracts/KycRegistry.sol",
  LendingPool: "contracts/LendingPool.sol",
  LoanBook: "contracts/LoanBook.sol",
  LoanMetadata: "contracts/LoanMetadata.sol",
  TestDollar: "contracts/local/TestDollar.sol",
  WalletRecovery: "contracts/WalletRecovery.sol",
} as const;

export type ContractName = keyof typeof contractSources;

export interface CompiledContract {
  _format: string;
  contractName: string;
  sourceName: string;
  abi: readonly unknown[];
  bytecode: string;
  deployedBytecode: string;
  linkReferences: Record<string, Record<string, { length: number; start: number }[]>>;
  deployedLinkReferences: Record<string, Record<string, { length: number; start: number }[]>>;
  buildInfoId: string;
  inputSourceName: string;
}

/** What the last build made of `name`. */
export async function readArtifact(name: ContractName): Promise<CompiledContract> {
  return await readCompiled(contractSources[name], name);
}

/** What the last build made of every contract of a deployment and of every library they are linked with, by name. */
export async function readArtifacts(): Promise<Map<string, CompiledContract>> {
  const compiled = new Map<string, CompiledContract>();
  const waiting: [source: string, name: string][] = Object.entries(contractSources).map(([name, source]) => [
    source,
    name,
  ]);
  for (const [source, name] of waiting) {
    if (compiled.has(name)) continue;
    const artifact = await readCompiled(source, name);
    compiled.set(name, artifact);
    for (const [file, libraries] of Object.entries(artifact.linkReferences)) {
      // Hardhat names the project's own sources so.
      for (const library of Object.keys(libraries)) waiting.push([file.replace(/^project\//, ""), library]);
    }
  }
  return compiled;
}

/** Names of the libraries that the contract itself is linked with. */
export function librariesOf({ linkReferences }: CompiledContract): string[] {
  return Object.values(linkReferences).flatMap((file) => Object.keys(file));
}

async function readCompiled(source: string, name: string): Promise<CompiledContract> {
  return JSON.parse(await readFile(join(ARTIFACTS, source, `${name}.json`), "utf8"));
}

/** The compiler's exact input (standard JSON), with which anybody builds the same bytes. */
export async function readBuildInfo(
  buildInfoId: string,
): Promise<{ solcLongVersion: string; input: unknown }> {
  return JSON.parse(await readFile(join(ARTIFACTS, "build-info", `${buildInfoId}.json`), "utf8"));
}
