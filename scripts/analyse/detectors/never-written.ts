import { type AstNode, type Expression, is, type Node, nodesOf, typeOf } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { type Detector, ownNodes } from "../detector.ts";
import { rootOf, writtenExpressions } from "../values.ts";

/** It is zero for ever: something was forgotten. */
export const neverWritten: Detector = {
  name: "never-written",
  reports: "a state variable or immutable that nothing ever sets",
  find(program) {
    const written = writtenVariables(program);
    return ownNodes(program, "VariableDeclaration")
      .filter(({ stateVariable, constant, value }) => stateVariable && !constant && !value)
      .filter(({ id }) => !written.has(id))
      .map((node) => ({ node }));
  },
};

function writtenVariables(program: Program): Set<number> {
  const written = new Set<number>();
  const mark = (expression: AstNode | null | undefined): void => {
    const root = expression && rootOf(expression);
    if (is(root, "Identifier") && typeof root.referencedDeclaration === "number") {
      written.add(root.referencedDeclaration);
    }
  };
  for (const unit of program.units) {
    for (const expression of writtenExpressions(unit)) mark(expression);
    for (const call of nodesOf(unit, "FunctionCall")) handsOverStorage(program, call).forEach(mark);
    for (const statement of nodesOf(unit, "VariableDeclarationStatement")) {
      if (pointsIntoStorage(program, statement)) mark(statement.initialValue);
    }
    for (const block of nodesOf(unit, "InlineAssembly")) {
      for (const { declaration } of block.externalReferences) written.add(declaration);
    }
  }
  return written;
}

/** A reference that is handed over counts as written, unless whoever gets it promises only to look. */
function handsOverStorage(program: Program, call: Node<"FunctionCall">): Expression[] {
  if (/_(view|pure)_/.test(typeOf(call.expression).split("$")[0] ?? "")) return [];
  const attached = is(call.expression, "MemberAccess") ? [call.expression.expression] : [];
  return [...attached, ...call.arguments].filter(
    (argument) => /_storage(_ptr)?$|^t_mapping/.test(typeOf(argument)) && !onlyLooks(program, argument),
  );
}

function pointsIntoStorage(
  program: Program,
  { declarations, initialValue }: Node<"VariableDeclarationStatement">,
): boolean {
  const [pointer] = declarations;
  return pointer?.storageLocation === "storage" && Boolean(initialValue) && !onlyLooks(program, pointer);
}

function onlyLooks(program: Program, node: AstNode): boolean {
  const inside = program.functionAround(node);
  return is(inside, "FunctionDefinition") && ["view", "pure"].includes(inside.stateMutability);
}
