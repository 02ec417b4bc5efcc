import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { expect } from "chai";
import { verify } from "../../indexer/verify.ts";
import { migrate } from "../../platform/migrate.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { startPostgresProcess } from "../../scripts/local/postgres.ts";
import { cleanUpLater } from "../support/cleanup.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { ask, dump, until } from "./support/mirror.ts";
import { spawnIndexer } from "./support/process.ts";
import { deep, randomFrom, seedOf } from "./support/random.ts";
import {
  caughtUp,
  chainRoom,
  emptyMirror,
  rebuilt,
  startIndexer,
  theWorld,
  type World,
} from "./support/world.ts";

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
    for (let round = 0; round < (deep ? 100 : 6); round++) {
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

  it("writes nothing at all when the last step of a transaction fails, and all of it when it no longer does", async () => {
    // What a full disk does, at the worst moment. A sequence counts attempts: rolling back does not turn it back.
    await ask(
      databaseUrl,
      `create sequence attempts;
       create function full_disk() returns trigger language plpgsql security definer as $$
       begin
         perform nextval('public.attempts');
         raise exception 'no space left on device' using errcode = '53100';
       end $$;
       create trigger full_disk before update of block_number on chain.checkpoint execute function full_disk()`,
    );
    const indexer = startIndexer({ ...world, databaseUrl });
    await until("it was tried twice", async () => {
      const [row] = await ask<{ tried: boolean }>(
        databaseUrl,
        "select last_value >= 2 as tried from attempts",
      );
      return row?.tried === true;
    });
    const counted =
      "select (select count(*) from chain.log) as logs, (select count(*) from chain.block) as blocks";
    expect(await ask(databaseUrl, counted)).to.deep.equal([{ logs: "0", blocks: "1" }]);
    await ask(databaseUrl, "drop trigger full_disk on chain.checkpoint");
    await caughtUp(world, databaseUrl);
    await indexer.stop();
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
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

  it("goes on when Postgres was restarted, and says nothing wrong meanwhile", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "ahadi-restart-"));
    const removal = cleanUpLater({ folder: dataDir });
    // As root, Postgres runs as another user, who must be able to walk through.
    await chmod(dataDir, 0o755);
    const options = { dataDir, port: await freePort(), durable: true, logDir: join(dataDir, "logs") };
    const start = () => startPostgresProcess({ ...options, onSpawn: (_name, pid) => removal.addPid(pid) });
    let postgres = await start();
    removal.setStop(() => postgres.stop());
    const url = await postgres.database("ahadi");
    await migrate(url, chainRoom);
    const indexer = startIndexer({ ...world, databaseUrl: url });
    await caughtUp(world, url);

    // First in order, then as a power cut would.
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      await postgres.child.stop(signal, 10_000);
      await world.institution.deposit(5n);
      postgres = await start();
      await caughtUp(world, url);
    }
    await indexer.stop();
    expect(await dump(url)).to.deep.equal(await rebuilt(world));
    await removal.now();
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
