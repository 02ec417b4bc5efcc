import { expect } from "chai";
import fc from "fast-check";
import { LendingError } from "../../lending/errors.ts";
import type { Entry, Loan } from "../../lending/replay/history.ts";
import { replay } from "../../lending/replay/replay.ts";
import { computeSchedule } from "../../lending/schedule.ts";
import { naivePlan } from "./naive/plan.ts";
import { NAIVE_STRATEGIES, type NaiveStrategy, naiveReplay } from "./naive/replay.ts";
import { randomHistory, randomLoan } from "./random-history.ts";
import { randomTerms, runs } from "./random-terms.ts";

/** What `compute` gives, or nothing where the engine says that these terms or this history make no sense. */
function ifPossible<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof LendingError) return undefined;
    throw error;
  }
}

describe("a second, naive engine", function () {
  this.timeout(900_000);

  it("computes the same rows from random terms", () => {
    let computed = 0;
    const options = runs(5488, 1000);
    fc.assert(
      fc.property(randomTerms, (terms) => {
        const rows = ifPossible(() => computeSchedule(terms));
        if (rows === undefined) return;
        computed++;
        const ours = rows.map(({ day, principal, interest, outstanding }) => {
          return { due: day, principal, interest, outstanding };
        });
        expect(ours).to.deep.equal(naivePlan(terms).map(({ isDownPayment: _, ...row }) => row));
      }),
      options,
    );
    expect(computed).to.be.greaterThan(options.numRuns * 0.8);
  });

  it("divides the same payments over the same rows, strategy by strategy", () => {
    let computed = 0;
    const options = runs(1974, 2000);
    const strategies = Object.keys(NAIVE_STRATEGIES) as NaiveStrategy[];
    fc.assert(
      fc.property(randomHistory(randomLoan), fc.constantFrom(...strategies), (history, strategy) => {
        const loan: Loan = {
          ...history.loan,
          allocation: { kind: "strategy", strategy },
          recalculation: undefined,
          paysDownPayment: false,
        };
        const entries = history.entries.filter(isSimple);
        const result =
          loan.terms.engine === "cumulative" ? ifPossible(() => replay({ loan, entries })) : undefined;
        if (result === undefined) return;
        computed++;
        const payments = result.postings.filter(({ kind, reversed }) => kind === "repayment" && !reversed);
        const ours = {
          rows: result.rows.map(({ due, owed, paid, paidInAdvance, paidLate }) => {
            return { due, owed, paid, paidInAdvance, paidLate };
          }),
          payments: payments.map(({ amount, components }) => ({ amount, components })),
          overpaid: result.overpaid,
        };
        expect(ours).to.deep.equal(naiveReplay(loan.terms, strategy, entries));
      }),
      options,
    );
    expect(computed).to.be.greaterThan(options.numRuns * 0.35);
  });
});

/** What the naive engine knows of a history. */
function isSimple(entry: Entry): boolean {
  if (entry.kind === "charge") return "flat" in entry.charge.amount;
  return ["disbursement", "repayment", "reversal"].includes(entry.kind);
}
