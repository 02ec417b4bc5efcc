import { expect } from "chai";
import { as } from "../contracts/support/chain.ts";
import { SHARES, THOUSAND } from "../contracts/support/pool.ts";
import { fundedInstitution, load, UNIT } from "../contracts/support/world.ts";

/** Huma 5.2.2, Centrifuge M-04: a deposit or a request on somebody's behalf reset her lock-up or blocked her claim. */
describe("14 What others do on her behalf takes nothing from a lender", () => {
  it("a deposit for her delays nothing: she leaves at once", async () => {
    const { pool, people, dollar } = await load(fundedInstitution);
    const { depositor: victim, deployer: attacker } = people;
    await as(attacker, pool).deposit(1n, victim.address);
    const before: bigint = await dollar.balanceOf(victim.address);
    await as(victim, pool).redeemNow(await pool.balanceOf(victim.address), victim.address, 0n);
    expect((await dollar.balanceOf(victim.address)) - before >= 100_000_000n * UNIT).to.equal(true);
  });

  it("a request that names her as the controller changes neither her place nor her claim, but adds to it", async () => {
    const { pool, people } = await load(fundedInstitution);
    const { depositor: victim, deployer: attacker } = people;
    const me = victim.address;
    await as(attacker, pool).deposit(THOUSAND, attacker.address);
    await as(victim, pool).requestRedeem(THOUSAND * SHARES, me, me);
    const gift = 100n * UNIT * SHARES;
    for (let i = 0; i < 5; ++i) await as(attacker, pool).requestRedeem(gift, me, attacker.address);
    await pool.fulfilRedemptions(1);
    expect(await pool.claimableRedeemRequest(1, me)).to.equal(THOUSAND * SHARES);
    const claim: bigint = await pool.maxWithdraw(me);
    expect(claim).to.equal(THOUSAND);
    await pool.fulfilRedemptions(5);
    await as(victim, pool).withdraw(claim, me, me);
    expect(await pool.maxWithdraw(me)).to.equal(500n * UNIT);
  });

  it("nobody requests or claims for her", async () => {
    const { pool, people } = await load(fundedInstitution);
    const { depositor: victim, deployer: attacker } = people;
    const me = victim.address;
    await expect(as(attacker, pool).requestRedeem(THOUSAND * SHARES, me, me)).to.be.revertedWithCustomError(
      pool,
      "ERC20InsufficientAllowance",
    );
    await as(victim, pool).requestRedeem(THOUSAND * SHARES, me, me);
    await pool.fulfilRedemptions(1);
    await expect(as(attacker, pool).redeem(1n, me, me)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolNotOperator",
    );
    await expect(as(attacker, pool).withdraw(1n, attacker.address, me)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolNotOperator",
    );
  });
});
