import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface MigrationFolder {
  path: string;
  write(files: Record<string, string>): Promise<void>;
  remove(): Promise<void>;
}

/** A folder with migrations: name -> [up, down]. */
export async function migrationFolder(
  migrations: Record<string, [string, string]>,
): Promise<MigrationFolder> {
  const path = await mkdtemp(join(tmpdir(), "ahadi-migrations-"));
  const write = async (files: Record<string, string>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  };
  for (const [name, [up, down]] of Object.entries(migrations)) {
    await write({ [`${name}.up.sql`]: up, [`${name}.down.sql`]: down });
  }
  return { path, write, remove: () => rm(path, { recursive: true }) };
}
