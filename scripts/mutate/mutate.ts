import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, matchesGlob } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { repositoryRoot } from "../../platform/config.ts";
import { log } from "../../platform/log.ts";
import { runCommand } from "../command.ts";
import { readSources } from "../solidity/compiler.ts";
import { readProgram } from "../solidity/program.ts";
import { type Accepted, parseAccepted, reasonFor, shown, staleReasons } from "./accepted.ts";
import { prepareJudges } from "./baseline.ts";
import { countKill } from "./bench.ts";
import { judgeAll } from "./judging.ts";
import { type Mutant, mutantsOf, type Operator } from "./mutants.ts";
import { buildProject, WORKSHOP } from "./project.ts";
import { inSampleOrder, shardOf } from "./sample.ts";
import { counts, openVerdicts, type Verdict } from "./verdicts.ts";

/**
 * Are the tests any good? Changes the contracts in one small place after the other and asks whether a test notices. A
 * mutant that does not compile, or that changes no contract's code, does not count. What was found is kept in
 * .ahadi/mutate as long as contracts and tests stay the same, so a run that was ended goes on where it was.
 */

const ACCEPTED = "docs/security/survivors.md";
const LEAST_KILLED_PERCENT = 85;
const LEFT_OUT = ["contracts/interfaces/**", "contracts/local/**"];

interface Options {
  sample: number;
  seed: number;
  files: string[];
  shard: { part: number; of: number };
  jobs: number;
  json?: true;
}

interface Survivor {
  file: string;
  line: number;
  function: string;
  operator: Operator;
  before: string;
  after: string;
  /** Why it is accepted; null when nobody has said so. */
  reason: string | null;
}

interface Report {
  killed: number;
  total: number;
  survivors: Survivor[];
}

async function mutate(options: Options): Promise<Report> {
  const accepted = await readAccepted();
  const all = mutantsOf(await readProgram(await readSources("contracts")));
  for (const { where, before, after } of staleReasons(accepted, all)) {
    log.warn(`${ACCEPTED} gives a reason for what is no mutant any more: ${where}, ${before} -> ${after}`);
  }
  const wanted = all.filter(({ file }) => isWanted(file, options.files));
  const { mutants, sample } = shardOf(inSampleOrder(wanted, options.seed), options.sample, options.shard);
  const project = await buildProject();
  const verdicts = await openVerdicts(join(WORKSHOP, `${project.key}.jsonl`));
  const shared = await prepareJudges(project);
  for (const mutant of all) {
    const verdict = verdicts.get(mutant.id);
    if (verdict?.kind === "killed" && verdict.file !== undefined) countKill(shared, mutant, verdict.file);
  }

  const judged = await judgeAll({ mutants, sample, jobs: options.jobs, verdicts, shared });
  return reportOf(judged, accepted);
}

function isWanted(file: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(file, glob)) && !LEFT_OUT.some((glob) => matchesGlob(file, glob));
}

async function readAccepted(): Promise<Accepted[]> {
  return parseAccepted(await readFile(join(repositoryRoot, ACCEPTED), "utf8").catch(() => ""));
}

function reportOf(judged: Map<Mutant, Verdict>, accepted: readonly Accepted[]): Report {
  const verdicts = [...judged.values()];
  const survivors = [...judged].filter(([, { kind }]) => kind === "survived").map(([mutant]) => mutant);
  return {
    killed: verdicts.filter(({ kind }) => kind === "killed").length,
    total: verdicts.filter(counts).length,
    survivors: survivors
      .toSorted((a, b) => (a.file < b.file ? -1 : 1) || a.start - b.start)
      .map((mutant) => ({
        file: mutant.file,
        line: mutant.line,
        function: mutant.where,
        operator: mutant.operator,
        before: mutant.before,
        after: shown(mutant.after),
        reason: reasonFor(accepted, mutant) ?? null,
      })),
  };
}

function describe({ killed, total, survivors }: Report): string {
  const lines = survivors.map(
    ({ file, line, function: where, operator, before, after, reason }) =>
      `${file}:${line} ${where} (${operator}): ${before}  ->  ${after}${reason === null ? "" : `  [${reason}]`}`,
  );
  const percent = total === 0 ? 100 : (killed / total) * 100;
  return [...lines, `${killed} of ${total} killed, ${percent.toFixed(1)} %`].join("\n");
}

function count(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("must be a positive whole number");
  return Number(text);
}

function shard(text: string): Options["shard"] {
  const [, part = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (part < 1 || part > of) throw new InvalidArgumentError("must be like 1/4, up to 4/4");
  return { part, of };
}

if (import.meta.main) {
  const command = new Command("mutate")
    .description("change the contracts in one place after the other, and see whether a test notices")
    .option("--sample <n>", "how many mutants", count, 200)
    .option("--seed <s>", "which ones", count, 1)
    .option("--files <globs...>", "of which files", ["contracts/**/*.sol"])
    .option("--shard <i/n>", "only the i-th part of n", shard, { part: 1, of: 1 })
    .option("--jobs <n>", "how many at the same time", count, availableParallelism())
    .option("--json", "print {killed, total, survivors} as JSON")
    .parse();
  await runCommand<Report>(command, () => mutate(command.opts<Options>()), {
    human: describe,
    exitCode: ({ killed, total }) => (killed * 100 >= total * LEAST_KILLED_PERCENT ? 0 : 1),
  });
}
