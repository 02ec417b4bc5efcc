import { expect } from "chai";
import type { Agreement } from "../../lending/agreement.ts";
import { as, networkHelpers } from "./support/chain.ts";
import { repay, rows } from "./support/loans.ts";
import { booksOf, draftFromPool, fund, newPool } from "./support/pool.ts";
import { Seeded } from "./support/seeded.ts";
import {
  anchor,
  fundedInstitution,
  govern,
  limits,
  load,
  moveBorrower,
  UNIT,
  type World,
} from "./support/world.ts";

const PRINCIPAL = 30_000n * UNIT;

/** The funded institution, by `changes` of the usual limits. */
async function limited(changes: Partial<typeof limits>): Promise<World> {
  const world = await load(fundedInstitution);
  await govern(world, world.pool, "setLimits", [{ ...limits, ...changes }]);
  return world;
}

async function expectLimit(world: World, changes: Partial<Agreement>, ...args: [string, bigint, bigint]) {
  await expect(fund(world, changes))
    .to.be.revertedWithCustomError(world.pool, "LendingPoolLimit")
    .withArgs(...args);
}

describe("A pool does not lend", () => {
  it("more than the greatest principal at once", async () => {
    const world = await limited({ maxPrincipal: PRINCIPAL - 1n });
    await expectLimit(world, {}, "principal", PRINCIPAL, PRINCIPAL - 1n);
    await govern(world, world.pool, "setLimits", [{ ...limits, maxPrincipal: PRINCIPAL }]);
    await fund(world);
  });

  it("more to one borrower than her limit, as originated and not as owed", async () => {
    const world = await limited({ maxPerBorrower: 2n * PRINCIPAL - 1n });
    const { people } = world;
    const { loanId } = await fund(world);
    await repay(world, loanId, 11_000n);
    await expectLimit(world, {}, "borrower", 2n * PRINCIPAL, 2n * PRINCIPAL - 1n);
    await anchor(world, people.stranger.address);
    await fund(world, {}, { borrower: people.stranger });
    await repay(world, loanId, 40_000n);
    await fund(world);
  });

  it("more to a borrower whose address moved than to her who stayed", async () => {
    const world = await limited({ maxPerBorrower: 2n * PRINCIPAL - 1n });
    const { people, pool, wallets } = world;
    const { loanId } = await fund(world);
    const { address: moved } = people.stranger;
    await moveBorrower(world, people.stranger);
    await anchor(world, moved);
    await networkHelpers.time.increase(await wallets.NO_LOAN_PERIOD());
    const again = () => fund(world, {}, { borrower: people.stranger });
    await expect(again())
      .to.be.revertedWithCustomError(pool, "LendingPoolLimit")
      .withArgs("borrower", 2n * PRINCIPAL, 2n * PRINCIPAL - 1n);
    expect(await pool.exposureOf(moved)).to.equal(PRINCIPAL);
    await repay(world, loanId, 40_000n);
    const { loanId: next } = await again();
    for (const { address } of [people.borrower, people.stranger]) {
      expect(await pool.exposureOf(address)).to.equal(PRINCIPAL);
    }
    await repay(world, next, 40_000n);
    expect(await pool.exposureOf(moved)).to.equal(0n);
  });

  it("more to an address than its limit, because it takes over from one that borrowed nothing", async () => {
    const world = await limited({ maxPerBorrower: 2n * PRINCIPAL - 1n });
    const { people, pool, wallets } = world;
    await anchor(world, people.stranger.address);
    const { loanId } = await fund(world, {}, { borrower: people.stranger });
    await moveBorrower(world, people.stranger);
    await networkHelpers.time.increase(await wallets.NO_LOAN_PERIOD());
    const again = () => fund(world, {}, { borrower: people.stranger });
    await expect(again())
      .to.be.revertedWithCustomError(pool, "LendingPoolLimit")
      .withArgs("borrower", 2n * PRINCIPAL, 2n * PRINCIPAL - 1n);
    await repay(world, loanId, 40_000n);
    await again();
    expect(await pool.exposureOf(people.stranger.address)).to.equal(PRINCIPAL);
  });

  it("more in all than its limit, *Funded* loans included (INV-72)", async () => {
    const world = await limited({ maxOutstanding: 2n * PRINCIPAL - 1n });
    const payee = world.people.lender.address as `0x${string}`;
    await fund(world, { payee });
    await expectLimit(world, {}, "outstanding", 2n * PRINCIPAL, 2n * PRINCIPAL - 1n);
  });

  it("faster than its bucket refills", async () => {
    const world = await limited({ rateCapacity: 2n * PRINCIPAL, rateWindow: 86_400n });
    await fund(world);
    await fund(world);
    await expect(fund(world)).to.be.revertedWithCustomError(world.pool, "LendingPoolLimit");
    await networkHelpers.time.increase(43_200);
    await fund(world);
    await expect(fund(world)).to.be.revertedWithCustomError(world.pool, "LendingPoolLimit");
    // A larger bucket does not forget what was lent.
    await govern(world, world.pool, "setLimits", [
      { ...limits, rateCapacity: PRINCIPAL, rateWindow: 1_000_000n },
    ]);
    await fund(world);
    await expect(fund(world)).to.be.revertedWithCustomError(world.pool, "LendingPoolLimit");
  });

  it("for longer than its longest term", async () => {
    const world = await limited({ maxTermDays: 89n });
    const { firstDay } = await draftFromPool(world);
    await expectLimit(world, {}, "term", 90n, 89n);
    await fund(world, { schedule: rows([firstDay + 59]) });
  });

  it("at more than its highest cost", async () => {
    // 33.00 on 300.00 for 30, 200.00 for 30 and 100.00 for 30 days: 66.9 % a year.
    const world = await limited({ maxCostBps: 6_691n });
    await expectLimit(world, {}, "cost", 6_692n, 6_691n);
    await govern(world, world.pool, "setLimits", [{ ...limits, maxCostBps: 6_692n }]);
    await fund(world);
    const cheap = (await draftFromPool(world)).schedule.map((row) => ({ ...row, interest: 100n, fee: 0n }));
    await expectLimit(world, { schedule: cheap, upfrontFee: 5_000n }, "cost", 10_748n, 6_692n);
    await govern(world, world.pool, "setLimits", [{ ...limits, maxCostBps: 0n }]);
    await fund(world, { schedule: cheap.map((row) => ({ ...row, interest: 0n })) });
  });

  it("with less cover than the floor, counting what it is about to lend", async () => {
    const world = await load(fundedInstitution);
    const { people, dollar } = world;
    const pool = await newPool(world, { coverFloorBps: 333n });
    for (const person of [people.depositor, people.supervisor]) {
      await as(person, dollar).approve(await pool.getAddress(), 10n ** 30n);
    }
    await as(people.depositor, pool).deposit(10n * PRINCIPAL, people.depositor.address);
    const floor = (PRINCIPAL * 333n + 9_999n) / 10_000n;
    await as(people.supervisor, pool).depositCover(floor - 1n);
    await expect(fund(world, {}, { pool }))
      .to.be.revertedWithCustomError(pool, "LendingPoolCoverTooLow")
      .withArgs(floor - 1n, floor);
    await as(people.supervisor, pool).depositCover(1n);
    await fund(world, {}, { pool });
    await expect(fund(world, {}, { pool }))
      .to.be.revertedWithCustomError(pool, "LendingPoolCoverTooLow")
      .withArgs(floor, (2n * PRINCIPAL * 333n + 9_999n) / 10_000n);
    expect((await booksOf(pool)).outstanding).to.equal(PRINCIPAL);
  });
});

