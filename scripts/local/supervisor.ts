import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Pin } from "../../indexer/store/mirror.ts";
import type { Config } from "../../platform/config.ts";
import { withoutPassword } from "../../platform/database.ts";
import { AhadiError, describeError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { migrate } from "../../platform/migrate.ts";
import { LOCAL_CHAIN_ID, startAnvilProcess } from "./anvil.ts";
import * as chainState from "./chain-state.ts";
import { type Child, describeExit, rotateLogs } from "./child.ts";
import { canTravel, catchUpWithClock, startHeartbeat } from "./heartbeat.ts";
import { type Kept, keepRunning } from "./keep-running.ts";
import { makePlan, type Plan } from "./plan.ts";
import { startPostgresProcess } from "./postgres.ts";
import { prepareData } from "./prepare.ts";
import { createRegistry } from "./registry.ts";
import { chainRoom, deskRoom } from "./rooms.ts";
import { rpc } from "./rpc.ts";
import { claimDataDir } from "./run-file.ts";
import { stage } from "./stage.ts";
import { startWorker } from "./workers.ts";

export interface UpOptions {
  config: Config;
  /** Forget first what this start would go on with. */
  fresh: boolean;
  /** Play the demo on a new local chain. */
  demo: boolean;
  /** Unix seconds of a new embedded chain's first block. */
  chainStart: number | undefined;
}

/** Where everything is. `database` carries no password; it is in `<dataDir>/run.json`. */
export interface Ready {
  pages: string;
  api: string;
  rpc: string;
  database: string;
  chainId: number;
  deploymentDir: string;
  dataDir: string;
  pid: number;
}

export interface Supervisor {
  /** Everything that can be known beforehand is checked before anything is started. */
  start(): Promise<Ready>;
  /** Rejects when something that was started has ended for good. Never resolves. */
  readonly failed: Promise<never>;
  /** Ends everything in order; nothing is left afterwards. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

const DEMO_SPAN_S = 100 * 86_400;
const READY_TIMEOUT_MS = 120_000;
const UNWIND_MS = 5_000;

/** Throws AhadiError `already_running`, before which nothing has happened. */
export async function createSupervisor(options: UpOptions): Promise<Supervisor> {
  const { config } = options;
  const { dataDir } = config;
  const logDir = join(dataDir, "logs");
  const runFile = await claimDataDir(dataDir, (name) => log.info(`  ending what was left of ${name}`));
  const registry = createRegistry(runFile);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  const endings: (() => Promise<void> | void)[] = [];
  /** Starts that clean up behind themselves when they are broken off. */
  const pending: Promise<unknown>[] = [];

  /** A part that ends by itself takes the whole run down with a word about why. */
  function depend(child: Child): void {
    void child.exited.then((exit) =>
      failure.reject(new AhadiError("child_failed", describeExit(child, exit))),
    );
  }

  async function startDatabase(plan: Plan, anew: boolean): Promise<string> {
    const url = config.databaseUrl ?? (await stage("Postgres started", () => embeddedDatabase(plan, anew)));
    await stage("database migrated", async () => {
      await migrate(url, chainRoom);
      await migrate(url, deskRoom);
    });
    return url;
  }

  async function embeddedDatabase(plan: Plan, anew: boolean): Promise<string> {
    const postgres = await startPostgresProcess({
      dataDir,
      port: plan.ports.postgres,
      durable: true,
      logDir,
      onSpawn: registry.spawned,
    });
    registry.add("Postgres", postgres.stop);
    depend(postgres.child);
    return await postgres.database(plan.chain.database, { anew });
  }

  async function startChain(plan: Plan, resumed: boolean): Promise<string> {
    if (plan.chain.kind !== "embedded") return plan.chain.rpcUrl;
    const now = Math.floor(Date.now() / 1000);
    const genesisTime = options.chainStart ?? (options.demo ? now - DEMO_SPAN_S : now);
    const anvil = await stage(resumed ? "chain resumed" : "chain started", () =>
      startAnvilProcess({
        port: plan.ports.chain,
        stateDir: join(dataDir, "chain"),
        genesisTime: resumed ? undefined : genesisTime,
        logFile: join(logDir, "chain.log"),
        onSpawn: (pid) => registry.spawned("chain", pid),
      }),
    );
    registry.add("chain", anvil.stop);
    depend(anvil.child);
    if (resumed) await catchUpWithClock(anvil.rpcUrl);
    return anvil.rpcUrl;
  }

  /** What the database mirrors already, after making sure that it is this chain. */
  async function check(plan: Plan, databaseUrl: string, rpcUrl: string): Promise<Pin | undefined> {
    const { checkMirror, sourceOf } = await import("./mirror-check.ts");
    const hint = config.databaseUrl === undefined ? "start anew with --fresh" : undefined;
    return await checkMirror(databaseUrl, await sourceOf(plan.chain, rpcUrl), hint);
  }

  async function deploy(plan: Plan, rpcUrl: string, resumed: boolean, pin?: Pin): Promise<string> {
    if (plan.chain.kind === "deployed") return plan.chain.deploymentDir;
    const { stateDir } = plan.chain;
    const used = resumed || pin !== undefined || chainState.firstRunFinished(stateDir);
    const attached = config.databaseUrl === undefined ? undefined : pin;
    const { localDeployment } = await import("./deployment.ts");
    return await stage("contracts deployed", () =>
      localDeployment({ rpcUrl, stateDir, used, pin: attached }),
    );
  }

  async function startKept(name: "server" | "indexer", start: () => Promise<Child>): Promise<Kept> {
    const kept = await keepRunning(start);
    registry.add(name, kept.stop);
    kept.failed.catch(failure.reject);
    return kept;
  }

  /** The demo ends at the present; a local chain that is not at it (no demo, a new start) is brought there. */
  async function finishFirstRun(plan: Plan, rpcUrl: string, deploymentDir: string): Promise<void> {
    if (plan.chain.kind === "deployed" || chainState.firstRunFinished(plan.chain.stateDir)) return;
    const { stateDir } = plan.chain;
    const { apiUrl } = plan;
    if (options.demo && (await canTravel(rpcUrl))) {
      const { playDemo } = await import("../demo.ts");
      await stage("demo played", () => playDemo({ rpcUrl, apiUrl, deploymentDir, stateDir }));
    }
    if (plan.chain.kind === "attached") {
      await chainState.markFirstRun(stateDir);
      return;
    }
    if (options.demo) await catchUpWithClock(rpcUrl);
    // The mark says that the chain can go on from disk, so it waits for the state to be there.
    const finishedAt = Date.now();
    const timer = setInterval(() => {
      if (!chainState.stateWrittenAfter(dataDir, finishedAt)) return;
      clearInterval(timer);
      void chainState.markFirstRun(stateDir);
    }, 500);
    endings.push(async () => {
      clearInterval(timer);
      if (chainState.stateWrittenAfter(dataDir, finishedAt)) await chainState.markFirstRun(stateDir);
    });
  }

  async function start(): Promise<Ready> {
    const plan = await makePlan(config);
    rotateLogs(logDir);
    const embedded = plan.chain.kind === "embedded";
    const resumed = await prepareData(config, plan.chain, options.fresh);
    const anew = options.fresh || (embedded && !resumed);

    const { ensureBuilt } = await import("../build.ts");
    const building = stage("contracts compiled", () => ensureBuilt());
    const database = startDatabase(plan, anew);
    const chain = startChain(plan, resumed);
    pending.push(database, chain);
    // A database that is made anew is not waited for: it mirrors nothing.
    const pin =
      anew && config.databaseUrl === undefined
        ? undefined
        : Promise.all([database, chain]).then((urls) => check(plan, ...urls));
    const deployment = Promise.all([chain, pin, building]).then(([rpcUrl, pin]) =>
      deploy(plan, rpcUrl, resumed, pin),
    );
    const worker = async (command: "index" | "serve", name: "indexer" | "server"): Promise<Kept> => {
      const [databaseUrl, rpcUrl] = await Promise.all([database, chain, pin]);
      const settings = { rpcUrl, databaseUrl, port: plan.ports.web };
      const deployed = command === "index" ? { deploymentDir: await deployment } : {};
      const place = {
        name,
        logFile: join(logDir, `${name}.log`),
        onSpawn: (pid: number) => registry.spawned(name, pid),
      };
      return startKept(name, async () => {
        const child = await startWorker(command, config, { ...settings, ...deployed }, place);
        void child.exited.then(() => runFile.remove(child.pid));
        return child;
      });
    };
    const [databaseUrl, rpcUrl, deploymentDir, server, indexer] = await Promise.all([
      database,
      chain,
      deployment,
      worker("serve", "server"),
      worker("index", "indexer"),
    ]);
    await stage("server answers", () => waitForServer(plan.apiUrl, "/healthz"));
    await finishFirstRun(plan, rpcUrl, deploymentDir);
    const head = await blockNumber(rpcUrl);
    await stage("mirror is up to date", () => waitForServer(plan.apiUrl, "/readyz", holdsBlock(head)));
    server.settle();
    indexer.settle();
    if (embedded && (options.demo || options.chainStart === undefined)) endings.push(startHeartbeat(rpcUrl));

    const chainId = plan.chain.kind === "deployed" ? plan.chain.chainId : LOCAL_CHAIN_ID;
    const where = { api: `${plan.apiUrl}/v1`, rpc: rpcUrl, deploymentDir, chainId };
    runFile.publish({ ...where, databaseUrl });
    return {
      pages: `${plan.apiUrl}/`,
      ...where,
      database: withoutPassword(databaseUrl),
      dataDir,
      pid: process.pid,
    };
  }

  return {
    start: () => Promise.race([start(), failure.promise]),
    failed: failure.promise,
    async stop() {
      await registry.stopAll((part) => log.info(`  stopping ${part}`));
      await Promise.race([Promise.allSettled(pending), pause(UNWIND_MS)]);
      for (const end of endings) await end();
      runFile.release();
    },
    kill: registry.killAll,
  };
}

/** `/readyz` allows the mirror a few blocks of lag; who has just started wants to see all that has happened. */
function holdsBlock(head: number): (body: string) => boolean {
  return (body) => (JSON.parse(body) as { block_number: number }).block_number >= head;
}

async function blockNumber(rpcUrl: string): Promise<number> {
  return Number(await rpc(rpcUrl, "eth_blockNumber"));
}

/** Waits for a good answer; when none comes, what the server said last is the reason. */
async function waitForServer(
  apiUrl: string,
  path: string,
  isGood: (body: string) => boolean = () => true,
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (let reason = "no answer"; Date.now() < deadline; await pause(50)) {
    try {
      const response = await fetch(`${apiUrl}${path}`, { signal: AbortSignal.timeout(5_000) });
      const body = await response.text();
      if (response.ok && isGood(body)) return;
      reason = body;
    } catch (error) {
      reason = describeError(error).message;
    }
    if (Date.now() + 50 >= deadline)
      throw new AhadiError("not_ready", `${apiUrl}${path} is not ready: ${reason}`);
  }
}
