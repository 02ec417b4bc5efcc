import { setTimeout as pause } from "node:timers/promises";
import { AhadiError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { type Child, describeExit } from "./child.ts";

export interface Kept {
  stop(): Promise<void>;
  /** Rejects when the process died too often before it was ever of use. Never resolves. */
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
      const what = describeExit(child, exit);
      if (!settled && deaths >= TRIES_BEFORE_READY) throw new AhadiError("child_failed", what);
      log.warn(`${what}; starting it again`);
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
