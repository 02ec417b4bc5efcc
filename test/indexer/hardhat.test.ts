import { expect } from "chai";
import { verify } from "../../indexer/verify.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { dump } from "./support/mirror.ts";
import { randomFrom } from "./support/random.ts";
import { caughtUp, emptyMirror, openHardhatWorld, rebuilt, startIndexer } from "./support/world.ts";

describe("indexer: Hardhat's node", () => {
  let world: Awaited<ReturnType<typeof openHardhatWorld>>;

  before(async () => {
    world = await openHardhatWorld();
  });
  after(() => world.close());

  it("is mirrored to the same rows, followed or read afterwards", async () => {
    const lifecycle = createLifecycle(world.institution, randomFrom(21));
    const databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, databaseUrl });
    await lifecycle.begin();
    await lifecycle.play(60);
    await caughtUp(world, databaseUrl);
    await indexer.stop();
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
    expect((await verify({ ...world, databaseUrl })).differences).to.deep.equal([]);
  });
});
