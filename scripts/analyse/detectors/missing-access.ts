import { type AstNode, is, type Node, nodesIn, nodesOf } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { asksWhoCalls, calleeOf, checksIn, type Detector, ownNodes } from "../detector.ts";

const TRACED_CALLS = 3;

/**
 * Anybody may call it and it changes state. Many functions are meant so (repaying, withdrawing what is yours): the answer
 * says why. Asking for the caller in a modifier, in a check of the function itself, or in one of a function that it always
 * calls, counts as access control.
 */
export const missingAccess: Detector = {
  name: "missing-access",
  reports: "changes state for anybody who calls",
  find: (program) =>
    ownNodes(program, "FunctionDefinition")
      .filter((node) => isEntry(program, node) && !isGuarded(program, node))
      .map((node) => ({ node, code: signatureOf(node) })),
};

function isEntry(program: Program, node: Node<"FunctionDefinition">): boolean {
  return (
    node.implemented &&
    ["function", "fallback", "receive"].includes(node.kind) &&
    ["external", "public"].includes(node.visibility) &&
    !["view", "pure"].includes(node.stateMutability) &&
    // A library's function runs in the contract that calls it, which asks by itself.
    program.contractAround(node)?.contractKind === "contract"
  );
}

function isGuarded(program: Program, node: Node<"FunctionDefinition">): boolean {
  const modifiers = node.modifiers.map(({ modifierName }) =>
    program.node(modifierName.referencedDeclaration),
  );
  return (
    modifiers.some((one) => is(one, "ModifierDefinition") && mentionsCaller(program, one, TRACED_CALLS)) ||
    checksCaller(node) ||
    alwaysCalled(program, node).some(checksCaller)
  );
}

function checksCaller({ body }: Node<"FunctionDefinition">): boolean {
  return checksIn(body).some((check) => [...nodesIn(check)].some(asksWhoCalls));
}

/** What runs whatever comes: the calls that are statements of their own, or a variable's value. */
function alwaysCalled(program: Program, { body }: Node<"FunctionDefinition">): Node<"FunctionDefinition">[] {
  return (body?.statements ?? []).flatMap((statement) => {
    if (!is(statement, "ExpressionStatement", "VariableDeclarationStatement")) return [];
    const value = is(statement, "ExpressionStatement") ? statement.expression : statement.initialValue;
    const callee = is(value, "FunctionCall") ? calleeOf(program, value) : undefined;
    return callee !== undefined && program.isOwn(callee) ? [callee] : [];
  });
}

function mentionsCaller(program: Program, node: AstNode, calls: number): boolean {
  if ([...nodesIn(node)].some(asksWhoCalls)) return true;
  return (
    calls > 0 &&
    nodesOf(node, "FunctionCall").some((call) => {
      const callee = calleeOf(program, call);
      return callee !== undefined && mentionsCaller(program, callee, calls - 1);
    })
  );
}

function signatureOf({ name, kind, parameters }: Node<"FunctionDefinition">): string {
  const types = parameters.parameters.map(({ typeDescriptions }) =>
    (typeDescriptions.typeString ?? "")
      .replace(/^(struct|contract|enum) (\w+\.)*/, "")
      .replace(/ (calldata|memory|storage).*$/, ""),
  );
  return `${name || kind}(${types.join(", ")})`;
}
