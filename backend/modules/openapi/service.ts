import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
  type RouteConfig,
} from "@asteasolutions/zod-to-openapi";
import { describeProblem, type ProblemCode, problemBody, problemCodes } from "../../problems.ts";
import type { Route } from "../../route.ts";

const exampleRequestId = "6d1f0c1e-8a0b-4f0e-9a53-0d5f6f1b2c3d";

const commonHeaders = {
  "Request-Id": { description: "Name it when you report a problem.", schema: { type: "string" as const } },
};

function problemResponse(codes: readonly ProblemCode[]): ResponseConfig {
  const examples = Object.fromEntries(
    codes.map((code) => [code, { value: describeProblem(code, problemCodes[code].title, exampleRequestId) }]),
  );
  return {
    description: codes.map((code) => `\`${code}\`: ${problemCodes[code].title}.`).join(" "),
    headers: commonHeaders,
    content: { "application/problem+json": { schema: problemBody, examples } },
  };
}

function responses(route: Route): RouteConfig["responses"] {
  const byStatus = Map.groupBy(route.problems, (code) => problemCodes[code].status);
  const all: RouteConfig["responses"] = {};
  for (const [status, { description, schema, example }] of Object.entries(route.answers)) {
    all[status] = {
      description,
      headers: commonHeaders,
      content: { "application/json": { schema, example } },
    };
  }
  if (route.method === "get")
    all[304] = { description: "The copy named in `If-None-Match` is still right.", headers: commonHeaders };
  for (const [status, codes] of byStatus) all[status] = problemResponse(codes);
  return all;
}

function operation(route: Route): RouteConfig {
  const { body, description } = route;
  return {
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(description === undefined ? {} : { description }),
    request: {
      params: route.params,
      query: route.query,
      ...(body && {
        body: {
          required: true,
          description: body.description,
          content: { "application/json": { schema: body.schema, example: body.example } },
        },
      }),
    },
    responses: responses(route),
  };
}

/** The OpenAPI document of the registry: no path exists in one and not in the other. */
export function buildDocument(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  for (const route of routes) registry.registerPath(operation(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Ahadi",
      version: "1",
      description:
        "Microloans on an EVM chain, as the mirror knows them. Amounts are whole numbers of minor units as strings; each group of figures from the chain names the log that proves it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "loans", description: "Agreements, schedules and payments." },
      { name: "pools", description: "The capital that lends." },
      { name: "operations", description: "Health and this document." },
    ],
  });
}
