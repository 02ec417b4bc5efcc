import { AhadiError } from "../../platform/errors.ts";
import type { Finding } from "./detector.ts";

/**
 * The answers to findings, as a table that people read: `| detector | where | code | answer |`. One row answers what one
 * detector found in one function, code by code, so that a new finding beside an answered one is still new.
 */
export interface Answer {
  readonly detector: string;
  readonly where: string;
  readonly code: string;
  readonly answer: string;
}

export interface Comparison {
  readonly unanswered: Finding[];
  /** Answers to what is no longer found. */
  readonly stale: Answer[];
}

const HEADING = ["detector", "where", "code", "answer"].join();

export function parseAnswers(markdown: string): Answer[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .flatMap((line) => {
      const cells = cellsOf(line);
      if (cells.join() === HEADING || cells.every((cell) => /^:?-+:?$/.test(cell))) return [];
      const [detector = "", where = "", codes = "", answer = ""] = cells;
      const spans = [...codes.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
      const [name = ""] = /[^`]+/.exec(where) ?? [];
      if (cells.length !== 4 || answer === "" || spans.length === 0 || name === "") {
        throw new AhadiError("findings_invalid", `not a row that answers a finding: ${line}`, {
          hint: "| detector | `Contract.function` | `code`, `code` | answer |",
        });
      }
      return spans.map((code) => ({ detector, where: name, code, answer }));
    });
}

/** Each answer answers one finding: the same code twice in a function stands twice in its row. */
export function compareAnswers(findings: readonly Finding[], answers: readonly Answer[]): Comparison {
  const left = new Map<string, Answer[]>();
  for (const answer of answers) {
    const same = left.get(keyOf(answer)) ?? [];
    left.set(keyOf(answer), [...same, answer]);
  }
  const unanswered = findings.filter((finding) => left.get(keyOf(finding))?.pop() === undefined);
  return { unanswered, stale: [...left.values()].flat() };
}

/** Rows for the table, one for each detector and function, with the answer left to a person. */
export function rowsFor(findings: readonly Finding[]): string[] {
  const rows = new Map<string, string[]>();
  for (const { detector, where, code } of findings) {
    const key = `| ${detector} | \`${where}\` |`;
    rows.set(key, [...(rows.get(key) ?? []), `\`${code.replaceAll("|", "\\|")}\``]);
  }
  return [...rows].map(([key, codes]) => `${key} ${codes.join(", ")} |  |`);
}

function keyOf({ detector, where, code }: { detector: string; where: string; code: string }): string {
  return [detector, where, code].join("\n");
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}
