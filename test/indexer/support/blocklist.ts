import { type Address, concat, type Hex } from "viem";
import type { Institution } from "./institution.ts";

/** Where the token's own code waits meanwhile. */
const SHELTER: Address = `0x${"5e".repeat(20)}`;

/**
 * While `work` runs, the currency refuses to move anything to `account` by `transferFrom`, as one with a block-list does;
 * everything else goes to its own code.
 */
export async function whileBlocked<T>(
  { client, rpc, dollar }: Institution,
  account: Address,
  work: () => Promise<T>,
): Promise<T> {
  const code = await client.getCode({ address: dollar.address });
  if (code === undefined) throw new Error("the currency has no code");
  await rpc("anvil_setCode", SHELTER, code);
  await rpc("anvil_setCode", dollar.address, refusing(account));
  try {
    return await work();
  } finally {
    await rpc("anvil_setCode", dollar.address, code);
  }
}

/** Reverts for `transferFrom(_, account, _)` and delegates everything else to `SHELTER`. */
function refusing(account: Address): Hex {
  return concat([
    // 00: the selector is transferFrom's and its second argument is `account` -> 55
    ...(["0x6323b872dd", "0x5f3560e01c14", "0x73", account, "0x6024351416", "0x605557"] as const),
    // 28: calldata -> memory; delegatecall(gas, SHELTER, 0, size, 0, 0); returndata -> memory; success -> 51
    ...(["0x365f5f37", "0x5f5f365f", "0x73", SHELTER, "0x5af4", "0x3d5f5f3e", "0x605157"] as const),
    // 4e: revert with what came back; 51: return it; 55: revert with nothing
    ...(["0x3d5ffd", "0x5b3d5ff3", "0x5b5f5ffd"] as const),
  ]);
}
