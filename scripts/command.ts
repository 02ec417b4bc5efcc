import { stdout } from "node:process";
import type { Command } from "commander";
import { LendingError } from "../lending/errors.ts";
import { describeError } from "../platform/errors.ts";
import { log } from "../platform/log.ts";

/** A reader that has enough (`| head`) must not make us die half way. */
stdout.on("error", () => {});

/**
 * Runs a command's work and reports its result in the one way that all commands share.
 * With `--json`: the result, or `{"error":{"code","message","hint"}}`, alone on standard output.
 * Otherwise: `human(result)` on standard output (nothing when it is empty), the error as one line on standard error.
 * A failure gives exit code 1; `exitCode(result)` lets a result that is no failure say no.
 */
export async function runCommand<T>(
  command: Command,
  work: () => Promise<T>,
  options: { human: (result: T) => string; exitCode?: (result: T) => number },
): Promise<void> {
  const json = wantsJson(command);
  try {
    const result = await work();
    printResult(result, json, options.human);
    process.exitCode = options.exitCode?.(result) ?? 0;
  } catch (error) {
    printError(error, json);
    process.exitCode = 1;
  }
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals().json === true;
}

export function printResult<T>(result: T, json: boolean, human: (result: T) => string): void {
  const text = json ? toJson(result) : human(result);
  if (text !== "") stdout.write(`${text}\n`);
}

/** One line, never a stack; AHADI_DEBUG=1 adds the stack on standard error for those who mend the code. */
export function printError(error: unknown, json: boolean): void {
  const described = describe(error);
  if (json) stdout.write(`${toJson({ error: described })}\n`);
  else log.info(`ahadi: ${described.message}${described.hint === undefined ? "" : ` (${described.hint})`}`);
  if (process.env.AHADI_DEBUG === "1" && error instanceof Error) log.error(error.stack ?? error.message);
}

function describe(error: unknown): ReturnType<typeof describeError> {
  return error instanceof LendingError ? { code: error.code, message: error.message } : describeError(error);
}

/** Whole numbers beyond 2^53 appear in results; JSON readers get them as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "bigint" ? inner.toString() : inner,
  );
}
