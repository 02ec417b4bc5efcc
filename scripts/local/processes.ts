import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process, told apart from a later one that got the same pid (also after the machine was started again). */
export interface ProcessIdentity {
  pid: number;
  started: string;
}

const hasProc = existsSync("/proc/self/stat");

/** The process with this pid as it is now; undefined when there is none, or only its exit code is left. */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = hasProc ? fromProc(pid) : fromPs(pid);
  return found === undefined || found.state.startsWith("Z") ? undefined : { pid, started: found.started };
}

export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return identify(pid)?.started === started;
}

/** Sends the signal, waits for the end, and after `patienceMs` sends SIGKILL. Only to that very process. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  patienceMs: number,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let sent = false;
  while (isRunning(identity)) {
    const late = Date.now() > deadline;
    if (!sent || late) sendSignal(identity.pid, late ? "SIGKILL" : signal);
    sent = true;
    await pause(20);
  }
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in the meantime.
  }
}

/** All processes that this process has started, directly or not, and that still have it among their parents. */
export function descendants(root = process.pid): ProcessIdentity[] {
  const childrenOf = new Map<number, number[]>();
  for (const { pid, parent } of allProcesses()) {
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const found: ProcessIdentity[] = [];
  const queue = [...(childrenOf.get(root) ?? [])];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const identity = identify(pid);
    if (identity !== undefined) found.push(identity);
    queue.push(...(childrenOf.get(pid) ?? []));
  }
  return found;
}

function allProcesses(): { pid: number; parent: number }[] {
  if (hasProc) {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const found = fromProc(Number(name));
        return found === undefined ? [] : [{ pid: Number(name), parent: found.parent }];
      });
  }
  return psLines(["-A", "-o", "pid=,ppid="]).map((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return { pid: pid ?? 0, parent: parent ?? 0 };
  });
}

/** Fields after the name in /proc/<pid>/stat: state, parent, ... and the start time in ticks since the machine started. */
function fromProc(pid: number): { state: string; parent: number; started: string } | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { state: fields[0] ?? "", parent: Number(fields[1]), started: `${boot} ${fields[19]}` };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): { state: string; started: string } | undefined {
  const [line] = psLines(["-o", "stat=,lstart=", "-p", String(pid)]);
  if (line === undefined) return undefined;
  const [state = "", ...started] = line.trim().split(/\s+/);
  return { state, started: started.join(" ") };
}

function psLines(args: string[]): string[] {
  try {
    const output = execFileSync("ps", args, { stdio: ["ignore", "pipe", "ignore"], env: { LC_ALL: "C" } });
    return output.toString().split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
