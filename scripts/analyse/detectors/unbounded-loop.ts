import { type AstNode, type Expression, is, type Node, nodesOf, unwrapped } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { calleeOf, checksIn, type Detector, leaves, ownNodes } from "../detector.ts";
import { rangeOf } from "../ranges.ts";
import { initialValueOf, onlyValueOf, writtenExpressions } from "../values.ts";

type Loop = Node<"DoWhileStatement" | "ForStatement" | "WhileStatement">;
type Comparison = Node<"BinaryOperation">;

/** So many turns of anything that a contract does fit into a block. */
const MAX_TURNS = 1_000n;

/**
 * A loop that somebody can make too long to fit into a block never ends again. Bounded is one that counts up to, or down
 * from, a figure whose type or value is small, or that a check compares with such a figure.
 */
export const unboundedLoop: Detector = {
  name: "unbounded-loop",
  reports: "a loop whose number of turns nothing in sight bounds",
  find: (program) =>
    ownNodes(program, "ForStatement", "WhileStatement", "DoWhileStatement")
      .filter((loop) => !isBounded(program, loop))
      .map((loop) => ({
        node: loop,
        code: `${keywordOf(loop)} (${loop.condition ? program.textOf(loop.condition) : ""})`,
      })),
};

function keywordOf(loop: Loop): string {
  return is(loop, "ForStatement") ? "for" : "while";
}

function isBounded(program: Program, loop: Loop): boolean {
  return conjunctsOf(loop.condition).some((comparison) => {
    const sides = [comparison.leftExpression, comparison.rightExpression].map(unwrapped);
    const [counter, limit] = moves(loop, sides[0]) ? sides : sides.toReversed();
    if (!is(counter, "Identifier") || limit === undefined || !moves(loop, counter)) return false;
    return countsUp(loop, counter) ? isSmall(program, loop, limit) : beginsSmall(program, loop, counter);
  });
}

function conjunctsOf(condition: Expression | null | undefined): Comparison[] {
  if (!condition) return [];
  const inner = unwrapped(condition);
  if (!is(inner, "BinaryOperation")) return [];
  if (inner.operator === "&&")
    return [...conjunctsOf(inner.leftExpression), ...conjunctsOf(inner.rightExpression)];
  return ["<", "<=", ">", ">=", "!="].includes(inner.operator) ? [inner] : [];
}

function moves(loop: Loop, node: AstNode | undefined): boolean {
  if (!is(node, "Identifier")) return false;
  const inLoop = is(loop, "ForStatement") ? [loop.body, loop.loopExpression] : [loop.body, loop.condition];
  return inLoop.some(
    (part) =>
      part &&
      writtenExpressions(part).some(
        (one) => is(one, "Identifier") && one.referencedDeclaration === node.referencedDeclaration,
      ),
  );
}

function countsUp(loop: Loop, { referencedDeclaration }: Node<"Identifier">): boolean {
  return nodesOf(loop, "UnaryOperation").some(
    ({ operator, subExpression }) =>
      operator === "++" &&
      is(subExpression, "Identifier") &&
      subExpression.referencedDeclaration === referencedDeclaration,
  );
}

function beginsSmall(program: Program, loop: Loop, counter: Node<"Identifier">): boolean {
  const isStepped = nodesOf(loop, "UnaryOperation").some(
    ({ operator, subExpression }) =>
      operator === "--" &&
      is(subExpression, "Identifier") &&
      subExpression.referencedDeclaration === counter.referencedDeclaration,
  );
  const variable = program.node(counter.referencedDeclaration);
  const first = is(variable, "VariableDeclaration") ? initialValueOf(program, variable) : undefined;
  return isStepped && first !== undefined && isSmall(program, loop, first);
}

function isSmall(program: Program, loop: Loop, limit: Expression): boolean {
  const range = rangeOf(program, limit);
  if (range !== undefined && range.most <= MAX_TURNS) return true;
  const inside = program.functionAround(loop);
  return inside !== undefined && isChecked(program, inside, pathOf(program, limit), 1);
}

/** True when a check in `node`, or in a function that it hands the figure to, compares it with a small one. */
function isChecked(program: Program, node: AstNode, path: string, calls: number): boolean {
  const comparisons = checksIn(node, leaves).flatMap((check) => nodesOf(check, "BinaryOperation"));
  const direct = comparisons.some(({ operator, leftExpression, rightExpression }) => {
    if (!["<", "<=", ">", ">="].includes(operator)) return false;
    const sides = [leftExpression, rightExpression];
    return sides.some((side, index) => {
      const other = sides[1 - index];
      const range = other && rangeOf(program, other);
      return pathOf(program, side) === path && range !== undefined && range.most <= MAX_TURNS;
    });
  });
  if (direct || calls === 0) return direct;
  return nodesOf(node, "FunctionCall").some((call) => {
    const callee = calleeOf(program, call);
    if (callee === undefined) return false;
    return call.arguments.some((argument, index) => {
      const parameter = callee.parameters.parameters[index];
      return (
        parameter !== undefined &&
        pathOf(program, argument) === path &&
        isChecked(program, callee, `#${parameter.id}`, calls - 1)
      );
    });
  });
}

/** The same text for the same value: a variable that holds `a.length` alone is `a.length`. */
function pathOf(program: Program, expression: Expression): string {
  const inner = unwrapped(expression);
  if (is(inner, "Identifier")) {
    const value = onlyValueOf(program, inner);
    return value ? pathOf(program, value) : `#${inner.referencedDeclaration}`;
  }
  if (is(inner, "MemberAccess")) return `${pathOf(program, inner.expression)}.${inner.memberName}`;
  return program.textOf(inner);
}
