import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { connectOwner } from "../../platform/database.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { startAnvil, type TestAnvil } from "../support/anvil.ts";
import { temporaryFolder } from "../support/folder.ts";
import { freshDatabase } from "../support/postgres.ts";
import { startUp } from "./support/cli.ts";

describe("ahadi up refuses to start", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dataDir: string;
  let anvil: TestAnvil;
  let other: TestAnvil;
  let taken: Server;
  let takenPort: number;

  before(async () => {
    folder = await temporaryFolder();
    dataDir = join(folder.path, "data");
    [anvil, other] = await Promise.all([startAnvil(), startAnvil({ chainId: 424_242 })]);
    taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    takenPort = typeof address === "object" && address !== null ? address.port : 0;
  });
  after(async () => {
    taken.close();
    await Promise.all([anvil.stop(), other.stop()]);
    await folder.remove();
  });

  /** One clear line, exit code 1, and nothing that was started. */
  async function refusal(args: string[]): Promise<{ code: string; message: string; hint?: string }> {
    const run = startUp(dataDir, args);
    const failure = await run.failure();
    expect(await run.done).to.equal(1);
    expect(failure.message).not.to.contain("\n");
    const left = await readdir(dataDir).catch(() => []);
    expect(left, "nothing half-started").to.deep.equal([]);
    return failure;
  }

  it("when settings are wrong, and names all of them", async () => {
    const { code, message } = await refusal(["--port", "x", "--chain-id", "y"]);
    expect(code).to.equal("config_invalid");
    expect(message).to.contain("--port").and.contain("--chain-id");
  });

  it("when an option does not exist", async () => {
    expect(await refusal(["--fersh"])).to.have.property("code", "usage");
  });

  it("when ports are taken, and names them with their settings", async () => {
    const { code, message } = await refusal(["--port", String(takenPort)]);
    expect(code).to.equal("port_taken");
    expect(message).to.equal(`port ${takenPort} of AHADI_PORT (--port) is taken`);
  });

  it("when no chain answers", async () => {
    const port = await freePort();
    const { code, message } = await refusal(["--rpc-url", `http://127.0.0.1:${port}/v2/secret-key`]);
    expect(code).to.equal("rpc_unreachable");
    expect(message).to.contain(`127.0.0.1:${port}`).and.not.contain("secret-key");
  });

  it("when the chain is another than the expected one", async () => {
    const { code, message } = await refusal(["--rpc-url", anvil.rpcUrl, "--chain-id", "1"]);
    expect(code).to.equal("wrong_chain");
    expect(message).to.contain("has chain id 31337, not 1");
    expect(await refusal(["--chain-id", "1"])).to.have.property("code", "wrong_chain");
  });

  it("when a chain that is not a local one has no deployment", async () => {
    const { code, message, hint } = await refusal(["--rpc-url", other.rpcUrl]);
    expect(code).to.equal("deployment_missing");
    expect(message).to.contain("no deployment for chain 424242");
    expect(hint).to.contain("ahadi deploy");
  });

  it("when the database does not answer", async () => {
    const url = `postgres://me:secret@127.0.0.1:${await freePort()}/books`;
    const { code, message } = await refusal(["--rpc-url", anvil.rpcUrl, "--database-url", url]);
    expect(code).to.equal("database_unreachable");
    expect(message).not.to.contain("secret");
  });

  it("when the database's schema is newer than the code, and stops what it had started", async () => {
    const database = await freshDatabase();
    const client = await connectOwner(database.url);
    await client.query(`create schema chain;
      create table chain.migration (version int, name text, checksum text, applied_at timestamptz);
      insert into chain.migration values (9999, '9999_future', '', now())`);
    await client.end();
    const run = startUp(dataDir, ["--database-url", database.url]);
    const failure = await run.failure();
    expect(await run.done).to.equal(1);
    expect(failure).to.have.property("code", "schema_newer");
    expect(await readdir(dataDir)).not.to.contain("run.json");
    await database.drop();
  });
});
