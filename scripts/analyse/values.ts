import { type AstNode, type Expression, is, type Node, nodesOf, unwrapped } from "../solidity/ast.ts";
import type { Program } from "../solidity/program.ts";

/** All that is assigned to, counted up or down, deleted, pushed to or popped from, below `node`. */
export function writtenExpressions(node: AstNode): Expression[] {
  const assigned = nodesOf(node, "Assignment").flatMap(({ leftHandSide }) => partsOf(leftHandSide));
  const counted = nodesOf(node, "UnaryOperation")
    .filter(({ operator }) => ["++", "--", "delete"].includes(operator))
    .map(({ subExpression }) => subExpression);
  const grown = nodesOf(node, "FunctionCall").flatMap(({ expression }) =>
    is(expression, "MemberAccess") && isArrayMember(expression) ? [expression.expression] : [],
  );
  return [...assigned, ...counted, ...grown];
}

/** `(a, b)` on the left of an assignment is two. */
export function partsOf(expression: Expression): Expression[] {
  if (!is(expression, "TupleExpression")) return [expression];
  return expression.components.flatMap((component) => (component ? partsOf(component) : []));
}

export function isArrayMember({ memberName, typeDescriptions }: Node<"MemberAccess">): boolean {
  const type = typeDescriptions.typeIdentifier ?? "";
  return ["push", "pop"].includes(memberName) && /^t_function_(arraypush|arraypop|bytearraypush)_/.test(type);
}

/** What `a.b[c].d` begins with: `a`, or a call that answers with a reference. */
export function rootOf(expression: AstNode): AstNode {
  if (is(expression, "IndexAccess")) return rootOf(expression.baseExpression);
  if (is(expression, "MemberAccess")) {
    return is(expression.expression, "Identifier") && expression.expression.name === "super"
      ? expression
      : rootOf(expression.expression);
  }
  if (is(expression, "TupleExpression")) {
    const inner = unwrapped(expression);
    return inner === expression ? expression : rootOf(inner);
  }
  return is(expression, "FunctionCall") &&
    is(expression.expression, "MemberAccess") &&
    isArrayMember(expression.expression)
    ? rootOf(expression.expression.expression)
    : expression;
}

/** The value of a constant, or of a local variable that gets no other one; otherwise undefined. */
export function onlyValueOf(
  program: Program,
  { referencedDeclaration }: Node<"Identifier" | "MemberAccess">,
): Expression | undefined {
  const declaration = program.node(referencedDeclaration);
  if (!is(declaration, "VariableDeclaration")) return undefined;
  if (declaration.constant) return declaration.value ?? undefined;
  return isReassigned(program, declaration) ? undefined : initialValueOf(program, declaration);
}

/** What a local variable is declared with. */
export function initialValueOf(
  program: Program,
  variable: Node<"VariableDeclaration">,
): Expression | undefined {
  const statement = program.parentOf(variable);
  if (!is(statement, "VariableDeclarationStatement") || statement.declarations.length !== 1) return undefined;
  return statement.initialValue ?? undefined;
}

function isReassigned(program: Program, variable: Node<"VariableDeclaration">): boolean {
  const inside = program.functionAround(variable);
  if (variable.stateVariable || inside === undefined) return true;
  const inAssembly = nodesOf(inside, "InlineAssembly").some(({ externalReferences }) =>
    externalReferences.some(({ declaration }) => declaration === variable.id),
  );
  return (
    inAssembly ||
    writtenExpressions(inside).some(
      (written) => is(written, "Identifier") && written.referencedDeclaration === variable.id,
    )
  );
}
