import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";
import { firstRunFinished } from "../../scripts/local/chain-state.ts";
import { identify } from "../../scripts/local/processes.ts";
import { rpc } from "../../scripts/local/rpc.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { type Launcher, recordedPids, startUp, type UpRun } from "./support/cli.ts";

const PARTS = ["supervisor", "chain", "Postgres", "server", "indexer"];

describe("ahadi up", function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dataDir: string;
  let run: UpRun;
  let genesis: string;
  let third: string;

  before(async () => {
    folder = await temporaryFolder();
    dataDir = join(folder.path, "data");
    run = startUp(dataDir);
  });
  after(async () => {
    run.process.kill("SIGTERM");
    await run.done;
    await folder.remove();
  });

  const alive = (pids: Map<string, number>): string[] =>
    [...pids].filter(([, pid]) => identify(pid) !== undefined).map(([name]) => name);
  const isReady = async (pages: string) => (await fetch(new URL("/readyz", pages))).ok;
  const blockHash = async (url: string, block: string): Promise<string> =>
    ((await rpc(url, "eth_getBlockByNumber", [block, false])) as { hash: string }).hash;

  it("serves pages and API when it says that it is ready", async () => {
    const ready = await run.ready();
    expect(await isReady(ready.pages)).to.equal(true);
    const page = await fetch(ready.pages);
    expect(page.headers.get("content-type")).to.contain("text/html");
    const loans = await fetch(`${ready.api}/loans`);
    expect(await loans.json()).to.deep.include({ data: [] });
    expect(ready.database).to.match(/^postgres:\/\/ahadi@127\.0\.0\.1:\d+\/ahadi$/);
    genesis = await blockHash(ready.rpc, "0x0");
    third = await blockHash(ready.rpc, "0x3");
  });

  it("runs once on a data folder", async () => {
    const second = startUp(dataDir);
    expect(await second.failure()).to.have.property("code", "already_running");
    expect(await second.done).to.equal(1);
    expect(alive(recordedPids(dataDir))).to.have.members(PARTS);
  });

  it("starts the indexer again when it was killed", async () => {
    const before = recordedPids(dataDir).get("indexer") ?? 0;
    process.kill(before, "SIGKILL");
    await until("another indexer runs", () => {
      const now = recordedPids(dataDir).get("indexer");
      return now !== undefined && now !== before;
    });
    const { pages } = await run.ready();
    await until("it is ready", () => isReady(pages));
  });

  it("that was killed is cleaned up by the next start, which goes on with chain and database", async () => {
    // The state is on disk when the mark of the first run is.
    await until("the first run is marked", () => firstRunFinished(dataDir));
    const left = recordedPids(dataDir);
    run.process.kill("SIGKILL");
    await run.done;
    await until(
      "the workers have noticed",
      () => !alive(left).includes("server") && !alive(left).includes("indexer"),
    );
    expect(alive(left)).to.have.members(["chain", "Postgres"]);

    run = startUp(dataDir);
    const ready = await run.ready();
    expect(run.stderr()).to.contain("ending what was left of chain").and.contain("chain resumed");
    expect(alive(left)).to.deep.equal([]);
    expect(await blockHash(ready.rpc, "0x0")).to.equal(genesis);
    expect(await blockHash(ready.rpc, "0x3")).to.equal(third);
    expect(await isReady(ready.pages)).to.equal(true);
  });

  it("stops everything in order when its process group is interrupted, as by Ctrl-C", async () => {
    const pids = recordedPids(dataDir);
    expect(alive(pids)).to.have.members(PARTS);
    process.kill(-(run.process.pid ?? 0), "SIGINT");
    expect(await run.done).to.equal(0);
    expect(alive(pids)).to.deep.equal([]);
    expect(run.stderr()).to.match(
      /stopping server\n.*stopping indexer\n.*stopping chain\n.*stopping Postgres\n$/,
    );
    expect(recordedPids(dataDir).size).to.equal(0);
  });

  describe("under npm", () => {
    let npm: Launcher;

    /** A checkout whose bootstrap finds everything installed, and the real command behind it. */
    before(async () => {
      const cwd = join(folder.path, "checkout");
      await mkdir(join(cwd, "scripts"), { recursive: true });
      await mkdir(join(cwd, "node_modules"));
      await symlink(join(repositoryRoot, "node_modules/.bin"), join(cwd, "node_modules/.bin"));
      await copyFile(join(repositoryRoot, "scripts/bootstrap.cjs"), join(cwd, "scripts/bootstrap.cjs"));
      await writeFile(join(cwd, "package-lock.json"), "{}");
      const command = `node scripts/bootstrap.cjs node ${join(repositoryRoot, "scripts/ahadi.ts")}`;
      const manifest = { dependencies: { node: "24.0.0" }, scripts: { ahadi: command } };
      await writeFile(join(cwd, "package.json"), JSON.stringify(manifest));
      npm = { file: "npm", prefix: ["run", "-s", "ahadi", "--"], cwd, env: { ...process.env } };
      const { stampFile, wantedStamp } = createRequire(join(cwd, "scripts/"))("./bootstrap.cjs");
      await writeFile(stampFile, wantedStamp());
    });

    it("stops everything when the whole group is interrupted at once", async () => {
      const pids = await start();
      process.kill(-(run.process.pid ?? 0), "SIGINT");
      await run.done;
      await until("nothing is left", () => alive(pids).length === 0);
      expect(recordedPids(dataDir).size).to.equal(0);
    });

    it("stops everything when npm alone is told to end", async () => {
      const pids = await start();
      run.process.kill("SIGTERM");
      await until("nothing is left", () => alive(pids).length === 0);
      await until("the record is gone", () => recordedPids(dataDir).size === 0);
    });

    it("stops everything when npm is killed in the middle of the start", async () => {
      run = startUp(dataDir, [], npm);
      await until("Postgres starts", () => recordedPids(dataDir).has("Postgres"));
      const pids = recordedPids(dataDir);
      run.process.kill("SIGKILL");
      await until("nothing is left", () => alive(pids).length === 0);
      await until("the record is gone", () => recordedPids(dataDir).size === 0);
    });

    async function start(): Promise<Map<string, number>> {
      run = startUp(dataDir, [], npm);
      await run.ready();
      const pids = recordedPids(dataDir);
      // What the supervisor said tells why a part is missing.
      expect(alive(pids), run.stderr()).to.have.members(PARTS);
      return pids;
    }
  });
});
