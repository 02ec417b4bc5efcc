import { log, progress } from "../../platform/log.ts";
import { type Bench, openBench, type Shared } from "./bench.ts";
import type { Mutant } from "./mutants.ts";
import { counts, type Verdict, type VerdictBook } from "./verdicts.ts";

interface Judging {
  /** In the order in which they are drawn. */
  mutants: readonly Mutant[];
  /** So many that count. */
  sample: number;
  jobs: number;
  verdicts: VerdictBook;
  shared: Shared;
}

/** Draws mutants until enough of them count, and judges those that have no verdict yet, on several benches. */
export async function judgeAll({
  mutants,
  sample,
  jobs,
  verdicts,
  shared,
}: Judging): Promise<Map<Mutant, Verdict>> {
  const judged = new Map<Mutant, Verdict>();
  const counted = () => [...judged.values()].filter(counts).length;
  const bar = progress("mutants", Math.min(sample, mutants.length));
  const pace = startPace(jobs);
  let next = 0;
  let underWay = 0;

  async function verdictOn(mutant: Mutant, bench: () => Promise<Bench>): Promise<Verdict> {
    const known = verdicts.get(mutant.id);
    if (known !== undefined) return known;
    const verdict = await pace.time((await bench()).judge(mutant));
    await verdicts.add(mutant.id, verdict);
    return verdict;
  }

  async function work(number: number): Promise<void> {
    let opened: Promise<Bench> | undefined;
    const bench = () => {
      opened ??= openBench(number, shared);
      return opened;
    };
    try {
      while (counted() + underWay < sample) {
        const mutant = mutants[next++];
        if (mutant === undefined) break;
        underWay++;
        judged.set(mutant, await verdictOn(mutant, bench));
        underWay--;
        bar.update(counted(), `${describe(judged)}, ${pace.left(sample - counted())}`);
      }
    } catch (error) {
      // The other benches end with the mutant that they have.
      next = mutants.length;
      throw error;
    } finally {
      await (await opened)?.close();
    }
  }

  await Promise.all(Array.from({ length: jobs }, (_, index) => work(index)));
  bar.end();
  log.info(`${describe(judged)}; ${pace.summary()}`);
  return judged;
}

function describe(judged: Map<Mutant, Verdict>): string {
  const kinds = Map.groupBy(judged.values(), ({ kind }) => kind);
  return (["killed", "survived", "equivalent", "stillborn"] as const)
    .map((kind) => `${kinds.get(kind)?.length ?? 0} ${kind}`)
    .join(", ");
}

/** How long a mutant takes, and how long those that are left will. */
function startPace(jobs: number) {
  const started = performance.now();
  let seconds = 0;
  let done = 0;
  return {
    async time(work: Promise<Verdict>): Promise<Verdict> {
      const begun = performance.now();
      const verdict = await work;
      seconds += (performance.now() - begun) / 1000;
      if (counts(verdict)) done++;
      return verdict;
    },
    left(mutants: number): string {
      if (done === 0) return "";
      return `${Math.ceil((mutants * (seconds / done)) / jobs / 60)} min left`;
    },
    summary(): string {
      const each = done === 0 ? 0 : seconds / done;
      const minutes = (performance.now() - started) / 60_000;
      return `${done} judged in ${minutes.toFixed(1)} min, ${each.toFixed(1)} s each on ${jobs} benches`;
    },
  };
}
