import { expect } from "chai";
import { sumOf } from "../../lending/allocation.ts";
import { endOfDay } from "../../lending/calendar.ts";
import { goToDay, networkHelpers } from "./support/chain.ts";
import { components, lend, parts, repay, rows } from "./support/loans.ts";
import { institution, load, UTC_OFFSET, type World } from "./support/world.ts";

/** `draft`: 0.1 % a day on what is overdue, after 5 days of grace: 11.1 a day for an instalment of 11,100. */
describe("Lateness", () => {
  it("does not begin before the due day is over in the loan's own offset", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world);
    const lastSecond = endOfDay(agreement.firstDay, UTC_OFFSET);
    await networkHelpers.time.increaseTo(lastSecond);
    expect([await world.book.today(loanId), await world.book.daysPastDue(loanId)]).to.deep.equal([
      BigInt(agreement.firstDay),
      0n,
    ]);
    await networkHelpers.time.increaseTo(lastSecond + 1);
    expect([await world.book.today(loanId), await world.book.daysPastDue(loanId)]).to.deep.equal([
      BigInt(agreement.firstDay + 1),
      1n,
    ]);
  });

  it("costs nothing within the days of grace, and from the day after them counts only the days after them", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world, { penaltyCap: 2n ** 63n });
    const due = agreement.firstDay;
    const expected = [
      [0, 0n],
      [5, 0n],
      [6, 11n],
      [7, 22n],
      [8, 33n],
      [15, 111n],
      [29, 266n],
    ] as const;
    for (const [daysLate, penalty] of expected) {
      const owed = components(await world.book.due(loanId, due + daysLate));
      expect(owed, `${daysLate} days late`).to.deep.equal(parts(penalty, 100n, 1_000n, 10_000n));
    }
    // 60 days later the second instalment is 30 days late, so 25 penalty days, and the first 55.
    expect((await world.book.due(loanId, due + 60)).penalty).to.equal((80n * 111n) / 10n);
  });

  it("costs on what is unpaid alone", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world, { waterfall: "0x01020300" });
    await goToDay(agreement.firstDay + 5, UTC_OFFSET);
    await repay(world, loanId, 10_100n);
    // 1,000 of principal are left: 1 a day.
    expect((await world.book.due(loanId, agreement.firstDay + 5 + 20)).penalty).to.equal(20n);
    await goToDay(agreement.firstDay + 15, UTC_OFFSET);
    const payment = await repay(world, loanId, 1_000n);
    expect(payment.paid).to.deep.equal(parts(0n, 0n, 0n, 1_000n));
    // The instalment is complete but for its penalty, which grows no more and must be paid before the next one.
    const loan = await world.book.loanOf(loanId);
    expect(loan.nextInstalment).to.equal(0n);
    expect((await world.book.due(loanId, agreement.firstDay + 29)).penalty).to.equal(10n);
    const rest = await repay(world, loanId, 10n + 7n);
    expect(rest.allocations).to.deep.equal([
      { index: 0, ...parts(10n, 0n, 0n, 0n), waivedInterest: 0n },
      { index: 1, ...parts(0n, 7n, 0n, 0n), waivedInterest: 0n },
    ]);
  });

  it("costs the same whether it is asked and paid once or daily: nothing is charged twice or rounded away (INV-14)", async () => {
    const world = await load(institution);
    const changes = {
      schedule: [{ day: 19_400, principal: 333n, interest: 0n, fee: 0n }],
      penaltyGraceDays: 0,
    };
    const daily = await lend(world, { ...changes, waterfall: "0x00010203" });
    const once = await lend(world, changes);
    let paid = 0n;
    for (let day = 19_401; day <= 19_420; day++) {
      await goToDay(day, UTC_OFFSET);
      const { penalty } = await world.book.due(daily.loanId, day);
      if (penalty === 0n) continue;
      paid += penalty;
      await repay(world, daily.loanId, penalty);
      expect((await world.book.due(daily.loanId, day)).penalty).to.equal(0n);
    }
    // 333 at 0.1 % for 20 days are 6.66.
    expect([paid, (await world.book.due(once.loanId, 19_420)).penalty]).to.deep.equal([6n, 6n]);
  });

  it("charges two payments of one day for that day once", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world, { waterfall: "0x03020100", penaltyGraceDays: 0 });
    await goToDay(agreement.firstDay + 10, UTC_OFFSET);
    await repay(world, loanId, 1n);
    await repay(world, loanId, 99n);
    expect((await world.book.due(loanId, agreement.firstDay + 10)).penalty).to.equal(111n);
    // From here on 11,000 are overdue.
    expect((await world.book.due(loanId, agreement.firstDay + 20)).penalty).to.equal(221n);
  });

  it("never costs more than the cap over the loan's life, however it is paid", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world, { penaltyCap: 100n });
    const far = agreement.lastDay + 3_000;
    expect((await world.book.payoff(loanId, far)).penalty).to.equal(100n);
    await goToDay(agreement.firstDay + 10, UTC_OFFSET);
    expect((await repay(world, loanId, 55n)).paid).to.deep.equal(parts(55n, 0n, 0n, 0n));
    expect((await world.book.payoff(loanId, far)).penalty).to.equal(45n);
    await goToDay(far, UTC_OFFSET);
    expect((await repay(world, loanId, 50n)).paid).to.deep.equal(parts(45n, 5n, 0n, 0n));
    expect((await repay(world, loanId, 60_000n)).totals).to.deep.equal(parts(100n, 300n, 3_000n, 30_000n));
  });

  it("costs nothing where the agreement sets no rate or no cap", async () => {
    for (const changes of [{ penaltyRateBps: 0 }, { penaltyCap: 0n }]) {
      const world = await load(institution);
      const { loanId, agreement } = await lend(world, changes);
      await goToDay(agreement.lastDay + 365, UTC_OFFSET);
      const owed = components(await world.book.payoff(loanId, agreement.lastDay + 365));
      expect(owed).to.deep.equal(parts(0n, 300n, 3_000n, 30_000n));
      expect(await world.book.daysPastDue(loanId)).to.equal(60n + 365n);
    }
  });

  it("of the largest loan at the highest rate for a century fits every type, and can be paid off at once", async () => {
    const world = await load(institution);
    const max = 2n ** 64n - 1n;
    const today = Number(await networkHelpers.time.latest()) / 86_400;
    const half = 2n ** 63n;
    const schedule = [{ day: Math.floor(today) + 20, principal: half - 2n, interest: 1n, fee: 0n }];
    const changes = { schedule, unit: 1n, penaltyRateBps: 100_000, penaltyGraceDays: 0, penaltyCap: half };
    const { loanId } = await lend(world, changes);
    await goToDay(65_743, UTC_OFFSET);
    expect(components(await world.book.payoff(loanId, 65_743))).to.deep.equal(parts(half, 0n, 1n, half - 2n));
    expect((await repay(world, loanId, max)).closed).to.equal(true);
  });

  it("is answered for no day before the disbursement", async () => {
    const world = await load(institution);
    const { loanId, day } = await lend(world);
    for (const view of [world.book.due, world.book.payoff]) {
      await expect(view(loanId, day - 1))
        .to.be.revertedWithCustomError(world.book, "LoanBookDayBeforeStart")
        .withArgs(day - 1, day);
    }
    expect(await sumDue(world, loanId, day)).to.equal(0n);
  });
});

