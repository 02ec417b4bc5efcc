import { z } from "zod";
import { exampleLoan, exampleSummary } from "../../examples.ts";
import { defineRoute, mirrorProblems } from "../../route.ts";
import { addressParam, loanIdParam } from "../../values.ts";
import { loanBody, loanListBody, loanStates } from "./schema.ts";
import { listLoans, readLoan } from "./service.ts";

const MAX_PAGE = 100;

const DEFAULT_PAGE = 20;

const limitRange = `must be a whole number from 1 to ${MAX_PAGE}`;

const limitParam = z
  .string()
  .regex(/^[0-9]{1,9}$/, limitRange)
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= MAX_PAGE, limitRange)
  .default(DEFAULT_PAGE)
  .meta({
    description: "Loans on a page.",
    ...{ type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, example: DEFAULT_PAGE },
  });

const listQuery = z.strictObject({
  limit: limitParam,
  cursor: z
    .string()
    .max(200, "must be the next_cursor of an earlier answer")
    .optional()
    .meta({ description: "`next_cursor` of the page before.", example: "WzExOCw0XQ" }),
  state: z
    .enum(loanStates, `must be one of ${loanStates.join(", ")}`)
    .optional()
    .meta({ description: "Only loans in this state.", example: "active" }),
  borrower: addressParam.optional(),
});

/** The same question for the next page, for the `Link` header (RFC 8288). */
function nextLink(query: z.output<typeof listQuery>, cursor: string): string {
  const next = new URLSearchParams({ limit: String(query.limit) });
  if (query.state !== undefined) next.set("state", query.state);
  if (query.borrower !== undefined) next.set("borrower", query.borrower);
  next.set("cursor", cursor);
  return `</v1/loans?${next}>; rel="next"`;
}

export const loanRoutes = [
  defineRoute({
    method: "get",
    path: "/v1/loans",
    operationId: "listLoans",
    tag: "loans",
    summary: "All loans, newest first",
    description: "Pages by cursor. The `Link` header names the next page.",
    params: z.strictObject({}),
    query: listQuery,
    answers: {
      200: {
        description: "A page of loans.",
        schema: loanListBody,
        example: { data: [exampleSummary], next_cursor: "WzExOCw0XQ" },
      },
    },
    problems: [...mirrorProblems],
    handle: async ({ query }, context) => {
      const body = await listLoans(context, query, query.cursor, query.limit);
      if (body.next_cursor === null) return { status: 200, body };
      return { status: 200, body, headers: { Link: nextLink(query, body.next_cursor) } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/v1/loans/{id}",
    operationId: "getLoan",
    tag: "loans",
    summary: "One loan: terms, schedule, payments, and what is owed today",
    description: "Each group of figures that stands on the chain carries the log it came from.",
    params: z.strictObject({ id: loanIdParam }),
    query: z.strictObject({}),
    answers: { 200: { description: "The loan.", schema: loanBody, example: exampleLoan } },
    problems: ["loan_not_found", ...mirrorProblems],
    handle: async ({ params: { id } }, context) => ({ status: 200, body: await readLoan(context, id) }),
  }),
];
