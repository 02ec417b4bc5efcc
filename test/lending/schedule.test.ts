import { expect } from "chai";
import fc from "fast-check";
import { formatDate, parseDate } from "../../lending/calendar.ts";
import { LendingError } from "../../lending/errors.ts";
import { minor, ROUNDING_MODES } from "../../lending/money.ts";
import { rateFromBps, rateFromPercent } from "../../lending/rate.ts";
import { computeSchedule, type ScheduleTerms, scheduleTotals } from "../../lending/schedule.ts";
import { expectLendingError } from "./expect-error.ts";

const C02: ScheduleTerms = {
  principal: minor(500_000n),
  annualRate: rateFromBps(1200, "rate_bps"),
  numberOfInstalments: 18,
  repayEvery: 1,
  repayUnit: "months",
  interestMethod: "declining_balance",
  interestPeriod: "repayment_period",
  partialPeriods: false,
  amortisation: "equal_instalments",
  engine: "cumulative",
  daysInYear: "actual",
  daysInMonth: "actual",
  grace: { principal: 0, interestPayment: 0, interest: 0 },
  rounding: { mode: "half_even", multiple: 1n },
  instalmentMultiple: minor(100n),
  disbursementDay: parseDate("2022-11-01", "date"),
};

const dates = (terms: Partial<ScheduleTerms>) =>
  computeSchedule({ ...C02, ...terms }).map((row) => formatDate(row.day));

const randomTerms: fc.Arbitrary<ScheduleTerms> = fc.record({
  engine: fc.constantFrom("cumulative" as const, "cumulative" as const, "progressive" as const),
  daysInYear: fc.constantFrom(360 as const, 364 as const, 365 as const, "actual" as const),
  daysInMonth: fc.constantFrom(30 as const, "actual" as const),
  partialPeriods: fc.boolean(),
  grace: fc.record({
    principal: fc.constantFrom(0, 0, 0, 1, 3),
    interestPayment: fc.constantFrom(0, 0, 0, 1, 3),
    interest: fc.constantFrom(0, 0, 0, 1, 3),
  }),
  rounding: fc.record({
    mode: fc.constantFrom("half_even" as const, "half_even" as const, ...ROUNDING_MODES),
    multiple: fc.constantFrom(1n, 1n, 1n, 100n),
  }),
  principal: fc.bigInt({ min: 1n, max: 10n ** 9n }).map(minor),
  annualRate: fc.integer({ min: 0, max: 20_000 }).map((bps) => rateFromBps(bps, "rate_bps")),
  numberOfInstalments: fc.integer({ min: 1, max: 36 }),
  repayEvery: fc.integer({ min: 1, max: 4 }),
  repayUnit: fc.constantFrom("days" as const, "weeks" as const, "months" as const),
  interestMethod: fc.constantFrom("declining_balance" as const, "flat" as const),
  interestPeriod: fc.constantFrom("repayment_period" as const, "daily" as const),
  amortisation: fc.constantFrom("equal_instalments" as const, "equal_principal" as const),
  instalmentMultiple: fc.constantFrom(1n, 1n, 5n, 100n).map(minor),
  disbursementDay: fc.integer({ min: 0, max: 40_000 }),
  firstRepaymentDay: fc.constant(undefined),
});

/** The rows, or nothing where the engine says that these terms make no schedule. */
function rowsIfPossible(terms: ScheduleTerms) {
  try {
    return computeSchedule(terms);
  } catch (error) {
    if (error instanceof LendingError && ["impossible", "unsupported"].includes(error.code)) return undefined;
    if (error instanceof LendingError && error.path.startsWith("grace")) return undefined;
    throw error;
  }
}

