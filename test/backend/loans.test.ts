import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { loanBody } from "../../backend/modules/loans/schema.ts";
import { problemBody } from "../../backend/problems.ts";
import { due, openStanding, payoff, repay, sumOf } from "../../lending/allocation.ts";
import { parseMoney } from "../../lending/money.ts";
import { BORROWER, c02Agreement, day, POOL, type Seed, seedC02, threePayments } from "./seed.ts";
import { emptyDatabase, migratedDatabase, startApi, type TestDatabase, type TestServer } from "./server.ts";

interface GoldenRow {
  nr: number;
  dueDate: string;
  principalDue: string;
  interestDue: string;
  total: string;
}

describe("GET /v1/loans/{id}", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;
  let loanId: string;

  const readLoan = async (id = loanId) => loanBody.parse(await (await server.get(`/v1/loans/${id}`)).json());

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
  });

  beforeEach(async () => {
    await emptyDatabase(database);
    ({ seed, loanId } = await seedC02(database.url));
  });

  afterEach(() => seed.close());

  after(async () => {
    await server.close();
    await database.drop();
  });

  it("quotes nothing when the payments do not replay to what the mirror holds", async () => {
    for (const tamper of [
      "update chain.allocation set interest = interest + 1, principal = principal - 1 where payment_nr = 2",
      "update chain.payment set penalty_total = penalty_total + 1 where nr = 3",
      "update chain.payment set outstanding_principal = outstanding_principal - 1 where nr = 3",
      "delete from chain.allocation where payment_nr = 1",
      "update chain.payment set day = day - 100 where nr = 3",
    ]) {
      await seed.client.query("begin");
      await seed.client.query(tamper);
      await seed.client.query("commit");
      const loan = await readLoan();
      expect(loan.payoff_today, tamper).to.equal(null);
      expect(loan.due_today, tamper).to.equal(null);
    }
  });

  it("answers with a problem, not with half a loan, when the mirror holds what it cannot mean", async () => {
    await seed.client.query("delete from chain.currency");
    const response = await server.get(`/v1/loans/${loanId}`);
    expect(response.status).to.equal(500);
    expect(problemBody.parse(await response.json()).code).to.equal("internal_error");
  });

  it("has the 18 rows of C02 as their source prints them", async () => {
    const golden = JSON.parse(
      await readFile(new URL("../golden/fineract-schedules.json", import.meta.url), "utf8"),
    ) as { cases: { id: string; expected: GoldenRow[] }[] };
    const expected = golden.cases.find(({ id }) => id.startsWith("C02-"))?.expected ?? [];
    const { schedule } = await readLoan();
    const cents = (text: string) => String(parseMoney(text, 2, "golden"));
    expect(
      schedule.map(({ nr, due_date, principal, interest, total }) => ({
        nr,
        due_date,
        principal,
        interest,
        total,
      })),
    ).to.deep.equal(
      expected.map((row) => ({
        nr: row.nr,
        due_date: row.dueDate,
        principal: cents(row.principalDue),
        interest: cents(row.interestDue),
        total: cents(row.total),
      })),
    );
  });

  it("has the three payments with what they paid and how late they were", async () => {
    const { payments } = await readLoan();
    expect(
      payments.map(({ nr, date, total, penalty, late_days, allocations }) => ({
        nr,
        date,
        total,
        penalty,
        late_days,
        on: allocations.map(({ instalment_nr }) => instalment_nr),
      })),
    ).to.deep.equal([
      { nr: 1, date: "2022-12-01", total: "30500", penalty: "0", late_days: 0, on: [1] },
      { nr: 2, date: "2023-01-12", total: "30566", penalty: "66", late_days: 11, on: [2] },
      { nr: 3, date: "2023-01-30", total: "30500", penalty: "0", late_days: 0, on: [3] },
    ]);
  });

  it("names for each group of figures the log it came from", async () => {
    const loan = await readLoan();
    const proofs = [
      loan.proof,
      loan.disbursement?.proof,
      ...loan.payments.flatMap(({ proof, allocations }) => [proof, ...allocations.map((one) => one.proof)]),
    ];
    for (const proof of proofs) {
      const { rows } = await seed.client.query(
        "select chain.hex(block_hash) as block_hash, chain.hex(tx_hash) as tx_hash from chain.log where block_number = $1 and log_index = $2",
        [proof?.block_number, proof?.log_index],
      );
      expect(rows).to.deep.equal([{ block_hash: proof?.block_hash, tx_hash: proof?.transaction_hash }]);
    }
    expect(new Set(proofs.map((proof) => `${proof?.block_number}/${proof?.log_index}`)).size).to.equal(
      proofs.length,
    );
  });

  it("says what was agreed in words, not in codes", async () => {
    const { terms, currency, chain, borrower, owner } = await readLoan();
    expect(terms).to.deep.include({
      principal: "500000",
      total_repayable: "548822",
      waterfall: ["penalty", "fee", "interest", "principal"],
      early_settlement: "pro_rata",
      penalty: { rate_bps: 1000, grace_days: 3, cap: "50000" },
      first_due_date: "2022-12-01",
      last_due_date: "2024-05-01",
      utc_offset_s: 10_800,
    });
    expect(currency).to.include({ symbol: "USDX", decimals: 2, token_decimals: 6, unit: "10000" });
    expect(chain.chain_id).to.equal(31_337);
    expect([borrower, owner]).to.deep.equal([BORROWER, POOL]);
  });

  it("computes what is owed today for every day of the loan, as the contract would", async () => {
    const { agreement } = c02Agreement();
    const terms = { ...agreement, earlySettlement: 1 as const };
    let standing = openStanding(agreement.disburseFromDay);
    for (const { on, amount } of threePayments) {
      const asked = amount === "due" ? sumOf(due(terms, standing, day(on))) : amount;
      standing = repay(terms, standing, asked, day(on)).next;
    }
    for (const today of [
      "2023-02-28",
      "2023-03-01",
      "2023-03-04",
      "2023-03-05",
      "2023-07-20",
      "2024-05-01",
      "2025-01-01",
    ]) {
      await seed.mine(today);
      const loan = await readLoan();
      const expected = { due: due(terms, standing, day(today)), payoff: payoff(terms, standing, day(today)) };
      expect(loan.as_of.today, today).to.equal(today);
      for (const component of ["penalty", "fee", "interest", "principal"] as const) {
        expect(loan.due_today?.[component], `${today} due ${component}`).to.equal(
          String(expected.due[component]),
        );
        expect(loan.payoff_today?.[component], `${today} payoff ${component}`).to.equal(
          String(expected.payoff[component]),
        );
      }
    }
  });

  it("takes today from the chain, in the loan's offset, never from this machine's clock", async () => {
    const { as_of } = await readLoan();
    expect(as_of).to.include({ today: "2023-02-05", block_time: "2023-02-05T09:00:00.000Z" });
    // 22:00 UTC is already the next day in UTC+3.
    await seed.client.query("update chain.checkpoint set block_time = $1", [
      Date.UTC(2023, 1, 28, 22) / 1000,
    ]);
    const loan = await readLoan();
    expect(loan.as_of.today).to.equal("2023-03-01");
    expect(loan.schedule[3]?.state).to.equal("due");
    expect([loan.days_past_due, loan.overdue]).to.deep.equal([0, "0"]);
  });

  it("calls an instalment late from the day after its due day on", async () => {
    await seed.mine("2023-03-02");
    const loan = await readLoan();
    expect([loan.days_past_due, loan.overdue, loan.schedule[3]?.state]).to.deep.equal([
      1,
      "30500",
      "overdue",
    ]);
    expect(loan.next_instalment).to.deep.equal({
      nr: 4,
      due_day: 19_417,
      due_date: "2023-03-01",
      unpaid: "30500",
    });
    await seed.mine("2023-04-02");
    expect((await readLoan()).overdue).to.equal("61000");
  });

  it("shows a part payment, and a penalty that keeps an instalment open", async () => {
    const { agreement } = c02Agreement(7);
    const id = await seed.originate(agreement);
    await seed.repay(agreement, id, [{ on: "2023-03-01", amount: 10_000n }]);
    const loan = await readLoan(id);
    const [first] = loan.schedule;
    expect(first?.state).to.equal("overdue");
    expect(Number(first?.paid.penalty)).to.be.greaterThan(0);
    expect(Number(first?.paid.total)).to.equal(10_000);
    expect(Number(first?.unpaid)).to.equal(30_500 - 10_000 + Number(first?.paid.penalty));
  });

  it("closes: a payoff waives the rest of the interest and nothing is owed", async () => {
    const { agreement } = c02Agreement(8);
    const id = await seed.originate(agreement);
    await seed.repay(agreement, id, [{ on: "2023-02-10", amount: 600_000n }]);
    const loan = await readLoan(id);
    expect(loan).to.deep.include({
      state: "closed",
      outstanding_principal: "0",
      next_instalment: null,
      days_past_due: 0,
    });
    expect(loan.closing?.date).to.equal("2023-02-10");
    expect(loan.payoff_today?.total).to.equal("0");
    expect(loan.schedule.every(({ state, unpaid }) => state === "paid" && unpaid === "0")).to.equal(true);
    expect(Number(loan.totals.waived_interest)).to.be.greaterThan(0);
    expect(Number(loan.totals.paid.interest) + Number(loan.totals.waived_interest)).to.equal(
      Number(loan.totals.scheduled.interest),
    );
  });

  it("keeps amounts beyond 2^53 exact", async () => {
    const huge = "18446744073709551615";
    await seed.client.query("update chain.loan set penalty_cap = $1", [huge]);
    expect((await readLoan()).terms.penalty.cap).to.equal(huge);
  });

  it("finds a loan in any letter case of its id", async () => {
    expect((await readLoan(`0x${loanId.slice(2).toUpperCase()}`)).id).to.equal(loanId);
  });

  it("sends the same bytes under the same tag, and 304 to those who have them", async () => {
    const first = await server.get(`/v1/loans/${loanId}`);
    const tag = first.headers.get("etag") ?? "";
    expect(tag).to.match(/^"[\w-]{20,}"$/);
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const again = await server.get(`/v1/loans/${loanId}`, { headers: { "If-None-Match": header } });
      expect(again.status, header).to.equal(304);
      expect(again.headers.get("etag")).to.equal(tag);
    }
    expect(
      (await server.get(`/v1/loans/${loanId}`, { headers: { "If-None-Match": '"other"' } })).status,
    ).to.equal(200);
    await seed.mine("2023-02-06");
    expect((await server.get(`/v1/loans/${loanId}`)).headers.get("etag")).to.not.equal(tag);
  });
});
