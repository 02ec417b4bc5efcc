import { z } from "zod";

/**
 * The closed list of what can go wrong over HTTP (RFC 9457). A code never changes its meaning or its status;
 * the OpenAPI document and the tests are generated from this table.
 */
export const problemCodes = {
  malformed_request: { status: 400, title: "The request cannot be read" },
  malformed_json: { status: 400, title: "The body is not JSON" },
  route_not_found: { status: 404, title: "There is nothing at this address" },
  loan_not_found: { status: 404, title: "No loan has this id" },
  pool_not_found: { status: 404, title: "No pool has this address" },
  terms_not_found: { status: 404, title: "The terms document of this loan was never handed in" },
  method_not_allowed: { status: 405, title: "This address does not answer to this method" },
  body_too_large: { status: 413, title: "The body is larger than this route accepts" },
  unsupported_media_type: { status: 415, title: "The body has a media type that this route does not accept" },
  invalid_request: { status: 422, title: "A value in the request is not valid" },
  terms_hash_mismatch: { status: 422, title: "The document is not the one that was signed" },
  internal_error: { status: 500, title: "Something broke on our side" },
  not_ready: { status: 503, title: "The mirror is behind the chain" },
  database_unavailable: { status: 503, title: "The database does not answer" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemCodes;

/** Why `/readyz` says no. */
export const notReadyReasons = [
  "mirror_missing",
  "no_checkpoint",
  "indexer_behind",
  "head_not_seen",
] as const;

const fieldError = z
  .strictObject({
    in: z.enum(["path", "query", "body", "header"]),
    field: z.string(),
    message: z.string(),
  })
  .meta({
    id: "FieldError",
    description: "Which value is wrong, and what would be right.",
    example: { in: "path", field: "id", message: "must be 0x and 64 hexadecimal digits" },
  });

export const problemBody = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(fieldError).optional(),
    reason: z.enum(notReadyReasons).optional(),
    lag_blocks: z.int().nonnegative().optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details. `code` is one of a closed list." });

export type FieldError = z.infer<typeof fieldError>;
type ProblemBody = z.infer<typeof problemBody>;
type Extra = Pick<ProblemBody, "errors" | "reason" | "lag_blocks">;

/** What a handler throws to answer with a problem. `detail` is one sentence for the reader: never internals. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly extra: Extra;

  constructor(code: ProblemCode, detail: string, extra: Extra = {}) {
    super(detail);
    this.code = code;
    this.extra = extra;
  }

  get status(): number {
    return problemCodes[this.code].status;
  }

  body(requestId: string): ProblemBody {
    return describeProblem(this.code, this.message, requestId, this.extra);
  }
}

/** The wire form of a problem; also used for the examples of the OpenAPI document. */
export function describeProblem(
  code: ProblemCode,
  detail: string,
  requestId: string,
  extra: Extra = {},
): ProblemBody {
  const { status, title } = problemCodes[code];
  return { type: `urn:ahadi:problem:${code}`, title, status, code, detail, request_id: requestId, ...extra };
}

const reasonDetails: Record<(typeof notReadyReasons)[number], string> = {
  mirror_missing: "The database has not been migrated yet.",
  no_checkpoint: "The indexer has not written its first checkpoint yet.",
  indexer_behind: "The mirror is behind the head of the chain.",
  head_not_seen: "The indexer has not seen the head of the chain of late.",
};

export function notReady(reason: (typeof notReadyReasons)[number], lagBlocks?: number): Problem {
  const extra = lagBlocks === undefined ? { reason } : { reason, lag_blocks: lagBlocks };
  return new Problem("not_ready", reasonDetails[reason], extra);
}
