import { ZodError } from "zod";
import { log } from "../platform/log.ts";
import { notReady, Problem } from "./problems.ts";

/** Connection-level failures of node and Postgres: the database is away, and a retry later may work. */
const awayCodes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"]);
/** SQLSTATE: 08 connection, 53 resources, 57 operator intervention (shutdown, statement timeout). */
const awaySqlState = /^(08|53|57)...$/;
/** SQLSTATE of a schema or table that was never migrated. */
const missingSqlState = new Set(["3F000", "42P01"]);
const awayMessage = /Connection terminated|timeout exceeded when trying to connect|connection timeout/i;

/** What express, body-parser and the router throw carries a status of its own. */
interface HttpFailure {
  readonly status: number;
  readonly type?: string;
}

function isHttpFailure(error: unknown): error is HttpFailure {
  return typeof error === "object" && error !== null && "status" in error && typeof error.status === "number";
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

function fromHttp(error: HttpFailure): Problem {
  if (error.status === 413) return new Problem("body_too_large", "Send a smaller body.");
  if (error.status === 415)
    return new Problem("unsupported_media_type", "Send the body uncompressed, as application/json.");
  return new Problem(
    "malformed_request",
    "The address or the body of the request is damaged; check its encoding.",
  );
}

/** True when the database is away or refuses to work for now. */
function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "database_unreachable" || awayCodes.has(code) || awaySqlState.test(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  return error instanceof Error && awayMessage.test(error.message);
}

/** True when the schemas were not migrated yet. */
function isSchemaMissing(error: unknown): boolean {
  return missingSqlState.has(codeOf(error));
}

/** For the log. A row that its schema refuses is named by its columns, without its values. */
function describeFault(error: unknown): string {
  if (error instanceof ZodError) {
    const columns = error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    return `the mirror holds what the code does not understand: ${columns.join("; ")}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Turns whatever was thrown into a problem that is safe to show. What is our own fault is logged with the request id
 * and answered without details: a stack, a path or an SQL text never leaves the process.
 */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) {
    log.warn(`request ${requestId}: the database is away (${codeOf(error) || "connection lost"})`);
    return new Problem("database_unavailable", "Try again in a moment.");
  }
  if (isSchemaMissing(error)) return notReady("mirror_missing");
  if (!(error instanceof ZodError) && isHttpFailure(error) && error.status >= 400 && error.status < 500)
    return fromHttp(error);
  log.error(`request ${requestId}: ${describeFault(error)}`);
  return new Problem("internal_error", "The fault was recorded under this request id.");
}
