import { expect } from "chai";
import { goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { repay, rows } from "../contracts/support/loans.ts";
import { booksOf, draftFromPool, fund } from "../contracts/support/pool.ts";
import { fundedInstitution, load, UTC_OFFSET } from "../contracts/support/world.ts";

const ROW = 11_000n;

/** All aggregates of a pool whose borrower pays three instalments, the first one `late` days late. */
async function aggregates(late: number) {
  const world = await load(fundedInstitution);
  const { pool, people } = world;
  const start = (await networkHelpers.time.latest()) + 1_000;
  const { firstDay } = await draftFromPool(world);
  const schedule = rows([firstDay, firstDay + 30, firstDay + 60], 10_000n, 1_000n, 0n);
  const { loanId } = await fund(world, { schedule, penaltyRateBps: 0 }, { second: start });
  await goToDay(firstDay + late, UTC_OFFSET);
  const due = 1 + Math.floor(late / 30);
  for (let row = 0; row < Math.min(due, 2); ++row) await repay(world, loanId, ROW);
  await goToDay(firstDay + 150, UTC_OFFSET);
  for (let row = Math.min(due, 2); row < 3; ++row) await repay(world, loanId, ROW);
  await networkHelpers.time.increaseTo(start + 300 * 86_400);
  return {
    books: await booksOf(pool),
    assets: await pool.totalAssets(),
    recognised: await pool.recognised(),
    provisions: await pool.provisions(),
    deduction: await pool.exitDeduction(),
    atRisk: await pool.portfolioAtRisk(0),
    exposure: await pool.exposureOf(people.borrower.address),
  };
}

/** Trail of Bits, Maple (TOB-MPL-8): removing an impairment left the late interest among the losses. */
describe("09 A loan that was late and pays leaves nothing behind", () => {
  it("in no aggregate, from whichever bracket it comes back (INV-61)", async () => {
    const onTime = await aggregates(0);
    expect(onTime.books.outstanding).to.equal(0n);
    for (const late of [1, 31, 61, 91, 120]) {
      expect(await aggregates(late), `${late} days late`).to.deep.equal(onTime);
    }
  });
});
