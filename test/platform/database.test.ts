import { expect } from "chai";
import { checkDatabase, inTransaction, openPool, withoutPassword } from "../../platform/database.ts";
import { AhadiError } from "../../platform/errors.ts";
import { migrate } from "../../platform/migrate.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { freshDatabase } from "../support/postgres.ts";
import { migrationFolder } from "./migration-folder.ts";

async function failureOf(work: Promise<unknown>): Promise<AhadiError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AhadiError) return error;
  throw new Error(`expected an AhadiError, got ${error}`);
}

describe("the database", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;

  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  it("that nobody serves is one clear line with the address and without the password", async () => {
    const port = await freePort();
    const error = await failureOf(checkDatabase(`postgres://me:secret@127.0.0.1:${port}/books`));
    expect(error.code).to.equal("database_unreachable");
    expect(error.message).to.contain(`postgres://me@127.0.0.1:${port}/books`).and.contain("ECONNREFUSED");
    expect(`${error.message}${error.hint}`).not.to.contain("secret").and.not.contain("\n");
  });

  it("that refuses the password is unreachable too, and says why", async () => {
    const url = new URL(database.url);
    url.password = "wrong";
    const error = await failureOf(checkDatabase(url.href));
    expect(error.code).to.equal("database_unreachable");
    expect(error.message).to.contain("password authentication failed");
  });

  it("that does not exist is named", async () => {
    const url = new URL(database.url);
    url.pathname = "/nowhere";
    expect((await failureOf(checkDatabase(url.href))).message).to.contain('"nowhere" does not exist');
  });

  it("is answered when it is there", () => checkDatabase(database.url));

  it("shows an address without its password, wherever it stands", () => {
    expect(withoutPassword("postgres://a:b@h/d?password=c&sslmode=require")).to.equal(
      "postgres://a@h/d?sslmode=require",
    );
  });

  describe("through a pool", () => {
    before(async () => {
      const folder = await migrationFolder({ "0001_one": ["select 1", "select 1"] });
      await migrate(database.url, { schema: "chain", directory: folder.path });
      await folder.remove();
    });

    it("works as its role from the first statement on", async () => {
      const pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test" });
      const { rows } = await pool.query("select current_user::text as role, session_user::text as login");
      await pool.end();
      expect(rows).to.deep.equal([{ role: "ahadi_backend", login: "ahadi" }]);
    });

    it("may not do what its role may not", async () => {
      const pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test" });
      const error = await pool.query("create table chain.mine (x int)").catch((thrown: unknown) => thrown);
      await pool.end();
      expect(error).to.have.property("code", "42501");
    });

    it("keeps the options of the address", async () => {
      const url = new URL(database.url);
      url.searchParams.set("options", "-c search_path=chain");
      const pool = openPool(url.href, { role: "ahadi_indexer", applicationName: "test" });
      const { rows } = await pool.query(
        "select current_user::text as role, current_setting('search_path') as path",
      );
      await pool.end();
      expect(rows).to.deep.equal([{ role: "ahadi_indexer", path: "chain" }]);
    });

    it("gives whole numbers of any size as decimal strings", async () => {
      const pool = openPool(database.url, { role: "owner", applicationName: "test" });
      const largest = (2n ** 256n - 1n).toString();
      const { rows } = await pool.query("select $1::numeric(78,0) as word, 9007199254740993::int8 as big", [
        largest,
      ]);
      await pool.end();
      expect(rows).to.deep.equal([{ word: largest, big: "9007199254740993" }]);
    });

    it("rolls back what was done before a failure, and can be used again", async () => {
      const pool = openPool(database.url, { role: "owner", applicationName: "test", max: 1 });
      await pool.query("create table public.entry (x int)");
      const error = await inTransaction(pool, async (client) => {
        await client.query("insert into public.entry values (1)");
        throw new Error("no");
      }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error).with.property("message", "no");
      const result = await inTransaction(pool, (client) => client.query("select * from public.entry"));
      await pool.end();
      expect(result.rows).to.deep.equal([]);
    });

    it("gives up a connection that broke in the middle of a transaction", async () => {
      const pool = openPool(database.url, { role: "owner", applicationName: "test", max: 1 });
      const error = await inTransaction(pool, (client) =>
        client.query("select pg_terminate_backend(pg_backend_pid())"),
      ).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error);
      const { rows } = await pool.query("select 1 as alive");
      await pool.end();
      expect(rows).to.deep.equal([{ alive: 1 }]);
    });
  });
});
