import { AhadiError } from "../../platform/errors.ts";
import type { Node } from "../solidity/ast.ts";
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
  return parse(slice(proof, whole, only));
}

async function parse(texts: Map<string, string>, read?: (path: string) => string): Promise<Map<string, Source>> {
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
    throw new AhadiError("proof_invalid", `\`${change.find}\` stands in ${places} places of ${path}, not in one`);
  }
  return text.replace(change.find, () => change.replace);
}
