import { expect } from "chai";
import { as, goToDay, networkHelpers, todayIn } from "./support/chain.ts";
import { repay } from "./support/loans.ts";
import { booksOf, fund } from "./support/pool.ts";
import { restructureForPool } from "./support/restructure-pool.ts";
import { fundedInstitution, load, poolRules, UNIT, UTC_OFFSET, type World } from "./support/world.ts";

const DAY_S = 86_400;
const PRINCIPAL = 30_000n * UNIT;

/** The pool's share of `interest` minor units, base units. */
const net = (interest: bigint): bigint => (interest * UNIT * 9n) / 10n;

/** A loan of the pool and `days` after its first due day. */
async function lateLoan(world: World, days: number) {
  const loan = await fund(world, { penaltyRateBps: 0 });
  await goToDay(loan.agreement.firstDay + days, UTC_OFFSET);
  return loan;
}

describe("A loan of the pool is not written off", () => {
  it("by anybody but a supervisor before the rule's day", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const days = Number(poolRules.writeOffDays);
    const { loanId } = await lateLoan(world, days);
    for (const person of [people.stranger, people.underwriter, people.depositor]) {
      await expect(as(person, pool).writeOff(loanId))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotOverdueEnough")
        .withArgs(loanId, days, days + 1);
    }
    await as(people.supervisor, pool).writeOff(loanId);
  });

  it("by a supervisor while nothing is overdue", async () => {
    const world = await load(fundedInstitution);
    const { loanId } = await lateLoan(world, 0);
    await expect(as(world.people.supervisor, world.pool).writeOff(loanId))
      .to.be.revertedWithCustomError(world.book, "LoanBookNotOverdue")
      .withArgs(loanId);
  });

  it("twice, nor after it was paid off", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { loanId } = await lateLoan(world, 200);
    const { loanId: paidOff } = await fund(world);
    await repay(world, paidOff, 50_000n);
    await as(people.stranger, pool).writeOff(loanId);
    for (const id of [loanId, paidOff]) {
      await expect(as(people.supervisor, pool).writeOff(id))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan")
        .withArgs(id);
    }
  });

  it("through the manager: nobody would know by whom", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, manager } = world;
    const { loanId } = await lateLoan(world, 1);
    const data = pool.interface.encodeFunctionData("writeOff", [loanId]);
    await expect(
      as(people.supervisor, manager).execute(await pool.getAddress(), data),
    ).to.be.revertedWithCustomError(pool, "LendingPoolNotOverdueEnough");
  });
});

describe("Writing a loan of the pool off", () => {
  it("is anybody's to do after the rule's day; what it was worth is lost at once", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { loanId } = await lateLoan(world, 181);
    await repay(world, loanId, 500n);
    const [assets, carrying, recognised] = await Promise.all([
      pool.totalAssets(),
      pool.carryingValueOf(loanId),
      pool.recognised(),
    ]);
    // Two periods' interest, and of the first one a part was paid.
    expect(carrying).to.equal(PRINCIPAL + net(2_000n) - net(400n));
    await expect(as(people.stranger, pool).writeOff(loanId))
      .to.emit(pool, "LoanWriteOffBooked")
      .withArgs(loanId, carrying, 0n);
    expect(await pool.totalAssets()).to.equal(assets - carrying);
    expect(await pool.recognised()).to.equal(recognised - net(1_600n));
    expect(await booksOf(pool)).to.include({ outstanding: 0n, interestReceived: net(400n) });
    expect([
      await pool.provisions(),
      await pool.portfolioAtRisk(0),
      await pool.carryingValueOf(loanId),
    ]).to.deep.equal([0n, 0n, 0n]);
    expect(await pool.exposureOf(people.borrower.address)).to.equal(PRINCIPAL);
  });

  it("is met by the cover first, as far as it reaches", async () => {
    for (const [cover, fromCover] of [
      [10_000n * UNIT, 10_000n * UNIT],
      [60_000n * UNIT, PRINCIPAL + net(2_000n)],
    ] as const) {
      const world = await load(fundedInstitution);
      const { pool, people } = world;
      await as(people.supervisor, pool).depositCover(cover);
      const { loanId } = await lateLoan(world, 100);
      const [assets, { cash }] = [await pool.totalAssets(), await booksOf(pool)];
      await expect(as(people.supervisor, pool).writeOff(loanId))
        .to.emit(pool, "LoanWriteOffBooked")
        .withArgs(loanId, PRINCIPAL + net(2_000n), fromCover);
      expect(await booksOf(pool)).to.include({ cash: cash + fromCover, cover: cover - fromCover });
      expect(await pool.totalAssets()).to.equal(assets - PRINCIPAL - net(2_000n) + fromCover);
    }
  });
});

