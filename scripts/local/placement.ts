import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Account, canReach } from "./account.ts";
import { postgresHome } from "./binaries.ts";

/** For what an unprivileged user must reach when the checkout lies in root's own folder. */
const SYSTEM_DIR = "/var/lib/ahadi";
/** In a folder there: the path of the link that leads to it. */
const ORIGIN = "origin";

/**
 * Where Postgres's files are and where its cluster goes: in place when whoever runs it can reach them, otherwise copied
 * to (binaries) or kept in (data, with a link from the data folder) a folder of the system. Only root ever needs that.
 */
export async function placeCluster(
  dataDir: string,
  account: Account | undefined,
  systemDir = SYSTEM_DIR,
): Promise<{ home: string; clusterDir: string }> {
  await mkdir(dataDir, { recursive: true });
  const inPlace = join(dataDir, "postgres");
  const home = postgresHome();
  if (account === undefined) return { home, clusterDir: inPlace };
  return {
    home: await reachableHome(home, account, systemDir),
    clusterDir: await reachableCluster(inPlace, account, systemDir),
  };
}

async function reachableHome(home: string, account: Account, systemDir: string): Promise<string> {
  const needed = ["bin/postgres", "bin/initdb", "lib", "share/postgresql/postgres.bki"];
  if (needed.every((path) => canReach(account, join(home, path)))) return home;
  const manifest = await readFile(join(dirname(home), "package.json"));
  const copy = join(
    systemDir,
    `postgres-${createHash("sha256").update(manifest).digest("hex").slice(0, 12)}`,
  );
  if (existsSync(copy)) return copy;
  await openFolder(systemDir);
  const unfinished = `${copy}.${process.pid}`;
  // Static libraries are for compiling against; everything else is needed at run time.
  await cp(home, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith(".a"),
  });
  await openTree(unfinished);
  await rename(unfinished, copy).catch(async (error: unknown) => {
    // Another start was quicker; its copy is as good.
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  });
  return copy;
}

async function reachableCluster(inPlace: string, account: Account, systemDir: string): Promise<string> {
  const existing = await lstat(inPlace).catch(() => undefined);
  if (existing?.isDirectory()) return inPlace;
  const folder = systemFolder(inPlace, systemDir);
  if (existing === undefined) {
    if (canReach(account, dirname(inPlace))) return inPlace;
    await openFolder(systemDir);
    await removeOrphans(systemDir);
    await openFolder(folder);
    await symlink(join(folder, "postgres"), inPlace);
    await writeFile(join(folder, ORIGIN), inPlace);
  }
  return join(folder, "postgres");
}

function systemFolder(inPlace: string, systemDir: string): string {
  return join(systemDir, createHash("sha256").update(inPlace).digest("hex").slice(0, 16));
}

/** Data whose link is gone belonged to a data folder that somebody has removed. */
async function removeOrphans(systemDir: string): Promise<void> {
  for (const name of await readdir(systemDir)) {
    const origin = await readFile(join(systemDir, name, ORIGIN), "utf8").catch(() => undefined);
    if (origin === undefined || (await lstat(origin).catch(() => undefined)) !== undefined) continue;
    await rm(join(systemDir, name), { recursive: true, force: true });
  }
}

/** Removes a cluster, also when it is only a link to where it really is. */
export async function removeCluster(dataDir: string, systemDir = SYSTEM_DIR): Promise<void> {
  const inPlace = join(dataDir, "postgres");
  for (const path of [inPlace, `${inPlace}.new`, systemFolder(inPlace, systemDir)]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** Whatever root's umask is, others must be able to walk through. */
async function openFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

async function openTree(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const executable = entry.isDirectory() || basename(entry.parentPath) === "bin";
    await chmod(path, executable ? 0o755 : 0o644);
  }
}
