import { AhadiError } from "../../platform/errors.ts";
import { type AstNode, is, nodesIn, nodesOf } from "../solidity/ast.ts";
import { type CompilerMessage, compile } from "../solidity/compiler.ts";
import { compilerSettings } from "../solidity/settings.ts";
import type { Source } from "./slice.ts";
import { askZ3 } from "./z3.ts";

/** What the checker says of each target that it found. */
export interface Verdicts {
  safe: number;
  /** Where it found an example against, as "file:line". */
  refuted: string[];
  /** Where it could neither prove nor refute. */
  unknown: string[];
}

/**
 * Asks the compiler's SMTChecker about the assertions of the contracts in the file `proof`. Its engine BMC makes one formula
 * of each assertion, which z3 can solve with products and quotients of unknowns; it knows no history and no loops.
 * No setting for time: it breaks the compiler that comes with npm, and steps are the same on every machine.
 * Throws AhadiError `proof_invalid` when there is something that the checker does not understand.
 *
 * @param options.untilRefuted Asks no more once an example against an assertion was found.
 */
export async function check(
  proof: string,
  sources: Map<string, Source>,
  options: { untilRefuted?: boolean } = {},
): Promise<Verdicts> {
  assertUnderstood(sources);
  let refuted = false;
  const answer = (query: string): string => {
    if (refuted && options.untilRefuted === true) return "unknown";
    const contents = askZ3(query);
    refuted ||= contents.startsWith("sat");
    return contents;
  };
  const contracts = (sources.get(proof)?.unit.nodes ?? []).filter((node) => is(node, "ContractDefinition"));
  const output = await compile(
    {
      language: "Solidity",
      sources: Object.fromEntries([...sources].map(([path, { text }]) => [path, { content: text }])),
      settings: {
        evmVersion: compilerSettings.evmVersion,
        outputSelection: { "*": { "": [] } },
        modelChecker: {
          engine: "bmc",
          // z3 has a theory of division.
          divModNoSlacks: true,
          solvers: ["smtlib2"],
          targets: ["assert"],
          contracts: { [proof]: contracts.map(({ name }) => name) },
          showProvedSafe: true,
          showUnproved: true,
          showUnsupported: true,
        },
      },
    },
    { smtSolver: (query) => ({ contents: answer(query) }) },
  );
  return read(output.errors ?? [], sources);
}

function read(messages: CompilerMessage[], sources: Map<string, Source>): Verdicts {
  const verdicts: Verdicts = { safe: 0, refuted: [], unknown: [] };
  for (const { errorCode, message, formattedMessage, sourceLocation } of messages) {
    const [, verdict] = /^BMC: .* (check is safe!|happens here\.|might happen here\.)/.exec(message) ?? [];
    const place = placeOf(sources, sourceLocation);
    if (verdict === "check is safe!") verdicts.safe++;
    else if (verdict === "happens here.") verdicts.refuted.push(place);
    else if (verdict === "might happen here.") verdicts.unknown.push(place);
    else if (!HARMLESS.has(errorCode)) throw new AhadiError("proof_invalid", formattedMessage);
  }
  return verdicts;
}

const HARMLESS = new Set([
  // "Function state mutability can be restricted": as it may be, when a change made a path impossible.
  "2018",
  // "The BMC engine is deprecated": the compiler's version is pinned, and CHC does not do what is asked of BMC here.
  "3993",
  // "does not yet implement type error": the arguments of a custom error, where the path ends anyway.
  "8364",
]);

function placeOf(sources: Map<string, Source>, location: CompilerMessage["sourceLocation"]): string {
  if (location === undefined) return "?";
  const before = Buffer.from(sources.get(location.file)?.text ?? "").subarray(0, location.start);
  return `${location.file}:${before.toString().split("\n").length}`;
}

/**
 * Refuses what the checker takes, without a word, for something else than it is. A function's write through a reference
 * does not arrive where its caller looks (the checker then "proves" that nothing was written), unless the function returns
 * that reference; assembly writes anywhere; and a loop that would run on after its last unrolled turn counts as impossible.
 */
function assertUnderstood(sources: Map<string, Source>): void {
  for (const [path, { unit }] of sources) {
    const returned = new Set(
      nodesOf(unit, "FunctionDefinition").flatMap(({ returnParameters }) =>
        returnParameters.parameters.map(({ id }) => id),
      ),
    );
    for (const node of nodesIn(unit)) {
      const isLoop = is(node, "ForStatement", "WhileStatement", "DoWhileStatement");
      const isStorage = is(node, "VariableDeclaration") && node.storageLocation === "storage";
      if (is(node, "InlineAssembly") || isStorage || isLoop || writesThrough(node, returned)) {
        throw new AhadiError("proof_invalid", `the checker misunderstands a ${node.nodeType} of ${path}`, {
          hint: `at byte ${node.src.split(":")[0]} of what the proof reaches there`,
        });
      }
    }
  }
}

function writesThrough(node: AstNode, returned: Set<number>): boolean {
  const written = is(node, "Assignment")
    ? node.leftHandSide
    : is(node, "UnaryOperation") && /^(\+\+|--|delete)$/.test(node.operator) && node.subExpression;
  if (!written) return false;
  return nodesOf(written, "MemberAccess", "IndexAccess").some((one) => {
    const base = is(one, "MemberAccess") ? one.expression : one.baseExpression;
    return !(is(base, "Identifier") && returned.has(base.referencedDeclaration ?? -1));
  });
}
