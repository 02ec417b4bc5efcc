import type pg from "pg";
import { assertChain, connect } from "../chain/clients.ts";
import { type Deployment, readDeployment } from "../chain/deployment.ts";
import { createComplaint } from "./complain.ts";
import { classify, RetryableError } from "./errors.ts";
import { follow } from "./follow/follow.ts";
import { abortable, backoffMs, pause } from "./pause.ts";
import { createNode } from "./source/node.ts";
import { contractsOf } from "./source/pools.ts";
import { anchorNumber, isPinned, pin } from "./store/mirror.ts";
import { asWriter } from "./store/writer.ts";

export interface IndexerOptions {
  rpcUrl: string;
  /** libpq URL of a database whose schema `chain` is migrated. */
  databaseUrl: string;
  /** Folder of the deployment's `deployment.json`. */
  deploymentDir: string;
  /** Pause between two looks at the chain's head, in milliseconds. */
  pollMs: number;
  signal: AbortSignal;
}

/**
 * Mirrors the chain into the database until `signal` aborts. Outages of node and database are waited out; another
 * indexer on the same database is waited for.
 *
 * Throws AhadiError (`deployment_missing`, `wrong_chain`, `mirror_of_another_chain`) and FatalError for what waiting
 * does not mend.
 */
export async function runIndexer(options: IndexerOptions): Promise<void> {
  const deployment = await readDeployment(options.deploymentDir);
  const complain = createComplaint();
  for (let failures = 1; !options.signal.aborted; failures++) {
    const startedAt = Date.now();
    try {
      await asWriter(options.databaseUrl, options.signal, (client) => mirror(options, deployment, client));
    } catch (error) {
      if (options.signal.aborted) return;
      const problem = classify(error);
      if (!(problem instanceof RetryableError)) throw problem;
      // A failure after a long healthy time is the first of a new row.
      if (Date.now() - startedAt > HEALTHY_MS) failures = 1;
      complain(problem.message);
      await pause(backoffMs(failures), options.signal).catch(() => {});
    }
  }
}

const HEALTHY_MS = 10_000;

async function mirror(
  options: IndexerOptions,
  deployment: Deployment,
  client: pg.ClientBase,
): Promise<never> {
  const { rpcUrl, pollMs, signal } = options;
  const publicClient = connect(rpcUrl);
  const node = createNode(publicClient, signal);
  const checkChain = () => abortable(assertChain(publicClient, deployment, rpcUrl), signal);

  const pinned = await isPinned(client, deployment);
  await checkChain();
  if (!pinned) {
    for (const anchor of await node.headers([anchorNumber(deployment)]))
      await pin(client, deployment, anchor);
  }
  const contracts = contractsOf(deployment);
  return await follow({ node, client, contracts, pollMs, checkChain, signal });
}
