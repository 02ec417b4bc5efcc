import { join } from "node:path";
import { expect } from "chai";
import { AhadiError } from "../../platform/errors.ts";
import { type Child, lastLines, rotateLogs, startChild, waitUntilReady } from "../../scripts/local/child.ts";
import { type Kept, keepRunning } from "../../scripts/local/keep-running.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";

describe("a child process", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let logFile: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    logFile = join(folder.path, "logs", "child.log");
  });
  afterEach(() => folder.remove());

  const shell = (code: string): Promise<Child> =>
    startChild({ name: "thing", file: "/bin/sh", args: ["-c", code], logFile });

  async function failureOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "child_failed");
    return error instanceof AhadiError ? error.message : "";
  }

  it("that cannot be run is named", async () => {
    const start = startChild({ name: "thing", file: "/no/such/file", args: [], logFile });
    expect(await failureOf(start)).to.contain("thing could not be started");
  });

  it("that ends before it is ready shows the end of its log in one line", async () => {
    const child = await shell("echo one; echo two >&2; echo three; echo four; exit 3");
    const waiting = waitUntilReady(child, () => false, { timeoutMs: 5_000, everyMs: 5 });
    expect(await failureOf(waiting)).to.equal("thing ended with code 3: two | three | four");
  });

  it("that is not ready in time is reported, and is still ours to stop", async () => {
    const child = await shell("echo hm; sleep 30");
    const waiting = waitUntilReady(child, () => false, { timeoutMs: 100, everyMs: 5 });
    expect(await failureOf(waiting)).to.contain("thing was not ready within 0 s");
    expect(await child.stop("SIGTERM", 1_000)).to.deep.equal({ code: null, signal: "SIGTERM" });
  });

  it("that does not listen is killed after some patience", async () => {
    const child = await shell('trap "" TERM; echo up; while :; do sleep 0.05; done');
    await until("it runs", () => lastLines(logFile) === "up");
    expect(await child.stop("SIGTERM", 200)).to.deep.equal({ code: null, signal: "SIGKILL" });
    expect(child.running).to.equal(false);
  });

  it("that has ended can be stopped again", async () => {
    const child = await shell("exit 0");
    await child.exited;
    expect(await child.stop("SIGTERM", 100)).to.deep.equal({ code: 0, signal: null });
  });

  it("keeps the log of the run before", async () => {
    await (await shell("echo first")).exited;
    rotateLogs(join(folder.path, "logs"));
    await (await shell("echo second")).exited;
    await (await shell("echo third")).exited;
    expect(lastLines(logFile)).to.equal("second | third");
    expect(lastLines(`${logFile}.1`)).to.equal("first");
  });

  it("without a word in its log points to the log", () => {
    expect(lastLines(join(folder.path, "none.log"))).to.equal(`see ${join(folder.path, "none.log")}`);
  });

  describe("that is kept running", () => {
    const kept: Kept[] = [];
    // Also when a test failed: what is started again for ever would keep this run from ending.
    afterEach(() => Promise.all(kept.splice(0).map((each) => each.stop())));

    const keep = async (start: () => Promise<Child>): Promise<Kept> => {
      const running = await keepRunning(start);
      kept.push(running);
      return running;
    };

    it("is given up when it dies again and again before it was of use", async () => {
      const thing = await keep(() => shell("echo wrong setting; exit 1"));
      expect(await failureOf(thing.failed))
        .to.contain("thing ended with code 1")
        .and.contain("wrong setting");
    });

    it("is given up at once, with its last word, when it says that waiting mends nothing", async () => {
      let starts = 0;
      const thing = await keep(() => {
        starts++;
        return shell("echo working; echo '2026-01-02T03:04:05.678Z ahadi: wrong database (hint)'; exit 3");
      });
      expect(await failureOf(thing.failed)).to.equal("thing: wrong database (hint)");
      expect(starts).to.equal(1);
    });

    it("says what it said itself, not what an earlier start had said", async () => {
      const thing = await keep(() => shell("echo the same; exit 1"));
      expect(await failureOf(thing.failed)).to.equal("thing ended with code 1: the same");
    });

    it("is started again however often it dies later, and not after it was stopped", async () => {
      let starts = 0;
      const thing = await keep(() => {
        starts++;
        return shell(starts < 5 ? "exit 1" : "exec sleep 30");
      });
      thing.settle();
      await until("it was started a fifth time", () => starts === 5);
      await thing.stop();
      expect(starts).to.equal(5);
    });
  });
});
