import type pg from "pg";
import { openPool } from "../../platform/database.ts";
import { log } from "../../platform/log.ts";
import { pause } from "../pause.ts";

/** "ahadi" and "mirror" in ASCII, cut to an int4: which lock it is does not matter, only that all indexers agree. */
const LOCK = [0x61686164, 0x6d697272];
const STANDBY_MS = 250;

/**
 * Runs `work` as the only writer of the mirror in this database.
 *
 * The lock belongs to the session of the very connection that writes: a writer that lost its connection lost its lock,
 * and cannot write any more. There is no time span to wait for and no zombie. Another indexer stands by meanwhile.
 */
export async function asWriter<T>(
  databaseUrl: string,
  signal: AbortSignal,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const pool = openPool(databaseUrl, { role: "ahadi_indexer", applicationName: "ahadi indexer", max: 1 });
  try {
    const client = await pool.connect();
    // A broken connection also fails the query at hand or the next one; unheard, this event would end the process.
    client.on("error", () => {});
    try {
      await takeLock(client, signal);
      return await work(client);
    } finally {
      // Closing the connection gives the lock back and rolls back what was not committed.
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

async function takeLock(client: pg.ClientBase, signal: AbortSignal): Promise<void> {
  // Asked again and again instead of waiting inside Postgres: so a signal to stop is heard while standing by.
  for (let attempt = 0; !(await tryLock(client)); attempt++) {
    if (attempt === 0) log.info("another indexer writes this mirror: standing by");
    await pause(STANDBY_MS, signal);
  }
}

async function tryLock(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "select pg_try_advisory_lock($1, $2) as locked",
    LOCK,
  );
  return rows[0]?.locked === true;
}

/** All or nothing. */
export async function transaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    // When this fails too, the connection is gone and Postgres rolls back by itself.
    await client.query("rollback").catch(() => {});
    throw error;
  }
}
