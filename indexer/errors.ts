import pg from "pg";
import { BaseError, HttpRequestError, MethodNotFoundRpcError, MethodNotSupportedRpcError } from "viem";
import { AhadiError, describeError } from "../platform/errors.ts";

/** Whom the failure came from: after one of the database the connection, and with it the lock, is gone. */
export type Origin = "chain" | "database";

/** Passes by itself: try the same again later. */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  readonly origin: Origin;

  constructor(origin: Origin, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.origin = origin;
  }
}

/** Trying again gives the same: a person has to change something. */
export class FatalError extends Error {
  override readonly name = "FatalError";
}

/** Sorts anything that was thrown while speaking to a node or to Postgres. */
export function classify(error: unknown): RetryableError | FatalError | AhadiError {
  if (error instanceof RetryableError || error instanceof FatalError) return error;
  if (error instanceof AhadiError) return error.code === "rpc_unreachable" ? asChain(error) : error;
  if (error instanceof BaseError) return classifyChain(error);
  if (error instanceof pg.DatabaseError) return classifyDatabase(error);
  // What node-postgres and the socket say of a lost connection has no type of its own.
  if (error instanceof Error && isLostConnection(error)) {
    return new RetryableError("database", `database: ${describeError(error).message}`, { cause: error });
  }
  return new FatalError(describeError(error).message, { cause: error });
}

function asChain(error: AhadiError): RetryableError {
  return new RetryableError("chain", `chain: ${error.message}`, { cause: error });
}

const REFUSED_STATUS = new Set([401, 403]);

/** A node that is down, slow, behind or overloaded is retryable; one that does not know what we ask for is not. */
function classifyChain(error: BaseError): RetryableError | FatalError {
  const hopeless = error.walk(
    (cause) =>
      cause instanceof MethodNotFoundRpcError ||
      cause instanceof MethodNotSupportedRpcError ||
      (cause instanceof HttpRequestError && REFUSED_STATUS.has(cause.status ?? 0)),
  );
  const message = `chain: ${describeError(error).message}`;
  if (hopeless !== null) return new FatalError(message, { cause: error });
  return new RetryableError("chain", message, { cause: error });
}

/** SQLSTATE classes that pass: connection, resources (disk, connections), serialization, shutdown, system. */
const PASSING_CLASSES = new Set(["08", "40", "53", "55", "57", "58"]);

/** Integrity violations: the schema refuses facts that do not fit together, so the node's answer was not whole. */
const INTEGRITY_CLASS = "23";

function classifyDatabase(error: pg.DatabaseError): RetryableError | FatalError {
  const sqlClass = error.code?.slice(0, 2) ?? "";
  if (sqlClass === INTEGRITY_CLASS) {
    const where = `${error.table ?? "?"} (${error.constraint ?? error.message})`;
    return new RetryableError("chain", `the node's answer does not fit together in ${where}`, {
      cause: error,
    });
  }
  const message = `database: ${error.message}`;
  if (PASSING_CLASSES.has(sqlClass)) return new RetryableError("database", message, { cause: error });
  return new FatalError(message, { cause: error });
}

const SOCKET_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

const LOST_CONNECTION =
  /connection (terminated|ended|timeout|error)|not queryable|connection closed|timeout exceeded/i;

function isLostConnection(error: Error): boolean {
  if ("code" in error && typeof error.code === "string" && SOCKET_CODES.has(error.code)) return true;
  if (error instanceof AggregateError)
    return error.errors.some((one) => one instanceof Error && isLostConnection(one));
  return LOST_CONNECTION.test(error.message);
}
