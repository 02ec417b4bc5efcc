import { log } from "../platform/log.ts";

const AGAIN_MS = 60_000;

/**
 * Warns of failures that are waited out. An outage of an hour must not fill the log: the same message comes again only
 * after a minute.
 */
export function createComplaint(): (message: string) => void {
  let last = { message: "", at: Number.NEGATIVE_INFINITY };
  return (message) => {
    const at = performance.now();
    if (message === last.message && at - last.at < AGAIN_MS) return;
    last = { message, at };
    log.warn(`${message}; trying again`);
  };
}
