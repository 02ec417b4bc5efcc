import { expect } from "chai";
import fc from "fast-check";
import { addMonths, parseDate } from "../../../lending/calendar.ts";
import { euIntervals } from "../../../lending/cost/eu-intervals.ts";
import type { Fraction } from "../../../lending/rate.ts";

/** The intervals from the first date to each later one, as exact numbers of years. */
function years(...dates: string[]): string[] {
  const days = dates.map((date) => parseDate(date, "date"));
  const yearsTo = euIntervals(days);
  return days.slice(1).map((day) => text(yearsTo(day)));
}

/** Years as a fraction in lowest terms. */
function text({ numerator, denominator }: Fraction): string {
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return `${numerator / a}/${denominator / a}`;
}

/** `whole / perYear + days / yearDays` years. */
function plus(whole: bigint, perYear: bigint, days: bigint, yearDays: bigint): string {
  return text({ numerator: whole * yearDays + days * perYear, denominator: perYear * yearDays });
}

// All dates and intervals: Commission guidelines SWD(2012) 128 final, 4.1.1.
describe("the intervals of the European annual percentage rate", () => {
  it("are whole months where they can be, whatever the months' lengths", () => {
    expect(years("2013-01-15", "2013-02-15", "2013-03-15")).to.deep.equal(["1/12", "1/6"]);
    expect(years("2012-02-01", "2013-02-01", "2014-02-01")).to.deep.equal(["1/1", "2/1"]);
  });

  it("are months counted backwards, and then days of the year that ends with them", () => {
    expect(years("2012-01-12", "2012-02-15", "2012-03-15", "2012-04-15")).to.deep.equal([
      plus(1n, 12n, 3n, 365n),
      plus(2n, 12n, 3n, 365n),
      plus(3n, 12n, 3n, 365n),
    ]);
    expect(years("2012-12-01", "2013-02-02", "2013-03-02", "2013-04-02")).to.deep.equal([
      plus(2n, 12n, 1n, 366n),
      plus(3n, 12n, 1n, 366n),
      plus(4n, 12n, 1n, 366n),
    ]);
  });

  it("take the days of a leap year as parts of 366", () => {
    expect(years("2013-01-12", "2013-02-15", "2013-03-15", "2013-04-15")).to.deep.equal([
      plus(1n, 12n, 3n, 366n),
      plus(2n, 12n, 3n, 366n),
      plus(3n, 12n, 3n, 366n),
    ]);
  });

  it("are years and days where payments come once a year", () => {
    expect(years("2012-01-12", "2012-02-15", "2013-02-15", "2014-02-15")).to.deep.equal([
      plus(0n, 1n, 34n, 365n),
      plus(1n, 1n, 34n, 365n),
      plus(2n, 1n, 34n, 365n),
    ]);
  });

  it("count back to the end of February where it lacks the day", () => {
    expect(years("2013-02-25", "2013-03-28")).to.deep.equal([plus(1n, 12n, 3n, 366n)]);
    expect(years("2013-02-26", "2013-03-29")).to.deep.equal([plus(1n, 12n, 2n, 366n)]);
    expect(years("2012-02-26", "2012-03-29")).to.deep.equal([plus(1n, 12n, 3n, 366n)]);
  });

  it("are whole months on the way through month ends", () => {
    expect(years("2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30")).to.deep.equal([
      "1/12",
      "1/6",
      "1/4",
    ]);
    expect(years("2023-01-30", "2023-02-28", "2023-03-30")).to.deep.equal(["1/12", "1/6"]);
  });

  it("are weeks of which 52 make a year where payments come weekly", () => {
    expect(years("2023-01-02", "2023-01-09", "2023-01-16")).to.deep.equal(["1/52", "1/26"]);
    expect(years("2023-01-02", "2023-01-11", "2023-01-18", "2023-01-25")).to.deep.equal([
      plus(1n, 52n, 2n, 365n),
      plus(2n, 52n, 2n, 365n),
      plus(3n, 52n, 2n, 365n),
    ]);
  });

  it("are weeks rather than months and days where that leaves no days", () => {
    // The guidelines' own "2 months and 3 days, if months are used" are 63 days: nine weeks.
    expect(years("2012-01-12", "2012-03-15")).to.deep.equal(["9/52"]);
    expect(years("2012-01-12", "2012-03-16")).to.deep.equal([plus(2n, 12n, 4n, 365n)]);
  });

  it("are weeks and days where payments come every ten days", () => {
    expect(years("2023-01-02", "2023-01-12", "2023-01-22")).to.deep.equal([
      plus(1n, 52n, 3n, 365n),
      plus(2n, 52n, 6n, 365n),
    ]);
  });

  it("of a loan with equal months are k / 12, from any day on", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 11 }),
        (start, count, every) => {
          const days = Array.from({ length: count + 1 }, (_, index) => addMonths(start, index * every));
          const yearsTo = euIntervals(days);
          for (const [index, day] of days.entries()) {
            const { numerator, denominator } = yearsTo(day);
            expect(numerator * 12n).to.equal(BigInt(index * every) * denominator);
          }
        },
      ),
      { seed: 20230928, numRuns: 300 },
    );
  });
});
