/** The compiler's syntax tree, as far as the tools look at it. */

export interface AstNode {
  readonly id: number;
  readonly nodeType: string;
  /** `start:length:file`, in bytes. */
  readonly src: string;
}

export interface Expression extends AstNode {
  readonly typeDescriptions: { readonly typeIdentifier?: string | null; readonly typeString?: string | null };
}

interface Block {
  readonly statements: readonly AstNode[];
}

interface Nodes {
  Assignment: Expression & {
    readonly operator: string;
    readonly leftHandSide: Expression;
    readonly rightHandSide: Expression;
  };
  BinaryOperation: Expression & {
    readonly operator: string;
    readonly leftExpression: Expression;
    readonly rightExpression: Expression;
  };
  Block: AstNode & Block;
  Conditional: Expression & {
    readonly condition: Expression;
    readonly trueExpression: Expression;
    readonly falseExpression: Expression;
  };
  ContractDefinition: AstNode & {
    readonly name: string;
    readonly abstract: boolean;
    readonly contractKind: "contract" | "interface" | "library";
    readonly linearizedBaseContracts: readonly number[];
    readonly nodes: readonly AstNode[];
  };
  DoWhileStatement: AstNode & { readonly condition: Expression; readonly body: AstNode };
  ElementaryTypeNameExpression: Expression;
  EmitStatement: AstNode & { readonly eventCall: Node<"FunctionCall"> };
  ErrorDefinition: AstNode & { readonly name: string };
  ExpressionStatement: AstNode & { readonly expression: Expression };
  ForStatement: AstNode & {
    readonly initializationExpression?: AstNode | null;
    readonly condition?: Expression | null;
    readonly loopExpression?: AstNode | null;
    readonly body: AstNode;
  };
  FunctionCall: Expression & {
    readonly kind: "functionCall" | "structConstructorCall" | "typeConversion";
    readonly expression: Expression;
    readonly arguments: readonly Expression[];
  };
  FunctionCallOptions: Expression & {
    readonly expression: Expression;
    readonly options: readonly Expression[];
  };
  FunctionDefinition: AstNode & {
    readonly name: string;
    readonly kind: "constructor" | "fallback" | "freeFunction" | "function" | "receive";
    readonly visibility: "external" | "internal" | "private" | "public";
    readonly stateMutability: "nonpayable" | "payable" | "pure" | "view";
    readonly implemented: boolean;
    readonly virtual: boolean;
    readonly scope: number;
    readonly baseFunctions?: readonly number[];
    readonly modifiers: readonly Node<"ModifierInvocation">[];
    readonly parameters: Node<"ParameterList">;
    readonly returnParameters: Node<"ParameterList">;
    readonly body?: Node<"Block"> | null;
  };
  Identifier: Expression & { readonly name: string; readonly referencedDeclaration?: number | null };
  IdentifierPath: AstNode & { readonly name: string; readonly referencedDeclaration: number };
  IfStatement: AstNode & {
    readonly condition: Expression;
    readonly trueBody: AstNode;
    readonly falseBody?: AstNode | null;
  };
  ImportDirective: AstNode & { readonly absolutePath: string };
  IndexAccess: Expression & {
    readonly baseExpression: Expression;
    readonly indexExpression?: Expression | null;
  };
  InlineAssembly: AstNode & {
    readonly AST: AstNode;
    readonly flags?: readonly string[];
    readonly externalReferences: readonly { readonly declaration: number }[];
  };
  Literal: Expression & { readonly kind: string; readonly value?: string | null };
  MemberAccess: Expression & {
    readonly expression: Expression;
    readonly memberName: string;
    readonly referencedDeclaration?: number | null;
  };
  ModifierDefinition: AstNode & {
    readonly name: string;
    readonly body?: Node<"Block"> | null;
    readonly parameters: Node<"ParameterList">;
  };
  ModifierInvocation: AstNode & {
    readonly kind?: "baseConstructorSpecifier" | "modifierInvocation";
    readonly modifierName: Node<"IdentifierPath">;
    readonly arguments?: readonly Expression[] | null;
  };
  ParameterList: AstNode & { readonly parameters: readonly Node<"VariableDeclaration">[] };
  PlaceholderStatement: AstNode;
  Return: AstNode & { readonly expression?: Expression | null };
  RevertStatement: AstNode & { readonly errorCall: Node<"FunctionCall"> };
  SourceUnit: AstNode & { readonly absolutePath: string; readonly nodes: readonly AstNode[] };
  StructDefinition: AstNode & { readonly name: string };
  TryCatchClause: AstNode & { readonly block: Node<"Block"> };
  TryStatement: AstNode & {
    readonly externalCall: Node<"FunctionCall">;
    readonly clauses: readonly Node<"TryCatchClause">[];
  };
  TupleExpression: Expression & {
    readonly components: readonly (Expression | null)[];
    readonly isInlineArray: boolean;
  };
  UnaryOperation: Expression & {
    readonly operator: string;
    readonly prefix: boolean;
    readonly subExpression: Expression;
  };
  UncheckedBlock: AstNode & Block;
  VariableDeclaration: Expression & {
    readonly name: string;
    readonly constant: boolean;
    readonly mutability: "constant" | "immutable" | "mutable" | "transient";
    readonly stateVariable: boolean;
    readonly storageLocation: "calldata" | "default" | "memory" | "storage" | "transient";
    readonly value?: Expression | null;
  };
  VariableDeclarationStatement: AstNode & {
    readonly declarations: readonly (Node<"VariableDeclaration"> | null)[];
    readonly initialValue?: Expression | null;
  };
  WhileStatement: AstNode & { readonly condition: Expression; readonly body: AstNode };
  YulFunctionCall: AstNode & { readonly functionName: AstNode & { readonly name: string } };
  YulLiteral: AstNode & { readonly kind: string; readonly value: string };
}

export type NodeType = keyof Nodes;
export type Node<T extends NodeType> = T extends NodeType ? Nodes[T] & { readonly nodeType: T } : never;

export function is<T extends NodeType>(node: AstNode | null | undefined, ...types: T[]): node is Node<T> {
  return node !== null && node !== undefined && (types as string[]).includes(node.nodeType);
}

export function childrenOf(node: AstNode): AstNode[] {
  const children: AstNode[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) collect(one);
    else if (isAstNode(value)) children.push(value);
  };
  for (const value of Object.values(node)) collect(value);
  return children.sort((a, b) => startOf(a) - startOf(b));
}

/** The node itself and all below it, in the order of the source. */
export function* nodesIn(node: AstNode): Generator<AstNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesIn(child);
}

export function nodesOf<T extends NodeType>(node: AstNode | null | undefined, ...types: T[]): Node<T>[] {
  if (node === null || node === undefined) return [];
  return [...nodesIn(node)].filter((one): one is Node<T> => is(one, ...types));
}

/** Without the parentheses around it. */
export function unwrapped(expression: Expression): Expression {
  if (!is(expression, "TupleExpression") || expression.isInlineArray) return expression;
  const [only] = expression.components;
  return expression.components.length === 1 && only ? unwrapped(only) : expression;
}

export function typeOf(expression: Expression): string {
  return expression.typeDescriptions.typeIdentifier ?? "";
}

export function placeOf(node: AstNode): { start: number; length: number; file: number } {
  const [start = 0, length = 0, file = -1] = node.src.split(":").map(Number);
  return { start, length, file };
}

function startOf(node: AstNode): number {
  return placeOf(node).start;
}

function isAstNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}
