import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";
import { connectOwner } from "../../platform/database.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { startAnvil } from "../support/anvil.ts";
import { freshDatabase } from "../support/postgres.ts";
import { getJson, runCli, startAhadi, temporaryFolder, until } from "./support/ahadi.ts";

const DAY_S = 86_400;

interface ErrorAnswer {
  error: { code: string; message: string };
}

interface LoanList {
  data: { id: string; state: string }[];
}

interface LoanAnswer {
  schedule: unknown[];
  payments: { late_days: number }[];
}

async function startHardhatNode(): Promise<{ rpcUrl: string; stop(): Promise<void> }> {
  const port = await freePort();
  const hardhat = join(repositoryRoot, "node_modules", "hardhat", "dist", "src", "cli.js");
  const node: ChildProcess = spawn(process.execPath, [hardhat, "node", "--port", String(port)], {
    cwd: repositoryRoot,
    stdio: "ignore",
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  await until("Hardhat's node answers", () =>
    fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body }).then(
      (response) => (response.ok ? true : undefined),
      () => undefined,
    ),
  );
  return {
    rpcUrl,
    async stop() {
      const exited = once(node, "exit");
      node.kill("SIGTERM");
      await exited;
    },
  };
}

describe("attaching to a chain and a Postgres of somebody else", function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  /** What the refused start says; it must not have started anything. */
  async function refused(args: string[]): Promise<ErrorAnswer["error"]> {
    const free = ["--port", "0", "--chain-port", "0", "--postgres-port", "0"];
    const { code, result } = await runCli<ErrorAnswer>(["up", "--data-dir", folder.path, ...free, ...args]);
    expect(code).to.equal(1);
    expect(await readdir(folder.path)).not.to.include("run.json");
    return result.error;
  }

  describe("that cannot be used", () => {
    it("refuses a chain where nothing answers", async () => {
      const error = await refused(["--rpc-url", `http://127.0.0.1:${await freePort()}`]);
      expect(error.code).to.equal("rpc_unreachable");
    });

    it("refuses a database that does not answer", async () => {
      const error = await refused([
        "--database-url",
        `postgres://nobody:secret@127.0.0.1:${await freePort()}/none`,
      ]);
      expect(error.code).to.equal("database_unreachable");
      expect(error.message).not.to.include("secret");
    });

    it("refuses a chain with another id than the expected one", async () => {
      const anvil = await startAnvil();
      const error = await refused(["--rpc-url", anvil.rpcUrl, "--chain-id", "1"]);
      await anvil.stop();
      expect(error.code).to.equal("wrong_chain");
      expect(error.message).to.include("31337").and.to.include("1");
    });

    it("refuses a chain that is not local and has no deployment", async () => {
      const anvil = await startAnvil({ chainId: 4711 });
      const error = await refused(["--rpc-url", anvil.rpcUrl]);
      await anvil.stop();
      expect(error.code).to.equal("deployment_missing");
      expect(error.message).to.include("4711");
    });

    it("refuses a schema that is newer than the code", async () => {
      const database = await freshDatabase();
      const owner = await connectOwner(database.url, "test");
      await owner.query("create schema chain");
      await owner.query(
        "create table chain.migration (version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())",
      );
      await owner.query(
        "insert into chain.migration (version, name, checksum) values (9999, '9999_future', 'x')",
      );
      await owner.end();
      const error = await refused(["--database-url", database.url]);
      await database.drop();
      expect(error.code).to.equal("schema_newer");
    });

    it("names every wrong setting at once", async () => {
      const error = await refused([
        "--rpc-url",
        "ftp://chain",
        "--database-url",
        "mysql://x",
        "--chain-id",
        "zero",
      ]);
      expect(error.code).to.equal("config_invalid");
      for (const name of ["AHADI_RPC_URL", "AHADI_DATABASE_URL", "AHADI_CHAIN_ID"]) {
        expect(error.message).to.include(name);
      }
    });
  });

  const chains = {
    "Hardhat's node, whose clock is at now": { start: startHardhatNode, late: [0, 0, 0] },
    "a separate anvil, whose clock is in the past": {
      start: () => startAnvil({ genesisTime: Math.floor(Date.now() / 1000) - 100 * DAY_S }),
      late: [0, 6, 0],
    },
  };

  for (const [name, { start, late }] of Object.entries(chains)) {
    it(`plays the demo on ${name}, and leaves chain and database running`, async () => {
      const [chain, database] = await Promise.all([start(), freshDatabase()]);
      const attached = ["--rpc-url", chain.rpcUrl, "--database-url", database.url];
      const first = await startAhadi(folder.path, attached);
      const { data } = await getJson<LoanList>(`${first.ready.api}/loans`);
      expect(data.map(({ state }) => state)).to.deep.equal(["active"]);
      const loan = await getJson<LoanAnswer>(`${first.ready.api}/loans/${data[0]?.id}`);
      expect(loan.schedule).to.have.length(18);
      expect(loan.payments.map(({ late_days }) => late_days)).to.deep.equal(late);
      expect(await first.stop()).to.equal(0);

      const second = await startAhadi(folder.path, attached);
      expect((await getJson<LoanList>(`${second.ready.api}/loans`)).data).to.have.length(1);
      const verified = await runCli<{ ok: boolean }>(["verify", "--data-dir", folder.path]);
      expect(verified.result.ok).to.equal(true);
      expect(await second.stop("SIGTERM")).to.equal(0);

      // Nothing of ours runs any more: verify needs the chain and the mirror alone.
      const alone = await runCli<{ ok: boolean }>(["verify", "--data-dir", folder.path, ...attached]);
      expect(alone.result.ok).to.equal(true);
      await Promise.all([chain.stop(), database.drop()]);
    });
  }
});
