import { type AstNode, type Expression, is, type Node, typeOf, unwrapped } from "../solidity/ast.ts";
import type { Program } from "../solidity/program.ts";
import { onlyValueOf } from "./values.ts";

/** Every value that an integer expression can have lies between the two. */
export interface Range {
  readonly least: bigint;
  readonly most: bigint;
}

/** The year 36812. */
const TIME: Range = { least: 0n, most: 2n ** 40n - 1n };
/** No call pays for longer data. */
const LENGTH: Range = { least: 0n, most: 2n ** 64n - 1n };
const MAX_DEPTH = 16;

/** The range of an integer type, of an enumeration, or undefined. */
export function rangeOfType(type: string): Range | undefined {
  if (/^t_enum\$/.test(type)) return { least: 0n, most: 255n };
  const [, unsigned, bits] = /^t_(u?)int(\d+)$/.exec(type) ?? [];
  if (bits === undefined) return undefined;
  return unsigned === "u"
    ? { least: 0n, most: 2n ** BigInt(bits) - 1n }
    : { least: -(2n ** BigInt(Number(bits) - 1)), most: 2n ** BigInt(Number(bits) - 1) - 1n };
}

export function isWithin(inner: Range, outer: Range): boolean {
  return inner.least >= outer.least && inner.most <= outer.most;
}

/** What follows from the expression alone, from constants, and from variables that have one value. */
export function rangeOf(program: Program, expression: Expression, depth = 0): Range | undefined {
  const inner = unwrapped(expression);
  const exact = constantOf(typeOf(inner));
  if (exact !== undefined) return { least: exact, most: exact };
  const type = rangeOfType(typeOf(inner));
  if (type === undefined || depth > MAX_DEPTH) return type;
  const computed = computedRange(program, inner, depth + 1);
  if (computed === undefined) return type;
  if (isWithin(computed, type)) return computed;
  // Checked arithmetic reverts beyond the type; unchecked arithmetic can end anywhere in it.
  return isUnchecked(program, inner) ? type : intersection(computed, type);
}

function computedRange(program: Program, node: Expression, depth: number): Range | undefined {
  if (is(node, "Identifier")) {
    const value = onlyValueOf(program, node);
    return value && rangeOf(program, value, depth);
  }
  if (is(node, "MemberAccess")) {
    const value = onlyValueOf(program, node);
    return value ? rangeOf(program, value, depth) : memberRange(node);
  }
  if (is(node, "Conditional")) {
    const branches = [node.trueExpression, node.falseExpression].map((one) => rangeOf(program, one, depth));
    return union(branches);
  }
  if (is(node, "FunctionCall")) return callRange(program, node, depth);
  if (!is(node, "BinaryOperation")) return undefined;
  const left = rangeOf(program, node.leftExpression, depth);
  const right = rangeOf(program, node.rightExpression, depth);
  return left && right && operate(node.operator, left, right);
}

function memberRange({ memberName, expression }: Node<"MemberAccess">): Range | undefined {
  if (memberName === "length") return LENGTH;
  const isBlock = is(expression, "Identifier") && expression.name === "block";
  return isBlock && (memberName === "timestamp" || memberName === "number") ? TIME : undefined;
}

function callRange(program: Program, call: Node<"FunctionCall">, depth: number): Range | undefined {
  const ranges = call.arguments.map((argument) => rangeOf(program, argument, depth));
  if (call.kind === "typeConversion") {
    const [from] = ranges;
    const to = rangeOfType(typeOf(call));
    return from && to && isWithin(from, to) ? from : undefined;
  }
  const [a, b] = ranges;
  const name = is(call.expression, "MemberAccess") ? call.expression.memberName : undefined;
  if (name === "min" && a && b) return { least: min(a.least, b.least), most: min(a.most, b.most) };
  return undefined;
}

function operate(operator: string, a: Range, b: Range): Range | undefined {
  switch (operator) {
    case "+":
      return { least: a.least + b.least, most: a.most + b.most };
    case "-":
      return { least: a.least - b.most, most: a.most - b.least };
    case "*":
      return corners(a, b, (x, y) => x * y);
    case "/":
      return b.least > 0n ? corners(a, b, (x, y) => x / y) : undefined;
    case "%":
      return a.least >= 0n && b.least > 0n ? { least: 0n, most: min(a.most, b.most - 1n) } : undefined;
    case "&":
      return a.least >= 0n && b.least >= 0n ? { least: 0n, most: min(a.most, b.most) } : undefined;
    case ">>":
      return a.least >= 0n && b.most <= 256n ? corners(a, b, (x, y) => x >> y) : undefined;
    default:
      return undefined;
  }
}

function corners(a: Range, b: Range, operation: (x: bigint, y: bigint) => bigint): Range {
  const values = [a.least, a.most].flatMap((x) => [b.least, b.most].map((y) => operation(x, y)));
  return { least: values.reduce((x, y) => min(x, y)), most: values.reduce((x, y) => max(x, y)) };
}

function union(ranges: (Range | undefined)[]): Range | undefined {
  const known = ranges.filter((range) => range !== undefined);
  if (known.length < ranges.length) return undefined;
  return known.reduce((a, b) => ({ least: min(a.least, b.least), most: max(a.most, b.most) }));
}

function intersection(a: Range, b: Range): Range {
  return { least: max(a.least, b.least), most: min(a.most, b.most) };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a < b ? b : a;
}

/** The type of a constant expression carries its value. */
function constantOf(type: string): bigint | undefined {
  const [, minus, digits] = /^t_rational_(minus_)?(\d+)_by_1$/.exec(type) ?? [];
  if (digits === undefined) return undefined;
  return minus === undefined ? BigInt(digits) : -BigInt(digits);
}

function isUnchecked(program: Program, node: AstNode): boolean {
  for (let one: AstNode | undefined = node; one !== undefined; one = program.parentOf(one)) {
    if (is(one, "UncheckedBlock")) return true;
  }
  return false;
}
