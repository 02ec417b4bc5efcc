import { chmod, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanUpLater } from "./cleanup.ts";

/** A temporary folder that others may walk through, as Postgres must when the tests run as root. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "ahadi-test-")));
  await chmod(path, 0o755);
  return { path, remove: cleanUpLater({ folder: path }).now };
}
