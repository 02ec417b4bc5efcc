import { randomUUID } from "node:crypto";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectOwner } from "../../platform/database.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { startPostgresProcess } from "../../scripts/local/postgres.ts";
import { cleanUpLater } from "./cleanup.ts";

/** A real Postgres in a temporary folder, shared by all tests of one mocha process, gone when they are over. */
export interface TestPostgres {
  /** libpq URL of the owner, who may do everything, in the database `ahadi`, which all tests share. */
  url: string;
  pid: number;
}

let cluster: Promise<TestPostgres> | undefined;

/** Starts the cluster at the first call; `durable: false` (no fsync) is the default here. */
export function startPostgres(options: { durable?: boolean } = {}): Promise<TestPostgres> {
  cluster ??= start(options.durable ?? false);
  return cluster;
}

async function start(durable: boolean): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), "ahadi-postgres-"));
  const removal = cleanUpLater({ folder: dataDir });
  // Others must be able to walk through: as root, Postgres runs as another user.
  await chmod(dataDir, 0o755);
  const postgres = await startPostgresProcess({
    dataDir,
    port: await freePort(),
    durable,
    logDir: join(dataDir, "logs"),
    onSpawn: (_name, pid) => removal.addPid(pid),
  });
  removal.setStop(() => postgres.stop());
  return { url: await postgres.database("ahadi"), pid: postgres.child.pid };
}

/** An empty database of its own for a test, in the shared cluster. */
export async function freshDatabase(): Promise<{ url: string; name: string; drop(): Promise<void> }> {
  const { url } = await startPostgres();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const asOwner = async (statement: string): Promise<void> => {
    const client = await connectOwner(url, "test");
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await asOwner(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, name, drop: () => asOwner(`drop database if exists ${name} with (force)`) };
}