describe("A recovery", () => {
  const LOSS = PRINCIPAL + net(2_000n);

  /** A loan that was written off: the cover paid 100.00 of the loss. */
  async function writtenOff(world: World) {
    const { pool, people } = world;
    await as(people.supervisor, pool).depositCover(10_000n * UNIT);
    const loan = await lateLoan(world, 181);
    await as(people.stranger, pool).writeOff(loan.loanId);
    return loan;
  }

  it("is the lenders' first, over a week, without a fee of the institution", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId } = await writtenOff(world);
    const [assets, { cash, fees }] = [await pool.totalAssets(), await booksOf(pool)];
    const { transaction } = await repay(world, loanId, 11_100n);
    await expect(transaction)
      .to.emit(pool, "RecoveryBooked")
      .withArgs(loanId, 11_100n * UNIT, 0n, 0n);
    expect(await pool.totalAssets()).to.equal(assets);
    expect(await booksOf(pool)).to.include({ cash: cash + 11_100n * UNIT, cover: 0n, fees });
    await networkHelpers.time.increase(8 * DAY_S);
    expect(await pool.totalAssets()).to.equal(assets + 11_100n * UNIT);
  });

  it("then goes back to the cover, and only then to the institution's fees", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { loanId } = await writtenOff(world);
    const lenders = LOSS - 10_000n * UNIT;
    const { transaction, closed } = await repay(world, loanId, 60_000n);
    expect(closed).to.equal(true);
    // 333.00 in all; 30.00 interest and 3.00 fees. What is left of it when both are whole pays the usual fees.
    const rest = 33_300n * UNIT - LOSS;
    const fees = 300n * UNIT + 3_000n * UNIT - net(3_000n);
    await expect(transaction)
      .to.emit(pool, "RecoveryBooked")
      .withArgs(loanId, lenders + rest - fees, 10_000n * UNIT, fees);
    expect(await booksOf(pool)).to.include({ cover: 10_000n * UNIT, fees });
    expect(await pool.exposureOf(people.borrower.address)).to.equal(0n);
    await networkHelpers.time.increase(8 * DAY_S);
    const { cash } = await booksOf(pool);
    expect(await pool.totalAssets()).to.equal(cash);
  });

  it("that the cover gets back bears provisions again as what was there before, and moves no price of joining", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId } = await writtenOff(world);
    await fund(world, { penaltyRateBps: 0 });
    await networkHelpers.time.increase(100 * DAY_S);
    const deduction = await pool.exitDeduction();
    expect(deduction > 0n).to.equal(true);
    const owned = await pool.totalAssets();
    await repay(world, loanId, 60_000n);
    expect(await booksOf(pool)).to.include({ cover: 10_000n * UNIT, uncovered: 0n });
    expect(await pool.exitDeduction()).to.equal(deduction - 10_000n * UNIT);
    expect((await pool.totalAssets()) - owned < UNIT).to.equal(true);
  });
});

describe("A restructuring by the pool is refused", () => {
  it("without two approvals of exactly this table, by others than the caller", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { loanId } = await lateLoan(world, 10);
    const days = await nextDays(30, 60);
    await expect(
      restructureForPool(world, loanId, days, {}, { approvers: [people.approver] }),
    ).to.be.revertedWithCustomError(pool, "LendingPoolApprovalMissing");
    await expect(
      restructureForPool(world, loanId, days, {}, { approvers: [people.underwriter, people.secondApprover] }),
    ).to.be.revertedWithCustomError(pool, "LendingPoolMakerIsChecker");
    await expect(restructureForPool(world, loanId, days, {}, { maker: people.supervisor, approvers: [] }))
      .to.be.revertedWithCustomError(pool, "AccessManagedUnauthorized")
      .withArgs(people.supervisor.address);
  });

  it("of a loan that is not open in its books", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { loanId } = await lateLoan(world, 181);
    await as(people.stranger, pool).writeOff(loanId);
    await expect(restructureForPool(world, loanId, await nextDays(30), {}))
      .to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan")
      .withArgs(loanId);
  });
});

