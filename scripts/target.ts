import { join } from "node:path";
import type { Command } from "commander";
import { connect, identify, LOCAL_CHAIN_ID } from "../chain/clients.ts";
import { type Config, readConfig, repositoryRoot } from "../platform/config.ts";
import { AhadiError } from "../platform/errors.ts";
import { runningEndpoints } from "./local/run-file.ts";

/** What a command works on: a running local run, or the chain and database that the settings name. */
export interface Target {
  rpcUrl: string;
  chainId: number;
  /** Folder of the deployment record; it may be missing still. */
  deploymentDir: string;
  /** undefined when neither a setting nor a local run names one. */
  databaseUrl: string | undefined;
  apiUrl: string | undefined;
}

export interface TargetOptions {
  rpcUrl?: string;
  databaseUrl?: string;
  dataDir?: string;
  chainId?: string;
  deployment?: string;
  api?: string;
}

export function addTargetOptions(command: Command): Command {
  return command
    .option("--rpc-url <url>", "the chain's node (without it: the local run's)")
    .option("--database-url <url>", "the Postgres with the mirror (without it: the local run's)")
    .option("--data-dir <folder>", "data of the local run")
    .option("--chain-id <id>", "the chain that you expect")
    .option("--deployment <folder>", "the deployment record, if it is not at its usual place");
}

/**
 * Throws AhadiError `not_running` (no local run and no --rpc-url), `config_invalid`, `rpc_unreachable`, `wrong_chain`.
 */
export async function resolveTarget(options: TargetOptions): Promise<Target> {
  const config = readConfig({ env: process.env, flags: { ...options } });
  const running = runningEndpoints(config.dataDir);
  const rpcUrl = config.rpcUrl ?? running?.rpc;
  if (rpcUrl === undefined) {
    throw new AhadiError("not_running", `nothing runs on ${config.dataDir}`, {
      hint: "run `npm start`, or name a chain with AHADI_RPC_URL (--rpc-url)",
    });
  }
  const { chainId, genesisHash } = await identify(connect(rpcUrl), rpcUrl);
  if (config.chainId !== undefined && config.chainId !== chainId) {
    throw new AhadiError("wrong_chain", `the chain has id ${chainId}, not ${config.chainId}`, {
      hint: "check AHADI_CHAIN_ID (--chain-id) and AHADI_RPC_URL (--rpc-url)",
    });
  }
  // The local run's database and API are of its own chain: they are of no use for another one.
  const same = config.rpcUrl === undefined || config.rpcUrl === running?.rpc ? running : undefined;
  return {
    rpcUrl,
    chainId,
    deploymentDir: options.deployment ?? same?.deploymentDir ?? deploymentDirOf(config, chainId, genesisHash),
    databaseUrl: config.databaseUrl ?? same?.databaseUrl,
    apiUrl: options.api ?? same?.api,
  };
}

/** Where a chain's deployment is kept: a real chain's in the repository, a local one's beside its data. */
export function deploymentDirOf(config: Config, chainId: number, genesisHash: string): string {
  if (chainId !== LOCAL_CHAIN_ID) return join(repositoryRoot, "deployments", String(chainId));
  return join(stateDirOf(config, genesisHash), "deployments", String(chainId));
}

/** An attached local chain has a folder of its own, so that it never mixes with the embedded one. */
export function stateDirOf(config: Config, genesisHash: string): string {
  return config.rpcUrl === undefined
    ? config.dataDir
    : join(config.dataDir, `attached-${genesisHash.slice(2, 10)}`);
}
