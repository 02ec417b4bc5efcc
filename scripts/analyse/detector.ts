import { type AstNode, is, type Node, nodesOf } from "../solidity/ast.ts";
import type { Program } from "../solidity/program.ts";

/** Looks for one kind of mistake. It may see one where there is none, which is then answered in docs/security/findings.md. */
export interface Detector {
  readonly name: string;
  /** What it reports, in a sentence without a subject. */
  readonly reports: string;
  find(program: Program): Hit[];
}

export interface Hit {
  /** Where the mistake stands. */
  readonly node: AstNode;
  /** How it is shown; the node's source when not given. */
  readonly code?: string;
}

/** What identifies a hit while lines move: never a line number. */
export interface Finding {
  readonly detector: string;
  /** `Contract.function`, or `Contract` for what stands outside of functions. */
  readonly where: string;
  readonly code: string;
  /** `path:line` today, for the person who reads the report. */
  readonly place: string;
}

const CODE_LENGTH = 90;

export function findingOf(program: Program, detector: string, { node, code }: Hit): Finding {
  const contract = program.contractAround(node)?.name ?? "";
  const inside = program.functionAround(node);
  const name = inside && functionName(inside);
  const text = code ?? program.textOf(node);
  return {
    detector,
    where: [contract, name].filter(Boolean).join("."),
    code: text.length > CODE_LENGTH ? `${text.slice(0, CODE_LENGTH - 1)}…` : text,
    place: `${program.pathOf(node)}:${program.lineOf(node)}`,
  };
}

function functionName(node: Node<"FunctionDefinition" | "ModifierDefinition">): string {
  return node.name === "" && is(node, "FunctionDefinition") ? node.kind : node.name;
}

/* WHAT SEVERAL DETECTORS ASK */

export function ownNodes<T extends Parameters<typeof nodesOf>[1]>(
  program: Program,
  ...types: T[]
): Node<T>[] {
  return program.ownUnits.flatMap((unit) => nodesOf(unit, ...types));
}

/** The function that a call runs, when the compiler knows it: not one behind a variable. */
export function calleeOf(
  program: Program,
  call: Node<"FunctionCall">,
): Node<"FunctionDefinition"> | undefined {
  const callee = is(call.expression, "FunctionCallOptions") ? call.expression.expression : call.expression;
  if (!is(callee, "Identifier", "MemberAccess")) return undefined;
  const declaration = program.node(callee.referencedDeclaration);
  return is(declaration, "FunctionDefinition") ? declaration : undefined;
}

/** True for `msg.sender`, and for the ways in which OpenZeppelin asks for it. */
export function asksWhoCalls(node: AstNode): boolean {
  if (is(node, "MemberAccess")) {
    return (
      is(node.expression, "Identifier") && node.expression.name === "msg" && node.memberName === "sender"
    );
  }
  return is(node, "Identifier") && (node.name === "_msgSender" || node.name === "_msgData");
}

/** True when nothing but a revert is left of `statement`. */
export function reverts(statement: AstNode | null | undefined): boolean {
  if (is(statement, "Block")) return reverts(statement.statements.at(-1));
  if (is(statement, "RevertStatement")) return true;
  if (!is(statement, "ExpressionStatement") || !is(statement.expression, "FunctionCall")) return false;
  return (
    is(statement.expression.expression, "Identifier") && statement.expression.expression.name === "revert"
  );
}

/** True when execution does not go on behind `statement`. */
export function leaves(statement: AstNode | null | undefined): boolean {
  if (is(statement, "Block")) return leaves(statement.statements.at(-1));
  return is(statement, "Return") || reverts(statement);
}

/**
 * The conditions on which `body` goes on, or does not: those of `if (...) revert` and of `require(...)`, and those of
 * `if (...)` before whatever else `ends` takes for an end.
 */
export function checksIn(body: AstNode | null | undefined, ends = reverts): AstNode[] {
  const ifs = nodesOf(body, "IfStatement").filter(({ trueBody }) => ends(trueBody));
  const requires = nodesOf(body, "FunctionCall").filter(
    ({ expression }) => is(expression, "Identifier") && expression.name === "require",
  );
  return [
    ...ifs.map(({ condition }) => condition),
    ...requires.flatMap((call) => call.arguments.slice(0, 1)),
  ];
}
