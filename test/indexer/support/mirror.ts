import type pg from "pg";
import { columnsOf, tableNames } from "../../../indexer/project/tables.ts";
import { openPool } from "../../../platform/database.ts";

/** Runs `work` with a pool on the mirror, as the owner. */
export async function withDatabase<T>(databaseUrl: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = openPool(databaseUrl, { role: "owner", applicationName: "test", max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

export async function ask<R extends pg.QueryResultRow>(
  databaseUrl: string,
  sql: string,
  values: unknown[] = [],
): Promise<R[]> {
  return await withDatabase(databaseUrl, async (pool) => (await pool.query<R>(sql, values)).rows);
}

const VIEWS = [
  "loan_state",
  "instalment_state",
  "pool_now",
  "pool_limits_now",
  "redemption",
  "claimable",
  "share_flow",
  "currency_state",
  "note_owner",
  "recorder_now",
  "held_now",
  "kyc_now",
  "recovery_request_now",
  "recovery_approval_now",
];

/**
 * Everything that follows from the chain, as text: blocks with logs, the journal, all facts and all views. Blocks
 * without logs are left out: which of their headers are kept depends on the way they were read.
 */
export async function dump(databaseUrl: string): Promise<Record<string, string[]>> {
  return await withDatabase(databaseUrl, async (pool) => {
    const read = async (sql: string): Promise<string[]> =>
      (await pool.query<{ row: string }>(sql)).rows.map(({ row }) => row);
    const content: Record<string, string[]> = {
      block: await read(
        `select b::text as row from chain.block b
         where exists (select from chain.log l where l.block_number = b.number) order by b.number`,
      ),
    };
    for (const table of tableNames) {
      const names = columnsOf(table).map(([name]) => name);
      content[table] = await read(
        `select row(${names.join(", ")})::text as row from chain.${table} order by 1`,
      );
    }
    for (const view of VIEWS)
      content[view] = await read(`select v::text as row from chain.${view} v order by 1`);
    return content;
  });
}

/** Waits until `condition` holds, looking often. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
