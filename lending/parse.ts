import type { Hex } from "viem";
import { z } from "zod";
import { parseDate } from "./calendar.ts";
import { LendingError, type LendingErrorCode } from "./errors.ts";
import { MAX_MINOR } from "./limits.ts";

/** Writes a path of keys and indexes as people read it: `schedule[3].due_date`. */
export function pathText(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
}

/**
 * Parses `value` strictly. @throws LendingError for the first thing that is wrong, naming its field below `prefix`.
 */
export function parseStrict<T>(schema: z.ZodType<T>, value: unknown, prefix = ""): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const keys = [...(prefix === "" ? [] : [prefix]), ...(issue?.path ?? [])];
  if (issue?.code === "unrecognized_keys") {
    throw new LendingError("invalid", pathText([...keys, issue.keys[0] ?? ""]), "is not a known field");
  }
  throw new LendingError(codeOf(issue), pathText(keys), issue?.message ?? "is not valid");
}

function codeOf(issue: z.core.$ZodIssue | undefined): LendingErrorCode {
  if (issue?.code === "too_small" || issue?.code === "too_big") return "out_of_range";
  const isRange = issue?.code === "custom" && issue.params?.code === "out_of_range";
  return isRange ? "out_of_range" : "invalid";
}

const OUT_OF_RANGE = { params: { code: "out_of_range" } };

/** A whole JSON number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.number(message).int(message).min(min, message).max(max, message);
}

/** A canonical decimal string of a whole number (no sign, no leading zero) up to `max`; stays a string. */
export function wholeString(max: bigint) {
  return z
    .string("must be a decimal string of a whole number")
    .refine((text) => !/^-[0-9]+$/.test(text), {
      error: "must not be negative",
      abort: true,
      ...OUT_OF_RANGE,
    })
    .refine((text) => /^(0|[1-9][0-9]{0,77})$/.test(text), {
      error: "must be a decimal string of a whole number, without leading zeros",
      abort: true,
    })
    .refine((text) => BigInt(text) <= max, { error: `must be at most ${max}`, ...OUT_OF_RANGE });
}

/** An amount of minor units as a decimal string; stays a string. */
export const minorString = wholeString(MAX_MINOR);

/** Hex of exactly `bytes` bytes in lower case. */
export function hexString(bytes: number) {
  const pattern = new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`);
  const isHex = (value: unknown) => typeof value === "string" && pattern.test(value);
  return z.custom<Hex>(isHex, `must be ${bytes} bytes in lower-case hex`);
}

/** One of the given words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, `must be one of ${words.join(", ")}`);
}

/** An ISO date that is in the calendar and in range; stays a string. */
export const dateString = z.string('must be a date such as "2022-11-01"').check((ctx) => {
  try {
    parseDate(ctx.value, "");
  } catch (error) {
    if (!(error instanceof LendingError)) throw error;
    ctx.issues.push({
      code: "custom",
      message: error.problem,
      input: ctx.value,
      params: { code: error.code },
    });
  }
});
