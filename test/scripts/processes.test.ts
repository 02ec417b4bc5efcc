import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { descendants, endProcess, identify, isRunning } from "../../scripts/local/processes.ts";
import { until } from "../support/until.ts";
import { freePid } from "./support/free-pid.ts";

async function start(code: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ["-e", `${code}; console.log("up"); setInterval(() => {}, 1000);`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child as unknown as ChildProcess & { pid: number };
}

describe("processes", () => {
  it("that are gone are not running", async () => {
    const pid = await freePid();
    expect(identify(pid)).to.equal(undefined);
    expect(isRunning({ pid, started: "whenever" })).to.equal(false);
  });

  it("are not mistaken for an earlier one with the same pid", async () => {
    const child = await start("");
    const identity = { pid: child.pid, started: "another start" };
    expect(isRunning(identity)).to.equal(false);
    await endProcess(identity, "SIGKILL", 0);
    expect(identify(child.pid), "it was left alone").not.to.equal(undefined);
    child.kill("SIGKILL");
  });

  it("end in order when they listen, and are ended when they do not", async () => {
    for (const code of ["", `process.on("SIGTERM", () => {})`]) {
      const child = await start(code);
      const identity = identify(child.pid);
      if (identity === undefined) throw new Error("it runs");
      await endProcess(identity, "SIGTERM", 200);
      expect(isRunning(identity)).to.equal(false);
    }
  });

  it("are found with their own children", async () => {
    const parent = await start(
      `require("child_process").spawn("sleep", ["30"], { detached: true, stdio: "ignore" })`,
    );
    await until("both are there", () => descendants(parent.pid).length === 1);
    const [child] = descendants(parent.pid);
    const pids = descendants().map(({ pid }) => pid);
    expect(pids).to.include.members([parent.pid, child?.pid]);
    for (const pid of [parent.pid, child?.pid ?? 0]) process.kill(pid, "SIGKILL");
  });
});
