import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AhadiError } from "../../platform/errors.ts";

/**
 * Limits count the solver's steps and not seconds, so that a slow or busy machine proves the same. What is provable takes
 * some millions.
 */
const RULES = [
  "rlimit=200000000",
  "rewriter.pull_cheap_ite=true",
  "fp.spacer.q3.use_qgen=true",
  "fp.spacer.mbqi=false",
  "fp.spacer.ground_pobs=false",
];

/** One after the other, until one of them has an answer: none of them knows all products and quotients. */
const FORMULAS = [
  ["rlimit=50000000", "tactic.default_tactic=qfnia"],
  ["rlimit=50000000", "smt.arith.solver=6"],
];

/** Only for a solver that hangs: the limit of steps ends any other query long before. */
const PATIENCE_MS = 300_000;

const MAX_ANSWER_BYTES = 1 << 28;

/** What the z3 on the PATH says of itself; undefined when there is none. */
export function z3Version(): string | undefined {
  const { error, status, stdout } = spawnSync("z3", ["--version"], { encoding: "utf8" });
  return error === undefined && status === 0 ? stdout.trim() : undefined;
}

/** Throws AhadiError `z3_missing`. */
export function requireZ3(): string {
  const version = z3Version();
  if (version !== undefined) return version;
  throw new AhadiError("z3_missing", "the proofs need the solver z3, and there is none on the PATH", {
    hint: "install it with `apt-get install z3`",
  });
}

/** Answers a query of the compiler: `sat`, `unsat` or `unknown`, and what the compiler asked for besides. */
export function askZ3(query: string): string {
  const text = withoutBitVectorCasts(query);
  const isRules = text.startsWith("(set-logic HORN)");
  const folder = mkdtempSync(join(tmpdir(), "ahadi-prove-"));
  try {
    const file = join(folder, "query.smt2");
    writeFileSync(file, text);
    for (const options of isRules ? [RULES] : FORMULAS) {
      const answer = run([...options, "-smt2", file]);
      if (/^(un)?sat\b/.test(answer)) return answer;
    }
    return "unknown";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(args: string[]): string {
  const options = { encoding: "utf8", timeout: PATIENCE_MS, maxBuffer: MAX_ANSWER_BYTES } as const;
  const { error, stdout } = spawnSync("z3", args, options);
  if (error !== undefined && !("code" in error && error.code === "ETIMEDOUT")) throw error;
  return stdout;
}

const BITS = "(ite (>= ";

/**
 * The compiler writes the `n` bits of the integer `x` as
 *
 *     (ite (>= x 0) ((_ int2bv n) x) (bvneg ((_ int2bv n) (- x))))
 *
 * and a cast as the number that these bits stand for. By the definitions of these functions that number is x modulo 2^n,
 * and so it is put here. For z3 it is the difference between arithmetic and bit vectors: with the long form it loses
 * itself in four casts in a row.
 */
export function withoutBitVectorCasts(query: string): string {
  let text = query;
  // From the end, because casts stand inside casts.
  for (let at = text.lastIndexOf(BITS); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(BITS, at - 1)) {
    const start = at + BITS.length;
    const x = text.slice(start, endOfTerm(text, start));
    const behind = text.slice(start + x.length, start + x.length + 32);
    const n = Number(/^ 0\) \(\(_ int2bv (\d+)\) /.exec(behind)?.[1]);
    if (!Number.isInteger(n)) continue;
    const bits = `${BITS}${x} 0) ((_ int2bv ${n}) ${x}) (bvneg ((_ int2bv ${n}) (- ${x}))))`;
    for (const { before, after, number } of usesOf(x, n)) {
      const from = at - before.length;
      if (!text.startsWith(`${before}${bits}${after}`, from)) continue;
      text = `${text.slice(0, from)}${number}${text.slice(at + bits.length + after.length)}`;
      break;
    }
  }
  return text;
}

/** What the compiler puts around the bits of `x`: their number, that of their negation, whether their sign is plus. */
function usesOf(x: string, n: number): { before: string; after: string; number: string }[] {
  const modulus = 2n ** BigInt(n);
  const sign = `(= ((_ extract ${n - 1} ${n - 1})`;
  return [
    { before: "(bv2nat ", after: ")", number: `(mod ${x} ${modulus})` },
    { before: "(bv2nat (bvneg ", after: "))", number: `(mod (- ${x}) ${modulus})` },
    { before: sign, after: ") #b0)", number: `(< (mod ${x} ${modulus}) ${modulus / 2n})` },
  ];
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
