import type { Address } from "viem";
import { RetryableError } from "../errors.ts";
import { checkLogs, mayContain } from "./checks.ts";
import type { ChainNode } from "./node.ts";
import { addressesOf, newPoolsIn, type Watched } from "./pools.ts";
import { type Batch, DETACHED, type Detached, type Header, type RawLog } from "./types.ts";

/**
 * The blocks after `parent` up to `to`, near the head: every header, each the parent of the next, and the logs of each
 * block by its hash, so that an answer of another fork is impossible.
 *
 * Returns DETACHED when `parent` is not the chain's block before them.
 */
export async function fetchTail(
  node: ChainNode,
  watched: Watched,
  parent: Pick<Header, "number" | "hash">,
  to: bigint,
): Promise<Batch | Detached> {
  const count = Number(to - parent.number);
  const headers = await node.headers(Array.from({ length: count }, (_, i) => parent.number + 1n + BigInt(i)));
  const end = headers.at(-1);
  if (end === undefined || headers[0]?.parentHash !== parent.hash) return DETACHED;
  headers.forEach((header, index) => {
    const before = headers[index - 1];
    if (before === undefined || header.parentHash === before.hash) return;
    throw new RetryableError("chain", `block ${header.number} does not follow block ${before.number}`);
  });

  const asked = await logsOf(node, addressesOf(watched), headers);
  const pools = newPoolsIn(asked, watched);
  const ofPools = await Promise.all(
    [...pools].map(([pool, since]) =>
      logsOf(
        node,
        [pool],
        headers.filter(({ number }) => number >= since),
      ),
    ),
  );
  const addresses = new Set<string>([...addressesOf(watched), ...pools.keys()]);
  return { headers, logs: checkLogs([...asked, ...ofPools.flat()], headers, addresses), end };
}

async function logsOf(
  node: ChainNode,
  addresses: readonly Address[],
  headers: readonly Header[],
): Promise<RawLog[]> {
  const perBlock = await Promise.all(headers.map((header) => logsOfBlock(node, addresses, header)));
  return perBlock.flat();
}

/**
 * Nodes have been seen to leave out logs without a word (their index lags behind their blocks). Where the header's bloom
 * says that there may be some, the receipts are counted too.
 */
async function logsOfBlock(
  node: ChainNode,
  addresses: readonly Address[],
  header: Header,
): Promise<RawLog[]> {
  const logs = await node.logsOfBlock(addresses, header.hash);
  if (!addresses.some((address) => mayContain(header, address))) return logs;
  const expected = await node.countInReceipts(addresses, header);
  if (expected === null || expected === logs.length) return logs;
  throw new RetryableError(
    "chain",
    `the node gave ${logs.length} logs of block ${header.number}, its receipts hold ${expected}`,
  );
}
