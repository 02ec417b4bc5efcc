import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { checkDatabase, connectOwner } from "../../platform/database.ts";
import { AhadiError } from "../../platform/errors.ts";
import { type Account, postgresAccount } from "./account.ts";
import { type Child, describeExit, startChild, waitUntilReady } from "./child.ts";
import { placeCluster } from "./placement.ts";

export interface PostgresOptions {
  /** Holds `postgres/` (the cluster, or a link to it) and `postgres-password`. */
  dataDir: string;
  port: number;
  /** false gives up safety after a power cut for speed; for tests. */
  durable: boolean;
  logDir: string;
  onSpawn?: (name: string, pid: number) => void;
}

export interface Postgres {
  child: Child;
  /** libpq URL of the owner in one of its databases, password included; the database is made when it is missing. */
  database(name: string, options?: { anew?: boolean }): Promise<string>;
  /** Ends it with a fast shutdown: open transactions are rolled back, everything is written. */
  stop(): Promise<void>;
}

const OWNER = "ahadi";
/** SQLSTATE of a wrong password. */
const INVALID_PASSWORD = "28P01";
const START_TIMEOUT_MS = 60_000;
const STOP_PATIENCE_MS = 15_000;

/**
 * Starts the Postgres that comes with npm on 127.0.0.1, creating cluster and database at first.
 * As root it runs as an unprivileged user. Throws AhadiError `child_failed`, `postgres_version`, `postgres_password`,
 * `no_account`.
 */
export async function startPostgresProcess(options: PostgresOptions): Promise<Postgres> {
  const account = clusterOwner(options.dataDir) ?? postgresAccount();
  const { home, clusterDir } = await placeCluster(options.dataDir, account);
  const exists = existsSync(join(clusterDir, "PG_VERSION"));
  const password = await ensurePassword(options.dataDir, exists);
  if (exists) await assertVersion(home, clusterDir);
  else await createCluster({ ...options, home, clusterDir, account, password });

  const child = await startChild({
    name: "Postgres",
    file: join(home, "bin", "postgres"),
    args: ["-D", clusterDir, ...settings(options)],
    logFile: join(options.logDir, "postgres.log"),
    cwd: "/",
    env: environment(),
    uid: account?.uid,
    gid: account?.gid,
    onSpawn: (pid) => options.onSpawn?.("Postgres", pid),
  });
  const urlOf = (name: string): string =>
    `postgres://${OWNER}:${encodeURIComponent(password)}@127.0.0.1:${options.port}/${name}`;
  const stop = async (): Promise<void> => {
    await child.stop("SIGINT", STOP_PATIENCE_MS);
  };
  try {
    const ready = (): boolean => acceptsConnections(clusterDir, child.pid);
    await waitUntilReady(child, ready, { timeoutMs: START_TIMEOUT_MS, everyMs: 10 });
    await assertPassword(urlOf("postgres"), options.dataDir);
    return { child, database: (name, how) => ensureDatabase(urlOf, name, how?.anew === true), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As root: whoever has made the cluster goes on running it, also when that was an ordinary user. */
function clusterOwner(dataDir: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(join(dataDir, "postgres"), { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? undefined : { uid: owner.uid, gid: owner.gid };
}

async function ensureDatabase(urlOf: (name: string) => string, name: string, anew: boolean): Promise<string> {
  const client = await connectOwner(urlOf("postgres"));
  try {
    if (anew) await client.query(`drop database if exists ${name} with (force)`);
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return urlOf(name);
}

function settings(options: PostgresOptions): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    port: options.port,
    // No socket file: its folder would have to be writable for whoever runs Postgres, and everybody uses TCP.
    unix_socket_directories: "",
    shared_buffers: "64MB",
    max_connections: 100,
    timezone: "UTC",
    log_timezone: "UTC",
    ...(options.durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** libpq's variables would change what initdb and postgres do; the locale decides the language of the log. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("PG") && !name.startsWith("LC_"),
  );
  return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}

/** The postmaster writes its state as the eighth line of postmaster.pid; pg_ctl waits for the same word. */
function acceptsConnections(clusterDir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(clusterDir, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

const passwordFileOf = (dataDir: string): string => join(dataDir, "postgres-password");

/** A new one only for a new cluster: an old one knows its own. */
async function ensurePassword(dataDir: string, clusterExists: boolean): Promise<string> {
  const file = passwordFileOf(dataDir);
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (kept !== "") return kept;
  if (clusterExists) throw wrongPassword(file, "is missing or empty");
  const password = randomBytes(24).toString("hex");
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function assertPassword(url: string, dataDir: string): Promise<void> {
  try {
    await checkDatabase(url);
  } catch (error) {
    const cause = error instanceof AhadiError ? error.cause : undefined;
    const refused = cause instanceof pg.DatabaseError && cause.code === INVALID_PASSWORD;
    throw refused ? wrongPassword(passwordFileOf(dataDir), "is not the one of the embedded Postgres") : error;
  }
}

function wrongPassword(file: string, problem: string): AhadiError {
  return new AhadiError("postgres_password", `the password in ${file} ${problem}`, {
    hint: "put the file back as it was, or start anew with --fresh on the embedded chain",
  });
}

interface Cluster extends PostgresOptions {
  home: string;
  clusterDir: string;
  account: Account | undefined;
  password: string;
}

/** Made beside its place and moved there when it is whole, so that an interrupted start leaves nothing half-made. */
async function createCluster(cluster: Cluster): Promise<void> {
  const unfinished = `${cluster.clusterDir}.new`;
  const passwordFile = join(unfinished, "..", "postgres-password.new");
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  if (cluster.account !== undefined) {
    await chown(unfinished, cluster.account.uid, cluster.account.gid);
    await chown(passwordFile, cluster.account.uid, cluster.account.gid);
  }
  try {
    await runInitdb(cluster, [
      ...["-D", unfinished, "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"],
      ...[
        "--builtin-locale=C.UTF-8",
        `--username=${OWNER}`,
        "--auth=scram-sha-256",
        `--pwfile=${passwordFile}`,
      ],
      ...(cluster.durable ? [] : ["--no-sync"]),
    ]);
    await rename(unfinished, cluster.clusterDir);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(cluster: Cluster, args: string[]): Promise<void> {
  const child = await startChild({
    name: "initdb",
    file: join(cluster.home, "bin", "initdb"),
    args,
    logFile: join(cluster.logDir, "initdb.log"),
    cwd: "/",
    env: environment(),
    uid: cluster.account?.uid,
    gid: cluster.account?.gid,
    onSpawn: (pid) => cluster.onSpawn?.("initdb", pid),
  });
  const exit = await child.exited;
  if (exit.code !== 0) throw new AhadiError("child_failed", describeExit(child, exit));
}

async function assertVersion(home: string, clusterDir: string): Promise<void> {
  const ours =
    (await readFile(join(home, "share", "postgresql", "postgres.bki"), "utf8")).split("\n")[0] ?? "";
  const theirs = (await readFile(join(clusterDir, "PG_VERSION"), "utf8")).trim();
  if (ours.trim() === `# PostgreSQL ${theirs}`) return;
  throw new AhadiError(
    "postgres_version",
    `the database in ${dirname(clusterDir)} belongs to Postgres ${theirs}, which is not the installed one`,
    {
      hint: "start anew with --fresh on the embedded chain; make a backup with the older version first if you need the data",
    },
  );
}
