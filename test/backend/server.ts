import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Pool } from "pg";
import { createApi } from "../../backend/app.ts";
import { deskRoom } from "../../backend/desk.ts";
import { connectOwner, openPool } from "../../platform/database.ts";
import { migrate } from "../../platform/migrate.ts";
import { freshDatabase } from "../support/postgres.ts";

export const chainRoom = {
  schema: "chain",
  directory: new URL("../../indexer/migrations/", import.meta.url),
} as const;

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database of its own with both schemas. */
export async function migratedDatabase(): Promise<TestDatabase> {
  const database = await freshDatabase();
  await migrate(database.url, chainRoom);
  await migrate(database.url, deskRoom);
  return database;
}

/** Takes every row out again: quicker than another database. */
export async function emptyDatabase({ url }: TestDatabase): Promise<void> {
  const client = await connectOwner(url, "test");
  await client.query("truncate chain.block, chain.mirror, chain.checkpoint, desk.terms_document cascade");
  await client.end();
}

export interface TestServer {
  url: string;
  pool: Pool;
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export function listen(app: express.Express): Promise<{ url: string; server: Server }> {
  const server = createServer(app);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server });
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** The API over a database, on a free port, as the composition root mounts it. */
export async function startApi(databaseUrl: string): Promise<TestServer> {
  const pool = openPool(databaseUrl, { role: "ahadi_backend", applicationName: "test api", max: 4 });
  const app = express();
  app.use(createApi({ pool }));
  const { url, server } = await listen(app);
  return {
    url,
    pool,
    get: (path, init) => fetch(url + path, init),
    close: async () => {
      await closeServer(server);
      await pool.end();
    },
  };
}
