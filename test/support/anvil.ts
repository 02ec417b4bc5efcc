import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Anvil, startAnvilProcess } from "../../scripts/local/anvil.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { cleanUpLater } from "./cleanup.ts";

export interface TestAnvil {
  rpcUrl: string;
  pid: number;
  /** Ends it in order; its state, if it has a folder for it, is written first. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
}

export interface TestAnvilOptions {
  /** Keeps the state here between two starts; without it the chain lives in memory. */
  stateDir?: string;
  /** Unix seconds of the genesis block. */
  genesisTime?: number;
  chainId?: number;
  port?: number;
  /** More arguments for anvil, such as `["--no-mining"]`. */
  args?: string[];
}

/** A real chain of its own on a free port; it is ended after the tests if the test did not do it. */
export async function startAnvil(options: TestAnvilOptions = {}): Promise<TestAnvil> {
  const folder = await mkdtemp(join(tmpdir(), "ahadi-anvil-"));
  const removal = cleanUpLater({ folder });
  const { port = await freePort(), ...rest } = options;
  const anvil: Anvil = await startAnvilProcess({
    ...rest,
    port,
    logFile: join(folder, "anvil.log"),
    onSpawn: (pid) => removal.addPid(pid),
  });
  removal.setStop(() => anvil.stop());
  return {
    rpcUrl: anvil.rpcUrl,
    pid: anvil.child.pid,
    stop: () => removal.now(),
    async kill9() {
      await anvil.child.stop("SIGKILL", 0);
      await removal.now();
    },
  };
}
