import { RetryableError } from "../errors.ts";
import type { ChainNode } from "../source/node.ts";
import type { Watched } from "../source/pools.ts";
import { fetchNextRange, least, type RangeSize } from "../source/range.ts";
import { fetchTail } from "../source/tail.ts";
import { type Batch, DETACHED, type Detached, type Header } from "../source/types.ts";
import type { StoredHeader } from "../store/headers.ts";

/** What can happen next: blocks that continue the mirror, or a fork that takes some of its blocks away. */
export type ChainEvent = { kind: "block"; batch: Batch } | { kind: "reorg"; ancestor: Header };

/** Up to here behind the head blocks are followed one by one, by hash: this is where forks happen. */
export const TAIL_BLOCKS = 64n;
/** Blocks of the tail that are read and committed together. */
const TAIL_BATCH = 32n;
/** Headers compared in one step on the way down to the common ancestor; doubles. */
const FIRST_STEP = 8;
const LONGEST_STEP = 512;

/** What the search needs of the mirror. */
export interface Known {
  checkpoint: StoredHeader;
  watched: Watched;
  /** Stored headers at or below a number, falling. */
  headersDownFrom(from: bigint, count: number): Promise<StoredHeader[]>;
}

/** The next event on the way to `head`; null when the mirror is there, or when this node is behind it. */
export async function nextEvent(
  node: ChainNode,
  head: Header,
  known: Known,
  size: RangeSize,
): Promise<ChainEvent | null> {
  const { checkpoint } = known;
  if (head.number <= checkpoint.number) return headBelow(node, head, known);
  const batch = await fetchNext(node, head, known, size);
  if (batch !== DETACHED) return { kind: "block", batch };
  const ancestor = await findAncestor(node, head, known);
  if (ancestor.hash !== checkpoint.hash) return { kind: "reorg", ancestor };
  // The fork is gone again, or this chain's blocks do not name their parents (hardhat_mine of many blocks does that).
  throw new RetryableError(
    "chain",
    `block ${checkpoint.number + 1n} does not follow block ${checkpoint.number}`,
  );
}

function fetchNext(
  node: ChainNode,
  head: Header,
  { checkpoint, watched }: Known,
  size: RangeSize,
): Promise<Batch | Detached> {
  const tail = head.number - TAIL_BLOCKS;
  if (checkpoint.number < tail) return fetchNextRange(node, watched, checkpoint, tail, size);
  return fetchTail(node, watched, checkpoint, least(head.number, checkpoint.number + TAIL_BATCH));
}

/**
 * The head is not above the checkpoint. If the newest header that both sides have agrees, the node is merely behind us:
 * what it has not seen yet is no reason to forget it.
 */
async function headBelow(node: ChainNode, head: Header, known: Known): Promise<ChainEvent | null> {
  const [newest] = await known.headersDownFrom(head.number, 1);
  // A chain shorter than the deployment's first block: it was cut off, or this is the wrong node.
  if (newest === undefined)
    throw new RetryableError("chain", `the chain ends at block ${head.number}, before the deployment`);
  const theirs = newest.number === head.number ? head : (await node.headers([newest.number]))[0];
  if (theirs?.hash === newest.hash) return null;
  return { kind: "reorg", ancestor: await findAncestor(node, head, known) };
}

/**
 * The newest stored block that is in the node's chain. When not even the anchor is, the answer is the node's block at
 * the anchor's height: the mirror then begins again from there.
 */
async function findAncestor(node: ChainNode, head: Header, known: Known): Promise<Header> {
  let lowest = head;
  for (let step = FIRST_STEP; ; step = Math.min(step * 2, LONGEST_STEP)) {
    const from = lowest === head ? head.number : lowest.number - 1n;
    const ours = await known.headersDownFrom(from, step);
    const theirs = await node.headers(ours.map(({ number }) => number));
    const ancestor = theirs.find(({ hash }, index) => hash === ours[index]?.hash);
    if (ancestor !== undefined) return ancestor;
    lowest = theirs.at(-1) ?? lowest;
    if (ours.length < step) return lowest;
  }
}
