import { expect } from "chai";
import { type Hex, pad, toHex } from "viem";
import { verify } from "../../indexer/verify.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { ask, dump } from "./support/mirror.ts";
import { deep, randomFrom, seedOf } from "./support/random.ts";
import { caughtUp, emptyMirror, rebuilt, startIndexer, theWorld, type World } from "./support/world.ts";

describe("indexer: backfill and follow", function () {
  this.timeout(deep ? 600_000 : 60_000);
  let world: World;

  before(async () => {
    world = await theWorld();
  });

  it("writes the same rows whether it followed a random life or read it afterwards, and both equal the chain", async () => {
    const lifecycle = createLifecycle(world.institution, randomFrom(seedOf(2)));
    await lifecycle.begin();
    const databaseUrl = await emptyMirror();
    const follower = startIndexer({ ...world, databaseUrl });
    for (let round = 0; round < (deep ? 30 : 6); round++) {
      await lifecycle.play(25);
      const result = await verify({ ...world, databaseUrl });
      expect(result.differences).to.deep.equal([]);
    }
    await follower.stop();
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
    const [count] = await ask<{ closed: string; late: string }>(
      databaseUrl,
      `select count(*) filter (where state = 'closed') as closed, count(*) filter (where penalty_paid > 0) as late
       from chain.loan_state`,
    );
    expect(Number(count?.closed), "closed loans").to.be.greaterThan(0);
    expect(Number(count?.late), "loans with penalties").to.be.greaterThan(0);
  });

  it("reads long ranges far behind the head, and comes to the same rows", async () => {
    const before = await rebuilt(world);
    await world.institution.mine(300);
    expect(await rebuilt(world)).to.deep.equal(before);
  });

  it("has what pools answer at its newest block, and nothing older", async () => {
    const { institution } = world;
    const databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, databaseUrl });
    for (const days of [0, 3]) {
      await institution.goToDay((await institution.today()) + 1 + days);
      await caughtUp(world, databaseUrl);
      const rows = await ask(
        databaseUrl,
        `select c.block_number, q.recognised, q.provisions, q.exit_deduction
         from chain.pool_quote q left join chain.checkpoint c on c.block_number = q.block_number`,
      );
      const { poolContract: pool, client } = institution;
      expect(rows).to.deep.equal([
        {
          block_number: String(await client.getBlockNumber()),
          recognised: String(await pool.read.recognised()),
          provisions: String(await pool.read.provisions()),
          exit_deduction: String(await pool.read.exitDeduction()),
        },
      ]);
      expect(rows[0]?.recognised).to.not.equal("0");
    }
    await indexer.stop();
  });

  it("keeps an unknown event raw, with event null", async () => {
    const { institution, deployment } = world;
    const address = deployment.contracts.LoanBook.address;
    const code = await institution.client.getCode({ address });
    const topic = pad("0xfeed", { size: 32 });
    // LOG1 with this topic and no data, for the length of one transaction in LoanBook's place.
    await institution.rpc("anvil_setCode", address, `0x7f${topic.slice(2)}60006000a100`);
    const hash = await institution.rpc<Hex>("eth_sendTransaction", {
      from: institution.lender,
      to: address,
      gas: toHex(100_000),
    });
    await institution.client.waitForTransactionReceipt({ hash });
    await institution.rpc("anvil_setCode", address, code);

    const databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    await indexer.stop();
    const rows = await ask(
      databaseUrl,
      "select chain.hex(tx_hash) as hash, chain.hex(topics[1]) as topic, event from chain.log where event is null",
    );
    expect(rows).to.deep.equal([{ hash, topic, event: null }]);
    expect((await verify({ ...world, databaseUrl })).ok).to.equal(true);
  });

  it("notifies with the block's number at each commit", async () => {
    const { institution } = world;
    const databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    const { default: pg } = await import("pg");
    const listener = new pg.Client(databaseUrl);
    await listener.connect();
    await listener.query("listen ahadi_chain");
    const heard = new Promise<string | undefined>((resolve) => {
      listener.once("notification", ({ payload }) => resolve(payload));
    });
    await institution.mine(1);
    const { number } = await institution.client.getBlock();
    expect(await heard).to.equal(String(number));
    await listener.end();
    await indexer.stop();
  });
});