describe("A restructuring by the pool", () => {
  it("of a loan in good standing goes on accruing by the new table", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId } = await fund(world);
    await networkHelpers.time.increase(20 * DAY_S);
    const capitalised = 600n;
    const before = await booksOf(pool);
    const changes = { capitalised };
    const transaction = await restructureForPool(world, loanId, await nextDays(40, 80), changes);
    await expect(transaction)
      .to.emit(pool, "LoanRestructuringBooked")
      .withArgs(loanId, PRINCIPAL, PRINCIPAL + capitalised * UNIT);
    expect(await booksOf(pool)).to.include({
      cash: before.cash,
      outstanding: PRINCIPAL + capitalised * UNIT,
      interestReceived: capitalised * UNIT,
    });
    // By the end: what was capitalised, and the new table's 5.00 a row.
    await networkHelpers.time.increase(42 * DAY_S);
    await repay(world, loanId, 50_000n);
    await networkHelpers.time.increase(60 * DAY_S);
    expect(await pool.recognised()).to.equal((await booksOf(pool)).interestReceived);
    expect((await booksOf(pool)).outstanding).to.equal(0n);
  });

  it("brings no gain at once: what becomes principal beyond what was recognised comes over a week", async () => {
    const world = await load(fundedInstitution);
    const { pool, book } = world;
    const { loanId } = await lateLoan(world, 80);
    const assets = await pool.totalAssets();
    const { fee, interest } = await book.payoff(loanId, await todayIn(UTC_OFFSET));
    const capitalised: bigint = fee + interest;
    await restructureForPool(world, loanId, await nextDays(30, 60), { capitalised });
    expect(await pool.totalAssets()).to.equal(assets);
    await networkHelpers.time.increase(8 * DAY_S);
    // Two periods were recognised; the third row's interest and all fees were not.
    expect(await pool.totalAssets()).to.equal(assets + capitalised * UNIT - net(2_000n));
  });

  it("loses at once what was recognised and is forgiven", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId } = await lateLoan(world, 80);
    const assets = await pool.totalAssets();
    await restructureForPool(world, loanId, await nextDays(30, 60), { capitalised: 700n });
    expect(await pool.totalAssets()).to.equal(assets - net(2_000n) + 700n * UNIT);
    await networkHelpers.time.increase(20 * DAY_S);
    expect(await pool.totalAssets()).to.equal(assets - net(2_000n) + 700n * UNIT);
  });

  it("of a late loan does not end its lateness, and books its interest only when it comes", async () => {
    const world = await load(fundedInstitution);
    const { pool, book } = world;
    const { loanId } = await lateLoan(world, 45);
    expect(await pool.provisions()).to.equal((PRINCIPAL + net(2_000n)) / 10n);
    const days = await nextDays(10, 20, 30, 40, 50);
    await restructureForPool(world, loanId, days);
    // It is as late as before, and no interest of it is counted any more.
    expect(await pool.provisions()).to.equal(PRINCIPAL / 10n);
    expect((await book.positionOf(loanId)).position.curing).to.equal(true);
    const assets = await pool.totalAssets();
    await goToDay(days[0] ?? 0, UTC_OFFSET);
    expect(await pool.totalAssets()).to.equal(assets);
    expect(await pool.carryingValueOf(loanId)).to.equal(PRINCIPAL);
    await repay(world, loanId, 6_500n);
    expect(await pool.totalAssets()).to.equal(assets);
    await goToDay((days[1] ?? 0) - 1, UTC_OFFSET);
    expect(await pool.totalAssets()).to.equal(assets + net(500n));
  });

  it("cured by three instalments on time accrues again, and no interest counts twice", async () => {
    const world = await load(fundedInstitution);
    const { pool, book } = world;
    const { loanId } = await lateLoan(world, 45);
    const days = await nextDays(10, 20, 30, 40, 50);
    await restructureForPool(world, loanId, days);
    for (const day of days.slice(0, 2)) {
      await goToDay(day, UTC_OFFSET);
      await repay(world, loanId, 6_500n);
    }
    await goToDay(days[2] ?? 0, UTC_OFFSET);
    // The third instalment, and 2.00 of the fourth one's interest.
    await repay(world, loanId, 6_700n);
    expect((await book.positionOf(loanId)).position.curing).to.equal(false);
    expect(await pool.provisions()).to.equal(0n);
    await goToDay(days[4] ?? 0, UTC_OFFSET);
    await repay(world, loanId, 50_000n);
    await networkHelpers.time.increase(30 * DAY_S);
    expect((await booksOf(pool)).interestReceived).to.equal(net(2_500n));
    expect(await pool.recognised()).to.equal(net(2_500n));
  });

  it("can be written off, sold or restructured again like any other", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { loanId } = await lateLoan(world, 45);
    await restructureForPool(world, loanId, await nextDays(10, 20));
    await networkHelpers.time.increase(15 * DAY_S);
    await restructureForPool(world, loanId, await nextDays(10, 20), { capitalised: 250n });
    const assets = await pool.totalAssets();
    await networkHelpers.time.increase(8 * DAY_S);
    expect(await pool.totalAssets()).to.equal(assets + 250n * UNIT);
    await as(people.supervisor, pool).writeOff(loanId);
    expect(await pool.totalAssets()).to.equal(assets - PRINCIPAL);
  });
});

async function nextDays(...later: number[]): Promise<number[]> {
  const today = await todayIn(UTC_OFFSET);
  return later.map((days) => today + days);
}
