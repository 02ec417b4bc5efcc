import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { until } from "../support/until.ts";
import { type Checkout, makeCheckout } from "./support/checkout.ts";
import { freePid } from "./support/free-pid.ts";

const INSTALL = "npx -y -p node@24.99.1 -- npm ci";
/** The bootstrap calls npm itself when it runs under the pinned major already. */
const EXPECTED = process.versions.node.startsWith("24.") ? "npm ci" : INSTALL;

describe("the bootstrap of every npm script", () => {
  let checkout: Checkout;
  beforeEach(async () => {
    checkout = await makeCheckout();
  });
  afterEach(() => checkout.remove());

  const locks = async () =>
    (await readdir(join(checkout.path, ".ahadi")).catch(() => [])).filter((n) => n.startsWith("install"));

  it("runs nothing when the installation fails, says so in a line, and tries again the next time", async () => {
    const failed = await checkout.run(["tool"], { env: { INSTALL_FAILS: "1" } }).done;
    expect(failed).to.include({ code: 9, stdout: "" });
    expect(failed.stderr).to.contain(`ahadi: the installation failed: ${EXPECTED} ended with code 9`);
    expect(await locks()).to.deep.equal([]);
    expect((await checkout.run(["tool"]).done).code).to.equal(0);
    expect(await checkout.installs()).to.have.length(2);
  });

  it("says that npm is missing rather than failing in some way", async () => {
    const result = await checkout.run(["tool"], { env: { PATH: "/nowhere" } }).done;
    expect(result.code).to.equal(127);
    expect(result.stderr).to.match(/cannot install: np[mx] is not on the PATH/);
  });

  it("says that a command does not exist", async () => {
    const result = await checkout.run(["no-such-tool"]).done;
    expect(result.code).to.equal(127);
    expect(result.stderr).to.contain("there is no command no-such-tool");
  });

  it("installs under the pinned Node, once, and again when the lockfile changes", async () => {
    const first = await checkout.run(["tool", "a b"]).done;
    expect(first).to.include({ code: 0, stdout: "local tool a b\n" });
    await checkout.run(["tool"]).done;
    expect(await checkout.installs()).to.deep.equal([EXPECTED]);
    await checkout.write("package-lock.json", '{"changed":true}');
    await checkout.run(["tool"]).done;
    expect(await checkout.installs()).to.deep.equal([EXPECTED, EXPECTED]);
  });

  it("leaves standard output to the command alone", async () => {
    const { stdout, stderr } = await checkout.run([process.execPath, "-p", "1 + 1"]).done;
    expect(stdout).to.equal("2\n");
    expect(stderr).to.contain("what npm says");
  });

  it("installs once when several start at the same time; the others wait", async () => {
    const runs = [1, 2, 3].map(() => checkout.run(["tool"], { env: { INSTALL_SLEEP: "0.5" } }));
    const results = await Promise.all(runs.map(({ done }) => done));
    expect(results.map(({ code }) => code)).to.deep.equal([0, 0, 0]);
    expect(await checkout.installs()).to.have.length(1);
    expect(
      results.filter(({ stderr }) => stderr.includes("waiting for another installation")),
    ).to.have.length(2);
    expect(await locks()).to.deep.equal([]);
  });

  it("takes over the lock of a process that is gone", async () => {
    await checkout.write(".ahadi/install.lock/pid", String(await freePid()));
    expect((await checkout.run(["tool"]).done).code).to.equal(0);
    expect(await locks()).to.deep.equal([]);
  });

  it("waits while the owner of the lock lives, and can be stopped meanwhile", async () => {
    await checkout.write(".ahadi/install.lock/pid", String(process.pid));
    const run = checkout.run(["tool"]);
    await until("it waits", () => run.stderr().includes("waiting"));
    run.process.kill("SIGTERM");
    expect((await run.done).code).to.equal(143);
    expect(await readFile(join(checkout.path, ".ahadi/install.lock/pid"), "utf8")).to.equal(
      String(process.pid),
    );
  });

  it("gives back the lock when it is stopped in the middle of an installation, which does not count then", async () => {
    const run = checkout.run(["tool"], { env: { INSTALL_SLEEP: "30" } });
    await until("it installs", async () => (await checkout.installs()).length === 1);
    process.kill(-(run.process.pid ?? 0), "SIGINT");
    expect((await run.done).stdout).to.equal("");
    expect(await locks()).to.deep.equal([]);
    await checkout.run(["tool"]).done;
    expect(await checkout.installs()).to.have.length(2);
  });

  it("gives the command's exit code, also that of a signal", async () => {
    expect((await checkout.run(["sh", "-c", "exit 7"]).done).code).to.equal(7);
    expect((await checkout.run(["sh", "-c", "kill -9 $$"]).done).code).to.equal(137);
  });

  const slowToStop = (signal: string) =>
    `process.on("${signal}", () => setTimeout(() => { console.log("in order"); process.exit(5); }, 300));
     console.log("up"); setInterval(() => {}, 1000);`;

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`passes ${signal} on and ends only after the command has ended`, async () => {
      const run = checkout.run([process.execPath, "-e", slowToStop(signal)]);
      await until("the command runs", () => run.stdout().includes("up"));
      run.process.kill(signal);
      expect(await run.done).to.include({ code: 5, stdout: "up\nin order\n" });
    });
  }

  it("stops the command in order when npm is killed without a word", async () => {
    const launcher = ["sh", "-c", 'node scripts/bootstrap.cjs "$@"; true', "sh"];
    await mkdir(join(checkout.path, "node_modules/.bin"), { recursive: true });
    await symlink(process.execPath, join(checkout.path, "bin/node"));
    const mark = join(checkout.path, "mark");
    const code = `process.on("SIGTERM", () => { require("fs").writeFileSync(${JSON.stringify(mark)}, ""); process.exit(); });
      console.log("up"); setInterval(() => {}, 1000);`;
    await writeFile(join(checkout.path, "unused"), "");
    const run = checkout.run([process.execPath, "-e", code], {
      launcher,
      env: { npm_lifecycle_event: "start" },
    });
    await until("the command runs", () => run.stdout().includes("up"));
    run.process.kill("SIGKILL");
    await until("the command has stopped in order", () =>
      readFile(mark).then(
        () => true,
        () => false,
      ),
    );
    await run.done;
  });
});
