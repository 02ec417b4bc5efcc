import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../../../platform/config.ts";
import { cleanUpLater } from "../../support/cleanup.ts";
import { temporaryFolder } from "../../support/folder.ts";

/** A small checkout with the real bootstrap, and an `npx` and `npm` that write down how they were called. */
export interface Checkout {
  path: string;
  /** How the installer was called, one line each time. */
  installs(): Promise<string[]>;
  write(name: string, text: string): Promise<void>;
  run(argv: string[], options?: RunOptions): Running;
  remove(): Promise<void>;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** What to start instead of `node scripts/bootstrap.cjs`. */
  launcher?: string[];
}

export interface Running {
  process: ChildProcess;
  /** Settles with everything when the process is gone. */
  done: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
  stderr(): string;
  stdout(): string;
}

const INSTALLER = `#!/bin/sh
echo "$(basename "$0") $*" >> "$CHECKOUT/installs"
echo "what npm says"
[ -z "$INSTALL_SLEEP" ] || sleep "$INSTALL_SLEEP"
[ -z "$INSTALL_FAILS" ] || exit 9
mkdir -p "$CHECKOUT/node_modules/.bin"
printf '#!/bin/sh\\necho local tool "$@"\\n' > "$CHECKOUT/node_modules/.bin/tool"
chmod +x "$CHECKOUT/node_modules/.bin/tool"
`;

export async function makeCheckout(): Promise<Checkout> {
  const folder = await temporaryFolder();
  const { path } = folder;
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  };
  await write("package-lock.json", "{}");
  await write("package.json", JSON.stringify({ dependencies: { node: "24.99.1" } }));
  await mkdir(join(path, "scripts"));
  await copyFile(join(repositoryRoot, "scripts/bootstrap.cjs"), join(path, "scripts/bootstrap.cjs"));
  for (const name of ["bin/npx", "bin/npm"]) {
    await write(name, INSTALLER);
    await chmod(join(path, name), 0o755);
  }
  return {
    path,
    write,
    installs: async () =>
      (await readFile(join(path, "installs"), "utf8").catch(() => "")).split("\n").filter(Boolean),
    run: (argv, options) => run(path, argv, options),
    remove: folder.remove,
  };
}

function run(path: string, argv: string[], options: RunOptions = {}): Running {
  const launcher = options.launcher ?? [process.execPath, join(path, "scripts/bootstrap.cjs")];
  const [file = "", ...args] = [...launcher, ...argv];
  const { npm_lifecycle_event: _, ...inherited } = process.env;
  const child = spawn(file, args, {
    cwd: path,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, CHECKOUT: path, PATH: `${join(path, "bin")}:${process.env.PATH}`, ...options.env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.on("data", (text) => {
    output.stderr += text;
  });
  if (child.pid !== undefined) cleanUpLater({ folder: path }).addPid(child.pid);
  return {
    process: child,
    done: once(child, "close").then(([code, signal]) => ({ code, signal, ...output })),
    stderr: () => output.stderr,
    stdout: () => output.stdout,
  };
}
