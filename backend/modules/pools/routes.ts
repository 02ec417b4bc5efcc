import { z } from "zod";
import { examplePool } from "../../examples.ts";
import { defineRoute, mirrorProblems } from "../../route.ts";
import { addressParam } from "../../values.ts";
import { poolListBody, poolValue } from "./schema.ts";
import { listPools, readPool } from "./service.ts";

const nothing = z.strictObject({});

export const poolRoutes = [
  defineRoute({
    method: "get",
    path: "/v1/pools",
    operationId: "listPools",
    tag: "pools",
    summary: "All lending pools",
    params: nothing,
    query: nothing,
    answers: {
      200: {
        description: "The pools, oldest first.",
        schema: poolListBody,
        example: { data: [examplePool], next_cursor: null },
      },
    },
    problems: [...mirrorProblems],
    handle: async (_input, context) => {
      const data = await listPools(context);
      return { status: 200, body: { data, next_cursor: null } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/v1/pools/{address}",
    operationId: "getPool",
    tag: "pools",
    summary: "One lending pool: its books, share price and loans",
    params: z.strictObject({ address: addressParam }),
    query: nothing,
    answers: { 200: { description: "The pool.", schema: poolValue, example: examplePool } },
    problems: ["pool_not_found", ...mirrorProblems],
    handle: async ({ params }, context) => ({ status: 200, body: await readPool(context, params.address) }),
  }),
];
