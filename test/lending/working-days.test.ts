import { expect } from "chai";
import fc from "fast-check";
import { addMonths, civilOfDay, formatDate, parseDate } from "../../lending/calendar.ts";
import { LendingError } from "../../lending/errors.ts";
import { holidayCalendar, moveDueDays, type WorkingDayRule } from "../../lending/working-days.ts";
import { expectLendingError } from "./expect-error.ts";

const day = (date: string) => parseDate(date, "date");
const [SATURDAY, SUNDAY] = [6, 7];
const WEEKENDS = holidayCalendar([SATURDAY, SUNDAY], []);

/** The moved days, as dates, of a loan of 1 January 2024 unless `disbursed` says otherwise. */
function move(
  rule: WorkingDayRule,
  dates: string[],
  calendar = WEEKENDS,
  disbursed = "2024-01-01",
): string[] {
  return moveDueDays(dates.map(day), rule, calendar, day(disbursed)).map(formatDate);
}

const holidays = (...ranges: [string, string][]) =>
  ranges.map(([from, to]) => ({ from: day(from), to: day(to) }));

describe("working days, refusing", () => {
  it("refuses calendars with impossible weekdays or holidays", () => {
    for (const weekday of [0, 8, 1.5]) {
      expectLendingError(() => holidayCalendar([1, weekday], []), "out_of_range", "restWeekdays[1]");
    }
    const backwards = holidays(["2024-01-02", "2024-01-01"]);
    expectLendingError(() => holidayCalendar([], backwards), "invalid", "holidays[0].to");
    expectLendingError(() => holidayCalendar([], [{ from: -1, to: 0 }]), "out_of_range", "holidays[0].from");
    const many = Array.from({ length: 10_001 }, () => ({ from: 0, to: 0 }));
    expectLendingError(() => holidayCalendar([], many), "out_of_range", "holidays");
  });

  it("refuses due days that do not rise or are not after the disbursement", () => {
    expectLendingError(() => move("same", ["2024-02-05", "2024-02-05"]), "invalid", "dueDays[1]");
    expectLendingError(() => move("same", ["2024-01-01"]), "invalid", "dueDays[0]");
    expectLendingError(() => moveDueDays([70_000], "same", WEEKENDS, 0), "out_of_range", "dueDays[0]");
    expectLendingError(() => moveDueDays([5], "same", WEEKENDS, -1), "out_of_range", "disbursementDay");
  });

  it("refuses two instalments that move to one day", () => {
    // Saturday, Sunday and Monday.
    const dates = ["2024-05-04", "2024-05-05", "2024-05-06"];
    expectLendingError(() => move("next", dates), "impossible", "dueDays[1]");
    expectLendingError(() => move("previous", dates.slice(0, 2)), "impossible", "dueDays[1]");
    expectLendingError(() => move("next", dates.slice(1)), "impossible", "dueDays[1]");
  });

  it("refuses a first instalment that moves back to the disbursement or before it", () => {
    const back = (disbursed: string) => () => move("previous", ["2024-05-05"], WEEKENDS, disbursed);
    expectLendingError(back("2024-05-03"), "impossible", "dueDays[0]");
    expectLendingError(back("2024-05-04"), "impossible", "dueDays[0]");
    expect(back("2024-05-02")()).to.deep.equal(["2024-05-03"]);
  });

  it("refuses calendars without a working day within 366 days, and asks no further", () => {
    const never = { isWorkingDay: () => false };
    for (const rule of ["next", "previous", "next_same_month"] as const) {
      expectLendingError(() => move(rule, ["2024-05-04"], never), "impossible", "calendar");
    }
    let asked = 0;
    const counting = {
      isWorkingDay: () => {
        asked++;
        return false;
      },
    };
    expectLendingError(() => move("next", ["2024-05-04"], counting), "impossible", "calendar");
    expect(asked).to.equal(367);
  });

  it("refuses moves beyond 2149", () => {
    const closed = holidayCalendar([], holidays(["2149-12-30", "2149-12-31"]));
    expectLendingError(() => move("next", ["2149-12-30"], closed), "out_of_range", "dueDays[0]");
  });
});

