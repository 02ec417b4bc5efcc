import pg from "pg";
import { AhadiError, describeError } from "./errors.ts";
import { log } from "./log.ts";

/** `owner` is the user of the URL itself; the other two are roles that this user may take on. */
export type Role = "ahadi_indexer" | "ahadi_backend" | "owner";

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * A pool whose every connection works as `role` from its first statement on.
 *
 * int8 and numeric arrive as decimal strings (the driver's default, relied on here): a double would lose cents.
 * A pool does not connect by itself; call `checkDatabase` first for a clear error when nobody is there.
 */
export function openPool(
  databaseUrl: string,
  options: { role: Role; applicationName: string; max?: number },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: withRole(databaseUrl, options.role),
    application_name: options.applicationName,
    max: options.max ?? 8,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  // Without listeners a connection that breaks would end the process: while it is idle the pool speaks for it, while it
  // is in use only the connection itself does. The query under way, or the next one, reports the failure anyway.
  pool.on("error", (error) => log.warn(`database connection lost: ${error.message}`));
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/**
 * Our statements look at few rows by many indexes: Postgres takes them for dear ones and compiles them, which costs more
 * than running them (one loan: 13 ms instead of 2).
 */
const NO_JIT = "-c jit=off";

/**
 * The role travels in the startup packet: no round trip for a connection, and none that could be used before it is set.
 * Options that the URL already carries stay.
 */
function withRole(databaseUrl: string, role: Role): string {
  if (role === "owner") return databaseUrl;
  const url = new URL(databaseUrl);
  const before = url.searchParams.get("options");
  url.searchParams.set("options", [before, `-c role=${role}`, NO_JIT].filter(Boolean).join(" "));
  return url.href;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** One connection as the owner, for migrations and checks. Throws AhadiError `database_unreachable`. */
export async function connectOwner(databaseUrl: string, applicationName = "ahadi"): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw unreachable(databaseUrl, error);
  }
  return client;
}

/** Connects once and leaves. Throws AhadiError `database_unreachable`. */
export async function checkDatabase(databaseUrl: string): Promise<void> {
  const client = await connectOwner(databaseUrl);
  await client.end();
}

function unreachable(databaseUrl: string, cause: unknown): AhadiError {
  const { message } = describeError(cause);
  return new AhadiError(
    "database_unreachable",
    `no database answers at ${withoutPassword(databaseUrl)}: ${message}`,
    {
      hint: "check AHADI_DATABASE_URL (--database-url) and that Postgres runs",
      cause,
    },
  );
}

/** The URL as it may be shown and logged. */
export function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = "";
  url.searchParams.delete("password");
  return url.href;
}
