import { expect } from "chai";
import { columnsOf, type TableName, tableNames, tables } from "../../indexer/project/tables.ts";
import { type Verification, verify } from "../../indexer/verify.ts";
import { AhadiError } from "../../platform/errors.ts";
import { playEverything } from "./support/everything.ts";
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
    await playEverything(institution);
    databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    await indexer.stop();
  });

  /** Runs statements with foreign keys off, verifies, and puts every table back. */
  async function tampered(...statements: string[]): Promise<Verification> {
    const all = ["block", "checkpoint", "pool_quote", ...tableNames];
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

  /** Two words that each table of several kinds knows. */
  const KINDS: Partial<Record<TableName, [string, string]>> = {
    pool_flow: ["deposit", "withdrawal"],
    pool_booking: ["funded", "started"],
    note_deal: ["offer", "sale"],
    pool_move: ["cover_in", "fees_out"],
    held: ["held", "collected"],
    cancellation: ["cancelled", "returned"],
    account_block: ["blocked", "unblocked"],
    recovery_step: ["requested", "moved"],
  };

  const another = (table: TableName, column: string, kind: string): string => {
    const [one, other] = KINDS[table] ?? [];
    if (column === "kind") return `case kind when '${one}' then '${other}' else '${one}' end`;
    if (kind === "bytea") {
      const first = `get_byte(${column}::bytea, 0)`;
      return `case when ${column} = ''::bytea then '\\xee' else set_byte(${column}::bytea, 0, 255 - ${first}) end`;
    }
    if (kind === "bytea[]") return `${column} || '\\xee'::bytea`;
    if (kind === "boolean") return `not ${column}`;
    return kind === "text" ? `coalesce(${column}, '') || 'x'` : `${column} + 1`;
  };

  /** The columns beside the key and the place, which the row is found by. */
  const changeable = (table: TableName) => {
    const keys: readonly string[] = tables[table].key;
    return columnsOf(table).filter(([name]) => !keys.includes(name) && name !== "block_number");
  };
  const newest = (table: TableName): string => `ctid = (select max(ctid) from chain.${table})`;

  describe("of every table", () => {
    let [changed, missing, invented]: Verification[] = [];

    before("spoil one row of each table, three times", async () => {
      for (const table of tableNames) {
        const [row] = await ask<{ count: string }>(
          databaseUrl,
          `select count(*) as count from chain.${table}`,
        );
        expect(Number(row?.count), `rows of chain.${table}`).to.be.greaterThan(0);
      }
      changed = await tampered(
        ...tableNames.map((table) => {
          const changes = changeable(table).map(([name, kind]) => `${name} = ${another(table, name, kind)}`);
          return `update chain.${table} set ${changes.join(", ")} where ${newest(table)}`;
        }),
      );
      missing = await tampered(
        ...tableNames.map((table) => `delete from chain.${table} where ${newest(table)}`),
      );
      invented = await tampered(...tableNames.map(inventing));
    });

    /** A copy of a row under another key. */
    function inventing(table: TableName): string {
      const [key] = tables[table].key;
      const names = columnsOf(table).map(([name]) => name);
      const values = columnsOf(table).map(([name, kind]) => {
        if (name === "log_index") return "log_index + 1000";
        return name === key && kind === "bytea" ? another(table, name, "bytea") : name;
      });
      return `insert into chain.${table} (${names.join(", ")})
        select ${values.join(", ")} from chain.${table} where ${newest(table)}`;
    }

    for (const table of tableNames) {
      it(`finds a changed value in every column of chain.${table}`, () => {
        for (const [name] of changeable(table))
          expect([...found(changed as Verification)]).to.include(`${table}.${name}`);
      });

      it(`finds a row that is missing in chain.${table}, and one that nobody wrote on the chain`, () => {
        const rows = (result: Verification | undefined) =>
          result?.differences.filter(({ kind, field }) => kind === table && field === "row") ?? [];
        expect(rows(missing).map(({ mirror, chain }) => [mirror, chain])).to.deep.include([null, "present"]);
        expect(rows(invented).map(({ mirror, chain }) => [mirror, chain])).to.deep.include(["present", null]);
      });
    }
  });

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

  it("compares with contract storage what the events say: loans, pools, people, what LoanBook holds", async () => {
    const result = await tampered(
      "update chain.payment set principal_total = principal_total + 1, outstanding_principal = outstanding_principal + 1, waived_interest = waived_interest + 1",
      "delete from chain.closing",
      "delete from chain.reversal",
      `update chain.note_transfer set to_address = '\\x${"12".repeat(20)}'`,
      "update chain.pool_books set cash = cash + 1, interest_received = interest_received + 1",
      "update chain.pool_reserves set cover = cover + 1",
      "update chain.pool_limits set max_cost_bps = max_cost_bps + 1",
      "update chain.redemption_fulfilment set shares = shares + 1",
      "delete from chain.pause where paused = false",
      "update chain.loan set penalty_cap = penalty_cap + 1, salt = sha256(salt)",
      "update chain.instalment set interest = interest + 1, day = day - 1",
      "update chain.restructuring set arrears_day = arrears_day + 1, payments = payments + 1",
      "update chain.recorder set registered = not registered",
      "update chain.held set owed = owed + 1",
      "update chain.currency set allowed = not allowed",
      "update chain.credential set policy = policy + 1",
      "update chain.revocation set sequence = sequence + 1",
      "delete from chain.account_block where kind = 'unblocked'",
      "update chain.issuer_listing set delisted = not delisted",
      "delete from chain.recovery_step where kind = 'moved'",
      "update chain.recovery_step set until_s = until_s + 1",
    );
    expect([...found(result)]).to.include.members([
      "loan.state",
      "loan.owner",
      "loan.borrower",
      "loan.paid.principal",
      "loan.waivedInterest",
      "loan.loanId",
      "loan.penaltyCap",
      "loan.schedule[0].interest",
      "loan.schedule2[0].interest",
      "loan.arrearsDay",
      "loan.daysPastDue",
      "loan.position.lateFromDay",
      "loan.position.outstandingPrincipal",
      "loan.totals",
      "pool.cash",
      "pool.interestReceived",
      "pool.cover",
      "pool.paused",
      "pool.limits.maxCostBps",
      "pool.redemptions.pendingShares",
      "claim.shares",
      "pool.loans",
      "pool.shares",
      "loan_book.paused",
      "recorder.isRecorder",
      "held.owed",
      "currency.isAllowed",
      "account.policy",
      "account.sequence",
      "account.blocked",
      "issuer.delisted",
      "wallet.currentOf",
      "wallet.approval.until",
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

  describe("without a mirror to compare", () => {
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
});
