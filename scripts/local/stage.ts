import { log } from "../../platform/log.ts";

/** Runs one stage of the start and says on standard error that it is done, and how long it took. */
export async function stage<T>(label: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  log.info(`  ${label.padEnd(38, " ")} ${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`);
  return result;
}
