import { expect } from "chai";
import { deskRoom } from "../../backend/desk.ts";
import type { Raw } from "../../backend/raw.ts";
import { openPool } from "../../platform/database.ts";
import { migrate, rollback } from "../../platform/migrate.ts";
import { seedC02 } from "./seed.ts";
import { migratedDatabase, type TestDatabase } from "./server.ts";

describe("schema desk and the rights of the backend", () => {
  let database: TestDatabase;

  before(async () => {
    database = await migratedDatabase();
    const { seed } = await seedC02(database.url);
    await seed.close();
  });

  after(() => database.drop());

  it("lets the backend change neither the mirror nor a document that it has accepted", async () => {
    const pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test", max: 1 });
    await pool.query("insert into desk.terms_document (document_hash, canonical) values ($1, '{}')", [
      Buffer.alloc(32),
    ]);
    for (const statement of [
      "update desk.terms_document set canonical = '{ }'",
      "delete from desk.terms_document",
      "truncate desk.terms_document",
      "update chain.checkpoint set block_number = 0",
      "delete from chain.block",
      "insert into chain.block select number + 1000, hash, parent_hash, time from chain.block limit 1",
      "create table desk.mine (a int)",
      "update desk.migration set version = 9",
    ]) {
      const code = await pool.query(statement).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      expect(code, statement).to.equal("42501");
    }
    await pool.end();
  });

  it("refuses documents of the wrong size", async () => {
    const pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test", max: 1 });
    const insert = (hash: Buffer, text: string) =>
      pool
        .query("insert into desk.terms_document (document_hash, canonical) values ($1, $2)", [hash, text])
        .then(
          () => "done",
          (error: { code: string }) => error.code,
        );
    expect(await insert(Buffer.alloc(31, 1), "{}")).to.equal("23514");
    expect(await insert(Buffer.alloc(32, 1), "x".repeat(65_537))).to.equal("23514");
    await pool.end();
  });

  it("goes back and forth: its inverse leaves nothing behind", async () => {
    expect(await rollback(database.url, deskRoom, 0)).to.deep.equal({ reverted: ["0001_desk"] });
    expect(await migrate(database.url, deskRoom)).to.deep.equal({ applied: ["0001_desk"] });
    expect(await migrate(database.url, deskRoom)).to.deep.equal({ applied: [] });
  });
});

describe("an unparsed row", () => {
  it("does not pass for what it should become", () => {
    type Loan = { id: string };
    // Assigning `true` compiles only while a Raw<Loan> is no Loan and a Loan no Raw<Loan>.
    const isNoLoan: Raw<Loan> extends Loan ? false : true = true;
    const isNotRaw: Loan extends Raw<Loan> ? false : true = true;
    expect(isNoLoan && isNotRaw).to.equal(true);
  });
});
