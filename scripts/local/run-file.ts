import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { nameOf } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { endProcess, identify, isRunning, type ProcessIdentity } from "./processes.ts";

const identity = z.object({ pid: z.number().int().positive(), started: z.string() });
const endpoints = z.object({
  api: z.string(),
  rpc: z.string(),
  /** With the password: the file is readable for its owner alone. */
  databaseUrl: z.string(),
  deploymentDir: z.string(),
  chainId: z.number(),
});
const schema = z.object({
  supervisor: identity,
  children: z.array(identity.extend({ name: z.string() })),
  endpoints: endpoints.optional(),
});

export type Endpoints = z.infer<typeof endpoints>;
type Run = z.infer<typeof schema>;

/** What the supervisor of a data folder has started. It is on disk before the process does anything, so that a start after a crash finds all of it. */
export interface RunFile {
  add(name: string, pid: number): void;
  remove(pid: number): void;
  children(): (ProcessIdentity & { name: string })[];
  publish(endpoints: Endpoints): void;
  /** The end of the run: the folder is free for another supervisor. */
  release(): void;
}

/** In which order leftovers are ended: those who write before those who keep. */
const ORDER = ["server", "indexer", "chain", "Postgres"];
const PATIENCE_MS = 10_000;

const pathOf = (dataDir: string): string => join(dataDir, "run.json");

/** Where a running local run listens; undefined when none runs on this data folder. */
export function runningEndpoints(dataDir: string): Endpoints | undefined {
  const run = read(pathOf(dataDir));
  return run !== undefined && isRunning(run.supervisor) ? run.endpoints : undefined;
}

/**
 * Makes this process the only supervisor of `dataDir`, after ending what a supervisor that was killed has left behind.
 * Throws AhadiError `already_running`.
 */
export async function claimDataDir(dataDir: string, onLeftover: (name: string) => void): Promise<RunFile> {
  const path = pathOf(dataDir);
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new Error("this process cannot see itself in the process table");
  const run: Run = { supervisor, children: [] };
  while (!create(path, run)) {
    const before = read(path);
    if (before !== undefined && isRunning(before.supervisor)) {
      throw new AhadiError(
        "already_running",
        `ahadi up runs already on ${dataDir} (pid ${before.supervisor.pid})`,
        {
          hint: "stop it first, or choose another AHADI_DATA_DIR (--data-dir)",
        },
      );
    }
    if (before !== undefined) await endLeftovers(before, onLeftover);
    // Of two starts at once only one can move the old file away.
    moveAway(path);
  }
  let released = false;
  const save = (): void => {
    if (released) return;
    writeFileSync(`${path}.new`, JSON.stringify(run, null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  return {
    add(name, pid) {
      const child = identify(pid);
      if (child !== undefined) run.children.push({ name, ...child });
      save();
    },
    remove(pid) {
      run.children = run.children.filter((child) => child.pid !== pid);
      save();
    },
    children: () => [...run.children],
    publish(published) {
      run.endpoints = published;
      save();
    },
    release() {
      released = true;
      rmSync(path, { force: true });
    },
  };
}

function create(path: string, run: Run): boolean {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, JSON.stringify(run, null, 2), { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && existsSync(path)) return false;
    throw new AhadiError("data_dir_unusable", `the data folder ${dirname(path)} cannot be written: ${code}`, {
      hint: `check ${nameOf("dataDir")} and who owns the folder`,
      cause: error,
    });
  }
}

/** Level by level: Node's own recursive way never returns where a folder cannot be made, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another start may have been quicker.
    if (!existsSync(path)) throw error;
  }
}

function moveAway(path: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside);
  } catch {
    // Another start was quicker; the next look says who has it.
  }
}

function read(path: string): Run | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

async function endLeftovers(run: Run, onLeftover: (name: string) => void): Promise<void> {
  const rank = (name: string): number => ORDER.indexOf(name);
  for (const child of run.children.toSorted((a, b) => rank(a.name) - rank(b.name))) {
    if (!isRunning(child)) continue;
    onLeftover(child.name);
    await endProcess(child, child.name === "Postgres" ? "SIGINT" : "SIGTERM", PATIENCE_MS);
  }
}
