import type pg from "pg";
import { columnsOf, type Facts, type TableName, tableNames, toTexts } from "../project/tables.ts";

/** Keeps one statement's parameters to a few megabytes. */
const MOST_ROWS = 5_000;

/** One statement per table: a round trip costs more than a row. All values travel as text, which every type can read. */
export async function insertFacts(client: pg.ClientBase, facts: Facts): Promise<void> {
  for (const table of tableNames) {
    const rows = facts[table].map((row) => toTexts(table, row));
    for (let start = 0; start < rows.length; start += MOST_ROWS) {
      await insertRows(client, table, rows.slice(start, start + MOST_ROWS));
    }
  }
}

async function insertRows(client: pg.ClientBase, table: TableName, rows: (string | null)[][]): Promise<void> {
  const columns = columnsOf(table);
  const names = columns.map(([name]) => name);
  const casts = columns.map(([name, kind]) => `${name}::${kind}`);
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`);
  await client.query(
    `insert into chain.${table} (${names.join(", ")})
     select ${casts.join(", ")} from unnest(${arrays.join(", ")}) as row (${names.join(", ")})`,
    columns.map((_, index) => rows.map((row) => row[index])),
  );
}
