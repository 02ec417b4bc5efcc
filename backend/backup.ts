import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { PoolClient } from "pg";
import { type Deployment, deploymentFile, parseDeployment } from "../chain/deployment.ts";
import { inTransaction, openPool } from "../platform/database.ts";
import { AhadiError } from "../platform/errors.ts";
import { migrate } from "../platform/migrate.ts";
import { deskTables, deskVersion, fixTextForms, type Table, tableName } from "./backup/catalog.ts";
import { checkBackup, createBackup, FORMAT_VERSION, type Header, rowsOf } from "./backup/file.ts";
import { advanceSequences, isEmpty, readRows, rowWriter, type TextRow } from "./backup/rows.ts";
import { deskRoom } from "./desk.ts";

/*
 * What cannot be rebuilt from the chain: schema desk, and which contracts are ours (the deployment record). The mirror
 * is not in it (the indexer writes it again), and neither are operator keys: a backup must not be able to sign.
 */

export interface BackupResult {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly chain_id: number;
  readonly rows: number;
}

export interface RestoreResult {
  readonly rows: number;
  /** `identical`: the desk already held exactly these rows, and nothing was written. */
  readonly outcome: "restored" | "identical";
  readonly deployment: "written" | "present";
  readonly chain_id: number;
}

function asOwner<T>(databaseUrl: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const pool = openPool(databaseUrl, { role: "owner", applicationName: "ahadi backup", max: 1 });
  return inTransaction(pool, work).finally(() => pool.end());
}

/** Writes the backup. Throws AhadiError `deployment_missing`, `desk_missing`, `backup_exists`, `backup_unwritable`. */
export async function backUp(input: {
  databaseUrl: string;
  deploymentDir: string;
  file: string;
}): Promise<BackupResult> {
  const { databaseUrl, deploymentDir, file } = input;
  const path = deploymentFile(deploymentDir);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) {
    throw new AhadiError("deployment_missing", `no deployment in ${deploymentDir}`, {
      hint: "check AHADI_DEPLOYMENT_DIR (--deployment-dir)",
    });
  }
  const deployment = parseDeployment(text, path);
  return asOwner(databaseUrl, async (client) => {
    // One snapshot of all tables, however long the reading takes.
    await client.query("set transaction isolation level repeatable read, read only");
    await fixTextForms(client);
    await assertSameChain(client, identityOf(deployment), "the deployment record");
    const version = await deskVersion(client);
    const tables = await deskTables(client);
    const header = headerOf(deployment, text, version, tables);
    const writer = await createBackup(file);
    try {
      await writer.add(header);
      let rows = 0;
      for (const table of tables) {
        for await (const row of readRows(client, table)) {
          await writer.add({ table: table.name, row });
          rows += 1;
        }
      }
      return { file, ...(await writer.finish()), chain_id: header.chain_id, rows };
    } catch (error) {
      await writer.discard();
      throw error;
    }
  });
}

function headerOf(deployment: Deployment, text: string, version: number, tables: Table[]): Header {
  return {
    format: "ahadi-backup",
    format_version: FORMAT_VERSION,
    schema_version: version,
    ...identityOf(deployment),
    deployment: text,
    tables: tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
  };
}

type ChainIdentity = Pick<Header, "chain_id" | "genesis_hash" | "loan_book">;

function identityOf(deployment: Deployment): ChainIdentity {
  return {
    chain_id: deployment.chainId,
    genesis_hash: deployment.genesisHash.toLowerCase(),
    loan_book: deployment.contracts.LoanBook.address.toLowerCase(),
  };
}

function assertIdentity(
  ours: ChainIdentity,
  theirs: ChainIdentity,
  ourName: string,
  theirName: string,
): void {
  for (const field of ["chain_id", "genesis_hash", "loan_book"] as const) {
    if (ours[field] === theirs[field]) continue;
    throw new AhadiError(
      "wrong_chain",
      `${ourName} is of another chain: its ${field} is ${ours[field]}, that of ${theirName} ${theirs[field]}`,
      { hint: "use the database and the deployment of the same chain" },
    );
  }
}

/** A database that mirrors another chain must not be mixed with this one; one that mirrors none yet is fine. */
async function assertSameChain(client: PoolClient, ours: ChainIdentity, ourName: string): Promise<void> {
  const { rows: found } = await client.query<{ there: boolean }>(
    "select to_regclass('chain.mirror') is not null as there",
  );
  if (found[0]?.there !== true) return;
  const { rows } = await client.query<{ chain_id: string; genesis_hash: string; loan_book: string }>(
    `select chain_id, '0x' || encode(genesis_hash, 'hex') as genesis_hash, '0x' || encode(loan_book, 'hex') as loan_book
       from chain.mirror`,
  );
  const [mirror] = rows;
  if (mirror) assertIdentity(ours, { ...mirror, chain_id: Number(mirror.chain_id) }, ourName, "the database");
}

