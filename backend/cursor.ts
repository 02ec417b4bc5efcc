import { z } from "zod";

/** A place in the chain's order of logs: where a page ended. */
export interface Position {
  readonly blockNumber: number;
  readonly logIndex: number;
}

const position = z.tuple([
  z.int().nonnegative(),
  z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
]);

/** Opaque to callers; ours to change. */
export function encodeCursor({ blockNumber, logIndex }: Position): string {
  return Buffer.from(JSON.stringify([blockNumber, logIndex])).toString("base64url");
}

/** Undefined for anything that `encodeCursor` did not write. */
export function decodeCursor(cursor: string): Position | undefined {
  try {
    const [blockNumber, logIndex] = position.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    const decoded = { blockNumber, logIndex };
    return encodeCursor(decoded) === cursor ? decoded : undefined;
  } catch {
    return undefined;
  }
}
