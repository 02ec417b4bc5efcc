import { identify } from "./processes.ts";

const POLL_MS = 250;

/**
 * Calls back when the process that has started this one, and said so in AHADI_PARENT_PID, is gone without a word
 * (killed, for instance), also when it was gone before this was called. A process that was started by anybody else has
 * no parent to watch.
 */
export function whenParentGone(callback: () => void): void {
  const named = Number(process.env.AHADI_PARENT_PID);
  if (!Number.isInteger(named) || named <= 0) return;
  // Inherited from a parent that was watching: it lives, but it is not ours.
  if (process.ppid !== named && identify(named) !== undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === named) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
}
