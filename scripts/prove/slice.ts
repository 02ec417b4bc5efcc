import { type AstNode, childrenOf, is, type Node, nodesIn, placeOf } from "../solidity/ast.ts";

/** A source with its syntax tree. */
export interface Source {
  text: string;
  unit: Node<"SourceUnit">;
}

/**
 * Leaves of every source what the source `root` reaches and puts spaces over the rest, so that lines stay where they are.
 * The checker encodes all that it is shown: OpenZeppelin's SafeCast alone would make queries of 10 MB.
 *
 * @param sources By path.
 * @param only Of the root's functions that anybody can call this one alone; without it all of them.
 */
export function slice(root: string, sources: Map<string, Source>, only?: string): Map<string, string> {
  const parts = partsOf([...sources.values()].map(({ unit }) => unit));
  const reached = reachedFrom(rootsIn(sources.get(root)?.unit, only), parts);
  const sliced = new Map<string, string>();
  for (const [path, { text, unit }] of sources) {
    if (unit.nodes.some(({ id }) => reached.has(id)))
      sliced.set(path, withoutRest(text, unit, parts, reached));
  }
  return sliced;
}

function rootsIn(unit: Node<"SourceUnit"> | undefined, only: string | undefined): AstNode[] {
  return (unit?.nodes ?? []).flatMap((node) => {
    if (!is(node, "ContractDefinition")) return [];
    return node.nodes.filter((member) => {
      if (!is(member, "FunctionDefinition") || member.kind === "constructor") return true;
      return member.visibility === "external" && (only === undefined || member.name === only);
    });
  });
}

/** Any node's number -> what is reached or not as a whole: a contract's member, its frame, or anything else in a file. */
type Parts = Map<number, { part: AstNode; contract?: Node<"ContractDefinition"> }>;

function partsOf(units: Node<"SourceUnit">[]): Parts {
  const parts: Parts = new Map();
  const add = (part: AstNode, contract?: Node<"ContractDefinition">) => {
    const value = contract === undefined ? { part } : { part, contract };
    for (const { id } of nodesIn(part)) if (!parts.has(id)) parts.set(id, value);
  };
  for (const node of units.flatMap(({ nodes }) => nodes)) {
    if (is(node, "ContractDefinition")) for (const member of node.nodes) add(member, node);
    add(node);
  }
  return parts;
}

function reachedFrom(roots: AstNode[], parts: Parts): Set<number> {
  const reached = new Set<number>();
  const queue = roots.map(({ id }) => id);
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const found = parts.get(id);
    if (found === undefined || reached.has(found.part.id)) continue;
    reached.add(found.part.id);
    if (found.contract !== undefined) queue.push(found.contract.id);
    // Who names a contract does not reach its members: each of them has to be reached itself.
    const isFrame = is(found.part, "ContractDefinition");
    const named = isFrame
      ? childrenOf(found.part).filter(({ nodeType }) => nodeType === "InheritanceSpecifier")
      : [found.part];
    queue.push(...named.flatMap(declarationsIn));
  }
  return reached;
}

function declarationsIn(node: AstNode): number[] {
  return [...nodesIn(node)].flatMap((one) =>
    "referencedDeclaration" in one && typeof one.referencedDeclaration === "number"
      ? [one.referencedDeclaration]
      : [],
  );
}

function withoutRest(text: string, unit: Node<"SourceUnit">, parts: Parts, reached: Set<number>): string {
  const bytes = Buffer.from(text);
  const isReached = (id: number) => reached.has(parts.get(id)?.part.id ?? -1);
  const clear = (node: AstNode): void => {
    if (node.nodeType === "PragmaDirective") return;
    if (is(node, "ImportDirective")) narrow(bytes, node, unit, isReached);
    else if (node.nodeType === "UsingForDirective") {
      if (!declarationsIn(node).every(isReached)) blank(bytes, node);
    } else if (!reached.has(node.id)) blank(bytes, node);
    else if (is(node, "ContractDefinition")) node.nodes.forEach(clear);
  };
  unit.nodes.forEach(clear);
  return bytes.toString();
}

interface Importing {
  file: string;
  symbolAliases: { foreign: { name: string }; local?: string }[];
}

/** Leaves of `import {A, B as C} from "path";` the names that are reached. */
function narrow(
  bytes: Buffer,
  node: Node<"ImportDirective">,
  unit: Node<"SourceUnit">,
  isReached: (id: number) => boolean,
): void {
  const { file, symbolAliases } = node as unknown as Importing;
  const { exportedSymbols } = unit as unknown as { exportedSymbols: Record<string, number[]> };
  const names = symbolAliases
    .filter(({ foreign, local }) => exportedSymbols[local ?? foreign.name]?.some(isReached))
    .map(({ foreign, local }) => (local ? `${foreign.name} as ${local}` : foreign.name));
  blank(bytes, node);
  if (names.length > 0) bytes.write(`import {${names.join(",")}} from "${file}";`, placeOf(node).start);
}

const SPACE = 0x20;
const NEWLINE = 0x0a;

/** Puts spaces over a declaration and the comment that documents it. */
function blank(bytes: Buffer, node: AstNode & { documentation?: unknown }): void {
  for (const part of [node, node.documentation as AstNode | null | undefined]) {
    if (part?.src === undefined) continue;
    const { start, length } = placeOf(part);
    // The place of a constant leaves out the semicolon behind it.
    const end = start + length + (part.nodeType === "VariableDeclaration" ? 1 : 0);
    for (let at = start; at < end; at++) if (bytes[at] !== NEWLINE) bytes[at] = SPACE;
  }
}
