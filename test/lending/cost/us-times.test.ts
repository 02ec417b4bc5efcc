import { expect } from "chai";
import { parseDate } from "../../../lending/calendar.ts";
import { usTimes } from "../../../lending/cost/us-times.ts";

/** "unit-periods a year: interval to each later date", as exact numbers. */
function times(...dates: string[]): string {
  const days = dates.map((date) => parseDate(date, "date"));
  const { perYear, periodsTo } = usTimes(days);
  const intervals = days.slice(1).map((day) => {
    const { whole, fraction } = periodsTo(day);
    return fraction.numerator === 0n ? `${whole}` : `${whole}+${fraction.numerator}/${fraction.denominator}`;
  });
  return `${perYear.numerator}/${perYear.denominator}: ${intervals.join(" ")}`;
}

// The rules: 12 CFR 1026 Appendix J (b)(3) to (b)(5).
describe("the unit-periods of the American annual percentage rate", () => {
  it("are months counted back from the later date, and days of 30 before them", () => {
    expect(times("1978-02-10", "1978-04-01", "1978-05-01", "1978-06-01")).to.equal(
      "12/1: 1+19/30 2+19/30 3+19/30",
    );
  });

  it("are months through month ends, from the last day to the last day", () => {
    expect(times("2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30")).to.equal("12/1: 1 2 3");
    expect(times("2023-01-10", "2023-01-30", "2023-02-28", "2023-03-30")).to.equal(
      "12/1: 0+20/30 1+20/30 2+20/30",
    );
  });

  it("are multiples of months in days of 30", () => {
    expect(times("1978-05-23", "1978-10-01", "1979-01-01", "1979-04-01")).to.equal(
      "12/3: 1+39/90 2+39/90 3+39/90",
    );
  });

  it("are half months in days of 15", () => {
    expect(times("1978-02-23", "1978-03-01", "1978-03-16", "1978-04-01", "1978-04-16")).to.equal(
      "24/1: 0+6/15 1+6/15 2+6/15 3+6/15",
    );
  });

  it("are weeks and their multiples in days of 7", () => {
    expect(times("1978-03-20", "1978-04-21", "1978-04-28", "1978-05-05")).to.equal("52/1: 4+4/7 5+4/7 6+4/7");
    expect(times("1978-03-18", "1978-04-20", "1978-05-18", "1978-06-15")).to.equal(
      "52/4: 1+5/28 2+5/28 3+5/28",
    );
  });

  it("are days of which 365 make a year, or the days that a loan counts by", () => {
    expect(times("2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01")).to.equal("365/1: 1 2 3");
    expect(times("2024-02-27", "2024-03-08", "2024-03-18")).to.equal("365/10: 1 2");
  });

  it("are years with months, or else days of 365, before them", () => {
    expect(times("2020-03-01", "2020-06-01", "2021-06-01", "2022-06-01")).to.equal(
      "12/12: 0+3/12 1+3/12 2+3/12",
    );
    expect(times("2020-03-01", "2020-06-02", "2021-06-02", "2022-06-02")).to.equal(
      "12/12: 0+93/365 1+93/365 2+93/365",
    );
  });

  it("follow the smaller of two periods that are equally common", () => {
    expect(times("2023-01-01", "2023-02-01", "2023-03-01", "2023-05-01", "2023-07-01")).to.equal(
      "12/1: 1 2 4 6",
    );
  });

  it("are the standard interval nearest to the average where no period is common, the lower of two", () => {
    // 10 and 19 days: 14.5 lies between two weeks and a semimonth.
    expect(times("2023-01-01", "2023-01-11", "2023-01-30")).to.equal("52/2: 0+10/14 2+1/14");
    // 400 and 500 days: never more than a year.
    expect(times("2020-01-01", "2021-02-04", "2022-06-19")).to.match(/^12\/12:/);
  });

  it("are the term itself for one payment within a year, in months where it has no days", () => {
    expect(times("1978-07-15", "1979-01-15")).to.equal("12/6: 1");
    expect(times("1978-01-01", "1978-09-13")).to.equal("365/255: 1");
  });

  it("are years for one payment from a year on", () => {
    expect(times("1978-01-03", "1979-01-03")).to.equal("12/12: 1");
    expect(times("1978-01-15", "1979-07-15")).to.equal("12/12: 1+6/12");
    expect(times("1978-01-15", "1979-01-25")).to.equal("12/12: 1+10/365");
  });
});
