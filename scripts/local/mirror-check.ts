import { hasDeployment, readDeployment } from "../../chain/deployment.ts";
import { assertMirrors, type Pin, readPin } from "../../indexer/store/mirror.ts";
import { connectOwner } from "../../platform/database.ts";
import { localDeploymentDir } from "../deploy.ts";
import { LOCAL_CHAIN_ID } from "./anvil.ts";
import type { ChainPlan } from "./plan.ts";
import { rpc } from "./rpc.ts";

/** The chain that is to be mirrored, and where the record of its deployment is or will be. */
export interface Source {
  chainId: number;
  genesisHash: `0x${string}`;
  deploymentDir: string;
}

/**
 * Makes sure that a database, if it mirrors anything, mirrors this chain with this deployment; `new` is a chain that no
 * database can know. Asked before anything is deployed. Returns what it mirrors; undefined: nothing yet.
 * Throws AhadiError `mirror_of_another_chain` with `hint`, `database_unreachable`, `deployment_invalid`.
 */
export async function checkMirror(
  databaseUrl: string,
  source: Source | "new",
  hint?: string,
): Promise<Pin | undefined> {
  const pin = await pinOf(databaseUrl);
  if (pin === undefined) return undefined;
  if (source === "new") assertMirrors(pin, undefined, hint);
  else {
    assertMirrors(pin, source, hint);
    const { deploymentDir } = source;
    if (await hasDeployment(deploymentDir)) assertMirrors(pin, await readDeployment(deploymentDir), hint);
  }
  return pin;
}

/** Also of a database without our schema. */
async function pinOf(databaseUrl: string): Promise<Pin | undefined> {
  const client = await connectOwner(databaseUrl);
  try {
    const { rows } = await client.query<{ there: boolean }>(
      "select to_regclass('chain.mirror') is not null as there",
    );
    return rows[0]?.there === true ? await readPin(client) : undefined;
  } finally {
    await client.end();
  }
}

/** An embedded chain has to run for this; an attached one was asked before. */
export async function sourceOf(chain: ChainPlan, rpcUrl: string): Promise<Source> {
  if (chain.kind === "deployed") return chain;
  const deploymentDir = localDeploymentDir(chain.stateDir);
  if (chain.kind === "attached") return { ...chain, chainId: LOCAL_CHAIN_ID, deploymentDir };
  const genesis = (await rpc(rpcUrl, "eth_getBlockByNumber", ["0x0", false])) as { hash: `0x${string}` };
  return { chainId: LOCAL_CHAIN_ID, genesisHash: genesis.hash, deploymentDir };
}
