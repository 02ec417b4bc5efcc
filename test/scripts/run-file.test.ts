import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { AhadiError } from "../../platform/errors.ts";
import { identify } from "../../scripts/local/processes.ts";
import { claimDataDir, runningEndpoints } from "../../scripts/local/run-file.ts";
import { temporaryFolder } from "../support/folder.ts";
import { freePid } from "./support/free-pid.ts";

const ENDPOINTS = {
  api: "http://a",
  rpc: "http://r",
  databaseUrl: "postgres://d",
  deploymentDir: "/x",
  chainId: 1,
};

describe("the record of a local run", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  const none = (): void => {};
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, "run.json");
  });
  afterEach(() => folder.remove());

  async function sleeper(): Promise<ChildProcess & { pid: number }> {
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    return child as ChildProcess & { pid: number };
  }

  /** What a supervisor that was killed leaves behind. */
  async function leftBehind(children: { name: string; pid: number; started?: string }[]): Promise<void> {
    const supervisor = { pid: await freePid(), started: "before" };
    const known = children.map((child) => ({ started: identify(child.pid)?.started ?? "gone", ...child }));
    await writeFile(path, JSON.stringify({ supervisor, children: known }));
  }

  it("lets only one supervisor have a data folder at a time", async () => {
    const run = await claimDataDir(folder.path, none);
    const error = await claimDataDir(folder.path, none).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "already_running");
    expect(error).to.have.property("message").that.contains(folder.path).and.contains(String(process.pid));
    run.release();
    (await claimDataDir(folder.path, none)).release();
  });

  it("names the processes that a killed supervisor has left, and ends them, writers first", async () => {
    const children = await Promise.all([sleeper(), sleeper(), sleeper()]);
    const [postgres, server, chain] = children.map(({ pid }) => pid);
    await leftBehind([
      { name: "Postgres", pid: postgres ?? 0 },
      { name: "server", pid: server ?? 0 },
      { name: "chain", pid: chain ?? 0 },
    ]);
    const ended: string[] = [];
    const run = await claimDataDir(folder.path, (name) => ended.push(name));
    expect(ended).to.deep.equal(["server", "chain", "Postgres"]);
    for (const { pid } of children) expect(identify(pid)).to.equal(undefined);
    run.release();
  });

  it("leaves a process alone that only has the pid of a leftover", async () => {
    const stranger = await sleeper();
    await leftBehind([{ name: "chain", pid: stranger.pid, started: "long ago" }]);
    const run = await claimDataDir(folder.path, () => expect.fail("nothing was left"));
    expect(identify(stranger.pid)).not.to.equal(undefined);
    run.release();
    stranger.kill("SIGKILL");
  });

  it("names a data folder that cannot be written", async () => {
    await writeFile(join(folder.path, "file"), "");
    const error = await claimDataDir(join(folder.path, "file", "data"), none).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "data_dir_unusable");
    expect(error).to.have.property("hint").that.contains("AHADI_DATA_DIR (--data-dir)");
  });

  it("names a data folder that cannot be made, and does not try for ever", async () => {
    // Wherever there is no /proc, root's folder cannot be written either.
    const error = await claimDataDir("/proc/ahadi/data", none).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "data_dir_unusable");
  });

  it("goes on when the record is not readable", async () => {
    await writeFile(path, '{"supervisor":');
    (await claimDataDir(folder.path, none)).release();
  });

  it("tells where a run listens while it runs, to its owner alone", async () => {
    expect(runningEndpoints(folder.path)).to.equal(undefined);
    const run = await claimDataDir(folder.path, none);
    expect(runningEndpoints(folder.path)).to.equal(undefined);
    run.publish(ENDPOINTS);
    expect(runningEndpoints(folder.path)).to.deep.equal(ENDPOINTS);
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    run.release();
    expect(runningEndpoints(folder.path)).to.equal(undefined);
  });

  it("does not come back when a process ends after the run was released", async () => {
    const run = await claimDataDir(folder.path, none);
    const child = await sleeper();
    run.add("chain", child.pid);
    expect(JSON.parse(await readFile(path, "utf8")).children).to.have.length(1);
    run.release();
    run.remove(child.pid);
    expect(runningEndpoints(folder.path)).to.equal(undefined);
    expect(await stat(path).catch(() => "gone")).to.equal("gone");
    child.kill("SIGKILL");
  });
});
