import { expect } from "chai";
import { deployHelper, type Helper } from "./support/chain.ts";

type TextHarness = Helper<"dates">;

const DEEP = process.env.AHADI_DEEP === "1";

const DAY_MS = 86_400_000;
const LAST_DAY = 65_743;

/** Dates that any almanac has. */
const KNOWN: readonly (readonly [number, string])[] = [
  [0, "1970-01-01"],
  [30, "1970-01-31"],
  [31, "1970-02-01"],
  [58, "1970-02-28"],
  [59, "1970-03-01"],
  [364, "1970-12-31"],
  [365, "1971-01-01"],
  [788, "1972-02-28"],
  [789, "1972-02-29"],
  [790, "1972-03-01"],
  [11_015, "2000-02-28"],
  [11_016, "2000-02-29"],
  [11_017, "2000-03-01"],
  [19_782, "2024-02-29"],
  [24_837, "2038-01-01"],
  [47_540, "2100-02-28"],
  [47_541, "2100-03-01"],
  [LAST_DAY, "2149-12-31"],
  [157_113, "2400-02-29"],
];

/** The system's own answer. */
function expectedDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

async function expectDates(harness: TextHarness, from: number, count: number): Promise<void> {
  const expected = Array.from({ length: count }, (_, index) => expectedDate(from + index));
  expect([...(await harness.dates(from, count))]).to.deep.equal(expected);
}

describe("A day number as a date", () => {
  it("is the almanac's, leap days and the years without them included", async () => {
    const harness: TextHarness = await deployHelper("TextHarness");
    for (const [day, text] of KNOWN) expect((await harness.dates(day, 1))[0], text).to.equal(text);
  });

  it("is the system's on every day of years of each kind", async () => {
    const harness: TextHarness = await deployHelper("TextHarness");
    for (const year of ["1970", "1972", "2000", "2100", "2149"]) {
      await expectDates(harness, Date.parse(`${year}-01-01`) / DAY_MS, 365 + 1);
    }
  });

  it("is the system's on days all over the time in which loans begin and end", async function () {
    this.timeout(300_000);
    const harness: TextHarness = await deployHelper("TextHarness");
    const [step, count] = DEEP ? [1024, 1024] : [211, 7];
    for (let from = 0; from <= LAST_DAY; from += step) await expectDates(harness, from, count);
  });

  it("is right up to the year 9999, and has more digits afterwards", async () => {
    const harness: TextHarness = await deployHelper("TextHarness");
    for (let day = LAST_DAY; day < 2_932_896; day += 97_001) await expectDates(harness, day, 2);
    expect([...(await harness.dates(2_932_896, 2))]).to.deep.equal(["9999-12-31", "10000-01-01"]);
    expect((await harness.dates(2 ** 32 - 1, 1))[0]).to.match(/^11761191-\d\d-\d\d$/);
  });
});
