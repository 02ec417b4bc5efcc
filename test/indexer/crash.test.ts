import { setTimeout as after } from "node:timers/promises";
import { expect } from "chai";
import { verify } from "../../indexer/verify.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { ask, dump, until } from "./support/mirror.ts";
import { spawnIndexer } from "./support/process.ts";
import { deep, randomFrom, seedOf } from "./support/random.ts";
import { caughtUp, emptyMirror, rebuilt, startIndexer, theWorld, type World } from "./support/world.ts";

interface Session {
  pid: number;
  working: boolean;
}

describe("indexer: crashes and other writers", function () {
  this.timeout(deep ? 900_000 : 60_000);
  let world: World;
  let databaseUrl: string;

  before(async () => {
    world = await theWorld();
    await world.institution.deposit(1_000_000n);
  });
  beforeEach(async () => {
    databaseUrl = await emptyMirror();
  });

  /** The indexers' connections to this test's database. */
  const sessions = (): Promise<Session[]> =>
    ask<{ pid: number; working: boolean }>(
      databaseUrl,
      `select a.pid, exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted) as working
       from pg_stat_activity a where a.datname = current_database() and a.application_name = 'ahadi indexer'`,
    );
  const untilWorking = (count = 1): Promise<void> =>
    until("an indexer holds the lock", async () => {
      const all = await sessions();
      return all.length >= count && all.some(({ working }) => working);
    });

  it("loses nothing and writes nothing twice when it is killed at random points", async () => {
    const random = randomFrom(seedOf(6));
    const lifecycle = createLifecycle(world.institution, random);
    await lifecycle.begin();
    for (let round = 0; round < (deep ? 100 : 8); round++) {
      const indexer = spawnIndexer({ ...world, databaseUrl });
      const playing = lifecycle.play(10 + random.below(10));
      await untilWorking();
      // The moment of the kill is the point of this test: anywhere between the first block and the last.
      await after(random.below(60));
      expect(await indexer.end("SIGKILL")).to.equal(null);
      await playing;
    }
    const indexer = spawnIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    expect(await indexer.end("SIGTERM"), "exit code after an orderly end").to.equal(0);
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
    expect((await verify({ ...world, databaseUrl })).differences).to.deep.equal([]);
  });

  it("stands by while another one writes, and takes over as soon as that one is dead", async () => {
    const first = spawnIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    const second = startIndexer({ ...world, databaseUrl });
    await untilWorking(2);
    const working = (await sessions()).filter((session) => session.working);
    expect(working).to.have.length(1);

    await world.institution.mine(1);
    await caughtUp(world, databaseUrl);
    await first.end("SIGKILL");
    await world.institution.mine(1);
    const startedAt = performance.now();
    await caughtUp(world, databaseUrl);
    expect(performance.now() - startedAt, "milliseconds until the other one wrote").to.be.lessThan(3_000);
    const [writer] = await sessions();
    expect(writer?.pid).not.to.equal(working[0]?.pid);
    await second.stop();
  });

  it("goes on when the database has cut its connection", async () => {
    const indexer = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    for (let cut = 0; cut < 3; cut++) {
      await ask(
        databaseUrl,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'ahadi indexer'",
      );
      await world.institution.deposit(BigInt(cut + 1));
      await caughtUp(world, databaseUrl);
    }
    await indexer.stop();
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
  });

  it("stops in the middle of standing by", async () => {
    const first = startIndexer({ ...world, databaseUrl });
    await caughtUp(world, databaseUrl);
    const second = startIndexer({ ...world, databaseUrl });
    await untilWorking(2);
    await second.stop();
    await first.stop();
    expect(await sessions()).to.deep.equal([]);
  });
});
