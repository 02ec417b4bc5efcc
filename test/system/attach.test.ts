import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { startAnvil } from "../support/anvil.ts";
import { temporaryFolder } from "../support/folder.ts";
import { freshDatabase } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { getJson, runCli, startAhadi } from "./support/ahadi.ts";

const DAY_S = 86_400;

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
      expect(data.map(({ state }) => state)).to.deep.equal(["active", "active"]);
      const loan = await getJson<LoanAnswer>(`${first.ready.api}/loans/${data[1]?.id}`);
      expect(loan.schedule).to.have.length(18);
      expect(loan.payments.map(({ late_days }) => late_days)).to.deep.equal(late);
      expect(await first.stop()).to.equal(0);

      const second = await startAhadi(folder.path, attached);
      expect((await getJson<LoanList>(`${second.ready.api}/loans`)).data).to.have.length(2);
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
