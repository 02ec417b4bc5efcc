import { type Address, type Hash, hexToBytes, keccak256 } from "viem";
import { RetryableError } from "../errors.ts";
import type { Header, RawLog } from "./types.ts";

/**
 * Puts logs in the chain's order and refuses an answer that cannot be true: logs of other contracts or of blocks that
 * were not asked for, a log twice, a log of another block than the header we hold. Throws RetryableError.
 */
export function checkLogs(
  logs: readonly RawLog[],
  headers: readonly Header[],
  watched: ReadonlySet<string>,
): RawLog[] {
  const hashes = new Map<bigint, Hash>(headers.map(({ number, hash }) => [number, hash]));
  const ordered = logs.toSorted(byPosition);
  ordered.forEach((log, index) => {
    const where = `block ${log.blockNumber} log ${log.logIndex}`;
    const hash = hashes.get(log.blockNumber);
    if (!watched.has(log.address)) throw lie(`${where} is of ${log.address}, which was not asked for`);
    if (hash === undefined) throw lie(`${where} is outside of the blocks that were asked for`);
    if (hash !== log.blockHash) throw lie(`${where} is of ${log.blockHash}, the block's header says ${hash}`);
    const before = ordered[index - 1];
    if (before !== undefined && byPosition(before, log) === 0) throw lie(`${where} came twice`);
  });
  return ordered;
}

function byPosition(a: RawLog, b: RawLog): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1;
  return a.logIndex - b.logIndex;
}

function lie(message: string): RetryableError {
  return new RetryableError("chain", `the node contradicts itself: ${message}`);
}

const BLOOM_BYTES = 256;

/**
 * False only when the block surely has no log of the address. Three bits of 2048, each named by eleven bits of the
 * address's hash. A chain that leaves its blooms empty proves nothing, and "false" then costs nothing either: it only
 * means that an empty answer is believed.
 */
export function mayContain(header: Header, address: Address): boolean {
  const bloom = hexToBytes(header.logsBloom);
  if (bloom.length !== BLOOM_BYTES) return false;
  const hash = keccak256(address, "bytes");
  return [0, 2, 4].every((offset) => {
    const bit = (((hash[offset] ?? 0) << 8) | (hash[offset + 1] ?? 0)) & 2047;
    return ((bloom[BLOOM_BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0;
  });
}
