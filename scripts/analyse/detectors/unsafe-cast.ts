import { is, type Node, typeOf } from "../../solidity/ast.ts";
import type { Program } from "../../solidity/program.ts";
import { type Detector, ownNodes } from "../detector.ts";
import { isWithin, rangeOf, rangeOfType } from "../ranges.ts";

/** A conversion cuts off what does not fit and says nothing: `SafeCast` reverts. A change of sign is one, too. */
export const unsafeCast: Detector = {
  name: "unsafe-cast",
  reports: "converts to an integer type that does not hold all values of the operand",
  find: (program) =>
    ownNodes(program, "FunctionCall")
      .filter((call) => canCutOff(program, call))
      // One answer for `int64(uint64(x))`: it is about both.
      .filter((call) => !isOperandOfAnother(program, call))
      .map((node) => ({ node })),
};

function isOperandOfAnother(program: Program, call: Node<"FunctionCall">): boolean {
  const around = program.parentOf(call);
  return is(around, "FunctionCall") && canCutOff(program, around);
}

function canCutOff(program: Program, call: Node<"FunctionCall">): boolean {
  if (call.kind !== "typeConversion") return false;
  const [operand] = call.arguments;
  const target = rangeOfType(typeOf(call));
  const values = operand && rangeOf(program, operand);
  return target !== undefined && values !== undefined && !isWithin(values, target);
}
