import { readFile } from "node:fs/promises";
import { expect } from "chai";
import type { Hex } from "viem";
import { lendingPoolAbi } from "../../chain/abi.ts";
import { parseMoney } from "../../lending/money.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { getJson, isAlive, type LocalRun, runCli, startAhadi } from "./support/ahadi.ts";
import { openInstitution, seededRandom } from "./support/lifecycle.ts";

const KILLS = 22;
const REORG_DEPTH = 7;
const SEED = 20_221_101;

/** Two days before C02's disbursement of 2022-11-01. */
const CHAIN_START = String(Date.UTC(2022, 9, 30, 5) / 1000);

interface Proof {
  block_number: string | number;
  transaction_hash: Hex;
  log_index: number;
}

interface LoanAnswer {
  id: Hex;
  state: string;
  funding: unknown;
  disbursement: { date: string; amount: string; upfront_fee: string } | null;
  days_past_due: number;
  schedule: {
    nr: number;
    due_date: string;
    principal: string;
    interest: string;
    fee: string;
    total: string;
  }[];
  payments: { nr: number; date: string; total: string; penalty: string; late_days: number; proof: Proof }[];
  terms_document: unknown;
}

interface GoldenRow {
  nr: number;
  dueDate: string;
  principalDue: string;
  interestDue: string;
  total: string;
}

interface PoolAnswer {
  address: Hex;
  state: { cover: string; outstanding: string };
  share_price: { numerator: string; denominator: string } | null;
  exit_price: { numerator: string; denominator: string } | null;
  redemptions: { waiting: number; pending_shares: string };
  loans: { active: number; outstanding_principal: string };
  as_of: { block_number: number };
}

interface Verified {
  ok: boolean;
  loans: number;
  differences: unknown[];
}