/**
 * Puts a backup into an empty desk, all of it or nothing. Migrates the desk first, so an empty database will do.
 * Throws AhadiError `backup_missing`, `backup_damaged`, `backup_newer`, `wrong_chain`, `desk_not_empty`.
 */
export async function restore(input: {
  databaseUrl: string;
  /** Where the record belongs: it is written when it is missing there. */
  deploymentDir: string;
  file: string;
  /** The chain that the restored system will run on. */
  chain: Pick<ChainIdentity, "chain_id" | "genesis_hash">;
}): Promise<RestoreResult> {
  const { databaseUrl, file, deploymentDir: dir } = input;
  const { header, rows } = await checkBackup(file);
  assertIdentity(header, { ...header, ...input.chain }, file, "the chain");
  const deployment = parseDeployment(header.deployment, file);
  assertIdentity(header, identityOf(deployment), file, "the deployment record inside it");
  const present = await readFile(deploymentFile(dir), "utf8").catch(() => undefined);
  if (present !== undefined) {
    assertIdentity(
      header,
      identityOf(parseDeployment(present, deploymentFile(dir))),
      file,
      `the deployment in ${dir}`,
    );
  }
  await migrate(databaseUrl, deskRoom);
  const outcome = await asOwner(databaseUrl, (client) => putBack(client, header, file));
  if (present === undefined) {
    await mkdir(dir, { recursive: true });
    await writeFile(deploymentFile(dir), header.deployment, { flag: "wx" });
  }
  return {
    rows,
    outcome,
    deployment: present === undefined ? "written" : "present",
    chain_id: header.chain_id,
  };
}

async function putBack(client: PoolClient, header: Header, file: string): Promise<RestoreResult["outcome"]> {
  await fixTextForms(client);
  await assertSameChain(client, header, file);
  const version = await deskVersion(client);
  if (header.schema_version > version) {
    throw new AhadiError(
      "backup_newer",
      `${file} holds schema desk version ${header.schema_version}, this code knows ${version}`,
      { hint: "restore it with the newer code" },
    );
  }
  const tables = await deskTables(client);
  // Nobody may hand in anything between the look and the writing.
  for (const table of tables)
    await client.query(`lock table ${tableName(table)} in share row exclusive mode`);
  for (const table of tables) {
    if (await isEmpty(client, table)) continue;
    if (header.schema_version === version && (await holdsTheSame(client, tables, file))) return "identical";
    throw new AhadiError(
      "desk_not_empty",
      `the desk already has rows (table ${table.name}) that the backup has not`,
      {
        hint: "restore into an empty database",
      },
    );
  }
  await writeRows(client, header, tables, file);
  for (const table of tables) await advanceSequences(client, table);
  return "restored";
}

async function writeRows(client: PoolClient, header: Header, tables: Table[], file: string): Promise<void> {
  const writers = new Map<string, (row: TextRow) => Promise<void>>();
  for (const { name, columns } of header.tables) {
    const table = tables.find((candidate) => candidate.name === name);
    const unknown = columns.find((column) => !table?.columns.some((known) => known.name === column));
    if (table === undefined || unknown !== undefined) {
      const what = unknown === undefined ? `table ${name}` : `column ${name}.${unknown}`;
      throw new AhadiError("backup_damaged", `${file} has a ${what} that schema desk does not know`);
    }
    writers.set(name, rowWriter(client, table, columns));
  }
  for await (const { table, row } of rowsOf(file)) {
    const write = writers.get(table);
    if (write === undefined)
      throw new AhadiError("backup_damaged", `${file} has rows of ${table}, unlike its header`);
    await write(row);
  }
}

/** Compares by digest, so that neither side has to fit into memory. */
async function holdsTheSame(client: PoolClient, tables: Table[], file: string): Promise<boolean> {
  const [ours, theirs] = [createHash("sha256"), createHash("sha256")];
  for (const table of tables) {
    for await (const row of readRows(client, table)) ours.update(JSON.stringify([table.name, row]));
  }
  for await (const { table, row } of rowsOf(file)) theirs.update(JSON.stringify([table, row]));
  return ours.digest("hex") === theirs.digest("hex");
}
