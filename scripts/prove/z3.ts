import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { AhadiError } from "../../platform/errors.ts";

/**
 * Counts the solver's steps and not seconds, so that a slow or busy machine proves the same. What is provable takes some
 * millions.
 */
const LIMIT = "rlimit=60000000";

/** Only for a solver that hangs: the limit of steps ends any other query long before. */
const PATIENCE_MS = 300_000;

const MAX_ANSWER_BYTES = 1 << 26;

const program = join(import.meta.dirname, "z3-program.ts");

/** Answers a query of the compiler: `sat`, `unsat` or `unknown`, and what the compiler asked for besides. */
export function askZ3(query: string): string {
  const folder = mkdtempSync(join(tmpdir(), "ahadi-prove-"));
  try {
    const file = join(folder, "query.smt2");
    writeFileSync(file, withoutBits(query));
    const answer = run([program, file, LIMIT]);
    return /^(un)?sat\b/.test(answer) ? answer : "unknown";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(args: string[]): string {
  const options = { encoding: "utf8", timeout: PATIENCE_MS, maxBuffer: MAX_ANSWER_BYTES } as const;
  const { error, status, stderr, stdout } = spawnSync(execPath, args, options);
  if (error !== undefined && "code" in error && error.code === "ETIMEDOUT") return "unknown";
  if (error !== undefined) throw error;
  if (status !== 0) throw new AhadiError("solver_failed", `z3 ended with code ${status}: ${stderr.trim()}`);
  return stdout;
}

const BITS = "(ite (>= ";

/**
 * The compiler writes the `n` bits of the integer `x` as
 *
 *     (ite (>= x 0) ((_ int2bv n) x) (bvneg ((_ int2bv n) (- x))))
 *
 * and a cast, a shift or a bitwise or as the number that such bits stand for. By the definitions of these functions a cast
 * is x modulo 2^n, a shift a product or a quotient, and an or the sum when one number ends in as many zeros as the other
 * has bits: so they are put here. For z3 it is the difference between arithmetic and bit vectors. Other uses of bits stay.
 */
export function withoutBits(query: string): string {
  let text = query;
  // From the end, because casts stand inside casts.
  for (let at = text.lastIndexOf(BITS); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(BITS, at - 1)) {
    const bits = bitsAt(text, at);
    if (bits === undefined) continue;
    for (const { before, after, number } of [...usesOf(bits), ...joinsOf(text, bits)]) {
      const from = at - before.length;
      if (!text.startsWith(before, from) || !text.startsWith(after, bits.end)) continue;
      text = `${text.slice(0, from)}${number}${text.slice(bits.end + after.length)}`;
      break;
    }
  }
  return text.includes(`(${ANY} `)
    ? text.replace("(declare-", `(declare-fun ${ANY} (Int Int) Int)\n$&`)
    : text;
}

interface Bits {
  /** The integer of which these are the lowest `n` bits. */
  x: string;
  n: number;
  end: number;
}

function bitsAt(text: string, at: number): Bits | undefined {
  if (!text.startsWith(BITS, at)) return undefined;
  const start = at + BITS.length;
  const x = text.slice(start, endOfTerm(text, start));
  const behind = text.slice(start + x.length, start + x.length + 32);
  const n = Number(/^ 0\) \(\(_ int2bv (\d+)\) /.exec(behind)?.[1]);
  const bits = `${BITS}${x} 0) ((_ int2bv ${n}) ${x}) (bvneg ((_ int2bv ${n}) (- ${x}))))`;
  return text.startsWith(bits, at) ? { x, n, end: at + bits.length } : undefined;
}

interface Use {
  before: string;
  after: string;
  number: string;
}

/** What the compiler puts around the bits of `x`: their number, that of their negation, whether their sign is plus. */
function usesOf({ x, n }: Bits): Use[] {
  const modulus = 2n ** BigInt(n);
  const sign = `(= ((_ extract ${n - 1} ${n - 1})`;
  return [
    { before: "(bv2nat ", after: ")", number: `(mod ${x} ${modulus})` },
    { before: "(bv2nat (bvneg ", after: "))", number: `(mod (- ${x}) ${modulus})` },
    { before: sign, after: ") #b0)", number: `(< (mod ${x} ${modulus}) ${modulus / 2n})` },
  ];
}

/** What it puts around the bits of `x` and of another number: a shift by a number that it names, and an or. */
function joinsOf(text: string, { x, n, end }: Bits): Use[] {
  const other = bitsAt(text, end + 1);
  if (other === undefined) return [];
  const modulus = 2n ** BigInt(n);
  const after = `${text.slice(end, other.end)}))`;
  const joined: Use[] = [{ before: "(bv2nat (bvor ", after, number: orOf(x, other.x, n) }];
  const places = new RegExp(`\\(= ${other.x} (\\d+)\\)`).exec(text)?.[1];
  if (places === undefined) return joined;
  const power = 2n ** BigInt(places);
  return [
    ...joined,
    { before: "(bv2nat (bvshl ", after, number: `(mod (* ${x} ${power}) ${modulus})` },
    { before: "(bv2nat (bvlshr ", after, number: `(div (mod ${x} ${modulus}) ${power})` },
  ];
}

/**
 * An or of fields that overlap is any number: more than it can be, so what is proved is proved of the or too. An example
 * against a property may be none, as the compiler's own abstractions may lead to.
 */
const ANY = "overlapping-or";

/** Where fields begin that are put together by an or: the first number ends in so many zeros. */
const FIELDS_FROM = [64n, 128n, 192n];

function orOf(x: string, y: string, n: number): string {
  const modulus = 2n ** BigInt(n);
  const apart = FIELDS_FROM.map((bits) => `(and (= (mod a ${2n ** bits}) 0) (< b ${2n ** bits}))`);
  return `(let ((a (mod ${x} ${modulus})) (b (mod ${y} ${modulus}))) (ite (or ${apart.join(" ")}) (+ a b) (${ANY} a b)))`;
}

/** Where the symbol or the parenthesis that begins at `start` ends. */
function endOfTerm(text: string, start: number): number {
  const token = /\|[^|]*\||[()]|[^\s()|]+/y;
  let depth = 0;
  for (let at = start; at < text.length; ) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0] ?? " ";
    at += found.length;
    if (found === "(") depth++;
    else if (found === ")") depth--;
    if (depth <= 0) return at;
  }
  return text.length;
}
