import type { Pool } from "pg";
import type { z } from "zod";
import type { ProblemCode } from "./problems.ts";

/** What every handler may use. */
export interface Context {
  readonly pool: Pool;
  /** Blocks that the mirror may be behind the head before `/readyz` says no. */
  readonly maxLagBlocks: number;
  /** Seconds since the indexer last saw the head before `/readyz` says no. */
  readonly maxHeadAgeS: number;
  /** The OpenAPI document of all routes. */
  readonly document: () => object;
}

/** One documented success. */
export interface Answer {
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
}

type Answers = Readonly<Record<number, Answer>>;

/** What a handler returns: one of its documented answers, with the body that answer's schema asks for. */
export type Reply<A extends Answers> = {
  [S in keyof A & number]: {
    status: S;
    body: z.input<A[S]["schema"]>;
    headers?: Record<string, string>;
    /** Sent instead of the serialised body when the exact bytes matter (a hashed document). */
    text?: string;
  };
}[keyof A & number];

/** A request body is always JSON; `text` is what arrived, byte for byte, for what is hashed. */
export interface Body<B extends z.ZodType> {
  readonly schema: B;
  readonly description: string;
  readonly example: unknown;
  readonly maxBytes: number;
}

export interface RouteSpec<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Answers,
> {
  readonly method: "get" | "put";
  /** OpenAPI form: `/v1/loans/{id}`. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly tag: "loans" | "pools" | "operations";
  readonly summary: string;
  readonly description?: string;
  readonly params: P;
  readonly query: Q;
  readonly body?: Body<B>;
  readonly answers: A;
  /** Every problem this route can answer with; those that any route can meet are added by `defineRoute`. */
  readonly problems: readonly ProblemCode[];
  handle(
    input: { params: z.output<P>; query: z.output<Q>; body: { json: z.output<B>; text: string } },
    context: Context,
  ): Promise<Reply<NoInfer<A>>> | Reply<NoInfer<A>>;
}

export type Route = RouteSpec<z.ZodObject, z.ZodObject, z.ZodType, Answers>;

/** What any read of the mirror can meet. */
export const mirrorProblems = ["not_ready", "database_unavailable", "internal_error"] as const;

/** Checks a route against its own schemas at compile time and adds the problems that follow from its shape. */
export function defineRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  const A extends Answers,
>(spec: RouteSpec<P, Q, B, A>): Route {
  const pathProblems: ProblemCode[] = spec.path.includes("{") ? ["malformed_request"] : [];
  const bodyProblems: ProblemCode[] = spec.body
    ? ["malformed_json", "body_too_large", "unsupported_media_type"]
    : [];
  const problems: ProblemCode[] = [...pathProblems, ...bodyProblems, "invalid_request", ...spec.problems];
  return { ...spec, problems } as unknown as Route;
}
