import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";

/** The same on every answer of the API: it serves data, so a browser may do nothing with it but read. */
const staticHeaders: readonly (readonly [string, string])[] = [
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
  ["X-Frame-Options", "DENY"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Cache-Control", "no-cache"],
];

const acceptableRequestId = /^[A-Za-z0-9._-]{8,64}$/;

/** Sets the static headers and the request id (the caller's own if it is harmless), once per response. */
export function begin(request: Request, response: Response): string {
  const known = response.getHeader("Request-Id");
  if (typeof known === "string") return known;
  const offered = request.get("Request-Id");
  const requestId = offered !== undefined && acceptableRequestId.test(offered) ? offered : randomUUID();
  response.removeHeader("X-Powered-By");
  for (const [name, value] of staticHeaders) response.setHeader(name, value);
  response.setHeader("Request-Id", requestId);
  return requestId;
}
