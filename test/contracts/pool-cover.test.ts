import { expect } from "chai";
import { as, goToDay, networkHelpers, todayIn } from "./support/chain.ts";
import { repay, rows } from "./support/loans.ts";
import { lendFromPool, oddInstitution } from "./support/odd.ts";
import { booksOf, fund, newPool } from "./support/pool.ts";
import {
  fundedInstitution,
  govern,
  type LendingPool,
  load,
  UNIT,
  UTC_OFFSET,
  type World,
} from "./support/world.ts";

/** Ten loans of 100.00 each, without interest, of which some go bad; all is provided for from day 31 on. */
const LOAN = 10_000n * UNIT;
const RULES = {
  ageing: [
    { moreThanDays: 0n, provisionBps: 0n },
    { moreThanDays: 30n, provisionBps: 10_000n },
  ],
  writeOffDays: 40n,
};

interface CoverWorld extends World {
  loans: string[];
}

/** Fixture: a pool without a provision before day 31, and four loans that fell due yesterday. */
async function fourLate(): Promise<CoverWorld> {
  const world = await fundedInstitution();
  const { people, dollar } = world;
  const pool = await newPool(world, RULES);
  for (const person of [people.depositor, people.supervisor]) {
    await as(person, dollar).approve(await pool.getAddress(), 10n ** 30n);
  }
  await as(people.depositor, pool).deposit(100n * LOAN, people.depositor.address);
  const loans: string[] = [];
  const day = (await todayIn(UTC_OFFSET)) + 30;
  for (let i = 0; i < 4; ++i) {
    const schedule = rows([day], 10_000n, 0n, 0n);
    loans.push((await fund(world, { schedule, penaltyRateBps: 0 }, { pool })).loanId);
  }
  await goToDay(day + 1, UTC_OFFSET);
  return { ...world, pool, loans };
}

const loadLate = async () => (await networkHelpers.loadFixture(fourLate)) as CoverWorld;

describe("The cover", () => {
  it("is topped up by the institution, and never by nothing", async () => {
    const { pool, people } = await load(fundedInstitution);
    await expect(as(people.supervisor, pool).depositCover(0)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolAmountZero",
    );
    const before = await booksOf(pool);
    await expect(as(people.supervisor, pool).depositCover(7n))
      .to.emit(pool, "CoverDeposited")
      .withArgs(people.supervisor.address, 7n)
      .and.to.emit(pool, "ReservesUpdated")
      .withArgs(0n, 0n, 0n, 7n, 0n, 0n);
    expect(await booksOf(pool)).to.deep.equal({ ...before, cover: 7n });
  });

  it("is not the lenders'", async () => {
    const { pool, people } = await load(fundedInstitution);
    const assets = await pool.totalAssets();
    await as(people.supervisor, pool).depositCover(LOAN);
    expect([await pool.totalAssets(), await pool.exitDeduction()]).to.deep.equal([assets, 0n]);
  });

  it("counts what arrives: a token that keeps a part for itself is refused", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    await world.token.setFeeBps(100);
    await expect(as(world.people.supervisor, world.oddPool).depositCover(1_000n))
      .to.be.revertedWithCustomError(world.oddPool, "LendingPoolTransferShort")
      .withArgs(1_000n, 990n);
  });

  it("bears provisions before the lenders do", async () => {
    const { pool, people } = await loadLate();
    expect(await pool.exitDeduction()).to.equal(4n * LOAN);
    await as(people.supervisor, pool).depositCover(1n);
    expect(await pool.exitDeduction()).to.equal(4n * LOAN);
  });
});

