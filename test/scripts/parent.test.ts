import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";

const parentModule = new URL("../../scripts/local/parent.ts", import.meta.url).href;

/** Runs a process that says "gone" when its parent, with the pid `named`, is gone, and "here" when it ends by itself. */
async function watcherOf(named: string): Promise<string> {
  const code = `
    const { whenParentGone } = await import(${JSON.stringify(parentModule)});
    const lifetime = setTimeout(() => console.log("here"), 1_000);
    whenParentGone(() => { console.log("gone"); clearTimeout(lifetime); });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    env: { ...process.env, AHADI_PARENT_PID: named },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  await once(child, "close");
  return said.trim();
}

describe("the watch over the parent", () => {
  it("notices a parent that was gone before the process looked", async () => {
    const ended = spawn(process.execPath, ["-e", ""]);
    await once(ended, "close");
    expect(await watcherOf(String(ended.pid))).to.equal("gone");
  });

  it("leaves alone a process whose parent lives, or that inherited somebody else's watch", async () => {
    for (const named of [String(process.pid), String(process.ppid), "", "x"]) {
      expect(await watcherOf(named), named).to.equal("here");
    }
  });
});
