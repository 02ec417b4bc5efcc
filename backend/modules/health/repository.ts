import { type Queryable, query, type Raw, type Statement } from "../../raw.ts";
import type { Progress } from "./schema.ts";

/**
 * The age is taken by the database's clock, which also stamped `head_seen_at`: a server whose own clock is wrong
 * does not call a healthy mirror stale.
 */
const readProgress: Statement = {
  name: "health_progress",
  text: `
    select block_number, chain.hex(block_hash) as block_hash, block_time, head_number,
           greatest(0, extract(epoch from clock_timestamp() - head_seen_at))::float8 as head_age_s
      from chain.checkpoint`,
};

export async function progress(on: Queryable): Promise<Raw<Progress> | undefined> {
  const [row] = await query<Progress>(on, readProgress);
  return row;
}
