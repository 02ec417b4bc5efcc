import { expect } from "chai";
import type { Hex } from "viem";
import { verify } from "../../indexer/verify.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { ask, dump, until } from "./support/mirror.ts";
import { deep, randomFrom, seedOf } from "./support/random.ts";
import {
  caughtUp,
  emptyMirror,
  type RunningIndexer,
  rebuilt,
  startIndexer,
  theWorld,
  type World,
} from "./support/world.ts";

describe("indexer: reorgs", function () {
  this.timeout(deep ? 600_000 : 60_000);
  let world: World;
  let databaseUrl: string;
  let indexer: RunningIndexer;

  before(async () => {
    world = await theWorld();
    await world.institution.deposit(1_000_000n);
  });
  beforeEach(async () => {
    databaseUrl = await emptyMirror();
    indexer = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
  });
  afterEach(() => indexer.stop());

  const snapshot = (): Promise<Hex> => world.institution.rpc<Hex>("evm_snapshot");
  const revert = (id: Hex) => world.institution.rpc("evm_revert", id);
  const loanIds = async (): Promise<string[]> =>
    (await ask<{ id: string }>(databaseUrl, "select chain.hex(loan_id) as id from chain.loan")).map(
      ({ id }) => id,
    );

  it("does not take a node that is behind for a reorg", async () => {
    const { institution } = world;
    const id = await snapshot();
    const loanId = await institution.originate({ schedule: await institution.monthly(2) });
    await institution.mine(5);
    await caughtUp(world, databaseUrl);
    const before = await dump(databaseUrl);
    await revert(id);
    const { number } = await institution.client.getBlock();
    // The mirror has seen the lower head, more than once, and keeps what it has.
    for (let looks = 0; looks < 3; looks++) {
      const [seen] = await ask<{ at: string }>(
        databaseUrl,
        "select head_seen_at::text as at from chain.checkpoint",
      );
      await until("the head was looked at again", async () => {
        const [row] = await ask<{ at: string; head: string }>(
          databaseUrl,
          "select head_seen_at::text as at, head_number as head from chain.checkpoint",
        );
        return row !== undefined && row.at !== seen?.at && BigInt(row.head) === number;
      });
    }
    expect(await dump(databaseUrl)).to.deep.equal(before);
    expect(await loanIds()).to.include(loanId);
  });

  it("removes a loan whose block a longer fork took away", async () => {
    const { institution } = world;
    const id = await snapshot();
    const loanId = await institution.originate({ schedule: await institution.monthly(2) });
    await institution.repay(loanId, 4_000n);
    await caughtUp(world, databaseUrl);
    expect(await loanIds()).to.include(loanId);
    await revert(id);
    await institution.deposit(77n);
    await institution.mine(3);
    await caughtUp(world, databaseUrl);
    expect(await loanIds()).not.to.include(loanId);
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
    expect((await verify({ ...world, databaseUrl })).differences).to.deep.equal([]);
  });

  it("moves a loan whose transactions a fork has in other blocks", async () => {
    const { institution } = world;
    const { client } = institution;
    const id = await snapshot();
    const loanId = await institution.originate({ schedule: await institution.monthly(2) });
    const { transactionHash } = await institution.repay(loanId, 4_000n);
    const before = await client.getTransactionReceipt({ hash: transactionHash });
    const raws: Hex[] = [];
    // The approval, the origination, the payment.
    for (let number = before.blockNumber - 2n; number <= before.blockNumber; number++) {
      const { transactions } = await client.getBlock({ blockNumber: number });
      for (const hash of transactions)
        raws.push(await institution.rpc<Hex>("eth_getRawTransactionByHash", hash));
    }
    await caughtUp(world, databaseUrl);
    await revert(id);
    await institution.mine(3);
    for (const raw of raws) await institution.rpc("eth_sendRawTransaction", raw);
    const after = await client.waitForTransactionReceipt({ hash: transactionHash });
    expect(after.blockNumber).to.be.greaterThan(before.blockNumber);
    await caughtUp(world, databaseUrl);
    const rows = await ask(
      databaseUrl,
      "select block_number, chain.hex(block_hash) as block_hash from chain.payment where chain.hex(tx_hash) = $1",
      [transactionHash],
    );
    expect(rows).to.deep.equal([{ block_number: String(after.blockNumber), block_hash: after.blockHash }]);
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
  });

  it("follows forks of depth 1 to 10", async () => {
    const { institution } = world;
    const lifecycle = createLifecycle(institution, randomFrom(seedOf(3)));
    for (let depth = 1; depth <= 10; depth++) {
      await lifecycle.play(depth);
      await institution.deposit(BigInt(depth));
      await caughtUp(world, databaseUrl);
      await institution.rpc("anvil_reorg", depth, []);
      await institution.deposit(BigInt(depth));
      await caughtUp(world, databaseUrl);
      expect(await dump(databaseUrl), `after a fork of depth ${depth}`).to.deep.equal(await rebuilt(world));
    }
    expect((await verify({ ...world, databaseUrl })).differences).to.deep.equal([]);
  });

  it("finds the ancestor of a fork deeper than the blocks that it read one by one", async () => {
    const { institution } = world;
    await institution.mine(20);
    const id = await snapshot();
    await institution.originate({ schedule: await institution.monthly(2) });
    await institution.mine(90);
    await institution.originate({ schedule: await institution.monthly(3) });
    await institution.mine(80);
    // Read from nothing: far behind the head only a few headers are kept.
    const sparse = await emptyMirror();
    const reader = startIndexer({ ...world, databaseUrl: sparse });
    await caughtUp(world, sparse);
    await revert(id);
    await institution.deposit(5n);
    await institution.mine(250);
    await caughtUp(world, sparse);
    await reader.stop();
    expect(await dump(sparse)).to.deep.equal(await rebuilt(world));
  });

  it("follows random forks of a random life", async () => {
    const { institution } = world;
    const random = randomFrom(seedOf(4));
    for (let round = 0; round < (deep ? 200 : 6); round++) {
      const id = await snapshot();
      const abandoned = createLifecycle(institution, random);
      await abandoned.begin();
      await abandoned.play(random.below(15));
      if (random.chance(0.7)) await caughtUp(world, databaseUrl);
      await revert(id);
      const kept = createLifecycle(institution, random);
      await kept.begin();
      await kept.play(random.below(15));
      await institution.mine(30);
      await caughtUp(world, databaseUrl);
      expect(await dump(databaseUrl), `after round ${round}`).to.deep.equal(await rebuilt(world));
    }
    expect((await verify({ ...world, databaseUrl })).differences).to.deep.equal([]);
  });
});
