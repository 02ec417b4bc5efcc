import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { repay, rows } from "../contracts/support/loans.ts";
import { draftFromPool, fund, SHARES } from "../contracts/support/pool.ts";
import { fundedInstitution, load, UNIT } from "../contracts/support/world.ts";

/** Teller 2024 (007-H): the price was computed after the shares were burned, and so the leaver was paid too much. */
describe("08 A redemption is priced before its shares are burned", () => {
  it("equal requests of one moment come to equal assets, and no one's leaving moves the others' price", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { firstDay } = await draftFromPool(world);
    const schedule = rows([firstDay], 10_000_000n, 123_457n, 0n);
    const { loanId } = await fund(world, { schedule });
    await networkHelpers.time.increase(20 * 86_400);
    await repay(world, loanId, 2n ** 40n);
    await networkHelpers.time.increase(10 * 86_400);
    const me = people.depositor.address;
    const part: bigint = (await pool.balanceOf(me)) / 4n;
    for (let i = 0; i < 3; ++i) await as(people.depositor, pool).requestRedeem(part, me, me);
    const before: bigint = await pool.convertToExitAssets(10n ** 30n);
    const expected: bigint = await pool.convertToExitAssets(part);
    await pool.fulfilRedemptions(3);
    // What one rounds down is the next one's too.
    const claim: bigint = await pool.maxWithdraw(me);
    expect(claim >= 3n * expected && claim <= 3n * expected + 3n).to.equal(true);
    const after: bigint = await pool.convertToExitAssets(10n ** 30n);
    // What is rounded down stays with those who stay: at most a unit a request.
    expect(after >= before).to.equal(true);
    expect(((after - before) * (await pool.totalSupply())) / 10n ** 30n <= 3n).to.equal(true);
    expect(expected > 25_000_000n * UNIT && part === (100_000_000n * UNIT * SHARES) / 4n).to.equal(true);
  });
});
