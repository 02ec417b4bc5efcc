import type pg from "pg";
import type { Hash, Hex } from "viem";
import type { Header } from "../source/types.ts";

/** What is left of a header once it is stored. */
export type StoredHeader = Pick<Header, "number" | "hash">;

export function bytes(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), "hex");
}

export async function insertHeaders(client: pg.ClientBase, headers: readonly Header[]): Promise<void> {
  await client.query(
    `insert into chain.block (number, hash, parent_hash, time)
     select * from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[])`,
    [
      headers.map(({ number }) => number),
      headers.map(({ hash }) => bytes(hash)),
      headers.map(({ parentHash }) => bytes(parentHash)),
      headers.map(({ time }) => time),
    ],
  );
}

/** The newest headers at or below `from`, falling, at most `count`. */
export async function headersDownFrom(
  client: pg.ClientBase,
  from: bigint,
  count: number,
): Promise<StoredHeader[]> {
  const { rows } = await client.query<{ number: string; hash: Hash }>(
    `select number, chain.hex(hash) as hash from chain.block where number <= $1 order by number desc limit $2`,
    [from, count],
  );
  return rows.map(({ number, hash }) => ({ number: BigInt(number), hash }));
}
