import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Address, Hex } from "viem";
import { librariesOf, readArtifact, readArtifacts, readBuildInfo } from "../../chain/artifacts.ts";
import { connect } from "../../chain/clients.ts";
import { type Deployment, deploymentFile } from "../../chain/deployment.ts";
import { CURRENCY_ID, MODULE_ID } from "./module.ts";

interface Place {
  contractName: string;
  address: Address;
  transactionHash: Hex;
}

type Recorded = Deployment["contracts"]["LoanBook"];

/**
 * Writes what an auditor needs beside Ignition's journal: `deployment.json` with addresses, constructor arguments and
 * transactions, and `input.json`, the compiler's standard JSON input that reproduces the bytes.
 * `deployment.json` comes last and by rename: where it stands, the deployment is complete.
 */
export async function writeRecord(input: {
  dir: string;
  rpcUrl: string;
  chainId: number;
  genesisHash: Hex;
}): Promise<Deployment> {
  const client = connect(input.rpcUrl);
  const places = await readPlaces(input.dir);
  const addresses = new Map(places.map(({ contractName, address }) => [contractName, address]));
  const compiled = await readArtifacts();
  const linked = new Set([...compiled.values()].flatMap(librariesOf));
  const contracts: Record<string, Recorded> = {};
  const libraries: Record<string, Recorded> = {};
  for (const { contractName, address, transactionHash } of places) {
    const artifact = compiled.get(contractName);
    if (artifact === undefined) throw new Error(`unexpected contract ${contractName} in the deployment`);
    const [transaction, receipt] = await Promise.all([
      client.getTransaction({ hash: transactionHash }),
      client.getTransactionReceipt({ hash: transactionHash }),
    ]);
    const links = librariesOf(artifact).map((name) => [name, addresses.get(name)]);
    (linked.has(contractName) ? libraries : contracts)[contractName] = {
      address,
      // Linking changes bytes of the creation code but not its length: what follows it are the arguments.
      constructorArguments: `0x${transaction.input.slice(artifact.bytecode.length)}`,
      libraries: Object.fromEntries(links),
      transactionHash,
      blockNumber: Number(receipt.blockNumber),
    };
  }
  const { chainId, genesisHash } = input;
  const startBlock = Math.min(...Object.values(contracts).map((contract) => contract.blockNumber));
  const deployment = { chainId, genesisHash, startBlock, contracts, libraries } as Deployment;
  await writeInput(input.dir);
  await writeJson(deploymentFile(input.dir), deployment);
  return deployment;
}

async function writeInput(dir: string): Promise<void> {
  const { buildInfoId } = await readArtifact("LoanBook");
  const { solcLongVersion, input } = await readBuildInfo(buildInfoId);
  await writeJson(join(dir, "input.json"), { solcLongVersion, input });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

/** Which contract Ignition put where, and with which transaction, from its journal. */
async function readPlaces(dir: string): Promise<Place[]> {
  const lines = (await readFile(join(dir, "journal.jsonl"), "utf8"))
    .split("\n")
    .filter((line) => line.trim() !== "");
  const journal = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const addresses = JSON.parse(await readFile(join(dir, "deployed_addresses.json"), "utf8")) as Record<
    string,
    Address
  >;
  // The currency was there before, so the deployment did not put it anywhere.
  const deployed = Object.entries(addresses).filter(
    ([futureId]) => futureId !== `${MODULE_ID}#${CURRENCY_ID}`,
  );
  return deployed.map(([futureId, address]) => {
    const contractName = futureId.replace(`${MODULE_ID}#`, "");
    const confirmed = journal.findLast(
      (entry) => entry.type === "TRANSACTION_CONFIRM" && entry.futureId === futureId,
    );
    return { contractName, address, transactionHash: confirmed?.hash as Hex };
  });
}
