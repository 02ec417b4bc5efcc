import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { backUp, restore } from "../../backend/backup.ts";
import { AhadiError } from "../../platform/errors.ts";
import { freshDatabase } from "../support/postgres.ts";
import { CHAIN_ID, LOAN_BOOK, Seed } from "./seed.ts";
import { migratedDatabase, type TestDatabase } from "./server.ts";

const hex = (byte: string, bytes: number) => `0x${byte.repeat(bytes)}`;
const GENESIS = hex("9e", 32);
const chain = { chain_id: CHAIN_ID, genesis_hash: GENESIS };

/** deployment.json with everything that its schema asks for; spacing must survive too. */
function deploymentText(overrides: Record<string, unknown> = {}): string {
  const contract = (address: string) => ({
    address,
    constructorArguments: "0x",
    libraries: {},
    transactionHash: hex("ab", 32),
    blockNumber: 3,
  });
  const record = {
    chainId: CHAIN_ID,
    genesisHash: GENESIS,
    startBlock: 1,
    contracts: {
      AccessManager: contract(hex("11", 20)),
      KycRegistry: contract(hex("14", 20)),
      WalletRecovery: contract(hex("15", 20)),
      LoanMetadata: contract(hex("16", 20)),
      LoanBook: contract(LOAN_BOOK),
      LendingPool: contract(hex("13", 20)),
    },
    libraries: { Origination: contract(hex("12", 20)) },
    ...overrides,
  };
  return `${JSON.stringify(record, null, 3)}\n\n`;
}

/** Every kind of value that a desk may come to hold, in tables that refer to each other against the alphabet. */
const laterTables = `
  create table desk.zone (id integer generated always as identity primary key, name text not null unique);
  create table desk.case_file (
    zone_id integer not null references desk.zone, nr bigint not null, opened timestamptz not null,
    rate numeric(78, 18), ratio double precision, photo bytea, tags text[], extra jsonb, closed boolean,
    length_days interval, total bigint generated always as (nr * 2) stored,
    primary key (zone_id, nr));
  insert into desk.zone (name) values ('Mwanza'), (E'two\\nlines\\t"quoted" \\\\ \\u2028 \\U0001F418'), ('');
  insert into desk.case_file values
    (2, 9007199254740993, '2022-11-01 08:00:00.123456+03', 0.000000000000000001, 0.1, '\\x00ff', '{a,"b,c",NULL}', '{"a": [1, 2.50]}', true, '1 mon 2 days'),
    (1, 10, 'infinity', null, 'NaN', null, null, null, null, null),
    (1, 9, '1999-12-31 23:59:59Z', 12345678901234567890.5, 1e-300, '', '{}', 'null', false, '-3 hours');`;

