import { z } from "zod";
import { defineRoute, mirrorProblems } from "../../route.ts";
import { aliveBody, readyBody } from "./schema.ts";
import { readiness } from "./service.ts";

const noStore = { "Cache-Control": "no-store" };
const nothing = z.strictObject({});

export const healthRoutes = [
  defineRoute({
    method: "get",
    path: "/healthz",
    operationId: "getHealth",
    tag: "operations",
    summary: "Is the process alive?",
    description: "Touches nothing but the process itself; see `/readyz` for whether its answers are fresh.",
    params: nothing,
    query: nothing,
    answers: {
      200: { description: "It is.", schema: aliveBody, example: { status: "alive" } },
    },
    problems: [],
    handle: () => ({ status: 200, body: { status: "alive" as const }, headers: noStore }),
  }),
  defineRoute({
    method: "get",
    path: "/readyz",
    operationId: "getReadiness",
    tag: "operations",
    summary: "Does the mirror keep up with the chain?",
    description:
      "503 with a `reason` while the mirror was never written, is behind the head, or has not seen the head of late.",
    params: nothing,
    query: nothing,
    answers: {
      200: {
        description: "It does.",
        schema: readyBody,
        example: {
          status: "ready",
          block_number: 120,
          block_hash: `0x${"b1".repeat(32)}`,
          block_time: "2022-12-02T09:30:00.000Z",
          head_number: 120,
          lag_blocks: 0,
          head_age_seconds: 0.4,
        },
      },
    },
    problems: [...mirrorProblems],
    handle: async (_input, context) => ({ status: 200, body: await readiness(context), headers: noStore }),
  }),
];
