import { whenParentGone } from "./parent.ts";

/** Ctrl-C reaches a process more than once: from the terminal, from npm, from the bootstrap. Within this time it is one. */
const SAME_PRESS_MS = 700;

/**
 * Turns SIGINT, SIGTERM, SIGHUP and the end of the parent into one abort. Each later press of Ctrl-C calls `hurry`.
 */
export function stopRequests(hurry: () => void = () => {}): AbortSignal {
  const controller = new AbortController();
  let askedAt = 0;
  const ask = (signal: NodeJS.Signals | "parent"): void => {
    if (!controller.signal.aborted) {
      askedAt = Date.now();
      controller.abort();
    } else if (signal === "SIGINT" && Date.now() - askedAt > SAME_PRESS_MS) {
      hurry();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ask(signal));
  whenParentGone(() => ask("parent"));
  return controller.signal;
}

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
