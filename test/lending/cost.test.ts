import { expect } from "chai";
import fc from "fast-check";
import { addMonths, type Day, parseDate } from "../../lending/calendar.ts";
import type { Charge, DatedAmount, LoanFlows } from "../../lending/cost/cash-flows.ts";
import { euIntervals } from "../../lending/cost/eu-intervals.ts";
import { usTimes } from "../../lending/cost/us-times.ts";
import { type Cost, costOf } from "../../lending/cost.ts";
import { LendingError } from "../../lending/errors.ts";
import { minor } from "../../lending/money.ts";
import { computePlan, type Plan } from "../../lending/terms.ts";
import { expectLendingError } from "./expect-error.ts";

const day = (date: string) => parseDate(date, "date");
const at = (date: string, amount: bigint): DatedAmount => ({ day: day(date), amount: minor(amount) });

const everyMonths = (date: string, count: number, every: number, amount: bigint): DatedAmount[] =>
  Array.from({ length: count }, (_, index) => ({
    day: addMonths(day(date), index * every),
    amount: minor(amount),
  }));

const everyDays = (date: string, count: number, every: number, amount: bigint): DatedAmount[] =>
  Array.from({ length: count }, (_, index) => ({ day: day(date) + index * every, amount: minor(amount) }));

const loan = (advances: DatedAmount[], repayments: DatedAmount[], charges: Charge[] = []): LoanFlows => ({
  advances,
  repayments,
  charges,
});

const usPercent = (advances: DatedAmount[], repayments: DatedAmount[]) =>
  costOf(loan(advances, repayments)).us.percent;
const euPercent = (advances: DatedAmount[], repayments: DatedAmount[]) =>
  costOf(loan(advances, repayments)).eu.percent;

const SIMPLE = loan([at("2024-01-10", 100_000n)], everyMonths("2024-02-10", 10, 1, 11_000n));

const charge = (date: string, amount: bigint, rest: Partial<Charge> = {}): Charge => ({
  ...at(date, amount),
  isWithheld: false,
  isCost: true,
  isFinanceCharge: true,
  ...rest,
});

/** Fixed in `npm test`; long and random in the deep test, where fast-check prints the seed of a failure. */
const RUNS = process.env.AHADI_DEEP === "1" ? { numRuns: 10_000 } : { seed: 20232225, numRuns: 250 };

