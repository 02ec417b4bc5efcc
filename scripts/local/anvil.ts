import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { anvilBinary } from "./binaries.ts";
import { type Child, startChild, waitUntilReady } from "./child.ts";
import { rpc } from "./rpc.ts";

/** The ten accounts that every local chain has; their keys are public, so they are worth nothing anywhere else. */
export const TEST_MNEMONIC = "test test test test test test test test test test test junk";
export const LOCAL_CHAIN_ID = 31_337;

export interface AnvilOptions {
  port: number;
  /** Folder for the chain's state; undefined: in memory alone. */
  stateDir?: string | undefined;
  /** Unix seconds of the genesis block; only for a chain without state. */
  genesisTime?: number | undefined;
  chainId?: number;
  logFile: string;
  onSpawn?: (pid: number) => void;
  /** More arguments for anvil, such as `--no-mining`. */
  args?: string[];
}

export interface Anvil {
  child: Child;
  rpcUrl: string;
  /** Ends the chain; its state is written first. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const STOP_PATIENCE_MS = 15_000;
const STATE_INTERVAL_S = 5;

/**
 * Starts the embedded chain and waits until it answers. A chain that resumes from its state has the machine's clock, or
 * stays ahead of it if it was moved there. Throws AhadiError `child_failed`.
 */
export async function startAnvilProcess(options: AnvilOptions): Promise<Anvil> {
  const resumedFrom = options.stateDir === undefined ? undefined : genesisTimeOf(options.stateDir);
  const child = await startChild({
    name: "chain",
    file: anvilBinary(),
    args: anvilArguments({ ...options, genesisTime: resumedFrom ?? options.genesisTime }),
    logFile: options.logFile,
    onSpawn: options.onSpawn,
  });
  const rpcUrl = `http://127.0.0.1:${options.port}`;
  try {
    await waitUntilReady(
      child,
      () =>
        rpc(rpcUrl, "eth_chainId").then(
          () => true,
          () => false,
        ),
      { timeoutMs: START_TIMEOUT_MS, everyMs: 20 },
    );
    if (resumedFrom !== undefined) await setClock(rpcUrl);
  } catch (error) {
    await child.stop("SIGKILL", 0);
    throw error;
  }
  return {
    child,
    rpcUrl,
    async stop() {
      await child.stop("SIGTERM", STOP_PATIENCE_MS);
    },
  };
}

function anvilArguments(options: AnvilOptions): string[] {
  const args = [
    "--host",
    "127.0.0.1",
    "--port",
    String(options.port),
    "--hardfork",
    "osaka",
    "--color",
    "never",
  ];
  args.push("--chain-id", String(options.chainId ?? LOCAL_CHAIN_ID), "--mnemonic", TEST_MNEMONIC);
  if (options.genesisTime !== undefined) args.push("--timestamp", String(options.genesisTime));
  if (options.stateDir !== undefined) {
    mkdirSync(options.stateDir, { recursive: true });
    args.push("--state", join(options.stateDir, "state.json"), "--state-interval", String(STATE_INTERVAL_S));
  }
  // Old blocks' states go to disk; without a folder of our own they would go to the person's home.
  args.push("--cache-path", join(options.stateDir ?? dirname(options.logFile), "cache"));
  return [...args, ...(options.args ?? [])];
}

/**
 * anvil makes a first block at every start and keeps it beside the one in the state; which of the two it then calls
 * block 0 is chance. With the time of the first start both are the same block.
 */
function genesisTimeOf(stateDir: string): number | undefined {
  const file = join(stateDir, "state.json");
  if (!existsSync(file)) return undefined;
  const { blocks } = z
    .object({
      blocks: z.array(z.object({ header: z.object({ number: z.string(), timestamp: z.string() }) })),
    })
    .parse(JSON.parse(readFileSync(file, "utf8")));
  const genesis = blocks.find(({ header }) => Number(header.number) === 0);
  return genesis === undefined ? undefined : Number(genesis.header.timestamp);
}

/** The clock would otherwise go on from the first block's time. */
async function setClock(rpcUrl: string): Promise<void> {
  const { timestamp } = (await rpc(rpcUrl, "eth_getBlockByNumber", ["latest", false])) as {
    timestamp: string;
  };
  await rpc(rpcUrl, "anvil_setTime", [Math.max(Math.floor(Date.now() / 1000), Number(timestamp))]);
}
