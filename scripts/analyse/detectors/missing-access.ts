import { type AstNode, is, type Node, nodesIn, nodesOf } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { asksWhoCalls, calleeOf, checksIn, type Detector, ownNodes } from "../detector.ts";

const TRACED_CALLS = 3;

/**
 * Anybody may call it and it changes state. Many functions are meant so (repaying, withdrawing what is yours): the answer
 * says why. Asking for the caller in a modifier, or in a check of the function itself, counts as access control.
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
    modifiers.some(
      (modifier) => is(modifier, "ModifierDefinition") && mentionsCaller(program, modifier, TRACED_CALLS),
    ) || checksIn(node.body).some((check) => [...nodesIn(check)].some(asksWhoCalls))
  );
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
