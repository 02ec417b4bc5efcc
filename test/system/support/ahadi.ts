import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../../../platform/config.ts";

const cli = join(repositoryRoot, "scripts", "ahadi.ts");

/** What `ahadi up --json` prints when it is ready. */
export interface Ready {
  pages: string;
  api: string;
  rpc: string;
  chain_id: number;
  deployment_dir: string;
  data_dir: string;
  pid: number;
}

export interface LocalRun {
  ready: Ready;
  /** Process ids of what the supervisor has started, by name. */
  children(): Promise<Map<string, number>>;
  /** Sends the signal to the supervisor and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<number>;
}

/** Starts everything on free ports, as `npm start` does, and waits until it is ready. Fails with what it said. */
export async function startAhadi(dataDir: string, args: string[] = []): Promise<LocalRun> {
  const free = ["--port", "0", "--chain-port", "0", "--postgres-port", "0", "--poll-ms", "50"];
  const child = spawn(process.execPath, [cli, "up", "--json", "--data-dir", dataDir, ...free, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const ready = await Promise.race([
    firstLine(child).then((line) => JSON.parse(line) as Ready & { error?: unknown }),
    exited.then(([code]) => {
      throw new Error(`ahadi up ended with ${code}:\n${said}`);
    }),
  ]);
  if (ready.error !== undefined) throw new Error(`ahadi up failed: ${JSON.stringify(ready.error)}\n${said}`);
  return {
    ready,
    async children() {
      const run = JSON.parse(await readFile(join(dataDir, "run.json"), "utf8")) as {
        children: { name: string; pid: number }[];
      };
      return new Map(run.children.map(({ name, pid }) => [name, pid]));
    },
    async stop(signal = "SIGINT") {
      if (child.exitCode === null) child.kill(signal);
      const [code] = await exited;
      return code ?? -1;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}

/** Runs the command line tool with `--json`; `code` is its exit code. */
export async function runCli<T>(
  args: string[],
  input?: string,
): Promise<{ code: number; result: T; said: string }> {
  const child = execFile(process.execPath, [cli, ...args, "--json"], { maxBuffer: 64 << 20 });
  child.stdin?.end(input ?? "");
  let printed = "";
  let said = "";
  child.stdout?.on("data", (chunk: string) => {
    printed += chunk;
  });
  child.stderr?.on("data", (chunk: string) => {
    said += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, result: JSON.parse(printed) as T, said };
}

/** What the command prints for people; fails when it fails. */
export async function runForPeople(args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [cli, ...args])).stdout;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
