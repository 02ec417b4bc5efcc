import { lendingPoolAbi, loanBookAbi } from "../../chain/abi.ts";
import type { StorageInput } from "./loans.ts";
import { type MirroredPool, readPoolRows } from "./rows.ts";

/** Compares every mirrored pool with its contract's storage. Returns how many there were. */
export async function comparePools(input: StorageInput): Promise<number> {
  const pools = await readPoolRows(input.database);
  for (const pool of pools) await comparePool(input, pool);
  return pools.length;
}

async function comparePool(
  { client, blockHash, loanBook, findings }: StorageInput,
  pool: MirroredPool,
): Promise<void> {
  const same = (
    field: string,
    mirror: string | number | boolean,
    chain: string | number | bigint | boolean,
  ): void => findings.compare("pool", pool.address, field, mirror, chain);
  const canonical = { blockHash, requireCanonical: true } as const;
  const registered = await client.readContract({
    ...canonical,
    address: loanBook,
    abi: loanBookAbi,
    functionName: "isPool",
    args: [pool.address],
  });
  same("registered", true, registered);
  // What is not a pool need not have a pool's functions.
  if (!registered) return;

  const at = { ...canonical, address: pool.address, abi: lendingPoolAbi } as const;
  const [cash, heldCash, outstandingPrincipal, incomeReceived, totalSupply, utcOffset, asset] =
    await Promise.all([
      client.readContract({ ...at, functionName: "cash" }),
      client.readContract({ ...at, functionName: "heldCash" }),
      client.readContract({ ...at, functionName: "outstandingPrincipal" }),
      client.readContract({ ...at, functionName: "incomeReceived" }),
      client.readContract({ ...at, functionName: "totalSupply" }),
      client.readContract({ ...at, functionName: "utcOffset" }),
      client.readContract({ ...at, functionName: "asset" }),
    ]);
  same("cash", pool.cash, cash);
  same("heldCash", pool.held_cash, heldCash);
  same("outstandingPrincipal", pool.outstanding_principal, outstandingPrincipal);
  same("incomeReceived", pool.income_received, incomeReceived);
  same("totalSupply", pool.total_supply, totalSupply);
  same("utcOffset", pool.utc_offset_s, utcOffset);
  same("asset", pool.currency, asset);
}
