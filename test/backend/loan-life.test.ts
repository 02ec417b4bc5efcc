import { expect } from "chai";
import type { Hex } from "viem";
import { loanBody, loanListBody } from "../../backend/modules/loans/schema.ts";
import { BORROWER, c02Agreement, DESK, day, POOL, Seed } from "./seed.ts";
import { emptyDatabase, migratedDatabase, startApi, type TestDatabase, type TestServer } from "./server.ts";

const MOVED = "0x1111111111111111111111111111111111111111";

describe("the turns of a loan's life at GET /v1/loans/{id}", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;

  const readLoan = async (id: Hex) => loanBody.parse(await (await server.get(`/v1/loans/${id}`)).json());
  const list = async (query: string) =>
    loanListBody.parse(await (await server.get(`/v1/loans?${query}`)).json()).data.map(({ id }) => id);

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
  });

  beforeEach(async () => {
    await emptyDatabase(database);
    seed = await new Seed(database.url).open();
    await seed.institution();
    await seed.mine("2022-11-01");
  });

  afterEach(() => seed.close());

  after(async () => {
    await server.close();
    await database.drop();
  });

  it("owes nothing while the principal waits for the borrower's receipt, however late that gets", async () => {
    const { agreement } = c02Agreement(1, BORROWER, DESK);
    const id = await seed.originate(agreement);
    await seed.mine("2023-06-01");
    const loan = await readLoan(id);
    expect(loan).to.deep.include({
      state: "funded",
      outstanding_principal: "0",
      days_past_due: 0,
      overdue: "0",
      next_instalment: null,
      disbursement: null,
    });
    expect([loan.due_today?.total, loan.payoff_today?.total]).to.deep.equal(["0", "0"]);
    expect(loan.funding).to.deep.include({ date: "2022-11-01", payee: DESK, amount: "500000" });
    expect(loan.schedule.some(({ state }) => state === "paid")).to.equal(false);
  });

  it("runs from the day of the receipt on, as signed", async () => {
    const { agreement } = c02Agreement(2, BORROWER, DESK);
    const id = await seed.originate(agreement);
    await seed.mine("2022-11-02");
    await seed.disburse(agreement, id, day("2022-11-02"));
    await seed.mine("2022-12-05");
    const loan = await readLoan(id);
    expect(loan).to.deep.include({ state: "active", days_past_due: 4, outstanding_principal: "500000" });
    expect(loan.disbursement?.date).to.equal("2022-11-02");
    expect(loan.due_today?.total).to.not.equal("0");
  });

  it("is cancelled, or given back by the borrower, and nobody owes anything", async () => {
    for (const [nr, kind] of [
      [3, "cancelled"],
      [4, "returned"],
    ] as const) {
      const { agreement } = c02Agreement(nr, BORROWER, kind === "cancelled" ? DESK : BORROWER);
      const id = await seed.originate(agreement);
      await seed.mine("2022-11-03");
      await seed.cancel(agreement, id, "2022-11-03", kind);
      await seed.mine("2023-02-01");
      const loan = await readLoan(id);
      expect(loan).to.deep.include({ state: "cancelled", outstanding_principal: "0", days_past_due: 0 });
      expect(loan.payoff_today?.total).to.equal("0");
      expect(loan.cancellation).to.deep.include({
        ...{ kind, date: "2022-11-03", by: BORROWER, recipient: POOL, amount: "500000" },
      });
      expect(new Set(loan.schedule.map(({ state }) => state))).to.deep.equal(new Set(["scheduled"]));
      await seed.mine("2022-11-01");
    }
  });

  it("keeps what was paid before it was given back, and nothing of the rest is overdue", async () => {
    const { agreement } = c02Agreement(4);
    const id = await seed.originate(agreement);
    const first = (await readLoan(id)).schedule[0];
    await seed.repay(agreement, id, [{ on: "2022-11-02", amount: BigInt(first?.total ?? 0) + 1n }]);
    await seed.cancel(agreement, id, "2022-11-03", "returned");
    await seed.mine("2023-06-01");
    const loan = await readLoan(id);
    expect(loan).to.deep.include({ state: "cancelled", outstanding_principal: "0" });
    const { data } = loanListBody.parse(await (await server.get("/v1/loans")).json());
    expect(data.find((each) => each.id === id)?.instalments_paid).to.equal(1);
    const [paid, begun, ...rest] = loan.schedule.map(({ state }) => state);
    expect([paid, begun]).to.deep.equal(["paid", "part_paid"]);
    expect(new Set(rest)).to.deep.equal(new Set(["scheduled"]));
  });

  it("shows a payment that was taken back, but counts it nowhere", async () => {
    const { agreement } = c02Agreement(5);
    const id = await seed.originate(agreement);
    await seed.repay(agreement, id, [
      { on: "2022-12-01", amount: 30_500n },
      { on: "2023-01-01", amount: 30_500n, recorder: DESK },
    ]);
    const paid = await readLoan(id);
    await seed.reverse(id, DESK, "2023-01-02");
    const loan = await readLoan(id);
    expect(paid.totals.paid.total).to.equal("61000");
    expect(loan.totals.paid.total).to.equal("30500");
    expect(loan.outstanding_principal).to.equal("474500");
    expect(loan.payments.map(({ recorder, reversal }) => [recorder, reversal?.date])).to.deep.equal([
      [null, undefined],
      [DESK, "2023-01-02"],
    ]);
    expect(loan).to.deep.include({ days_past_due: 1, overdue: "30500" });
    expect(loan.schedule[1]).to.deep.include({ state: "overdue", unpaid: "30500", last_paid_date: null });
    expect(loan.payoff_today).to.not.equal(null);
    await seed.repay(agreement, id, [{ on: "2023-01-03", amount: 30_500n }]);
    const again = await readLoan(id);
    expect(again.payments.map(({ nr }) => nr)).to.deep.equal([1, 2, 3]);
    expect(again.totals.paid.total).to.equal("61000");
    expect(again.payoff_today).to.not.equal(null);
  });

  it("is open again when the payment that closed it is taken back", async () => {
    const { agreement } = c02Agreement(6);
    const id = await seed.originate(agreement);
    await seed.repay(agreement, id, [{ on: "2022-12-01", amount: 600_000n, recorder: DESK }]);
    expect(await readLoan(id)).to.deep.include({ state: "closed", outstanding_principal: "0" });
    await seed.reverse(id, DESK, "2022-12-02");
    const loan = await readLoan(id);
    expect(loan).to.deep.include({ state: "active", outstanding_principal: "500000", closing: null });
    expect(loan.totals.waived_interest).to.equal("0");
    expect(await list("state=active")).to.deep.equal([id]);
    expect(await list("state=closed")).to.deep.equal([]);
  });

  it("stands on its new table, with the old one, what was forgiven, and its lateness", async () => {
    const { agreement } = c02Agreement(7);
    const id = await seed.originate(agreement);
    await seed.repay(agreement, id, [{ on: "2022-12-20", amount: 20_000n }]);
    const before = await readLoan(id);
    const signed = await seed.restructure(id, "2023-02-10", 10, 5_000n);
    const loan = await readLoan(id);
    expect(loan).to.deep.include({
      version: 2,
      state: "active",
      arrears_since_date: "2022-12-01",
      paid_on_time: 0,
      days_past_due: 71,
      overdue: "0",
      outstanding_principal: String(signed.principal),
    });
    expect(loan.schedule.map(({ nr }) => nr)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [restructuring] = loan.restructurings;
    expect(restructuring).to.deep.include({ version: 2, payments: 1, capitalised: "5000" });
    expect(restructuring?.paid).to.deep.equal(before.totals.paid);
    const keep = ({ nr, due_date, principal, interest, fee }: (typeof loan.schedule)[number]) =>
      [nr, due_date, principal, interest, fee].join(" ");
    expect(restructuring?.superseded.map((row) => keep(row as never))).to.deep.equal(
      before.schedule.map(keep),
    );
    expect(Number(restructuring?.forgiven)).to.be.greaterThan(0);
    // What was signed first stays as it was.
    expect(loan.terms).to.deep.equal(before.terms);
    expect(loan.totals.paid.total).to.equal("0");
    expect(loan.totals.paid_before).to.deep.equal(before.totals.paid);
    expect(loan.payments[0]).to.deep.include({ version: 1, late_days: 19 });
    expect(loan.due_today?.total).to.equal("0");
  });

  it("is cured by three instalments that are paid on time in a row", async () => {
    const { agreement } = c02Agreement(8);
    const id = await seed.originate(agreement);
    await seed.mine("2023-01-10");
    await seed.restructure(id, "2023-01-10", 6);
    const paid: unknown[] = [];
    for (const on of ["2023-02-09", "2023-03-10", "2023-04-01"]) {
      const [first] = (await readLoan(id)).schedule.filter(({ state }) => state !== "paid");
      await seed.repay(agreement, id, [{ on, amount: BigInt(first?.unpaid ?? 0) }]);
      const loan = await readLoan(id);
      paid.push([loan.arrears_since_date, loan.paid_on_time, loan.days_past_due > 0]);
      expect(loan.payoff_today, on).to.not.equal(null);
    }
    expect(paid).to.deep.equal([
      ["2022-12-01", 1, true],
      ["2022-12-01", 2, true],
      [null, 0, false],
    ]);
  });

  it("quotes nothing when a restructuring does not replay to what the mirror holds", async () => {
    const { agreement } = c02Agreement(9);
    const id = await seed.originate(agreement);
    await seed.repay(agreement, id, [{ on: "2022-12-20", amount: 20_000n }]);
    await seed.restructure(id, "2023-02-10", 10);
    await seed.repay(agreement, id, [{ on: "2023-03-01", amount: 700n, recorder: DESK }]);
    await seed.reverse(id, DESK, "2023-03-02");
    expect((await readLoan(id)).payoff_today).to.not.equal(null);
    for (const tamper of [
      "update chain.restructuring set forgiven = forgiven + 1",
      "update chain.restructuring set penalty_cap = penalty_cap + 1",
      "update chain.restructuring set arrears_day = arrears_day + 1",
      "update chain.restructuring set interest_paid = interest_paid + 1",
      "update chain.instalment set principal = principal + 1 where version = 2 and nr = 3",
    ]) {
      await seed.client.query("begin");
      await seed.client.query("create temp table kept_v as table chain.restructuring");
      await seed.client.query("create temp table kept_i as table chain.instalment");
      await seed.client.query(tamper);
      await seed.client.query("commit");
      const loan = await readLoan(id);
      expect([loan.payoff_today, loan.due_today], tamper).to.deep.equal([null, null]);
      await seed.client.query(`delete from chain.restructuring; insert into chain.restructuring table kept_v;
        delete from chain.instalment; insert into chain.instalment table kept_i; drop table kept_v, kept_i`);
    }
  });

  it("stays owed after it was given up, and is closed by who pays it then", async () => {
    const { agreement } = c02Agreement(10);
    const id = await seed.originate(agreement);
    await seed.mine("2023-09-01");
    await seed.writeOff(id, "2023-09-01");
    const loan = await readLoan(id);
    expect(loan).to.deep.include({ state: "written_off", outstanding_principal: "500000" });
    expect(loan.days_past_due).to.equal(274);
    expect(loan.write_off).to.deep.include({
      date: "2023-09-01",
      owner: POOL,
      outstanding_principal: "500000",
    });
    expect(Number(loan.payoff_today?.total)).to.be.greaterThan(500_000);
    await seed.repay(agreement, id, [{ on: "2023-09-10", amount: 900_000n }]);
    const closed = await readLoan(id);
    expect(closed.state).to.equal("closed");
    expect(closed.write_off?.date).to.equal("2023-09-01");
  });

  it("is owed by the address to which the borrower moved, and found under every one of hers", async () => {
    const { agreement } = c02Agreement(11);
    const id = await seed.originate(agreement);
    await seed.move(BORROWER, MOVED);
    const loan = await readLoan(id);
    expect([loan.borrower, loan.terms.borrower]).to.deep.equal([MOVED, BORROWER]);
    for (const borrower of [BORROWER, MOVED]) expect(await list(`borrower=${borrower}`)).to.deep.equal([id]);
  });

  it("is listed by its state and by no other", async () => {
    const [active, funded, cancelled, closed, writtenOff] = [12, 13, 14, 15, 16].map(
      (nr) => c02Agreement(nr, BORROWER, nr === 13 || nr === 14 ? DESK : BORROWER).agreement,
    );
    const all = [active, funded, cancelled, closed, writtenOff] as NonNullable<typeof active>[];
    const ids: Hex[] = [];
    for (const agreement of all) ids.push(await seed.originate(agreement));
    const [, , cancelledId, closedId, writtenOffId] = ids as [Hex, Hex, Hex, Hex, Hex];
    await seed.cancel(all[2] as NonNullable<typeof active>, cancelledId, "2022-11-02", "cancelled");
    await seed.repay(all[3] as NonNullable<typeof active>, closedId, [
      { on: "2022-11-20", amount: 600_000n },
    ]);
    await seed.writeOff(writtenOffId, "2023-06-01");
    const states = ["active", "funded", "cancelled", "closed", "written_off"];
    for (const [at, state] of states.entries()) {
      expect(await list(`state=${state}`), state).to.deep.equal([ids[at]]);
      expect((await readLoan(ids[at] as Hex)).state).to.equal(state);
    }
  });
});
