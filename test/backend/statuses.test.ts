import { expect } from "chai";
import express from "express";
import type { Pool } from "pg";
import { createApi } from "../../backend/app.ts";
import { type ProblemCode, problemBody, problemCodes } from "../../backend/problems.ts";
import { routes } from "../../backend/registry.ts";
import type { Route } from "../../backend/route.ts";
import { openPool } from "../../platform/database.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { freshDatabase } from "../support/postgres.ts";
import { json, type RawAnswer, rawRequest } from "./requests.ts";
import { c02Agreement, POOL, Seed, seedC02 } from "./seed.ts";
import { closeServer, listen, migratedDatabase, startApi, type TestDatabase } from "./server.ts";

const UNKNOWN_ID = `0x${"0".repeat(64)}`;
const UNKNOWN_ADDRESS = `0x${"0".repeat(40)}`;

/** A way to provoke one answer of one route. `on`: which server is asked. */
interface Case {
  route: string;
  expect: number | ProblemCode;
  on?: "healthy" | "empty" | "away" | "unmigrated" | "broken";
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

const notModified = { "If-None-Match": "*" };

function casesFor(loanId: string, otherId: string, canonical: string): Case[] {
  const targets: Record<
    string,
    { path: string; method?: string; body?: string; headers?: Record<string, string> }
  > = {
    listLoans: { path: "/v1/loans" },
    getLoan: { path: `/v1/loans/${loanId}` },
    getTerms: { path: `/v1/loans/${loanId}/terms` },
    putTerms: { path: `/v1/loans/${loanId}/terms`, method: "PUT", body: canonical, headers: json },
    listPools: { path: "/v1/pools" },
    getPool: { path: `/v1/pools/${POOL}` },
    getHealth: { path: "/healthz" },
    getReadiness: { path: "/readyz" },
    getOpenApi: { path: "/openapi.json" },
  };
  const put = targets.putTerms;
  const cases: Case[] = [
    // In this order: handing in is what makes reading work.
    { route: "getTerms", expect: "terms_not_found", path: `/v1/loans/${loanId}/terms` },
    { route: "putTerms", expect: 201, path: "", ...put },
    { route: "putTerms", expect: 200, path: "", ...put },
    { route: "putTerms", expect: "terms_hash_mismatch", path: "", ...put, body: '{"principal":"1"}' },
    { route: "putTerms", expect: "malformed_json", path: "", ...put, body: "{" },
    { route: "putTerms", expect: "body_too_large", path: "", ...put, body: `{"a":"${"x".repeat(70_000)}"}` },
    {
      route: "putTerms",
      expect: "unsupported_media_type",
      path: "",
      ...put,
      headers: { "Content-Type": "text/plain" },
    },
    { route: "putTerms", expect: "loan_not_found", ...put, path: `/v1/loans/${UNKNOWN_ID}/terms` },
    { route: "getTerms", expect: "loan_not_found", path: `/v1/loans/${UNKNOWN_ID}/terms` },
    { route: "getLoan", expect: "loan_not_found", path: `/v1/loans/${UNKNOWN_ID}` },
    { route: "getPool", expect: "pool_not_found", path: `/v1/pools/${UNKNOWN_ADDRESS}` },
    { route: "getTerms", expect: "terms_not_found", path: `/v1/loans/${otherId}/terms` },
  ];
  for (const route of routes) {
    const { operationId } = route;
    const target = { path: "", ...targets[operationId] };
    if (route.method === "get") {
      cases.push({ route: operationId, expect: 200, ...target });
      cases.push({ route: operationId, expect: 304, ...target, headers: notModified });
    }
    cases.push({
      route: operationId,
      expect: "invalid_request",
      ...target,
      path: `${target.path}?nonsense=1`,
    });
    if (route.path.includes("{")) {
      const path = target.path.replace(/0x[0-9a-fA-F]+/, "%E0%A4%A");
      cases.push({ route: operationId, expect: "malformed_request", ...target, path });
    }
    const touchesDatabase = route.problems.includes("database_unavailable");
    if (touchesDatabase) {
      cases.push({ route: operationId, expect: "database_unavailable", on: "away", ...target });
      cases.push({ route: operationId, expect: "internal_error", on: "broken", ...target });
      cases.push({ route: operationId, expect: "not_ready", on: "unmigrated", ...target });
    }
  }
  return cases;
}

/** A pool that fails the way only a mistake of ours does. */
const brokenPool = {
  query: () => Promise.reject(new Error("a secret: /srv/ahadi/backend/modules/loans.ts select * from desk")),
} as unknown as Pool;

describe("every route and every status it documents", () => {
  let database: TestDatabase;
  let unmigrated: TestDatabase;
  let cases: Case[] = [];
  const servers = new Map<Case["on"], { url: string; close(): Promise<void> }>();
  const answers = new Map<string, RawAnswer>();
  const nameOf = ({ route, expect: status }: Case) => `${route} ${status}`;

  before(async () => {
    database = await migratedDatabase();
    unmigrated = await freshDatabase();
    const { seed, loanId, canonical } = await seedC02(database.url);
    const otherId = await seed.originate(c02Agreement(1).agreement);
    await seed.close();
    servers.set("healthy", await startApi(database.url));
    // The role does not exist in a cluster without migrations, but it does here: another database was migrated.
    servers.set("unmigrated", await startApi(unmigrated.url));
    const nobody = `postgres://nobody:x@127.0.0.1:${await freePort()}/nothing`;
    servers.set("away", await startApi(nobody));
    const app = express();
    app.use(createApi({ pool: brokenPool }));
    const broken = await listen(app);
    servers.set("broken", { url: broken.url, close: () => closeServer(broken.server) });
    cases = casesFor(loanId, otherId, canonical);
    for (const one of cases) {
      const url = servers.get(one.on ?? "healthy")?.url ?? "";
      answers.set(nameOf(one), await rawRequest(url, one.path, one));
    }
  });

  after(async () => {
    for (const server of servers.values()) await server.close();
    await database.drop();
    await unmigrated.drop();
  });

  it("answers with the status and the code that were provoked", () => {
    for (const one of cases) {
      const answer = answers.get(nameOf(one));
      const status = typeof one.expect === "number" ? one.expect : problemCodes[one.expect].status;
      expect(answer?.status, `${nameOf(one)}: ${answer?.text}`).to.equal(status);
      if (typeof one.expect === "string")
        expect(JSON.parse(answer?.text ?? ""), nameOf(one)).to.include({ code: one.expect });
    }
  });

  it("leaves no documented status out", () => {
    const documented = (route: Route) => [
      ...Object.keys(route.answers),
      ...(route.method === "get" ? ["304"] : []),
      ...route.problems,
    ];
    for (const route of routes) {
      const provoked = cases
        .filter((one) => one.route === route.operationId)
        .map((one) => String(one.expect));
      expect(provoked, route.operationId).to.include.members(documented(route));
    }
  });

  it("sends bodies that are what the route declares", () => {
    for (const one of cases) {
      const { status, text, headers } = answers.get(nameOf(one)) ?? { status: 0, text: "", headers: {} };
      if (status === 304) {
        expect(text).to.equal("");
        continue;
      }
      const route = routes.find(({ operationId }) => operationId === one.route);
      const schema = route?.answers[status]?.schema ?? problemBody;
      const parsed = schema.safeParse(JSON.parse(text));
      expect(parsed.success, `${nameOf(one)}: ${parsed.error}`).to.equal(true);
      const type = status < 400 ? "application/json" : "application/problem+json";
      expect(headers["content-type"], nameOf(one)).to.equal(`${type}; charset=utf-8`);
    }
  });

  it("never shows what is inside", () => {
    for (const [name, { text }] of answers) {
      expect(text, name).to.not.match(/secret|\.ts\b|node_modules|select |at \w+ \(/);
    }
  });

  it("says which field is wrong and what would be right", async () => {
    const url = servers.get("healthy")?.url ?? "";
    const wrong: [path: string, field: string][] = [
      ["/v1/loans/0x12", "id"],
      ["/v1/loans/abc/terms", "id"],
      ["/v1/pools/0x12", "address"],
      ["/v1/loans?limit=0", "limit"],
      ["/v1/loans?limit=101", "limit"],
      ["/v1/loans?limit=1e9", "limit"],
      ["/v1/loans?state=lost", "state"],
      ["/v1/loans?borrower=me", "borrower"],
      ["/v1/loans?cursor=abc", "cursor"],
      ["/v1/loans?limit=1&limit=2", "limit"],
      ["/v1/loans?__proto__=1", "__proto__"],
      ["/readyz?x=1", "x"],
    ];
    for (const [path, field] of wrong) {
      const answer = await rawRequest(url, path);
      expect(answer.status, path).to.equal(422);
      const { errors } = problemBody.parse(JSON.parse(answer.text));
      expect(errors?.[0]?.field, path).to.equal(field);
      expect(errors?.[0]?.message, path).to.match(/^(must|is) /);
    }
  });

  it("is ready again as soon as the database is", async () => {
    const healthy = await rawRequest(servers.get("healthy")?.url ?? "", "/readyz");
    expect(healthy.status).to.equal(200);
  });

  it("is not ready before the first checkpoint, on every read of the mirror", async () => {
    const empty = await migratedDatabase();
    const server = await startApi(empty.url);
    for (const path of [
      "/readyz",
      "/v1/loans",
      `/v1/loans/${UNKNOWN_ID}`,
      "/v1/pools",
      `/v1/pools/${POOL}`,
    ]) {
      const answer = await rawRequest(server.url, path);
      expect(answer.status, path).to.equal(503);
      expect(JSON.parse(answer.text), path).to.include({ code: "not_ready", reason: "no_checkpoint" });
    }
    await server.close();
    await empty.drop();
  });

  it("comes back when a database that went away returns", async () => {
    const own = await migratedDatabase();
    const seed = await new Seed(own.url).open();
    await seed.institution();
    const server = await startApi(own.url);
    expect((await server.get("/v1/loans")).status).to.equal(200);
    // Ends every connection of the server, as a restart of Postgres would.
    await seed.client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    const statuses = new Set<number>();
    for (let attempt = 0; attempt < 20; attempt++) statuses.add((await server.get("/v1/loans")).status);
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).to.deep.equal([]);
    expect((await server.get("/v1/loans")).status).to.equal(200);
    await seed.close();
    await server.close();
    await own.drop();
  });

  it("opens no more connections than its pool has", async () => {
    const pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test", max: 2 });
    const app = express();
    app.use(createApi({ pool }));
    const { url, server } = await listen(app);
    const all = await Promise.all(Array.from({ length: 40 }, () => fetch(`${url}/v1/loans`)));
    expect(all.every(({ status }) => status === 200)).to.equal(true);
    expect(pool.totalCount).to.be.at.most(2);
    await closeServer(server);
    await pool.end();
  });
});
