import { writeFileSync } from "node:fs";

/** What a run of mocha leaves: how long each file's tests took, and which failed. */
export interface MochaReport {
  tests: { file: string; duration: number }[];
  failures: { title: string; file: string }[];
}

/** In the folder in which the tests run. */
export const REPORT = "mocha-report.json";

/**
 * A reporter for mocha. Its own JSON reporter breaks off when an assertion compares bigints. The file is there only when
 * the run has come to its end.
 */
export function writeReport(runner: Mocha.Runner): void {
  const report: MochaReport = { tests: [], failures: [] };
  runner.on("test end", ({ file = "", duration = 0 }) => {
    report.tests.push({ file, duration });
  });
  runner.on("fail", (test) => {
    report.failures.push({ title: test.fullTitle(), file: test.file ?? "" });
  });
  runner.on("end", () => writeFileSync(REPORT, JSON.stringify(report)));
}
