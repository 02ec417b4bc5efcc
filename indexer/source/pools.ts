import type { Address } from "viem";
import { toEventSelector } from "viem";
import { loanBookAbi } from "../../chain/abi.ts";
import type { RawLog } from "./types.ts";

/** The contracts whose logs make the mirror. Pools are learned from LoanBook's own events. */
export interface Watched {
  loanBook: Address;
  pools: readonly Address[];
}

export function addressesOf({ loanBook, pools }: Watched): Address[] {
  return [loanBook, ...pools];
}

const POOL_REGISTERED = toEventSelector(
  loanBookAbi.find((entry) => entry.type === "event" && entry.name === "PoolRegistered") ?? missing(),
);

function missing(): never {
  throw new Error("LoanBook's ABI has no event PoolRegistered");
}

/** Pools that these logs register and that were not watched yet, with the block from which on they count. */
export function newPoolsIn(logs: readonly RawLog[], watched: Watched): Map<Address, bigint> {
  const found = new Map<Address, bigint>();
  for (const log of logs) {
    if (log.address !== watched.loanBook || log.topics[0] !== POOL_REGISTERED) continue;
    const pool: Address = `0x${(log.topics[1] ?? "").slice(-40)}`;
    if (!watched.pools.includes(pool) && !found.has(pool)) found.set(pool, log.blockNumber);
  }
  return found;
}
