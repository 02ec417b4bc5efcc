import { expect } from "chai";
import fc from "fast-check";
import { type AgedInstalment, ageOf, DEFAULT_BUCKETS } from "../../lending/ageing.ts";
import { formatDate, parseDate } from "../../lending/calendar.ts";
import { type Components, noComponents } from "../../lending/standing.ts";
import { expectLendingError } from "./expect-error.ts";

const day = (date: string) => parseDate(date, "date");

const instalment = (
  date: string,
  due: Partial<Components>,
  paid: Partial<Components> = {},
): AgedInstalment => ({
  day: day(date),
  ...noComponents(),
  ...due,
  paid: { ...noComponents(), ...paid },
});

/** 278 a month from 5 May, of which 50 are interest. */
const ROWS = [
  instalment("2024-05-05", { principal: 228n, interest: 50n }, { principal: 228n, interest: 50n }),
  instalment("2024-06-05", { principal: 230n, interest: 48n }, { interest: 48n }),
  instalment("2024-07-05", { principal: 232n, interest: 46n, penalty: 7n, fee: 3n }),
  instalment("2024-08-05", { principal: 234n, interest: 44n }),
];

describe("ageing, refusing", () => {
  const refuse = (rows: AgedInstalment[], code: "invalid" | "out_of_range", path: string) =>
    expectLendingError(() => ageOf(rows, day("2024-06-06")), code, path);

  it("refuses due days that do not rise and days out of the calendar", () => {
    const [first, second] = [instalment("2024-05-05", {}), instalment("2024-05-05", {})];
    refuse([first, second], "invalid", "instalments[1].day");
    refuse([{ ...first, day: -1 }], "out_of_range", "instalments[0].day");
    expectLendingError(() => ageOf(ROWS, 0.5), "out_of_range", "day");
  });

  it("refuses amounts below 0 and more paid than due, naming the component", () => {
    refuse([instalment("2024-05-05", { fee: -1n })], "out_of_range", "instalments[0].fee");
    const negative = instalment("2024-05-05", { fee: 1n }, { fee: -1n });
    refuse([negative], "out_of_range", "instalments[0].paid.fee");
    const over = instalment("2024-05-05", { principal: 9n, interest: 1n }, { interest: 2n });
    refuse([over], "out_of_range", "instalments[0].paid.interest");
  });

  it("refuses tolerances below 0", () => {
    const none = { days: 0, amount: 0n };
    const age = (tolerance: Partial<typeof none>) => () =>
      ageOf(ROWS, day("2024-06-06"), { ...none, ...tolerance });
    expectLendingError(age({ days: -1 }), "out_of_range", "tolerance.days");
    expectLendingError(age({ days: 0.5 }), "out_of_range", "tolerance.days");
    expectLendingError(age({ amount: -1n }), "out_of_range", "tolerance.amount");
  });

  it("refuses ranges that leave a gap, overlap, begin at day 0 or end before they begin", () => {
    const bucket = (...ranges: [number, number?][]) => {
      const buckets = ranges.map(([fromDays, toDays]) => ({ fromDays, toDays }));
      return () => ageOf(ROWS, day("2024-06-06"), undefined, buckets);
    };
    expectLendingError(bucket([0, 3]), "out_of_range", "buckets[0].fromDays");
    expectLendingError(bucket([3, 2]), "out_of_range", "buckets[0].toDays");
    expectLendingError(bucket([1, 3], [5, 9]), "invalid", "buckets[1].fromDays");
    expectLendingError(bucket([1, 3], [3, 9]), "invalid", "buckets[1].fromDays");
    expectLendingError(bucket([1], [4, 9]), "invalid", "buckets[1].fromDays");
  });
});

