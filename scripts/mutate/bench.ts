import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AhadiError } from "../../platform/errors.ts";
import { prepareForge } from "../solidity/forge.ts";
import {
  artifactOf,
  buildInfoOf,
  type Compiled,
  type Contracts,
  changedArtifacts,
  type MutantCompiler,
  startCompiler,
} from "./compiler.ts";
import { type Judges, mostLikelyFirst, thatDeploy, thatImport } from "./judges.ts";
import { applyMutant, type Mutant } from "./mutants.ts";
import { type Artifact, copyPristine, type Project, WORKSHOP } from "./project.ts";
import { type Outcome, runForge, runMocha } from "./runs.ts";
import type { Verdict } from "./verdicts.ts";

/** A copy of the project in which one mutant after the other is put and tested. */
export interface Bench {
  folder: string;
  judge(mutant: Mutant): Promise<Verdict>;
  /** Does to all contracts what a mutant does to one, without a change. */
  rehearse(): Promise<void>;
  close(): Promise<void>;
}

/** What all benches know together. */
export interface Shared {
  project: Project;
  judges: Judges;
  /** Milliseconds of each mocha file when all is well. */
  times: Record<string, number>;
  /** Mutated file -> test file -> mutants that it killed. */
  kills: Map<string, Map<string, number>>;
  /** Mutated file -> its contracts as they are. */
  originals: Map<string, Promise<Original>>;
}

interface Original {
  contracts: Contracts;
  syntax: string;
}

/** So many test files are tried alone before all others: loading them all costs more than a second. */
const TRIED_FIRST = 3;
/** Generous: a busy machine must not be taken for a mutant that never ends. */
const LEAST_TIMEOUT_MS = 180_000;
const SLOWER_THAN_USUAL = 10;
const FORGE_TIMEOUT_MS = 900_000;

export async function openBench(number: number, shared: Shared): Promise<Bench> {
  const folder = join(WORKSHOP, `bench-${number}`);
  await copyPristine(folder);
  await prepareForge(folder);
  const compiler = startCompiler(shared.project);
  return {
    folder,
    judge: (mutant) => judge(folder, compiler, shared, mutant),
    async rehearse() {
      const all = artifactsOf(shared);
      const compiled = await compiler.compile(all);
      if (compiled === undefined) throw new Error("the contracts do not compile as they are");
      await putInPlace(folder, shared.project, all, compiled, compiled.syntax ?? "");
    },
    close: () => compiler.close(),
  };
}

async function judge(
  folder: string,
  compiler: MutantCompiler,
  shared: Shared,
  mutant: Mutant,
): Promise<Verdict> {
  const { graph } = shared.project;
  const source = `project/${mutant.file}`;
  const original = graph.sources[source];
  if (original === undefined) throw new Error(`${mutant.file} is no part of the build`);
  const dependents = new Set(graph.dependentsOf(source));
  const concerned = artifactsOf(shared).filter((artifact) => dependents.has(artifact.source));
  const before = await originalOf(compiler, shared, concerned, source);
  const text = applyMutant(original, mutant);
  const after = await compiler.compile(concerned, { source, text });
  if (after === undefined) return { kind: "stillborn" };
  const changed = changedArtifacts(concerned, before.contracts, after.contracts);
  if (changed.length === 0) return { kind: "equivalent" };

  const restore = await putInPlace(folder, shared.project, changed, after, before.syntax);
  let outcome = await byMocha(folder, shared, mutant, changed);
  await restore();
  if (!outcome.passed && outcome.silent !== undefined)
    await checkBench(folder, shared, changed, outcome.silent);
  if (outcome.passed) outcome = await bySolidity(folder, shared, mutant, source, { original, text });
  if (outcome.passed) return { kind: "survived" };
  if (outcome.file !== undefined) countKill(shared, mutant, outcome.file);
  return { kind: "killed", by: outcome.by, ...(outcome.file === undefined ? {} : { file: outcome.file }) };
}

/**
 * A run in which no test spoke has killed the mutant only if the same tests speak without it.
 * Throws AhadiError `run_broken` when they do not: then it was the machine, or this tool.
 */
