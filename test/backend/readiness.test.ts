import { expect } from "chai";
import express from "express";
import { createApi } from "../../backend/app.ts";
import { openPool } from "../../platform/database.ts";
import { Seed } from "./seed.ts";
import {
  closeServer,
  listen,
  migratedDatabase,
  startApi,
  type TestDatabase,
  type TestServer,
} from "./server.ts";

describe("GET /readyz", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;

  const ask = async (url = server.url) => {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const set = (assignments: string) => seed.client.query(`update chain.checkpoint set ${assignments}`);

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
    seed = await new Seed(database.url).open();
    await seed.institution();
  });

  beforeEach(() => set("head_number = block_number, head_seen_at = now()"));

  after(async () => {
    await seed.close();
    await server.close();
    await database.drop();
  });

  it("says no when the mirror is more blocks behind than allowed, and by how many", async () => {
    await set("head_number = block_number + 6");
    const { status, body } = await ask();
    expect(status).to.equal(503);
    expect(body).to.include({ code: "not_ready", reason: "indexer_behind", lag_blocks: 6 });
  });

  it("says no when the head was not seen for more than 15 seconds", async () => {
    await set("head_seen_at = now() - interval '16 seconds'");
    expect((await ask()).body).to.include({ code: "not_ready", reason: "head_not_seen", lag_blocks: 0 });
    await set("head_seen_at = now() - interval '13 seconds'");
    expect((await ask()).status).to.equal(200);
  });

  it("says yes up to the allowed lag", async () => {
    await set("head_number = block_number + 5");
    expect((await ask()).body).to.include({ status: "ready", lag_blocks: 5 });
  });

  it("takes its limits from whoever runs it", async () => {
    await set("head_number = block_number + 1, head_seen_at = now() - interval '4 seconds'");
    const pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test", max: 1 });
    const app = express();
    app.use("/strict", createApi({ pool, maxLagBlocks: 0 }));
    app.use("/hasty", createApi({ pool, maxHeadAgeS: 3 }));
    const { url, server: own } = await listen(app);
    expect((await ask(`${url}/strict`)).body).to.include({ reason: "indexer_behind" });
    expect((await ask(`${url}/hasty`)).body).to.include({ reason: "head_not_seen" });
    await closeServer(own);
    await pool.end();
  });

  it("is ready when the mirror is ahead of the last head that was noted, as during a reorg", async () => {
    await set("head_number = block_number - 1");
    expect((await ask()).body).to.include({ status: "ready", lag_blocks: 0 });
  });

  it("is never kept by a cache", async () => {
    const response = await server.get("/readyz");
    expect(response.headers.get("cache-control")).to.equal("no-store");
  });

  it("leaves health to itself: the process is alive however far the mirror is", async () => {
    await set("head_number = block_number + 1000");
    expect((await server.get("/healthz")).status).to.equal(200);
  });
});
