import { setTimeout as pause } from "node:timers/promises";
import { AhadiError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { type Child, describeExit, type Exit, lastLines } from "./child.ts";

/** With this code a process says that waiting does not mend what ended it: a person has to change something. */
export const EXIT_HOPELESS = 3;

export interface Kept {
  stop(): Promise<void>;
  /** Rejects when, before it was ever of use, the process died too often or gave up. Never resolves. */
  readonly failed: Promise<never>;
  /** From now on a death is answered by starting again, however often. */
  settle(): void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 1_000;
/** A process that has run this long was healthy: the next pause is the shortest again. */
const HEALTHY_MS = 10_000;
const TRIES_BEFORE_READY = 3;
const STOP_PATIENCE_MS = 8_000;

/** Starts a process and starts it again when it dies, with growing pauses. */
export async function keepRunning(start: () => Promise<Child>): Promise<Kept> {
  const stopping = new AbortController();
  let settled = false;
  let child = await start();

  async function watch(): Promise<never> {
    let wait = FIRST_PAUSE_MS;
    for (let deaths = 1; ; deaths++) {
      const startedAt = Date.now();
      const exit = await child.exited;
      if (stopping.signal.aborted) return await new Promise<never>(() => {});
      if (!settled) assertWorthwhile(child, exit, deaths);
      log.warn(`${describeExit(child, exit)}; starting it again`);
      if (Date.now() - startedAt > HEALTHY_MS) wait = FIRST_PAUSE_MS;
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return await new Promise<never>(() => {});
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
      child = await start();
      if (stopping.signal.aborted) await child.stop("SIGTERM", STOP_PATIENCE_MS);
    }
  }

  const failed = watch();
  failed.catch(() => {});
  return {
    failed,
    settle() {
      settled = true;
    },
    async stop() {
      stopping.abort();
      await child.stop("SIGTERM", STOP_PATIENCE_MS);
    },
  };
}

/** Before it was ever of use a process is not started for ever, nor at all after it has said itself that it is hopeless. */
function assertWorthwhile(child: Child, exit: Exit, deaths: number): void {
  if (exit.code === EXIT_HOPELESS) throw new AhadiError("child_failed", lastWord(child));
  if (deaths >= TRIES_BEFORE_READY) throw new AhadiError("child_failed", describeExit(child, exit));
}

/** A process that gives up has explained itself: its last line is the whole story. */
function lastWord({ name, logFile, logStart }: Child): string {
  const line = lastLines(logFile, { from: logStart, count: 1 });
  return `${name}: ${line.replace(/^\d{4}-[\d:.T-]+Z /, "").replace(/^ahadi: /, "")}`;
}
