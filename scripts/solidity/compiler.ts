import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { compilerSettings } from "./settings.ts";

/** The compiler in this process, for tools that look at what it knows of the contracts. What is deployed is Hardhat's. */

export interface CompilerMessage {
  severity: "error" | "warning" | "info";
  errorCode: string;
  message: string;
  formattedMessage: string;
  sourceLocation?: { file: string; start: number };
}

export interface CompiledBytes {
  object: string;
  linkReferences: Record<string, Record<string, { length: number; start: number }[]>>;
}

export interface CompilerOutput {
  errors?: CompilerMessage[];
  sources?: Record<string, { id: number; ast: unknown }>;
  contracts?: Record<string, Record<string, ContractOutput>>;
}

export interface StorageLayout {
  storage: { slot: string; offset: number; type: string; label: string }[];
  types: Record<string, { label: string; members?: StorageLayout["storage"] }> | null;
}

export interface ContractOutput {
  storageLayout?: StorageLayout;
  evm?: {
    bytecode?: CompiledBytes;
    deployedBytecode?: CompiledBytes & { immutableReferences?: Record<string, unknown> };
  };
}

export interface CompilerInput {
  language: "Solidity";
  sources: Record<string, { content: string }>;
  settings: Record<string, unknown>;
}

/** What the compiler asks for while it works. */
interface Callbacks {
  import: (path: string) => { contents: string };
  smtSolver?: (query: string) => { contents: string };
}

interface Solc {
  version(): string;
  compile(input: string, callbacks?: Callbacks): string;
}

/** Path of a file below the root -> its text. Imports of npm packages are found by the compiler. */
export type Sources = Record<string, string>;

/** All Solidity files below `folder`, a path below the repository's root. */
export async function readSources(folder: string): Promise<Sources> {
  const names = await readdir(join(repositoryRoot, folder), { recursive: true });
  const paths = names.filter((name) => name.endsWith(".sol")).map((name) => join(folder, name));
  const read = async (path: string) => [path, await readFile(join(repositoryRoot, path), "utf8")] as const;
  return Object.fromEntries(await Promise.all(paths.sort().map(read)));
}

/** What the compiler knows of each file's syntax and types, and of the files that they import. */
export async function compileToAst(sources: Sources): Promise<Required<Pick<CompilerOutput, "sources">>> {
  const output = await compileSources(sources, { "": ["ast"] });
  return { sources: output.sources ?? {} };
}

/** Throws AhadiError `build_failed` with the compiler's words. */
export async function compileSources(
  sources: Sources,
  outputs: Record<string, string[]>,
): Promise<CompilerOutput> {
  const output = await compile({
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings: { ...compilerSettings, outputSelection: { "*": outputs } },
  });
  const errors = errorsOf(output);
  if (errors.length > 0) {
    throw new AhadiError("build_failed", `the contracts do not compile: ${errors.join(" ")}`);
  }
  return output;
}

export async function compile(
  input: CompilerInput,
  callbacks: Partial<Callbacks> = {},
): Promise<CompilerOutput> {
  return JSON.parse(await compileJson(JSON.stringify(input), callbacks)) as CompilerOutput;
}

/** Standard JSON in, standard JSON out. */
export async function compileJson(input: string, callbacks: Partial<Callbacks> = {}): Promise<string> {
  const solc = await loadSolc();
  return solc.compile(input, { import: (path) => ({ contents: readImport(path) }), ...callbacks });
}

export async function readCompilerVersion(): Promise<string> {
  return (await loadSolc()).version();
}

export function errorsOf(output: CompilerOutput): string[] {
  return (output.errors ?? [])
    .filter(({ severity }) => severity === "error")
    .map(({ formattedMessage }) => formattedMessage);
}

/** The text of a file that another one imports: the repository's own, or a package's. */
export function readImport(path: string): string {
  const own = /^(contracts|formal|test)\//.test(path);
  return readFileSync(join(repositoryRoot, own ? "" : "node_modules", path), "utf8");
}

let loaded: Promise<Solc> | undefined;

function loadSolc(): Promise<Solc> {
  loaded ??= (async () => {
    const event = "unhandledRejection";
    const before = process.listeners(event);
    const { default: solc } = (await import("solc")) as { default: Solc };
    // The compiler's runtime would decide for the whole process what happens to a rejection.
    for (const listener of process.listeners(event)) {
      if (!before.includes(listener)) process.off(event, listener);
    }
    return solc;
  })();
  return loaded;
}
