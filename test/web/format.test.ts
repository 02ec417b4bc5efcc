import { expect } from "chai";
import { amount, dateInWords, fromToday, percent, plural, short, utcOffset } from "../../web/pages/format.ts";

describe("how pages write figures", () => {
  it("groups digits and keeps every cent", () => {
    const cases: [bigint, number, string][] = [
      [0n, 2, "0.00"],
      [5n, 2, "0.05"],
      [99_999n, 2, "999.99"],
      [100_000n, 2, "1,000.00"],
      [123_456_789_012_345_678_901n, 2, "1,234,567,890,123,456,789.01"],
      [1_234_567n, 0, "1,234,567"],
      [1_234_567n, 6, "1.234567"],
    ];
    for (const [minor, decimals, text] of cases) expect(amount(minor, decimals)).to.equal(text);
  });

  it("writes dates in words and counts days from the chain's today", () => {
    expect(dateInWords("2023-03-01")).to.equal("1 March 2023");
    expect(dateInWords("2024-12-31")).to.equal("31 December 2024");
    expect(fromToday("2023-03-01", "2023-02-05")).to.equal("in 24 days");
    expect(fromToday("2023-03-01", "2023-03-01")).to.equal("today");
    expect(fromToday("2023-03-02", "2023-03-01")).to.equal("tomorrow");
    expect(fromToday("2023-02-28", "2023-03-01")).to.equal("yesterday");
    expect(fromToday("2022-12-01", "2023-03-01")).to.equal("90 days ago");
  });

  it("writes rates, offsets and counts as people do", () => {
    expect([percent(1000), percent(50), percent(1225)]).to.deep.equal(["10 %", "0.5 %", "12.25 %"]);
    expect([utcOffset(0), utcOffset(10_800), utcOffset(-16_200), utcOffset(20_700)]).to.deep.equal([
      "UTC",
      "UTC+3",
      "UTC−4:30",
      "UTC+5:45",
    ]);
    expect([plural(1, "day"), plural(0, "day"), plural(2, "day")]).to.deep.equal([
      "1 day",
      "0 days",
      "2 days",
    ]);
  });

  it("shortens addresses and keeps the whole of them at hand", () => {
    expect(String(short("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"))).to.equal(
      '<abbr class="id" title="0x70997970C51812dc3A010C7d01b50e0d17dc79C8">0x7099…79C8</abbr>',
    );
  });
});
