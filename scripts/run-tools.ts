import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { stderr } from "node:process";
import { createInterface } from "node:readline";
import { repositoryRoot } from "../platform/config.ts";
import { log } from "../platform/log.ts";

export interface ToolRun {
  code: number;
  /** What it printed, on either stream. */
  output: string;
  seconds: number;
}

export interface ToolOptions {
  env?: Record<string, string>;
  /** The repository's root, or a copy of it. */
  folder?: string;
  /** After so many minutes it is ended, which counts as a failure: what hangs is named, instead of hanging us too. */
  limitMinutes?: number;
  /** Each line begins with the label: for tools that run side by side. */
  isLabelled?: boolean;
}

/** Runs a tool of node_modules and shows what it prints on standard error as it comes. */
export async function runTool(
  label: string,
  command: string[],
  { env = {}, folder = repositoryRoot, limitMinutes, isLabelled = false }: ToolOptions = {},
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
      if (!isLabelled) stderr.write(chunk);
    });
    if (isLabelled) createInterface(stream).on("line", (line) => stderr.write(`${label} | ${line}\n`));
  }
  let timer: NodeJS.Timeout | undefined;
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
    if (limitMinutes === undefined) return;
    timer = setTimeout(() => {
      log.error(`${label} did not end within ${limitMinutes} minutes`);
      child.kill("SIGKILL");
      // Its own children may hold the streams open: nobody waits for those.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve(1);
    }, limitMinutes * 60_000);
  }).finally(() => clearTimeout(timer));
  const seconds = (performance.now() - started) / 1000;
  log.info(`— ${label}: ${code === 0 ? "ok" : `exit code ${code}`} after ${seconds.toFixed(1)} s`);
  return { code, output, seconds };
}
