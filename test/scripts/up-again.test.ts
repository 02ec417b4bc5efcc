import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { connectOwner } from "../../platform/database.ts";
import { firstRunFinished } from "../../scripts/local/chain-state.ts";
import { rpc } from "../../scripts/local/rpc.ts";
import { startAnvil } from "../support/anvil.ts";
import { temporaryFolder } from "../support/folder.ts";
import { freshDatabase } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { recordedPids, startUp, type UpRun } from "./support/cli.ts";

describe("ahadi up on what an earlier start has left", function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dataDir: string;
  let run: UpRun;

  before(async () => {
    folder = await temporaryFolder();
    dataDir = join(folder.path, "data");
  });
  after(async () => {
    run.process.kill("SIGTERM");
    await run.done;
    await folder.remove();
  });

  const stop = async (): Promise<void> => {
    run.process.kill("SIGINT");
    expect(await run.done).to.equal(0);
  };
  const firstBlock = async (rpcUrl: string): Promise<string> =>
    ((await rpc(rpcUrl, "eth_getBlockByNumber", ["0x1", false])) as { hash: string }).hash;
  async function refusal(args: string[] = []): Promise<{ code: string; message: string; hint?: string }> {
    run = startUp(dataDir, args);
    const failure = await run.failure();
    expect(await run.done).to.equal(1);
    expect(failure.message).not.to.contain("\n");
    expect(run.stderr()).not.to.contain("contracts deployed");
    return failure;
  }

  it("leaves nothing half-made when it is interrupted while the database is made", async () => {
    run = startUp(dataDir);
    await until("initdb runs", () => recordedPids(dataDir).has("initdb"));
    await stop();
    expect((await readdir(dataDir)).filter((name) => name.endsWith(".new"))).to.deep.equal([]);
  });

  it("says that a first run which broke off is begun anew", async () => {
    run = startUp(dataDir);
    await run.ready();
    expect(run.stderr()).to.contain("first run was not finished");
    await stop();
    expect(firstRunFinished(dataDir)).to.equal(true);
  });

  describe("of a finished run", () => {
    let block: string;
    let deploymentFile: string;

    it("goes on with the chain when the mark is gone, and with the deployment when its record is", async () => {
      run = startUp(dataDir);
      const first = await run.ready();
      block = await firstBlock(first.rpc);
      deploymentFile = join(first.deployment_dir, "deployment.json");
      const record = await readFile(deploymentFile, "utf8");
      await stop();
      await rm(join(dataDir, "first-run.json"));
      await rm(deploymentFile);

      run = startUp(dataDir);
      const { rpc: rpcUrl } = await run.ready();
      expect(await firstBlock(rpcUrl)).to.equal(block);
      expect(run.stderr()).to.contain("mark of the first run is missing").and.contain("chain resumed");
      expect(JSON.parse(await readFile(deploymentFile, "utf8"))).to.deep.equal(JSON.parse(record));
      await stop();
    });

    it("does not deploy a second time on a chain whose deployment is lost", async () => {
      const journal = join(deploymentFile, "..", "journal.jsonl");
      const kept = await Promise.all([readFile(deploymentFile), readFile(journal)]);
      await Promise.all([rm(deploymentFile), rm(journal)]);
      const { code, hint } = await refusal();
      await Promise.all([writeFile(deploymentFile, kept[0]), writeFile(journal, kept[1])]);
      expect(code).to.equal("deployment_lost");
      expect(hint).to.contain("--fresh");
    });

    it("keeps the embedded run when an attached one is started with --fresh", async () => {
      const before = await readdir(dataDir);
      const [anvil, database] = await Promise.all([startAnvil(), freshDatabase()]);
      const attached = ["--rpc-url", anvil.rpcUrl, "--database-url", database.url];
      run = startUp(dataDir, [...attached, "--fresh"]);
      await run.ready();
      await stop();
      expect(await readdir(dataDir)).to.include.members(before);
      const folderName = (await readdir(dataDir)).find((name) => name.startsWith("attached-")) ?? "";

      // The mirror is of the deployment that --fresh would forget: nothing is forgotten.
      const again = await refusal([...attached, "--fresh"]);
      expect(again.code).to.equal("mirror_of_another_chain");
      expect(again.hint).to.contain("--database-url").and.contain("schemas chain and desk");
      expect(again.hint).not.to.contain("--fresh");
      expect(await readdir(join(dataDir, folderName))).to.include("deployments");

      // Neither can an embedded chain begin anew beside this database, nor another one be mirrored into it.
      const embedded = await refusal(["--database-url", database.url, "--fresh"]);
      expect(embedded.code).to.equal("mirror_of_another_chain");
      const resumed = await refusal(["--database-url", database.url]);
      expect(resumed.code).to.equal("mirror_of_another_chain");
      expect(await readdir(dataDir)).to.include.members(before);
      await anvil.stop();

      const other = await startAnvil({ genesisTime: 1_700_000_000 });
      const restarted = await refusal(["--rpc-url", other.rpcUrl, "--database-url", database.url]);
      expect(restarted.code).to.equal("mirror_of_another_chain");
      expect(await rpc(other.rpcUrl, "eth_blockNumber"), "nothing is deployed").to.equal("0x0");
      await other.stop();
      await database.drop();
    });

    it("forgets only the folder and the database of an attached chain with --fresh", async () => {
      const anvil = await startAnvil();
      run = startUp(dataDir, ["--rpc-url", anvil.rpcUrl]);
      const { deployment_dir: deploymentDir } = await run.ready();
      const deployed = await readFile(join(deploymentDir, "deployment.json"), "utf8");
      await stop();
      run = startUp(dataDir, ["--rpc-url", anvil.rpcUrl, "--fresh"]);
      await run.ready();
      expect(await readFile(join(deploymentDir, "deployment.json"), "utf8")).not.to.equal(deployed);
      const { databaseUrl } = JSON.parse(await readFile(join(dataDir, "run.json"), "utf8")).endpoints;
      const client = await connectOwner(databaseUrl);
      const { rowCount } = await client.query("select from pg_database where datname = 'ahadi'");
      await client.end();
      expect(rowCount, "the embedded run's database").to.equal(1);
      await stop();
      await anvil.stop();
    });

    it("gives the embedded run up with --fresh, and nothing of an attached one", async () => {
      const attached = (await readdir(dataDir)).filter((name) => name.startsWith("attached-"));
      await mkdir(join(dataDir, "chain"), { recursive: true });
      await writeFile(join(dataDir, "chain", "state.json"), "damaged");
      await rm(join(dataDir, "chain", "state.previous.json"));
      expect(await refusal()).to.have.property("code", "chain_state_lost");
      run = startUp(dataDir, ["--fresh"]);
      const { rpc: rpcUrl } = await run.ready();
      expect(await firstBlock(rpcUrl)).not.to.equal(block);
      await stop();
      expect(await readdir(dataDir)).to.include.members(attached);
    });
  });
});