describe("A top-up of the cover", () => {
  it("never offsets provisions that are there already: nobody gains by it at once", async () => {
    const { pool, people } = await loadLate();
    for (const amount of [1n, LOAN, 10n * LOAN]) {
      await as(people.supervisor, pool).depositCover(amount);
      expect(await pool.exitDeduction()).to.equal(4n * LOAN);
    }
  });

  it("bears what comes later", async () => {
    const world = await loadLate();
    const { pool, people } = world;
    await as(people.supervisor, pool).depositCover(2n * LOAN);
    const day = (await todayIn(UTC_OFFSET)) + 11;
    const schedule = rows([day], 10_000n, 0n, 0n);
    for (let i = 0; i < 3; ++i) await fund(world, { schedule, penaltyRateBps: 0 }, { pool });
    expect(await pool.exitDeduction()).to.equal(4n * LOAN);
    await goToDay(day + 1, UTC_OFFSET);
    // Seven are late: four were before the top-up, and it reaches for two of the others.
    expect(await pool.exitDeduction()).to.equal(5n * LOAN);
  });

  it("does not move losses from the cover that was there to the lenders, not even by a cent of it", async () => {
    for (const topUp of [0n, 1n, LOAN]) {
      const world = await loadLate();
      const { pool, people, loans } = world;
      // Cover for one loan, set aside before they were late; then perhaps more.
      const { pool: covered, ids } = await coveredPool(world);
      if (topUp > 0n) await as(people.supervisor, covered).depositCover(topUp);
      expect(await covered.exitDeduction()).to.equal(3n * LOAN);
      // One of four is lost and three pay: the first cover bears all of it.
      await goToDay((await todayIn(UTC_OFFSET)) + 45, UTC_OFFSET);
      await covered.writeOff(ids[0]);
      expect(await booksOf(covered)).to.include({ cover: topUp });
      expect(loans.length).to.equal(4);
      expect(await pool.exitDeduction()).to.equal(4n * LOAN);
    }
  });

  it("bears losses after the first cover and the lenders had theirs", async () => {
    const world = await loadLate();
    const { people } = world;
    const { pool, ids } = await coveredPool(world);
    await as(people.supervisor, pool).depositCover(5n * LOAN);
    await goToDay((await todayIn(UTC_OFFSET)) + 45, UTC_OFFSET);
    const cover = [5n, 5n, 5n, 5n];
    for (const [index, id] of ids.entries()) {
      await pool.writeOff(id);
      expect((await booksOf(pool)).cover, `after loss ${index + 1}`).to.equal((cover[index] ?? 0n) * LOAN);
    }
    expect(await booksOf(pool)).to.include({ uncovered: 0n, coverBefore: 0n });
    const { loanId } = await fund(
      world,
      { schedule: rows([(await todayIn(UTC_OFFSET)) + 11], 10_000n, 0n, 0n) },
      { pool },
    );
    await goToDay((await todayIn(UTC_OFFSET)) + 60, UTC_OFFSET);
    await pool.writeOff(loanId);
    expect((await booksOf(pool)).cover).to.equal(4n * LOAN);
  });

  it("is not reminded of provisions that are gone", async () => {
    const world = await loadLate();
    const { people } = world;
    const { pool, ids } = await coveredPool(world);
    await as(people.supervisor, pool).depositCover(5n * LOAN);
    expect(await booksOf(pool)).to.include({ uncovered: 3n * LOAN, coverBefore: LOAN });
    for (const id of ids) await repay(world, id, 20_000n);
    expect(await pool.exitDeduction()).to.equal(0n);
    await expect(pool.roll(0))
      .to.emit(pool, "ReservesUpdated")
      .withArgs(0n, 0n, 0n, 6n * LOAN, 0n, LOAN);
    await expect(pool.roll(0)).to.not.emit(pool, "ReservesUpdated");
    const { loanId } = await fund(
      world,
      { schedule: rows([(await todayIn(UTC_OFFSET)) + 11], 10_000n, 0n, 0n) },
      { pool },
    );
    await goToDay((await todayIn(UTC_OFFSET)) + 60, UTC_OFFSET);
    await pool.writeOff(loanId);
    expect((await booksOf(pool)).cover).to.equal(5n * LOAN);
  });
});