describe("cost of a loan, refusing", () => {
  const refuse = (
    flows: Partial<LoanFlows>,
    code: "invalid" | "out_of_range" | "impossible" | "unsupported",
    path: string,
  ) => expectLendingError(() => costOf({ ...SIMPLE, ...flows }), code, path);

  it("refuses loans without an advance or without a repayment", () => {
    refuse({ advances: [] }, "invalid", "advances");
    refuse({ repayments: [] }, "invalid", "repayments");
  });

  it("refuses days that are unsorted, no days, or before the first advance", () => {
    const unsorted = [at("2024-03-10", 60_000n), at("2024-02-10", 60_000n)];
    refuse({ repayments: unsorted }, "invalid", "repayments[1].day");
    refuse({ advances: unsorted }, "invalid", "advances[1].day");
    refuse({ repayments: [at("2024-01-09", 120_000n)] }, "invalid", "repayments[0].day");
    refuse({ charges: [charge("2024-01-09", 1n)] }, "invalid", "charges[0].day");
    refuse({ repayments: [{ day: 1.5, amount: minor(1n) }] }, "out_of_range", "repayments[0].day");
    refuse({ repayments: [{ day: 65_744, amount: minor(1n) }] }, "out_of_range", "repayments[0].day");
  });

  it("refuses amounts that are negative or beyond uint64, alone and summed", () => {
    refuse({ advances: [at("2024-01-10", -1n)] }, "out_of_range", "advances[0].amount");
    refuse({ repayments: [at("2024-02-10", 2n ** 64n)] }, "out_of_range", "repayments[0].amount");
    refuse({ charges: [charge("2024-02-10", -1n)] }, "out_of_range", "charges[0].amount");
    const most = 2n ** 64n - 1n;
    const twice = everyMonths("2024-02-10", 2, 1, most);
    refuse({ advances: [at("2024-01-10", most)], repayments: twice }, "out_of_range", "repayments");
  });

  it("refuses lists longer than any loan's", () => {
    refuse({ repayments: everyDays("2024-02-10", 3_001, 1, 100n) }, "out_of_range", "repayments");
  });

  it("refuses loans that pay back less than they advanced, instead of a negative rate", () => {
    refuse({ repayments: [at("2024-02-10", 99_999n)] }, "impossible", "repayments");
    costOf({ ...SIMPLE, repayments: [at("2024-02-10", 100_000n)] });
  });

  it("refuses loans that leave the borrower nothing at the beginning", () => {
    const down = [at("2024-01-10", 100_000n), at("2024-02-10", 1n)];
    refuse({ repayments: down }, "impossible", "advances");
    const later = [at("2024-01-10", 100n), at("2024-01-20", 100n)];
    const early = [at("2024-01-10", 150n), at("2024-02-20", 60n)];
    refuse({ advances: later, repayments: early }, "impossible", "advances");
    refuse({ advances: [at("2024-01-10", 0n), at("2024-01-20", 100n)] }, "impossible", "advances");
    refuse({ charges: [charge("2024-01-10", 100_000n, { isWithheld: true })] }, "impossible", "advances");
  });

  it("refuses charges that are kept back from no advance, or from a smaller one", () => {
    const late = charge("2024-02-10", 1n, { isWithheld: true });
    refuse({ charges: [late] }, "impossible", "charges[0].amount");
    const half = charge("2024-01-10", 50_001n, { isWithheld: true });
    refuse({ charges: [half, half] }, "impossible", "charges[1].amount");
  });

  it("refuses flows that make the borrower a creditor: no single rate would be theirs", () => {
    const advances = [at("2024-01-10", 100n), at("2025-01-10", 132n)];
    refuse(
      { advances, repayments: [at("2024-07-10", 230n), at("2025-07-10", 2n)] },
      "unsupported",
      "repayments",
    );
  });

  it("refuses rates beyond 10^32 percent", () => {
    refuse({ repayments: [at("2024-01-11", 200_000n)] }, "out_of_range", "repayments");
  });
});

