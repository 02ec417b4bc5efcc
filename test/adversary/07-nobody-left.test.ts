import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { repay, rows } from "../contracts/support/loans.ts";
import { booksOf, draftFromPool, fund, newPool, THOUSAND } from "../contracts/support/pool.ts";
import { fundedInstitution, load } from "../contracts/support/world.ts";

const DAY_S = 86_400;

/** Teller 2024 (037-H), Huma 5.3.21: all shares were burned while interest remained, or shares remained without assets. */
describe("07 A pool that everybody has left, or that has nothing left", () => {
  it("takes the next deposit at its worth, though interest of the old days is still on its way", async () => {
    const world = await load(fundedInstitution);
    const { people, dollar } = world;
    const pool = await newPool(world);
    await as(people.depositor, dollar).approve(await pool.getAddress(), 10n ** 30n);
    const me = people.depositor.address;
    await as(people.depositor, pool).deposit(10n * THOUSAND, me);
    const { loanId } = await fund(world, { earlySettlement: 0 }, { pool });
    await repay(world, loanId, 2n ** 40n);
    await as(people.depositor, pool).redeemNow(await pool.balanceOf(me), me, 0n);
    expect(await pool.totalSupply()).to.equal(0n);
    await networkHelpers.time.increase(3 * DAY_S);
    await as(people.depositor, pool).deposit(THOUSAND, me);
    const worth: bigint = await pool.convertToExitAssets(await pool.balanceOf(me));
    // The virtual shares own what came in meanwhile.
    expect(THOUSAND - worth < 10n).to.equal(true);
  });

  it("answers every question, takes nobody's money, and comes back by itself when a loss met interest paid in advance", async () => {
    const world = await load(fundedInstitution);
    const { people, dollar } = world;
    const pool = await newPool(world);
    await as(people.depositor, dollar).approve(await pool.getAddress(), 10n ** 30n);
    const me = people.depositor.address;
    await as(people.depositor, pool).deposit(10n * THOUSAND, me);
    const { firstDay } = await draftFromPool(world);
    // One loan pays a year of interest in advance; the lender leaves with the cash that it brought; the other is lost.
    const dear = rows([firstDay + 365], 50_000n, 400_000n, 0n);
    const advance = await fund(world, { schedule: dear, earlySettlement: 0, penaltyRateBps: 0 }, { pool });
    const bad = await fund(
      world,
      { schedule: rows([firstDay], 890_000n, 0n, 0n), penaltyRateBps: 0 },
      { pool },
    );
    await repay(world, advance.loanId, 400_000n);
    const { cash } = await booksOf(pool);
    const shares: bigint = await pool.convertToShares(cash);
    await as(people.depositor, pool).redeemNow(shares, me, 0n);
    await networkHelpers.time.increase(32 * DAY_S);
    await as(people.supervisor, pool).writeOff(bad.loanId);

    expect([await pool.totalAssets(), await pool.convertToAssets(10n ** 6n)]).to.deep.equal([0n, 0n]);
    expect((await pool.totalSupply()) > 0n).to.equal(true);
    expect([await pool.maxDeposit(me), await pool.maxMint(me)]).to.deep.equal([0n, 0n]);
    await expect(as(people.depositor, pool).deposit(1n, me)).to.be.revertedWithCustomError(
      pool,
      "ERC4626ExceededMaxDeposit",
    );
    // Who asks to leave now waits: nothing is worth nothing for ever.
    await as(people.deployer, dollar).approve(await pool.getAddress(), 10n ** 30n);
    await networkHelpers.time.increase(365 * DAY_S);
    while (!(await pool.roll.staticCall(400))) await pool.roll(400);
    expect((await pool.totalAssets()) > 0n).to.equal(true);
    expect((await pool.maxDeposit(me)) > 0n).to.equal(true);
  });
});
