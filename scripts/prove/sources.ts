import { AhadiError } from "../../platform/errors.ts";
import { type AstNode, type Node, nodesOf, placeOf } from "../solidity/ast.ts";
import { compile, errorsOf, readImport } from "../solidity/compiler.ts";
import { compilerSettings } from "../solidity/settings.ts";
import { type Source, slice } from "./slice.ts";

/** A change of one place in a source: `find` stands there exactly once. */
export interface Change {
  /** Path below the repository's root. */
  in: string;
  find: string;
  replace: string;
}

export interface Question {
  /** Path of the proof below the repository's root. */
  proof: string;
  change?: Change;
  /** Of the proof's functions this one alone. */
  only?: string;
}

/**
 * Reads a proof and what it reaches of the project, by path. A proof may call private functions: `private` is read as
 * `internal` there, which changes no code. Throws AhadiError `proof_invalid`.
 */
export async function readProof({ proof, change, only }: Question): Promise<Map<string, Source>> {
  const read = (path: string): string => {
    const text = changed(path, readImport(path), change);
    return path === proof ? text : text.replace(/\bprivate\b/g, "internal");
  };
  const whole = await parse(new Map([[proof, read(proof)]]), read);
  if (change !== undefined && !whole.has(change.in)) {
    throw new AhadiError("proof_invalid", `${proof} does not import ${change.in}, which is to be changed`);
  }
  if (change === undefined) assertCopied(whole);
  return parse(slice(proof, whole, only));
}

/** The names of a proof's properties: its functions that anybody can call. */
export async function propertiesOf(proof: string): Promise<string[]> {
  const unit = (await readProof({ proof })).get(proof)?.unit;
  return nodesOf(unit, "FunctionDefinition")
    .filter(({ visibility }) => visibility === "external")
    .map(({ name }) => name);
}

/**
 * What the checker does not take as it is, since there is assembly or a loop around it, is copied into the proof:
 *
 *     /// @custom:from <library>.<function>
 *
 * Each statement of such a copy stands in that function of the library too, and in this order. A last `return` of names
 * alone is the copy's own.
 */
function assertCopied(sources: Map<string, Source>): void {
  for (const { text, unit } of sources.values()) {
    for (const copy of nodesOf(unit, "FunctionDefinition")) {
      const { documentation } = copy as { documentation?: { text?: string } };
      const [, library, name] = /@custom:from (\w+)\.(\w+)/.exec(documentation?.text ?? "") ?? [];
      if (library === undefined || name === undefined) continue;
      const statements = (copy.body?.statements ?? []).map((statement) => wordsOf(text, statement));
      const own = notIn(originalOf(sources, library, name), statements);
      if (own === undefined) continue;
      throw new AhadiError(
        "proof_invalid",
        `${copy.name} is no copy of ${library}.${name}, which has no ${own}`,
      );
    }
  }
}

/** The first statement that does not stand in `original`, behind the one before it. */
function notIn(original: string, statements: readonly string[]): string | undefined {
  let rest = original;
  for (const [index, words] of statements.entries()) {
    const at = rest.indexOf(words);
    const isLast = index === statements.length - 1;
    if (at === -1 && !(isLast && /^return (\w+|\([\w, ]+\));?$/.test(words))) return words;
    if (at !== -1) rest = rest.slice(at + words.length);
  }
  return undefined;
}

function originalOf(sources: Map<string, Source>, library: string, name: string): string {
  for (const { text, unit } of sources.values()) {
    const contract = nodesOf(unit, "ContractDefinition").find((one) => one.name === library);
    const original = nodesOf(contract, "FunctionDefinition").find((one) => one.name === name);
    if (original !== undefined) return wordsOf(text, original);
  }
  throw new AhadiError("proof_invalid", `there is no ${library}.${name} to be copied`);
}

function wordsOf(text: string, node: AstNode): string {
  const { start, length } = placeOf(node);
  return Buffer.from(text)
    .subarray(start, start + length)
    .toString()
    .replace(/\/\/.*$/gm, "")
    .replace(/\s+/g, " ");
}

async function parse(
  texts: Map<string, string>,
  read?: (path: string) => string,
): Promise<Map<string, Source>> {
  const all = new Map(texts);
  const output = await compile(
    {
      language: "Solidity",
      sources: Object.fromEntries([...texts].map(([path, content]) => [path, { content }])),
      settings: { evmVersion: compilerSettings.evmVersion, outputSelection: { "*": { "": ["ast"] } } },
    },
    {
      import: (path) => {
        const contents = read?.(path) ?? "";
        all.set(path, contents);
        return { contents };
      },
    },
  );
  const [error] = errorsOf(output);
  if (error !== undefined) throw new AhadiError("proof_invalid", error);
  return new Map(
    Object.entries(output.sources ?? {}).map(([path, { ast }]) => [
      path,
      { text: all.get(path) ?? "", unit: ast as Node<"SourceUnit"> },
    ]),
  );
}

function changed(path: string, text: string, change: Change | undefined): string {
  if (change?.in !== path) return text;
  const places = text.split(change.find).length - 1;
  if (places !== 1) {
    throw new AhadiError(
      "proof_invalid",
      `\`${change.find}\` stands in ${places} places of ${path}, not in one`,
    );
  }
  return text.replace(change.find, () => change.replace);
}
