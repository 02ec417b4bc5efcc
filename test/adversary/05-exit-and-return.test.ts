import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { rows } from "../contracts/support/loans.ts";
import { draftFromPool, fund, SHARES, THOUSAND } from "../contracts/support/pool.ts";
import { fundedInstitution, load, type World } from "../contracts/support/world.ts";

const DAY_S = 86_400;

/** A loan of 1,000.00 that nobody will repay, 95 days after its due day. */
async function badLoan(interest = 0n): Promise<World & { loanId: string }> {
  const world = await load(fundedInstitution);
  const { firstDay } = await draftFromPool(world);
  const schedule = rows([firstDay], 100_000n, interest, 0n);
  const { loanId } = await fund(world, { schedule, penaltyRateBps: 0 });
  await networkHelpers.time.increase((30 + 95) * DAY_S);
  return { ...world, loanId };
}

/** Teller 2024 (022-M), Maple (0xMacro M-1): leave before bad debt is booked, return cheaper; or hold a price like an option. */
describe("05 Leaving before a loss and coming back after it brings no share more", () => {
  for (const interest of [0n, 25_000n]) {
    it(`whoever leaves, waits for the write-off and returns has at most what she had (interest ${interest})`, async () => {
      const world = await badLoan(interest);
      const { pool, people, loanId } = world;
      const me = people.depositor.address;
      const before: bigint = await pool.balanceOf(me);
      const assets: bigint = await as(people.depositor, pool).redeemNow.staticCall(before, me, 0n);
      await as(people.depositor, pool).redeemNow(before, me, 0n);
      await as(people.supervisor, pool).writeOff(loanId);
      await as(people.depositor, pool).deposit(assets, me);
      expect((await pool.balanceOf(me)) <= before).to.equal(true);
    });
  }

  it("a fulfilled request is worth what it was worth, whatever comes before its claim", async () => {
    const world = await badLoan();
    const { pool, people, loanId } = world;
    const me = people.depositor.address;
    await as(people.depositor, pool).requestRedeem(THOUSAND * SHARES, me, me);
    await pool.fulfilRedemptions(1);
    const claimable = await pool.maxWithdraw(me);
    await as(people.supervisor, pool).writeOff(loanId);
    expect(await pool.maxWithdraw(me)).to.equal(claimable);
    await networkHelpers.time.increase(400 * DAY_S);
    expect(await pool.maxWithdraw(me)).to.equal(claimable);
  });

  it("a request that waits bears the loss like every other share", async () => {
    const world = await badLoan();
    const { pool, people, loanId } = world;
    const me = people.depositor.address;
    const shares: bigint = await pool.balanceOf(me);
    await as(people.depositor, pool).requestRedeem(shares, me, me);
    await as(people.supervisor, pool).writeOff(loanId);
    const worth = await pool.convertToAssets(shares);
    await pool.fulfilRedemptions(1);
    expect(await pool.maxWithdraw(me)).to.equal(worth);
  });
});
