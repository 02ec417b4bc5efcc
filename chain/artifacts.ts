import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../platform/config.ts";

const ARTIFACTS = join(repositoryRoot, "artifacts");

/** The contracts that a deployment consists of, and where the compiler put them. */
export const contractSources = {
  AccessManager: "@openzeppelin/contracts/access/manager/AccessManager.sol",
  Origination: "contracts/libraries/Origination.sol",
  LoanBook: "contracts/LoanBook.sol",
  LendingPool: "contracts/LendingPool.sol",
  KycRegistry: "contracts/KycRegistry.sol",
  WalletRecovery: "contracts/WalletRecovery.sol",
  LoanMetadata: "contracts/LoanMetadata.sol",
  TestDollar: "contracts/local/TestDollar.sol",
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
  return JSON.parse(await readFile(join(ARTIFACTS, contractSources[name], `${name}.json`), "utf8"));
}

/** The compiler's exact input (standard JSON), with which anybody builds the same bytes. */
export async function readBuildInfo(
  buildInfoId: string,
): Promise<{ solcLongVersion: string; input: unknown }> {
  return JSON.parse(await readFile(join(ARTIFACTS, "build-info", `${buildInfoId}.json`), "utf8"));
}
