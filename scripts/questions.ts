import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { AhadiError } from "../platform/errors.ts";
import { runCommand } from "./command.ts";

/** Answers the questions on standard input: object in, object out; array in, array out; errors per question, exit code 0. */
export function answerQuestions(
  command: Command,
  loadAnswer: () => Promise<(question: unknown) => object>,
): Promise<void> {
  return runCommand(
    command,
    async () => {
      const input = parseInput(await text(process.stdin));
      const answer = await loadAnswer();
      return Array.isArray(input) ? input.map((one) => answer(one)) : answer(input);
    },
    { human: (result) => JSON.stringify(result, null, 2) },
  );
}

function parseInput(input: string): unknown {
  const hint = "give one question, or an array of them";
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch (cause) {
    throw new AhadiError("input_invalid", "standard input is not JSON", { hint, cause });
  }
  if (typeof value === "object" && value !== null) return value;
  throw new AhadiError("input_invalid", "standard input is neither a JSON object nor an array", { hint });
}
