import { type Address, BaseError, RpcRequestError } from "viem";
import { RetryableError } from "../errors.ts";
import { checkLogs } from "./checks.ts";
import type { ChainNode } from "./node.ts";
import { addressesOf, newPoolsIn, type Watched } from "./pools.ts";
import { type Batch, DETACHED, type Detached, type Header, type RawLog } from "./types.ts";

const FIRST_BLOCKS = 1_000n;
const MOST_BLOCKS = 10_000n;
/** An answer with more logs makes the next range smaller: it bounds memory and the size of a transaction. */
const MANY_LOGS = 10_000;

/** The node will not answer for so many blocks: ask for fewer, at once. */
class RangeRefusedError extends RetryableError {}

/**
 * How many blocks to ask for at once. Doubles until the first failure, then feels its way: a failure or a big answer
 * halves it, each answer adds a sixteenth.
 */
export interface RangeSize {
  readonly blocks: bigint;
  answered(logCount: number): void;
  failed(): void;
}

export function createRangeSize(): RangeSize {
  let blocks = FIRST_BLOCKS;
  let hasFailed = false;
  const halve = (): void => {
    blocks = blocks > 1n ? blocks / 2n : 1n;
  };
  return {
    get blocks() {
      return blocks;
    },
    answered(logCount) {
      if (logCount > MANY_LOGS) halve();
      else if (logCount < MANY_LOGS / 2) {
        blocks = least(MOST_BLOCKS, blocks + (hasFailed ? blocks / 16n + 1n : blocks));
      }
    },
    failed() {
      hasFailed = true;
      halve();
    },
  };
}

/** The next blocks after `parent`, as many as `size` says, at most up to `last`. A refusal makes the range smaller. */
export async function fetchNextRange(
  node: ChainNode,
  watched: Watched,
  parent: Pick<Header, "number" | "hash">,
  last: bigint,
  size: RangeSize,
): Promise<Batch | Detached> {
  for (;;) {
    try {
      const batch = await fetchRange(node, watched, parent, least(last, parent.number + size.blocks));
      if (batch !== DETACHED) size.answered(batch.logs.length);
      return batch;
    } catch (error) {
      size.failed();
      if (!(error instanceof RangeRefusedError)) throw error;
    }
  }
}

/**
 * The blocks after `parent` up to `to`, far behind the head: one question for all their logs, and headers only of the
 * first block, the last block and the blocks with logs. The last header is asked for before and after the logs: equal,
 * so no reorg happened in between that could have hidden a log.
 *
 * Returns DETACHED when `parent` is not the chain's block before the range.
 */
async function fetchRange(
  node: ChainNode,
  watched: Watched,
  parent: Pick<Header, "number" | "hash">,
  to: bigint,
): Promise<Batch | Detached> {
  const from = parent.number + 1n;
  const [first, end] = pair(await node.headers([from, to]));
  if (first.parentHash !== parent.hash) return DETACHED;

  const asked = await askLogs(node, addressesOf(watched), from, to);
  const pools = newPoolsIn(asked, watched);
  const early = [...pools.values()].reduce(least, to);
  const ofPools = pools.size === 0 ? [] : await askLogs(node, [...pools.keys()], early, to);
  const logs = [...asked, ...ofPools.filter((log) => log.blockNumber >= (pools.get(log.address) ?? to + 1n))];

  const inside = new Set(logs.map(({ blockNumber }) => blockNumber).filter((n) => n > from && n < to));
  const [endAgain, ...between] = await node.headers([to, ...[...inside].sort((a, b) => (a < b ? -1 : 1))]);
  if (endAgain?.hash !== end.hash)
    throw new RetryableError("chain", "the chain changed while it was being read");

  const headers = from === to ? [end] : [first, ...between, end];
  const addresses = new Set<string>([...addressesOf(watched), ...pools.keys()]);
  return { headers, logs: checkLogs(logs, headers, addresses), end };
}

/** Nodes refuse a range that is too big for them in many words and codes: any refusal of more than one block is taken for it. */
async function askLogs(
  node: ChainNode,
  addresses: readonly Address[],
  from: bigint,
  to: bigint,
): Promise<RawLog[]> {
  try {
    return await node.logsOfRange(addresses, from, to);
  } catch (error) {
    if (from < to && isRefusal(error)) throw new RangeRefusedError("chain", error.message, { cause: error });
    throw error;
  }
}

/** The node answered, with an error: not an outage. */
function isRefusal(error: unknown): error is Error {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof BaseError && cause.walk((inner) => inner instanceof RpcRequestError) !== null;
}

function pair(headers: Header[]): [Header, Header] {
  const [first, last] = headers;
  if (first === undefined || last === undefined)
    throw new RetryableError("chain", "the node left out a header");
  return [first, last];
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
