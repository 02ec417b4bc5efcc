import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { repositoryRoot } from "../../platform/config.ts";
import { type SourceGraph, typeScriptClosure } from "./imports.ts";

/**
 * Which tests can notice a mutant, those first that most likely do. A test that deploys none of the contracts that a
 * mutant changes cannot.
 */
export interface Judges {
  mocha: readonly MochaTest[];
  solidity: readonly string[];
}

export interface MochaTest {
  file: string;
  /** Its own text and that of all that it imports. */
  text: string;
}

/** They judge bytes and gas: any other code has others, so they would kill every mutant and say nothing. */
const OF_BYTES_AND_GAS = /\b(gas|limits|snapshots)\b/;

export async function findJudges(): Promise<Judges> {
  const folder = join("test", "contracts");
  const names = (await readdir(join(repositoryRoot, folder), { recursive: true })).sort();
  const files = (ending: string) =>
    names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  return {
    mocha: files(".test.ts")
      .filter((file) => !OF_BYTES_AND_GAS.test(basename(file)))
      .map((file) => ({ file, text: typeScriptClosure(join(repositoryRoot, file)) })),
    solidity: files(".t.sol"),
  };
}

/** The tests that name one of the changed contracts, or import something that does. */
export function thatDeploy(tests: readonly MochaTest[], contracts: readonly string[]): string[] {
  const named = contracts.map((name) => new RegExp(`\\b${name}\\b`));
  return tests.filter(({ text }) => named.some((name) => name.test(text))).map(({ file }) => file);
}

/** The Solidity tests that are compiled with `source`. */
export function thatImport(tests: readonly string[], graph: SourceGraph, source: string): string[] {
  return tests.filter((file) => graph.closureOf(`project/${file}`).has(source));
}

/** Those first that killed the file's mutants before; then those of its name; then the quick ones. */
export function mostLikelyFirst(
  files: readonly string[],
  mutated: string,
  kills: ReadonlyMap<string, number>,
  times: Readonly<Record<string, number>>,
): string[] {
  const word = basename(mutated, ".sol")
    .replace(/(?<=[a-z])[A-Z]/g, "-$&")
    .toLowerCase();
  const rank = (file: string) => (kills.get(file) ?? 0) + (basename(file).startsWith(word) ? 0.5 : 0);
  return files.toSorted((a, b) => rank(b) - rank(a) || (times[a] ?? 0) - (times[b] ?? 0));
}
