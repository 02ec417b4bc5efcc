import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";

export interface Cleanup {
  /** Processes to be ended the hard way when the test process itself has to leave at once. */
  addPid(pid: number): void;
  setStop(stop: () => Promise<void>): void;
  /** Stops and removes now, once. */
  now(): Promise<void>;
}

interface Entry {
  folder: string;
  pids: number[];
  stop: () => Promise<void>;
}

const entries = new Set<Entry>();

/** Remembers what a test has started, so that nothing outlives the test process whichever way it ends. */
export function cleanUpLater({ folder }: { folder: string }): Cleanup {
  const entry: Entry = { folder, pids: [], stop: async () => {} };
  entries.add(entry);
  return {
    addPid: (pid) => entry.pids.push(pid),
    setStop(stop) {
      entry.stop = stop;
    },
    now: () => cleanUp(entry),
  };
}

async function cleanUp(entry: Entry): Promise<void> {
  if (!entries.delete(entry)) return;
  await entry.stop();
  await rm(entry.folder, { recursive: true, force: true });
}

/** The way out when nothing can be awaited any more: a second Ctrl-C, or `process.exit`. */
function cleanUpAtOnce(): void {
  for (const { folder, pids } of entries) {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  entries.clear();
}

process.once("exit", cleanUpAtOnce);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    cleanUpAtOnce();
    process.kill(process.pid, signal);
  });
}

// Under mocha this file is loaded while the root suite is open: the hook runs after all tests of the process.
if (typeof after === "function") {
  after("stop what the tests started", async function () {
    this.timeout(30_000);
    await Promise.all([...entries].map(cleanUp));
  });
}
