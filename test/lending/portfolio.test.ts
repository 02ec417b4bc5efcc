import { expect } from "chai";
import fc from "fast-check";
import {
  type CollectionFigures,
  collectionRatios,
  formatPercent,
  type PeriodFigures,
  type PortfolioLoan,
  periodRatios,
  portfolioQuality,
} from "../../lending/portfolio.ts";
import type { Fraction } from "../../lending/rate.ts";
import { expectLendingError } from "./expect-error.ts";

const SOUND: PortfolioLoan = {
  outstandingPrincipal: 500_000n,
  overdue: 0n,
  daysPastDue: 0,
  isRenegotiated: false,
};

const YEAR: PeriodFigures = {
  months: 12,
  grossPortfolios: [80_000n, 120_000n],
  cashPortfolioIncome: 30_000n,
  operatingRevenue: 33_000n,
  financialExpense: 8_000n,
  impairmentExpense: 2_000n,
  operatingExpense: 20_000n,
  writtenOff: 1_500n,
};

const COLLECTED: CollectionFigures = {
  fellDue: 10_000n,
  paid: 9_700n,
  paidOnTime: 9_000n,
  averageTermYears: { numerator: 2n, denominator: 12n },
};

const percent = (ratio: Fraction | undefined, decimals = 1) =>
  ratio === undefined ? undefined : formatPercent(ratio, decimals);

describe("portfolio figures, refusing", () => {
  it("refuses negative amounts and days, naming the loan", () => {
    const refuse = (loan: Partial<PortfolioLoan>, path: string) =>
      expectLendingError(() => portfolioQuality([SOUND, { ...SOUND, ...loan }], 0n), "out_of_range", path);
    refuse({ outstandingPrincipal: -1n }, "loans[1].outstandingPrincipal");
    refuse({ overdue: -1n }, "loans[1].overdue");
    refuse({ daysPastDue: -1 }, "loans[1].daysPastDue");
    refuse({ daysPastDue: Number.NaN }, "loans[1].daysPastDue");
    expectLendingError(() => portfolioQuality([], -1n), "out_of_range", "lossAllowance");
    expectLendingError(() => portfolioQuality([], 0n, [30, -1]), "out_of_range", "parDays[1]");
  });

  it("refuses periods without months and negative flows, but takes released provisions", () => {
    const refuse = (figures: Partial<PeriodFigures>, path: string) =>
      expectLendingError(() => periodRatios({ ...YEAR, ...figures }), "out_of_range", path);
    for (const months of [0, -1, 1.5]) refuse({ months }, "months");
    refuse({ grossPortfolios: [1n, -1n] }, "grossPortfolios[1]");
    refuse({ writtenOff: -1n }, "writtenOff");
    refuse({ operatingRevenue: -1n }, "operatingRevenue");
    expect(percent(periodRatios({ ...YEAR, impairmentExpense: -1_000n }).impairmentRatio)).to.equal("-1.0");
  });

  it("refuses collections that contradict themselves", () => {
    const refuse = (figures: Partial<CollectionFigures>, code: "impossible" | "out_of_range", path: string) =>
      expectLendingError(() => collectionRatios({ ...COLLECTED, ...figures }), code, path);
    refuse({ fellDue: -1n }, "out_of_range", "fellDue");
    refuse({ paidOnTime: 10_001n }, "impossible", "paidOnTime");
    refuse({ paidOnTime: 9_701n }, "impossible", "paidOnTime");
    refuse({ averageTermYears: { numerator: 0n, denominator: 1n } }, "out_of_range", "averageTermYears");
  });

  it("have no ratio where the denominator is 0", () => {
    expect(portfolioQuality([], 5n)).to.deep.equal({
      grossPortfolio: 0n,
      atRisk: [1, 30, 60, 90, 180].map((days) => ({ days, amount: 0n, ratio: undefined })),
      overdue: 0n,
      arrearsRate: undefined,
      riskCoverage: undefined,
    });
    expect(portfolioQuality([SOUND], 5n).riskCoverage).to.equal(undefined);
    const idle = periodRatios({ ...YEAR, grossPortfolios: [] });
    expect([idle.averageGrossPortfolio, idle.portfolioYield]).to.deep.equal([undefined, undefined]);
    const gain = { financialExpense: 0n, operatingExpense: 0n, impairmentExpense: -1n };
    expect(periodRatios({ ...YEAR, ...gain }).operationalSelfSufficiency).to.equal(undefined);
    const nothing = collectionRatios({ ...COLLECTED, fellDue: 0n, paidOnTime: 0n });
    expect(Object.values(nothing)).to.deep.equal([undefined, undefined, undefined]);
  });
});

