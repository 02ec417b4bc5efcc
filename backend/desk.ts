import type { Room } from "../platform/migrate.ts";

/** Where the desk's migrations are: `migrate(databaseUrl, deskRoom)`. They refer to the mirror's, which come first. */
export const deskRoom: Room = { schema: "desk", directory: new URL("./migrations/", import.meta.url) };
