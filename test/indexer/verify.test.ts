import { expect } from "chai";
import { columnsOf, type TableName, tableNames, tables } from "../../indexer/project/tables.ts";
import { type Verification, verify } from "../../indexer/verify.ts";
import { AhadiError } from "../../platform/errors.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { ask, withDatabase } from "./support/mirror.ts";
import { randomFrom } from "./support/random.ts";
import { caughtUp, emptyMirror, startIndexer, theWorld, type World } from "./support/world.ts";

describe("indexer: verify", () => {
  let world: World;
  let databaseUrl: string;

  before(async () => {
    world = await theWorld();
    const { institution } = world;
    const lifecycle = createLifecycle(institution, randomFrom(11));
    await lifecycle.begin();
    await lifecycle.play(60);
    // One loan that certainly has everything: a payment, a closing.
    const loanId = await institution.originate({ schedule: await institution.monthly(2) });
    await institution.repay(loanId, 100n);
    await institution.repay(loanId, 1_000_000n);
    await institution.withdraw(10n);
    databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    await indexer.stop();
  });

  /** Runs statements with foreign keys off, verifies, and puts every table back. */
  async function tampered(...statements: string[]): Promise<Verification> {
    const all = ["block", "checkpoint", ...tableNames];
    return await withDatabase(databaseUrl, async (pool) => {
      const client = await pool.connect();
      const apply = async (list: string[]): Promise<void> => {
        for (const statement of list) await client.query(statement);
      };
      await apply([
        "set session_replication_role = replica",
        ...all.map((t) => `create temp table kept_${t} as table chain.${t}`),
      ]);
      try {
        await apply(statements);
        return await verify({ ...world, databaseUrl });
      } finally {
        await apply(all.map((t) => `delete from chain.${t}`));
        await apply(all.map((t) => `insert into chain.${t} table kept_${t}`));
        client.release(true);
      }
    });
  }

  const found = ({ differences }: Verification): Set<string> =>
    new Set(differences.map(({ kind, field }) => `${kind}.${field}`));

  it("is clean, and says what it compared, when nobody touched the mirror", async () => {
    const result = await verify({ ...world, databaseUrl });
    const [count] = await ask<{ loans: string }>(databaseUrl, "select count(*) as loans from chain.loan");
    expect(result.differences).to.deep.equal([]);
    expect(result).to.include({ ok: true, loans: Number(count?.loans), pools: 1 });
    expect(result.comparisons).to.be.greaterThan(result.loans * 30);
    const { hash, number } = await world.institution.client.getBlock();
    expect(result).to.include({ blockHash: hash, blockNumber: Number(number) });
  });

  const another = (table: TableName, column: string, kind: string): string => {
    if (table === "pool_flow" && column === "kind")
      return "case kind when 'deposit' then 'withdrawal' else 'deposit' end";
    if (kind === "bytea") return `overlay(${column}::bytea placing '\\xee'::bytea from 1 for 1)`;
    if (kind === "bytea[]") return `${column} || '\\xee'::bytea`;
    if (kind === "boolean") return `not ${column}`;
    return kind === "text" ? `coalesce(${column}, '') || 'x'` : `${column} + 1`;
  };

  for (const table of tableNames) {
    it(`finds a changed value in every column of chain.${table}`, async () => {
      const keys: readonly string[] = tables[table].key;
      const columns = columnsOf(table).filter(([name]) => !keys.includes(name) && name !== "block_number");
      const changes = columns.map(([name, kind]) => `${name} = ${another(table, name, kind)}`);
      const result = await tampered(
        `update chain.${table} set ${changes.join(", ")} where ctid = (select max(ctid) from chain.${table})`,
      );
      expect(result.ok).to.equal(false);
      for (const [name] of columns) expect([...found(result)]).to.include(`${table}.${name}`);
    });

    it(`finds a row that is missing in chain.${table}, and one that nobody wrote on the chain`, async () => {
      const missing = await tampered(
        `delete from chain.${table} where ctid = (select max(ctid) from chain.${table})`,
      );
      expect(missing.differences.filter(({ field }) => field === "row")).to.deep.include.members([
        {
          ...missing.differences.find(({ kind, field }) => kind === table && field === "row"),
          mirror: null,
          chain: "present",
        },
      ]);
      const [key] = tables[table].key;
      const column = columnsOf(table).find(([name]) => name === key);
      if (column === undefined) throw new Error(`${table} has no column ${key}`);
      const invented = columnsOf(table).map(([name]) => {
        if (name === "log_index") return "log_index + 1000";
        return name === key && column[1] === "bytea" ? another(table, name, "bytea") : name;
      });
      const extra = await tampered(
        `insert into chain.${table} (${columnsOf(table)
          .map(([name]) => name)
          .join(", ")})
         select ${invented.join(", ")} from chain.${table} where ctid = (select max(ctid) from chain.${table})`,
      );
      expect(extra.differences.map(({ kind, field, chain }) => `${kind}.${field} ${chain}`)).to.include(
        `${table}.row null`,
      );
    });
  }

  it("finds a header that is not the chain's", async () => {
    const hash = await tampered(
      "update chain.block set hash = sha256(hash) where number = (select max(number) - 2 from chain.block)",
    );
    expect([...found(hash)]).to.include("block.hash");
    const time = await tampered(
      "update chain.block set time = time + 1, parent_hash = sha256(hash) where number = (select max(number) - 2 from chain.block)",
    );
    expect([...found(time)]).to.include.members(["block.time", "block.parent_hash"]);
    const today = await tampered("update chain.checkpoint set block_time = block_time + 1");
    expect([...found(today)]).to.deep.equal(["checkpoint.block_time"]);
  });

  it("compares with contract storage what the events say: state, totals, penalty, owner, pool's books", async () => {
    const result = await tampered(
      "update chain.payment set principal_total = principal_total + 1, outstanding_principal = outstanding_principal + 1, waived_interest = waived_interest + 1",
      "delete from chain.closing",
      `update chain.note_transfer set to_address = '\\x${"12".repeat(20)}'`,
      "update chain.pool_state set cash = cash + 1, income_received = income_received + 1",
      "update chain.loan set penalty_cap = penalty_cap + 1, salt = sha256(salt)",
      "update chain.instalment set interest = interest + 1, day = day - 1",
    );
    expect([...found(result)]).to.include.members([
      "loan.state",
      "loan.owner",
      "loan.paid.principal",
      "loan.waivedInterest",
      "loan.loanId",
      "loan.penaltyCap",
      "loan.schedule[0].interest",
      "loan.daysPastDue",
      "loan.totals",
      "pool.cash",
      "pool.incomeReceived",
      "payment.totals",
      "payment.allocations",
      "payment.outstanding_principal",
    ]);
  });

  it("names a loan that the mirror lacks and one that the chain lacks", async () => {
    const [first] = await ask<{ id: string }>(
      databaseUrl,
      "select chain.hex(min(loan_id::text)::bytea) as id from chain.loan",
    );
    const id = first?.id ?? "";
    const lacking = await tampered(`delete from chain.loan where chain.hex(loan_id) = '${id}'`);
    expect(lacking.differences).to.deep.include({
      kind: "loan",
      id,
      field: "row",
      mirror: null,
      chain: "present",
    });
    const renamed = await tampered(
      `update chain.loan set loan_id = sha256(loan_id) where chain.hex(loan_id) = '${id}'`,
    );
    expect(
      renamed.differences.filter(({ field, chain }) => field === "state" && chain === "none"),
    ).to.have.length(1);
  });

  it("refuses to judge a mirror that does not reach the head, or that is empty", async () => {
    const codeOf = (error: unknown): string => (error instanceof AhadiError ? error.code : String(error));
    const empty = await emptyMirror();
    expect(await verify({ ...world, databaseUrl: empty }).then(() => "clean", codeOf)).to.equal(
      "mirror_empty",
    );
    await world.institution.mine(1);
    const late = verify({ ...world, databaseUrl, timeoutMs: 100 }).then(() => "clean", codeOf);
    expect(await late).to.equal("mirror_behind");
  });
});
