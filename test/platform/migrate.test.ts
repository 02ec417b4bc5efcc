import { expect } from "chai";
import { connectOwner } from "../../platform/database.ts";
import { AhadiError } from "../../platform/errors.ts";
import { migrate, type Room, rollback } from "../../platform/migrate.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type MigrationFolder, migrationFolder } from "./migration-folder.ts";

const ONE: [string, string] = ["create table desk.note (id int primary key);", "drop table desk.note;"];
const TWO: [string, string] = [
  "alter table desk.note add column text text;",
  "alter table desk.note drop column text;",
];

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof AhadiError ? `${error.code}: ${error.message}` : `not an AhadiError: ${error}`;
}

describe("migrations", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let folder: MigrationFolder;
  let room: Room;

  beforeEach(async () => {
    database = await freshDatabase();
    folder = await migrationFolder({ "0001_note": ONE, "0002_text": TWO });
    room = { schema: "desk", directory: folder.path };
  });
  afterEach(async () => {
    await database.drop();
    await folder.remove();
  });

  async function query(text: string): Promise<unknown[]> {
    const client = await connectOwner(database.url);
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
  const columns = () =>
    query(
      "select table_name::text || '.' || column_name as c from information_schema.columns where table_schema = 'desk' order by 1",
    );

  it("refuse a database that is newer than this code", async () => {
    await migrate(database.url, room);
    const older = await migrationFolder({ "0001_note": ONE });
    const failure = await codeOf(migrate(database.url, { ...room, directory: older.path }));
    await older.remove();
    expect(failure).to.equal(
      "schema_newer: the database's schema desk has version 2 (0002_text), this code knows 1",
    );
  });

  it("refuse a file that was changed after it was applied, but not other line ends", async () => {
    await migrate(database.url, room);
    await folder.write({ "0001_note.up.sql": `${ONE[0]}\r\n` });
    expect(await codeOf(migrate(database.url, room))).to.match(/^migration_changed: .*desk\/0001_note/);
    await folder.write({ "0001_note.up.sql": ONE[0] });
    expect(await migrate(database.url, room)).to.deep.equal({ applied: [] });
  });

  it("refuse a gap in the numbers, a strange name and a missing inverse, before touching the database", async () => {
    await folder.write({ "0004_gap.up.sql": "", "0004_gap.down.sql": "" });
    expect(await codeOf(migrate(database.url, room))).to.match(/^migration_files: .*0004_gap.* number 3/);
    await folder.write({ "0003_lonely.up.sql": "" });
    expect(await codeOf(migrate(database.url, room))).to.match(
      /^migration_files: .*no inverse 0003_lonely.down/,
    );
    await folder.write({ "5-x.up.sql": "" });
    expect(await codeOf(migrate(database.url, room))).to.match(/^migration_files: .*5-x.up.sql/);
    expect(await query("select from pg_namespace where nspname = 'desk'")).to.have.length(0);
  });

  it("leave nothing of a file that fails, and keep the files before it", async () => {
    await folder.write({
      "0003_bad.up.sql": "create table desk.half (x int); select 1 / 0;",
      "0003_bad.down.sql": "",
    });
    expect(await codeOf(migrate(database.url, room))).to.equal(
      "migration_failed: migration desk/0003_bad up: division by zero",
    );
    expect(await query("select name from desk.migration order by version")).to.deep.equal([
      { name: "0001_note" },
      { name: "0002_text" },
    ]);
    expect(await query("select from pg_tables where tablename = 'half'")).to.have.length(0);
  });

  it("go up, down and up again to the same schema", async () => {
    expect(await migrate(database.url, room)).to.deep.equal({ applied: ["0001_note", "0002_text"] });
    const up = await columns();
    expect(up).to.deep.include({ c: "note.text" });
    expect(await rollback(database.url, room, 1)).to.deep.equal({ reverted: ["0002_text"] });
    expect(await columns()).not.to.deep.include({ c: "note.text" });
    expect(await rollback(database.url, room, 0)).to.deep.equal({ reverted: ["0001_note"] });
    expect(await migrate(database.url, room)).to.deep.equal({ applied: ["0001_note", "0002_text"] });
    expect(await columns()).to.deep.equal(up);
  });

  it("are applied once when several processes migrate at the same time", async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => migrate(database.url, room)));
    expect(results.flatMap(({ applied }) => applied).sort()).to.deep.equal(["0001_note", "0002_text"]);
  });

  it("keep the two schemas apart", async () => {
    await migrate(database.url, room);
    const chain = await migrationFolder({
      "0001_block": ["create table chain.block (n int)", "drop table chain.block"],
    });
    expect(await migrate(database.url, { schema: "chain", directory: chain.path })).to.deep.equal({
      applied: ["0001_block"],
    });
    await chain.remove();
  });

  describe("and the roles", () => {
    const dropRoles = async (): Promise<void> => {
      for (const role of ["ahadi_indexer", "ahadi_backend"]) {
        // Other tests of this cluster may have given them rights in their databases; those databases are gone by now.
        await query(`drop role if exists ${role}`).catch(() => {});
      }
    };

    it("are created without a login", async () => {
      await dropRoles();
      await migrate(database.url, room);
      expect(
        await query("select rolname, rolcanlogin from pg_roles where rolname ~ '^ahadi_' order by 1"),
      ).to.deep.equal([
        { rolname: "ahadi_backend", rolcanlogin: false },
        { rolname: "ahadi_indexer", rolcanlogin: false },
      ]);
    });

    it("are created once when several databases of a cluster are migrated at the same time", async () => {
      await dropRoles();
      const others = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase()]);
      await Promise.all([database, ...others].map(({ url }) => migrate(url, room)));
      await Promise.all(others.map((other) => other.drop()));
    });

    it("can be made and taken on by an owner who is no superuser but may create roles", async () => {
      await dropRoles();
      const url = await ownerUrl("createrole");
      await migrate(url, room);
      const client = await connectOwner(url);
      await client.query("set role ahadi_indexer");
      await client.end();
      await dropOwner();
    });

    it("that are missing and may not be created are named, with what an administrator has to do", async () => {
      await dropRoles();
      const failure = await codeOf(migrate(await ownerUrl("nocreaterole"), room));
      await dropOwner();
      expect(failure).to.match(/^database_roles: .*ahadi_indexer/);
    });

    async function ownerUrl(right: string): Promise<string> {
      await query(`create role plain_owner login password 'pw' ${right}`);
      await query(`alter database ${database.name} owner to plain_owner`);
      const url = new URL(database.url);
      url.username = "plain_owner";
      url.password = "pw";
      return url.href;
    }

    async function dropOwner(): Promise<void> {
      await query(`alter database ${database.name} owner to ahadi`);
      await query("drop owned by plain_owner cascade");
      await dropRoles();
      await query("drop role plain_owner");
    }
  });
});
