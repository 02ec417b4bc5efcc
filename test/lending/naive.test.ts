import { expect } from "chai";
import fc from "fast-check";
import { LendingError } from "../../lending/errors.ts";
import { computeSchedule, type ScheduleTerms } from "../../lending/schedule.ts";
import { naivePlan } from "./naive/plan.ts";
import { randomTerms, runs } from "./random-terms.ts";

/** The rows, or nothing where the engine says that these terms make no schedule. */
function rowsIfPossible(terms: ScheduleTerms) {
  try {
    return computeSchedule(terms);
  } catch (error) {
    if (error instanceof LendingError) return undefined;
    throw error;
  }
}

describe("a naive second schedule engine", () => {
  it("agrees", () => {
    let computed = 0;
    const options = runs(5488, 1000);
    fc.assert(
      fc.property(randomTerms, (terms) => {
        const rows = rowsIfPossible(terms);
        if (rows === undefined) return;
        computed++;
        const ours = rows.map(({ day, principal, interest, outstanding }) => ({
          due: day,
          principal,
          interest,
          outstanding,
        }));
        expect(ours).to.deep.equal(naivePlan(terms));
      }),
      options,
    );
    process.stderr.write(`computed ${computed} of ${options.numRuns}\n`);
  });
});
