import { typeOf } from "../../solidity/ast.ts";
import { type Detector, ownNodes } from "../detector.ts";

/** Foreign code in the contract's own storage. Linked libraries are not meant: their address is part of the bytecode. */
export const delegateCall: Detector = {
  name: "delegatecall",
  reports: "runs code from an address that is a value, in its own storage",
  find: (program) => [
    ...ownNodes(program, "FunctionCall")
      .filter(({ expression }) => /^t_function_bare(delegatecall|callcode)_/.test(typeOf(expression)))
      .map((node) => ({ node })),
    ...ownNodes(program, "YulFunctionCall")
      .filter(({ functionName }) => ["delegatecall", "callcode"].includes(functionName.name))
      .map((node) => ({ node })),
  ],
};
