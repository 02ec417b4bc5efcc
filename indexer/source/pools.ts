import type { Address } from "viem";
import { toEventSelector } from "viem";
import { loanBookAbi } from "../../chain/abi.ts";
import type { Deployment } from "../../chain/deployment.ts";
import { lowerCase } from "./node.ts";
import type { RawLog } from "./types.ts";

/** The contracts of a deployment that stand once, in lower case. */
export interface Contracts {
  loanBook: Address;
  kycRegistry: Address;
  walletRecovery: Address;
}

export function contractsOf({ contracts }: Pick<Deployment, "contracts">): Contracts {
  return {
    loanBook: lowerCase(contracts.LoanBook.address),
    kycRegistry: lowerCase(contracts.KycRegistry.address),
    walletRecovery: lowerCase(contracts.WalletRecovery.address),
  };
}

/** The contracts whose logs make the mirror. Pools are learned from LoanBook's own events. */
export interface Watched extends Contracts {
  pools: readonly Address[];
}

export function addressesOf({ loanBook, kycRegistry, walletRecovery, pools }: Watched): Address[] {
  return [loanBook, kycRegistry, walletRecovery, ...pools];
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
