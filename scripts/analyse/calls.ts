import { is, type Node, typeOf } from "../solidity/ast.ts";
import type { Program } from "../solidity/program.ts";
import { calleeOf } from "./detector.ts";

type FunctionNode = Node<"FunctionDefinition">;
type Contract = Node<"ContractDefinition">;

/** What a call can do to the order of things. */
export type CallKind = "code elsewhere" | "code here" | "nothing";

/** Calls that only look cannot come back with a changed state, and the rest of the built-in ones call nobody. */
export function kindOf(call: Node<"FunctionCall">): CallKind {
  if (call.kind !== "functionCall") return "nothing";
  const type = typeOf(call.expression);
  if (/^t_function_external_(view|pure)\$/.test(type)) return "nothing";
  if (/^t_function_(external|barecall|baredelegatecall|barecallcode|send|transfer)_/.test(type)) {
    return "code elsewhere";
  }
  // A linked library's code is this contract's own, wherever it stands.
  return /^t_function_(internal|delegatecall)_/.test(type) ? "code here" : "nothing";
}

/** The function that runs when `contract` is the one that was deployed: the last override, or after `super` the next one. */
export function resolveCall(
  program: Program,
  contract: Contract,
  call: Node<"FunctionCall">,
): FunctionNode | undefined {
  const callee = calleeOf(program, call);
  const home = callee && program.contractAround(callee);
  if (callee === undefined || home === undefined || home.contractKind === "library") return callee;
  const bases = basesOf(program, contract);
  const { expression } = call;
  if (!is(expression, "MemberAccess")) return findIn(bases, callee) ?? callee;
  if (!is(expression.expression, "Identifier") || expression.expression.name !== "super") return callee;
  const from = program.contractAround(call);
  return findIn(bases.slice(bases.findIndex(({ id }) => id === from?.id) + 1), callee) ?? callee;
}

/** The functions of a contract that anybody may call and that can change state; for a library all that can. */
export function entriesOf(program: Program, contract: Contract): FunctionNode[] {
  const visible =
    contract.contractKind === "library" ? ["external", "internal", "public"] : ["external", "public"];
  const bases = basesOf(program, contract);
  const functions = bases.flatMap(({ nodes }) =>
    nodes.filter((node): node is FunctionNode => is(node, "FunctionDefinition")),
  );
  return functions.filter(
    (node) =>
      node.implemented &&
      node.kind !== "constructor" &&
      visible.includes(node.visibility) &&
      !["view", "pure"].includes(node.stateMutability) &&
      findIn(bases, node) === node,
  );
}

function basesOf(program: Program, contract: Contract): Contract[] {
  return contract.linearizedBaseContracts
    .map((id) => program.node(id))
    .filter((base): base is Contract => is(base, "ContractDefinition"));
}

function findIn(contracts: Contract[], wanted: FunctionNode): FunctionNode | undefined {
  const signature = signatureOf(wanted);
  for (const { nodes } of contracts) {
    const found = nodes.find(
      (node): node is FunctionNode =>
        is(node, "FunctionDefinition") && node.implemented && signatureOf(node) === signature,
    );
    if (found) return found;
  }
  return undefined;
}

function signatureOf({ kind, name, parameters }: FunctionNode): string {
  const types = parameters.parameters.map(
    ({ typeDescriptions }) => typeDescriptions.typeString?.split(" ")[0],
  );
  return `${kind} ${name}(${types.join()})`;
}
