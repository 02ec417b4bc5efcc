import { setTimeout as pause } from "node:timers/promises";
import { descendants, endProcess, isRunning, sendSignal } from "./processes.ts";
import type { RunFile } from "./run-file.ts";

/** Everything that the supervisor has started, in the order in which it is stopped: writers before keepers. */
const STOP_ORDER = ["server", "indexer", "chain", "Postgres"] as const;
export type PartName = (typeof STOP_ORDER)[number];

export interface Registry {
  /** For `onSpawn`: the process is on record before it has done anything. */
  spawned(name: string, pid: number): void;
  /** How this part is stopped in order. */
  add(part: PartName, stop: () => Promise<void>): void;
  /** Stops all parts in order, then whatever else is still there. `tell` hears of each part. */
  stopAll(tell: (part: PartName) => void): Promise<void>;
  /** Ends everything at once, as a second Ctrl-C asks. */
  killAll(): void;
}

const STRAY_PATIENCE_MS = 3_000;

export function createRegistry(runFile: RunFile): Registry {
  const stops = new Map<PartName, () => Promise<void>>();
  let stopping = false;

  return {
    spawned(name, pid) {
      // A start that was under way when we were asked to stop.
      if (stopping) sendSignal(pid, "SIGKILL");
      else runFile.add(name, pid);
    },
    add(part, stop) {
      stops.set(part, stop);
    },
    async stopAll(tell) {
      stopping = true;
      for (const part of STOP_ORDER) {
        const stop = stops.get(part);
        if (stop === undefined) continue;
        tell(part);
        await stop();
      }
      // What is not a part yet or never becomes one: initdb, the compiler.
      const strays = [...runFile.children(), ...descendants()].filter(isRunning);
      await Promise.all(strays.map((stray) => endProcess(stray, "SIGTERM", STRAY_PATIENCE_MS)));
      while (descendants().length > 0) await pause(20);
    },
    killAll() {
      stopping = true;
      for (const { pid } of [...runFile.children(), ...descendants()].filter(isRunning)) {
        sendSignal(pid, "SIGKILL");
      }
    },
  };
}
