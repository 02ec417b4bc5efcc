import { type AstNode, is, type Node, nodesOf, typeOf } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { type Detector, ownNodes } from "../detector.ts";

const TOKEN_FUNCTIONS = ["approve", "transfer", "transferFrom"];

/** A low-level call and many tokens say no by returning false: nobody reads it, and the money was not moved. */
export const uncheckedResult: Detector = {
  name: "unchecked-result",
  reports: "drops what a low-level call or a token answers",
  find: (program) =>
    ownNodes(program, "FunctionCall")
      .filter((call) => saysSuccess(call) && isDropped(program, call))
      .map((node) => ({ node })),
};

function saysSuccess({ expression }: Node<"FunctionCall">): boolean {
  const type = typeOf(expression);
  if (/^t_function_(barecall|barestaticcall|baredelegatecall|send)_/.test(type)) return true;
  const callee = is(expression, "FunctionCallOptions") ? expression.expression : expression;
  return (
    is(callee, "MemberAccess") &&
    TOKEN_FUNCTIONS.includes(callee.memberName) &&
    /^t_function_external_.*returns\$_t_bool_\$/.test(type)
  );
}

function isDropped(program: Program, call: Node<"FunctionCall">): boolean {
  const parent = program.parentOf(call);
  if (is(parent, "ExpressionStatement")) return true;
  if (is(parent, "Assignment") && parent.rightHandSide === call) {
    const { leftHandSide } = parent;
    const first = is(leftHandSide, "TupleExpression") ? leftHandSide.components[0] : leftHandSide;
    return first === null;
  }
  if (is(parent, "VariableDeclarationStatement")) {
    const [success] = parent.declarations;
    return !success || !isRead(program, success);
  }
  // A try statement only sees reverts, not the answer.
  return is(parent, "TryStatement") && parent.externalCall === call && !namesAnswer(program, parent);
}

function isRead(program: Program, variable: Node<"VariableDeclaration">): boolean {
  return nodesOf(program.functionAround(variable), "Identifier").some(
    ({ referencedDeclaration }) => referencedDeclaration === variable.id,
  );
}

function namesAnswer(program: Program, { clauses }: Node<"TryStatement">): boolean {
  const [success] = clauses;
  const named: AstNode[] = success === undefined ? [] : nodesOf(success, "VariableDeclaration");
  return named.some((variable) => is(variable, "VariableDeclaration") && isRead(program, variable));
}
