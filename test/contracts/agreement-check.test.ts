import { expect } from "chai";
import type { Agreement } from "../../lending/agreement.ts";
import { loanIdOf } from "../../lending/agreement.ts";
import { WATERFALLS } from "./support/arbitraries.ts";
import { as, deployHelper, ethers, type Helper, todayIn } from "./support/chain.ts";
import { draft, lend, originate, rows } from "./support/loans.ts";
import { govern, institution, load, UTC_OFFSET, type World } from "./support/world.ts";

type Hex = `0x${string}`;
type Change = Partial<Agreement> | ((agreement: Agreement) => Partial<Agreement>);

const ZERO: Hex = "0x0000000000000000000000000000000000000000";
const MAX_UINT64 = 2n ** 64n - 1n;

/** What is wrong, how, which error says so, and with which arguments. */
type Refusal = [string, Change, string, (agreement: Agreement) => unknown[]];

const refusals: Refusal[] = [
  ["no borrower", { borrower: ZERO, payee: ZERO }, "LoanBookZeroAddress", () => ["borrower"]],
  ["no lender", { lender: ZERO }, "LoanBookZeroAddress", () => ["lender"]],
  ["one party", ({ borrower }) => ({ lender: borrower }), "LoanBookSameParty", (a) => [a.borrower]],
  ["no payee", { payee: ZERO }, "LoanBookZeroAddress", () => ["payee"]],
  ["the lender as payee", ({ lender }) => ({ payee: lender }), "LoanBookSameParty", (a) => [a.lender]],
  ["unit 0", { unit: 0n }, "LoanBookUnitOutOfBounds", () => [0n]],
  ["unit 3", { unit: 3n }, "LoanBookUnitOutOfBounds", () => [3n]],
  ["unit 10,001", { unit: 10_001n }, "LoanBookUnitOutOfBounds", () => [10_001n]],
  ["a unit above the token's decimals", { unit: 10n ** 7n }, "LoanBookUnitOutOfBounds", () => [10n ** 7n]],
  ["a huge unit", { unit: 2n ** 256n - 1n }, "LoanBookUnitOutOfBounds", () => [2n ** 256n - 1n]],
  [
    "a penalty above 1,000 % a year",
    { penaltyRateBps: 100_001 },
    ...outOfBounds("penaltyRateBps", 100_001, 100_000),
  ],
  ["more than a year of grace", { penaltyGraceDays: 367 }, ...outOfBounds("penaltyGraceDays", 367, 366)],
  ["more than a year for reversals", { reversalDays: 367 }, ...outOfBounds("reversalDays", 367, 366)],
  ["more than a year to cool off", { coolingOffDays: 367 }, ...outOfBounds("coolingOffDays", 367, 366)],
  [
    "a last day after 2149",
    ({ schedule }) => ({ schedule: [...schedule.slice(0, 2), ...rows([65_744])], lastDay: 65_744 }),
    ...outOfBounds("lastDay", 65_744, 65_743),
  ],
  ["an offset beyond 14 hours", { utcOffset: 50_460 }, ...outOfBounds("utcOffset", 50_460, 50_400)],
  [
    "an offset beyond -14 hours",
    ({ disburseFromDay }) => ({ utcOffset: -50_460, disburseFromDay: disburseFromDay - 1 }),
    ...outOfBounds("utcOffset", 2 ** 32 - 50_460, 50_400),
  ],
  ["an offset of half minutes", { utcOffset: 10_830 }, ...outOfBounds("utcOffset", 10_830, 50_400)],
  ["a fee of all", { upfrontFee: 30_000n }, "LoanBookUpfrontFeeTooHigh", () => [30_000n, 30_000n]],
  [
    "nothing lent",
    ({ schedule }) => ({ principal: 0n, schedule: schedule.map((row) => ({ ...row, principal: 0n })) }),
    "LoanBookUpfrontFeeTooHigh",
    () => [0n, 0n],
  ],
  ...["0x00000000", "0x01020304", "0x00010202", "0xff010203", "0x03020104"].map(
    (waterfall): Refusal => [
      `the waterfall ${waterfall}`,
      { waterfall: waterfall as Hex },
      "LoanBookWaterfallInvalid",
      () => [waterfall],
    ],
  ),
  ["an unknown settlement rule", { earlySettlement: 2 }, "LoanBookEarlySettlementInvalid", () => [2]],
  ["no language", { language: "" }, "LoanBookLanguageInvalid", () => [""]],
  ["a language with a space", { language: "sw KE" }, "LoanBookLanguageInvalid", () => ["sw KE"]],
  ["a language too long", { language: "a".repeat(36) }, "LoanBookLanguageInvalid", () => ["a".repeat(36)]],
  ["no rows", { schedule: [], count: 0 }, "LoanBookScheduleCount", () => [0n, 0]],
  ["no rows but a count", { schedule: [] }, "LoanBookScheduleCount", () => [0n, 3]],
  ["a count too low", { count: 2 }, "LoanBookScheduleCount", () => [3n, 2]],
  ["a count too high", { count: 4 }, "LoanBookScheduleCount", () => [3n, 4]],
  [
    "an instalment on the last day of the disbursement window",
    ({ firstDay }) => ({ disburseUntilDay: firstDay }),
    "LoanBookScheduleDayNotRising",
    (a) => [0n, a.firstDay],
  ],
  [
    "two instalments on one day",
    ({ schedule }) => ({
      schedule: schedule.map((row, i) => (i === 1 ? { ...row, day: row.day - 30 } : row)),
    }),
    "LoanBookScheduleDayNotRising",
    (a) => [1n, a.firstDay],
  ],
  [
    "days that fall",
    ({ schedule }) => ({
      schedule: schedule.map((row, i) => (i === 2 ? { ...row, day: row.day - 31 } : row)),
    }),
    "LoanBookScheduleDayNotRising",
    (a) => [2n, a.lastDay - 31],
  ],
  [
    "an empty row",
    ({ schedule }) => ({
      schedule: schedule.map((row, i) => (i === 1 ? { ...row, principal: 0n, interest: 0n, fee: 0n } : row)),
    }),
    "LoanBookScheduleEmptyRow",
    () => [1n],
  ],
  [
    "another first day",
    ({ firstDay }) => ({ firstDay: firstDay - 1 }),
    ...total("firstDay", (a) => [a.firstDay + 1, a.firstDay]),
  ],
  [
    "another last day",
    ({ lastDay }) => ({ lastDay: lastDay + 1 }),
    ...total("lastDay", (a) => [a.lastDay - 1, a.lastDay]),
  ],
  ["a principal too low", { principal: 29_999n }, ...total("principal", () => [30_000n, 29_999n])],
  ["a principal too high", { principal: 30_001n }, ...total("principal", () => [30_000n, 30_001n])],
  ["a total too low", { totalRepayable: 33_299n }, ...total("totalRepayable", () => [33_300n, 33_299n])],
  [
    "rows that add up beyond 64 bits",
    ({ schedule }) => ({
      schedule: schedule.map((row) => ({ ...row, principal: 2n ** 63n })),
      principal: 2n ** 63n,
    }),
    ...total("principal", () => [3n * 2n ** 63n, 2n ** 63n]),
  ],
  [
    "interest that adds up beyond 64 bits",
    ({ schedule }) => ({
      schedule: schedule.map((row) => ({ ...row, interest: MAX_UINT64 })),
      totalRepayable: MAX_UINT64,
    }),
    ...total("totalRepayable", () => [30_300n + 3n * MAX_UINT64, MAX_UINT64]),
  ],
  [
    "a penalty cap that with all instalments goes beyond 64 bits",
    { penaltyCap: MAX_UINT64 - 33_299n },
    ...capBeyond(MAX_UINT64 - 33_299n),
  ],
  ["no bound to the penalty", { penaltyCap: MAX_UINT64 }, ...capBeyond(MAX_UINT64)],
];

