import { expect } from "chai";
import type { Entry } from "../../../lending/replay/history.ts";
import { expectLendingError } from "../expect-error.ts";
import {
  buckets,
  DUE,
  day,
  FLAT,
  loanOf,
  moved,
  NO_INTEREST,
  owed,
  PROGRESSIVE,
  pay,
  payOut,
  replayed,
  undo,
  unpaid,
} from "./support.ts";

const FREE = loanOf(NO_INTEREST);

/** A reschedule from the second instalment on. */
function reschedule(changes: object, from: string = DUE[1]): Entry {
  const none = { graceOnPrincipal: 0, graceOnInterest: 0, extraInstalments: 0 };
  return { kind: "change", day: day("2024-05-02"), change: { from: day(from), ...none, ...changes } };
}

const percent = (rate: bigint) => ({ numerator: rate, denominator: 100n });

describe("a reschedule that cannot be", () => {
  const refuse = (
    entry: Entry,
    code: "impossible" | "out_of_range" | "unsupported",
    field: string,
    loan = FREE,
  ) => expectLendingError(() => replayed(loan, [pay(DUE[0], "1.00"), entry]), code, `entries[1].${field}`);

  it("is from a day on which nothing is due, with whatever change", () => {
    for (const from of ["2024-04-01", "2024-05-02", "2024-07-02"]) {
      for (const changes of [
        { dueDay: day("2024-06-15") },
        { annualRate: percent(5n) },
        { extraInstalments: 1 },
      ]) {
        refuse(reschedule(changes, from), "impossible", "rescheduleFromDate");
      }
    }
  });

  it("moves a due day to or before the one before it", () => {
    refuse(reschedule({ dueDay: day(DUE[0]) }), "out_of_range", "adjustedDueDate");
    refuse(reschedule({ dueDay: day("2024-04-15") }), "out_of_range", "adjustedDueDate");
  });

  it("makes more than 1,000 instalments, or the last one later than 2149", () => {
    refuse(reschedule({ extraInstalments: 998 }), "out_of_range", "extraTerms");
    refuse(reschedule({ graceOnPrincipal: 998 }), "out_of_range", "graceOnPrincipal");
    const yearly = loanOf({ ...NO_INTEREST, repayEvery: 12, nInstalments: 100 });
    refuse(reschedule({ extraInstalments: 26 }, "2025-04-01"), "out_of_range", "extraTerms", yearly);
    refuse(reschedule({ dueDay: day("2149-12-01") }), "out_of_range", "adjustedDueDate");
  });

  it("asks the progressive engine for grace or further instalments", () => {
    const progressive = loanOf({ ...PROGRESSIVE, ...buckets() });
    refuse(reschedule({ graceOnPrincipal: 1 }), "unsupported", "graceOnPrincipal", progressive);
    refuse(reschedule({ graceOnInterest: 1 }), "unsupported", "graceOnInterest", progressive);
    refuse(reschedule({ extraInstalments: 1 }), "unsupported", "extraTerms", progressive);
  });
});

