import pg from "pg";
import { AhadiError } from "./errors.ts";

/** Who writes the mirror, and who serves it. Neither can log in; the owner takes one of them on for a connection. */
const ROLES = ["ahadi_indexer", "ahadi_backend"] as const;

/** PostgreSQL error codes. */
const DUPLICATE_OBJECT = "42710";
const UNIQUE_VIOLATION = "23505";
const INSUFFICIENT_PRIVILEGE = "42501";
const TUPLE_CONCURRENTLY_UPDATED = "XX000";

/**
 * Creates the roles and lets the current user take them on.
 * Roles belong to the whole cluster, so a lock in this database does not keep another database's migration away:
 * losing the race is an ordinary outcome. Throws AhadiError `database_roles` when the user may not do it.
 */
export async function ensureRoles(client: pg.Client): Promise<void> {
  for (const role of ROLES) {
    try {
      await attempt(client, `create role ${role} nologin`, [DUPLICATE_OBJECT, UNIQUE_VIOLATION], async () => {
        const { rowCount } = await client.query("select from pg_roles where rolname = $1", [role]);
        return rowCount === 1;
      });
      await attempt(
        client,
        `grant ${role} to current_user`,
        [UNIQUE_VIOLATION, TUPLE_CONCURRENTLY_UPDATED],
        () => maySetRole(client, role),
      );
    } catch (cause) {
      if (codeOf(cause) !== INSUFFICIENT_PRIVILEGE) throw cause;
      throw new AhadiError("database_roles", `the database user may not create or take on the role ${role}`, {
        hint: `let an administrator run: create role ${role} nologin; grant ${role} to <user>`,
        cause,
      });
    }
  }
}

/** Runs `statement` unless `done` already holds; the listed errors mean that somebody else was quicker. */
async function attempt(
  client: pg.Client,
  statement: string,
  raceCodes: string[],
  done: () => Promise<boolean>,
): Promise<void> {
  for (;;) {
    if (await done()) return;
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if (!raceCodes.includes(codeOf(error) ?? "")) throw error;
    }
  }
}

/** Since Postgres 16 membership alone does not allow `set role`, and there is a privilege type that asks for just that. */
async function maySetRole(client: pg.Client, role: string): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select pg_has_role(current_user, $1::name,
       case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) as may`,
    [role],
  );
  return rows[0]?.may === true;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