describe("cost of a loan", () => {
  it("is nothing where nothing is charged", () => {
    const { eu, us } = costOf(loan([at("2024-01-10", 120_000n)], everyMonths("2024-02-10", 12, 1, 10_000n)));
    expect(eu).to.deep.equal({
      totalCredit: 120_000n,
      totalCost: 0n,
      totalPayable: 120_000n,
      rateE12: 0n,
      percent: "0.0",
    });
    expect(us).to.deep.equal({
      amountFinanced: 120_000n,
      financeCharge: 0n,
      totalOfPayments: 120_000n,
      rateE12: 0n,
      percent: "0.00",
    });
  });

  it("rounds a rate of exactly half a digit up, and the one just below it down", () => {
    expect(euPercent([at("2023-01-01", 10_000n)], [at("2024-01-01", 11_005n)])).to.equal("10.1");
    expect(euPercent([at("2023-01-01", 10n ** 15n)], [at("2024-01-01", 1_100_499_999_999_999n)])).to.equal(
      "10.0",
    );
  });

  it("states the exact rate of a day's loan, however high", () => {
    // 1.2^365 - 1, to twelve digits after the point.
    const { rateE12 } = costOf(loan([at("2023-01-01", 10n)], [at("2023-01-02", 12n)])).eu;
    const exact = (12n ** 365n * 10n ** 12n) / 10n ** 365n - 10n ** 12n;
    expect([0n, 1n].includes(rateE12 - exact), `${rateE12}`).to.equal(true);
  });

  it("states the exact rate of a term that multiplies the loan", () => {
    const { us } = costOf(loan([at("2023-01-01", 2n)], [at("2023-07-01", 10n ** 14n)]));
    expect(us.rateE12).to.equal((10n ** 14n - 2n) * 10n ** 12n);
  });

  it("states the exact rate beside the rounded one", () => {
    const { eu, us } = costOf(loan([at("2023-01-01", 10_000n)], [at("2024-01-01", 11_005n)]));
    expect([eu.rateE12, us.rateE12]).to.deep.equal([100_500_000_000n, 100_500_000_000n]);
  });

  it("is higher where a fee is kept back, and the same where she pays it at once", () => {
    const withheld = costOf({ ...SIMPLE, charges: [charge("2024-01-10", 2_000n, { isWithheld: true })] });
    const paid = costOf({ ...SIMPLE, charges: [charge("2024-01-10", 2_000n)] });
    expect(withheld.eu).to.include({ totalCredit: 98_000n, totalCost: 12_000n, totalPayable: 110_000n });
    expect(paid.eu).to.include({ totalCredit: 100_000n, totalCost: 12_000n, totalPayable: 112_000n });
    expect(withheld.us).to.include({
      amountFinanced: 98_000n,
      financeCharge: 12_000n,
      totalOfPayments: 110_000n,
    });
    expect(withheld.eu.rateE12).to.equal(paid.eu.rateE12);
    expect(withheld.eu.rateE12 > costOf(SIMPLE).eu.rateE12).to.equal(true);
  });

  it("leaves a charge out of the law that does not count it", () => {
    const plain = costOf(SIMPLE);
    const notary = costOf({ ...SIMPLE, charges: [charge("2024-02-10", 500n, { isFinanceCharge: false })] });
    expect(notary.us).to.deep.equal(plain.us);
    expect(notary.eu.totalCost).to.equal(10_500n);
    const club = { isWithheld: true, isCost: false };
    const member = costOf({ ...SIMPLE, charges: [charge("2024-01-10", 500n, club)] });
    expect(member.eu).to.deep.equal(plain.eu);
    expect(member.us.financeCharge).to.equal(10_500n);
  });

  it("takes a down payment on the day of the advance off the advance", () => {
    const down = costOf(
      loan(
        [at("2024-01-10", 100_000n)],
        [at("2024-01-10", 25_000n), ...everyMonths("2024-02-10", 3, 1, 26_000n)],
      ),
    );
    const less = costOf(loan([at("2024-01-10", 75_000n)], everyMonths("2024-02-10", 3, 1, 26_000n)));
    expect([down.eu.rateE12, down.us.rateE12]).to.deep.equal([less.eu.rateE12, less.us.rateE12]);
  });

  it("counts tranches from the day on which each is paid out", () => {
    // 1,000 and a year later 1,000 at 10 %: 1,000 * 1.21 + 1,000 * 1.1 after two years.
    const flows = loan(
      [at("2022-01-01", 100_000n), at("2023-01-01", 100_000n)],
      [at("2024-01-01", 231_000n)],
    );
    expect(costOf(flows).eu.rateE12).to.equal(100_000_000_000n);
  });
});

