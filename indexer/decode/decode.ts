import {
  type Abi,
  type AbiEvent,
  type Address,
  type DecodeEventLogReturnType,
  decodeEventLog,
  type Hex,
  toEventSelector,
} from "viem";
import { lendingPoolAbi, loanBookAbi } from "../../chain/abi.ts";
import type { RawLog } from "../source/types.ts";

type LoanBookEvent = DecodeEventLogReturnType<typeof loanBookAbi> & { contract: "LoanBook" };
type LendingPoolEvent = DecodeEventLogReturnType<typeof lendingPoolAbi> & { contract: "LendingPool" };
export type KnownEvent = LoanBookEvent | LendingPoolEvent;

/** A log and what it says; null when the contract's ABI does not know the event. */
export interface DecodedLog {
  log: RawLog;
  event: KnownEvent | null;
}

const loanBookEvents = eventsBySelector(loanBookAbi);
const lendingPoolEvents = eventsBySelector(lendingPoolAbi);

/** Never throws and never drops: what cannot be decoded stays as a raw log. */
export function decode(log: RawLog, loanBook: Address): DecodedLog {
  const isLoanBook = log.address === loanBook;
  const known = (isLoanBook ? loanBookEvents : lendingPoolEvents).get(log.topics[0] ?? "0x");
  if (known === undefined) return { log, event: null };
  const encoded = { topics: [...log.topics] as [Hex, ...Hex[]], data: log.data };
  try {
    // The ABI cut down to the one event: viem would otherwise hash every signature again for each log.
    const event = isLoanBook
      ? {
          contract: "LoanBook",
          ...decodeEventLog({ abi: [known] as unknown as typeof loanBookAbi, ...encoded }),
        }
      : {
          contract: "LendingPool",
          ...decodeEventLog({ abi: [known] as unknown as typeof lendingPoolAbi, ...encoded }),
        };
    return { log, event: event as KnownEvent };
  } catch {
    // The same signature with other indexed members: not the event that we know.
    return { log, event: null };
  }
}

function eventsBySelector(abi: Abi): Map<Hex, AbiEvent> {
  const events = abi.filter((entry): entry is AbiEvent => entry.type === "event");
  return new Map(events.map((event) => [toEventSelector(event), event]));
}
