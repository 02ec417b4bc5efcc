import type { Room } from "../../platform/migrate.ts";

/** The two schemas and the files that make them. The desk's refer to the mirror's, so the mirror comes first. */
export const chainRoom: Room = {
  schema: "chain",
  directory: new URL("../../indexer/migrations/", import.meta.url),
};
export const deskRoom: Room = {
  schema: "desk",
  directory: new URL("../../backend/migrations/", import.meta.url),
};