describe("schedule", () => {
  it("refuses terms beyond the limits, naming the field", () => {
    const refuse = (terms: Partial<ScheduleTerms>, path: string) =>
      expectLendingError(() => computeSchedule({ ...C02, ...terms }), "out_of_range", path);
    refuse({ principal: minor(0n) }, "principal");
    refuse({ principal: minor(-1n) }, "principal");
    refuse({ principal: minor(2n ** 64n) }, "principal");
    refuse({ principal: minor(2n ** 64n - 1n) }, "principal");
    for (const count of [0, -1, 1.5, 1001, Number.NaN])
      refuse({ numberOfInstalments: count }, "numberOfInstalments");
    for (const every of [0, -1, 0.5, 367]) refuse({ repayEvery: every }, "repayEvery");
    refuse({ instalmentMultiple: minor(0n) }, "instalmentMultiple");
    expectLendingError(() => computeSchedule(C02, minor(-1n)), "out_of_range", "instalmentFee");
    refuse({ rounding: { mode: "half_even", multiple: 0n } }, "currencyMultiple");
    for (const field of ["principal", "interestPayment", "interest"] as const) {
      const path = {
        principal: "Principal",
        interestPayment: "InterestPayment",
        interest: "InterestCharged",
      }[field];
      for (const periods of [-1, 0.5, 19]) {
        refuse({ grace: { ...C02.grace, [field]: periods } }, `graceOn${path}`);
      }
    }
    refuse({ scheduleStartDay: C02.disbursementDay + 1 }, "scheduleStartDate");
    refuse({ scheduleStartDay: -1 }, "scheduleStartDate");
    refuse({ disbursementDay: -1 }, "disbursementDate");
    refuse({ disbursementDay: 65_744 }, "disbursementDate");
    refuse({ firstRepaymentDay: C02.disbursementDay }, "firstRepaymentDate");
    refuse({ firstRepaymentDay: C02.disbursementDay - 1 }, "firstRepaymentDate");
    refuse({ disbursementDay: parseDate("2149-01-01", "date") }, "numberOfInstalments");
  });

  it("refuses rates that are negative, not exact or absurd", () => {
    for (const bps of [-1, 0.5, 1_000_001])
      expectLendingError(() => rateFromBps(bps, "rate_bps"), "out_of_range", "rate_bps");
    expectLendingError(() => rateFromPercent("-1", "rate"), "out_of_range", "rate");
    expectLendingError(() => rateFromPercent("10000.01", "rate"), "out_of_range", "rate");
    for (const text of ["", "1e2", "12%", 12, null])
      expectLendingError(() => rateFromPercent(text, "rate"), "invalid", "rate");
  });

  it("refuses to print an instalment that is empty, or smaller than its interest", () => {
    const refuse = (terms: Partial<ScheduleTerms>, path: string) =>
      expectLendingError(() => computeSchedule({ ...C02, ...terms }), "impossible", path);
    // 305 is nearer to 0 than to 1,000; 5 / 18 of a cent is nearer to 0 than to 1.
    refuse({ instalmentMultiple: minor(100_000n) }, "instalmentMultiple");
    refuse({ principal: minor(5n), instalmentMultiple: minor(1n) }, "numberOfInstalments");
    // 1,000 % a year on 5,000 is 961.54 a week: a payment a little above it rounds down to 800.
    const usury = { annualRate: rateFromBps(100_000, "rate_bps"), instalmentMultiple: minor(40_000n) };
    refuse({ ...usury, numberOfInstalments: 48, repayUnit: "weeks" }, "instalmentMultiple");
  });

  it("ends early where a rounded instalment has paid the loan off, and never asks for more than is owed", () => {
    // 305 rounds up to 500: 5,000 and the interest of fewer months are gone in month 11 at the latest.
    const rows = computeSchedule({ ...C02, instalmentMultiple: minor(50_000n) });
    expect(rows.length).to.be.lessThan(12);
    for (const row of rows.slice(0, -1)) expect(row.principal + row.interest).to.equal(50_000n);
    expect(scheduleTotals(rows).principal).to.equal(500_000n);
    expect(rows.at(-1)?.outstanding).to.equal(0n);
    // 5 cents over 9 rows: 5 / 9 rounds up to 1 cent, gone after 5 rows.
    const tiny = { ...C02, principal: minor(5n), numberOfInstalments: 9, instalmentMultiple: minor(1n) };
    const cents = computeSchedule({
      ...tiny,
      annualRate: rateFromBps(0, "r"),
      amortisation: "equal_principal",
    });
    expect(cents.map(({ principal }) => principal)).to.deep.equal([1n, 1n, 1n, 1n, 1n]);
  });

  it("computes flat interest with equal principal as with equal instalments", () => {
    // 1,200 at 12 % for 3 months: 36.00 of interest, 12.00 each; 400.00 of principal each.
    const terms = {
      ...C02,
      principal: minor(120_000n),
      numberOfInstalments: 3,
      interestMethod: "flat",
    } as const;
    const rows = computeSchedule({ ...terms, amortisation: "equal_principal" });
    expect(rows.map(({ principal, interest }) => [principal, interest])).to.deep.equal([
      [40_000n, 1200n],
      [40_000n, 1200n],
      [40_000n, 1200n],
    ]);
    expect(rows).to.deep.equal(computeSchedule({ ...terms, amortisation: "equal_instalments" }));
  });

  it("refuses what the progressive engine of Fineract does not have, naming the field", () => {
    const refuse = (terms: Partial<ScheduleTerms>, path: string) =>
      expectLendingError(
        () => computeSchedule({ ...C02, engine: "progressive", ...terms }),
        "unsupported",
        path,
      );
    refuse({ interestMethod: "flat" }, "interestMethod");
    refuse({ amortisation: "equal_principal" }, "amortisation");
    refuse({ grace: { ...C02.grace, principal: 1 } }, "graceOnPrincipal");
    refuse({ grace: { ...C02.grace, interestPayment: 1 } }, "graceOnInterestPayment");
    refuse({ grace: { ...C02.grace, interest: 1 } }, "graceOnInterestCharged");
  });

  it("keeps the seed day over short months and in leap years", () => {
    const disbursementDay = parseDate("2023-10-31", "date");
    expect(dates({ disbursementDay, numberOfInstalments: 6 })).to.deep.equal([
      "2023-11-30",
      "2023-12-31",
      "2024-01-31",
      "2024-02-29",
      "2024-03-31",
      "2024-04-30",
    ]);
    expect(dates({ disbursementDay, numberOfInstalments: 3, repayEvery: 4 })).to.deep.equal([
      "2024-02-29",
      "2024-06-30",
      "2024-10-31",
    ]);
  });

  it("lets a first repayment date set the seed day", () => {
    const firstRepaymentDay = parseDate("2022-12-15", "date");
    expect(dates({ firstRepaymentDay, numberOfInstalments: 3 })).to.deep.equal([
      "2022-12-15",
      "2023-01-15",
      "2023-02-15",
    ]);
    const weekly = { repayUnit: "weeks", repayEvery: 2, firstRepaymentDay, numberOfInstalments: 3 } as const;
    expect(dates(weekly)).to.deep.equal(["2022-12-15", "2022-12-29", "2023-01-12"]);
  });

  it("charges the instalment fee on top of every row", () => {
    const rows = computeSchedule(C02, minor(150n));
    expect(rows.every((row) => row.fee === 150n)).to.equal(true);
    expect(scheduleTotals(rows)).to.deep.equal({
      principal: 500_000n,
      interest: 48_822n,
      fee: 2700n,
      total: 551_522n,
    });
  });

  it("computes the longest schedule", () => {
    const rows = computeSchedule({
      ...C02,
      numberOfInstalments: 1000,
      repayUnit: "days",
      instalmentMultiple: minor(1n),
    });
    expect(rows.length).to.equal(1000);
    expect(rows.at(-1)?.outstanding).to.equal(0n);
  });

  it("sums to the principal, ends at 0, rises in days and has no negative cell, on random terms", () => {
    let computed = 0;
    fc.assert(
      fc.property(randomTerms, (terms) => {
        const rows = rowsIfPossible(terms);
        if (rows === undefined) return;
        computed++;
        expect(scheduleTotals(rows).principal).to.equal(terms.principal);
        expect(rows.at(-1)?.outstanding).to.equal(0n);
        let [previous, outstanding] = [terms.disbursementDay, terms.principal as bigint];
        for (const row of rows) {
          expect(row.day).to.be.greaterThan(previous);
          expect(row.principal >= 0n && row.interest >= 0n && row.fee >= 0n).to.equal(true);
          expect(row.outstanding).to.equal(outstanding - row.principal);
          [previous, outstanding] = [row.day, row.outstanding];
        }
      }),
      { seed: 18, numRuns: 600 },
    );
    expect(computed).to.be.greaterThan(300);
  });
});
