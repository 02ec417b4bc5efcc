import type { Command } from "commander";
import { answerQuestions } from "../questions.ts";

export function register(program: Command): void {
  program
    .command("schedule")
    .description(
      "compute repayment schedules and what they cost: JSON on standard input (a case or a plan, or an array of them), JSON on standard output",
    )
    .addHelpText(
      "after",
      '\nA case is {"id", "params": {...}} with amounts in major units ("5000.00"); a plan has the fields of the terms\n' +
        'document ("principal": "500000" minor units, "rate_bps": 1200, ...). What cannot be computed is answered per\n' +
        'case with {"id", "error": {"code", "message", "path"}} and exit code 0. See docs/schedules.md.',
    )
    .action((_options: unknown, command: Command) =>
      answerQuestions(command, async () => (await import("../../lending/cases.ts")).answerSchedule),
    );
}
