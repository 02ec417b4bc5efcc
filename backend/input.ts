import type { Request, Response } from "express";
import { raw } from "express";
import type { z } from "zod";
import { type FieldError, Problem } from "./problems.ts";
import type { Body, Route } from "./route.ts";

type Place = FieldError["in"];

function fieldErrors(place: Place, error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((field) => ({ in: place, field, message: "is not known here" }));
    return [{ in: place, field: issue.path.join(".") || "(whole)", message: issue.message }];
  });
}

function parse<S extends z.ZodType>(schema: S, place: Place, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(place, result.error);
  const [first] = errors;
  throw new Problem("invalid_request", `${first?.field ?? place} ${first?.message ?? "is not valid"}.`, {
    errors,
  });
}

/** Our own reading of the query string: a parameter given twice is an error, not an array, and nothing nests. */
function queryValues(url: string): Record<string, string> {
  const start = url.indexOf("?");
  const values: Record<string, string> = Object.create(null);
  if (start < 0) return values;
  for (const [field, value] of new URLSearchParams(url.slice(start + 1))) {
    if (field in values)
      throw new Problem("invalid_request", `${field} is given twice.`, {
        errors: [{ in: "query", field, message: "is given twice" }],
      });
    values[field] = value;
  }
  return values;
}

function readBytes(request: Request, response: Response, maxBytes: number): Promise<Buffer> {
  const reader = raw({ type: () => true, limit: maxBytes, inflate: false });
  return new Promise((resolve, reject) => {
    reader(request, response, (error?: unknown) => {
      if (error) reject(error);
      else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    });
  });
}

function decode(bytes: Buffer): { text: string; json: unknown } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, json: JSON.parse(text) };
  } catch {
    throw new Problem("malformed_json", "The body must be one JSON document in UTF-8.");
  }
}

async function readBody(request: Request, response: Response, body: Body<z.ZodType>) {
  if (!/^application\/json *(;|$)/i.test(request.get("Content-Type") ?? ""))
    throw new Problem("unsupported_media_type", "Send the body with Content-Type: application/json.");
  const { text, json } = decode(await readBytes(request, response, body.maxBytes));
  return { text, json: parse(body.schema, "body", json) };
}

/** Parses everything a route takes, path first; the first part that is wrong is reported whole. */
export async function readInput(route: Route, request: Request, response: Response) {
  const params = parse(route.params, "path", request.params);
  const query = parse(route.query, "query", queryValues(request.url));
  const body = route.body ? await readBody(request, response, route.body) : { text: "", json: undefined };
  return { params, query, body };
}
