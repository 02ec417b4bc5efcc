import { createPublicClient, type Hex, http, type PublicClient } from "viem";
import { AhadiError } from "../platform/errors.ts";
import type { Deployment } from "./deployment.ts";

/** Hardhat's and anvil's chain id: keys are public there, money is play money. */
export const LOCAL_CHAIN_ID = 31337;

/** A reading client; requests of one tick travel as one JSON-RPC batch. */
export function connect(rpcUrl: string): PublicClient {
  return createPublicClient({
    transport: http(rpcUrl, { batch: { batchSize: 100 }, retryCount: 2, timeout: 20_000 }),
    pollingInterval: 50,
    cacheTime: 0,
  });
}

/**
 * The chain behind a client. Throws AhadiError `rpc_unreachable` in one line.
 */
export async function identify(
  client: PublicClient,
  rpcUrl: string,
): Promise<{ chainId: number; genesisHash: Hex }> {
  try {
    const [chainId, genesis] = await Promise.all([
      client.getChainId(),
      client.getBlock({ blockNumber: 0n, includeTransactions: false }),
    ]);
    return { chainId, genesisHash: genesis.hash };
  } catch (cause) {
    throw new AhadiError("rpc_unreachable", `no chain answers at ${withoutSecrets(rpcUrl)}`, {
      hint: "check AHADI_RPC_URL (--rpc-url)",
      cause,
    });
  }
}

/**
 * Makes sure that `deployment` lives on the chain behind `client`.
 * Throws AhadiError `rpc_unreachable`, `wrong_chain` or `deployment_missing` (the chain has no code at its address).
 */
export async function assertChain(
  client: PublicClient,
  deployment: Deployment,
  rpcUrl: string,
): Promise<void> {
  const { chainId, genesisHash } = await identify(client, rpcUrl);
  if (chainId !== deployment.chainId) {
    throw new AhadiError(
      "wrong_chain",
      `the chain has id ${chainId}, the deployment is for ${deployment.chainId}`,
      {
        hint: "check AHADI_RPC_URL (--rpc-url)",
      },
    );
  }
  if (genesisHash !== deployment.genesisHash) {
    throw new AhadiError(
      "wrong_chain",
      `this is another chain ${chainId} than the one that was deployed to`,
      {
        hint: `its first block is ${genesisHash}, the deployment says ${deployment.genesisHash}`,
      },
    );
  }
  const code = await client.getCode({ address: deployment.contracts.LoanBook.address });
  if (code === undefined) {
    throw new AhadiError("deployment_missing", `chain ${chainId} has no LoanBook at its recorded address`, {
      hint: "run `ahadi deploy` first",
    });
  }
}

/** RPC addresses often carry an access key in path or query: people see the host alone. */
function withoutSecrets(rpcUrl: string): string {
  return new URL(rpcUrl).origin;
}
