import { type Hex, keccak256, stringToBytes } from "viem";
import { LendingError } from "./errors.ts";
import { pathText } from "./parse.ts";

/**
 * Writes `value` so that equal values give equal bytes: keys sorted by UTF-16 code unit, no white space, as RFC 8785.
 * Only objects, arrays, strings and whole numbers within 2^53: everything else has more than one spelling.
 * @throws LendingError naming the place of anything else.
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** keccak256 of the UTF-8 bytes of a canonical text. */
export function documentHash(canonical: string): Hex {
  return keccak256(stringToBytes(canonical));
}

function write(value: unknown, keys: readonly PropertyKey[]): string {
  if (typeof value === "string") return writeString(value, keys);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, [...keys, index])).join(",")}]`;
  if (typeof value === "object" && value !== null && isPlain(value)) return writeObject(value, keys);
  throw new LendingError(
    "invalid",
    pathText(keys),
    "must be an object, an array, a string or a whole number",
  );
}

function writeObject(value: object, keys: readonly PropertyKey[]): string {
  // The default order of `sort` is by UTF-16 code unit, which is RFC 8785's.
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${writeString(key, keys)}:${write(item, [...keys, key])}`).join(",")}}`;
}

/** A lone surrogate has no UTF-8 bytes: hashing it would silently hash something else. */
function writeString(text: string, keys: readonly PropertyKey[]): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new LendingError("invalid", pathText(keys), "must be well-formed Unicode");
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
