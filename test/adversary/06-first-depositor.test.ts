import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { repay, rows } from "../contracts/support/loans.ts";
import { draftFromPool, fund, newPool, THOUSAND } from "../contracts/support/pool.ts";
import {
  fundedInstitution,
  govern,
  type LendingPool,
  limits,
  load,
  type World,
} from "../contracts/support/world.ts";

/** A pool without a seed deposit: the worst case. */
async function unseeded(): Promise<World & { pool: LendingPool }> {
  const world = await load(fundedInstitution);
  const pool = await newPool(world);
  for (const person of [world.people.stranger, world.people.depositor]) {
    await as(person, world.dollar).approve(await pool.getAddress(), 10n ** 30n);
  }
  return { ...world, pool };
}

/** Teller 2024 (014-M), Huma 5.3.16, Perimeter 5.2: the first share made so dear that the next deposit rounds to nothing. */
describe("06 The first depositor cannot take from the second", () => {
  it("by tokens that are sent to the pool: they move no price", async () => {
    const { pool, people, dollar } = await unseeded();
    const { stranger: attacker, depositor: victim } = people;
    const before: bigint = await dollar.balanceOf(attacker.address);
    await as(attacker, pool).deposit(1n, attacker.address);
    await as(attacker, dollar).transfer(await pool.getAddress(), THOUSAND);
    await as(victim, pool).deposit(THOUSAND / 2n, victim.address);
    expect(await pool.convertToExitAssets(await pool.balanceOf(victim.address))).to.equal(THOUSAND / 2n);
    await as(attacker, pool).redeemNow(await pool.balanceOf(attacker.address), attacker.address, 0n);
    expect(before - (await dollar.balanceOf(attacker.address)) >= THOUSAND).to.equal(true);
  });

  it("by the interest of a loan of her own, however dear", async () => {
    const world = await unseeded();
    const { pool, people } = world;
    const { stranger: attacker, depositor: victim } = people;
    await govern(world, pool, "setLimits", [{ ...limits, maxCostBps: 2n ** 32n - 1n }]);
    await as(attacker, pool).deposit(1_000_000n, attacker.address);
    const { firstDay } = await draftFromPool(world, {}, { pool });
    const schedule = rows([firstDay], 100n, 3_000_000n, 0n);
    const { loanId } = await fund(world, { schedule, earlySettlement: 0 }, { pool });
    await repay(world, loanId, 2n ** 60n);
    await networkHelpers.time.increase(60 * 86_400);
    expect((await pool.convertToAssets(10n ** 6n)) > 10_000n).to.equal(true);
    await as(victim, pool).deposit(THOUSAND, victim.address);
    const worth: bigint = await pool.convertToExitAssets(await pool.balanceOf(victim.address));
    // What rounding takes is at most the price of one share.
    expect(THOUSAND - worth < 2n).to.equal(true);
  });
});
