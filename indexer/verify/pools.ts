import type pg from "pg";
import type { Address } from "viem";
import { lendingPoolAbi, loanBookAbi } from "../../chain/abi.ts";
import type { StorageInput } from "./loans.ts";
import { type MirroredPool, readPoolRows } from "./rows.ts";

/** Compares every mirrored pool with its contract's storage. Returns how many there were. */
export async function comparePools(input: StorageInput): Promise<number> {
  const pools = await readPoolRows(input.database);
  for (const pool of pools) {
    // What is not a pool need not have a pool's functions.
    if (!(await isRegistered(input, pool.address))) continue;
    await compareBooks(input, pool);
    await compareLimits(input, pool.address);
    await compareRedemptions(input, pool.address);
    await compareClaims(input, pool.address);
    await compareQuote(input, pool.address);
  }
  return pools.length;
}

const at = ({ blockHash }: StorageInput, address: Address) =>
  ({ address, abi: lendingPoolAbi, blockHash, requireCanonical: true }) as const;

async function isRegistered(input: StorageInput, pool: Address): Promise<boolean> {
  const { client, blockHash, contracts, findings } = input;
  const registered = await client.readContract({
    ...{ address: contracts.loanBook, abi: loanBookAbi, blockHash, requireCanonical: true },
    functionName: "isPool",
    args: [pool],
  });
  findings.compare("pool", pool, "registered", true, registered);
  return registered;
}

async function compareBooks(input: StorageInput, pool: MirroredPool): Promise<void> {
  const { client, findings } = input;
  const pointed = at(input, pool.address);
  const [books, totalSupply, utcOffset, asset, paused] = await Promise.all([
    client.readContract({ ...pointed, functionName: "books" }),
    client.readContract({ ...pointed, functionName: "totalSupply" }),
    client.readContract({ ...pointed, functionName: "utcOffset" }),
    client.readContract({ ...pointed, functionName: "asset" }),
    client.readContract({ ...pointed, functionName: "paused" }),
  ]);
  const same = (
    field: string,
    mirror: string | number | boolean,
    chain: string | number | bigint | boolean,
  ): void => findings.compare("pool", pool.address, field, mirror, chain);
  same("cash", pool.cash, books.cash);
  same("outstanding", pool.outstanding, books.outstanding);
  same("interestReceived", pool.interest_received, books.interestReceived);
  same("fees", pool.fees, books.fees);
  same("held", pool.held, books.held);
  same("funded", pool.funded, books.funded);
  same("reserved", pool.reserved, books.reserved);
  same("cover", pool.cover, books.cover);
  same("uncovered", pool.uncovered, books.uncovered);
  same("coverBefore", pool.cover_before, books.coverBefore);
  same("totalSupply", pool.total_supply, totalSupply);
  same("utcOffset", pool.utc_offset_s, utcOffset);
  same("asset", pool.currency, asset);
  same("paused", pool.paused, paused);
}

interface Limits extends pg.QueryResultRow {
  one_approval_up_to: string;
  max_principal: string;
  max_per_borrower: string;
  max_outstanding: string;
  rate_capacity: string;
  rate_window_s: string;
  max_term_days: number;
  max_cost_bps: string;
}

/** Without a row nothing was ever set, and every limit is 0. */
async function compareLimits(input: StorageInput, pool: Address): Promise<void> {
  const { rows } = await input.database.query<Limits>("select * from chain.pool_limits_now where pool = $1", [
    bytesOf(pool),
  ]);
  const [limits] = rows;
  const stored = await input.client.readContract({ ...at(input, pool), functionName: "limits" });
  const same = (field: string, mirror: string | number | undefined, chain: bigint | number): void =>
    input.findings.compare("pool", pool, `limits.${field}`, mirror ?? 0, chain);
  same("oneApprovalUpTo", limits?.one_approval_up_to, stored.oneApprovalUpTo);
  same("maxPrincipal", limits?.max_principal, stored.maxPrincipal);
  same("maxPerBorrower", limits?.max_per_borrower, stored.maxPerBorrower);
  same("maxOutstanding", limits?.max_outstanding, stored.maxOutstanding);
  same("rateCapacity", limits?.rate_capacity, stored.rateCapacity);
  same("rateWindow", limits?.rate_window_s, stored.rateWindow);
  same("maxTermDays", limits?.max_term_days, stored.maxTermDays);
  same("maxCostBps", limits?.max_cost_bps, stored.maxCostBps);
}

