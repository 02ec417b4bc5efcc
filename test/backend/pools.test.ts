import { expect } from "chai";
import type { Address } from "viem";
import { poolListBody, poolValue } from "../../backend/modules/pools/schema.ts";
import { c02Agreement, DESK, LENDER, POOL, Seed } from "./seed.ts";
import { emptyDatabase, migratedDatabase, startApi, type TestDatabase, type TestServer } from "./server.ts";

describe("/v1/pools", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
  });

  beforeEach(async () => {
    await emptyDatabase(database);
    seed = await new Seed(database.url).open();
    await seed.institution();
  });

  afterEach(() => seed.close());

  after(async () => {
    await server.close();
    await database.drop();
  });

  const readPool = async () => poolValue.parse(await (await server.get(`/v1/pools/${POOL}`)).json());

  it("quotes no price that the contract did not give for the very block of the books", async () => {
    for (const stale of [false, true]) {
      if (stale) {
        await seed.quote(1n);
        await seed.mine("2022-11-01");
      }
      const { accrual, share_price, exit_price } = await readPool();
      expect([accrual, share_price, exit_price]).to.deep.equal([null, null, null]);
    }
  });

  it("gives both prices as the exact fractions of OpenZeppelin's ERC-4626 with six decimals of offset", async () => {
    const supply = 10_000_000_000_000_000n;
    await seed.quote(700n, 30n, 20n);
    const pool = await readPool();
    const denominator = String(supply + 1_000_000n);
    expect(pool.share_price).to.deep.equal({ numerator: "10000000701", denominator });
    expect(pool.exit_price).to.deep.equal({ numerator: "10000000681", denominator });
    expect([pool.decimals, pool.share_decimals]).to.deep.equal([6, 12]);
  });

  it("counts as the lenders' what is idle, on its way or lent out, and what is earned and not received", async () => {
    await seed.books({ cash: 1n, outstanding: 300n, interest: 4n, fees: 50_000n });
    await seed.reserves({
      held: 20n,
      funded: 4_000n,
      reserved: 600_000n,
      cover: 7_000_000n,
      uncovered: 8n,
      cover_before: 9n,
    });
    await seed.quote(15n, 2n, 1n);
    const { state, accrual } = await readPool();
    expect(state).to.include({
      ...{ cash: "1", outstanding: "300", interest_received: "4", fees: "50000", held: "20", funded: "4000" },
      ...{ reserved: "600000", cover: "7000000", uncovered: "8", cover_before: "9", paused: false },
    });
    expect(accrual).to.deep.equal({
      recognised: "15",
      total_assets: "4332",
      provisions: "2",
      exit_deduction: "1",
    });
  });

  it("shows no assets below nothing", async () => {
    await seed.books({ cash: 1n, interest: 50n });
    await seed.quote(15n, 0n, 0n);
    const { accrual, share_price } = await readPool();
    expect([accrual?.total_assets, share_price?.numerator]).to.deep.equal(["0", "1"]);
  });

  it("keeps figures of 78 digits exact", async () => {
    const huge = 2n ** 255n + 1n;
    await seed.books({ cash: huge });
    await seed.quote(0n);
    expect((await readPool()).accrual?.total_assets).to.equal(String(huge));
  });

  it("shows who waits to leave, in whose turn", async () => {
    expect((await readPool()).redemptions).to.deep.equal({
      waiting: 0,
      pending_shares: "0",
      next_request_id: null,
    });
    await seed.redemption(1, 500n, 500n);
    await seed.redemption(2, 800n, 300n);
    await seed.redemption(3, 90n);
    expect((await readPool()).redemptions).to.deep.equal({
      waiting: 2,
      pending_shares: "590",
      next_request_id: "2",
    });
  });

  it("shows the newest limits, and whether new business is paused", async () => {
    expect((await readPool()).limits).to.equal(null);
    await seed.limits();
    await seed.pause(true);
    const pool = await readPool();
    expect(pool.state.paused).to.equal(true);
    expect(pool.limits).to.include({
      one_approval_up_to: "1",
      max_principal: "2",
      max_per_borrower: "3",
      max_outstanding: "4",
      rate_capacity: "5",
      rate_window_s: 6,
      max_term_days: 7,
      max_cost_bps: 8,
    });
    await seed.pause(false);
    expect((await readPool()).state.paused).to.equal(false);
  });

  it("counts the loans that it funded and still owns, and what they owe in base units", async () => {
    await seed.mine("2022-11-01");
    const loan = (nr: number, payee?: Address) => c02Agreement(nr, undefined, payee).agreement;
    const [kept, closed, sold, funded, cancelled, givenUp] = [
      ...[loan(1), loan(2), loan(3)],
      ...[loan(4, DESK), loan(5, DESK), loan(6)],
    ] as const;
    await seed.originate(kept);
    await seed.originate(funded);
    await seed.cancel(cancelled, await seed.originate(cancelled), "2022-11-01", "cancelled");
    const soldId = await seed.originate(sold);
    const givenUpId = await seed.originate(givenUp);
    await seed.repay(closed, await seed.originate(closed), [{ on: "2022-11-20", amount: 600_000n }]);
    await seed.writeOff(givenUpId, "2023-06-01");
    await seed.sellNote(soldId, POOL, LENDER);
    const expected = {
      total: 5,
      active: 1,
      funded: 1,
      written_off: 1,
      outstanding_principal: "5000000000",
      funded_principal: "5000000000",
    };
    expect((await readPool()).loans).to.deep.equal(expected);
    // A note that comes back uninvited is in nobody's books.
    await seed.sellNote(soldId, LENDER, POOL);
    expect((await readPool()).loans).to.deep.equal(expected);
  });

  it("proves its books with the newest log and its existence with the registration", async () => {
    await seed.mine("2022-11-02");
    await seed.books({ cash: 5n });
    expect((await readPool()).state.proof.block_number).to.equal(3);
    await seed.mine("2022-11-03");
    await seed.reserves({ cover: 5n });
    const pool = await readPool();
    expect(pool.proof.block_number).to.equal(1);
    expect(pool.state.proof.block_number).to.equal(4);
  });

  it("lists every pool", async () => {
    const body = poolListBody.parse(await (await server.get("/v1/pools")).json());
    expect(body.data).to.deep.equal([await readPool()]);
  });
});