describe("portfolio quality", () => {
  it("puts a loan of 5,000 with one instalment of 278 late wholly at risk, but only 278 in arrears", () => {
    const quality = portfolioQuality([{ ...SOUND, overdue: 27_800n, daysPastDue: 40 }], 0n);
    expect(quality.overdue).to.equal(27_800n);
    expect(quality.arrearsRate).to.deep.equal({ numerator: 27_800n, denominator: 500_000n });
    expect(percent(quality.arrearsRate, 2)).to.equal("5.56");
    const par30 = quality.atRisk.find(({ days }) => days === 30);
    expect(par30?.amount).to.equal(500_000n);
    expect(percent(par30?.ratio, 2)).to.equal("100.00");
  });

  it("counts a loan from one day more than X, in every PAR up to its lateness", () => {
    const loans = [SOUND, { ...SOUND, overdue: 1n, daysPastDue: 30 }];
    const amounts = (late: PortfolioLoan[]) => portfolioQuality(late, 0n).atRisk.map(({ amount }) => amount);
    expect(amounts(loans)).to.deep.equal([500_000n, 0n, 0n, 0n, 0n]);
    const later = loans.map((loan) => ({ ...loan, daysPastDue: loan.daysPastDue * 3 + 1 }));
    expect(amounts(later.slice(1))).to.deep.equal([500_000n, 500_000n, 500_000n, 500_000n, 0n]);
  });

  it("counts renegotiated loans at every X, paid or not", () => {
    const { atRisk } = portfolioQuality([SOUND, { ...SOUND, isRenegotiated: true }], 0n, [0, 365]);
    expect(atRisk.map(({ ratio }) => percent(ratio))).to.deep.equal(["50.0", "50.0"]);
  });

  it("covers the loans at risk beyond 30 days", () => {
    const late = { ...SOUND, daysPastDue: 31 };
    expect(percent(portfolioQuality([SOUND, late], 400_000n, [90]).riskCoverage)).to.equal("80.0");
  });

  it("is never below the arrears of its late loans, and falls with X", () => {
    const loan = fc.record({
      outstandingPrincipal: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      overdue: fc.constant(0n),
      daysPastDue: fc.integer({ min: 0, max: 400 }),
      isRenegotiated: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(loan, { maxLength: 20 }), (loans) => {
        const owed = loans.map((one) => ({
          ...one,
          overdue: one.daysPastDue > 0 ? one.outstandingPrincipal / 2n : 0n,
        }));
        const { atRisk, overdue, grossPortfolio } = portfolioQuality(owed, 0n, [0, 1, 30, 60, 90, 180]);
        const amounts = atRisk.map(({ amount }) => amount);
        expect((amounts[0] ?? 0n) >= overdue).to.equal(true);
        expect((amounts[0] ?? 0n) <= grossPortfolio).to.equal(true);
        expect(amounts).to.deep.equal([...amounts].sort((a, b) => Number(b - a)));
      }),
      { seed: 2003, numRuns: 200 },
    );
  });
});

describe("period ratios", () => {
  it("stand over the mean portfolio", () => {
    const ratios = periodRatios(YEAR);
    const printed = Object.entries(ratios).map(([name, ratio]) => [name, percent(ratio)]);
    expect(Object.fromEntries(printed.slice(1))).to.deep.equal({
      portfolioYield: "30.0",
      writeOffRatio: "1.5",
      operatingExpenseRatio: "20.0",
      impairmentRatio: "2.0",
      operationalSelfSufficiency: "110.0",
    });
    expect(ratios.averageGrossPortfolio).to.deep.equal({ numerator: 200_000n, denominator: 2n });
  });

  it("scale flows of a part of a year to a year, but not self-sufficiency", () => {
    const quarter = periodRatios({ ...YEAR, months: 3 });
    expect(percent(quarter.portfolioYield)).to.equal("120.0");
    expect(percent(quarter.operationalSelfSufficiency)).to.equal("110.0");
  });

  it("take as many balances as are known", () => {
    const monthly = periodRatios({
      ...YEAR,
      grossPortfolios: [80_000n, 100_000n, 90_000n, 120_000n, 110_000n],
    });
    expect(percent(monthly.portfolioYield)).to.equal("30.0");
  });
});

describe("collection ratios", () => {
  it("show that 97 % collected of two-month loans lose a third of the portfolio a year", () => {
    const ratios = collectionRatios(COLLECTED);
    expect(percent(ratios.collectionRate)).to.equal("97.0");
    expect(percent(ratios.onTimeRate)).to.equal("90.0");
    expect(percent(ratios.annualLossRate)).to.equal("36.0");
  });

  it("lose a quarter at 97 % and three months, nothing at 100 %", () => {
    const three = collectionRatios({ ...COLLECTED, averageTermYears: { numerator: 3n, denominator: 12n } });
    expect(percent(three.annualLossRate)).to.equal("24.0");
    expect(percent(collectionRatios({ ...COLLECTED, paid: 10_000n }).annualLossRate)).to.equal("0.0");
  });

  it("exceed 100 % where old arrears come in, with a negative loss rate", () => {
    const ratios = collectionRatios({ ...COLLECTED, paid: 10_100n });
    expect([percent(ratios.collectionRate), percent(ratios.annualLossRate)]).to.deep.equal([
      "101.0",
      "-12.0",
    ]);
  });
});

describe("percentages", () => {
  it("are refused with decimals that are no count", () => {
    for (const decimals of [-1, 0.5, 19]) {
      const print = () => formatPercent({ numerator: 1n, denominator: 2n }, decimals);
      expectLendingError(print, "out_of_range", "decimals");
    }
  });

  it("are rounded to the nearest digit, ties to the even one", () => {
    const print = (numerator: bigint, denominator: bigint, decimals: number) =>
      formatPercent({ numerator, denominator }, decimals);
    expect(print(1n, 3n, 2)).to.equal("33.33");
    expect(print(2n, 3n, 0)).to.equal("67");
    expect([print(125n, 100_000n, 2), print(135n, 100_000n, 2)]).to.deep.equal(["0.12", "0.14"]);
    expect([print(5n, 1000n, 0), print(15n, 1000n, 0), print(-15n, 1000n, 0)]).to.deep.equal([
      "0",
      "2",
      "-2",
    ]);
    expect(print(-1n, 1000n, 2)).to.equal("-0.10");
  });
});
