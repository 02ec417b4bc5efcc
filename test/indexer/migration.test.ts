import { expect } from "chai";
import { openPool } from "../../platform/database.ts";
import { migrate, rollback } from "../../platform/migrate.ts";
import { ask } from "./support/mirror.ts";
import { chainRoom, emptyMirror } from "./support/world.ts";

describe("indexer: the schema chain", () => {
  const objects = (databaseUrl: string) =>
    ask<{ name: string }>(
      databaseUrl,
      `select relname as name from pg_class where relnamespace = 'chain'::regnamespace
       union all select proname from pg_proc where pronamespace = 'chain'::regnamespace
       union all select typname from pg_type where typnamespace = 'chain'::regnamespace order by 1`,
    );

  it("goes away without a trace and comes back the same", async () => {
    const databaseUrl = await emptyMirror();
    const before = await objects(databaseUrl);
    await rollback(databaseUrl, chainRoom, 0);
    const left = (await objects(databaseUrl))
      .map(({ name }) => name)
      .filter((name) => !/migration/.test(name));
    expect(left).to.deep.equal([]);
    await migrate(databaseUrl, chainRoom);
    expect(await objects(databaseUrl)).to.deep.equal(before);
  });

  it("lets the backend read and nothing else", async () => {
    const databaseUrl = await emptyMirror();
    const pool = openPool(databaseUrl, { role: "ahadi_backend", applicationName: "test", max: 1 });
    try {
      const refused = async (sql: string) =>
        pool.query(sql).then(
          () => "allowed",
          (error: Error) => error.message,
        );
      await pool.query(
        "select * from chain.loan_state, chain.instalment_state, chain.pool_now, chain.checkpoint",
      );
      expect(await refused("delete from chain.block")).to.contain("permission denied");
      expect(await refused("insert into chain.block values (1, '', '', 1)")).to.contain("permission denied");
      expect(await refused("update chain.checkpoint set head_number = 0")).to.contain("permission denied");
    } finally {
      await pool.end();
    }
  });

  it("counts days in the institution's offset, also west of Greenwich", async () => {
    const databaseUrl = await emptyMirror();
    const [row] = await ask(
      databaseUrl,
      `select chain.day_number(86399, 0) as a, chain.day_number(86400, 0) as b, chain.day_number(75600, 10800) as c,
         chain.day_number(90000, -7200) as d, chain.days_past_due(0, 86399, 0) as on_time,
         chain.days_past_due(0, 86400, 0) as late, chain.days_past_due(null, 86400, 0) as settled`,
    );
    expect(row).to.deep.equal({ a: 0, b: 1, c: 1, d: 0, on_time: 0, late: 1, settled: 0 });
  });

  it("refuses hashes and addresses of the wrong length", async () => {
    const databaseUrl = await emptyMirror();
    const refused = await ask(databaseUrl, "insert into chain.block values (1, '\\x00', '\\x00', 1)").catch(
      (error: Error) => error.message,
    );
    expect(refused).to.contain("word");
  });
});
