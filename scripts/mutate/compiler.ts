import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  type CompiledBytes,
  type CompilerInput,
  type CompilerOutput,
  type ContractOutput,
  errorsOf,
} from "../solidity/compiler.ts";
import type { Artifact, Project } from "./project.ts";

export interface Compiled {
  contracts: Contracts;
  /** The sources' syntax trees as JSON, of the contracts as they are. */
  syntax?: string;
  input: CompilerInput;
  output: CompilerOutput;
}

/** `source:name` -> what would be deployed. */
export type Contracts = Map<string, Bytes>;

interface Bytes {
  bytecode: CompiledBytes;
  deployedBytecode: CompiledBytes & { immutableReferences?: Record<string, unknown> };
}

export interface MutantCompiler {
  /** The contracts of `artifacts`, with another text of one source; undefined when that does not compile. */
  compile(
    artifacts: readonly Artifact[],
    changed?: { source: string; text: string },
  ): Promise<Compiled | undefined>;
  close(): Promise<void>;
}

/** As much as Hardhat asks for: its chain names errors with it. */
const OUTPUTS = [
  "abi",
  "evm.bytecode.linkReferences",
  "evm.bytecode.object",
  "evm.bytecode.opcodes",
  "evm.bytecode.sourceMap",
  "evm.deployedBytecode.immutableReferences",
  "evm.deployedBytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.opcodes",
  "evm.deployedBytecode.sourceMap",
  "evm.methodIdentifiers",
];

const BUILD_ID = "mutant";
/** Of a contract that was not asked for; the chain wants to see all of them. */
const NO_CODE = {
  bytecode: { linkReferences: {}, object: "", opcodes: "", sourceMap: "" },
  deployedBytecode: {
    immutableReferences: {},
    linkReferences: {},
    object: "",
    opcodes: "",
    sourceMap: "",
  },
};
const OUTPUT_FORMAT = "hh3-sol-build-info-output-1";

/** The compiler's memory only grows: after so many runs it begins anew. */
const RUNS_PER_THREAD = 100;

export function startCompiler({ graph, settings }: Project): MutantCompiler {
  let thread: Worker | undefined;
  let runs = 0;

  async function run(input: string): Promise<CompilerOutput> {
    if (runs++ % RUNS_PER_THREAD === 0) {
      await thread?.terminate();
      thread = new Worker(new URL("./compiler-thread.ts", import.meta.url));
    }
    const answered = once(thread as Worker, "message");
    thread?.postMessage(input);
    const [output] = (await answered) as [string];
    return JSON.parse(output) as CompilerOutput;
  }

  return {
    async compile(artifacts, changed) {
      const needed = new Set(artifacts.flatMap(({ source }) => [...graph.closureOf(source)]));
      const content = (name: string) => (name === changed?.source ? changed.text : graph.sources[name]) ?? "";
      // The trees take as long as all the rest: a mutant goes with those of the original.
      const syntax = changed === undefined ? ["ast"] : [];
      const outputSelection: Record<string, Record<string, string[]>> = {
        "*": { "": syntax, "*": ["abi", "evm.methodIdentifiers"] },
      };
      for (const { source, name } of artifacts) {
        outputSelection[source] = { ...outputSelection[source], [name]: OUTPUTS };
      }
      const input: CompilerInput = {
        language: "Solidity",
        sources: Object.fromEntries([...needed].map((name) => [name, { content: content(name) }])),
        // A hash of the sources would make every mutant another contract.
        settings: { ...settings, metadata: { appendCBOR: false }, outputSelection },
      };
      const output = await run(JSON.stringify(input));
      if (errorsOf(output).length > 0) return undefined;
      const compiled = { contracts: bytesOf(artifacts, output), input, output };
      return changed === undefined ? { ...compiled, syntax: JSON.stringify(output.sources) } : compiled;
    },
    async close() {
      await thread?.terminate();
    },
  };
}

/** The artifacts whose code differs. */
export function changedArtifacts(
  artifacts: readonly Artifact[],
  before: Contracts,
  after: Contracts,
): Artifact[] {
  const codeIn = (contracts: Contracts, artifact: Artifact) =>
    contracts.get(keyOf(artifact))?.bytecode.object;
  return artifacts.filter((artifact) => codeIn(before, artifact) !== codeIn(after, artifact));
}

/** An artifact as Hardhat would have written it. */
export function artifactOf({ json, ...id }: Artifact, compiled: Compiled): object {
  const bytes = compiled.contracts.get(keyOf(id));
  if (bytes === undefined) throw new Error(`${id.name} was not compiled`);
  const { bytecode, deployedBytecode } = bytes;
  return {
    ...json,
    buildInfoId: BUILD_ID,
    bytecode: `0x${bytecode.object}`,
    deployedBytecode: `0x${deployedBytecode.object}`,
    linkReferences: bytecode.linkReferences,
    deployedLinkReferences: deployedBytecode.linkReferences,
    immutableReferences: deployedBytecode.immutableReferences ?? {},
  };
}

/**
 * What Hardhat keeps of a build: without it the chain would not know the mutant's errors by name. The trees are those of
 * the original, whose places differ from the mutant's by some letters.
 */
export function buildInfoOf(
  { header }: Project,
  { input, output }: Compiled,
  syntax: string,
): Record<string, string> {
  const contracts = Object.entries(output.contracts ?? {}).map(([source, named]) => {
    const complete = Object.entries(named).map(([name, one]) => [
      name,
      { ...one, evm: { ...NO_CODE, ...one.evm } },
    ]);
    return [source, Object.fromEntries(complete)];
  });
  const compiled = JSON.stringify(Object.fromEntries(contracts));
  return {
    [`${BUILD_ID}.json`]: JSON.stringify({ ...header, id: BUILD_ID, input }),
    [`${BUILD_ID}.output.json`]: `{"_format":"${OUTPUT_FORMAT}","id":"${BUILD_ID}","output":{"contracts":${compiled},"sources":${syntax}}}`,
  };
}

function bytesOf(artifacts: readonly Artifact[], { contracts }: CompilerOutput): Contracts {
  return new Map(
    artifacts.map((artifact) => {
      const evm: ContractOutput["evm"] = contracts?.[artifact.source]?.[artifact.name]?.evm;
      if (!evm?.bytecode || !evm.deployedBytecode) throw new Error(`${artifact.name} was not compiled`);
      return [keyOf(artifact), { bytecode: evm.bytecode, deployedBytecode: evm.deployedBytecode }];
    }),
  );
}

function keyOf({ source, name }: Pick<Artifact, "name" | "source">): string {
  return `${source}:${name}`;
}
