import { expect } from "chai";
import type { Agreement, Instalment } from "../../lending/agreement.ts";
import { as, goToDay, networkHelpers } from "./support/chain.ts";
import { parts, repay, rows } from "./support/loans.ts";
import { lendFromPool, lendOdd, oddInstitution } from "./support/odd.ts";
import { booksOf, draftFromPool, fund, newPool } from "./support/pool.ts";
import { Seeded } from "./support/seeded.ts";
import { fundedInstitution, govern, load, UNIT, UTC_OFFSET, type World } from "./support/world.ts";

const DAY_S = 86_400;

/** The pool's share of `interest` minor units after the fee of 10 %, base units. */
const net = (interest: bigint): bigint => interest * UNIT - (interest * UNIT) / 10n;

describe("A payment to the pool", () => {
  it("is booked component by component, and moves no price", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId, agreement } = await fund(world);
    await goToDay(agreement.firstDay + 15, UTC_OFFSET);
    const before = await booksOf(pool);
    const assets = await assetsNext(world);
    const { transaction, paid } = await repay(world, loanId, 11_211n);
    expect(paid).to.deep.equal(parts(111n, 100n, 1_000n, 10_000n));
    const fees = 100n * UNIT + 1_000n * UNIT - net(1_000n);
    await expect(transaction)
      .to.emit(pool, "RepaymentBooked")
      .withArgs(loanId, 10_000n * UNIT, net(1_000n), 111n * UNIT, fees)
      .and.to.emit(pool, "BooksUpdated")
      .withArgs(before.cash + 11_211n * UNIT - fees, 20_000n * UNIT, net(1_000n) + 111n * UNIT, fees);
    expect(await pool.totalAssets()).to.equal(assets);
  });

  it("gets through while the pool is paused", async () => {
    const world = await load(fundedInstitution);
    const { loanId } = await fund(world);
    await as(world.people.guardian, world.pool).pause();
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    expect((await booksOf(world.pool)).outstanding).to.equal(0n);
  });

  it("before its time is earned day by day", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId, agreement } = await fund(world);
    await repay(world, loanId, 11_100n);
    expect(await pool.recognised()).to.equal(0n);
    const start = agreement.disburseFromDay;
    for (const days of [10, 20, 29]) {
      await goTo(start + 1 + days);
      // Floors of a slope leave less than a base unit.
      const earned = (net(1_000n) * BigInt(days)) / 30n;
      const recognised = await pool.recognised();
      expect(recognised <= earned && recognised >= earned - 1n, `${days} days`).to.equal(true);
    }
    await goTo(agreement.firstDay + 1);
    expect(await pool.recognised()).to.equal(net(1_000n));
  });

  it("in any number of parts brings the institution the same fee, rounded down once an instalment", async () => {
    const world = await load(fundedInstitution);
    const random = new Seeded(20_261_126);
    for (let i = 0; i < 6; ++i) {
      const interest = [1n, 9n, 10n, 99n, 12_345n, 20_001n][i] ?? 0n;
      // In base units of a cent the fee is a whole number; in the token's own it is not.
      const { loanId } = await fund(world, { unit: 1n, schedule: await table(world, interest, 10n ** 6n) });
      const before = await booksOf(world.pool);
      let paid = 0n;
      while (paid < interest + 10n ** 6n) {
        const part = random.bigInt(1n, interest + 10n ** 6n - paid);
        await repay(world, loanId, part);
        paid += part;
      }
      const after = await booksOf(world.pool);
      expect(after.fees - before.fees, `${interest}`).to.equal(interest / 10n);
      expect(after.interestReceived - before.interestReceived).to.equal(interest - interest / 10n);
    }
  });

  it("that is late catches up over a week, not at once", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId, agreement } = await fund(world, { penaltyRateBps: 0 });
    // The first period, and the second one's 30 days until the stop: all of it.
    await goToDay(agreement.firstDay + 80, UTC_OFFSET);
    const stopped = await pool.totalAssets();
    await networkHelpers.time.increase(3 * DAY_S);
    expect(await pool.totalAssets()).to.equal(stopped);
    await repay(world, loanId, 11_100n);
    const [paidAt, now] = [await networkHelpers.time.latest(), await pool.totalAssets()];
    expect(now).to.equal(stopped);
    await networkHelpers.time.increaseTo(paidAt + DAY_S);
    const day = (await pool.totalAssets()) - now;
    expect(day > 0n && day < net(1_000n) / 6n).to.equal(true);
    await networkHelpers.time.increaseTo(paidAt + 8 * DAY_S);
    expect(await pool.totalAssets()).to.equal(now + net(1_000n));
  });

  it("of a penalty is the lenders', over a week", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId, agreement } = await fund(world, { schedule: await table(world, 0n) });
    await goToDay(agreement.lastDay + 30, UTC_OFFSET);
    const before = await pool.totalAssets();
    const { paid } = await repay(world, loanId, 5_000n);
    expect(paid.penalty).to.equal(25n);
    expect(await pool.totalAssets()).to.equal(before);
    await networkHelpers.time.increase(8 * DAY_S);
    expect(await pool.totalAssets()).to.equal(before + 25n * UNIT);
  });

  it("that closes the loan early brings what it is worth over a week, and ends the line", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId } = await fund(world, { earlySettlement: 0 });
    await networkHelpers.time.increase(10 * DAY_S);
    const before = await assetsNext(world);
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    expect(await pool.totalAssets()).to.equal(before);
    const { interestReceived } = await booksOf(pool);
    expect(interestReceived).to.equal(net(3_000n));
    await networkHelpers.time.increase(8 * DAY_S);
    expect(await pool.recognised()).to.equal(interestReceived);
    await networkHelpers.time.increase(400 * DAY_S);
    expect(await pool.recognised()).to.equal(interestReceived);
    expect(await booksOf(pool)).to.include({ outstanding: 0n });
    expect([await pool.provisions(), await pool.portfolioAtRisk(0)]).to.deep.equal([0n, 0n]);
  });

  it("settled pro rata never brings less than was recognised", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    for (const seconds of [1, DAY_S - 1, DAY_S, 17 * DAY_S + 5, 29 * DAY_S, 31 * DAY_S, 95 * DAY_S]) {
      const { loanId } = await fund(world);
      const before = await booksOf(pool);
      await networkHelpers.time.increase(seconds);
      const assets = await assetsNext(world);
      await repay(world, loanId, 50_000n);
      expect(await pool.totalAssets(), `after ${seconds} s`).to.equal(assets);
      expect((await booksOf(pool)).outstanding).to.equal(before.outstanding - 30_000n * UNIT);
    }
  });
});

