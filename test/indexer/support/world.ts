import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "viem";
import { connect } from "../../../chain/clients.ts";
import { type Deployment, readDeployment } from "../../../chain/deployment.ts";
import { type IndexerOptions, runIndexer } from "../../../indexer/run.ts";
import { repositoryRoot } from "../../../platform/config.ts";
import { migrate } from "../../../platform/migrate.ts";
import { ensureBuilt } from "../../../scripts/build.ts";
import { ensureDeployed } from "../../../scripts/deploy.ts";
import { freePort } from "../../../scripts/local/ports.ts";
import { startAnvil } from "../../support/anvil.ts";
import { cleanUpLater } from "../../support/cleanup.ts";
import { freshDatabase } from "../../support/postgres.ts";
import { type Institution, openInstitution } from "./institution.ts";
import { ask, dump, until, withDatabase } from "./mirror.ts";

export const chainRoom = {
  schema: "chain",
  directory: new URL("../../../indexer/migrations/", import.meta.url),
} as const;

/** 2026-01-01, so that days in failures are easy to read. */
const GENESIS_TIME_S = 1_767_225_600;

/** A chain with a deployed institution. */
export interface World {
  rpcUrl: string;
  deploymentDir: string;
  deployment: Deployment;
  institution: Institution;
}

let world: Promise<World> | undefined;
let beginning: Hex | undefined;

/** The chain of this room's tests, set back to the state after the deployment: for the `before` of a test file. */
export async function theWorld(): Promise<World> {
  world ??= openWorld();
  const { institution } = await world;
  if (beginning !== undefined) await institution.rpc("evm_revert", beginning);
  beginning = await institution.rpc<Hex>("evm_snapshot");
  return await world;
}

async function openWorld(): Promise<World> {
  const { rpcUrl } = await startAnvil({ genesisTime: GENESIS_TIME_S });
  return await deployOn(rpcUrl);
}

/** The same institution on Hardhat's own node. */
export async function openHardhatWorld(): Promise<World & { close(): Promise<void> }> {
  const port = await freePort();
  const cli = join(repositoryRoot, "node_modules", "hardhat", "dist", "src", "cli.js");
  const node = spawn(process.execPath, [cli, "node", "--port", String(port)], {
    cwd: repositoryRoot,
    stdio: "ignore",
  });
  const killAtExit = (): boolean => node.kill("SIGKILL");
  process.once("exit", killAtExit);
  const rpcUrl = `http://127.0.0.1:${port}`;
  await until("Hardhat's node answers", () =>
    connect(rpcUrl)
      .getChainId()
      .then(
        () => true,
        () => false,
      ),
  );
  return {
    ...(await deployOn(rpcUrl)),
    async close() {
      const exited = once(node, "exit");
      node.kill("SIGTERM");
      await exited;
      process.off("exit", killAtExit);
    },
  };
}

async function deployOn(rpcUrl: string): Promise<World> {
  await ensureBuilt();
  const stateDir = await mkdtemp(join(tmpdir(), "ahadi-indexer-"));
  cleanUpLater({ folder: stateDir });
  const { deploymentDir } = await ensureDeployed({ rpcUrl, stateDir });
  const deployment = await readDeployment(deploymentDir);
  return { rpcUrl, deploymentDir, deployment, institution: await openInstitution(rpcUrl, deployment) };
}

/** A database with an empty mirror. */
export async function emptyMirror(): Promise<string> {
  const { url } = await freshDatabase();
  await migrate(url, chainRoom);
  return url;
}

export interface RunningIndexer {
  /** Ends with the indexer: rejects when it failed. */
  done: Promise<void>;
  stop(): Promise<void>;
}

const running = new Set<RunningIndexer>();

afterEach("stop the indexers that a failed test has left", async () => {
  await Promise.allSettled([...running].map((indexer) => indexer.stop()));
  running.clear();
});

/** An indexer in this process. */
export function startIndexer(options: Omit<IndexerOptions, "signal" | "pollMs">): RunningIndexer {
  const controller = new AbortController();
  const done = runIndexer({ ...options, pollMs: 10, signal: controller.signal });
  // A failure is seen by whoever waits for `done`; until then it must not end the test process.
  done.catch(() => {});
  const indexer = {
    done,
    async stop() {
      controller.abort();
      running.delete(indexer);
      await done;
    },
  };
  running.add(indexer);
  return indexer;
}

/** Waits until the mirror is at the chain's head, wherever that is by then. */
export async function caughtUp({ institution }: World, databaseUrl: string): Promise<void> {
  await withDatabase(databaseUrl, async (pool) => {
    await until("the mirror is at the head", async () => {
      const { hash } = await institution.client.getBlock();
      const { rows } = await pool.query("select from chain.checkpoint where chain.hex(block_hash) = $1", [
        hash,
      ]);
      return rows.length === 1;
    });
  });
}

let scratch: Promise<string> | undefined;

/** What a mirror says that was made just now from nothing. */
export async function rebuilt(world: World): Promise<Awaited<ReturnType<typeof dump>>> {
  // Emptied and used again: making a database takes longer than filling it.
  scratch ??= emptyMirror();
  const databaseUrl = await scratch;
  await ask(databaseUrl, "truncate chain.mirror, chain.checkpoint, chain.block cascade");
  const indexer = startIndexer({ ...world, databaseUrl });
  await Promise.race([caughtUp(world, databaseUrl), indexer.done]);
  await indexer.stop();
  return await dump(databaseUrl);
}
