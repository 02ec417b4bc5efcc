import type pg from "pg";
import type { Address, Hash } from "viem";
import { FatalError, RetryableError } from "../errors.ts";
import type { Facts } from "../project/tables.ts";
import type { Batch, Header, PoolQuote } from "../source/types.ts";
import { bytes, insertHeaders, type StoredHeader } from "./headers.ts";
import { insertFacts } from "./rows.ts";
import { transaction } from "./writer.ts";

export async function readCheckpoint(client: pg.ClientBase): Promise<StoredHeader> {
  const { rows } = await client.query<{ block_number: string; block_hash: Hash }>(
    "select block_number, chain.hex(block_hash) as block_hash from chain.checkpoint",
  );
  const [row] = rows;
  if (row === undefined)
    throw new FatalError("the mirror has lost its checkpoint: rebuild it in a new database");
  return { number: BigInt(row.block_number), hash: row.block_hash };
}

export async function readPools(client: pg.ClientBase): Promise<Address[]> {
  const { rows } = await client.query<{ address: Address }>(
    "select chain.hex(address) as address from chain.pool",
  );
  return rows.map(({ address }) => address);
}

/** Where the chain was last seen to be. Not a part of any block's facts, so it moves on its own. */
export async function writeHead(client: pg.ClientBase, head: Header): Promise<void> {
  await client.query(
    "update chain.checkpoint set head_number = $1, head_time = $2, head_seen_at = clock_timestamp()",
    [head.number, head.time],
  );
}

/** Headers, journal, facts, quotes at its end, checkpoint and notification of a batch: all of it or nothing. */
export async function commitBatch(
  client: pg.ClientBase,
  before: StoredHeader,
  batch: Batch,
  facts: Facts,
  quotes: readonly PoolQuote[],
): Promise<void> {
  await transaction(client, async () => {
    await insertHeaders(client, batch.headers);
    await insertFacts(client, facts);
    if (facts.payment.length > 0) await checkPayments(client, before.number);
    await replaceQuotes(client, batch.end, quotes);
    await moveCheckpoint(client, before, batch.end);
  });
}

/** Undoes everything above `ancestor`; the foreign keys take journal and facts along. */
export async function commitReorg(
  client: pg.ClientBase,
  before: StoredHeader,
  ancestor: Header,
): Promise<void> {
  await transaction(client, async () => {
    // A fork as deep as the mirror takes as long as it takes: a limit would only make it begin again for ever.
    await client.query("set local statement_timeout = 0");
    await client.query("delete from chain.block where number > $1 or (number = $1 and hash <> $2)", [
      ancestor.number,
      bytes(ancestor.hash),
    ]);
    // Only the anchor, the block before the deployment, is ever replaced: every other ancestor is one that we have.
    await client.query(
      `insert into chain.block (number, hash, parent_hash, time) values ($1, $2, $3, $4) on conflict do nothing`,
      [ancestor.number, bytes(ancestor.hash), bytes(ancestor.parentHash), ancestor.time],
    );
    await moveCheckpoint(client, before, ancestor);
  });
}

/** `before` is a fence: if the checkpoint is not where this writer left it, somebody else wrote. */
async function moveCheckpoint(client: pg.ClientBase, before: StoredHeader, after: Header): Promise<void> {
  const { rowCount } = await client.query(
    `with moved as (
       update chain.checkpoint
       set block_number = $1, block_hash = $2, block_time = $3, updated_at = clock_timestamp(),
         head_number = greatest(head_number, $1)
       where block_number = $4 and block_hash = $5
       returning block_number
     )
     select pg_notify('ahadi_chain', block_number::text) from moved`,
    [after.number, bytes(after.hash), after.time, before.number, bytes(before.hash)],
  );
  if (rowCount !== 1) throw new RetryableError("database", "the checkpoint was moved by somebody else");
}

/** Older ones are of no use: figures that move with time are shown as of the newest block alone. */
async function replaceQuotes(
  client: pg.ClientBase,
  end: Header,
  quotes: readonly PoolQuote[],
): Promise<void> {
  await client.query("delete from chain.pool_quote");
  await client.query(
    `insert into chain.pool_quote (pool, block_number, recognised, provisions, exit_deduction)
     select pool, $1, recognised, provisions, exit_deduction
     from unnest($2::bytea[], $3::numeric[], $4::numeric[], $5::numeric[])
       as quote (pool, recognised, provisions, exit_deduction)`,
    [
      end.number,
      quotes.map(({ pool }) => bytes(pool)),
      quotes.map(({ recognised }) => recognised),
      quotes.map(({ provisions }) => provisions),
      quotes.map(({ exitDeduction }) => exitDeduction),
    ],
  );
}

/**
 * Payments are numbered without gaps and carry running totals of the version that they are made under: a gap is a log
 * that the node left out. What counts before a payment is the newest one that was not taken back by then.
 */
async function checkPayments(client: pg.ClientBase, after: bigint): Promise<void> {
  const { rows } = await client.query<{ loan_id: string; nr: number }>(
    `select chain.hex(p.loan_id) as loan_id, p.nr
     from chain.payment p
     left join lateral (
       select v.payments from chain.restructuring v
       where v.loan_id = p.loan_id and v.payments < p.nr order by v.version desc limit 1
     ) v on true
     left join lateral (
       select * from chain.payment b
       where b.loan_id = p.loan_id and b.nr < p.nr and b.nr > coalesce(v.payments, 0) and not exists (
         select from chain.reversal r
         where r.loan_id = b.loan_id and r.payment_nr = b.nr
           and (r.block_number, r.log_index) < (p.block_number, p.log_index))
       order by b.nr desc limit 1
     ) b on true
     where p.block_number > $1 and (
       (p.nr > 1 and not exists (select from chain.payment g where g.loan_id = p.loan_id and g.nr = p.nr - 1))
       or p.principal_total <> coalesce(b.principal_total, 0) + p.principal
       or p.interest_total <> coalesce(b.interest_total, 0) + p.interest
       or p.fee_total <> coalesce(b.fee_total, 0) + p.fee
       or p.penalty_total <> coalesce(b.penalty_total, 0) + p.penalty)
     limit 1`,
    [after],
  );
  const [gap] = rows;
  if (gap === undefined) return;
  throw new RetryableError(
    "chain",
    `the node left out a payment of loan ${gap.loan_id} before payment ${gap.nr}`,
  );
}
