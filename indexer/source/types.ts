import type { Address, Hash, Hex } from "viem";

/** What we keep of a block's header. */
export interface Header {
  number: bigint;
  hash: Hash;
  parentHash: Hash;
  /** Unix seconds. */
  time: bigint;
  logsBloom: Hex;
}

/** A log of a watched contract, checked against the header of its block. The address is in lower case. */
export interface RawLog {
  blockNumber: bigint;
  blockHash: Hash;
  txHash: Hash;
  txIndex: number;
  logIndex: number;
  address: Address;
  topics: readonly Hex[];
  data: Hex;
}

/** What a pool's contract answers at a block about figures that move with time. Base units. */
export interface PoolQuote {
  pool: Address;
  recognised: bigint;
  provisions: bigint;
  exitDeduction: bigint;
}

/** Consecutive blocks, complete: every log of the watched contracts, and the header of every block that has one. */
export interface Batch {
  /** Rising numbers; the last one is `end`. Blocks without logs may be missing. */
  headers: Header[];
  /** In the chain's order. */
  logs: RawLog[];
  end: Header;
}

/** A range that does not continue what we have: the chain's block before it is another one than ours. */
export const DETACHED = "detached";
export type Detached = typeof DETACHED;
