import { setTimeout as after } from "node:timers/promises";
import type pg from "pg";
import type { PublicClient } from "viem";
import { assertChain, connect } from "../chain/clients.ts";
import { type Deployment, readDeployment } from "../chain/deployment.ts";
import { agreementDomain } from "../lending/agreement.ts";
import { checkDatabase, openPool } from "../platform/database.ts";
import { AhadiError } from "../platform/errors.ts";
import { progress } from "../platform/log.ts";
import { classify, RetryableError } from "./errors.ts";
import { createNode } from "./source/node.ts";
import { contractsOf } from "./source/pools.ts";
import { readCheckpoint } from "./store/commit.ts";
import type { StoredHeader } from "./store/headers.ts";
import { anchorNumber, isPinned } from "./store/mirror.ts";
import { createFindings, type Difference } from "./verify/findings.ts";
import { compareJournal } from "./verify/journal.ts";
import { compareLoans } from "./verify/loans.ts";
import { comparePeople } from "./verify/people.ts";
import { comparePools } from "./verify/pools.ts";
import { compareRegisters } from "./verify/registers.ts";
import { compareTotals } from "./verify/totals.ts";

export interface VerifyOptions {
  rpcUrl: string;
  databaseUrl: string;
  deploymentDir: string;
  /** How long to wait for the mirror to reach the chain's head. */
  timeoutMs?: number;
}

export interface Verification {
  ok: boolean;
  /** The block at which mirror and chain were compared. */
  blockNumber: number;
  blockHash: string;
  loans: number;
  pools: number;
  /** Accounts with a KYC record or a wallet that was recovered, or was to be. */
  accounts: number;
  /** Figures that were compared. */
  comparisons: number;
  /** At most fifty of each field. */
  differences: readonly Difference[];
}

const TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** A reorg in the middle is no difference: the comparison begins again. */
const ATTEMPTS = 3;

/**
 * Compares the mirror with the chain at the mirror's newest block: contract storage, the journal and every row that
 * follows from it, and the mirror's own sums.
 *
 * Throws AhadiError `mirror_behind` when the mirror does not reach the head in time, `mirror_empty` when nothing was
 * ever mirrored, `mirror_of_another_chain`, `wrong_chain`, `rpc_unreachable`,
 * `database_unreachable`, `deployment_missing`.
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const deployment = await readDeployment(options.deploymentDir);
  const client = connect(options.rpcUrl);
  await assertChain(client, deployment, options.rpcUrl);
  await checkDatabase(options.databaseUrl);
  const pool = openPool(options.databaseUrl, {
    role: "ahadi_backend",
    applicationName: "ahadi verify",
    max: 1,
  });
  try {
    for (let attempt = 1; ; attempt++) {
      await waitForHead(pool, client, deployment, options.timeoutMs ?? TIMEOUT_MS);
      try {
        return await compare(pool, client, deployment);
      } catch (error) {
        const problem = classify(error);
        if (!(problem instanceof RetryableError) || attempt === ATTEMPTS) throw problem;
      }
    }
  } finally {
    await pool.end();
  }
}

async function waitForHead(
  pool: pg.Pool,
  client: PublicClient,
  deployment: Deployment,
  timeoutMs: number,
): Promise<void> {
  const head = await client.getBlock({ blockTag: "latest" });
  const deadline = Date.now() + timeoutMs;
  const database = await pool.connect();
  try {
    if (!(await isPinned(database, deployment))) {
      throw new AhadiError("mirror_empty", "nothing was mirrored into this database yet", {
        hint: "start the indexer first",
      });
    }
    for (;;) {
      const { number } = await readCheckpoint(database);
      if (number >= head.number) return;
      if (Date.now() > deadline) {
        throw new AhadiError(
          "mirror_behind",
          `the mirror is at block ${number}, the chain at ${head.number}`,
          {
            hint: "is the indexer running?",
          },
        );
      }
      await after(LOOK_AGAIN_MS);
    }
  } finally {
    database.release();
  }
}

async function compare(pool: pg.Pool, client: PublicClient, deployment: Deployment): Promise<Verification> {
  const database = await pool.connect();
  try {
    // One state of the mirror for all questions, while the indexer goes on writing.
    await database.query("begin isolation level repeatable read read only");
    const result = await compareAt(database, await readCheckpoint(database), client, deployment);
    await database.query("commit");
    return result;
  } finally {
    // Closed, not given back: after a failure it may still be inside the transaction.
    database.release(true);
  }
}

async function compareAt(
  database: pg.ClientBase,
  end: StoredHeader,
  client: PublicClient,
  deployment: Deployment,
): Promise<Verification> {
  const node = createNode(client, new AbortController().signal);
  const findings = createFindings();
  const contracts = contractsOf(deployment);
  const [anchor] = await node.headers([anchorNumber(deployment)]);
  if (anchor === undefined) throw new RetryableError("chain", "the node left out a header");

  const blocks = progress("verify: blocks", Number(end.number - anchor.number));
  await compareJournal({ database, node, contracts, anchor, end, findings }, (block) => {
    blocks.update(Number(block - anchor.number));
  });
  blocks.end();

  const storage = {
    database,
    client,
    blockHash: end.hash,
    contracts,
    domain: agreementDomain(deployment.chainId, deployment.contracts.LoanBook.address),
    findings,
  };
  await compareRegisters(storage);
  const pools = await comparePools(storage);
  const accounts = await comparePeople(storage);
  const { rows } = await database.query<{ count: string }>("select count(*) as count from chain.loan");
  const bar = progress("verify: loans", Number(rows[0]?.count ?? 0));
  const loans = await compareLoans(storage, (done) => bar.update(done));
  bar.end();
  await compareTotals(database, findings);

  const { comparisons, differences } = findings;
  return {
    ok: differences.length === 0,
    blockNumber: Number(end.number),
    blockHash: end.hash,
    ...{ loans, pools, accounts, comparisons, differences },
  };
}
