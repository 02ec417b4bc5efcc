import { type Detector, ownNodes } from "../detector.ts";

/** Without the mark the compiler believes that any memory may have been moved, and nobody has promised that none was. */
export const assembly: Detector = {
  name: "assembly",
  reports: "assembly that is not marked as memory-safe",
  find: (program) =>
    ownNodes(program, "InlineAssembly")
      .filter(({ flags }) => flags?.includes("memory-safe") !== true)
      .map((node) => ({ node })),
};
