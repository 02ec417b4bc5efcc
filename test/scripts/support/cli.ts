import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../../platform/config.ts";
import { cleanUpLater } from "../../support/cleanup.ts";
import { until } from "../../support/until.ts";

const FREE_PORTS = ["--port", "0", "--chain-port", "0", "--postgres-port", "0"];

/** What `up --json` prints. */
export interface Ready {
  pages: string;
  api: string;
  rpc: string;
  database: string;
  chain_id: number;
  deployment_dir: string;
  data_dir: string;
  pid: number;
}

export interface UpRun {
  process: ChildProcess;
  /** What `up --json` prints when it is ready. Fails with all that was said when it fails or ends before. */
  ready(): Promise<Ready>;
  /** The error that it printed on standard output. */
  failure(): Promise<{ code: string; message: string; hint?: string }>;
  done: Promise<number | null>;
  stderr(): string;
}

/** `ahadi up --json --no-demo` on free ports, in a process group of its own. `launcher` starts it in another way. */
export function startUp(dataDir: string, args: string[] = [], launcher?: Launcher): UpRun {
  const words = ["up", "--json", "--no-demo", "--data-dir", dataDir, ...FREE_PORTS, ...args];
  const { file, prefix, cwd, env } = launcher ?? {
    file: process.execPath,
    prefix: [join(repositoryRoot, "scripts/ahadi.ts")],
    cwd: repositoryRoot,
    env: process.env,
  };
  const child = spawn(file, [...prefix, ...words], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) cleanUpLater({ folder: dataDir }).addPid(child.pid);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    said.stdout += text;
  });
  child.stderr.on("data", (text) => {
    said.stderr += text;
  });
  const done = once(child, "close").then(([code]) => code as number | null);
  const lines = (): string[] => said.stdout.split("\n").filter((line) => line.startsWith("{"));
  return {
    process: child,
    done,
    stderr: () => said.stderr,
    async ready() {
      const ended = done.then((code) => {
        throw new Error(`ended with ${code}: ${said.stdout}${said.stderr}`);
      });
      await Promise.race([ended, until("ready", () => lines().length > 0)]);
      const first = JSON.parse(lines()[0] ?? "");
      // The error of a start that failed is printed before what was started is stopped.
      if ("error" in first) throw new Error(`failed: ${said.stdout}${said.stderr}`);
      return first;
    },
    async failure() {
      await done;
      return JSON.parse(lines().at(-1) ?? "{}").error;
    },
  };
}

export interface Launcher {
  file: string;
  prefix: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** The pids on record, by name; empty when no run is on record. */
export function recordedPids(dataDir: string): Map<string, number> {
  try {
    const { supervisor, children } = JSON.parse(readFileSync(join(dataDir, "run.json"), "utf8"));
    const entries = children.map(({ name, pid }: { name: string; pid: number }) => [name, pid]);
    return new Map([["supervisor", supervisor.pid], ...entries]);
  } catch {
    return new Map();
  }
}
