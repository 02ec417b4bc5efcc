import type pg from "pg";
import type { Address } from "viem";
import { log, progress } from "../../platform/log.ts";
import { createComplaint } from "../complain.ts";
import { type DecodedLog, decode } from "../decode/decode.ts";
import { classify, RetryableError } from "../errors.ts";
import { backoffMs, pause } from "../pause.ts";
import { project } from "../project/project.ts";
import { type ChainNode, lowerCase } from "../source/node.ts";
import type { Contracts } from "../source/pools.ts";
import { createRangeSize } from "../source/range.ts";
import type { Header, PoolQuote } from "../source/types.ts";
import { commitBatch, commitReorg, readCheckpoint, readPools, writeHead } from "../store/commit.ts";
import { headersDownFrom, type StoredHeader } from "../store/headers.ts";
import { type ChainEvent, type Known, nextEvent, TAIL_BLOCKS } from "./event.ts";

export interface FollowInput {
  node: ChainNode;
  /** The writer's connection. */
  client: pg.ClientBase;
  contracts: Contracts;
  pollMs: number;
  /** Makes sure that the node still is of the deployment's chain: asked before a reorg is believed and after an outage. */
  checkChain(): Promise<void>;
  signal: AbortSignal;
}

/**
 * Keeps the mirror at the chain's head until the signal aborts.
 * Waits out the node's failures; throws what only a new database connection (RetryableError) or a person can mend.
 */
export async function follow(input: FollowInput): Promise<never> {
  const { node, client, signal } = input;
  const size = createRangeSize();
  const shown = createBackfillProgress();
  let checkpoint = await readCheckpoint(client);
  let pools = await readPools(client);
  const complain = createComplaint();
  let failures = 0;

  for (;;) {
    try {
      if (failures > 0) await input.checkChain();
      const head = await node.head();
      await writeHead(client, head);
      const known = {
        checkpoint,
        watched: { ...input.contracts, pools },
        headersDownFrom: (from: bigint, count: number) => headersDownFrom(client, from, count),
      };
      const event = await nextEvent(node, head, known, size);
      if (event !== null) {
        checkpoint = await apply(input, known, event, head);
        pools = await readPools(client);
      }
      failures = 0;
      shown.update(checkpoint, head);
      if (event === null) await pause(input.pollMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      const problem = classify(error);
      if (!(problem instanceof RetryableError) || problem.origin !== "chain") throw problem;
      failures++;
      complain(problem.message);
      await pause(backoffMs(failures), signal);
    }
  }
}

async function apply(
  input: FollowInput,
  { checkpoint: before, watched }: Known,
  event: ChainEvent,
  head: Header,
): Promise<StoredHeader> {
  if (event.kind === "reorg") {
    await input.checkChain();
    const { ancestor } = event;
    log.warn(`reorg: back from block ${before.number} to ${ancestor.number}`);
    await commitReorg(input.client, before, ancestor);
    return ancestor;
  }
  const { batch } = event;
  const decoded = batch.logs.map((one) => decode(one, input.contracts));
  reportUnknown(decoded);
  const facts = project(decoded);
  const pools = [...watched.pools, ...facts.pool.map(({ address }) => lowerCase(address))];
  // Further back the node may have forgotten the state, and nobody would see the figure.
  const isNear = head.number - batch.end.number < TAIL_BLOCKS;
  const quotes = isNear ? await quotesOf(input.node, pools, batch.end) : [];
  await commitBatch(input.client, before, batch, facts, quotes);
  return batch.end;
}

async function quotesOf(node: ChainNode, pools: readonly Address[], end: Header): Promise<PoolQuote[]> {
  const quotes = await Promise.all(pools.map((pool) => node.quoteOf(pool, end.hash)));
  return quotes.filter((quote) => quote !== null);
}

const reported = new Set<string>();

/** Each kind of unknown event once: the journal has all of them. */
function reportUnknown(decoded: readonly DecodedLog[]): void {
  for (const { log: raw, event } of decoded) {
    const what = `event ${raw.topics[0] ?? "without topic"} of ${raw.address}`;
    if (event !== null || reported.has(what)) continue;
    reported.add(what);
    log.warn(`unknown ${what}, first in block ${raw.blockNumber}: kept raw`);
  }
}

/** Shows the way to the head when it is a long one, once. */
function createBackfillProgress(): { update(checkpoint: StoredHeader, head: Header): void } {
  let from: bigint | undefined;
  let bar: ReturnType<typeof progress> | undefined;
  return {
    update({ number }, head) {
      from ??= number;
      const behind = head.number - number;
      if (bar === undefined && behind > TAIL_BLOCKS) bar = progress("backfill", Number(head.number - from));
      bar?.update(Number(number - from), `block ${number}`);
      if (bar === undefined || behind > 0n) return;
      bar.end();
      bar = undefined;
    },
  };
}