describe("a reschedule", () => {
  const rows = (loan: ReturnType<typeof loanOf>, ...entries: Entry[]) => owed(replayed(loan, entries));

  it("moves a due day, and later ones follow from it, in both engines", () => {
    const moved = ["2024-05-01 400.00 + 0.00", "2024-06-15 400.00 + 0.00", "2024-07-15 400.00 + 0.00"];
    for (const loan of [FREE, loanOf({ ...PROGRESSIVE, ...NO_INTEREST, ...buckets() })]) {
      expect(rows(loan, reschedule({ dueDay: day("2024-06-15") }))).to.deep.equal(moved);
    }
  });

  it("can move a due day that was moved before, named by its new date", () => {
    const first = reschedule({ dueDay: day("2024-06-15") });
    const second = reschedule({ dueDay: day("2024-06-20") }, "2024-06-15");
    expect(rows(FREE, first, second)[2]).to.match(/^2024-07-20 /);
    expectLendingError(() => rows(FREE, first, first), "impossible", "entries[1].rescheduleFromDate");
  });

  it("adds instalments, over which the rest is divided from there on", () => {
    // 800.00 / 3.
    expect(rows(FREE, reschedule({ extraInstalments: 1 }))).to.deep.equal([
      "2024-05-01 400.00 + 0.00",
      "2024-06-01 266.67 + 0.00",
      "2024-07-01 266.67 + 0.00",
      "2024-08-01 266.66 + 0.00",
    ]);
  });

  it("puts flat interest off and divides what is left over the later instalments alone", () => {
    // Each of three owes 12.00: of 24.00 after the first, the second puts its part off.
    expect(rows(loanOf(FLAT), reschedule({ graceOnInterest: 1 }))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 0.00",
      "2024-07-01 400.00 + 24.00",
    ]);
  });

  it("refuses a grace on interest that leaves no instalment to collect it", () => {
    const tooLong = reschedule({ graceOnInterest: 2 });
    for (const loan of [loanOf(FLAT), loanOf()]) {
      expectLendingError(() => rows(loan, tooLong), "impossible", "entries[0].graceOnInterest");
    }
  });

  it("puts principal off, and the loan ends so many periods later", () => {
    expect(rows(loanOf(), reschedule({ graceOnPrincipal: 1 }))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 0.00 + 8.00",
      "2024-07-01 400.00 + 8.00",
      "2024-08-01 400.00 + 4.00",
    ]);
  });

  it("puts interest off to the first period after the grace", () => {
    expect(rows(loanOf(), reschedule({ graceOnInterest: 1 }))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 0.00",
      "2024-07-01 400.00 + 12.00",
    ]);
  });

  it("changes the rate of the instalment that is due on its day and of later ones", () => {
    expect(rows(loanOf(), reschedule({ annualRate: percent(24n) }))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 16.00",
      "2024-07-01 400.00 + 8.00",
    ]);
  });

  it("charges the new rate of flat interest on the original principal", () => {
    expect(rows(loanOf(FLAT), reschedule({ annualRate: percent(24n) }))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 24.00",
      "2024-07-01 400.00 + 24.00",
    ]);
  });

  it("solves equal payments anew with a new rate, in both engines", () => {
    // Two payments at 2 % for the 803.97 left: 803.97 * 0.02 * 1.0404 / 0.0404 = 414.08. 16.08 + 398.00 leave 405.97,
    // which bear 8.12.
    for (const loan of [
      loanOf({ amortization: "EQUAL_INSTALMENTS" }),
      loanOf({ ...PROGRESSIVE, ...buckets() }),
    ]) {
      expect(rows(loan, reschedule({ annualRate: percent(24n) }))).to.deep.equal([
        "2024-05-01 396.03 + 12.00",
        "2024-06-01 398.00 + 16.08",
        "2024-07-01 405.97 + 8.12",
      ]);
    }
  });

  it("does several things at once, and divides earlier payments over the new rows", () => {
    const change = reschedule({ dueDay: day("2024-06-15"), extraInstalments: 1 });
    const result = replayed(FREE, [pay(DUE[0], "500.00"), change]);
    expect(owed(result)).to.deep.equal([
      "2024-05-01 400.00 + 0.00",
      "2024-06-15 266.67 + 0.00",
      "2024-07-15 266.67 + 0.00",
      "2024-08-15 266.66 + 0.00",
    ]);
    expect(unpaid(result)).to.deep.equal(["0.00", "166.67", "266.67", "266.66"]);
  });
});

