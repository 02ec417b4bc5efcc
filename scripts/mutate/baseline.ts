import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { log } from "../../platform/log.ts";
import { openBench, type Shared } from "./bench.ts";
import { findJudges } from "./judges.ts";
import { type Project, WORKSHOP } from "./project.ts";
import { runForge, timeMocha } from "./runs.ts";

const TIMEOUT_MS = 900_000;

interface Baseline {
  times: Record<string, number>;
  /** Solidity tests that pass under forge, too. */
  solidity: string[];
}

/**
 * Runs the tests on the contracts as they are, on a bench like every mutant: a test that failed here would kill all of
 * them. How long each file takes tells when a mutant takes too long.
 */
export async function prepareJudges(project: Project): Promise<Shared> {
  const path = join(WORKSHOP, `${project.key}.baseline.json`);
  const judges = await findJudges();
  const shared: Shared = { project, judges, times: {}, kills: new Map(), originals: new Map() };
  const known = await readFile(path, "utf8").catch(() => undefined);
  const { times, solidity } = known === undefined ? await measure(shared) : (JSON.parse(known) as Baseline);
  if (known === undefined) await writeFile(path, JSON.stringify({ times, solidity }));
  return { ...shared, times, judges: { ...judges, solidity } };
}

async function measure(shared: Shared): Promise<Baseline> {
  log.info("— the tests on the contracts as they are");
  const { judges } = shared;
  const bench = await openBench(0, shared);
  await bench.rehearse();
  await bench.close();
  const files = judges.mocha.map(({ file }) => file);
  const times = await timeMocha(bench.folder, files, TIMEOUT_MS);
  const { failed } = await runForge(bench.folder, judges.solidity, {
    timeoutMs: TIMEOUT_MS,
    failFast: false,
  });
  for (const [file, test] of failed) log.warn(`${file} is no judge: ${test} fails under forge`);
  return { times, solidity: judges.solidity.filter((file) => !failed.has(file)) };
}
