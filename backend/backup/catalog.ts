import type { PoolClient } from "pg";
import { escapeIdentifier } from "pg";
import { AhadiError } from "../../platform/errors.ts";

/** A table of schema desk, as the database describes it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly primaryKey: readonly string[];
  /** Columns whose numbers the database hands out: their sequences must go on after what was restored. */
  readonly identities: readonly string[];
}

interface TableRow extends Table {
  readonly references: readonly string[];
}

/** The migrations' own book is not data: the version stands in the backup's header. */
const MIGRATION_TABLE = "migration";

const readTables = `
  select t.relname as name,
         (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
            from pg_attribute a
           where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
         (select coalesce(json_agg(a.attname order by array_position(i.indkey::smallint[], a.attnum)), '[]')
            from pg_index i join pg_attribute a on a.attrelid = t.oid and a.attnum = any (i.indkey)
           where i.indrelid = t.oid and i.indisprimary) as "primaryKey",
         (select coalesce(json_agg(a.attname order by a.attnum), '[]')
            from pg_attribute a
           where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
             and pg_get_serial_sequence(format('%I.%I', n.nspname, t.relname), a.attname) is not null) as identities,
         (select coalesce(json_agg(distinct r.relname), '[]')
            from pg_constraint k join pg_class r on r.oid = k.confrelid
           where k.conrelid = t.oid and k.contype = 'f' and k.confrelid <> t.oid) as "references"
    from pg_class t join pg_namespace n on n.oid = t.relnamespace
   where n.nspname = 'desk' and t.relkind in ('r', 'p') and not t.relispartition and t.relname <> $1
   order by t.relname collate "C"`;

/** What is referred to comes before what refers to it; otherwise by name. */
function inOrderOfReference(tables: TableRow[]): TableRow[] {
  const ordered: TableRow[] = [];
  const left = new Map(tables.map((table) => [table.name, table]));
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ references }) => !references.some((name) => left.has(name)));
    if (ready.length === 0)
      throw new Error(`tables refer to each other in a circle: ${[...left.keys()].join(", ")}`);
    for (const table of ready) {
      ordered.push(table);
      left.delete(table.name);
    }
  }
  return ordered;
}

/** Every table of schema desk, in an order in which rows can be inserted. */
export async function deskTables(client: PoolClient): Promise<Table[]> {
  const { rows } = await client.query<TableRow>(readTables, [MIGRATION_TABLE]);
  for (const { name, primaryKey } of rows) {
    if (primaryKey.length === 0)
      throw new Error(`table desk.${name} has no primary key, so its rows have no order`);
  }
  return inOrderOfReference(rows);
}

/** The desk's schema version. Throws AhadiError `desk_missing` when it was never migrated. */
export async function deskVersion(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ exists: boolean }>(
    "select to_regclass('desk.migration') is not null as exists",
  );
  if (!rows[0]?.exists) {
    throw new AhadiError("desk_missing", "the database has no schema desk", {
      hint: "start the system on it once, or check AHADI_DATABASE_URL (--database-url)",
    });
  }
  const found = await client.query<{ version: number }>(
    "select coalesce(max(version), 0) as version from desk.migration",
  );
  return found.rows[0]?.version ?? 0;
}

export function tableName(table: Pick<Table, "name">): string {
  return `desk.${escapeIdentifier(table.name)}`;
}

/** Values travel as the text that Postgres itself writes and reads: exact for every type under fixed settings. */
export async function fixTextForms(client: PoolClient): Promise<void> {
  await client.query(`
    set local timezone to 'UTC'; set local datestyle to 'ISO, YMD'; set local intervalstyle to 'postgres';
    set local bytea_output to 'hex'; set local extra_float_digits to 1`);
}
