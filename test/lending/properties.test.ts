import { expect } from "chai";
import fc from "fast-check";
import { parseDate } from "../../lending/calendar.ts";
import { LendingError } from "../../lending/errors.ts";
import { minor } from "../../lending/money.ts";
import type { Entry, Loan } from "../../lending/replay/history.ts";
import { isPaidOff, type LedgerRow, unpaidPart } from "../../lending/replay/ledger.ts";
import type { RecalculationRule } from "../../lending/replay/recalculation.ts";
import { type Replay, type ReplayInput, replay } from "../../lending/replay/replay.ts";
import { computeSchedule, type ScheduleTerms, scheduleTotals } from "../../lending/schedule.ts";
import { type Components, sumOf } from "../../lending/standing.ts";
import { type History, randomHistory } from "./random-history.ts";
import { randomTerms, runs } from "./random-terms.ts";

const COMPONENTS = ["penalty", "fee", "interest", "principal"] as const;

/** A history as it is looked at on `day`, where the engine does not refuse it. */
function seenOn(history: Pick<ReplayInput, "loan" | "entries">, day: number): Replay | undefined {
  return ifPossible(() => replay({ ...history, entries: [...history.entries, { kind: "as_of", day }] }));
}

function ifPossible<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof LendingError) return undefined;
    throw error;
  }
}

/**
 * Checks `holds` on random histories, and that at least `leastShare` of them were computed: `holds` says whether its history
 * was.
 */
function forAllHistories(
  { seed, few = 300, leastShare }: { seed: number; few?: number; leastShare: number },
  holds: (history: History, extra: Extra) => boolean,
): void {
  const options = runs(seed, few);
  let computed = 0;
  fc.assert(
    fc.property(randomHistory(), randomExtra, (history, extra) => {
      if (holds(history, extra)) computed++;
    }),
    options,
  );
  expect(computed, "histories that were computed").to.be.at.least(options.numRuns * leastShare);
}

/** Further payments, in thousandths of the time and of the principal. */
interface Extra {
  at: number[];
  amounts: number[];
}

const thousandths = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 3 });
const randomExtra: fc.Arbitrary<Extra> = fc.record({ at: thousandths, amounts: thousandths });

/** From the first day of the loan to some weeks after the history. */
function dayAt({ loan, asOf }: History, thousandth: number): number {
  const { disbursementDay } = loan.terms;
  return disbursementDay + Math.floor(((asOf + 30 - disbursementDay) * thousandth) / 1000);
}

function repayment({ loan }: History, day: number, thousandth: number): Entry {
  return { kind: "repayment", day, amount: 1n + (loan.terms.principal * BigInt(thousandth)) / 1500n };
}

function countOf(entries: readonly Entry[], kind: Entry["kind"]): number {
  return entries.filter((entry) => entry.kind === kind).length;
}

/** All but what names the place among the entries, and payments that were taken back. */
function stateOf({ rows, postings, overpaid, payoff }: Replay) {
  const live = postings.filter(({ reversed }) => !reversed);
  return { rows, overpaid, payoff, postings: live.map(({ posted: _, ...posting }) => posting) };
}

function isRecalculated(loan: Loan, engine: Loan["terms"]["engine"]): boolean {
  return loan.recalculation !== undefined && loan.terms.engine === engine;
}

function expectNoNegative(row: LedgerRow): void {
  for (const component of COMPONENTS) {
    expect(row.owed[component] >= 0n, `owed ${component}`).to.equal(true);
    expect(row.paid[component] >= 0n, `paid ${component}`).to.equal(true);
    expect(unpaidPart(row, component) >= 0n, `unpaid ${component}`).to.equal(true);
  }
  expect(row.waivedInterest >= 0n && row.paidInAdvance >= 0n && row.paidLate >= 0n).to.equal(true);
  expect(row.paidInAdvance + row.paidLate <= sumOf(row.paid), "in advance and late").to.equal(true);
}

describe("any schedule", function () {
  this.timeout(900_000);

  it("sums to the principal, ends at 0, rises in days and has no negative cell", () => {
    const options = runs(18, 600);
    let computed = 0;
    fc.assert(
      fc.property(randomTerms, (terms) => {
        const rows = ifPossible(() => computeSchedule(terms));
        if (rows === undefined) return;
        computed++;
        expect(scheduleTotals(rows).principal).to.equal(terms.principal);
        expect(rows.at(-1)?.outstanding).to.equal(0n);
        // A down payment may be due on the day of an instalment.
        for (const [index, { day, principal, interest, outstanding }] of rows.entries()) {
          const before = rows[index - 1]?.day ?? terms.disbursementDay - 1;
          expect(terms.downPayment === undefined ? day > before : day >= before, "days").to.equal(true);
          expect(principal >= 0n && interest >= 0n && outstanding >= 0n, "cells").to.equal(true);
        }
      }),
      options,
    );
    expect(computed).to.be.greaterThan(options.numRuns * 0.8);
  });
});

