import { expect } from "chai";
import type { EventLog, Result } from "ethers";
import { accountOf, as, ethers, goToDay, networkHelpers, todayIn } from "./support/chain.ts";
import { type DeskWorld, withDesk } from "./support/desk.ts";
import { repay } from "./support/loans.ts";
import { booksOf, fund } from "./support/pool.ts";
import { restructureForPool } from "./support/restructure-pool.ts";
import { govern, UNIT, UTC_OFFSET } from "./support/world.ts";

const DAY_S = 86_400;

/** Fixture: a registered desk, and a pool with 1,000,000.00. */
async function fundedDesk(): Promise<DeskWorld> {
  const world = await withDesk();
  await as(world.people.depositor, world.pool).deposit(100_000_000n * UNIT, world.people.depositor.address);
  return world;
}

const load = () => networkHelpers.loadFixture(fundedDesk);

/** The desk pays `amount` on a loan. @returns A call that takes it back. */
async function payByDesk(world: DeskWorld, loanId: string, amount: bigint) {
  await repay(world, loanId, amount, world.desk);
  const event = (await world.book.queryFilter("PaymentRecorded")).at(-1) as EventLog;
  const record = (event.args.record as Result).toObject(true);
  return () => as(world.desk, world.book).reverse(loanId, record);
}

/** All that the pool says of itself and the loan. */
async function figures({ pool, people }: DeskWorld, loanId: string) {
  return {
    books: await booksOf(pool),
    provisions: await pool.provisions(),
    atRisk: await pool.portfolioAtRisk(0),
    deduction: await pool.exitDeduction(),
    exposure: await pool.exposureOf(people.borrower.address),
    carrying: await pool.carryingValueOf(loanId),
    assets: await pool.totalAssets(),
  };
}

interface Run {
  /** The payment that is taken back; 0 for none. */
  amount: bigint;
  /** Between the beginning and the payment; the books are rolled then. */
  age: number;
  /** Between the payment and its end. */
  days: number;
}

/** What the pool says in the end, and 100 days later. The same happens at the same seconds in each run. */
async function runOf({ amount, age, days }: Run) {
  const world = await load();
  const start = (await networkHelpers.time.latest()) + 1_000;
  const { loanId } = await fund(world, table, { second: start });
  const paidAt = start + age * DAY_S + 10;
  if (age > 0) {
    await networkHelpers.time.setNextBlockTimestamp(paidAt - 5);
    await world.pool.roll(400);
  }
  const end = paidAt + days * DAY_S + 100;
  if (amount > 0n) {
    await networkHelpers.time.setNextBlockTimestamp(paidAt);
    const takeBack = await payByDesk(world, loanId, amount);
    await networkHelpers.time.setNextBlockTimestamp(end);
    await takeBack();
  } else await networkHelpers.time.increaseTo(end);
  const now = await figures(world, loanId);
  await networkHelpers.time.increaseTo(end + 100 * DAY_S);
  return { now, later: await figures(world, loanId) };
}

/** A payment that is taken back leaves what would be there without it. */
async function expectIdentity(amounts: bigint[], age: number, days: number) {
  const without = await runOf({ amount: 0n, age, days });
  for (const amount of amounts) {
    expect(await runOf({ amount, age, days }), `${amount}`).to.deep.equal(without);
  }
  // A loan that was closed starts its line again: what it would have earned meanwhile is a gain, and comes over a week.
  const { now, later } = await runOf({ amount: 50_000n, age, days });
  expect(later).to.deep.equal(without.later);
  const { assets, carrying, ...same } = now;
  const { assets: most, carrying: mostCarrying, ...were } = without.now;
  expect(same).to.deep.equal(were);
  expect(assets <= most && carrying <= mostCarrying).to.equal(true);
}

const table = { penaltyRateBps: 0, reversalDays: 60 };

