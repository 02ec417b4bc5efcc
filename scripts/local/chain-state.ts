import { existsSync, readFileSync, statSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AhadiError } from "../../platform/errors.ts";
import { DEMO_FILES } from "../demo/files.ts";
import { removeCluster } from "./placement.ts";

/** What a local run keeps in its data folder beside the database. */
const stateFile = (dataDir: string): string => join(dataDir, "chain", "state.json");
const previousFile = (dataDir: string): string => join(dataDir, "chain", "state.previous.json");
const markFile = (dataDir: string): string => join(dataDir, "first-run.json");

/** `unfinished`: its first run broke off; `resumable`: its state is readable. */
export type Standing = "none" | "unfinished" | "resumable";

/**
 * What an earlier start has left of the embedded chain.
 *
 * Only a chain that says itself that its first run broke off is begun anew: people hear that a run is ready after that,
 * so it holds nothing but the demo. A missing mark says nothing, and any other chain may hold somebody's loans: it goes
 * on, and when it cannot, only --fresh gives it up. Throws AhadiError `chain_state_lost`.
 *
 * anvil writes its state over the old one; if the machine stopped in the middle of that, the copy from the last start is taken.
 */
export async function standingChain(dataDir: string): Promise<Standing> {
  const mark = readMark(dataDir);
  if (mark === "begun") return "unfinished";
  const [state, previous] = [stateFile(dataDir), previousFile(dataDir)];
  if (mark === undefined && !existsSync(state) && !existsSync(previous)) return "none";
  if (await isJson(state)) {
    await copyFile(state, `${previous}.new`);
    await rename(`${previous}.new`, previous);
  } else if (await isJson(previous)) {
    await copyFile(previous, state);
  } else {
    throw new AhadiError("chain_state_lost", `the local chain's state in ${state} is missing or damaged`, {
      hint: "put a copy of it back, or start anew with --fresh, which gives its loans up",
    });
  }
  return "resumable";
}

async function isJson(path: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}

function readMark(stateDir: string): "begun" | "finished" | undefined {
  try {
    const mark: Record<string, unknown> = JSON.parse(readFileSync(markFile(stateDir), "utf8"));
    if ("finished_at" in mark) return "finished";
    return "begun_at" in mark ? "begun" : undefined;
  } catch {
    return undefined;
  }
}

/** Before the first run of an embedded chain: until the other mark replaces this one, it is not finished. */
export async function markFirstRunBegun(dataDir: string): Promise<void> {
  await writeMark(dataDir, { begun_at: new Date().toISOString() });
}

/** The first run of this chain is over (deployed, demo played), and its state is on disk. */
export async function markFirstRun(stateDir: string): Promise<void> {
  await writeMark(stateDir, { finished_at: new Date().toISOString() });
}

async function writeMark(stateDir: string, mark: Record<string, string>): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  const path = markFile(stateDir);
  await writeFile(`${path}.new`, `${JSON.stringify(mark)}\n`);
  await rename(`${path}.new`, path);
}

export function firstRunFinished(stateDir: string): boolean {
  return readMark(stateDir) === "finished";
}

/** Whether anvil has written its state after `moment` (milliseconds). */
export function stateWrittenAfter(dataDir: string, moment: number): boolean {
  return (statSync(stateFile(dataDir), { throwIfNoEntry: false })?.mtimeMs ?? 0) > moment;
}

/** Removes an embedded chain with its deployment. */
export async function removeChain(dataDir: string): Promise<void> {
  for (const name of ["chain", "deployments", ...Object.values(DEMO_FILES), "first-run.json"]) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

/** Removes the embedded Postgres with all databases in it. */
export async function removePostgres(dataDir: string): Promise<void> {
  await removeCluster(dataDir);
  await rm(join(dataDir, "postgres-password"), { force: true });
}
