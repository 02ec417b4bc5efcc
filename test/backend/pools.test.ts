import { expect } from "chai";
import { poolListBody, poolValue } from "../../backend/modules/pools/schema.ts";
import { c02Agreement, POOL, Seed } from "./seed.ts";
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

  it("gives the share price as the exact fraction of OpenZeppelin's ERC-4626 with six decimals of offset", async () => {
    const supply = 10_000_000_000_000_000n;
    const pool = await readPool();
    expect(pool.share_price).to.deep.equal({
      numerator: "10000000001",
      denominator: String(supply + 1_000_000n),
    });
    expect([pool.decimals, pool.share_decimals]).to.deep.equal([6, 12]);
  });

  it("counts cash, what waits to be collected and what is lent out as assets", async () => {
    await seed.pool({ cash: 1n, held: 20n, outstanding: 300n, income: 4n });
    const { state } = await readPool();
    expect(state).to.include({
      cash: "1",
      held_cash: "20",
      outstanding_principal: "300",
      income_received: "4",
      total_assets: "321",
    });
  });

  it("keeps figures of 78 digits exact", async () => {
    const huge = 2n ** 255n + 1n;
    await seed.pool({ cash: huge });
    expect((await readPool()).state.total_assets).to.equal(String(huge));
  });

  it("counts the loans whose note the pool holds, and what they owe in base units", async () => {
    await seed.mine("2022-11-01");
    const [kept, closed, sold] = [
      c02Agreement(1).agreement,
      c02Agreement(2).agreement,
      c02Agreement(3).agreement,
    ];
    await seed.originate(kept);
    await seed.repay(closed, await seed.originate(closed), [{ on: "2022-11-20", amount: 600_000n }]);
    const soldId = await seed.originate(sold);
    await seed.sellNote(soldId, POOL, "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");
    expect((await readPool()).loans).to.deep.equal({
      total: 2,
      active: 1,
      outstanding_principal: "5000000000",
    });
  });

  it("proves its books with the newest log and its existence with the registration", async () => {
    await seed.mine("2022-11-02");
    await seed.pool({ cash: 5n });
    const pool = await readPool();
    expect(pool.proof.block_number).to.equal(1);
    expect(pool.state.proof.block_number).to.equal(3);
  });

  it("lists every pool", async () => {
    const body = poolListBody.parse(await (await server.get("/v1/pools")).json());
    expect(body.data).to.deep.equal([await readPool()]);
  });
});