async function checkBench(
  folder: string,
  { judges, times }: Shared,
  changed: readonly Artifact[],
  errors: string,
): Promise<void> {
  const files = testsOf(judges, changed);
  const outcome = await runMocha(folder, files, timeoutOf(files, times));
  if (outcome.passed) return;
  throw new AhadiError("run_broken", `the tests run no more: ${outcome.by}; before that ${errors}`);
}

/** Returns what puts the contracts back as they were. */
async function putInPlace(
  folder: string,
  project: Project,
  changed: readonly Artifact[],
  compiled: Compiled,
  syntax: string,
): Promise<() => Promise<void>> {
  const buildInfos = join(folder, "artifacts", "build-info");
  const records = Object.entries(buildInfoOf(project, compiled, syntax));
  for (const [name, text] of records) await writeFile(join(buildInfos, name), text);
  for (const artifact of changed) {
    await writeFile(join(folder, artifact.path), JSON.stringify(artifactOf(artifact, compiled)));
  }
  return async () => {
    for (const [name] of records) await rm(join(buildInfos, name));
    for (const { path, json } of changed) await writeFile(join(folder, path), JSON.stringify(json));
  };
}

/** The contracts, and of the tests' own ones those that a mocha test deploys: forge compiles the others itself. */
function artifactsOf({ project, judges }: Shared): Artifact[] {
  return project.artifacts.filter(
    ({ source, name }) =>
      source.startsWith("project/contracts/") || thatDeploy(judges.mocha, [name]).length > 0,
  );
}

function originalOf(
  compiler: MutantCompiler,
  { originals }: Shared,
  concerned: readonly Artifact[],
  source: string,
): Promise<Original> {
  const compiled = async (): Promise<Original> => {
    const original = await compiler.compile(concerned);
    if (original === undefined) throw new Error(`${source} does not compile as it is`);
    return { contracts: original.contracts, syntax: original.syntax ?? "{}" };
  };
  const known = originals.get(source) ?? compiled();
  originals.set(source, known);
  return known;
}

async function byMocha(
  folder: string,
  { judges, kills, times }: Shared,
  { file }: Mutant,
  changed: readonly Artifact[],
): Promise<Outcome> {
  const files = mostLikelyFirst(testsOf(judges, changed), file, kills.get(file) ?? new Map(), times);
  for (const some of [files.slice(0, TRIED_FIRST), files.slice(TRIED_FIRST)]) {
    if (some.length === 0) continue;
    const outcome = await runMocha(folder, some, timeoutOf(some, times));
    if (!outcome.passed) return outcome;
  }
  return { passed: true };
}

function testsOf(judges: Judges, changed: readonly Artifact[]): string[] {
  return thatDeploy(
    judges.mocha,
    changed.map(({ name }) => name),
  );
}

function timeoutOf(files: readonly string[], times: Shared["times"]): number {
  return LEAST_TIMEOUT_MS + SLOWER_THAN_USUAL * files.reduce((sum, file) => sum + (times[file] ?? 0), 0);
}

async function bySolidity(
  folder: string,
  { project, judges }: Shared,
  { file }: Mutant,
  source: string,
  { original, text }: { original: string; text: string },
): Promise<Outcome> {
  const files = thatImport(judges.solidity, project.graph, source);
  if (files.length === 0) return { passed: true };
  await writeFile(join(folder, file), text);
  const { failed } = await runForge(folder, files, { timeoutMs: FORGE_TIMEOUT_MS, failFast: true });
  await writeFile(join(folder, file), original);
  const [first] = failed;
  return first === undefined ? { passed: true } : { passed: false, by: first[1], file: first[0] };
}

/** Remembers which test killed it: the same one will kill others. */
export function countKill({ kills }: Shared, { file }: Pick<Mutant, "file">, by: string): void {
  const counts = kills.get(file) ?? new Map<string, number>();
  counts.set(by, (counts.get(by) ?? 0) + 1);
  kills.set(file, counts);
}