describe("the whole system", function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let run: LocalRun;
  let loan: LoanAnswer;

  before(async () => {
    folder = await temporaryFolder();
    run = await startAhadi(folder.path, ["--chain-start", CHAIN_START]);
  });

  after(async () => {
    await run?.stop();
    await folder.remove();
  });

  const verify = () => runCli<Verified>(["verify", "--data-dir", folder.path]);

  it("lists the demo's loans, newest first", async () => {
    const list = await getJson<{ data: { id: Hex }[] }>(`${run.ready.api}/loans`);
    expect(list.data).to.have.length(2);
    loan = await getJson<LoanAnswer>(`${run.ready.api}/loans/${list.data[1]?.id}`);
    expect(loan.id).to.equal(list.data[1]?.id);
    expect(loan.funding).to.equal(null);
  });

  it("has a loan through the desk, which runs since the borrower's receipt", async () => {
    const list = await getJson<{ data: { id: Hex }[] }>(`${run.ready.api}/loans`);
    const desk = await getJson<LoanAnswer>(`${run.ready.api}/loans/${list.data[0]?.id}`);
    expect(desk.state).to.equal("active");
    expect(desk.funding).to.deep.include({ date: "2023-02-01", amount: "58800" });
    expect(desk.disbursement).to.include({ date: "2023-02-02", amount: "58800", upfront_fee: "1200" });
  });

  it("shows the pool's prices as its contract has them, its cover, and who waits to leave", async () => {
    const { data } = await getJson<{ data: PoolAnswer[] }>(`${run.ready.api}/pools`);
    const [pool] = data;
    if (pool === undefined) throw new Error("there is no pool");
    expect(pool.state.cover).to.equal("1000000000");
    expect(pool.redemptions.waiting).to.equal(1);
    expect(pool.loans).to.include({ active: 2, outstanding_principal: pool.state.outstanding });
    const { client } = await openInstitution(run.ready.rpc, run.ready.deployment_dir);
    const at = { address: pool.address, abi: lendingPoolAbi, blockNumber: BigInt(pool.as_of.block_number) };
    // Much more than a share, so that the fraction is seen and not only its whole.
    const shares = 10n ** 30n;
    for (const [price, functionName] of [
      [pool.share_price, "convertToAssets"],
      [pool.exit_price, "convertToExitAssets"],
    ] as const) {
      const worth = await client.readContract({ ...at, functionName, args: [shares] });
      expect((shares * BigInt(price?.numerator ?? 0)) / BigInt(price?.denominator ?? 1)).to.equal(worth);
    }
  });

  it("has C02's 18 rows on C02's dates, to the cent", async () => {
    const golden = JSON.parse(
      await readFile(new URL("../golden/fineract-schedules.json", import.meta.url), "utf8"),
    ) as { cases: { id: string; expected: GoldenRow[] }[] };
    const expected = golden.cases.find(({ id }) => id === "C02-decl-emi-sar-18m")?.expected ?? [];
    expect(expected).to.have.length(18);
    const minor = (text: string) => String(parseMoney(text, 2, "golden"));
    expect(
      loan.schedule.map(({ nr, due_date, principal, interest, total }) => ({
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
        principal: minor(row.principalDue),
        interest: minor(row.interestDue),
        total: minor(row.total),
      })),
    );
  });

  it("carries three payments with their transactions, the second one late with its penalty", async () => {
    expect(loan.payments.map(({ date, total, late_days }) => [date, total, late_days])).to.deep.equal([
      ["2022-12-01", "30500", 0],
      ["2023-01-07", "30580", 6],
      ["2023-02-01", "30500", 0],
    ]);
    const { client } = await openInstitution(run.ready.rpc, run.ready.deployment_dir);
    for (const { proof } of loan.payments) {
      const receipt = await client.getTransactionReceipt({ hash: proof.transaction_hash });
      expect(Number(receipt.blockNumber)).to.equal(Number(proof.block_number));
      expect(receipt.logs.map((log) => log.logIndex)).to.include(proof.log_index);
    }
  });

  it("shows the loan as overdue today, with the terms document that was signed", () => {
    expect(loan.days_past_due).to.be.greaterThan(365);
    expect(loan.terms_document).to.be.an("object");
  });

  it("shows the loan on a page that names each payment's transaction", async () => {
    const page = await (await fetch(new URL(`/loans/${loan.id}`, run.ready.pages))).text();
    for (const { proof } of loan.payments) expect(page).to.include(proof.transaction_hash);
  });

  it("verifies: the mirror equals the chain", async () => {
    const { code, result } = await verify();
    expect(result.differences).to.deep.equal([]);
    expect(code).to.equal(0);
    expect(result.loans).to.equal(2);
  });

  it(`equals the chain after ${KILLS} kills of the indexer at random points and a reorg of ${REORG_DEPTH} blocks`, async () => {
    const random = seededRandom(SEED);
    const people = await openInstitution(run.ready.rpc, run.ready.deployment_dir);
    const loans: Hex[] = [];
    const act = async (): Promise<void> => {
      const pick = loans[random(loans.length || 1)];
      if (pick === undefined || random(3) === 0) {
        loans.push(await people.lend(BigInt(10_000 + random(90_000)), 1 + random(12)));
        return;
      }
      if (random(4) === 0) await people.passTime(random(9 * 86_400));
      if ((await people.loanOf(pick)).state === 1) {
        await people.repay(pick, random(6) === 0 ? "payoff" : BigInt(1 + random(20_000)));
      }
    };

    let killed = 0;
    for (let round = 0; round < KILLS; round++) {
      const acts = Array.from({ length: 1 + random(3) }, () => act);
      const working = acts.reduce((before, next) => before.then(next), Promise.resolve());
      const pid = await until("the indexer runs again", async () => {
        const now = (await run.children()).get("indexer");
        return now !== undefined && now !== killed && isAlive(now) ? now : undefined;
      });
      await new Promise((resolve) => setTimeout(resolve, random(700)));
      process.kill(pid, "SIGKILL");
      killed = pid;
      await working;
    }
    expect(loans.length).to.be.greaterThan(3);
    expect((await verify()).result).to.include({ ok: true, loans: loans.length + 2 });

    await people.reorg(REORG_DEPTH);
    await act();
    const { code, result } = await verify();
    expect(result.differences).to.deep.equal([]);
    expect(result.ok).to.equal(true);
    expect(code).to.equal(0);
  });

  it("stops on SIGINT and leaves no process behind", async () => {
    const pids = [...(await run.children()).values()];
    expect(pids.length).to.be.greaterThanOrEqual(4);
    expect(await run.stop("SIGINT")).to.equal(0);
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it("goes on where it stopped: the same chain, the same loans", async () => {
    const before = loan;
    run = await startAhadi(folder.path);
    const again = await getJson<LoanAnswer>(`${run.ready.api}/loans/${before.id}`);
    expect(again.payments.slice(0, 3).map(({ proof }) => proof)).to.deep.equal(
      before.payments.map(({ proof }) => proof),
    );
    expect((await verify()).result.ok).to.equal(true);
  });
});
