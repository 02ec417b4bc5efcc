import type { Address, Block, Hash, Log, PublicClient } from "viem";
import {
  BaseError,
  HttpRequestError,
  MethodNotFoundRpcError,
  MethodNotSupportedRpcError,
  TimeoutError,
} from "viem";
import { lendingPoolAbi } from "../../chain/abi.ts";
import { classify, RetryableError } from "../errors.ts";
import { abortable } from "../pause.ts";
import type { Header, PoolQuote, RawLog } from "./types.ts";

/** The chain as one node tells it. Every call throws RetryableError or FatalError, or the signal's reason. */
export interface ChainNode {
  head(): Promise<Header>;
  /** In the order of `numbers`. A block that the node does not have (any more) is a RetryableError. */
  headers(numbers: readonly bigint[]): Promise<Header[]>;
  logsOfRange(addresses: readonly Address[], from: bigint, to: bigint): Promise<RawLog[]>;
  logsOfBlock(addresses: readonly Address[], blockHash: Hash): Promise<RawLog[]>;
  /** How many logs of `addresses` the block's receipts hold; null when the node cannot tell. */
  countInReceipts(addresses: readonly Address[], header: Header): Promise<number | null>;
  /** Null when the contract or a node without that block's state gives no answer. */
  quoteOf(pool: Address, blockHash: Hash): Promise<PoolQuote | null>;
}

export function createNode(client: PublicClient, signal: AbortSignal): ChainNode {
  let knowsBlockReceipts = true;

  const ask = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await abortable(call, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw failure(error);
    }
  };

  return {
    async head() {
      return toHeader(await ask(client.getBlock({ blockTag: "latest" })));
    },
    async headers(numbers) {
      const blocks = await ask(Promise.all(numbers.map((blockNumber) => client.getBlock({ blockNumber }))));
      return blocks.map((block, index) => {
        const header = toHeader(block);
        if (header.number === numbers[index]) return header;
        throw new RetryableError("chain", `asked for block ${numbers[index]}, got ${header.number}`);
      });
    },
    async logsOfRange(addresses, from, to) {
      const logs = await ask(client.getLogs({ address: [...addresses], fromBlock: from, toBlock: to }));
      return logs.map(toRawLog);
    },
    async logsOfBlock(addresses, blockHash) {
      const logs = await ask(client.getLogs({ address: [...addresses], blockHash }));
      return logs.map(toRawLog);
    },
    async countInReceipts(addresses, { hash }) {
      if (!knowsBlockReceipts) return null;
      const watched = new Set<string>(addresses);
      try {
        const receipts = await abortable(
          client.request({ method: "eth_getBlockReceipts", params: [hash] }),
          signal,
        );
        const logs = (receipts ?? []).flatMap((receipt) => receipt.logs);
        return logs.filter(({ address }) => watched.has(address.toLowerCase())).length;
      } catch (error) {
        if (signal.aborted) throw error;
        if (!isUnknownMethod(error)) throw failure(error);
        knowsBlockReceipts = false;
        return null;
      }
    },
    async quoteOf(pool, blockHash) {
      const at = { address: pool, abi: lendingPoolAbi, blockHash, requireCanonical: true } as const;
      try {
        const [recognised, provisions, exitDeduction] = await abortable(
          Promise.all([
            client.readContract({ ...at, functionName: "recognised" }),
            client.readContract({ ...at, functionName: "provisions" }),
            client.readContract({ ...at, functionName: "exitDeduction" }),
          ]),
          signal,
        );
        return { pool, recognised, provisions, exitDeduction };
      } catch (error) {
        if (signal.aborted) throw error;
        if (isOutage(error)) throw failure(error);
        return null;
      }
    },
  };
}

/** What is not viem's own error was thrown while it read an answer that is no answer, such as null for a list. */
function failure(error: unknown): Error {
  if (error instanceof BaseError) return classify(error);
  return new RetryableError("chain", "chain: the node's answer cannot be read", { cause: error });
}

/** The node did not answer at all. */
function isOutage(error: unknown): boolean {
  const noAnswer = (cause: unknown) => cause instanceof HttpRequestError || cause instanceof TimeoutError;
  return error instanceof BaseError && error.walk(noAnswer) !== null;
}

function isUnknownMethod(error: unknown): boolean {
  return error instanceof MethodNotFoundRpcError || error instanceof MethodNotSupportedRpcError;
}

function toHeader(block: Block): Header {
  const { number, hash, parentHash, timestamp, logsBloom } = block;
  if (number === null || hash === null)
    throw new RetryableError("chain", "the node gave a block that is not mined");
  return { number, hash, parentHash, time: timestamp, logsBloom: logsBloom ?? "0x" };
}

function toRawLog(log: Log): RawLog {
  const { blockNumber, blockHash, transactionHash, transactionIndex, logIndex } = log;
  const pending =
    blockNumber === null ||
    blockHash === null ||
    transactionHash === null ||
    transactionIndex === null ||
    logIndex === null;
  if (pending || log.removed)
    throw new RetryableError("chain", "the node gave a log that is not in the chain");
  return {
    blockNumber,
    blockHash,
    txHash: transactionHash,
    txIndex: transactionIndex,
    logIndex,
    address: lowerCase(log.address),
    topics: log.topics,
    data: log.data,
  };
}

/** Addresses are compared and stored in one form: nodes differ in how they print them. */
export function lowerCase(address: Address): Address {
  return address.toLowerCase() as Address;
}
