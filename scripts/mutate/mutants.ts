import { type AstNode, type Expression, is, type Node, nodesIn, placeOf, typeOf } from "../solidity/ast.ts";
import { onOneLine, type Program } from "../solidity/program.ts";

/** One small change of the contracts that a test should notice. */
export interface Mutant {
  /** The same as long as the file is. */
  id: string;
  file: string;
  line: number;
  /** `Contract.function`, or `Contract` for what stands outside of functions. */
  where: string;
  operator: Operator;
  before: string;
  after: string;
  /** In bytes. */
  start: number;
  end: number;
}

export type Operator =
  | "arithmetic"
  | "check"
  | "comparison"
  | "condition"
  | "emit"
  | "literal"
  | "min-max"
  | "modifier"
  | "not"
  | "rounding"
  | "statement";

interface Change {
  operator: Operator;
  node: AstNode;
  after: string;
  /** When more than the node goes: to the end of its statement. */
  wholeStatement?: true;
}

const SWAPS = new Map<string, [Operator, string]>([
  ["<", ["comparison", "<="]],
  ["<=", ["comparison", "<"]],
  [">", ["comparison", ">="]],
  [">=", ["comparison", ">"]],
  ["==", ["comparison", "!="]],
  ["!=", ["comparison", "=="]],
  ["&&", ["condition", "||"]],
  ["||", ["condition", "&&"]],
  ["+", ["arithmetic", "-"]],
  ["-", ["arithmetic", "+"]],
  ["*", ["arithmetic", "/"]],
  ["/", ["arithmetic", "*"]],
  ["%", ["arithmetic", "*"]],
  ["&", ["arithmetic", "|"]],
  ["|", ["arithmetic", "&"]],
  ["<<", ["arithmetic", ">>"]],
  [">>", ["arithmetic", "<<"]],
]);

const MEMBER_SWAPS = new Map<string, [Operator, string]>([
  ["min", ["min-max", "max"]],
  ["max", ["min-max", "min"]],
  ["Ceil", ["rounding", "Floor"]],
  ["Floor", ["rounding", "Ceil"]],
]);

const ASSEMBLY_SWAPS = new Map<string, string>([
  ["add", "sub"],
  ["sub", "add"],
  ["mul", "div"],
  ["div", "mul"],
  ["and", "or"],
  ["or", "and"],
  ["shl", "shr"],
  ["shr", "shl"],
  ["lt", "gt"],
  ["gt", "lt"],
]);

/** All mutants of the program's own files, in the order of the source. */
export function mutantsOf(program: Program): Mutant[] {
  const mutants = new Map<string, Mutant>();
  for (const unit of program.ownUnits) {
    for (const node of nodesIn(unit)) {
      for (const change of changesAt(program, node)) {
        const mutant = mutantOf(program, unit, change);
        mutants.set(mutant.id, mutant);
      }
    }
  }
  return [...mutants.values()];
}

/** The file's text with the change. */
export function applyMutant(source: string, { start, end, after }: Mutant): string {
  const bytes = Buffer.from(source);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(after), bytes.subarray(end)]).toString();
}

function mutantOf(program: Program, unit: Node<"SourceUnit">, change: Change): Mutant {
  const { node, operator, after } = change;
  const { start, length } = placeOf(node);
  const source = Buffer.from(program.sourceOf(unit.nodes.length > 0 ? unit : node));
  const offset = placeOf(unit).start;
  let end = start + length;
  // A statement's place ends before its semicolon.
  if (change.wholeStatement) end = offset + source.indexOf(";", end - offset) + 1;
  const contract = program.contractAround(node)?.name ?? "";
  const inside = program.functionAround(node);
  const name = inside && (inside.name || (is(inside, "FunctionDefinition") ? inside.kind : ""));
  return {
    id: `${unit.absolutePath} ${start}-${end} ${operator} ${after}`,
    file: unit.absolutePath,
    line: program.lineOf(node),
    where: [contract, name].filter(Boolean).join("."),
    operator,
    before: onOneLine(source.subarray(start - offset, end - offset).toString()),
    after,
    start,
    end,
  };
}

function changesAt(program: Program, node: AstNode): Change[] {
  if (is(node, "BinaryOperation", "Assignment")) return operatorChanges(program, node);
  if (is(node, "UnaryOperation")) return unaryChanges(program, node);
  if (is(node, "IfStatement")) return conditionChanges(program, node);
  if (is(node, "Conditional")) return bothWays(node.condition);
  if (is(node, "WhileStatement", "ForStatement")) {
    // The other way round it never ends.
    return node.condition ? [{ operator: "condition", node: node.condition, after: "false" }] : [];
  }
  if (is(node, "ExpressionStatement")) return statementChanges(program, node);
  if (is(node, "EmitStatement")) return [{ operator: "emit", node, after: "{}", wholeStatement: true }];
  if (is(node, "ModifierInvocation")) return modifierChanges(program, node);
  if (is(node, "Literal")) return literalChanges(program, node);
  if (is(node, "MemberAccess")) return memberChanges(program, node);
  if (is(node, "YulFunctionCall", "YulLiteral")) return assemblyChanges(node);
  return [];
}

