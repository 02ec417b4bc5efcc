import { cp, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../platform/config.ts";

/** What tools leave behind, and what is too large to copy. */
const LEFT_OUT = new Set([".ahadi", ".forge", ".git", "artifacts", "cache", "coverage", "node_modules"]);

/**
 * Brings the folder `copy` to what the checkout holds now. A tool that writes other artifacts than those of the contracts
 * (instrumented ones, mutants) works there: nobody shall deploy them by mistake. What an earlier build left in the copy
 * stays for the next one.
 */
export async function copyProject(copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  const entries = (await readdir(repositoryRoot)).filter((entry) => !LEFT_OUT.has(entry));
  for (const entry of await readdir(copy)) {
    if (!LEFT_OUT.has(entry)) await rm(join(copy, entry), { recursive: true });
  }
  await Promise.all(
    entries.map((entry) => cp(join(repositoryRoot, entry), join(copy, entry), { recursive: true })),
  );
  await symlink(join(repositoryRoot, "node_modules"), join(copy, "node_modules")).catch(ignoreExisting);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