describe("ageing", () => {
  it("knows no arrears on the due day itself, and one day past due on the next", () => {
    expect(ageOf(ROWS, day("2024-06-05"))).to.deep.equal({
      daysPastDue: 0,
      delinquentDays: 0,
      overdueSince: undefined,
      overdue: noComponents(),
      totalOverdue: 0n,
      bucket: undefined,
    });
    expect(ageOf(ROWS, day("2024-06-06"))).to.deep.equal({
      daysPastDue: 1,
      delinquentDays: 1,
      overdueSince: day("2024-06-05"),
      overdue: { ...noComponents(), principal: 230n },
      totalOverdue: 230n,
      bucket: { fromDays: 1, toDays: 3 },
    });
  });

  it("counts from the oldest unpaid due day and adds up every overdue component", () => {
    const age = ageOf(ROWS, day("2024-07-06"));
    expect(formatDate(age.overdueSince ?? 0)).to.equal("2024-06-05");
    expect(age.daysPastDue).to.equal(31);
    expect(age.overdue).to.deep.equal({ principal: 462n, interest: 46n, penalty: 7n, fee: 3n });
    expect(age.totalOverdue).to.equal(518n);
    expect(age.bucket).to.deep.equal({ fromDays: 31, toDays: 60 });
  });

  it("does not call a loan past due up to the tolerated amount, but shows what is overdue", () => {
    const tolerance = { days: 0, amount: 230n };
    const tolerated = ageOf(ROWS, day("2024-07-05"), tolerance);
    expect(tolerated).to.include({
      daysPastDue: 0,
      delinquentDays: 0,
      totalOverdue: 230n,
      bucket: undefined,
    });
    expect(tolerated.overdueSince).to.equal(day("2024-06-05"));
    expect(ageOf(ROWS, day("2024-07-06"), tolerance).daysPastDue).to.equal(31);
    expect(ageOf(ROWS, day("2024-07-05"), { days: 0, amount: 229n }).daysPastDue).to.equal(30);
  });

  it("takes the tolerated days off the delinquent days, not off the days past due", () => {
    const age = (date: string) => ageOf(ROWS, day(date), { days: 5, amount: 0n });
    expect(age("2024-06-10")).to.include({ daysPastDue: 5, delinquentDays: 0, bucket: undefined });
    expect(age("2024-06-11")).to.deep.include({
      daysPastDue: 6,
      delinquentDays: 1,
      bucket: DEFAULT_BUCKETS[0],
    });
  });

  it("has a bucket for every delinquent day: 1-3, 4-30, 31-60 ... 181-240, from 241", () => {
    const rows = [instalment("2024-01-01", { principal: 1n })];
    const bucketAt = (days: number) => {
      const { bucket } = ageOf(rows, day("2024-01-01") + days);
      return bucket && `${bucket.fromDays}-${bucket.toDays ?? ""}`;
    };
    const expected: [number, string][] = [
      [1, "1-3"],
      [3, "1-3"],
      [4, "4-30"],
      [30, "4-30"],
      [31, "31-60"],
      [60, "31-60"],
      [61, "61-90"],
      [91, "91-120"],
      [121, "121-150"],
      [151, "151-180"],
      [181, "181-240"],
      [240, "181-240"],
      [241, "241-"],
      [9_999, "241-"],
    ];
    expect(expected.map(([days]) => [days, bucketAt(days)])).to.deep.equal(expected);
  });

  it("takes configured ranges, and knows no bucket beyond the last of them", () => {
    const buckets = [
      { fromDays: 10, toDays: 19 },
      { fromDays: 20, toDays: 29 },
    ];
    const at = (date: string) => ageOf(ROWS, day(date), undefined, buckets).bucket;
    expect(at("2024-06-14")).to.equal(undefined);
    expect(at("2024-06-15")).to.deep.equal(buckets[0]);
    expect(at("2024-07-05")).to.equal(undefined);
  });

  it("grows by a day each day, as long as nobody pays", () => {
    const rows = [instalment("2024-01-01", { principal: 5n }), instalment("2024-02-01", { principal: 5n })];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (days) => {
        const today = ageOf(rows, day("2024-01-01") + days);
        const tomorrow = ageOf(rows, day("2024-01-01") + days + 1);
        expect(tomorrow.daysPastDue).to.equal(today.daysPastDue + 1);
        expect(tomorrow.totalOverdue >= today.totalOverdue).to.equal(true);
      }),
      { seed: 20240101, numRuns: 200 },
    );
  });
});