// 12 CFR 1026 Appendix J, paragraph (c): all examples of the actuarial method; amounts in cents, dates as published,
// in (c)(5)(i) and (c)(6) dates that give the published unit-periods.
describe("the annual percentage rate of Regulation Z", () => {
  it("(c)(1): is as published for single advances with an odd first period", () => {
    expect(usPercent([at("1978-01-10", 500_000n)], everyMonths("1978-02-10", 24, 1, 23_000n))).to.equal(
      "9.69",
    );
    expect(usPercent([at("1978-02-10", 600_000n)], everyMonths("1978-04-01", 36, 1, 20_000n))).to.equal(
      "11.82",
    );
    const semimonthly = [
      ...everyMonths("1978-03-01", 12, 1, 21_917n),
      ...everyMonths("1978-03-16", 12, 1, 21_917n),
    ].sort((a, b) => a.day - b.day);
    expect(usPercent([at("1978-02-23", 500_000n)], semimonthly)).to.equal("10.34");
    expect(usPercent([at("1978-05-23", 1_000_000n)], everyMonths("1978-10-01", 40, 3, 38_500n))).to.equal(
      "8.97",
    );
    expect(usPercent([at("1978-03-20", 50_000n)], everyDays("1978-04-21", 30, 7, 1_760n))).to.equal("14.96");
  });

  it("(c)(2): is as published for odd first payments", () => {
    const monthly = [at("1978-02-10", 25_000n), ...everyMonths("1978-03-10", 23, 1, 23_000n)];
    expect(usPercent([at("1978-01-10", 500_000n)], monthly)).to.equal("10.08");
    const fourWeekly = [at("1978-04-20", 3_950n), ...everyDays("1978-05-18", 11, 28, 3_831n)];
    expect(usPercent([at("1978-03-18", 40_000n)], fourWeekly)).to.equal("28.50");
  });

  it("(c)(3): is as published for odd final payments", () => {
    const monthly = [...everyMonths("1978-02-10", 23, 1, 23_000n), at("1980-01-10", 28_000n)];
    expect(usPercent([at("1978-01-10", 500_000n)], monthly)).to.equal("10.50");
    const twoWeekly = [...everyDays("1978-04-11", 19, 14, 950n), at("1979-01-02", 3_000n)];
    expect(usPercent([at("1978-04-03", 20_000n)], twoWeekly)).to.equal("12.22");
  });

  it("(c)(4): is as published for odd first and final payments", () => {
    const monthly = [
      at("1978-02-10", 25_000n),
      ...everyMonths("1978-03-10", 22, 1, 23_000n),
      at("1980-01-10", 28_000n),
    ];
    expect(usPercent([at("1978-01-10", 500_000n)], monthly)).to.equal("10.90");
    const twoMonthly = [
      at("1978-03-01", 44_936n),
      ...everyMonths("1978-05-01", 18, 2, 46_500n),
      at("1981-05-01", 20_000n),
    ];
    expect(usPercent([at("1978-01-10", 800_000n)], twoMonthly)).to.equal("7.30");
  });

  it("(c)(5): is as published for single advances with a single payment", () => {
    const after255 = [{ day: day("1978-01-03") + 255, amount: minor(108_000n) }];
    expect(usPercent([at("1978-01-03", 100_000n)], after255)).to.equal("11.45");
    expect(usPercent([at("1978-07-15", 100_000n)], [at("1979-01-15", 104_400n)])).to.equal("8.80");
    expect(usPercent([at("1978-01-15", 100_000n)], [at("1979-07-15", 113_519n)])).to.equal("8.76");
    expect(usPercent([at("1978-01-03", 100_000n)], [at("1980-01-03", 124_000n)])).to.equal("11.36");
  });

  it("(c)(6): is as published for skipped and single payments", () => {
    const skipped = [
      ...everyDays("1978-02-20", 9, 28, 10_000n),
      ...everyDays("1978-11-13", 6, 28, 10_000n),
      ...everyDays("1979-05-14", 6, 28, 10_000n),
      ...everyDays("1979-11-12", 3, 28, 10_000n),
    ];
    expect(usPercent([at("1978-01-25", 213_500n)], skipped)).to.equal("12.00");
    const single = [
      ...everyMonths("1978-09-15", 3, 1, 100_000n),
      at("1979-03-15", 200_000n),
      ...everyMonths("1979-09-15", 3, 1, 75_000n),
      at("1980-02-01", 100_000n),
    ];
    expect(usPercent([at("1978-03-03", 735_000n)], single)).to.equal("10.22");
  });
});

