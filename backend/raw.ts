import type { QueryConfig, QueryResult } from "pg";
import type { z } from "zod";

declare const unparsed: unique symbol;

/**
 * A row as the database gave it. The type says what it should become and lets nobody read it: only `parseRaw` opens it,
 * so a value that no schema has seen cannot reach a service (it does not compile).
 */
export interface Raw<T> {
  readonly [unparsed]: T;
}

/** Anything that can answer a query: a pool, or one client inside a transaction. */
export interface Queryable {
  query(config: QueryConfig): Promise<QueryResult>;
}

/** One SQL text; with a name it is prepared once per connection (the hot reads). */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

/** Opens a raw value. Throws ZodError: the mirror then holds what the code does not understand, which is a fault of ours. */
export function parseRaw<S extends z.ZodType>(schema: S, value: Raw<z.output<S>>): z.output<S> {
  return schema.parse(value);
}

/** Runs a statement; the rows stay closed until a schema has parsed them. */
export async function query<T>(
  on: Queryable,
  statement: Statement,
  values: unknown[] = [],
): Promise<Raw<T>[]> {
  const result = await on.query({ ...statement, values });
  return result.rows;
}
