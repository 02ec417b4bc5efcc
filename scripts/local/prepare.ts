import { rm } from "node:fs/promises";
import type { Config } from "../../platform/config.ts";
import { log } from "../../platform/log.ts";
import * as chainState from "./chain-state.ts";
import type { ChainPlan } from "./plan.ts";

/**
 * Makes the data folder ready for this start, and says whether the embedded chain goes on; otherwise it is made anew.
 * Throws AhadiError `chain_state_lost`, or `mirror_of_another_chain` when an attached database cannot fit: nobody but its
 * owner can mend that, so it is found out before anything is removed or started.
 */
export async function prepareData(config: Config, chain: ChainPlan, fresh: boolean): Promise<boolean> {
  const { dataDir, databaseUrl } = config;
  const embedded = chain.kind === "embedded";
  const standing = embedded && !fresh ? await chainState.standingChain(dataDir) : "none";
  const resumed = standing === "resumable";
  if (databaseUrl !== undefined && !resumed) await checkAttached(databaseUrl, chain, fresh);
  if (fresh) await forget(config, chain);
  if (standing === "unfinished") {
    log.info("  the first run was not finished: its chain, with nothing but the demo, is begun anew");
  }
  if (resumed) await ensureMark(dataDir);
  else if (embedded) {
    await chainState.removeChain(dataDir);
    await chainState.markFirstRunBegun(dataDir);
  }
  return resumed;
}

async function checkAttached(databaseUrl: string, chain: ChainPlan, fresh: boolean): Promise<void> {
  const { checkMirror, sourceOf } = await import("./mirror-check.ts");
  const isNew = chain.kind === "embedded" || (fresh && chain.kind === "attached");
  await checkMirror(databaseUrl, isNew ? "new" : await sourceOf(chain, chain.rpcUrl));
}

/** Forgets what this start would go on with, and nothing else: neither other chains nor a database of somebody else. */
async function forget({ dataDir, databaseUrl }: Config, chain: ChainPlan): Promise<void> {
  if (chain.kind === "embedded") {
    await chainState.removeChain(dataDir);
    // Beside an attached chain only the database of that chain is made anew, when Postgres runs.
    if (databaseUrl === undefined) await chainState.removePostgres(dataDir);
  }
  if (chain.kind === "attached") await rm(chain.stateDir, { recursive: true, force: true });
}

async function ensureMark(dataDir: string): Promise<void> {
  if (chainState.firstRunFinished(dataDir)) return;
  log.info("  the mark of the first run is missing: going on with the chain that is there");
  await chainState.markFirstRun(dataDir);
}
