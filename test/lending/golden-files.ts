import { readFileSync } from "node:fs";

/** One row, total line or transaction of a golden case: what the source states. */
export type Stated = Record<string, unknown>;

/** A case of the golden format; see `meta.fields` in test/golden/fineract-schedules.json. */
export interface GoldenCase {
  id: string;
  source_path: string;
  params: Stated;
  transactions?: Stated[];
  expected: Stated[];
  totals?: Stated;
  expectedTransactions?: Stated[];
  expectedPayoff?: { date: string; amount: string };
  /** The source states some rows only. */
  sparse?: boolean;
}

/** What a case asks with; all else is its answer, or says where it is from. */
const QUESTION = ["id", "params", "transactions", "disbursementRows", "asOfBusinessDate"];

export function readGolden(name: "fineract-schedules" | "fineract-more"): GoldenCase[] {
  const file = new URL(`../golden/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] }).cases;
}

/** The case without its answer. */
export function questionOf(golden: GoldenCase): Stated {
  return Object.fromEntries(Object.entries(golden).filter(([field]) => QUESTION.includes(field)));
}
