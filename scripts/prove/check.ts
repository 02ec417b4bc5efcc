import { AhadiError } from "../../platform/errors.ts";
import { type AstNode, is, nodesIn } from "../solidity/ast.ts";
import { type CompilerMessage, compile } from "../solidity/compiler.ts";
import { compilerSettings } from "../solidity/settings.ts";
import type { Source } from "./slice.ts";
import { askZ3 } from "./z3.ts";

/**
 * Which of the checker's engines. `formulas` makes one formula of each function (BMC), which z3 handles with products and
 * quotients of unknowns; it knows no history, and loops only as far as they are unrolled, so it gets none. `rules` (CHC) finds out
 * what holds after any sequence of calls, of sums and differences alone.
 */
export type Engine = "formulas" | "rules";

/** What the checker says of each target that it found. */
export interface Verdicts {
  safe: number;
  /** Where it found an example against, as "file:line". */
  refuted: string[];
  /** Where it could neither prove nor refute. */
  unknown: string[];
}

/**
 * Asks the compiler's SMTChecker about the contracts in the file `proof`. No setting for time: it breaks the compiler that
 * comes with npm, and steps are the same on every machine.
 * Throws AhadiError `proof_invalid` when there is something that the checker does not understand.
 */
export async function check(
  proof: string,
  sources: Map<string, Source>,
  options: { engine: Engine; targets: string[] },
): Promise<Verdicts> {
  assertUnderstood(sources, options.engine);
  const contracts = (sources.get(proof)?.unit.nodes ?? []).filter((node) => is(node, "ContractDefinition"));
  const output = await compile(
    {
      language: "Solidity",
      sources: Object.fromEntries([...sources].map(([path, { text }]) => [path, { content: text }])),
      settings: {
        evmVersion: compilerSettings.evmVersion,
        outputSelection: { "*": { "": [] } },
        modelChecker: {
          engine: options.engine === "formulas" ? "bmc" : "chc",
          // z3 has a theory of division, but no rules with it.
          divModNoSlacks: options.engine === "formulas",
          solvers: ["smtlib2"],
          targets: options.targets,
          contracts: { [proof]: contracts.map(({ name }) => name) },
          showProvedSafe: true,
          showUnproved: true,
          showUnsupported: true,
        },
      },
    },
    { smtSolver: (query) => ({ contents: askZ3(query) }) },
  );
  return read(output.errors ?? [], sources);
}

function read(messages: CompilerMessage[], sources: Map<string, Source>): Verdicts {
  const verdicts: Verdicts = { safe: 0, refuted: [], unknown: [] };
  for (const { errorCode, message, formattedMessage, sourceLocation } of messages) {
    const [, verdict] = /^(?:BMC|CHC): .* (check is safe!|happens here\.|might happen here\.)/.exec(message) ?? [];
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
 * does not arrive where its caller looks (the checker then "proves" that nothing was written), assembly writes anywhere,
 * and a loop is followed for some turns only.
 */
function assertUnderstood(sources: Map<string, Source>, engine: Engine): void {
  for (const [path, { unit }] of sources) {
    for (const node of nodesIn(unit)) {
      const isLoop = is(node, "ForStatement", "WhileStatement", "DoWhileStatement");
      const isStorage = is(node, "VariableDeclaration") && node.storageLocation === "storage";
      if (is(node, "InlineAssembly") || isStorage || writesThrough(node) || (isLoop && engine === "formulas")) {
        throw new AhadiError("proof_invalid", `the checker misunderstands a ${node.nodeType} of ${path}`, {
          hint: `at byte ${node.src.split(":")[0]} of what the proof reaches there`,
        });
      }
    }
  }
}

function writesThrough(node: AstNode): boolean {
  const written = is(node, "Assignment")
    ? node.leftHandSide
    : is(node, "UnaryOperation") && /^(\+\+|--|delete)$/.test(node.operator) && node.subExpression;
  if (!written) return false;
  return [...nodesIn(written)].some((one) => is(one, "MemberAccess", "IndexAccess"));
}
