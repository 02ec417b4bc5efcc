import { z } from "zod";
import { defineRoute } from "../../route.ts";
import { documentBody } from "./schema.ts";

export const openapiRoutes = [
  defineRoute({
    method: "get",
    path: "/openapi.json",
    operationId: "getOpenApi",
    tag: "operations",
    summary: "This API as an OpenAPI document",
    params: z.strictObject({}),
    query: z.strictObject({}),
    answers: {
      200: {
        description: "Generated from the same registry as the routes.",
        schema: documentBody,
        example: { openapi: "3.1.0", info: { title: "Ahadi", version: "1" }, paths: {} },
      },
    },
    problems: [],
    handle: (_input, context) => ({ status: 200, body: documentBody.parse(context.document()) }),
  }),
];