describe("The age of what is owed", () => {
  it("is counted from the oldest unpaid instalment, without anybody's call", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId, agreement } = await fund(world);
    for (const [days, atRisk, provision] of [
      [0, 0n, 0n],
      [1, 30_000n, 0n],
      [30, 30_000n, 0n],
      // Principal, and the interest of two periods without the management fee: then the line stops.
      [31, 30_000n, 3_180n],
      [61, 30_000n, 15_900n],
      [91, 30_000n, 31_800n],
    ] as const) {
      await goToDay(agreement.firstDay + days, UTC_OFFSET);
      expect(await pool.portfolioAtRisk(0), `PAR-0 on day ${days}`).to.equal(atRisk * UNIT);
      expect(await pool.provisions(), `provisions on day ${days}`).to.equal(provision * UNIT);
    }
    await repay(world, loanId, 12_000n);
    expect(await pool.provisions()).to.be.lessThan(31_800n * UNIT);
    await repay(world, loanId, 50_000n);
    expect([
      await pool.provisions(),
      await pool.portfolioAtRisk(0),
      await pool.exitDeduction(),
    ]).to.deep.equal([0n, 0n, 0n]);
  });

  it("that is cured leaves every figure as if it had never been late", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const figures = async () => [
      await pool.provisions(),
      await pool.portfolioAtRisk(0),
      await pool.exitDeduction(),
    ];
    const { loanId, agreement } = await fund(world, { penaltyRateBps: 0 });
    const before = await figures();
    await goToDay(agreement.firstDay + 45, UTC_OFFSET);
    expect(await figures()).to.not.deep.equal(before);
    await repay(world, loanId, 11_100n);
    await repay(world, loanId, 11_100n);
    expect(await figures()).to.deep.equal(before);
  });
});

