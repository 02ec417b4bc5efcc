import { type AstNode, is, type Node, nodesIn, nodesOf } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { type Detector, ownNodes } from "../detector.ts";

/** A block's second is chosen within limits by whoever makes the block, and most seconds have none. */
export const timestampEquality: Detector = {
  name: "timestamp-equality",
  reports: "compares the block's time for equality",
  find: (program) =>
    ownNodes(program, "BinaryOperation")
      .filter(({ operator }) => operator === "==" || operator === "!=")
      .filter(({ leftExpression, rightExpression }) =>
        [leftExpression, rightExpression].some((side) => holdsTime(program, side)),
      )
      .map((node) => ({ node })),
};

/** `block.timestamp` itself, or a local variable that is nothing else. What is computed from it (a day) is not meant. */
function holdsTime(program: Program, node: AstNode): boolean {
  if (isTime(node)) return true;
  if (is(node, "FunctionCall") && node.kind === "typeConversion") {
    return node.arguments.some((argument) => holdsTime(program, argument));
  }
  if (is(node, "BinaryOperation") && /^[+-]$/.test(node.operator)) {
    return holdsTime(program, node.leftExpression) || holdsTime(program, node.rightExpression);
  }
  if (!is(node, "Identifier")) return false;
  const statement = declarationOf(program, node);
  return statement !== undefined && [...nodesIn(statement)].some(isTime);
}

function declarationOf(program: Program, node: Node<"Identifier">): AstNode | undefined {
  const declaration = program.node(node.referencedDeclaration);
  if (!is(declaration, "VariableDeclaration") || declaration.stateVariable) return undefined;
  const statement = program.parentOf(declaration);
  if (!is(statement, "VariableDeclarationStatement") || !statement.initialValue) return undefined;
  const { initialValue } = statement;
  return nodesOf(initialValue, "FunctionCall").some(({ kind }) => kind === "functionCall")
    ? undefined
    : initialValue;
}

function isTime(node: AstNode): boolean {
  return (
    is(node, "MemberAccess") &&
    node.memberName === "timestamp" &&
    is(node.expression, "Identifier") &&
    node.expression.name === "block"
  );
}
