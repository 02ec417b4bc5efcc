import type { Address, TransactionReceipt } from "viem";
import { lendingPoolAbi, testDollarAbi } from "./abi.ts";
import type { Sender } from "./send.ts";

/** Puts `assets` base units into a pool with an allowance for exactly that. */
export async function deposit(sender: Sender, pool: Address, assets: bigint): Promise<TransactionReceipt> {
  await allow(sender, pool, assets);
  const args = [assets, sender.account.address];
  return await sender.send({ address: pool, abi: lendingPoolAbi, functionName: "deposit", args });
}

/** Adds `assets` base units to a pool's first-loss cover. */
export async function depositCover(
  sender: Sender,
  pool: Address,
  assets: bigint,
): Promise<TransactionReceipt> {
  await allow(sender, pool, assets);
  return await sender.send({
    address: pool,
    abi: lendingPoolAbi,
    functionName: "depositCover",
    args: [assets],
  });
}

/** Hands the sender's `shares` in: they wait for their turn, and come to the price of that moment. */
export async function requestRedeem(
  sender: Sender,
  pool: Address,
  shares: bigint,
): Promise<TransactionReceipt> {
  const { address } = sender.account;
  const args = [shares, address, address];
  return await sender.send({ address: pool, abi: lendingPoolAbi, functionName: "requestRedeem", args });
}

async function allow(sender: Sender, pool: Address, assets: bigint): Promise<void> {
  const currency = await sender.client.readContract({
    address: pool,
    abi: lendingPoolAbi,
    functionName: "asset",
  });
  await sender.send({ address: currency, abi: testDollarAbi, functionName: "approve", args: [pool, assets] });
}
