import type { Command } from "commander";
import { answerQuestions } from "../questions.ts";

export function register(program: Command): void {
  program
    .command("replay")
    .description(
      "replay loans from their terms and transactions: JSON on standard input (a case, or an array of them), JSON on standard output",
    )
    .addHelpText(
      "after",
      '\nA case is {"id", "params": {...}, "transactions": [...], "asOfBusinessDate"} with amounts in major units; the\n' +
        "answer has each instalment with what was paid of it, how each payment was divided, totals, the payoff and how\n" +
        'late the loan is, or {"id", "error": {"code", "message", "path"}}. Exit code 0 in both cases. See docs/schedules.md.',
    )
    .action((_options: unknown, command: Command) =>
      answerQuestions(command, async () => (await import("../../lending/cases.ts")).answerReplay),
    );
}
