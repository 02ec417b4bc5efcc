import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { IndexerOptions } from "../../../indexer/run.ts";

const script = fileURLToPath(new URL("./child.ts", import.meta.url));
const alive = new Set<ChildProcess>();

process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});
afterEach("kill the indexers that a failed test has left", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export interface IndexerProcess {
  pid: number;
  /** Ends it and waits until it is gone; the exit code, or null after a signal. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

export function spawnIndexer({
  rpcUrl,
  databaseUrl,
  deploymentDir,
}: Omit<IndexerOptions, "signal" | "pollMs">): IndexerProcess {
  const options = JSON.stringify({ rpcUrl, databaseUrl, deploymentDir });
  const child = spawn(process.execPath, [script, options], { stdio: ["ignore", "ignore", "inherit"] });
  alive.add(child);
  const exited = once(child, "exit").then(([code]) => {
    alive.delete(child);
    return code as number | null;
  });
  if (child.pid === undefined) throw new Error("the indexer process did not start");
  return {
    pid: child.pid,
    async end(signal) {
      child.kill(signal);
      return await exited;
    },
  };
}
