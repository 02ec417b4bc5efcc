import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { stderr } from "node:process";
import { repositoryRoot } from "../platform/config.ts";
import { log } from "../platform/log.ts";

export interface ToolRun {
  code: number;
  /** What it printed, on either stream. */
  output: string;
  seconds: number;
}

/** Runs a tool of node_modules in the repository's root, or in a copy of it, and shows what it prints on standard error as it comes. */
export async function runTool(
  label: string,
  command: string[],
  env: Record<string, string> = {},
  folder = repositoryRoot,
): Promise<ToolRun> {
  const [program = "", ...args] = command;
  const bin = join(repositoryRoot, "node_modules", ".bin");
  const started = performance.now();
  log.info(`— ${label}`);
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
      stderr.write(chunk);
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  const seconds = (performance.now() - started) / 1000;
  log.info(`— ${label}: ${code === 0 ? "ok" : `exit code ${code}`} after ${seconds.toFixed(1)} s`);
  return { code, output, seconds };
}
