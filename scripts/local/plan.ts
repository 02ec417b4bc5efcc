import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Config, nameOf, repositoryRoot } from "../../platform/config.ts";
import { checkDatabase } from "../../platform/database.ts";
import { AhadiError, describeError } from "../../platform/errors.ts";
import { LOCAL_CHAIN_ID } from "./anvil.ts";
import { assertPortsFree, freePort } from "./ports.ts";
import { rpc } from "./rpc.ts";

/** What a start will do, known and checked before anything is started. */
export interface Plan {
  /** Ports that are really used: 0 has become a free one. */
  ports: { web: number; chain: number; postgres: number };
  chain: ChainPlan;
  /** Root of API and pages, as this machine reaches it. */
  apiUrl: string;
}

/** `database` is the name that this chain's mirror has in an embedded Postgres: each chain has its own. */
export type ChainPlan =
  | { kind: "embedded"; stateDir: string; database: string }
  /** A development chain of somebody else: we may deploy on it and play the demo. */
  | { kind: "attached"; rpcUrl: string; genesisHash: Hash; stateDir: string; database: string }
  /** Any other chain, or a deployment that was named: nothing is ever deployed. */
  | {
      kind: "deployed";
      rpcUrl: string;
      chainId: number;
      genesisHash: Hash;
      deploymentDir: string;
      database: string;
    };

type Hash = `0x${string}`;

/**
 * Throws AhadiError `port_taken`, `host_unusable`, `rpc_unreachable`, `wrong_chain`, `deployment_missing` or `database_unreachable`.
 */
export async function makePlan(config: Config): Promise<Plan> {
  const local = "127.0.0.1";
  await assertPortsFree([
    { setting: "port", port: config.port, host: config.host },
    ...(config.rpcUrl === undefined
      ? [{ setting: "chainPort" as const, port: config.chainPort, host: local }]
      : []),
    ...(config.databaseUrl === undefined
      ? [{ setting: "postgresPort" as const, port: config.postgresPort, host: local }]
      : []),
  ]);
  const chain = await planChain(config);
  if (config.databaseUrl !== undefined) await checkDatabase(config.databaseUrl);
  const web = config.port || (await freePort(config.host));
  const ports = {
    web,
    chain: config.chainPort || (await freePort()),
    postgres: config.postgresPort || (await freePort()),
  };
  return { ports, chain, apiUrl: `http://${reachableHost(config.host)}:${web}` };
}

async function planChain(config: Config): Promise<ChainPlan> {
  if (config.rpcUrl === undefined) {
    expectChain(config, LOCAL_CHAIN_ID, "the embedded chain");
    return { kind: "embedded", stateDir: config.dataDir, database: "ahadi" };
  }
  const { rpcUrl } = config;
  const { chainId, genesisHash } = await identifyChain(rpcUrl);
  expectChain(config, chainId, new URL(rpcUrl).origin);
  const short = genesisHash.slice(2, 10);
  const database = `ahadi_${chainId}_${short}`;
  if (chainId === LOCAL_CHAIN_ID && config.deploymentDir === undefined) {
    return {
      kind: "attached",
      rpcUrl,
      genesisHash,
      stateDir: join(config.dataDir, `attached-${short}`),
      database,
    };
  }
  const deploymentDir = config.deploymentDir ?? join(repositoryRoot, "deployments", String(chainId));
  if (!existsSync(join(deploymentDir, "deployment.json"))) {
    throw new AhadiError("deployment_missing", `no deployment for chain ${chainId} in ${deploymentDir}`, {
      hint: "run `ahadi deploy` first",
    });
  }
  return { kind: "deployed", rpcUrl, chainId, genesisHash, deploymentDir, database };
}

async function identifyChain(rpcUrl: string): Promise<{ chainId: number; genesisHash: Hash }> {
  try {
    const [id, genesis] = await Promise.all([
      rpc(rpcUrl, "eth_chainId"),
      rpc(rpcUrl, "eth_getBlockByNumber", ["0x0", false]),
    ]);
    return { chainId: Number(id), genesisHash: (genesis as { hash: Hash }).hash };
  } catch (cause) {
    // The address may carry an access key: people see the host alone.
    const what = `no chain answers at ${new URL(rpcUrl).origin}: ${describeError(cause).message}`;
    throw new AhadiError("rpc_unreachable", what, { hint: `check ${nameOf("rpcUrl")}`, cause });
  }
}

function expectChain(config: Config, chainId: number, where: string): void {
  if (config.chainId === undefined || config.chainId === chainId) return;
  throw new AhadiError("wrong_chain", `${where} has chain id ${chainId}, not ${config.chainId}`, {
    hint: `check ${nameOf("rpcUrl")} and ${nameOf("chainId")}`,
  });
}

/** A server on all addresses is reached through the loopback one. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
