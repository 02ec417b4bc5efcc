import { readFile, writeFile } from "node:fs/promises";
import { AhadiError } from "../platform/errors.ts";

/** Reads the JSON file that `option` names. Throws AhadiError `file_unreadable` or `file_invalid`. */
export async function readJsonFile(path: string, option: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new AhadiError("file_unreadable", `cannot read ${option} ${path}: ${cause.message}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AhadiError("file_invalid", `${option} ${path} is not JSON`, { cause });
  }
}

/** Writes the JSON file that `option` names. Throws AhadiError `file_unwritable`. */
export async function writeJsonFile(path: string, value: unknown, option: string): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`).catch((cause: Error) => {
    throw new AhadiError("file_unwritable", `cannot write ${option} ${path}: ${cause.message}`, { cause });
  });
}
