import { join } from "node:path";
import { expect } from "chai";
import { type Flags, readConfig, repositoryRoot, type Setting } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";

function problemsOf(env: NodeJS.ProcessEnv, flags: Flags = {}, required: Setting[] = []): string {
  try {
    readConfig({ env, flags, required });
  } catch (error) {
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "config_invalid");
    return error instanceof AhadiError ? error.message : "";
  }
  throw new Error("the settings were accepted");
}

describe("the settings", () => {
  it("are reported all at once, each by its name, when they are wrong or missing", () => {
    const message = problemsOf(
      { AHADI_PORT: "70000", AHADI_CHAIN_ID: "-1", AHADI_POLL_MS: "fast", AHADI_DATABASE_URL: "mysql://x/y" },
      { chainPort: "http" },
      ["rpcUrl", "deploymentDir"],
    );
    expect(message).to.match(/^7 settings are wrong: /);
    for (const name of [
      "AHADI_PORT (--port) must be a port from 0 to 65535",
      "AHADI_CHAIN_PORT (--chain-port) must be a port from 0 to 65535",
      "AHADI_CHAIN_ID (--chain-id) must be a positive whole number",
      "AHADI_POLL_MS (--poll-ms) must be milliseconds from 10 to 60000",
      "AHADI_DATABASE_URL (--database-url) must be a URL like postgres://",
      "AHADI_RPC_URL (--rpc-url) is missing",
      "AHADI_DEPLOYMENT_DIR (--deployment-dir) is missing",
    ]) {
      expect(message).to.contain(name);
    }
    expect(message).not.to.contain("\n");
  });

  it("refuse numbers in any other form than digits", () => {
    for (const port of ["0x50", "8e3", "80.5", " -1", "１２"]) {
      expect(problemsOf({ AHADI_PORT: port })).to.contain("AHADI_PORT");
    }
  });

  it("refuse two own servers on one port, and say which", () => {
    const message = problemsOf({ AHADI_PORT: "8545" });
    expect(message).to.equal(
      "a setting is wrong: AHADI_CHAIN_PORT (--chain-port) must differ from AHADI_PORT (--port)",
    );
  });

  it("allow the embedded chain's port for the web when the chain is attached", () => {
    const config = readConfig({
      env: { AHADI_PORT: "8545", AHADI_RPC_URL: "http://localhost:1" },
      flags: {},
    });
    expect(config.port).to.equal(8545);
  });

  it("allow port 0 several times: any free port", () => {
    const config = readConfig({ env: {}, flags: { port: "0", chainPort: "0", postgresPort: "0" } });
    expect([config.port, config.chainPort, config.postgresPort]).to.deep.equal([0, 0, 0]);
  });

  it("never show the password of a database address that is wrong", () => {
    expect(problemsOf({ AHADI_DATABASE_URL: "mysql://me:secret@host/db" })).not.to.contain("secret");
  });

  it("have the documented defaults", () => {
    expect(readConfig({ env: {}, flags: {} })).to.deep.equal({
      rpcUrl: undefined,
      databaseUrl: undefined,
      port: 3000,
      host: "127.0.0.1",
      chainPort: 8545,
      postgresPort: 54329,
      dataDir: join(repositoryRoot, ".ahadi"),
      chainId: undefined,
      deploymentDir: undefined,
      pollMs: 500,
    });
  });

  it("come from flags before the environment, and an empty value is none", () => {
    const config = readConfig({
      env: { AHADI_PORT: "4000", AHADI_POLL_MS: "", AHADI_HOST: "0.0.0.0" },
      flags: { port: "5000", host: undefined, fresh: true },
    });
    expect(config).to.include({ port: 5000, pollMs: 500, host: "0.0.0.0" });
  });

  it("make folders absolute", () => {
    expect(readConfig({ env: {}, flags: { dataDir: "x" } }).dataDir).to.equal(join(process.cwd(), "x"));
  });
});
