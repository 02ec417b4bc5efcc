import { type Queryable, query, type Raw, type Statement } from "../../raw.ts";
import { checkpointColumn, proofObject } from "../../sql.ts";
import type { PoolAnswerRow } from "./schema.ts";

const BOOKS = [
  "cash",
  "outstanding",
  "interest_received",
  "fees",
  "held",
  "funded",
  "reserved",
  "cover",
  "uncovered",
  "cover_before",
  "total_supply",
] as const;

/** A note that was sold is somebody else's loan for good: its coming back brings the pool's books nothing. */
const SOLD = `exists (select from chain.note_deal d where d.pool = n.address and d.loan_id = l.loan_id and d.kind = 'sale')`;

/** The loans in a pool's books: those that it funded, whose note it holds and never sold. */
const loansOfPool = `
  select count(*) as loans_total,
         count(*) filter (where b.state = 'active') as loans_active,
         count(*) filter (where b.state = 'funded') as loans_funded,
         count(*) filter (where b.state = 'written_off') as loans_written_off,
         coalesce(sum(b.outstanding_principal * l.unit) filter (where b.state = 'active'), 0)::text as loans_outstanding,
         coalesce(sum(l.principal * l.unit) filter (where b.state = 'funded'), 0)::text as loans_waiting
    from chain.note_owner h
    join chain.loan l on l.loan_id = h.loan_id and l.lender = h.owner
    join chain.loan_balance b on b.loan_id = h.loan_id
   where h.owner = n.address and not ${SOLD}`;

const redemptionsOfPool = `
  select count(*) as waiting, coalesce(sum(r.pending_shares), 0)::text as pending_shares,
         min(r.request_id)::text as next_request_id
    from chain.redemption r where r.pool = n.address and r.pending_shares > 0`;

const limitsOfPool = `
  select t.one_approval_up_to::text as one_approval_up_to, t.max_principal::text as max_principal,
         t.max_per_borrower::text as max_per_borrower, t.max_outstanding::text as max_outstanding,
         t.rate_capacity::text as rate_capacity, t.rate_window_s, t.max_term_days, t.max_cost_bps,
         ${proofObject("t")} as proof
    from chain.pool_limits_now t where t.pool = n.address`;

/** Figures that move with time hold at one block: another one's would contradict the books. */
const quoteOfPool = `
  select q.recognised::text as recognised, q.provisions::text as provisions, q.exit_deduction::text as exit_deduction
    from chain.pool_quote q where q.pool = n.address and q.block_number = c.block_number`;

const selectPools = (where: string) => `
  select m.chain_id, chain.hex(m.loan_book) as loan_book, ${checkpointColumn("c")} as checkpoint,
         (select coalesce(json_agg(q order by (q.proof->>'block_number')::bigint, (q.proof->>'log_index')::integer), '[]')
            from (
              select chain.hex(n.address) as address, chain.hex(n.currency) as currency, n.symbol,
                     n.decimals as token_decimals, n.utc_offset_s, n.paused,
                     ${BOOKS.map((name) => `n.${name}::text as ${name}`).join(", ")},
                     ${proofObject("n")} as state_proof, ${proofObject("p")} as proof,
                     (select to_json(o) from (${quoteOfPool}) o) as quote,
                     (select to_json(o) from (${limitsOfPool}) o) as limits,
                     (select to_json(o) from (${redemptionsOfPool}) o) as redemptions,
                     (select to_json(o) from (${loansOfPool}) o) as loans
                from chain.pool_now n
                join chain.pool p on p.address = n.address
               ${where}
            ) q) as pools
    from chain.checkpoint c cross join chain.mirror m`;

const readPool: Statement = { name: "pool", text: selectPools("where n.address = $1") };
const readPools: Statement = { name: "pools", text: selectPools("") };

/** Undefined while there is no checkpoint. @param address 0x and 40 hexadecimal digits; all pools without it. */
export async function poolsNow(on: Queryable, address?: string): Promise<Raw<PoolAnswerRow> | undefined> {
  const [row] =
    address === undefined
      ? await query<PoolAnswerRow>(on, readPools)
      : await query<PoolAnswerRow>(on, readPool, [Buffer.from(address.slice(2), "hex")]);
  return row;
}
