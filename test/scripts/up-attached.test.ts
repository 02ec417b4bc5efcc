import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { rpc } from "../../scripts/local/rpc.ts";
import { startAnvil } from "../support/anvil.ts";
import { cleanUpLater } from "../support/cleanup.ts";
import { freshDatabase } from "../support/postgres.ts";
import { recordedPids, startUp } from "./support/cli.ts";
import { temporaryFolder } from "./support/folder.ts";
import { until } from "./support/until.ts";

describe("ahadi up on a chain and a database that others run", function () {
  this.timeout(90_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeEach(async () => {
    [folder, database] = await Promise.all([temporaryFolder(), freshDatabase()]);
  });
  afterEach(async () => {
    await database.drop();
    await folder.remove();
  });

  /** Starts, looks, stops; every later time on what the first has made. */
  async function tryOut(rpcUrl: string, times: number): Promise<void> {
    const dataDir = join(folder.path, "data");
    let deployment = "";
    for (let time = 1; time <= times; time++) {
      const run = startUp(dataDir, ["--rpc-url", rpcUrl, "--database-url", database.url]);
      const ready = await run.ready();
      expect(ready.rpc).to.equal(rpcUrl);
      expect(ready.database).not.to.contain(new URL(database.url).password);
      expect(ready.deploymentDir).to.contain(join(dataDir, "attached-"));
      expect((await fetch(`${ready.api}/loans`)).status).to.equal(200);
      expect([...recordedPids(dataDir).keys()], "nothing else is started").to.have.members([
        "supervisor",
        "server",
        "indexer",
      ]);
      deployment ||= ready.deploymentDir;
      expect(ready.deploymentDir, `time ${time}`).to.equal(deployment);
      run.process.kill("SIGTERM");
      expect(await run.done).to.equal(0);
    }
    expect(await readdir(dataDir)).not.to.include.members(["postgres"]);
    expect(await rpc(rpcUrl, "eth_chainId"), "the chain still runs").to.equal("0x7a69");
  }

  it("works with a separately started anvil and Postgres", async () => {
    const anvil = await startAnvil();
    await tryOut(anvil.rpcUrl, 2);
    await anvil.stop();
  });

  it("works with Hardhat's node", async () => {
    const port = await freePort();
    const hardhat = join(repositoryRoot, "node_modules/hardhat/dist/src/cli.js");
    const node = spawn(process.execPath, [hardhat, "node", "--port", String(port)], {
      cwd: repositoryRoot,
      stdio: "ignore",
    });
    cleanUpLater({ folder: join(folder.path, "hardhat") }).addPid(node.pid ?? 0);
    const rpcUrl = `http://127.0.0.1:${port}`;
    await until("Hardhat's node answers", () =>
      rpc(rpcUrl, "eth_chainId").then(
        () => true,
        () => false,
      ),
    );
    await tryOut(rpcUrl, 1);
    node.kill("SIGKILL");
  });
});
