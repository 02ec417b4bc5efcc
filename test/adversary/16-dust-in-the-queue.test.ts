import { expect } from "chai";
import { as } from "../contracts/support/chain.ts";
import { rows } from "../contracts/support/loans.ts";
import { booksOf, draftFromPool, fund, SHARES, THOUSAND } from "../contracts/support/pool.ts";
import { fundedInstitution, load, poolRules, type World } from "../contracts/support/world.ts";

/** A pool of which all cash but `rest` is lent, without interest. */
async function lent(rest: bigint): Promise<World> {
  const world = await load(fundedInstitution);
  const { firstDay } = await draftFromPool(world);
  const { cash } = await booksOf(world.pool);
  await fund(world, { schedule: rows([firstDay], cash - rest, 0n, 0n), unit: 1n });
  return world;
}

/** Wildcat 2024 (H-01), Perimeter 6.2: dust in a batch lowered everybody's rate, and the last lender could not leave. */
describe("16 Dust in the queue costs nobody anything", () => {
  it("requests below the minimum do not get in", async () => {
    const { pool, people } = await load(fundedInstitution);
    const me = people.depositor.address;
    await expect(as(people.depositor, pool).requestRedeem(1n, me, me))
      .to.be.revertedWithCustomError(pool, "LendingPoolRequestTooSmall")
      .withArgs(0n, poolRules.minRedemption);
  });

  it("many small requests in front delay a large one by calls that anybody can make, and change no price of it", async () => {
    const { pool, people } = await load(fundedInstitution);
    const { depositor: victim, deployer: attacker } = people;
    const me = victim.address;
    await as(attacker, pool).deposit(THOUSAND, attacker.address);
    const least = poolRules.minRedemption * SHARES;
    for (let i = 0; i < 20; ++i)
      await as(attacker, pool).requestRedeem(least, attacker.address, attacker.address);
    const shares: bigint = await pool.balanceOf(me);
    const worth: bigint = await pool.convertToExitAssets(shares);
    await as(victim, pool).requestRedeem(shares, me, me);
    await pool.fulfilRedemptions(100);
    expect(await pool.maxWithdraw(me)).to.equal(worth);
  });

  it("a request that is served crumb by crumb loses nothing", async () => {
    const { pool, people } = await lent(0n);
    const { depositor: victim, deployer: attacker } = people;
    const me = victim.address;
    await as(victim, pool).requestRedeem(THOUSAND * SHARES, me, me);
    for (const crumb of [1n, 1n, 2n, 3n, 1n, 999n]) {
      await as(attacker, pool).deposit(crumb, attacker.address);
      await as(attacker, pool).fulfilRedemptions(1);
    }
    expect(await pool.maxWithdraw(me)).to.equal(1_007n);
    expect(await pool.pendingRedeemRequest(1, me)).to.equal(THOUSAND * SHARES - 1_007n * SHARES);
    await as(attacker, pool).deposit(THOUSAND, attacker.address);
    await pool.fulfilRedemptions(1);
    expect(await pool.maxWithdraw(me)).to.equal(THOUSAND);
  });

  it("claims in crumbs come to the whole", async () => {
    const { pool, people, dollar } = await load(fundedInstitution);
    const { depositor } = people;
    const me = depositor.address;
    await as(depositor, pool).requestRedeem(THOUSAND * SHARES + 7n, me, me);
    await pool.fulfilRedemptions(1);
    const [claim, before]: bigint[] = await Promise.all([pool.maxWithdraw(me), dollar.balanceOf(me)]);
    for (const shares of [1n, 999_999n, 1n, 5n * SHARES + 3n])
      await as(depositor, pool).redeem(shares, me, me);
    for (const assets of [1n, 1n, 77n]) await as(depositor, pool).withdraw(assets, me, me);
    await as(depositor, pool).redeem(await pool.maxRedeem(me), me, me);
    expect((await dollar.balanceOf(me)) - (before ?? 0n)).to.equal(claim);
    expect([await pool.maxWithdraw(me), (await booksOf(pool)).reserved]).to.deep.equal([0n, 0n]);
  });
});
