import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import { begin } from "./headers.ts";
import type { Problem } from "./problems.ts";

/** A strong tag: equal tags mean equal bytes. */
export function entityTag(body: Buffer): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
}

/** `If-None-Match` compares weakly (RFC 9110 §13.1.2), so a `W/` that a proxy added still matches. */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((candidate) => ["*", tag, `W/${tag}`].includes(candidate.trim()));
}

/** Sends a body that is already text. Reads get an entity tag and become 304 when the caller has them. */
export function sendText(
  request: Request,
  response: Response,
  status: number,
  mediaType: string,
  text: string,
): void {
  const bytes = Buffer.from(text, "utf8");
  response.statusCode = status;
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (isRead && status === 200) {
    const tag = entityTag(bytes);
    response.setHeader("ETag", tag);
    if (matches(request.get("If-None-Match"), tag)) {
      response.statusCode = 304;
      response.end();
      return;
    }
  }
  response.setHeader("Content-Type", mediaType);
  response.setHeader("Content-Length", bytes.length);
  response.end(request.method === "HEAD" ? undefined : bytes);
}

export function sendProblem(request: Request, response: Response, problem: Problem): void {
  const requestId = begin(request, response);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.setHeader("Cache-Control", "no-store");
  // What could not be read to its end must not be taken for the next request.
  if (problem.status === 413) response.setHeader("Connection", "close");
  const text = JSON.stringify(problem.body(requestId));
  sendText(request, response, problem.status, "application/problem+json; charset=utf-8", text);
}
