import { parentPort } from "node:worker_threads";
import { compileJson } from "../solidity/compiler.ts";

/** The compiler keeps its thread busy for seconds; each bench has one of its own. */
parentPort?.on("message", async (input: string) => {
  parentPort?.postMessage(await compileJson(input));
});
