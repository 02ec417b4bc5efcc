import type { z } from "zod";

/** What is wrong with a value, field by field, in words for the person who wrote it: `contracts.LoanBook is missing`. */
export function problemsOf({ issues }: z.ZodError): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => `${[...issue.path, key].join(".")} is not a known field`);
    }
    const isMissing = issue.message.includes("received undefined");
    return [`${issue.path.join(".") || "the whole"} ${isMissing ? "is missing" : issue.message}`];
  });
}
