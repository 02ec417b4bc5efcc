import { type Queryable, query, type Raw, type Statement } from "../../raw.ts";
import { checkpointColumn, proofObject } from "../../sql.ts";
import type { PoolAnswerRow } from "./schema.ts";

/** The loans of a pool are those whose note it holds now: a note that was sold is somebody else's loan. */
const selectPools = (where: string) => `
  select m.chain_id, chain.hex(m.loan_book) as loan_book, ${checkpointColumn("c")} as checkpoint,
         (select coalesce(json_agg(q order by (q.proof->>'block_number')::bigint, (q.proof->>'log_index')::integer), '[]')
            from (
              select chain.hex(n.address) as address, chain.hex(n.currency) as currency, n.symbol,
                     n.decimals as token_decimals, n.utc_offset_s, n.cash::text as cash, n.held_cash::text as held_cash,
                     n.outstanding_principal::text as outstanding_principal,
                     n.income_received::text as income_received, n.total_supply::text as total_supply,
                     ${proofObject("n")} as state_proof, ${proofObject("p")} as proof,
                     o.loans_total, o.loans_active, o.loans_outstanding::text as loans_outstanding
                from chain.pool_now n
                join chain.pool p on p.address = n.address
               cross join lateral (
                     select count(*) as loans_total,
                            count(*) filter (where s.state = 'active') as loans_active,
                            coalesce(sum(s.outstanding_principal * l.unit), 0) as loans_outstanding
                       from chain.note_owner h
                       join chain.loan l on l.loan_id = h.loan_id
                       join chain.loan_state s on s.loan_id = h.loan_id
                      where h.owner = n.address
                     ) o
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