describe("the annual percentage rate of the European Union", () => {
  // The four loans of Directive 98/7/EC, Annex III, with 18 months as 1.5 years, as the guidelines on 2008/48/EC count.
  it("is that of the directive's example loans", () => {
    expect(euPercent([at("1994-01-01", 100_000n)], [at("1995-07-01", 120_000n)])).to.equal("12.9");
    expect(euPercent([at("1994-01-01", 95_000n)], [at("1995-07-01", 120_000n)])).to.equal("16.9");
    expect(euPercent([at("1994-01-01", 100_000n)], everyMonths("1995-01-01", 2, 12, 60_000n))).to.equal(
      "13.1",
    );
    const quarters = [...everyMonths("1994-04-01", 2, 3, 27_200n), at("1995-01-01", 54_400n)];
    expect(euPercent([at("1994-01-01", 100_000n)], quarters)).to.equal("13.2");
  });

  it("of a five-day loan counts them as parts of the year that ends with them, here of 366 days", () => {
    const { eu } = costOf(loan([at("2012-10-10", 50_000n)], [at("2012-10-15", 51_000n)]));
    expect(Number(eu.rateE12) / 1e12).to.be.closeTo(1.02 ** (366 / 5) - 1, 1e-11);
  });

  it("of two monthly payments is the root of a quadratic equation", () => {
    const { eu } = costOf(loan([at("2012-10-10", 50_000n)], everyMonths("2012-11-10", 2, 1, 27_000n)));
    const monthFactor = (Math.sqrt(1 + 4 * (500 / 270)) - 1) / 2;
    expect(Number(eu.rateE12) / 1e12).to.be.closeTo(monthFactor ** -12 - 1, 1e-11);
  });

  it("of a loan at a rate per month is that rate compounded twelve times", () => {
    // 1 % a month on the balance: (1.01)^12 - 1 = 12.68 %.
    expect(euPercent([at("2024-01-31", 100_000n)], [at("2024-02-29", 101_000n)])).to.equal("12.7");
  });
});

