import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { AhadiError } from "../../platform/errors.ts";

/** A user of this machine. */
export interface Account {
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root. As root we use the first of these that exists; otherwise the process stays who it is. */
const CANDIDATES = ["postgres", "nobody"];

/** Who runs Postgres; undefined means the current user. Throws AhadiError `no_account`. */
export function postgresAccount(candidates = CANDIDATES): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of candidates) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync("id", [flag, name], { stdio: "pipe" }).toString());
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user; the next one.
    }
  }
  throw new AhadiError("no_account", `as root, Postgres needs one of the users ${candidates.join(", ")}`, {
    hint: "create one (useradd postgres), start as an ordinary user, or attach a Postgres with --database-url",
  });
}

/** Whether `account` can walk down to `path` and read it (a folder: also look into it). */
export function canReach(account: Account, path: string): boolean {
  const info = statSync(path);
  const needed = info.isDirectory() || (info.mode & 0o111) !== 0 ? 0o5 : 0o4;
  if (!allows(account, path, needed)) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!allows(account, folder, 0o1)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function allows(account: Account, path: string, needed: number): boolean {
  const { mode, uid, gid } = statSync(path);
  let bits = mode & 0o7;
  if (uid === account.uid) bits = (mode >> 6) & 0o7;
  else if (gid === account.gid) bits = (mode >> 3) & 0o7;
  return (bits & needed) === needed;
}
