import { expect } from "chai";
import { connectOwner } from "../../platform/database.ts";
import { migrate, rollback } from "../../platform/migrate.ts";
import { chainRoom, deskRoom } from "../../scripts/local/rooms.ts";
import { freshDatabase } from "../support/postgres.ts";

/** Everything in a schema that a migration can leave behind, but for the version table. */
const OBJECTS = `
  select 'relation ' || c.relkind::text || ' ' || c.relname as object from pg_class c
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname !~ '^migration'
  union all select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
    from information_schema.columns where table_schema = $1 and table_name <> 'migration'
  union all select 'function ' || p.oid::regprocedure::text from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1
  union all select 'domain ' || t.typname from pg_type t
    join pg_namespace n on n.oid = t.typnamespace where n.nspname = $1 and t.typtype = 'd'
  union all select 'grant ' || table_name || ' ' || grantee || ' ' || privilege_type
    from information_schema.role_table_grants where table_schema = $1 and grantee ~ '^ahadi_'
  order by 1`;

describe("the project's own migrations", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  async function objects(schema: string): Promise<string[]> {
    const client = await connectOwner(database.url);
    const { rows } = await client.query<{ object: string }>(OBJECTS, [schema]);
    await client.end();
    return rows.map(({ object }) => object).filter((object) => !object.startsWith("grant migration"));
  }

  it("go up, down to nothing, and up to the same again", async () => {
    await migrate(database.url, chainRoom);
    await migrate(database.url, deskRoom);
    const before = { chain: await objects("chain"), desk: await objects("desk") };
    expect(before.chain).to.include("relation r loan");
    expect(before.desk).to.include("relation r terms_document");

    await rollback(database.url, deskRoom, 0);
    await rollback(database.url, chainRoom, 0);
    expect({ chain: await objects("chain"), desk: await objects("desk") }).to.deep.equal({
      chain: [],
      desk: [],
    });

    await migrate(database.url, chainRoom);
    await migrate(database.url, deskRoom);
    expect({ chain: await objects("chain"), desk: await objects("desk") }).to.deep.equal(before);
  });
});