describe("working days", () => {
  it("leaves working days where they are, by every rule", () => {
    for (const rule of ["same", "next", "previous", "next_same_month"] as const) {
      expect(move(rule, ["2024-05-06", "2024-06-06"])).to.deep.equal(["2024-05-06", "2024-06-06"]);
    }
  });

  it("knows the days of the week", () => {
    const mondays = holidayCalendar([1], []);
    expect(mondays.isWorkingDay(day("2024-05-06"))).to.equal(false);
    expect(mondays.isWorkingDay(day("2024-05-07"))).to.equal(true);
    expect(holidayCalendar([4], []).isWorkingDay(day("1970-01-01"))).to.equal(false);
    expect(holidayCalendar([3], []).isWorkingDay(-1)).to.equal(false);
  });

  it("moves a Sunday to Monday, to Friday, or not at all", () => {
    expect(move("same", ["2024-05-05"])).to.deep.equal(["2024-05-05"]);
    expect(move("next", ["2024-05-05"])).to.deep.equal(["2024-05-06"]);
    expect(move("previous", ["2024-05-05"])).to.deep.equal(["2024-05-03"]);
  });

  it("moves forward within the month, and back where forward would leave it", () => {
    // 30 June 2024 is a Sunday, 15 June a Saturday.
    expect(move("next_same_month", ["2024-06-15", "2024-06-30"])).to.deep.equal(["2024-06-17", "2024-06-28"]);
    // The next working day lies in the same month of another year.
    const closed = holidayCalendar([], holidays(["2024-05-05", "2025-05-01"]));
    expect(move("next_same_month", ["2024-05-05"], closed)).to.deep.equal(["2024-05-04"]);
  });

  it("jumps over holidays that touch rest days", () => {
    const easter = holidayCalendar(
      [SATURDAY, SUNDAY],
      holidays(["2024-03-29", "2024-03-29"], ["2024-04-01", "2024-04-01"]),
    );
    expect(move("next", ["2024-03-29"], easter)).to.deep.equal(["2024-04-02"]);
    expect(move("previous", ["2024-04-01"], easter)).to.deep.equal(["2024-03-28"]);
    expect(move("next_same_month", ["2024-03-30"], easter)).to.deep.equal(["2024-03-28"]);
  });

  it("computes each day from its own date: a moved day does not drag the ones after it", () => {
    const monthly = [1, 2, 3, 4].map((months) => formatDate(addMonths(day("2024-04-05"), months)));
    expect(monthly).to.deep.equal(["2024-05-05", "2024-06-05", "2024-07-05", "2024-08-05"]);
    expect(move("next", monthly)).to.deep.equal(["2024-05-06", "2024-06-05", "2024-07-05", "2024-08-05"]);
  });

  it("gives strictly rising working days after the disbursement, or an error that names a due day", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("next", "previous", "next_same_month" as const),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 24 }),
        fc.subarray([1, 2, 3, 4, 5, 6, 7], { maxLength: 6 }),
        fc.array(fc.record({ from: fc.integer({ min: 19_000, max: 20_000 }), length: fc.nat(9) }), {
          maxLength: 9,
        }),
        (rule, gaps, rest, ranges) => {
          const calendar = holidayCalendar(
            rest,
            ranges.map(({ from, length }) => ({ from, to: from + length })),
          );
          let last = 19_000;
          const dueDays = gaps.map((gap) => {
            last += gap;
            return last;
          });
          try {
            const moved = moveDueDays(dueDays, rule as WorkingDayRule, calendar, 19_000);
            expect(moved.every((one) => calendar.isWorkingDay(one))).to.equal(true);
            expect(moved.every((one, index) => one > (moved[index - 1] ?? 19_000))).to.equal(true);
            if (rule !== "next_same_month") return;
            const month = (one: number) => civilOfDay(one).year * 12 + civilOfDay(one).month;
            expect(moved.every((one, index) => month(one) <= month(dueDays[index] ?? 0))).to.equal(true);
          } catch (error) {
            if (!(error instanceof LendingError)) throw error;
            expect([error.code, /^dueDays\[\d+\]$/.test(error.path)]).to.deep.equal(["impossible", true]);
          }
        },
      ),
      { seed: 20240505, numRuns: 400 },
    );
  });
});
