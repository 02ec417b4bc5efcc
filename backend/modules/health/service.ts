import { notReady } from "../../problems.ts";
import { parseRaw } from "../../raw.ts";
import type { Context } from "../../route.ts";
import { progress } from "./repository.ts";
import { progressRow } from "./schema.ts";

/** Says how far the mirror is, or throws `not_ready` with the reason. */
export async function readiness({ pool, maxLagBlocks, maxHeadAgeS }: Context) {
  const found = await progress(pool);
  if (!found) throw notReady("no_checkpoint");
  const row = parseRaw(progressRow, found);
  const lagBlocks = Math.max(0, row.head_number - row.block_number);
  if (lagBlocks > maxLagBlocks) throw notReady("indexer_behind", lagBlocks);
  if (row.head_age_s > maxHeadAgeS) throw notReady("head_not_seen", lagBlocks);
  return {
    status: "ready" as const,
    block_number: row.block_number,
    block_hash: row.block_hash,
    block_time: new Date(row.block_time * 1000).toISOString(),
    head_number: Math.max(row.head_number, row.block_number),
    lag_blocks: lagBlocks,
    head_age_seconds: row.head_age_s,
  };
}