describe("A payment that is taken back", () => {
  it("leaves no trace when it was on time, a part, several instalments or a payoff", async () => {
    for (const days of [0, 3, 20]) await expectIdentity([500n, 11_100n, 15_000n, 22_200n], 0, days);
  });

  it("leaves no trace in books that were rolled", async () => {
    await expectIdentity([11_100n, 15_000n], 20, 30);
  });

  it("takes its penalty out of the price, as far as it had come in", async () => {
    const world = await load();
    const { pool } = world;
    const { loanId, agreement } = await fund(world, { reversalDays: 60 });
    await goToDay(agreement.firstDay + 29, UTC_OFFSET);
    const before = await booksOf(pool);
    const takeBack = await payByDesk(world, loanId, 5_000n);
    expect((await booksOf(pool)).interestReceived > before.interestReceived).to.equal(true);
    await networkHelpers.time.increase(3 * DAY_S);
    await takeBack();
    expect(await booksOf(pool)).to.deep.equal(before);
    const recognised = await pool.recognised();
    await networkHelpers.time.increase(20 * DAY_S);
    // Only the interest of the second period goes on.
    expect((await pool.recognised()) - recognised).to.be.lessThan(900n * UNIT);
  });

  it("after a stop gives back what was caught up, at once", async () => {
    const world = await load();
    const { pool } = world;
    const { loanId, agreement } = await fund(world, table);
    await goToDay(agreement.firstDay + 80, UTC_OFFSET);
    const stopped = await figures(world, loanId);
    const takeBack = await payByDesk(world, loanId, 11_100n);
    await networkHelpers.time.increase(4 * DAY_S);
    expect((await pool.totalAssets()) > stopped.assets).to.equal(true);
    await takeBack();
    expect(await figures(world, loanId)).to.deep.equal(stopped);
  });

  it("that had cured a restructured loan makes it uncured again", async () => {
    const world = await load();
    const { pool, book } = world;
    const { loanId, agreement } = await fund(world, { ...table, reversalDays: 60 });
    await goToDay(agreement.firstDay + 45, UTC_OFFSET);
    const today = await todayIn(UTC_OFFSET);
    await restructureForPool(
      world,
      loanId,
      [10, 20, 30, 60].map((days) => today + days),
    );
    for (const days of [10, 20]) {
      await goToDay(today + days, UTC_OFFSET);
      await repay(world, loanId, 8_000n);
    }
    await networkHelpers.time.increase(9 * DAY_S);
    const before = await figures(world, loanId);
    const takeBack = await payByDesk(world, loanId, 8_200n);
    expect((await book.positionOf(loanId)).position.curing).to.equal(false);
    expect((await figures(world, loanId)).atRisk).to.equal(0n);
    await networkHelpers.time.increase(20 * DAY_S);
    await takeBack();
    expect((await book.positionOf(loanId)).position.curing).to.equal(true);
    const after = await figures(world, loanId);
    expect(after.books).to.deep.equal(before.books);
    expect(after.atRisk).to.equal(before.atRisk);
    expect(after.carrying).to.equal(before.carrying);
    const recognised = await pool.recognised();
    await networkHelpers.time.increase(60 * DAY_S);
    expect(await pool.recognised()).to.equal(recognised);
  });

  it("on a cash basis takes its interest out of the price", async () => {
    const world = await load();
    const { pool } = world;
    const { loanId, agreement } = await fund(world, table);
    await goToDay(agreement.firstDay + 45, UTC_OFFSET);
    const today = await todayIn(UTC_OFFSET);
    await restructureForPool(world, loanId, [today + 10, today + 40]);
    await goToDay(today + 10, UTC_OFFSET);
    const before = await figures(world, loanId);
    for (const amount of [300n, 16_000n, 60_000n]) {
      const takeBack = await payByDesk(world, loanId, amount);
      await networkHelpers.time.increase(DAY_S);
      await takeBack();
      const { provisions: _, deduction: __, ...same } = await figures(world, loanId);
      const { provisions: ___, deduction: ____, ...was } = before;
      expect(same, `${amount}`).to.deep.equal(was);
    }
    expect(await pool.exposureOf(world.people.borrower.address)).to.equal(before.exposure);
  });

  it("goes back to the recorder whole", async () => {
    const world = await load();
    const { pool, dollar, desk } = world;
    const { loanId } = await fund(world, table);
    const takeBack = await payByDesk(world, loanId, 50_000n);
    const reversal = takeBack();
    const amount = 30_000n * UNIT + 300n * UNIT;
    await expect(reversal).to.changeTokenBalances(ethers, dollar, [desk, pool], [amount, -amount]);
    await expect(reversal).to.emit(pool, "ReversalBooked").withArgs(loanId, desk.address, amount);
  });
});

describe("A payment is taken back", () => {
  it("only from cash that is nobody's yet", async () => {
    const world = await load();
    const { pool, people } = world;
    const { loanId } = await fund(world, { penaltyRateBps: 0 });
    const takeBack = await payByDesk(world, loanId, 22_200n);
    const me = people.depositor.address;
    await as(people.depositor, pool).requestRedeem(await pool.balanceOf(me), me, me);
    await pool.fulfilRedemptions(1);
    const { cash } = await booksOf(pool);
    await expect(takeBack())
      .to.be.revertedWithCustomError(pool, "LendingPoolInsufficientCash")
      .withArgs(20_000n * UNIT + 1_800n * UNIT, cash);
    await as(people.deployer, pool).deposit(50_000n * UNIT, people.deployer.address);
    await takeBack();
  });

  it("never once its fees were collected: not the lenders, not the cover pay for that", async () => {
    const world = await load();
    const { pool, people } = world;
    const { loanId } = await fund(world, { penaltyRateBps: 0, reversalDays: 60 });
    const takeBack = await payByDesk(world, loanId, 22_200n);
    await govern(world, pool, "collectFees", [people.governor.address]);
    await as(people.supervisor, pool).depositCover(5_000n * UNIT);
    const before = await booksOf(pool);
    await expect(takeBack())
      .to.be.revertedWithCustomError(pool, "LendingPoolFeesCollected")
      .withArgs(400n * UNIT, 0n);
    expect(await booksOf(pool)).to.deep.equal(before);
  });

  it("by the book's word about a loan that stands as it says", async () => {
    const world = await load();
    const { pool, book } = world;
    const { loanId } = await fund(world);
    const caller = await accountOf(book);
    const position = [0, 0, 0, 0n, 0n, false];
    const paid = [0n, 0n, 0n, 0n];
    const movement = (closed: boolean) => [UNIT, paid, position, position, [], closed, false, true];
    const record = [caller.address, 1, 0, 0n, paid, 0, 0, 0, 0, 0n, 0n, paid, paid];
    // An open loan was not closed by the payment, and a loan that is not the pool's was not paid at all.
    await expect(as(caller, pool).onReversed(loanId, movement(true), record))
      .to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan")
      .withArgs(loanId);
    for (const closed of [true, false]) {
      await expect(as(caller, pool).onReversed(ethers.ZeroHash, movement(closed), record))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan")
        .withArgs(ethers.ZeroHash);
    }
  });
});