describe("any loan after any history", function () {
  this.timeout(3_600_000);

  it("has days that rise and no negative figure", () => {
    forAllHistories({ seed: 1, leastShare: 0.6 }, (history) => {
      const result = ifPossible(() => replay(history));
      if (result === undefined) return false;
      const days = result.rows.filter(({ kind }) => kind === "instalment").map(({ due }) => due);
      for (const [index, day] of days.entries()) expect(day).to.be.greaterThan(days[index - 1] ?? -1);
      for (const row of result.rows) expectNoNegative(row);
      for (const { components, spent, overpaid } of result.postings) {
        expect(overpaid >= 0n && Object.values(spent).every((part) => part >= 0n)).to.equal(true);
        expect(Object.values(components).every((part) => part >= 0n)).to.equal(true);
      }
      expect(Object.values(result.payoff).every((part) => part >= 0n)).to.equal(true);
      return true;
    });
  });

  it("owes in its rows what was paid out, and never before it was", () => {
    forAllHistories({ seed: 2, leastShare: 0.25 }, (history) => {
      const { loan } = history;
      const result = ifPossible(() => replay(history));
      if (result === undefined) return false;
      const paidOut = result.postings.filter(({ kind }) => kind === "disbursement");
      const totalUntil = (day: number) =>
        paidOut.reduce((sum, posting) => (posting.day <= day ? sum + posting.amount : sum), 0n);
      const due = result.rows.reduce((sum, { owed }) => sum + owed.principal, 0n);
      expect(due).to.equal(totalUntil(Number.POSITIVE_INFINITY));
      // Money in advance and a later tranche can move principal to a row that is due before the tranche.
      if (isRecalculated(loan, "progressive") && paidOut.length > 1) return true;
      let dueSoFar = 0n;
      for (const row of result.rows) {
        dueSoFar += row.owed.principal;
        expect(dueSoFar <= totalUntil(row.due), `outstanding on ${row.due}`).to.equal(true);
      }
      return true;
    });
  });

  it("counts each payment once", () => {
    forAllHistories({ seed: 3, leastShare: 0.6 }, (history) => {
      const result = ifPossible(() => replay(history));
      if (result === undefined) return false;
      const payments = result.postings.filter(({ kind }) => kind === "repayment" || kind === "down_payment");
      for (const { amount, components, spent, overpaid } of payments) {
        expect(sumOf(components) + sumOf(spent) + overpaid).to.equal(amount);
      }
      const live = payments.filter(({ reversed }) => !reversed);
      const total = (pick: (posting: (typeof live)[number]) => bigint) =>
        live.reduce((sum, posting) => sum + pick(posting), 0n);
      expect(total(({ overpaid }) => overpaid)).to.equal(result.overpaid);
      for (const component of COMPONENTS) {
        const paid = result.rows.reduce((sum, row) => sum + row.paid[component], 0n);
        expect(total(({ components, spent }) => components[component] + spent[component])).to.equal(paid);
      }
      return true;
    });
  });

  it("gives the same answer twice and changes nothing that it is given", () => {
    forAllHistories({ seed: 4, few: 150, leastShare: 0.6 }, (history) => {
      const before = structuredClone(history);
      const first = ifPossible(() => replay(history));
      if (first === undefined) return false;
      expect(history).to.deep.equal(before);
      expect(replay(history)).to.deep.equal(first);
      return true;
    });
  });

  it("owes its plan while nothing was paid", () => {
    forAllHistories({ seed: 5, leastShare: 0.25 }, ({ loan, entries: all }) => {
      // Where instalments are coarsely rounded, a later tranche or rate moves principal out of rows due before it.
      const { principal, numberOfInstalments, instalmentMultiple, rounding } = loan.terms;
      const coarsest = rounding.multiple * instalmentMultiple;
      if (principal < 100n * coarsest * BigInt(numberOfInstalments)) return false;
      const entries = all.filter(({ kind }) => kind === "disbursement");
      const tranches = entries.flatMap((entry) =>
        entry.kind === "disbursement" ? [{ day: entry.day, amount: minor(entry.amount) }] : [],
      );
      const terms = tranches.length === 0 ? loan.terms : { ...loan.terms, tranches };
      const plan = ifPossible(() => computeSchedule(terms));
      const result = seenOn({ loan: { ...loan, paysDownPayment: false }, entries }, terms.disbursementDay);
      if (plan === undefined || result === undefined) return false;
      // The engines differ in whether a down payment comes before or after an instalment of its day.
      const sorted = (rows: { day: number; principal: bigint; interest: bigint }[]) =>
        rows
          .map(({ day, principal, interest }) => ({ day, principal, interest }))
          .sort((a, b) => a.day - b.day || Number(a.principal - b.principal));
      const ours = result.rows.map(({ due, owed }) => ({ day: due, ...owed }));
      expect(sorted(ours)).to.deep.equal(sorted(plan));
      return true;
    });
  });

  it("is as if a payment had never been when it is taken back", () => {
    forAllHistories({ seed: 6, few: 250, leastShare: 0.5 }, (history, { at, amounts }) => {
      const { loan, entries } = history;
      const [first, second, third] = at.map((one, k) =>
        repayment(history, dayAt(history, one), amounts[k] ?? 0),
      );
      if (first === undefined || second === undefined || third === undefined) return false;
      const day = history.asOf + 30;
      const back: Entry = { kind: "reversal", day, nth: countOf(entries, "repayment") + 1 };
      const never = seenOn({ loan, entries: [...entries, second, third] }, day);
      const taken = seenOn({ loan, entries: [...entries, first, second, third, back] }, day);
      if (never === undefined || taken === undefined) return false;
      expect(stateOf(taken)).to.deep.equal(stateOf(never));
      return true;
    });
  });

  it("leaves payments as they were divided when it is paid or looked at later", () => {
    forAllHistories({ seed: 7, few: 250, leastShare: 0.35 }, (history, { amounts }) => {
      const { loan, entries, asOf } = history;
      // The cumulative engine computes all rows anew: interest on late principal joins rows that were paid before.
      if (isRecalculated(loan, "cumulative")) return false;
      const later = asOf + 1 + (amounts[0] ?? 0) / 10;
      const day = Math.floor(later);
      const now = seenOn(history, asOf);
      const looked = seenOn(history, day);
      const paid = seenOn({ loan, entries: [...entries, repayment(history, day, amounts[1] ?? 0)] }, day);
      if (now === undefined || looked === undefined || paid === undefined) return false;
      expect(looked.postings).to.deep.equal(now.postings);
      expect(paid.postings.slice(0, now.postings.length)).to.deep.equal(now.postings);
      for (const [index, { paid: before }] of now.rows.entries()) {
        const after = paid.rows[index]?.paid as Components;
        for (const component of COMPONENTS) expect(after[component] >= before[component]).to.equal(true);
      }
      return true;
    });
  });

  it("is closed by a payoff, for what was quoted", () => {
    forAllHistories({ seed: 8, few: 300, leastShare: 0.15 }, (history, { amounts }) => {
      const { loan, entries } = history;
      const { allocation } = loan;
      // Money in advance that goes to the last rows, or to all of them, leaves interest of the rows between; percentages
      // of a row change with what the payoff itself moves between rows.
      const isOdd = allocation.kind === "buckets" && (allocation.future !== "next" || hasPercentage(history));
      if (isRecalculated(loan, "progressive") && isOdd) return false;
      const day = history.asOf + Math.floor((amounts[0] ?? 0) / 20);
      const before = seenOn(history, day);
      if (before === undefined) return false;
      const after = seenOn(
        { loan, entries: [...entries, { kind: "as_of", day }, { kind: "payoff", day }] },
        day,
      );
      // A payoff is refused where nothing is owed.
      if (after === undefined) {
        expect(sumOf(before.payoff)).to.equal(0n);
        return false;
      }
      expect(after.rows.every(isPaidOff)).to.equal(true);
      const payoff = after.postings.find(({ posted }) => posted === entries.length + 1);
      expect(payoff?.amount).to.equal(sumOf(before.payoff));
      return true;
    });
  });

  it("does not mind in which order payments of one day were posted", () => {
    forAllHistories({ seed: 9, few: 400, leastShare: 0.2 }, (history, { at, amounts }) => {
      const { loan, entries } = history;
      const day = dayAt(history, at[0] ?? 0);
      const [first, second, third] = amounts.map((amount) => repayment(history, day, amount));
      if (first === undefined || second === undefined || third === undefined) return false;
      const seen = (payments: Entry[]) =>
        seenOn({ loan, entries: [...entries, ...payments] }, history.asOf + 30);
      const [one, other] = [seen([first, second, third]), seen([third, first, second])];
      if (one === undefined || other === undefined) return false;
      expect(other.rows).to.deep.equal(one.rows);
      expect(other.overpaid).to.equal(one.overpaid);
      return true;
    });
  });
});

