import { expect } from "chai";
import fc from "fast-check";
import { problemBody, problemCodes } from "../../backend/problems.ts";
import { routes } from "../../backend/registry.ts";
import type { Route } from "../../backend/route.ts";
import { json, type RawAnswer, rawRequest } from "./requests.ts";
import { POOL, type Seed, seedC02 } from "./seed.ts";
import { migratedDatabase, startApi, type TestDatabase, type TestServer } from "./server.ts";

const SEED = 20_221_101;
const RUNS_PER_ROUTE = 60;

const payloads = [
  "' or 1=1 --",
  "'; drop table desk.terms_document; --",
  "0x' union select null,null --",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "{{7*7}}",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "__proto__",
  "constructor",
  "[object Object]",
  "-1",
  "1e309",
  "NaN",
  "\ud83d\udc18",
  "x".repeat(3000),
];

const documentedStatuses = (route: Route) =>
  new Set([
    ...Object.keys(route.answers).map(Number),
    304,
    ...route.problems.map((code) => problemCodes[code].status),
  ]);

describe("the API under abuse", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;
  let loanId: string;

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
    ({ seed, loanId } = await seedC02(database.url));
  });

  after(async () => {
    await seed.close();
    await server.close();
    await database.drop();
  });

  const filled = (route: Route) => route.path.replace("{id}", loanId).replace("{address}", POOL);

  function checkHeaders(what: string, { headers, status }: RawAnswer): void {
    expect(headers["content-security-policy"], what).to.equal("default-src 'none'; frame-ancestors 'none'");
    expect(headers["x-content-type-options"], what).to.equal("nosniff");
    expect(headers["referrer-policy"], what).to.equal("no-referrer");
    expect(headers["x-frame-options"], what).to.equal("DENY");
    expect(headers["request-id"], what).to.match(/^[\w.-]{8,64}$/);
    expect(headers, what).to.not.have.property("x-powered-by");
    if (status !== 204 && status !== 304)
      expect(headers["content-type"], what).to.match(/json; charset=utf-8$/);
  }

  function checkAnswer(route: Route, what: string, answer: RawAnswer): void {
    checkHeaders(what, answer);
    expect(answer.text, what).to.not.match(/node_modules|\.ts\b|at \w+ \(/);
    if (answer.status === 304) return;
    const schema = route.answers[answer.status]?.schema ?? problemBody;
    const parsed = schema.safeParse(JSON.parse(answer.text));
    expect(parsed.success, `${what}: ${parsed.error}`).to.equal(true);
  }

  const text = fc.oneof(
    fc.constantFrom(...payloads),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.webSegment(),
  );
  const headerText = fc.stringMatching(/^[\x21-\x7e]{0,60}$/);
  const body = fc.oneof(
    fc.json().map((value) => Buffer.from(value)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(Buffer.from('{"__proto__":{"admin":true}}'), Buffer.from("[".repeat(20_000))),
  );

  for (const route of routes) {
    it(`${route.operationId} answers only what it documents, whatever it is sent`, async () => {
      const names = [...Object.keys(route.query.shape), "limit", "x"];
      const known = fc.constantFrom(loanId, POOL, `0x${"0".repeat(64)}`);
      const request = fc.record({
        parameter: fc.oneof(known, text),
        query: fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), text), text), { maxLength: 3 }),
        ifNoneMatch: headerText,
        requestId: headerText,
        body,
      });
      await fc.assert(
        fc.asyncProperty(request, async (sent) => {
          const segment = encodeURIComponent(sent.parameter.toWellFormed());
          const query = new URLSearchParams();
          for (const [name, value] of sent.query) query.append(name.toWellFormed(), value.toWellFormed());
          const path = `${route.path.replace(/\{\w+\}/, segment)}${query.size > 0 ? `?${query}` : ""}`;
          const answer = await rawRequest(server.url, path, {
            method: route.method.toUpperCase(),
            headers: { ...json, "If-None-Match": sent.ifNoneMatch, "Request-Id": sent.requestId },
            ...(route.body ? { body: sent.body } : {}),
          });
          const allowed = documentedStatuses(route);
          // An empty or dotted parameter makes another path.
          if (segment === "" || /^\.+$/.test(segment)) allowed.add(404).add(405);
          expect([...allowed], `${path} ${answer.text.slice(0, 300)}`).to.include(answer.status);
          expect(answer.status, path).to.be.lessThan(500);
          checkAnswer(route, path, answer);
        }),
        { seed: SEED, numRuns: RUNS_PER_ROUTE },
      );
    });
  }

  it("has lost nothing to all of that", async () => {
    const { rows } = await seed.client.query(
      "select (select count(*) from chain.loan) as loans, (select count(*) from desk.terms_document) as documents",
    );
    expect(rows).to.deep.equal([{ loans: "1", documents: "0" }]);
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
    expect("admin" in {}).to.equal(false);
  });

  it("refuses every method that an address does not have, and says which it has", async () => {
    for (const path of new Set(routes.map(filled))) {
      const declared = routes
        .filter((route) => filled(route) === path)
        .map(({ method }) => method.toUpperCase());
      const allow = [
        ...declared.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])),
        "OPTIONS",
      ];
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]) {
        if (declared.includes(method)) continue;
        const answer = await rawRequest(server.url, path, { method });
        expect(answer.status, `${method} ${path}`).to.equal(405);
        expect(answer.headers.allow, path).to.equal(allow.join(", "));
        expect(problemBody.parse(JSON.parse(answer.text)).code).to.equal("method_not_allowed");
        checkHeaders(`${method} ${path}`, answer);
      }
      const options = await rawRequest(server.url, path, { method: "OPTIONS" });
      expect([options.status, options.headers.allow], path).to.deep.equal([204, allow.join(", ")]);
    }
  });

  it("answers HEAD as GET, without the body", async () => {
    for (const route of routes.filter(({ method }) => method === "get")) {
      const path = filled(route);
      const [get, head] = [
        await rawRequest(server.url, path),
        await rawRequest(server.url, path, { method: "HEAD" }),
      ];
      expect([head.status, head.text], path).to.deep.equal([get.status, ""]);
      expect(head.headers["content-type"], path).to.equal(get.headers["content-type"]);
      if (route.operationId !== "getReadiness")
        expect(head.headers["content-length"], path).to.equal(get.headers["content-length"]);
      checkHeaders(path, head);
    }
  });

  it("answers everything below /v1 that does not exist with a problem", async () => {
    for (const path of [
      "/v1",
      "/v1/",
      "/v1/nope",
      "/v1/loans/",
      "/v1/Loans",
      `/v1/loans/${loanId}/terms/x`,
      "/v1/loans//",
    ]) {
      const answer = await rawRequest(server.url, path);
      expect(answer.status, path).to.equal(404);
      expect(problemBody.parse(JSON.parse(answer.text)).code, path).to.equal("route_not_found");
      checkHeaders(path, answer);
    }
  });

  it("takes a harmless request id over and replaces any other", async () => {
    const ask = async (id: string) =>
      (await rawRequest(server.url, "/healthz", { headers: { "Request-Id": id } })).headers;
    expect((await ask("order-2022.11_01"))["request-id"]).to.equal("order-2022.11_01");
    for (const id of ["short", "a b c d e f g h", "<script>alert(1)</script>", "x".repeat(65)]) {
      expect((await ask(id))["request-id"], id).to.match(/^[0-9a-f-]{36}$/);
    }
    const problem = await rawRequest(server.url, "/v1/nope", { headers: { "Request-Id": "trace-0001" } });
    expect(problemBody.parse(JSON.parse(problem.text)).request_id).to.equal("trace-0001");
  });

  it("reads no body beyond its limit, announced or not", async () => {
    const path = `/v1/loans/${loanId}/terms`;
    const large = Buffer.from(`{"a":"${"x".repeat(200_000)}"}`);
    const announced = await rawRequest(server.url, path, { method: "PUT", headers: json, body: large });
    expect([announced.status, announced.headers.connection]).to.deep.equal([413, "close"]);
    const chunks = new ReadableStream({
      start(controller) {
        for (let at = 0; at < large.length; at += 20_000) controller.enqueue(large.subarray(at, at + 20_000));
        controller.close();
      },
    });
    const init = { method: "PUT", headers: json, body: chunks, duplex: "half" } as RequestInit;
    const streamed = await fetch(server.url + path, init).then(
      ({ status }) => status,
      () => "closed",
    );
    expect([413, "closed"]).to.include(streamed);
  });

  it("refuses compressed bodies instead of unpacking them", async () => {
    const headers = { ...json, "Content-Encoding": "gzip" };
    const answer = await rawRequest(server.url, `/v1/loans/${loanId}/terms`, {
      method: "PUT",
      headers,
      body: "{}",
    });
    expect(answer.status).to.equal(415);
  });
});
