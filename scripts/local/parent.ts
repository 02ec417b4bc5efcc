const POLL_MS = 250;

/**
 * Calls back when the process that has started this one, and said so in AHADI_PARENT_PID, is gone without a word
 * (killed, for instance). A process that was started by anybody else has no parent to watch.
 */
export function whenParentGone(callback: () => void): void {
  const parent = process.ppid;
  if (process.env.AHADI_PARENT_PID !== String(parent)) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
}