describe("The cost of a loan", () => {
  it("is what exact arithmetic says, for any table", async () => {
    const world = await limited({ maxCostBps: 0n });
    const random = new Seeded(20_261_125);
    const today = (await draftFromPool(world)).disburseFromDay;
    for (let i = 0; i < 25; ++i) {
      let day = today + 10;
      const schedule = Array.from({ length: random.int(1, 9) }, () => {
        day += random.int(1, 60);
        return {
          day,
          principal: random.bigInt(0n, 100_000n),
          interest: random.bigInt(1n, 9_999n),
          fee: random.bigInt(0n, 99n),
        };
      });
      schedule.push({ day: day + 1, principal: 1n, interest: 0n, fee: 0n });
      const principal = schedule.reduce((sum, row) => sum + row.principal, 0n);
      const upfrontFee = random.bigInt(0n, principal - 1n);
      await expectLimit(
        world,
        { schedule, upfrontFee },
        "cost",
        costBps({ schedule, upfrontFee }, today),
        0n,
      );
    }
  });
});

/** Each instalment's principal costs its days: the same sum the other way round. */
function costBps(
  { schedule, upfrontFee }: Pick<Agreement, "schedule" | "upfrontFee">,
  today: number,
): bigint {
  let [cost, owedDays] = [upfrontFee, 0n];
  for (const { day, principal, interest, fee } of schedule) {
    cost += interest + fee;
    owedDays += principal * BigInt(day - today);
  }
  return (cost * 3_650_000n + owedDays - 1n) / owedDays;
}
