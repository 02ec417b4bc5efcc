import {
  type Abi,
  type AbiEvent,
  type Address,
  type DecodeEventLogReturnType,
  decodeEventLog,
  type Hex,
  toEventSelector,
} from "viem";
import { kycRegistryAbi, lendingPoolAbi, loanBookAbi, walletRecoveryAbi } from "../../chain/abi.ts";
import type { Contracts } from "../source/pools.ts";
import type { RawLog } from "../source/types.ts";

const abis = {
  LoanBook: loanBookAbi,
  LendingPool: lendingPoolAbi,
  KycRegistry: kycRegistryAbi,
  WalletRecovery: walletRecoveryAbi,
} as const;

type ContractName = keyof typeof abis;
type EventOf<C extends ContractName> = DecodeEventLogReturnType<(typeof abis)[C]> & { contract: C };
export type KnownEvent = { [C in ContractName]: EventOf<C> }[ContractName];

/** A log and what it says; null when the contract's ABI does not know the event. */
export interface DecodedLog {
  log: RawLog;
  event: KnownEvent | null;
}

const events = {
  LoanBook: eventsBySelector(loanBookAbi),
  LendingPool: eventsBySelector(lendingPoolAbi),
  KycRegistry: eventsBySelector(kycRegistryAbi),
  WalletRecovery: eventsBySelector(walletRecoveryAbi),
};

/** Never throws and never drops: what cannot be decoded stays as a raw log. */
export function decode(log: RawLog, contracts: Contracts): DecodedLog {
  const contract = contractAt(log.address, contracts);
  const known = events[contract].get(log.topics[0] ?? "0x");
  if (known === undefined) return { log, event: null };
  const topics = [...log.topics] as [Hex, ...Hex[]];
  try {
    // The ABI cut down to the one event: viem would otherwise hash every signature again for each log.
    const decoded = decodeEventLog({ abi: [known], topics, data: log.data });
    return { log, event: { contract, ...decoded } as unknown as KnownEvent };
  } catch {
    // The same signature with other indexed members: not the event that we know.
    return { log, event: null };
  }
}

/** What is watched and is none of the three is a pool. */
function contractAt(address: Address, { loanBook, kycRegistry, walletRecovery }: Contracts): ContractName {
  if (address === loanBook) return "LoanBook";
  if (address === kycRegistry) return "KycRegistry";
  return address === walletRecovery ? "WalletRecovery" : "LendingPool";
}

function eventsBySelector(abi: Abi): Map<Hex, AbiEvent> {
  const entries = abi.filter((entry): entry is AbiEvent => entry.type === "event");
  return new Map(entries.map((event) => [toEventSelector(event), event]));
}
