import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { lend } from "../contracts/support/loans.ts";
import { fund, SHARES, THOUSAND } from "../contracts/support/pool.ts";
import { fundedInstitution, govern, load } from "../contracts/support/world.ts";

/** Trail of Bits, Maple (TOB-MPL-6, -9, -11), ChainSecurity (Perimeter 5.1): gates that dust closes, and limits that promise. */
describe("24 Gates open and close by what the books say", () => {
  it("tokens and notes that somebody sends keep no gate shut", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, dollar, book } = world;
    await as(people.supervisor, pool).depositCover(THOUSAND);
    const { loanId } = await lend(world);
    await as(people.lender, book).transferFrom(people.lender.address, await pool.getAddress(), loanId);
    await as(people.stranger, dollar).transfer(await pool.getAddress(), 1n);
    // The given note is long overdue; the pool's own loans are not.
    await networkHelpers.time.increase(200 * 86_400);
    expect(await pool.portfolioAtRisk(0)).to.equal(0n);
    await govern(world, pool, "withdrawCover", [THOUSAND, people.governor.address]);
    const me = people.depositor.address;
    await as(people.depositor, pool).redeemNow(await pool.balanceOf(me), me, 0n);
    expect(await pool.balanceOf(me)).to.equal(0n);
  });

  it("shares cannot be pushed into the queue to hold everybody up", async () => {
    const { pool, people } = await load(fundedInstitution);
    await expect(
      as(people.depositor, pool).transfer(await pool.getAddress(), 1n),
    ).to.be.revertedWithCustomError(pool, "ERC20InvalidReceiver");
    const [, , pending] = await pool.redemptionQueue();
    expect(pending).to.equal(await pool.balanceOf(await pool.getAddress()));
  });

  it("no limit promises what a paused pool refuses, and what is never refused is never paused (INV-71)", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const me = people.depositor.address;
    await as(people.depositor, pool).requestRedeem(THOUSAND * SHARES, me, me);
    await as(people.guardian, pool).pause();
    expect([await pool.maxDeposit(me), await pool.maxMint(me)]).to.deep.equal([0n, 0n]);
    await pool.fulfilRedemptions(1);
    const claim = await pool.maxWithdraw(me);
    expect(claim).to.equal(THOUSAND);
    await as(people.depositor, pool).withdraw(claim, me, me);
  });

  it("staff lends nothing while the guardian has stopped it", async () => {
    const world = await load(fundedInstitution);
    await as(world.people.guardian, world.pool).pause();
    await expect(fund(world)).to.be.revertedWithCustomError(world.pool, "EnforcedPause");
  });
});
