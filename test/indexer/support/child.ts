import { runIndexer } from "../../../indexer/run.ts";

/** An indexer as a process of its own, so that it can be killed: `node child.ts <options as JSON>`. */
const controller = new AbortController();
process.once("SIGTERM", () => controller.abort());
await runIndexer({ ...JSON.parse(process.argv[2] ?? ""), pollMs: 10, signal: controller.signal });
