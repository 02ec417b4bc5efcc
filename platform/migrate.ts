import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { connectOwner } from "./database.ts";
import { AhadiError } from "./errors.ts";
import { ensureRoles } from "./roles.ts";

/** A schema and the folder with its `NNNN_name.up.sql` files, each with its inverse `NNNN_name.down.sql`. */
export interface Room {
  schema: "chain" | "desk";
  directory: URL | string;
}

interface Migration {
  version: number;
  name: string;
  up: string;
  down: string;
  checksum: string;
}

/**
 * Brings a schema to the newest version that this code knows, one transaction a file. Creates the schema and the roles.
 * Any number of processes may call it at once; one works, the others wait and find nothing to do.
 *
 * Throws AhadiError `database_unreachable`, `schema_newer`, `migration_changed`, `migration_files`, `migration_failed`.
 */
export async function migrate(databaseUrl: string, room: Room): Promise<{ applied: string[] }> {
  const known = await readMigrations(room.directory);
  return withLock(databaseUrl, room, async (client) => {
    await ensureRoles(client);
    const done = await readApplied(client, room, known);
    const applied: string[] = [];
    for (const migration of known.filter(({ version }) => !done.includes(version))) {
      await runFile(client, room, migration, "up");
      applied.push(migration.name);
    }
    return { applied };
  });
}

/** Takes a schema back to `toVersion` (0 leaves only the empty schema), newest file first. */
export async function rollback(
  databaseUrl: string,
  room: Room,
  toVersion: number,
): Promise<{ reverted: string[] }> {
  const known = await readMigrations(room.directory);
  return withLock(databaseUrl, room, async (client) => {
    const done = await readApplied(client, room, known);
    const reverted: string[] = [];
    for (const migration of known.toReversed()) {
      if (migration.version <= toVersion || !done.includes(migration.version)) continue;
      await runFile(client, room, migration, "down");
      reverted.push(migration.name);
    }
    return { reverted };
  });
}

async function readMigrations(directory: URL | string): Promise<Migration[]> {
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const files = (await readdir(folder)).filter((file) => file.endsWith(".up.sql")).sort();
  const migrations = await Promise.all(files.map((file) => readMigration(folder, file)));
  migrations.forEach(({ version, name }, index) => {
    if (version !== index + 1) {
      throw new AhadiError(
        "migration_files",
        `migration ${name} in ${folder} should have number ${index + 1}`,
      );
    }
  });
  return migrations;
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const name = file.slice(0, -".up.sql".length);
  if (!/^\d{4}_\w+$/.test(name)) {
    throw new AhadiError("migration_files", `migration ${file} in ${folder} must be named NNNN_name.up.sql`);
  }
  const up = await readFile(join(folder, file), "utf8");
  const down = await readFile(join(folder, `${name}.down.sql`), "utf8").catch(() => {
    throw new AhadiError("migration_files", `migration ${name} in ${folder} has no inverse ${name}.down.sql`);
  });
  return { version: Number(name.slice(0, 4)), name, up, down, checksum: checksumOf(up) };
}

/** Line ends do not count: a checkout may have changed them. */
function checksumOf(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

async function withLock<T>(
  databaseUrl: string,
  room: Room,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectOwner(databaseUrl, "ahadi migrate");
  try {
    // Held by the session, not a transaction: each file commits on its own. It goes with the connection, also after a crash.
    await client.query("select pg_advisory_lock(hashtext('ahadi migrate'))");
    await client.query(`create schema if not exists ${room.schema}`);
    await client.query(`create table if not exists ${room.schema}.migration (
      version int primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The versions in the database, after checking that they are a part of what this code knows. */
async function readApplied(client: pg.Client, room: Room, known: Migration[]): Promise<number[]> {
  const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
    `select version, name, checksum from ${room.schema}.migration order by version`,
  );
  for (const row of rows) {
    const migration = known[row.version - 1];
    if (migration === undefined) {
      throw new AhadiError(
        "schema_newer",
        `the database's schema ${room.schema} has version ${row.version} (${row.name}), this code knows ${known.length}`,
        { hint: "run the newer code against this database, or choose another database" },
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new AhadiError(
        "migration_changed",
        `migration ${room.schema}/${migration.name} was changed after it had been applied to this database`,
        { hint: "restore the file and put the change into a new migration, or choose another database" },
      );
    }
  }
  return rows.map(({ version }) => version);
}

async function runFile(
  client: pg.Client,
  room: Room,
  migration: Migration,
  direction: "up" | "down",
): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration[direction]);
    if (direction === "up") {
      await client.query(
        `insert into ${room.schema}.migration (version, name, checksum) values ($1, $2, $3)`,
        [migration.version, migration.name, migration.checksum],
      );
    } else {
      await client.query(`delete from ${room.schema}.migration where version = $1`, [migration.version]);
    }
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AhadiError(
      "migration_failed",
      `migration ${room.schema}/${migration.name} ${direction}: ${reason}`,
      {
        cause,
      },
    );
  }
}
