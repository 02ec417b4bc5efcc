import { createHash } from "node:crypto";
import type { Mutant } from "./mutants.ts";

/**
 * An order in which every beginning is a fair sample: each file and operator comes up in proportion to how many mutants it
 * has. Within them, and about where each begins, the seed decides.
 */
export function inSampleOrder(mutants: readonly Mutant[], seed: number): Mutant[] {
  const strata = Map.groupBy(mutants, ({ file, operator }) => `${file} ${operator}`);
  const ranked = [...strata].flatMap(([stratum, members]) => {
    const start = fraction(`${seed} ${stratum}`);
    return members
      .map((mutant) => ({ mutant, draw: fraction(`${seed} ${mutant.id}`) }))
      .sort((a, b) => a.draw - b.draw)
      .map(({ mutant, draw }, index) => ({ mutant, rank: (index + start) / members.length, draw }));
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.draw - b.draw).map(({ mutant }) => mutant);
}

/** Every `of`-th mutant, from the `part`-th on, and as many of the sample: all parts together are the whole. */
export function shardOf(
  mutants: readonly Mutant[],
  sample: number,
  { part, of }: { part: number; of: number },
): { mutants: Mutant[]; sample: number } {
  return {
    mutants: mutants.filter((_, index) => index % of === part - 1),
    sample: Math.floor(sample / of) + (part <= sample % of ? 1 : 0),
  };
}

/** From 0 to 1, the same for the same text. */
function fraction(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}
