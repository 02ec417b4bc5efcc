import { expect } from "chai";
import {
  addMonths,
  civilOfDay,
  dayNumber,
  dayOfCivil,
  dueMoment,
  endOfDay,
  FIRST_DAY,
  formatDate,
  LAST_DAY,
  parseDate,
  startOfDay,
} from "../../lending/calendar.ts";
import { expectLendingError } from "./expect-error.ts";

const date = (text: string) => parseDate(text, "date");

describe("calendar", () => {
  it("refuses dates that are not written as ISO dates", () => {
    for (const text of [
      "2022-1-1",
      "2022/01/01",
      "01-01-2022",
      "2022-01-01T00:00:00Z",
      "",
      " 2022-01-01",
      19000,
      null,
    ]) {
      expectLendingError(() => parseDate(text, "params.disburseDate"), "invalid", "params.disburseDate");
    }
  });

  it("refuses days that do not exist", () => {
    for (const text of [
      "2023-02-29",
      "2100-02-29",
      "2022-04-31",
      "2022-13-01",
      "2022-00-10",
      "2022-01-00",
      "2022-01-32",
    ]) {
      expectLendingError(() => date(text), "invalid", "date");
    }
  });

  it("refuses days before 1970 and after 2149", () => {
    for (const text of ["1969-12-31", "2150-01-01", "0000-01-01", "9999-12-31"]) {
      expectLendingError(() => date(text), "out_of_range", "date");
    }
    expectLendingError(() => formatDate(LAST_DAY + 1), "out_of_range", "day");
    expectLendingError(() => formatDate(0.5), "out_of_range", "day");
  });

  it("agrees with the platform's calendar on every day from 1970 to 2149", () => {
    for (let day = FIRST_DAY; day <= LAST_DAY; day++) {
      const iso = new Date(day * 86_400_000).toISOString().slice(0, 10);
      if (formatDate(day) !== iso || date(iso) !== day)
        expect.fail(`day ${day} is ${iso}, not ${formatDate(day)}`);
    }
    expect([formatDate(FIRST_DAY), formatDate(LAST_DAY)]).to.deep.equal(["1970-01-01", "2149-12-31"]);
  });

  it("keeps to civil dates also outside that range", () => {
    expect(civilOfDay(-1)).to.deep.equal({ year: 1969, month: 12, dayOfMonth: 31 });
    expect(dayOfCivil({ year: 2000, month: 2, dayOfMonth: 29 })).to.equal(11_016);
  });

  it("lands on the last day of a shorter month and returns to the seed day", () => {
    const seed = date("2023-01-31");
    const dates = [1, 2, 3, 13, 25].map((months) => formatDate(addMonths(seed, months)));
    expect(dates).to.deep.equal(["2023-02-28", "2023-03-31", "2023-04-30", "2024-02-29", "2025-02-28"]);
    expect(formatDate(addMonths(date("2023-02-28"), 1, 31))).to.equal("2023-03-31");
    expect(formatDate(addMonths(date("2023-12-15"), -12))).to.equal("2022-12-15");
  });

  it("counts days in the offset of the institution", () => {
    const midnightUtc = 1_667_260_800;
    const nairobi = 3 * 3600;
    expect(formatDate(dayNumber(midnightUtc, 0))).to.equal("2022-11-01");
    expect(formatDate(dayNumber(midnightUtc - 1, 0))).to.equal("2022-10-31");
    expect(formatDate(dayNumber(BigInt(midnightUtc - nairobi), nairobi))).to.equal("2022-11-01");
    expect(formatDate(dayNumber(midnightUtc - nairobi - 1, nairobi))).to.equal("2022-10-31");
    expect(formatDate(dayNumber(midnightUtc, -5 * 3600))).to.equal("2022-10-31");
  });

  it("calls an instalment late from the first second after its whole due day", () => {
    for (const offset of [-43_200, 0, 10_800, 20_700, 50_400]) {
      const day = date("2022-12-01");
      expect(dayNumber(startOfDay(day, offset), offset)).to.equal(day);
      expect(dayNumber(endOfDay(day, offset), offset)).to.equal(day);
      expect(dueMoment(day, offset)).to.equal(endOfDay(day, offset) + 1);
      expect(dueMoment(day, offset)).to.equal((day + 1) * 86_400 - offset);
      expect(dayNumber(dueMoment(day, offset), offset)).to.equal(day + 1);
    }
  });
});
