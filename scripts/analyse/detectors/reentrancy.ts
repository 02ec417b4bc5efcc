import { type AstNode, type Expression, is, type Node, nodesOf, unwrapped } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { entriesOf, kindOf, resolveCall } from "../calls.ts";
import { type Detector, type Hit, ownNodes } from "../detector.ts";
import { isArrayMember, partsOf, rootOf } from "../values.ts";

/**
 * Whoever is called can call back while the books still say what was. Each entry function is walked as it runs: into
 * internal calls, overrides, linked libraries and OpenZeppelin's own code, along both sides of a branch, twice through a
 * loop. What `nonReentrant` guards passes, and so do calls that only look, and creations: what is created is code that
 * stands here. OpenZeppelin's modifiers are not walked: what they call is the manager, who is trusted.
 */
export const reentrancy: Detector = {
  name: "reentrancy",
  reports: "writes state after a call to code elsewhere",
  find(program) {
    const hits = new Map<string, Hit>();
    const walked = new Set<AstNode>();
    const contracts = ownNodes(program, "ContractDefinition");
    const walkAll = (kind: "contract" | "library") => {
      for (const contract of contracts) {
        if (contract.abstract || contract.contractKind !== kind) continue;
        for (const entry of entriesOf(program, contract)) {
          // A library's function is guarded by the contracts that call it, if any does.
          if (kind === "library" && walked.has(entry)) continue;
          const report = (hit: Hit) => hits.set(`${hit.node.id} ${hit.code}`, hit);
          new Walk(program, contract, walked, report).enter(entry, { call: undefined });
        }
      }
    };
    walkAll("contract");
    walkAll("library");
    return [...hits.values()];
  },
};

/** Where execution is: after which call to code elsewhere, if any. Undefined where it never comes. */
type State = { readonly call: AstNode | undefined } | undefined;

interface Frame {
  readonly node: Node<"FunctionDefinition">;
  /** The call in the repository's own code that led here, when this function is not its own. */
  readonly site: AstNode | undefined;
  readonly guarded: boolean;
  /** What stands in the place of a modifier's `_`. */
  readonly rest: ((state: State) => State)[];
  exit: State;
}

class Walk {
  readonly #program: Program;
  readonly #contract: Node<"ContractDefinition">;
  readonly #walked: Set<AstNode>;
  readonly #report: (hit: Hit) => void;
  readonly #frames: Frame[] = [];

  constructor(
    program: Program,
    contract: Node<"ContractDefinition">,
    walked: Set<AstNode>,
    report: (hit: Hit) => void,
  ) {
    this.#program = program;
    this.#contract = contract;
    this.#walked = walked;
    this.#report = report;
  }

