import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** Source name -> its text, and the names of all sources that it is compiled with, itself included. */
export interface SourceGraph {
  sources: Record<string, string>;
  closureOf(name: string): Set<string>;
  /** All sources that are compiled with `name`. */
  dependentsOf(name: string): string[];
}

const SOLIDITY_IMPORT = /^\s*import\b[^;"]*"([^"]+)"/gm;
const TYPESCRIPT_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+\.ts)"/g;

/** `remappings` as the compiler takes them: `context:prefix=target`. */
export function solidityGraph(sources: Record<string, string>, remappings: readonly string[]): SourceGraph {
  const rules = remappings.map((line) => {
    const [, context = "", prefix = "", target = ""] = /^(?:([^:=]*):)?([^=]*)=(.*)$/.exec(line) ?? [];
    return { context, prefix, target };
  });
  const resolve = (from: string, path: string): string => {
    if (path.startsWith(".")) return posix.join(posix.dirname(from), path);
    const rule = rules.find(({ context, prefix }) => from.startsWith(context) && path.startsWith(prefix));
    return rule === undefined ? path : rule.target + path.slice(rule.prefix.length);
  };
  const importsOf = (name: string): string[] =>
    [...(sources[name] ?? "").matchAll(SOLIDITY_IMPORT)].map(([, path = ""]) => resolve(name, path));
  const closures = new Map<string, Set<string>>();
  const closureOf = (name: string): Set<string> => {
    const known = closures.get(name) ?? closure(name, importsOf);
    closures.set(name, known);
    return known;
  };
  return {
    sources,
    closureOf,
    dependentsOf: (name) => Object.keys(sources).filter((one) => closureOf(one).has(name)),
  };
}

/** The text of a TypeScript file and of all own files that it imports. */
export function typeScriptClosure(file: string): string {
  const texts = new Map<string, string>();
  closure(file, (path) => {
    const text = readFileSync(path, "utf8");
    texts.set(path, text);
    return [...text.matchAll(TYPESCRIPT_IMPORT)].map(([, target = ""]) => join(dirname(path), target));
  });
  return [...texts.values()].join("\n");
}

function closure(first: string, next: (name: string) => string[]): Set<string> {
  const seen = new Set<string>();
  const waiting = [first];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...next(name));
  }
  return seen;
}
