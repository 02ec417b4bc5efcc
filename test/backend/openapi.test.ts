import { expect } from "chai";
import type { Router } from "express";
import type { Pool } from "pg";
import { createApi } from "../../backend/app.ts";
import { buildDocument } from "../../backend/modules/openapi/service.ts";
import { problemBody, problemCodes } from "../../backend/problems.ts";
import { routes } from "../../backend/registry.ts";

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean }[];
  responses: Record<string, { content?: Record<string, { examples?: Record<string, { value: unknown }> }> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

const document = buildDocument(routes) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** What express itself would match. */
function routerPaths(router: Router): string[] {
  return router.stack.flatMap(({ route }) =>
    (route?.stack ?? [])
      .filter(({ method }) => method !== undefined)
      .map(({ method }) => `${method} ${route?.path.replaceAll(/:(\w+)/g, "{$1}")}`),
  );
}

describe("GET /openapi.json", () => {
  it("lists exactly the routes that the router has", () => {
    const inRouter = routerPaths(createApi({ pool: {} as Pool }));
    expect(inRouter.toSorted()).to.deep.equal(
      operations.map(({ method, path }) => `${method} ${path}`).toSorted(),
    );
    expect(inRouter).to.have.length(routes.length);
  });

  it("gives each operation a name of its own", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).to.equal(names.length);
  });

  it("names every parameter of a path, as required", () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(
        declared.map(({ name }) => name),
        path,
      ).to.deep.equal(inPath);
      expect(
        declared.every(({ required }) => required),
        path,
      ).to.equal(true);
    }
  });

  it("refers only to schemas that it holds", () => {
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    const missing = [...refs]
      .map(([, name = ""]) => name)
      .filter((name) => !(name in document.components.schemas));
    expect(missing).to.deep.equal([]);
  });

  it("shows examples that its own schemas accept", () => {
    for (const route of routes) {
      for (const [status, { schema, example }] of Object.entries(route.answers)) {
        const parsed = schema.safeParse(example);
        expect(parsed.success, `${route.operationId} ${status}: ${parsed.error}`).to.equal(true);
      }
      if (route.body)
        expect(route.body.schema.safeParse(route.body.example).success, route.operationId).to.equal(true);
    }
    for (const { operation } of operations) {
      for (const { content } of Object.values(operation.responses)) {
        for (const { value } of Object.values(content?.["application/problem+json"]?.examples ?? {}))
          problemBody.parse(value);
      }
    }
  });

  it("explains every problem code somewhere, and each with the status of the list", () => {
    const shown = new Set(
      operations.flatMap(({ operation }) =>
        Object.entries(operation.responses).flatMap(([status, { content }]) =>
          Object.keys(content?.["application/problem+json"]?.examples ?? {}).map(
            (code) => `${code} ${status}`,
          ),
        ),
      ),
    );
    const general = new Set(["route_not_found", "method_not_allowed"]);
    const expected = Object.entries(problemCodes).filter(([code]) => !general.has(code));
    expect([...shown].toSorted()).to.deep.equal(
      expected.map(([code, { status }]) => `${code} ${status}`).toSorted(),
    );
  });

  it("is an OpenAPI 3.1 document", () => {
    expect(document.openapi).to.equal("3.1.0");
  });
});
