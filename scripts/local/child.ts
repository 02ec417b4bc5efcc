import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AhadiError } from "../../platform/errors.ts";

export interface ChildOptions {
  name: string;
  file: string;
  args: string[];
  /** Standard output and error are appended here. */
  logFile: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Called with the pid before anything else can happen, so that a crash leaves no process nobody knows of. */
  onSpawn?: ((pid: number) => void) | undefined;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Where in the log this process begins: what came before was said by another one. */
  readonly logStart: number;
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  readonly running: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends `signal`, waits up to `patienceMs`, then SIGKILL. Settles when the process is gone. */
  stop(signal: NodeJS.Signals, patienceMs: number): Promise<Exit>;
}

/**
 * Starts a process in a process group of its own: Ctrl-C in the terminal reaches only the supervisor, which stops its
 * children in order. Throws AhadiError `child_failed` when the file cannot be run.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openLog(options.logFile);
  const logStart = fstatSync(log).size;
  let process_: ChildProcess;
  try {
    process_ = spawn(options.file, options.args, {
      detached: true,
      stdio: ["ignore", log, log],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
  } finally {
    closeSync(log);
  }
  if (process_.pid !== undefined) options.onSpawn?.(process_.pid);
  return await watch(options, process_, logStart);
}

async function watch(options: ChildOptions, process_: ChildProcess, logStart: number): Promise<Child> {
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    process_.once("exit", (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  await new Promise<void>((resolve, reject) => {
    process_.once("spawn", resolve);
    process_.once("error", (cause) =>
      reject(
        new AhadiError("child_failed", `${options.name} could not be started: ${cause.message}`, { cause }),
      ),
    );
  });
  const pid = process_.pid ?? 0;
  const signal = (name: NodeJS.Signals): void => {
    if (exit === undefined) process_.kill(name);
  };
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    logStart,
    exited,
    get running() {
      return exit === undefined;
    },
    signal,
    async stop(name, patienceMs) {
      signal(name);
      const timer = setTimeout(() => signal("SIGKILL"), patienceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function openLog(logFile: string): number {
  mkdirSync(dirname(logFile), { recursive: true });
  return openSync(logFile, "a");
}

/** Keeps the logs of the run before as `<name>.log.1`. */
export function rotateLogs(logDir: string): void {
  if (!existsSync(logDir)) return;
  for (const name of readdirSync(logDir).filter((file) => file.endsWith(".log"))) {
    renameSync(join(logDir, name), join(logDir, `${name}.1`));
  }
}

/** How a child that should still run has ended, with the end of its log, in one line. */
export function describeExit(child: Child, exit: Exit): string {
  const how = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
  return `${child.name} ${how}: ${lastLines(child.logFile, { from: child.logStart })}`;
}

/** The last lines of a log (from byte `from` on) on one line, or where it is when it says nothing. */
export function lastLines(logFile: string, { from = 0, count = 3 } = {}): string {
  let lines: string[] = [];
  try {
    lines = readFileSync(logFile).subarray(from).toString().split("\n");
  } catch {
    // A log that is not there says nothing either.
  }
  const said = lines.map((line) => line.trim()).filter((line) => line !== "");
  return said.length === 0 ? `see ${logFile}` : said.slice(-count).join(" | ");
}

/** Waits until `ready` says so, asking every few milliseconds; fails when the child ends or the time is over. */
export async function waitUntilReady(
  child: Child,
  ready: () => boolean | Promise<boolean>,
  limit: { timeoutMs: number; everyMs: number },
): Promise<void> {
  const deadline = Date.now() + limit.timeoutMs;
  while (!(await ready())) {
    if (!child.running) {
      throw new AhadiError("child_failed", describeExit(child, await child.exited));
    }
    if (Date.now() > deadline) {
      const seconds = Math.round(limit.timeoutMs / 1000);
      throw new AhadiError(
        "child_failed",
        `${child.name} was not ready within ${seconds} s: ${lastLines(child.logFile, { from: child.logStart })}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, limit.everyMs));
  }
}
