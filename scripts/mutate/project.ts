import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CompiledContract } from "../../chain/artifacts.ts";
import { repositoryRoot } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { runTool } from "../run-tools.ts";
import { copyProject } from "../solidity/project-copy.ts";
import { type SourceGraph, solidityGraph } from "./imports.ts";

/** Where all this happens, outside of what is committed or deployed. */
export const WORKSHOP = join(repositoryRoot, ".ahadi", "mutate");
const PRISTINE = join(WORKSHOP, "pristine");

/** What verdicts depend on. A change anywhere here begins a new list of them. */
const JUDGED_BY = [
  "chain",
  "contracts",
  "hardhat.config.ts",
  "lending",
  "package-lock.json",
  "platform",
  "scripts/deploy",
  "scripts/solidity/settings.ts",
  "test/contracts",
  "test/support",
];

/** The unchanged project, built. */
export interface Project {
  /** What the contracts and their tests are made of. */
  key: string;
  graph: SourceGraph;
  settings: Record<string, unknown>;
  /** What stands in each build's record beside the compiler's input. */
  header: Record<string, unknown>;
  artifacts: Artifact[];
}

export interface Artifact {
  /** Below the project's folder. */
  path: string;
  /** As the compiler knows the source: `project/contracts/...`. */
  source: string;
  name: string;
  json: CompiledContract;
}

interface BuildInput {
  header: Record<string, unknown>;
  sources: Record<string, { content: string }>;
  settings: Record<string, unknown> & { remappings?: string[] };
}

/** Builds the contracts and the tests' contracts once for every state of theirs. */
export async function buildProject(): Promise<Project> {
  const key = await projectKey();
  const inputFile = join(WORKSHOP, "compiler-input.json");
  const stamp = join(WORKSHOP, "built");
  await copyProject(PRISTINE);
  if ((await readFile(stamp, "utf8").catch(() => "")) !== key) {
    for (const built of ["artifacts", "cache"]) {
      await rm(join(PRISTINE, built), { recursive: true, force: true });
    }
    const { code } = await runTool("build", ["hardhat", "build"], { folder: PRISTINE });
    if (code !== 0) throw new AhadiError("build_failed", "the contracts or their tests do not compile");
    await writeFile(inputFile, JSON.stringify(await readBuildInputs()));
    await writeFile(stamp, key);
  }
  const { header, sources, settings } = JSON.parse(await readFile(inputFile, "utf8")) as BuildInput;
  const texts = Object.fromEntries(Object.entries(sources).map(([name, { content }]) => [name, content]));
  return {
    key,
    graph: solidityGraph(texts, settings.remappings ?? []),
    settings,
    header,
    artifacts: await readArtifacts(),
  };
}

/** A folder of its own for a bench, as if nothing had been changed yet. */
export async function copyPristine(bench: string): Promise<void> {
  await copyProject(bench);
  for (const built of ["artifacts", "cache"]) {
    await rm(join(bench, built), { recursive: true, force: true });
    await cp(join(PRISTINE, built), join(bench, built), { recursive: true });
  }
  await writeFile(join(bench, CONFIG), configuration);
  await writeFile(join(bench, REPORTER), reporter);
}

/** The configuration of the mutants' runs, in each bench's folder. */
export const CONFIG = "hardhat.mutate.config.ts";

/** mocha loads a reporter by its path alone, as a module of the old kind. */
const REPORTER = "mocha-report.cjs";
const reporter = 'module.exports = require("./scripts/mutate/mocha-report.ts").writeReport;\n';

/**
 * What tests compile by themselves is there already: the mutant's. A contract that a change made larger than a chain
 * takes is still to be judged by what it does.
 */
const configuration = `import config from "./hardhat.config.ts";

const prebuilt = { build: async () => new Map() };

export default {
  ...config,
  plugins: [
    ...(config.plugins ?? []),
    { id: "prebuilt", hookHandlers: { solidity: async () => ({ default: async () => prebuilt }) } },
  ],
  networks: { default: { type: "edr-simulated", allowUnlimitedContractSize: true } },
  test: {
    ...config.test,
    // A run has its own time limit, which knows how busy the machine may be.
    mocha: { ...config.test?.mocha, timeout: 0, reporter: import.meta.dirname + "/${REPORTER}" },
  },
};
`;

/** The compiler's inputs of both builds, the contracts' and that of the tests' own contracts, as one. */
async function readBuildInputs(): Promise<BuildInput> {
  const merged: BuildInput = { header: {}, sources: {}, settings: {} };
  const remappings = new Set<string>();
  for (const folder of ["artifacts/build-info", "cache/test-artifacts/build-info"]) {
    for (const name of await readdir(join(PRISTINE, folder))) {
      if (name.endsWith(".output.json")) continue;
      const text = await readFile(join(PRISTINE, folder, name), "utf8");
      const { input, ...header } = JSON.parse(text) as Record<string, unknown> & { input: BuildInput };
      Object.assign(merged.header, header);
      Object.assign(merged.sources, input.sources);
      Object.assign(merged.settings, input.settings);
      for (const remapping of input.settings.remappings ?? []) remappings.add(remapping);
    }
  }
  merged.settings.remappings = [...remappings];
  return merged;
}

async function readArtifacts(): Promise<Artifact[]> {
  const artifacts: Artifact[] = [];
  for (const folder of ["artifacts", join("cache", "test-artifacts")]) {
    const names = await readdir(join(PRISTINE, folder), { recursive: true });
    for (const name of names.filter((one) => /\.sol\/\w+\.json$/.test(one))) {
      const path = join(folder, name);
      const json = JSON.parse(await readFile(join(PRISTINE, path), "utf8")) as CompiledContract;
      if (json.bytecode === "0x") continue;
      artifacts.push({ path, source: json.inputSourceName, name: json.contractName, json });
    }
  }
  return artifacts;
}

async function projectKey(): Promise<string> {
  const hash = createHash("sha256");
  for (const entry of JUDGED_BY) {
    const path = join(repositoryRoot, entry);
    const below = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const files = below
      ?.filter((one) => one.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)) ?? [path];
    for (const file of files.sort()) {
      hash.update(file.slice(repositoryRoot.length)).update("\0");
      hash.update(await readFile(file)).update("\0");
    }
  }
  await mkdir(WORKSHOP, { recursive: true });
  return hash.digest("hex").slice(0, 16);
}
