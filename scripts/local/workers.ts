import { fileURLToPath } from "node:url";
import type { Config } from "../../platform/config.ts";
import { type Child, startChild } from "./child.ts";

const cli = fileURLToPath(new URL("../ahadi.ts", import.meta.url));

/** Settings of a worker, by name in the environment: an argument with a password would be seen by everybody. */
export interface WorkerSettings {
  rpcUrl: string;
  databaseUrl: string;
  deploymentDir?: string;
  port: number;
}

/** Starts `ahadi index` or `ahadi serve` as a process of its own. */
export function startWorker(
  command: "index" | "serve",
  config: Config,
  settings: WorkerSettings,
  place: { name: string; logFile: string; onSpawn: (pid: number) => void },
): Promise<Child> {
  return startChild({
    ...place,
    file: process.execPath,
    args: [cli, command],
    env: {
      ...process.env,
      AHADI_RPC_URL: settings.rpcUrl,
      AHADI_DATABASE_URL: settings.databaseUrl,
      AHADI_PORT: String(settings.port),
      AHADI_HOST: config.host,
      AHADI_DATA_DIR: config.dataDir,
      AHADI_POLL_MS: String(config.pollMs),
      ...(settings.deploymentDir === undefined ? {} : { AHADI_DEPLOYMENT_DIR: settings.deploymentDir }),
      AHADI_LOG_TIME: "1",
      AHADI_PARENT_PID: String(process.pid),
    },
  });
}