describe("A payment that the token does not let through to the pool", () => {
  it("counts for the lenders at once, and comes home by anybody's call", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { oddPool: pool, token, book } = world;
    const address = await pool.getAddress();
    const loanId = await lendFromPool(world);
    const before = await booksOf(pool);
    await token.setBlocked(address, true);
    const { transaction } = await repay(world, loanId, 11_100n);
    const lenders = 10_000n * UNIT + net(1_000n);
    expect(await booksOf(pool)).to.include({
      cash: before.cash,
      held: lenders,
      fees: 11_100n * UNIT - lenders,
    });
    await expect(transaction).to.emit(pool, "ReservesUpdated").withArgs(lenders, 0n, 0n, 0n, 0n, 0n);
    await token.setBlocked(address, false);
    await expect(as(world.people.stranger, pool).collectHeldCash())
      .to.emit(pool, "HeldCashCollected")
      .withArgs(lenders);
    expect(await booksOf(pool)).to.include({ cash: before.cash + lenders, held: 0n });
    expect(await book.heldFor(await token.getAddress(), address)).to.equal(0n);
    await expect(pool.collectHeldCash()).to.be.revertedWithCustomError(pool, "LendingPoolAmountZero");
  });

  it("is brought home before the institution takes its fees, which are in it", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { oddPool: pool, token, people } = world;
    const loanId = await lendFromPool(world);
    const { cash } = await booksOf(pool);
    await token.setBlocked(await pool.getAddress(), true);
    await repay(world, loanId, 11_100n);
    await token.setBlocked(await pool.getAddress(), false);
    await govern(world, pool, "collectFees", [people.governor.address]);
    expect(await booksOf(pool)).to.include({ cash: cash + 10_000n * UNIT + net(1_000n), held: 0n, fees: 0n });
    expect(await token.balanceOf(people.governor.address)).to.equal(
      11_100n * UNIT - 10_000n * UNIT - net(1_000n),
    );
  });

  it("comes with whatever a note that was given to the pool brought, which counts nothing", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { oddPool: pool, token, people, book } = world;
    const given = await lendOdd(world);
    await as(people.lender, book).transferFrom(people.lender.address, await pool.getAddress(), given);
    await token.setBlocked(await pool.getAddress(), true);
    await repay(world, given, 11_100n);
    await token.setBlocked(await pool.getAddress(), false);
    const before = await booksOf(pool);
    await pool.collectHeldCash();
    expect(await booksOf(pool)).to.deep.equal(before);
  });
});

describe("The institution's fees", () => {
  it("are collected whole, by the governor, and not twice", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, dollar } = world;
    await fund(world, { upfrontFee: 777n });
    const assets = await pool.totalAssets();
    await expect(govern(world, pool, "collectFees", [people.governor.address]))
      .to.emit(pool, "FeesCollected")
      .withArgs(people.governor.address, 777n * UNIT);
    expect(await dollar.balanceOf(people.governor.address)).to.equal(777n * UNIT);
    expect((await booksOf(pool)).fees).to.equal(0n);
    expect((await pool.totalAssets()) >= assets).to.equal(true);
    await expect(govern(world, pool, "collectFees", [people.governor.address])).to.be.revertedWithCustomError(
      pool,
      "LendingPoolAmountZero",
    );
  });

  it("can be all of the interest, or none of it", async () => {
    const world = await load(fundedInstitution);
    const { people, dollar } = world;
    for (const [managementFeeBps, fees] of [
      [0n, 300n],
      [10_000n, 3_300n],
    ] as const) {
      const pool = await newPool(world, { managementFeeBps });
      await as(people.depositor, dollar).approve(await pool.getAddress(), 10n ** 30n);
      await as(people.depositor, pool).deposit(100_000n * UNIT, people.depositor.address);
      const { loanId } = await fund(world, { earlySettlement: 0 }, { pool });
      await repay(world, loanId, 40_000n);
      expect((await booksOf(pool)).fees).to.equal(fees * UNIT);
      await networkHelpers.time.increase(200 * DAY_S);
      expect(await pool.recognised()).to.equal((3_300n - fees) * UNIT);
    }
  });
});

/** One instalment with `interest`, in 30 days. */
async function table(world: World, interest: bigint, principal = 1_000n): Promise<Instalment[]> {
  const { firstDay }: Agreement = await draftFromPool(world);
  return rows([firstDay], principal, interest, 0n);
}

/** The second at which a day begins. */
async function goTo(day: number): Promise<void> {
  await networkHelpers.time.increaseTo(day * DAY_S - UTC_OFFSET);
}

/** What the lenders own in the second of the next transaction, before it. */
async function assetsNext({ pool }: World): Promise<bigint> {
  await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 7);
  return await pool.totalAssets({ blockTag: "pending" });
}
