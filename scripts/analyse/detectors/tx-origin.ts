import { is } from "../../solidity/ast.ts";
import { type Detector, ownNodes } from "../detector.ts";

/** `tx.origin` is whoever began the transaction: any contract that she calls can act in her name. */
export const txOrigin: Detector = {
  name: "tx-origin",
  reports: "asks who began the transaction, not who calls",
  find: (program) =>
    ownNodes(program, "MemberAccess")
      .filter(
        ({ memberName, expression }) =>
          memberName === "origin" && is(expression, "Identifier") && expression.name === "tx",
      )
      .map((node) => ({ node })),
};
