import type { Room } from "../../platform/migrate.ts";

export { deskRoom } from "../../backend/desk.ts";

/** The mirror's schema and the files that make it. */
export const chainRoom: Room = {
  schema: "chain",
  directory: new URL("../../indexer/migrations/", import.meta.url),
};