describe("An agreement is refused, whoever signed it, with", () => {
  for (const [what, change, error, argumentsOf] of refusals) {
    it(what, async () => {
      const world = await load(institution);
      const usual = await draft(world);
      const agreement = { ...usual, ...(typeof change === "function" ? change(usual) : change) };
      await expect(originate(world, agreement))
        .to.be.revertedWithCustomError(world.book, error)
        .withArgs(...argumentsOf(agreement));
      expect((await world.book.loanOf(loanIdOf(world.domain, agreement))).state).to.equal(0n);
    });
  }

  it("367 rows", async () => {
    const world = await load(institution);
    const today = await todayIn(UTC_OFFSET);
    const schedule = rows(Array.from({ length: 367 }, (_, index) => today + 11 + index));
    await expect(originate(world, await draft(world, { schedule })))
      .to.be.revertedWithCustomError(world.book, "LoanBookScheduleCount")
      .withArgs(367n, 367);
  });
});

describe("An agreement is accepted with", () => {
  it("every order of the components, and both rules of settlement", async () => {
    const world = await load(institution);
    for (const [index, waterfall] of WATERFALLS.entries()) {
      const { loanId } = await lend(world, { waterfall, earlySettlement: index % 2 });
      const loan = await world.book.loanOf(loanId);
      expect([loan.waterfall, loan.earlySettlement]).to.deep.equal([waterfall, BigInt(index % 2)]);
    }
  });

  it("every unit from the token's own up to one whole token", async () => {
    const world = await load(institution);
    for (let exponent = 0n; exponent <= 6n; exponent++) {
      const unit = 10n ** exponent;
      const before = await world.dollar.balanceOf(world.people.borrower.address);
      const { loanId, agreement } = await lend(world, { unit });
      expect((await world.book.loanOf(loanId)).unit).to.equal(unit);
      const received = (await world.dollar.balanceOf(agreement.borrower)) - before;
      expect(received).to.equal(agreement.principal * unit);
    }
  });

  it("a currency without decimals, and one with 18", async () => {
    for (const decimals of [0n, 18n]) {
      const world = await load(institution);
      const token: Helper<"mint" | "approve"> = await deployHelper("OddToken", [decimals]);
      const currency = (await token.getAddress()) as Hex;
      await govern(world, world.book, "setCurrency", [currency, true]);
      await token.mint(world.people.lender.address, 10n ** 30n);
      await as(world.people.lender, token).approve(await world.book.getAddress(), 10n ** 30n);
      const agreement = await draft(world, { currency, unit: 10n ** decimals });
      await expect(originate(world, agreement)).to.changeTokenBalances(
        ethers,
        token,
        [world.people.borrower],
        [agreement.principal * 10n ** decimals],
      );
      await expect(originate(world, await draft(world, { currency, unit: 10n ** (decimals + 1n) })))
        .to.be.revertedWithCustomError(world.book, "LoanBookUnitOutOfBounds")
        .withArgs(10n ** (decimals + 1n));
    }
  });

  it("bounds that are just kept, and stores every term as it was signed", async () => {
    const world = await load(institution);
    const changes = {
      penaltyRateBps: 100_000,
      penaltyGraceDays: 366,
      reversalDays: 366,
      coolingOffDays: 366,
      // With two rows of 15,000 and 2^62.
      penaltyCap: MAX_UINT64 - 30_000n - 2n ** 63n,
      utcOffset: -50_400,
      earlySettlement: 1,
      upfrontFee: 29_999n,
      waterfall: "0x03020100" as Hex,
    };
    const schedule = rows([(await todayIn(-50_400)) + 20, 65_743], 15_000n, 2n ** 62n, 0n);
    const { agreement, loanId, day } = await lend(world, { ...changes, schedule });
    const loan = await world.book.loanOf(loanId);
    const stored = Object.fromEntries(
      Object.keys(loan.toObject()).map((name) => [name, loan[name] as unknown]),
    );
    for (const [name, value] of Object.entries({
      ...changes,
      count: 2,
      startDay: day,
      unit: agreement.unit,
    })) {
      expect(stored[name], name).to.equal(typeof value === "number" ? BigInt(value) : value);
    }
    for (const name of ["borrower", "lender", "currency", "payee", "principal"] as const) {
      expect(stored[name], name).to.equal(agreement[name]);
    }
    const kept = (await world.book.scheduleOf(loanId)) as bigint[][];
    expect(kept.map((row) => row.map(BigInt))).to.deep.equal(
      schedule.map((row) => [BigInt(row.day), row.principal, row.interest, row.fee]),
    );
    await checkNothingStandsFor(world, "0x".padEnd(66, "1"));
  });
});

function capBeyond(cap: bigint) {
  return ["LoanBookTermsOutOfBounds", () => ["penaltyCap", cap, MAX_UINT64 - 33_300n]] as const;
}

function outOfBounds(field: string, value: number, max: number) {
  return ["LoanBookTermsOutOfBounds", () => [field, BigInt(value), BigInt(max)]] as const;
}

function total(field: string, figures: (agreement: Agreement) => (bigint | number)[]) {
  return ["LoanBookScheduleTotal", (agreement: Agreement) => [field, ...figures(agreement)]] as const;
}

/** A loan that does not exist has no figures: views say so. */
async function checkNothingStandsFor({ book }: World, loanId: string): Promise<void> {
  expect(await book.scheduleOf(loanId)).to.deep.equal([]);
  expect((await book.loanOf(loanId)).state).to.equal(0n);
  for (const view of [book.today, book.daysPastDue]) {
    await expect(view(loanId)).to.be.revertedWithCustomError(book, "LoanBookWrongState").withArgs(loanId, 0);
  }
  for (const view of [book.due, book.payoff]) {
    await expect(view(loanId, 20_000))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(loanId, 0);
  }
}
