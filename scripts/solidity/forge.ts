import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../platform/config.ts";
import { compilerSettings, fuzzSettings } from "./settings.ts";

/**
 * forge runs the same Solidity tests as Hardhat, and it counts branches. It wants a configuration in the project's folder
 * and a compiler that is a program: both are written into a copy of the project, never into the checkout.
 */
export async function prepareForge(copy: string): Promise<void> {
  const compiler = join(copy, ".forge", "solc");
  await mkdir(join(copy, ".forge"), { recursive: true });
  const script = join(repositoryRoot, "scripts", "solidity", "forge-compiler.ts");
  await writeFile(compiler, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(compiler, 0o755);
  await writeFile(join(copy, "foundry.toml"), configuration(compiler));
  const tests = (await readdir(join(copy, "test", "contracts"), { recursive: true })).filter((name) =>
    name.endsWith(".t.sol"),
  );
  for (const name of tests) {
    const path = join(copy, "test", "contracts", name);
    await writeFile(path, forForge(await readFile(path, "utf8")));
  }
}

function configuration(compiler: string): string {
  const { evmVersion, optimizer } = compilerSettings;
  return `[profile.default]
src = "contracts"
test = "test/contracts"
libs = []
remappings = ["@openzeppelin/=node_modules/@openzeppelin/"]
auto_detect_remappings = false
solc = ${JSON.stringify(compiler)}
offline = true
evm_version = "${evmVersion}"
optimizer = ${optimizer.enabled}
optimizer_runs = ${optimizer.runs}
out = ".forge/out"
cache_path = ".forge/cache"
test_failures_file = ".forge/failures"

[fuzz]
runs = ${fuzzSettings.runs}
seed = "${fuzzSettings.seed}"
failure_persist_dir = ".forge/fuzz"

[invariant]
failure_persist_dir = ".forge/invariant"
`;
}

/** The runners read a test's own settings from a comment, each in its own spelling. */
export function forForge(test: string): string {
  return test.replace(/hardhat-config:(.*)$/gm, (_, setting: string) => {
    const spelled = setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `forge-config:${spelled}`;
  });
}