function operatorChanges(program: Program, node: Node<"Assignment" | "BinaryOperation">): Change[] {
  const [left, right] = is(node, "Assignment")
    ? [node.leftHandSide, node.rightHandSide]
    : [node.leftExpression, node.rightExpression];
  const symbol = is(node, "Assignment") ? node.operator.slice(0, -1) : node.operator;
  const [operator, swapped] = SWAPS.get(symbol) ?? [];
  if (operator === undefined || swapped === undefined) return [];
  const written = is(node, "Assignment") ? `${swapped}=` : swapped;
  return [{ operator, node, after: `${program.sourceOf(left)} ${written} ${program.sourceOf(right)}` }];
}

function unaryChanges(program: Program, node: Node<"UnaryOperation">): Change[] {
  const operand = program.sourceOf(node.subExpression);
  if (node.operator === "!") return [{ operator: "not", node, after: operand }];
  if (node.operator === "-") return [{ operator: "arithmetic", node, after: operand }];
  // A loop's counter that runs the other way only costs all the gas.
  if (!["++", "--"].includes(node.operator) || isLoopStep(program, node)) return [];
  const swapped = node.operator === "++" ? "--" : "++";
  return [{ operator: "arithmetic", node, after: node.prefix ? swapped + operand : operand + swapped }];
}

function conditionChanges(program: Program, { condition, trueBody }: Node<"IfStatement">): Change[] {
  const only = is(trueBody, "Block") && trueBody.statements.length === 1 ? trueBody.statements[0] : trueBody;
  if (!is(only, "RevertStatement") && !program.textOf(trueBody).startsWith("revert("))
    return bothWays(condition);
  return [
    { operator: "check", node: condition, after: "false" },
    { operator: "condition", node: condition, after: "true" },
  ];
}

function bothWays(condition: Expression): Change[] {
  return ["true", "false"].map((after) => ({ operator: "condition", node: condition, after }) as const);
}

function statementChanges(program: Program, node: Node<"ExpressionStatement">): Change[] {
  if (isLoopStep(program, node.expression)) return [];
  const { expression } = node;
  const callee = is(expression, "FunctionCall") ? expression.expression : undefined;
  const isCheck = is(callee, "Identifier") && ["require", "assert"].includes(callee.name);
  return [{ operator: isCheck ? "check" : "statement", node, after: "{}", wholeStatement: true }];
}

function isLoopStep(program: Program, expression: Expression): boolean {
  const statement = program.parentOf(expression);
  const loop = statement && program.parentOf(statement);
  return is(loop, "ForStatement") && loop.loopExpression === statement;
}

function modifierChanges(program: Program, node: Node<"ModifierInvocation">): Change[] {
  const isModifier = is(program.node(node.modifierName.referencedDeclaration), "ModifierDefinition");
  return isModifier ? [{ operator: "modifier", node, after: "" }] : [];
}

function literalChanges(program: Program, node: Node<"Literal">): Change[] {
  const text = program.sourceOf(node);
  if (node.kind === "bool") {
    return [{ operator: "literal", node, after: text === "true" ? "false" : "true" }];
  }
  const isLength = program.parentOf(node)?.nodeType === "ArrayTypeName";
  if (node.kind !== "number" || isLength) return [];
  return [{ operator: "literal", node, after: `(${text} + 1)` }];
}

function memberChanges(program: Program, node: Node<"MemberAccess">): Change[] {
  const [operator, swapped] = MEMBER_SWAPS.get(node.memberName) ?? [];
  const isOwn = /^t_(enum\$_Rounding|function_internal)/.test(typeOf(node));
  if (operator === undefined || !isOwn) return [];
  return [{ operator, node, after: `${program.sourceOf(node.expression)}.${swapped}` }];
}

function assemblyChanges(node: Node<"YulFunctionCall" | "YulLiteral">): Change[] {
  if (is(node, "YulFunctionCall")) {
    const swapped = ASSEMBLY_SWAPS.get(node.functionName.name);
    return swapped === undefined ? [] : [{ operator: "arithmetic", node: node.functionName, after: swapped }];
  }
  if (node.kind !== "number") return [];
  return [{ operator: "literal", node, after: `0x${(BigInt(node.value) + 1n).toString(16)}` }];
}
