import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { z } from "zod";
import { AhadiError } from "../../platform/errors.ts";
import type { TextRow } from "./rows.ts";

/*
 * The file: JSON lines. A header, the rows table by table, a trailer with the sha-256 of every byte before it:
 *
 *     {"format":"ahadi-backup","format_version":1,"schema_version":1,"chain_id":31337,...,"tables":[...]}
 *     {"table":"terms_document","row":["\\x45cb...","{...}","2022-11-01 08:00:00+00"]}
 *     {"sha256":"9f86d0..."}
 */

export const FORMAT_VERSION = 1;

const headerSchema = z.strictObject({
  format: z.literal("ahadi-backup"),
  format_version: z.literal(FORMAT_VERSION),
  schema_version: z.int().nonnegative(),
  chain_id: z.int().positive(),
  genesis_hash: z.string(),
  loan_book: z.string(),
  /** deployment.json, byte for byte. */
  deployment: z.string(),
  tables: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()) })),
});
const rowSchema = z.strictObject({ table: z.string(), row: z.array(z.string().nullable()) });
const trailerSchema = z.strictObject({ sha256: z.string() });

export type Header = z.infer<typeof headerSchema>;

export interface BackupWriter {
  add(line: object): Promise<void>;
  /** Writes the trailer and gives the file its name. */
  finish(): Promise<{ sha256: string; bytes: number }>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/**
 * A backup gets its name when it is whole and on disk; nothing is ever overwritten. Readable for its owner alone.
 * Throws AhadiError `backup_exists`, `backup_unwritable`.
 */
export async function createBackup(path: string): Promise<BackupWriter> {
  const part = `${path}.part`;
  const file = await openNew(path, part);
  const hash = createHash("sha256");
  let bytes = 0;
  const write = async (line: object, hashed: boolean): Promise<void> => {
    const data = Buffer.from(`${JSON.stringify(line)}\n`);
    if (hashed) hash.update(data);
    bytes += data.length;
    await file.write(data);
  };
  return {
    add: (line) => write(line, true),
    finish: async () => {
      const sha256 = hash.digest("hex");
      await write({ sha256 }, false);
      await file.sync();
      await file.close();
      await rename(part, path);
      return { sha256, bytes };
    },
    discard: async () => {
      await file.close().catch(() => {});
      await rm(part, { force: true });
    },
  };
}

async function openNew(path: string, part: string): Promise<FileHandle> {
  const taken = await open(path, "r").catch(() => undefined);
  if (taken !== undefined) {
    await taken.close();
    throw new AhadiError("backup_exists", `${path} exists already`, {
      hint: "choose another name for --out",
    });
  }
  return open(part, "w", 0o600).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AhadiError("backup_unwritable", `${path} cannot be written: ${reason}`, { cause });
  });
}

/** Lines are split at line feeds alone: JSON text may hold every other separator. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    let data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      yield data.subarray(0, end + 1);
      data = data.subarray(end + 1);
    }
    rest = data;
  }
  if (rest.length > 0) yield rest;
}

function damaged(path: string, what: string): AhadiError {
  return new AhadiError("backup_damaged", `${path} is damaged: ${what}`, {
    hint: "take another copy of the backup",
  });
}

function parseLine<T>(schema: z.ZodType<T>, line: Buffer): T | undefined {
  try {
    return schema.parse(JSON.parse(line.toString()));
  } catch {
    return undefined;
  }
}

/** Throws AhadiError `backup_newer` when a header is of a format that this code does not know. */
function parseHeader(path: string, line: Buffer | undefined): Header {
  if (line === undefined) throw damaged(path, "it is empty");
  const format = parseLine(
    z.looseObject({ format: z.literal("ahadi-backup"), format_version: z.int() }),
    line,
  );
  if (format !== undefined && format.format_version > FORMAT_VERSION) {
    throw new AhadiError(
      "backup_newer",
      `${path} has format ${format.format_version}, this code knows ${FORMAT_VERSION}`,
      {
        hint: "restore it with the newer code",
      },
    );
  }
  const header = parseLine(headerSchema, line);
  if (header === undefined) throw damaged(path, "it does not begin with the header of a backup");
  return header;
}

/**
 * Reads the whole file once and returns its header only if every byte is as it was written.
 * Throws AhadiError `backup_missing`, `backup_damaged`, `backup_newer`.
 */
export async function checkBackup(path: string): Promise<{ header: Header; rows: number }> {
  const found = await open(path, "r").catch(() => undefined);
  const isFile = (await found?.stat())?.isFile() ?? false;
  await found?.close();
  if (!isFile) throw new AhadiError("backup_missing", `${path} cannot be read`, { hint: "check --in" });
  const hash = createHash("sha256");
  let header: Header | undefined;
  let last: Buffer | undefined;
  let lines = 0;
  for await (const line of linesOf(path)) {
    if (lines === 0) header = parseHeader(path, line);
    if (last !== undefined) hash.update(last);
    last = line;
    lines += 1;
  }
  if (header === undefined || last === undefined) throw damaged(path, "it is empty");
  const trailer = parseLine(trailerSchema, last);
  if (trailer === undefined || last.at(-1) !== 10) throw damaged(path, "its end is missing");
  if (trailer.sha256 !== hash.digest("hex")) throw damaged(path, "its sha-256 does not match its content");
  return { header, rows: lines - 2 };
}

/** The rows of a file that `checkBackup` has accepted. */
export async function* rowsOf(path: string): AsyncGenerator<{ table: string; row: TextRow }> {
  let nr = 0;
  for await (const line of linesOf(path)) {
    const row = parseLine(rowSchema, line);
    if (row !== undefined) yield row;
    else if (nr > 0 && parseLine(trailerSchema, line) === undefined)
      throw damaged(path, `line ${nr + 1} is no row`);
    nr += 1;
  }
}
