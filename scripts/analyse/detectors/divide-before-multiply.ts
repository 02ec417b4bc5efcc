import { type Expression, is, typeOf, unwrapped } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { type Detector, type Hit, ownNodes } from "../detector.ts";
import { onlyValueOf } from "../values.ts";

/** What a division has rounded away is multiplied with the rest: multiply first. */
export const divideBeforeMultiply: Detector = {
  name: "divide-before-multiply",
  reports: "multiplies what was divided, and with it what was rounded away",
  find(program) {
    const products: Hit[] = [];
    const check = (node: Expression, factors: (Expression | undefined)[]): void => {
      if (factors.some((factor) => factor !== undefined && isQuotient(program, factor)))
        products.push({ node });
    };
    for (const node of ownNodes(program, "BinaryOperation")) {
      if (node.operator === "*") check(node, [node.leftExpression, node.rightExpression]);
    }
    for (const node of ownNodes(program, "Assignment")) {
      if (node.operator === "*=") check(node, [node.leftHandSide, node.rightHandSide]);
    }
    for (const node of ownNodes(program, "FunctionCall")) {
      if (is(node.expression, "MemberAccess") && node.expression.memberName === "mulDiv") {
        check(node, node.arguments.slice(0, 2));
      }
    }
    return products;
  },
};

/** A division that rounds, also behind parentheses, conversions, sums, and a variable that holds nothing else. */
function isQuotient(program: Program, expression: Expression): boolean {
  const inner = unwrapped(expression);
  // The compiler divides constants exactly.
  if (typeOf(inner).startsWith("t_rational_")) return false;
  if (is(inner, "FunctionCall")) {
    if (is(inner.expression, "MemberAccess") && inner.expression.memberName === "mulDiv") return true;
    return inner.kind === "typeConversion" && inner.arguments.some((one) => isQuotient(program, one));
  }
  if (is(inner, "BinaryOperation")) {
    if (inner.operator === "/") return true;
    if (inner.operator !== "+" && inner.operator !== "-") return false;
    return isQuotient(program, inner.leftExpression) || isQuotient(program, inner.rightExpression);
  }
  const value = is(inner, "Identifier") ? onlyValueOf(program, inner) : undefined;
  return value !== undefined && isQuotient(program, value);
}