interface WaitingRequest extends pg.QueryResultRow {
  request_id: string;
  controller: Address;
  pending_shares: string;
}

interface Queue extends pg.QueryResultRow {
  last: string;
  next: string;
  pending: string;
}

/** The queue as a whole, and each request that still waits. */
async function compareRedemptions(input: StorageInput, pool: Address): Promise<void> {
  const { client, database, findings } = input;
  const pointed = at(input, pool);
  const { rows: queues } = await database.query<Queue>(
    `select coalesce(max(request_id), 0) as last, coalesce(sum(pending_shares), 0) as pending,
       case when count(*) = 0 then 0
         else coalesce(min(request_id) filter (where pending_shares > 0), max(request_id) + 1) end as next
     from chain.redemption where pool = $1`,
    [bytesOf(pool)],
  );
  const [next, last, pending] = await client.readContract({ ...pointed, functionName: "redemptionQueue" });
  findings.compare("pool", pool, "redemptions.next", queues[0]?.next, next);
  findings.compare("pool", pool, "redemptions.last", queues[0]?.last, last);
  findings.compare("pool", pool, "redemptions.pendingShares", queues[0]?.pending, pending);

  const { rows: waiting } = await database.query<WaitingRequest>(
    `select request_id, chain.hex(controller) as controller, pending_shares
     from chain.redemption where pool = $1 and pending_shares > 0 order by request_id`,
    [bytesOf(pool)],
  );
  for (const { request_id, controller, pending_shares } of waiting) {
    const args = [BigInt(request_id), controller] as const;
    const shares = await client.readContract({ ...pointed, functionName: "pendingRedeemRequest", args });
    findings.compare("redemption", `${pool} ${request_id}`, "pendingShares", pending_shares, shares);
  }
}

interface Claim extends pg.QueryResultRow {
  controller: Address;
  shares: string;
  assets: string;
}

/** What was fulfilled and not claimed, for everybody who ever requested. */
async function compareClaims(input: StorageInput, pool: Address): Promise<void> {
  const { rows } = await input.database.query<Claim>(
    `select chain.hex(q.controller) as controller, coalesce(c.shares, 0) as shares, coalesce(c.assets, 0) as assets
     from (select distinct pool, controller from chain.redemption_request where pool = $1) q
     left join chain.claimable c on c.pool = q.pool and c.controller = q.controller
     order by q.controller`,
    [bytesOf(pool)],
  );
  const pointed = at(input, pool);
  for (const { controller, shares, assets } of rows) {
    const [maxRedeem, maxWithdraw] = await Promise.all([
      input.client.readContract({ ...pointed, functionName: "maxRedeem", args: [controller] }),
      input.client.readContract({ ...pointed, functionName: "maxWithdraw", args: [controller] }),
    ]);
    input.findings.compare("claim", `${pool} ${controller}`, "shares", shares, maxRedeem);
    input.findings.compare("claim", `${pool} ${controller}`, "assets", assets, maxWithdraw);
  }
}

interface Quote extends pg.QueryResultRow {
  recognised: string;
  provisions: string;
  exit_deduction: string;
}

/** There is none while the mirror was far from the head. */
async function compareQuote(input: StorageInput, pool: Address): Promise<void> {
  const { rows } = await input.database.query<Quote>(
    `select q.recognised, q.provisions, q.exit_deduction
     from chain.pool_quote q join chain.checkpoint c on c.block_number = q.block_number where q.pool = $1`,
    [bytesOf(pool)],
  );
  const [quote] = rows;
  if (quote === undefined) return;
  const pointed = at(input, pool);
  const [recognised, provisions, exitDeduction] = await Promise.all([
    input.client.readContract({ ...pointed, functionName: "recognised" }),
    input.client.readContract({ ...pointed, functionName: "provisions" }),
    input.client.readContract({ ...pointed, functionName: "exitDeduction" }),
  ]);
  input.findings.compare("pool", pool, "recognised", quote.recognised, recognised);
  input.findings.compare("pool", pool, "provisions", quote.provisions, provisions);
  input.findings.compare("pool", pool, "exitDeduction", quote.exit_deduction, exitDeduction);
}

function bytesOf(address: Address): Buffer {
  return Buffer.from(address.slice(2), "hex");
}
