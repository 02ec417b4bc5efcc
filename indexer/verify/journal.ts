import type pg from "pg";
import type { Address } from "viem";
import { decode } from "../decode/decode.ts";
import { RetryableError } from "../errors.ts";
import { project } from "../project/project.ts";
import { columnsOf, type Facts, type TableName, tableNames, tables, toTexts } from "../project/tables.ts";
import type { ChainNode } from "../source/node.ts";
import { type Contracts, newPoolsIn } from "../source/pools.ts";
import { createRangeSize, fetchNextRange } from "../source/range.ts";
import { type Batch, DETACHED, type Header } from "../source/types.ts";
import type { StoredHeader } from "../store/headers.ts";
import type { Findings } from "./findings.ts";

export interface JournalInput {
  database: pg.ClientBase;
  node: ChainNode;
  contracts: Contracts;
  anchor: Header;
  end: StoredHeader;
  findings: Findings;
}

/**
 * Reads the chain's logs once more from the deployment to the mirror's block, computes every row anew and compares it
 * with the one that is stored: this finds what contract storage does not hold, rows that are missing and rows too many.
 */
export async function compareJournal(input: JournalInput, onRange: (block: bigint) => void): Promise<void> {
  const { database, node, contracts, end } = input;
  const size = createRangeSize();
  let pools: Address[] = [];
  let parent = input.anchor;
  await compareHeaders(input, parent.number - 1n, parent);
  while (parent.number < end.number) {
    const watched = { ...contracts, pools };
    const batch = await fetchNextRange(node, watched, parent, end.number, size);
    if (batch === DETACHED) throw new RetryableError("chain", "the chain changed while it was being read");
    const facts = project(batch.logs.map((log) => decode(log, contracts)));
    for (const table of tableNames) await compareTable(database, table, facts, parent, batch, input.findings);
    await compareHeaders(input, parent.number, batch.end);
    pools = [...pools, ...newPoolsIn(batch.logs, watched).keys()];
    parent = batch.end;
    onRange(parent.number);
  }
  if (parent.hash !== end.hash)
    throw new RetryableError("chain", "the chain changed while it was being read");
  const { rows } = await database.query<{ block_time: string }>("select block_time from chain.checkpoint");
  input.findings.compare("checkpoint", String(end.number), "block_time", rows[0]?.block_time, parent.time);
}

async function compareTable(
  database: pg.ClientBase,
  table: TableName,
  facts: Facts,
  after: Header,
  batch: Batch,
  findings: Findings,
): Promise<void> {
  const names = columnsOf(table).map(([name]) => name);
  const { rows } = await database.query<(string | null)[]>({
    rowMode: "array",
    text: `select ${names.map((name) => `${name}::text`).join(", ")} from chain.${table}
           where block_number > $1 and block_number <= $2`,
    values: [after.number, batch.end.number],
  });
  const expected = new Map(facts[table].map((row) => keyed(table, toTexts(table, row))));
  for (const [id, mirrored] of rows.map((row) => keyed(table, row))) {
    const computed = expected.get(id);
    expected.delete(id);
    if (computed === undefined) findings.compare(table, id, "row", "present", null);
    else
      names.forEach((name, index) => {
        findings.compare(table, id, name, readable(mirrored[index]), readable(computed[index]));
      });
  }
  for (const id of expected.keys()) findings.compare(table, id, "row", null, "present");
}

function keyed(table: TableName, texts: (string | null)[]): [id: string, texts: (string | null)[]] {
  const names = columnsOf(table).map(([name]) => name);
  return [tables[table].key.map((name) => readable(texts[names.indexOf(name)])).join(" "), texts];
}

/** Bytes as everybody writes them. */
function readable(text: string | null | undefined): string | null {
  return text?.replaceAll(/\\+x/g, "0x") ?? null;
}

/** Headers asked for at once. */
const CHUNK = 100;

/** Every stored header after `after` up to `end`, also of blocks without logs: a fork would be searched for among them. */
async function compareHeaders(
  { database, node, findings }: JournalInput,
  after: bigint,
  end: Header,
): Promise<void> {
  const { rows } = await database.query<{ number: string; hash: string; parent_hash: string; time: string }>(
    `select number, chain.hex(hash) as hash, chain.hex(parent_hash) as parent_hash, time
     from chain.block where number > $1 and number <= $2 order by number`,
    [after, end.number],
  );
  findings.compare("block", String(end.number), "row", rows.at(-1)?.number, end.number);
  for (let start = 0; start < rows.length; start += CHUNK) {
    const stored = rows.slice(start, start + CHUNK);
    const headers = await node.headers(stored.map(({ number }) => BigInt(number)));
    stored.forEach(({ number, hash, parent_hash, time }, index) => {
      findings.compare("block", number, "hash", hash, headers[index]?.hash);
      findings.compare("block", number, "parent_hash", parent_hash, headers[index]?.parentHash);
      findings.compare("block", number, "time", time, headers[index]?.time);
    });
  }
}
