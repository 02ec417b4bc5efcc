import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../platform/config.ts";
import { AhadiError } from "../platform/errors.ts";
import { log } from "../platform/log.ts";

const ARTIFACTS = join(repositoryRoot, "artifacts");
const STAMP = join(ARTIFACTS, ".ahadi-build");

/**
 * Compiles the contracts when a source, the compiler's settings or the lockfile changed since the last build.
 * Asking Hardhat itself costs seconds even when nothing is to be done; a digest costs milliseconds.
 * Throws AhadiError `build_failed` with the compiler's words.
 */
export async function ensureBuilt(): Promise<{ compiled: boolean }> {
  const digest = await sourcesDigest();
  if ((await readFile(STAMP, "utf8").catch(() => "")) === (await stampOf(digest))) return { compiled: false };
  const hardhat = join(repositoryRoot, "node_modules", "hardhat", "dist", "src", "cli.js");
  try {
    await promisify(execFile)(process.execPath, [hardhat, "build", "--quiet", "--no-tests"], {
      cwd: repositoryRoot,
    });
  } catch (error) {
    const { stderr = "", stdout = "" } = error as { stderr?: string; stdout?: string };
    throw new AhadiError("build_failed", `the contracts do not compile: ${`${stderr}${stdout}`.trim()}`);
  }
  await writeFile(STAMP, await stampOf(digest));
  return { compiled: true };
}

/** Names the build beside its sources: `hardhat --coverage` leaves another one, of instrumented contracts. */
async function stampOf(digest: string): Promise<string> {
  const builds = await readdir(join(ARTIFACTS, "build-info")).catch(() => []);
  return [digest, ...builds.sort()].join("\n");
}

async function sourcesDigest(): Promise<string> {
  const contracts = join(repositoryRoot, "contracts");
  const files = (await readdir(contracts, { recursive: true }))
    .filter((name) => name.endsWith(".sol"))
    .sort();
  const settings = ["hardhat.config.ts", join("scripts", "solidity", "settings.ts"), "package-lock.json"];
  const paths = [...files.map((name) => join("contracts", name)), ...settings];
  const hash = createHash("sha256");
  for (const path of paths) {
    hash
      .update(path)
      .update("\0")
      .update(await readFile(join(repositoryRoot, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  const { compiled } = await ensureBuilt();
  log.info(compiled ? "contracts compiled" : "contracts are up to date");
}