describe("Cover is not taken out", () => {
  it("while any loan is late, by a day or a cent (INV-65)", async () => {
    const world = await loadLate();
    const { pool, people, loans } = world;
    await as(people.supervisor, pool).depositCover(LOAN);
    await expect(withdraw(world, pool, 1n))
      .to.be.revertedWithCustomError(pool, "LendingPoolCoverLocked")
      .withArgs(4n * LOAN);
    for (const id of loans) await repay(world, id, 9_999n);
    await expect(withdraw(world, pool, 2n))
      .to.be.revertedWithCustomError(pool, "LendingPoolCoverLocked")
      .withArgs(4n * UNIT);
    for (const id of loans) await repay(world, id, 1n);
    await withdraw(world, pool, 3n);
  });

  it("below the floor, beyond what there is, or in no amount", async () => {
    const world = await load(fundedInstitution);
    const { people, dollar } = world;
    const pool = await newPool(world, { coverFloorBps: 1_000n });
    for (const person of [people.depositor, people.supervisor]) {
      await as(person, dollar).approve(await pool.getAddress(), 10n ** 30n);
    }
    await as(people.depositor, pool).deposit(100n * LOAN, people.depositor.address);
    await as(people.supervisor, pool).depositCover(LOAN);
    await fund(world, {}, { pool });
    const floor = 3_000n * UNIT;
    await expect(withdraw(world, pool, LOAN - floor + 1n))
      .to.be.revertedWithCustomError(pool, "LendingPoolCoverTooLow")
      .withArgs(floor - 1n, floor);
    await expect(withdraw(world, pool, LOAN + 1n))
      .to.be.revertedWithCustomError(pool, "LendingPoolInsufficientCash")
      .withArgs(LOAN + 1n, LOAN);
    await expect(withdraw(world, pool, 0n)).to.be.revertedWithCustomError(pool, "LendingPoolAmountZero");
    await expect(withdraw(world, pool, LOAN - floor))
      .to.emit(pool, "CoverWithdrawn")
      .withArgs(people.governor.address, LOAN - floor);
    expect(await dollar.balanceOf(people.governor.address)).to.equal(LOAN - floor);
  });

  it("while what a recovery brought back to it is not here, but it is brought here", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { oddPool: pool, token, people } = world;
    await govern(world, world.manager, "setTargetFunctionRole", [
      await pool.getAddress(),
      [pool.getFunction("writeOff").fragment.selector],
      3n,
    ]);
    await as(people.supervisor, pool).depositCover(LOAN);
    const loanId = await lendFromPool(world);
    await networkHelpers.time.increase(40 * 86_400);
    await as(people.supervisor, pool).writeOff(loanId);
    expect((await booksOf(pool)).cover).to.equal(0n);
    await token.setBlocked(await pool.getAddress(), true);
    await as(people.borrower, world.book).repay(loanId, 60_000n);
    await token.setBlocked(await pool.getAddress(), false);
    const { held, cover } = await booksOf(pool);
    expect([held > 0n, cover]).to.deep.equal([true, LOAN]);
    await withdraw(world, pool, LOAN);
    expect(await booksOf(pool)).to.include({ held: 0n, cover: 0n });
    expect(await token.balanceOf(people.governor.address)).to.equal(LOAN);
  });
});

function withdraw(world: World, pool: LendingPool, amount: bigint) {
  return govern(world, pool, "withdrawCover", [amount, world.people.governor.address]);
}

/** A pool of the same rules with cover for one loan, and four loans that fell due yesterday. */
async function coveredPool(world: CoverWorld): Promise<{ pool: LendingPool; ids: [string, ...string[]] }> {
  const { people, dollar } = world;
  const pool = await newPool(world, RULES);
  for (const person of [people.depositor, people.supervisor]) {
    await as(person, dollar).approve(await pool.getAddress(), 10n ** 30n);
  }
  await as(people.depositor, pool).deposit(100n * LOAN, people.depositor.address);
  await as(people.supervisor, pool).depositCover(LOAN);
  const day = (await todayIn(UTC_OFFSET)) + 11;
  const schedule = rows([day], 10_000n, 0n, 0n);
  const ids: string[] = [];
  for (let i = 0; i < 4; ++i) ids.push((await fund(world, { schedule, penaltyRateBps: 0 }, { pool })).loanId);
  await goToDay(day + 1, UTC_OFFSET);
  const [first, ...others] = ids;
  if (first === undefined) throw new Error("no loans");
  return { pool, ids: [first, ...others] };
}
