import { existsSync, statSync } from "node:fs";
import { copyFile, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeCluster } from "./placement.ts";

/** What a local run keeps in its data folder beside the database. */
const stateFile = (dataDir: string): string => join(dataDir, "chain", "state.json");
const previousFile = (dataDir: string): string => join(dataDir, "chain", "state.previous.json");
const markFile = (dataDir: string): string => join(dataDir, "first-run.json");

/**
 * Whether the embedded chain of an earlier run can go on: its first run was finished and its state is readable.
 * anvil writes its state over the old one; if the machine stopped in the middle of that, the copy from the last start is taken.
 */
export async function canResumeChain(dataDir: string): Promise<boolean> {
  if (!existsSync(markFile(dataDir))) return false;
  if (await isJson(stateFile(dataDir))) {
    await copyFile(stateFile(dataDir), `${previousFile(dataDir)}.new`);
    await rename(`${previousFile(dataDir)}.new`, previousFile(dataDir));
    return true;
  }
  if (!(await isJson(previousFile(dataDir)))) return false;
  await copyFile(previousFile(dataDir), stateFile(dataDir));
  return true;
}

async function isJson(path: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}

/** The first run of this chain is over (deployed, demo played), and its state is on disk. */
export async function markFirstRun(stateDir: string): Promise<void> {
  await writeFile(markFile(stateDir), `${JSON.stringify({ finished_at: new Date().toISOString() })}\n`);
}

export function firstRunFinished(stateDir: string): boolean {
  return existsSync(markFile(stateDir));
}

/** Whether anvil has written its state after `moment` (milliseconds). */
export function stateWrittenAfter(dataDir: string, moment: number): boolean {
  return (statSync(stateFile(dataDir), { throwIfNoEntry: false })?.mtimeMs ?? 0) > moment;
}

/** Removes an embedded chain with its deployment. */
export async function removeChain(dataDir: string): Promise<void> {
  for (const name of ["chain", "deployments", "demo-proposal.json", "first-run.json"]) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

/** Removes all data of local runs: chain, deployments (also those on attached chains), and every database. */
export async function removeLocalData(dataDir: string): Promise<void> {
  await removeChain(dataDir);
  const attached = (await readdir(dataDir)).filter((name) => name.startsWith("attached-"));
  for (const name of [...attached, "postgres-password"]) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
  await removeCluster(dataDir);
}