describe("backup and restore", () => {
  let folder: string;
  let database: TestDatabase;
  let target: TestDatabase;
  const file = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ahadi-backup-"));
    await mkdir(file("deployment"));
    await writeFile(file("deployment/deployment.json"), deploymentText());
    database = await migratedDatabase();
    await run(
      database,
      `insert into desk.terms_document
       select decode(lpad(to_hex(n), 64, '0'), 'hex'), '{"nr":' || n || ',"text":"Ä \u2028 \\n"}', now() - n * interval '1.5 s'
         from generate_series(1, 1234) n`,
    );
    target = await freshDatabase();
  });

  afterEach(async () => {
    await database.drop();
    await target.drop();
    await rm(folder, { recursive: true });
  });

  async function run(on: TestDatabase, sql: string): Promise<Record<string, unknown>[]> {
    const seed = await new Seed(on.url).open();
    try {
      const result = await seed.client.query(sql);
      return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows;
    } finally {
      await seed.close();
    }
  }

  const back = (out = "one.jsonl", from = database) =>
    backUp({ databaseUrl: from.url, deploymentDir: file("deployment"), file: file(out) });
  const put = (from = "one.jsonl", dir = "restored", on = chain) =>
    restore({ databaseUrl: target.url, deploymentDir: file(dir), file: file(from), chain: on });

  async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
      return "done";
    } catch (error) {
      if (!(error instanceof AhadiError)) throw error;
      expect(error.message).to.not.include("\n");
      return error.code;
    }
  }

  const deskIsEmpty = async () => {
    const [row] = await run(target, "select to_regclass('desk.terms_document') is null as missing");
    if (row?.missing === true) return true;
    return (await run(target, "select from desk.terms_document")).length === 0;
  };

  it("refuses a file that was damaged or cut anywhere, and writes nothing", async () => {
    await back();
    const whole = await readFile(file("one.jsonl"));
    const lines = whole.toString().split("\n");
    const damages: Record<string, Buffer> = {
      empty: Buffer.alloc(0),
      "no trailer": Buffer.from(`${lines.slice(0, -2).join("\n")}\n`),
      "last byte missing": whole.subarray(0, -1),
      "cut in a row": whole.subarray(0, whole.length >> 1),
      "one row less": Buffer.from([...lines.slice(0, 5), ...lines.slice(6)].join("\n")),
      "two rows swapped": Buffer.from(
        [...lines.slice(0, 5), lines[6], lines[5], ...lines.slice(7)].join("\n"),
      ),
      "one bit": Buffer.from(whole).fill((whole[2000] ?? 0) ^ 1, 2000, 2001),
      "something appended": Buffer.concat([whole, Buffer.from("{}\n")]),
      "another kind of file": Buffer.from("PK\u0003\u0004"),
    };
    for (const [name, content] of Object.entries(damages)) {
      await writeFile(file("damaged.jsonl"), content);
      expect(await codeOf(put("damaged.jsonl")), name).to.equal("backup_damaged");
    }
    expect(await deskIsEmpty()).to.equal(true);
    expect(await codeOf(put("nothing.jsonl"))).to.equal("backup_missing");
  });

  it("refuses what a newer code has written", async () => {
    await back();
    const rewrite = async (change: (header: string) => string) => {
      const { createHash } = await import("node:crypto");
      const lines = (await readFile(file("one.jsonl"), "utf8")).split("\n").slice(0, -2);
      const text = `${[change(lines[0] ?? ""), ...lines.slice(1)].join("\n")}\n`;
      const sha256 = createHash("sha256").update(text).digest("hex");
      await writeFile(file("newer.jsonl"), `${text}${JSON.stringify({ sha256 })}\n`);
    };
    await rewrite((header) => header.replace('"schema_version":1', '"schema_version":2'));
    expect(await codeOf(put("newer.jsonl"))).to.equal("backup_newer");
    await rewrite((header) => header.replace('"format_version":1', '"format_version":2'));
    expect(await codeOf(put("newer.jsonl"))).to.equal("backup_newer");
    expect(await deskIsEmpty()).to.equal(true);
  });

  it("refuses another chain, told by the node, the deployment or the mirror", async () => {
    await back();
    expect(await codeOf(put("one.jsonl", "restored", { ...chain, chain_id: 1 }))).to.equal("wrong_chain");
    expect(await codeOf(put("one.jsonl", "restored", { ...chain, genesis_hash: hex("00", 32) }))).to.equal(
      "wrong_chain",
    );
    await mkdir(file("other"));
    await writeFile(file("other/deployment.json"), deploymentText({ genesisHash: hex("77", 32) }));
    expect(await codeOf(put("one.jsonl", "other"))).to.equal("wrong_chain");
    await target.drop();
    target = await migratedDatabase();
    await run(
      target,
      `insert into chain.mirror (chain_id, genesis_hash, loan_book, kyc_registry, wallet_recovery, start_block)
       values (${CHAIN_ID}, decode('${"77".repeat(32)}', 'hex'), decode('${LOAN_BOOK.slice(2)}', 'hex'),
         decode('${"14".repeat(20)}', 'hex'), decode('${"15".repeat(20)}', 'hex'), 1)`,
    );
    expect(await codeOf(put())).to.equal("wrong_chain");
    expect(await codeOf(back("two.jsonl", target))).to.equal("wrong_chain");
    expect(await readdir(folder)).to.not.include.members(["restored", "two.jsonl", "two.jsonl.part"]);
  });

  it("refuses a desk with rows, leaves them alone, and accepts one that holds exactly the same", async () => {
    await back();
    expect(await put()).to.include({ outcome: "restored", deployment: "written", rows: 1234 });
    expect(await put()).to.include({ outcome: "identical", deployment: "present" });
    await run(
      target,
      "update desk.terms_document set received_at = received_at + interval '1 microsecond' where document_hash = (select max(document_hash::text)::bytea from desk.terms_document)",
    );
    expect(await codeOf(put())).to.equal("desk_not_empty");
    await run(target, "delete from desk.terms_document where canonical not like '{\"nr\":7,%'");
    expect(await codeOf(put())).to.equal("desk_not_empty");
    expect(await run(target, "select from desk.terms_document")).to.have.length(1);
  });

  it("puts back all or nothing", async () => {
    await back();
    await put();
    await run(
      target,
      "truncate desk.terms_document; alter table desk.terms_document add check (canonical not like '{\"nr\":1200,%')",
    );
    const failed = await put().then(
      () => "done",
      () => "failed",
    );
    expect(failed).to.equal("failed");
    expect(await deskIsEmpty()).to.equal(true);
  });

  it("overwrites nothing and leaves nothing half-written", async () => {
    await back();
    expect(await codeOf(back())).to.equal("backup_exists");
    expect(await codeOf(back("missing/one.jsonl"))).to.equal("backup_unwritable");
    expect(await codeOf(back("two.jsonl", await freshDatabase()))).to.equal("desk_missing");
    await rm(file("deployment"), { recursive: true });
    expect(await codeOf(back("two.jsonl"))).to.equal("deployment_missing");
    expect(await readdir(folder)).to.deep.equal(["one.jsonl"]);
    expect((await stat(file("one.jsonl"))).mode & 0o777).to.equal(0o600);
  });

  it("goes round trip byte for byte: rows, times to the microsecond, and the deployment record", async () => {
    const first = await back();
    expect(first).to.include({ rows: 1234, chain_id: CHAIN_ID });
    expect((await stat(first.file)).size).to.equal(first.bytes);
    await put();
    expect(await readFile(file("restored/deployment.json"), "utf8")).to.equal(deploymentText());
    const second = await backUp({
      databaseUrl: target.url,
      deploymentDir: file("restored"),
      file: file("two.jsonl"),
    });
    expect(second.sha256).to.equal(first.sha256);
    expect(await readFile(file("two.jsonl"))).to.deep.equal(await readFile(file("one.jsonl")));
  });

  it("does not depend on the settings of the database that it reads", async () => {
    await back();
    const { rows } = { rows: await run(database, "select current_database() as name") };
    for (const setting of [
      "timezone to 'Asia/Kathmandu'",
      "datestyle to 'German'",
      "bytea_output to 'escape'",
      "extra_float_digits to -5",
    ]) {
      await run(database, `alter database ${rows[0]?.name} set ${setting}`);
    }
    await back("two.jsonl");
    expect(await readFile(file("two.jsonl"))).to.deep.equal(await readFile(file("one.jsonl")));
  });

  it("keeps every kind of value of tables that come later, and goes on counting after them", async () => {
    await run(database, laterTables);
    const first = await back();
    // The target's code knows the same tables: what its migrations will have made.
    await restoreInto(laterTables.slice(0, laterTables.indexOf("insert into")));
    const second = await backUp({
      databaseUrl: target.url,
      deploymentDir: file("deployment"),
      file: file("two.jsonl"),
    });
    expect(second.sha256).to.equal(first.sha256);
    expect(await run(target, "insert into desk.zone (name) values ('next') returning id")).to.deep.equal([
      { id: 4 },
    ]);
    expect(await run(target, "select total from desk.case_file where nr = 9007199254740993")).to.deep.equal([
      { total: "18014398509481986" },
    ]);
  });

  async function restoreInto(tables: string): Promise<void> {
    await target.drop();
    target = await migratedDatabase();
    await run(target, tables);
    expect(await put()).to.include({ outcome: "restored" });
  }

  it("is of one moment, whatever is written while it reads", async () => {
    const writer = await new Seed(database.url).open();
    await writer.client.query("create table desk.zone (id integer primary key)");
    await writer.client.query("begin");
    await writer.client.query("lock table desk.zone in access exclusive mode");
    const reading = back();
    const waits = "select from pg_locks where relation = 'desk.zone'::regclass and not granted";
    while ((await writer.client.query(waits)).rowCount === 0);
    await writer.client.query("insert into desk.zone values (1)");
    await writer.client.query("commit");
    await writer.close();
    expect((await reading).rows).to.equal(1234);
  });

  it("has no room for operator keys", async () => {
    await mkdir(file("deployment/keys"));
    await writeFile(file("deployment/keys/operator.json"), '{"crypto":"SECRET-KEY-FILE"}');
    await back();
    expect(await readFile(file("one.jsonl"), "utf8")).to.not.include("SECRET-KEY-FILE");
  });
});