  enter(node: Node<"FunctionDefinition">, state: State, site?: AstNode): State {
    if (!node.body || this.#frames.some((frame) => frame.node === node)) return state;
    const modifiers = node.modifiers.map(({ modifierName }) =>
      this.#program.node(modifierName.referencedDeclaration),
    );
    const guard = modifiers.some((one) => is(one, "ModifierDefinition") && one.name === "nonReentrant");
    const { body } = node;
    const rest = [(before: State) => this.#run(body, before)];
    for (const modifier of modifiers.toReversed()) {
      if (!is(modifier, "ModifierDefinition") || !modifier.body || !this.#program.isOwn(modifier)) continue;
      const around = modifier.body;
      rest.push((before) => this.#run(around, before));
    }
    const guarded = guard || this.#frames.some((frame) => frame.guarded);
    this.#walked.add(node);
    const frame: Frame = { node, site, guarded, rest, exit: undefined };
    this.#frames.push(frame);
    const end = frame.rest.pop()?.(state);
    this.#frames.pop();
    return merge(end, frame.exit);
  }

  #run(node: AstNode | null | undefined, state: State): State {
    if (!node || state === undefined) return state;
    if (is(node, "Block", "UncheckedBlock")) return this.#each(node.statements, state);
    if (is(node, "ExpressionStatement")) return this.#evaluate(node.expression, state);
    if (is(node, "VariableDeclarationStatement")) return this.#evaluate(node.initialValue, state);
    if (is(node, "EmitStatement")) return this.#all(node.eventCall.arguments, state);
    if (is(node, "RevertStatement")) return undefined;
    if (is(node, "IfStatement")) {
      const after = this.#evaluate(node.condition, state);
      return merge(this.#run(node.trueBody, after), this.#run(node.falseBody, after));
    }
    if (is(node, "ForStatement", "WhileStatement", "DoWhileStatement")) return this.#loop(node, state);
    if (is(node, "TryStatement")) {
      const after = this.#evaluate(node.externalCall, state);
      return node.clauses.map(({ block }) => this.#run(block, after)).reduce(merge, undefined);
    }
    if (is(node, "InlineAssembly")) return this.#assembly(node, state);
    if (is(node, "PlaceholderStatement")) return this.#placeholder(state);
    if (!is(node, "Return")) return state;
    const after = this.#evaluate(node.expression, state);
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.exit = merge(frame.exit, after);
    return undefined;
  }

  /** A function's `return` goes on after the `_` of its modifier. */
  #placeholder(state: State): State {
    const frame = this.#frames.at(-1);
    const inner = frame?.rest.pop();
    if (frame === undefined || inner === undefined) return state;
    const after = merge(inner(state), frame.exit);
    frame.rest.push(inner);
    return after;
  }

  #loop(node: Node<"DoWhileStatement" | "ForStatement" | "WhileStatement">, state: State): State {
    const once = (before: State): State => {
      const checked = this.#evaluate(node.condition, before);
      const after = this.#run(node.body, checked);
      return is(node, "ForStatement") ? this.#run(node.loopExpression, after) : after;
    };
    const first = is(node, "ForStatement") ? this.#run(node.initializationExpression, state) : state;
    const second = merge(first, once(first));
    return merge(second, once(second));
  }

  #assembly(node: Node<"InlineAssembly">, state: State): State {
    let after = state;
    for (const { functionName } of nodesOf(node, "YulFunctionCall")) {
      if (["call", "callcode", "delegatecall"].includes(functionName.name)) {
        after = this.#called(node, after);
      }
      if (["sstore", "tstore"].includes(functionName.name)) this.#wrote(node, after);
    }
    return after;
  }

  #each(statements: readonly AstNode[], state: State): State {
    return statements.reduce<State>((before, statement) => this.#run(statement, before), state);
  }

  #all(expressions: readonly (Expression | null | undefined)[], state: State): State {
    return expressions.reduce<State>((before, one) => this.#evaluate(one, before), state);
  }

  #evaluate(node: Expression | null | undefined, state: State): State {
    if (!node || state === undefined) return state;
    if (is(node, "Assignment")) {
      const after = this.#all([node.rightHandSide, node.leftHandSide], state);
      for (const target of partsOf(node.leftHandSide)) this.#assigned(target, node, after);
      return after;
    }
    if (is(node, "UnaryOperation")) {
      const after = this.#evaluate(node.subExpression, state);
      if (["++", "--", "delete"].includes(node.operator)) this.#assigned(node.subExpression, node, after);
      return after;
    }
    if (is(node, "BinaryOperation")) {
      const left = this.#evaluate(node.leftExpression, state);
      const both = this.#evaluate(node.rightExpression, left);
      return ["&&", "||"].includes(node.operator) ? merge(left, both) : both;
    }
    if (is(node, "Conditional")) {
      const after = this.#evaluate(node.condition, state);
      return merge(this.#evaluate(node.trueExpression, after), this.#evaluate(node.falseExpression, after));
    }
    if (is(node, "FunctionCall")) return this.#call(node, state);
    if (is(node, "FunctionCallOptions")) return this.#all([node.expression, ...node.options], state);
    if (is(node, "TupleExpression")) return this.#all(node.components, state);
    if (is(node, "IndexAccess")) return this.#all([node.baseExpression, node.indexExpression], state);
    return is(node, "MemberAccess") ? this.#evaluate(node.expression, state) : state;
  }

  #call(call: Node<"FunctionCall">, state: State): State {
    const after = this.#all([call.expression, ...call.arguments], state);
    if (is(call.expression, "MemberAccess") && isArrayMember(call.expression)) {
      this.#assigned(call.expression.expression, call, after);
      return after;
    }
    const kind = kindOf(call);
    if (kind === "code elsewhere") return this.#called(call, after);
    if (kind === "nothing" || after === undefined) return after;
    const callee = resolveCall(this.#program, this.#contract, call);
    return callee === undefined ? after : this.enter(callee, after, this.#siteOf(call));
  }

  #called(node: AstNode, state: State): State {
    return state && { call: state.call ?? this.#siteOf(node) ?? node };
  }

  #assigned(target: Expression, node: AstNode, state: State): void {
    if (isState(this.#program, target)) this.#wrote(node, state);
  }

  #wrote(node: AstNode, state: State): void {
    if (state?.call === undefined || this.#frames.some(({ guarded }) => guarded)) return;
    const { call } = state;
    const site = this.#siteOf(node);
    // Both in OpenZeppelin's code: theirs to order.
    if (site === undefined && !this.#program.isOwn(call)) return;
    if (site === call && site !== node) return;
    const what = site === undefined ? `what ${this.#frames[0]?.node.name} writes` : this.#short(site);
    this.#report({ node: site ?? call, code: `${what} after ${this.#short(call)}` });
  }

  /** The node itself when it is the repository's own, otherwise the own call that led to it. */
  #siteOf(node: AstNode): AstNode | undefined {
    if (this.#program.isOwn(node)) return node;
    return this.#frames.findLast(({ site }) => site !== undefined && this.#program.isOwn(site))?.site;
  }

  #short(node: AstNode): string {
    const text = this.#program.textOf(node);
    return text.length > 42 ? `${text.slice(0, 41)}…` : text;
  }
}

/** When two ways meet, one call is enough. */
function merge(a: State, b: State): State {
  if (a === undefined || b === undefined) return a ?? b;
  return a.call === undefined ? b : a;
}

/** True for what lives in storage: a state variable, or what a storage reference leads to (not the reference itself). */
function isState(program: Program, target: Expression): boolean {
  const inner = unwrapped(target);
  const root = rootOf(inner);
  if (is(root, "FunctionCall")) return /storage/.test(root.typeDescriptions.typeString ?? "");
  if (!is(root, "Identifier")) return false;
  const variable = program.node(root.referencedDeclaration);
  if (!is(variable, "VariableDeclaration")) return false;
  return variable.stateVariable || (variable.storageLocation === "storage" && root !== inner);
}