describe("Paying off early", () => {
  /** 310 of interest in 31 days: 10 a day. */
  const monthly = async (world: World, earlySettlement: number, interest = 310n) => {
    const today = Math.floor(((await networkHelpers.time.latest()) + UTC_OFFSET) / 86_400);
    const schedule = rows([today + 31, today + 62, today + 93], 1_000n, interest, 5n);
    return { ...(await lend(world, { earlySettlement, schedule })), today };
  };

  it("under the rule Full owes all interest of the schedule on any day", async () => {
    const world = await load(institution);
    const { loanId, today } = await monthly(world, 0);
    for (const day of [0, 1, 31, 50, 93]) {
      expect((await world.book.payoff(loanId, today + day)).interest, `day ${day}`).to.equal(930n);
    }
    const payment = await repay(world, loanId, 5_000n);
    expect([payment.paid, payment.waivedInterest]).to.deep.equal([parts(0n, 15n, 930n, 3_000n), 0n]);
  });

  it("under the rule ProRata owes the interest to the end of the day, rounded up, and waives the rest", async () => {
    const world = await load(institution);
    const { loanId, today } = await monthly(world, 1);
    const expected = [
      [0, 0n],
      [1, 10n],
      [30, 300n],
      [31, 310n],
      [32, 320n],
      [62, 620n],
      [92, 920n],
      [93, 930n],
    ] as const;
    for (const [day, interest] of expected) {
      expect((await world.book.payoff(loanId, today + day)).interest, `day ${day}`).to.equal(interest);
    }
    const crooked = await monthly(world, 1, 100n);
    expect((await world.book.payoff(crooked.loanId, today + 1)).interest).to.equal(4n);
    expect((await world.book.payoff(crooked.loanId, today + 30)).interest).to.equal(97n);
    expect((await world.book.payoff(crooked.loanId, today + 32)).interest).to.equal(104n);
  });

  it("tells what each instalment got and what was waived of it", async () => {
    const world = await load(institution);
    const { loanId, today } = await monthly(world, 1);
    await goToDay(today + 31, UTC_OFFSET);
    await repay(world, loanId, 1_315n);
    await goToDay(today + 41, UTC_OFFSET);
    const payment = await repay(world, loanId, 2_110n);
    expect(payment).to.deep.include({
      paid: parts(0n, 10n, 100n, 2_000n),
      totals: parts(0n, 15n, 410n, 3_000n),
      waivedInterest: 520n,
      outstandingPrincipal: 0n,
      closed: true,
      allocations: [
        { index: 1, ...parts(0n, 5n, 100n, 1_000n), waivedInterest: 210n },
        { index: 2, ...parts(0n, 5n, 0n, 1_000n), waivedInterest: 310n },
      ],
    });
    expect((await world.book.loanOf(loanId)).waivedInterest).to.equal(520n);
  });

  it("one cent below the payoff closes nothing and waives nothing", async () => {
    const world = await load(institution);
    const { loanId, today } = await monthly(world, 1);
    await goToDay(today + 10, UTC_OFFSET);
    const owed = await sumPayoff(world, loanId, today + 10);
    const payment = await repay(world, loanId, owed - 1n);
    expect([payment.closed, payment.waivedInterest, sumOf(payment.paid)]).to.deep.equal([
      false,
      0n,
      owed - 1n,
    ]);
  });

  it("does not give back interest that was paid in advance, and does not charge it again", async () => {
    const world = await load(institution);
    const { loanId, today } = await monthly(world, 1);
    // 5 of fee and 200 of 310 interest of the first month, on its first day.
    await repay(world, loanId, 205n);
    for (const [day, interest] of [
      [0, 0n],
      [19, 0n],
      [20, 0n],
      [21, 10n],
      [31, 110n],
      [32, 120n],
    ] as const) {
      expect((await world.book.payoff(loanId, today + day)).interest, `day ${day}`).to.equal(interest);
    }
    const payment = await repay(world, loanId, 5_000n);
    expect([payment.paid.interest, payment.waivedInterest]).to.deep.equal([0n, 730n]);
  });

  it("when late includes the penalty and all interest of the overdue rows", async () => {
    const world = await load(institution);
    const { loanId, today } = await monthly(world, 1);
    await goToDay(today + 31 + 5 + 20, UTC_OFFSET);
    // 20 days at 0.1 % on 1,315 are 26.3; 25 days of the second month's interest are 250.
    const payment = await repay(world, loanId, 5_000n);
    expect(payment.paid).to.deep.equal(parts(26n, 15n, 560n, 3_000n));
    expect(payment.allocations[0]).to.deep.equal({
      index: 0,
      ...parts(26n, 5n, 310n, 1_000n),
      waivedInterest: 0n,
    });
    expect(payment.waivedInterest).to.equal(370n);
  });

  it("of a rest that costs nothing yet takes nothing and closes", async () => {
    const world = await load(institution);
    const today = Math.floor(((await networkHelpers.time.latest()) + UTC_OFFSET) / 86_400);
    const schedule = [
      { day: today + 30, principal: 1_000n, interest: 0n, fee: 0n },
      { day: today + 60, principal: 0n, interest: 300n, fee: 0n },
    ];
    const { loanId } = await lend(world, { schedule });
    const payment = await repay(world, loanId, 2n ** 64n - 1n);
    expect([payment.paid, payment.waivedInterest, payment.closed]).to.deep.equal([
      parts(0n, 0n, 0n, 1_000n),
      300n,
      true,
    ]);
  });
});

async function sumPayoff({ book }: World, loanId: string, day: number): Promise<bigint> {
  return sumOf(components(await book.payoff(loanId, day)));
}

async function sumDue({ book }: World, loanId: string, day: number): Promise<bigint> {
  return sumOf(components(await book.due(loanId, day)));
}