// Floating point checks the integers here: another arithmetic, good to about 1e-12.
describe("the cash flows discounted at the annual percentage rate", () => {
  const plans: fc.Arbitrary<Plan> = fc.record({
    currency: fc.constant({ symbol: "KES", decimals: 2 }),
    principal: fc.bigInt({ min: 1_000n, max: 10n ** 12n }).map(String),
    rate_bps: fc.integer({ min: 0, max: 30_000 }),
    number_of_instalments: fc.integer({ min: 1, max: 60 }),
    repay_every: fc.integer({ min: 1, max: 4 }),
    repay_unit: fc.constantFrom("days" as const, "weeks" as const, "months" as const),
    interest_method: fc.constantFrom("declining_balance" as const, "flat" as const),
    interest_period: fc.constant("repayment_period" as const),
    amortisation: fc.constant("equal_instalments" as const),
    rounding: fc.constant("half_even" as const),
    instalment_multiple: fc.constant("1"),
    instalment_fee: fc.constantFrom("0", "25"),
    disbursement_date: fc.constantFrom("2023-01-31", "2023-02-28", "2024-02-29", "2024-05-15", "2025-12-30"),
  });

  /** The flows of a plan with a fee kept back, or nothing where the plan makes no schedule. */
  function flowsOf(plan: Plan, feePermille: bigint): LoanFlows | undefined {
    try {
      const principal = BigInt(plan.principal);
      const start = day(plan.disbursement_date);
      return {
        advances: [{ day: start, amount: minor(principal) }],
        repayments: computePlan(plan).map((row) => ({
          day: row.day,
          amount: minor(row.principal + row.interest + row.fee),
        })),
        charges: [charge(plan.disbursement_date, (principal * feePermille) / 1000n, { isWithheld: true })],
      };
    } catch (error) {
      if (error instanceof LendingError && error.code === "impossible") return undefined;
      throw error;
    }
  }

  /** The cost, or nothing for a loan over some days whose rate is beyond what is stated. */
  function statedCost(flows: LoanFlows): Cost | undefined {
    try {
      return costOf(flows);
    } catch (error) {
      if (error instanceof LendingError && error.code === "out_of_range") return undefined;
      throw error;
    }
  }

  /** What all flows are worth together, as a part of the first advance. */
  function netWorth(flows: LoanFlows, factorAt: (day: Day, index: number) => number): number {
    const withheld = flows.charges.reduce((sum, { amount }) => sum + Number(amount), 0);
    const first = Number(flows.advances[0]?.amount) - withheld;
    const paid = flows.repayments.map((row, index) => Number(row.amount) * factorAt(row.day, index));
    const later = flows.advances.slice(1).map((row, index) => Number(row.amount) * factorAt(row.day, index));
    const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
    return (first + sum(later) - sum(paid)) / first;
  }

  /** The periods a year of a single payment whose term is a number of months, whatever the plan calls it. */
  function monthlyTerm({ advances, repayments }: LoanFlows): number | undefined {
    const [from, to] = [advances[0]?.day ?? 0, repayments[0]?.day ?? 0];
    const months = [1, 2, 3, 4].find((count) => addMonths(from, count) === to);
    return repayments.length > 1 || months === undefined ? undefined : 12 / months;
  }

  /** A single payment's term is its unit-period: 12 CFR 1026 Appendix J (b)(5)(vi), (vii). */
  function dailyTerm({ advances, repayments }: LoanFlows): number | undefined {
    if (repayments.length > 1) return undefined;
    return 365 / ((repayments[0]?.day ?? 0) - (advances[0]?.day ?? 0));
  }

  it("are worth nothing together in regular schedules, in whole periods", () => {
    fc.assert(
      fc.property(plans, fc.bigInt({ min: 0n, max: 100n }), (plan, feePermille) => {
        const flows = flowsOf(plan, feePermille);
        fc.pre(flows !== undefined);
        const stated = statedCost(flows);
        fc.pre(stated !== undefined);
        const { eu, us } = stated;
        const perYear = { days: 365, weeks: 52, months: 12 }[plan.repay_unit] / plan.repay_every;
        const unitRate = Number(us.rateE12) / 1e12 / (monthlyTerm(flows) ?? dailyTerm(flows) ?? perYear);
        expect(Math.abs(netWorth(flows, (_, index) => (1 + unitRate) ** -(index + 1)))).to.be.below(1e-9);
        // Days make weeks and days, which the next property counts.
        if (plan.repay_unit === "days") return;
        const yearRate = Math.log1p(Number(eu.rateE12) / 1e12);
        const worth = netWorth(flows, (_, index) =>
          Math.exp((-yearRate * (index + 1)) / (monthlyTerm(flows) ?? perYear)),
        );
        expect(Math.abs(worth)).to.be.below(1e-9);
      }),
      RUNS,
    );
  });

  it("are worth nothing together in irregular loans with tranches", () => {
    const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 200 }), share: fc.nat(100) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40_000 }),
        steps,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 400 }),
        fc.bigInt({ min: 0n, max: 5_000_000n }),
        (start, rows, secondShare, secondGap, cost) => {
          const second = BigInt(secondShare) * 10_000n;
          const advances = [
            { day: start, amount: minor(1_000_000n) },
            { day: start + secondGap, amount: minor(second) },
          ];
          // Repayments begin after the last advance, so that she never is a creditor.
          let last = start + secondGap;
          const shares = rows.reduce((sum, { share }) => sum + BigInt(share + 1), 0n);
          const payable = 1_000_000n + second + cost;
          const repayments = rows.map(({ gap, share }) => {
            last += gap;
            return { day: last, amount: minor((payable * BigInt(share + 1)) / shares + 1n) };
          });
          const flows = loan(advances, repayments);
          const stated = statedCost(flows);
          fc.pre(stated !== undefined);
          const days = [...advances, ...repayments].map((row) => row.day);
          const yearsTo = euIntervals(days);
          const rate = Math.log1p(Number(stated.eu.rateE12) / 1e12);
          const euFactor = (to: Day) => {
            const { numerator, denominator } = yearsTo(to);
            return Math.exp((-rate * Number(numerator)) / Number(denominator));
          };
          expect(Math.abs(netWorth(flows, euFactor))).to.be.below(1e-9);
          const { perYear, periodsTo } = usTimes(days);
          const unit =
            ((Number(stated.us.rateE12) / 1e12) * Number(perYear.denominator)) / Number(perYear.numerator);
          const usFactor = (to: Day) => {
            const { whole, fraction } = periodsTo(to);
            const part = Number(fraction.numerator) / Number(fraction.denominator);
            return 1 / ((1 + part * unit) * (1 + unit) ** whole);
          };
          expect(Math.abs(netWorth(flows, usFactor))).to.be.below(1e-9);
        },
      ),
      RUNS,
    );
  });
});
