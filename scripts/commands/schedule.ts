import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { AhadiError } from "../../platform/errors.ts";
import { runCommand } from "../command.ts";

export function register(program: Command): void {
  program
    .command("schedule")
    .description(
      "compute repayment schedules: JSON on standard input (a case or a plan, or an array of them), JSON on standard output",
    )
    .addHelpText(
      "after",
      '\nA case is {"id", "params": {...}} with amounts in major units ("5000.00"); a plan has the fields of the terms\n' +
        'document ("principal": "500000" minor units, "rate_bps": 1200, ...). What cannot be computed is answered per\n' +
        'case with {"id", "error": {"code", "message", "path"}} and exit code 0.',
    )
    .action((_options: unknown, command: Command) =>
      runCommand(command, answerInput, { human: (result) => JSON.stringify(result, null, 2) }),
    );
}

async function answerInput() {
  const { answerSchedule } = await import("../../lending/cases.ts");
  const input = parseInput(await text(process.stdin));
  return Array.isArray(input) ? input.map((one) => answerSchedule(one)) : answerSchedule(input);
}

function parseInput(input: string): unknown {
  const hint = "give a case, a plan, or an array of them";
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch (cause) {
    throw new AhadiError("input_invalid", "standard input is not JSON", { hint, cause });
  }
  if (typeof value === "object" && value !== null) return value;
  throw new AhadiError("input_invalid", "standard input is neither a JSON object nor an array", { hint });
}
