import type { PoolClient } from "pg";
import { escapeIdentifier } from "pg";
import { type Table, tableName } from "./catalog.ts";

/** A row as the backup keeps it: each column as Postgres's own text, null for null. */
export type TextRow = readonly (string | null)[];

const BATCH_ROWS = 500;

/**
 * The rows of a table by primary key. Text is compared byte by byte (collate "C"), so that two machines with different
 * locales write the same file. Read through a cursor: a table does not have to fit into memory.
 */
export async function* readRows(client: PoolClient, table: Table): AsyncGenerator<TextRow> {
  const columns = table.columns.map(({ name }) => `${escapeIdentifier(name)}::text`).join(", ");
  const textual = /^(text|character|citext|name)/;
  const order = table.primaryKey.map((name) => {
    const type = table.columns.find((column) => column.name === name)?.type ?? "";
    return textual.test(type) ? `${escapeIdentifier(name)} collate "C"` : escapeIdentifier(name);
  });
  await client.query(
    `declare backup_rows no scroll cursor for select ${columns} from ${tableName(table)} order by ${order.join(", ")}`,
  );
  for (;;) {
    const { rows } = await client.query<string[]>({
      text: `fetch ${BATCH_ROWS} from backup_rows`,
      rowMode: "array",
    });
    yield* rows;
    if (rows.length < BATCH_ROWS) break;
  }
  await client.query("close backup_rows");
}

/** Puts rows in, numbers that the database would hand out included. */
export function rowWriter(client: PoolClient, table: Table, columns: readonly string[]) {
  const names = columns.map(escapeIdentifier).join(", ");
  const values = columns.map((name, at) => {
    const type = table.columns.find((column) => column.name === name)?.type ?? "text";
    return `$${at + 1}::text::${type}`;
  });
  const text = `insert into ${tableName(table)} (${names}) overriding system value values (${values.join(", ")})`;
  return async (row: TextRow): Promise<void> => {
    await client.query({ name: `restore_${table.name}`, text, values: [...row] });
  };
}

/** Lets the sequences of a table go on after its highest numbers. */
export async function advanceSequences(client: PoolClient, table: Table): Promise<void> {
  for (const column of table.identities) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), (select max(${escapeIdentifier(column)}) from ${tableName(table)}))`,
      [tableName(table), column],
    );
  }
}

export async function isEmpty(client: PoolClient, table: Table): Promise<boolean> {
  const { rows } = await client.query<{ some: boolean }>(
    `select exists (select from ${tableName(table)}) as some`,
  );
  return rows[0]?.some !== true;
}