describe("a re-age", () => {
  const loan = loanOf({ ...PROGRESSIVE, ...NO_INTEREST, ...buckets() });
  const reAge = (changes: object = {}): Entry => ({
    kind: "re_age",
    day: day("2024-07-05"),
    firstDue: day("2024-08-01"),
    every: 1,
    unit: "months",
    numberOfInstalments: 4,
    ...changes,
  });
  const refuse = (
    entries: Entry[],
    code: "impossible" | "out_of_range" | "unsupported",
    field: string,
    of = loan,
  ) => expectLendingError(() => replayed(of, entries), code, `entries[${entries.length - 1}].${field}`);

  it("is refused by the cumulative engine and with interest", () => {
    refuse([reAge()], "unsupported", "type", FREE);
    refuse([reAge()], "unsupported", "type", loanOf({ ...PROGRESSIVE, ...buckets() }));
  });

  it("is refused where no principal is owed", () => {
    const result = () => replayed(loan, [pay(DUE[0], "1200.00"), reAge()]);
    expectLendingError(result, "impossible", "entries[1]");
  });

  it("is refused twice on a day, onto days before the last due one, and before the disbursement", () => {
    refuse([reAge(), reAge({ firstDue: day("2025-01-01") })], "impossible", "date");
    refuse([reAge({ firstDue: day(DUE[2]) })], "out_of_range", "startDate");
    refuse([reAge(), reAge({ day: day("2024-09-01") })], "out_of_range", "startDate");
    refuse([payOut("2024-04-10", "1200.00"), reAge({ day: day("2024-04-05") })], "out_of_range", "date");
  });

  it("is refused beyond the limits", () => {
    refuse([reAge({ numberOfInstalments: 1001 })], "out_of_range", "numberOfInstallments");
    refuse([reAge({ numberOfInstalments: 1e15 })], "out_of_range", "numberOfInstallments");
    refuse([reAge({ every: 367 })], "out_of_range", "frequencyNumber");
    const late = loanOf({ ...PROGRESSIVE, ...NO_INTEREST, ...buckets(), disburseDate: "2060-01-01" });
    const decades = reAge({ day: day("2060-05-01"), firstDue: day("2060-06-01"), every: 366 });
    refuse([decades], "out_of_range", "numberOfInstallments", late);
  });

  it("puts the unpaid principal on new rows; the old ones keep what was paid of them", () => {
    const result = replayed(loan, [pay(DUE[0], "500.00"), reAge()]);
    expect(owed(result)).to.deep.equal([
      "2024-05-01 400.00 + 0.00",
      "2024-06-01 100.00 + 0.00",
      "2024-07-01 0.00 + 0.00",
      "2024-08-01 175.00 + 0.00",
      "2024-09-01 175.00 + 0.00",
      "2024-10-01 175.00 + 0.00",
      "2024-11-01 175.00 + 0.00",
    ]);
    expect(moved(result, "re_age")).to.deep.equal(["P 700.00"]);
  });

  it("counts days and weeks, too, and the last row takes what rounding leaves", () => {
    const by = (changes: object) =>
      owed(replayed(loan, [reAge({ numberOfInstalments: 7, ...changes })])).slice(3);
    // 1,200.00 / 7 = 171.43.
    expect(by({ unit: "days", every: 10 })[1]).to.equal("2024-08-11 171.43 + 0.00");
    expect(by({ unit: "weeks", every: 2 }).at(-1)).to.equal("2024-10-24 171.42 + 0.00");
  });

  it("is followed by payments of the new rows, and by another re-age after them", () => {
    const paid = [reAge(), pay("2024-08-01", "300.00")];
    expect(unpaid(replayed(loan, paid))).to.deep.equal([
      "0.00",
      "0.00",
      "0.00",
      "0.00",
      "300.00",
      "300.00",
      "300.00",
    ]);
    const again = reAge({ day: day("2024-11-05"), firstDue: day("2024-12-01"), numberOfInstalments: 2 });
    const result = replayed(loan, [...paid, again]);
    expect(owed(result).slice(3)).to.deep.equal([
      "2024-08-01 300.00 + 0.00",
      "2024-09-01 0.00 + 0.00",
      "2024-10-01 0.00 + 0.00",
      "2024-11-01 0.00 + 0.00",
      "2024-12-01 450.00 + 0.00",
      "2025-01-01 450.00 + 0.00",
    ]);
  });

  it("puts back on new rows what a reversal of an earlier payment made unpaid", () => {
    const result = replayed(loan, [pay(DUE[0], "400.00"), reAge(), undo(1)]);
    expect(
      owed(result)
        .slice(3)
        .every((row) => row.endsWith(" 300.00 + 0.00")),
    ).to.equal(true);
  });
});
