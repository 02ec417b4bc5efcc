import { type AstNode, childrenOf, is, type Node, type NodeType, nodesIn, placeOf } from "./ast.ts";
import { compileToAst, readImport, type Sources } from "./compiler.ts";

/** All compiled files together: the ones that a tool looks at ("own"), and the ones that they import. */
export interface Program {
  readonly units: readonly Node<"SourceUnit">[];
  readonly ownUnits: readonly Node<"SourceUnit">[];
  /** Declarations by the number that references to them carry. */
  node(id: number | null | undefined): AstNode | undefined;
  parentOf(node: AstNode): AstNode | undefined;
  isOwn(node: AstNode): boolean;
  pathOf(node: AstNode): string;
  lineOf(node: AstNode): number;
  /** The source of the node as it stands there. */
  sourceOf(node: AstNode): string;
  /** The same on one line and without comments. */
  textOf(node: AstNode): string;
  functionAround(node: AstNode): Node<"FunctionDefinition" | "ModifierDefinition"> | undefined;
  contractAround(node: AstNode): Node<"ContractDefinition"> | undefined;
}

export async function readProgram(sources: Sources): Promise<Program> {
  const output = await compileToAst(sources);
  const units = Object.values(output.sources).map(({ ast }) => ast as Node<"SourceUnit">);
  const byId = new Map<number, AstNode>();
  const parents = new Map<AstNode, AstNode>();
  for (const unit of units) {
    for (const node of nodesIn(unit)) {
      if (node.id !== undefined) byId.set(node.id, node);
      for (const child of childrenOf(node)) parents.set(child, node);
    }
  }
  const files = new Map(
    Object.entries(output.sources).map(([path, { id }]) => {
      const text = sources[path] ?? readImport(path);
      return [id, { path, bytes: Buffer.from(text), own: path in sources }];
    }),
  );
  const fileOf = (node: AstNode) => {
    const file = files.get(placeOf(node).file);
    if (file === undefined) throw new Error(`node ${node.id} is in no file`);
    return file;
  };
  const sourceOf = (node: AstNode) => {
    const { start, length } = placeOf(node);
    return fileOf(node).bytes.toString("utf8", start, start + length);
  };
  const around =
    <T extends NodeType>(...types: T[]) =>
    (node: AstNode): Node<T> | undefined => {
      for (let one: AstNode | undefined = node; one !== undefined; one = parents.get(one)) {
        if (is(one, ...types)) return one;
      }
      return undefined;
    };

  return {
    units,
    ownUnits: units.filter((unit) => unit.absolutePath in sources),
    node: (id) => (id === null || id === undefined ? undefined : byId.get(id)),
    parentOf: (node) => parents.get(node),
    isOwn: (node) => fileOf(node).own,
    pathOf: (node) => fileOf(node).path,
    lineOf: (node) => fileOf(node).bytes.subarray(0, placeOf(node).start).toString().split("\n").length,
    sourceOf,
    textOf: (node) => onOneLine(sourceOf(node)),
    functionAround: around("FunctionDefinition", "ModifierDefinition"),
    contractAround: around("ContractDefinition"),
  };
}

/** Without comments and line breaks. */
export function onOneLine(source: string): string {
  return source
    .replace(/(^|\s)\/\/.*$/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}
