import { setTimeout as pause } from "node:timers/promises";

/** Waits for a condition; fails with `what` when it does not come. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await pause(20);
  }
}
