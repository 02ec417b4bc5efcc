import { appendFile, readFile, writeFile } from "node:fs/promises";

export type Verdict =
  /** No contract's code differs: there is nothing to notice. */
  | { kind: "equivalent" }
  | { kind: "killed"; by: string; file?: string }
  /** It does not compile. */
  | { kind: "stillborn" }
  | { kind: "survived" };

/** Only these say something about the tests. */
export function counts({ kind }: Verdict): boolean {
  return kind === "killed" || kind === "survived";
}

/** Verdicts outlive the run that found them, as long as contracts and tests stay as they are. */
export interface VerdictBook {
  get(id: string): Verdict | undefined;
  add(id: string, verdict: Verdict): Promise<void>;
}

/** @param path A file of one verdict a line; there may be none yet. */
export async function openVerdicts(path: string): Promise<VerdictBook> {
  const known = new Map<string, Verdict>();
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n");
  // A run that was ended in the middle of a line leaves no verdict there.
  if (lines.pop() !== "") await writeFile(path, lines.map((line) => `${line}\n`).join(""));
  for (const line of lines) {
    const { id, ...verdict } = JSON.parse(line) as Verdict & { id: string };
    known.set(id, verdict as Verdict);
  }
  return {
    get: (id) => known.get(id),
    async add(id, verdict) {
      known.set(id, verdict);
      await appendFile(path, `${JSON.stringify({ id, ...verdict })}\n`);
    },
  };
}