function hasPercentage({ loan, entries }: History): boolean {
  const isPercentage = (entry: Entry) => entry.kind === "charge" && "percent" in entry.charge.amount;
  return loan.overduePenalty !== undefined || entries.some(isPercentage);
}

describe("interest that is computed anew", () => {
  const day = (date: string) => parseDate(date, "date");
  const pay = (date: string, amount: bigint): Entry => ({ kind: "repayment", day: day(date), amount });
  const buckets = (["past_due", "due", "in_advance"] as const).flatMap((when) =>
    COMPONENTS.map((component) => ({ when, component })),
  );
  const loanOf = (terms: Partial<ScheduleTerms>, rest: RecalculationRule["rest"]): Loan => ({
    terms: {
      principal: minor(300_000n),
      annualRate: { numerator: 12n, denominator: 100n },
      numberOfInstalments: 3,
      repayEvery: 1,
      repayUnit: "months",
      interestMethod: "declining_balance",
      interestPeriod: "daily",
      partialPeriods: false,
      amortisation: "equal_instalments",
      engine: "progressive",
      daysInYear: 360,
      daysInMonth: 30,
      grace: { principal: 0, interestPayment: 0, interest: 0 },
      rounding: { mode: "half_even", multiple: 1n },
      instalmentMultiple: minor(1n),
      disbursementDay: day("2024-01-01"),
      ...terms,
    },
    allocation: {
      kind: "buckets",
      order: buckets,
      processing: "horizontal",
      future: "next",
      rounding: "half_even",
    },
    recalculation: { rest, earlyMoney: "reduce_instalment", payoffUntil: "payoff_day" },
    overduePenalty: undefined,
    paysDownPayment: false,
  });
  const interestOf = (loan: Loan, entries: Entry[]) =>
    seenOn({ loan, entries }, day("2024-06-30"))?.rows.map(({ owed }) => owed.interest);

  for (const rest of ["daily", "repayment_period"] as const) {
    it(`counts late principal once, however often it was looked at (rest ${rest})`, () => {
      const loan = loanOf({}, rest);
      const cents = ["2024-02-08", "2024-02-19", "2024-05-20", "2024-05-30", "2024-06-09"].map((date) =>
        pay(date, 1n),
      );
      expect(interestOf(loan, [])).to.deep.equal([3000n, 3000n, 3000n]);
      for (let count = 1; count <= cents.length; count++) {
        expect(interestOf(loan, cents.slice(0, count))).to.deep.equal([3000n, 3000n, 3000n]);
      }
    });
  }

  it("is the same whether a down payment was made or not: it is no part of what bears interest", () => {
    const loan = loanOf({ engine: "cumulative", downPayment: { numerator: 1n, denominator: 4n } }, "daily");
    const before = seenOn({ loan, entries: [] }, loan.terms.disbursementDay);
    const after = seenOn({ loan, entries: [pay("2024-01-01", 75_000n)] }, loan.terms.disbursementDay);
    expect(after?.rows.map(({ owed }) => owed)).to.deep.equal(before?.rows.map(({ owed }) => owed));
    expect(after?.rows.map(({ paid }) => paid.principal)).to.deep.equal([75_000n, 0n, 0n, 0n]);
  });

  it("still asks for what a grace has put off when rounded instalments have paid all principal", () => {
    const terms = {
      engine: "cumulative",
      numberOfInstalments: 4,
      instalmentMultiple: minor(150_000n),
      rounding: { mode: "up", multiple: 1n },
      grace: { principal: 0, interestPayment: 3, interest: 0 },
    } as const;
    const loan = loanOf(terms, "daily");
    const plan = computeSchedule(loan.terms).map(({ principal, interest }) => ({ principal, interest }));
    expect(plan.at(-1)?.principal, "the last instalment has interest alone").to.equal(0n);
    const rows = seenOn({ loan, entries: [] }, loan.terms.disbursementDay)?.rows;
    expect(rows?.map(({ owed: { principal, interest } }) => ({ principal, interest }))).to.deep.equal(plan);
  });

  it("earns nothing while more was paid than was paid out", () => {
    const loan = loanOf({ engine: "cumulative", numberOfInstalments: 1 }, "daily");
    const paidOut = (date: string, amount: bigint): Entry => ({
      kind: "disbursement",
      day: day(date),
      amount,
    });
    const entries = [
      paidOut("2024-01-01", 100_000n),
      pay("2024-01-01", 300_000n),
      paidOut("2024-01-20", 200_000n),
    ];
    expect(interestOf(loan, entries)).to.deep.equal([0n]);
  });
});
