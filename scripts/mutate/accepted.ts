import { AhadiError } from "../../platform/errors.ts";
import type { Mutant } from "./mutants.ts";

/** Survivors that are known and accepted: `| where | change | reason |`, the change as `before` -> `after`. */
export interface Accepted {
  where: string;
  before: string;
  after: string;
  reason: string;
}

const HEADING = ["where", "change", "reason"].join();

export function parseAccepted(markdown: string): Accepted[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .flatMap((line) => {
      const cells = line
        .slice(1, line.lastIndexOf("|"))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|"));
      if (cells.join() === HEADING || cells.every((cell) => /^:?-+:?$/.test(cell))) return [];
      const [place = "", change = "", reason = ""] = cells;
      const [, before, after] = /^`([^`]*)` -> `([^`]*)`$/.exec(change) ?? [];
      const [, where] = /^`([^`]+)`$/.exec(place) ?? [];
      if (cells.length !== 3 || !where || before === undefined || after === undefined || reason === "") {
        throw new AhadiError("survivors_invalid", `not a row that accepts a survivor: ${line}`, {
          hint: "| `Contract.function` | `before` -> `after` | reason |",
        });
      }
      return [{ where, before, after, reason }];
    });
}

export function reasonFor(accepted: readonly Accepted[], mutant: Mutant): string | undefined {
  return accepted.find((one) => isAbout(one, mutant))?.reason;
}

/** Reasons for changes that nobody can make any more. */
export function staleReasons(accepted: readonly Accepted[], mutants: readonly Mutant[]): Accepted[] {
  return accepted.filter((one) => !mutants.some((mutant) => isAbout(one, mutant)));
}

function isAbout({ where, before, after }: Accepted, mutant: Mutant): boolean {
  return where === mutant.where && before === mutant.before && after === shown(mutant.after);
}

/** A deleted modifier leaves nothing, which a table cannot show. */
export function shown(after: string): string {
  return after === "" ? "nothing" : after;
}
