import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { rows } from "../contracts/support/loans.ts";
import { draftFromPool, fund } from "../contracts/support/pool.ts";
import { fundedInstitution, load, UTC_OFFSET, type World } from "../contracts/support/world.ts";

const DAY_S = 86_400;
const PRINCIPAL = 50_000_000n;
const SHARES = 10n ** 24n;

/** A loan of half the pool, 90 days before its first due day, with `interest`. */
async function halfThePool(interest: bigint) {
  const world = await load(fundedInstitution);
  const dueDay = (await draftFromPool(world)).disburseFromDay + 90;
  const schedule = rows([dueDay], PRINCIPAL, interest, 0n);
  const { loanId } = await fund(world, { schedule, penaltyRateBps: 0 });
  return { ...world, loanId, dueDay };
}

/** The second before `day` begins. */
async function goBefore(day: number): Promise<void> {
  await networkHelpers.time.increaseTo(day * DAY_S - UTC_OFFSET - 1);
}

/** What shares are worth after provisions, and what leaving brings. */
async function prices({ pool }: World) {
  const figures = await Promise.all([pool.totalSupply(), pool.totalAssets(), pool.provisions()]);
  const [supply, assets, provisions] = figures as [bigint, bigint, bigint];
  return {
    worth: (SHARES * (assets - provisions + 1n)) / (supply + 10n ** 6n),
    exit: await pool.convertToExitAssets(SHARES),
  };
}

/** Maple, December 2022: when a loss was recognised was a person's choice, and who left before it left it to the others. */
describe("03 Nobody gains by leaving before a loss is recognised", () => {
  it("leaving a second before each threshold brings no more than what the loan's new age leaves", async () => {
    const world = await halfThePool(0n);
    // Later than 30, 60 and 90 days: 10, 50 and 100 % are provided for, by the clock and by nobody's call.
    for (const days of [31, 61, 91]) {
      await goBefore(world.dueDay + days);
      const before = await prices(world);
      await networkHelpers.time.increase(1);
      const after = await prices(world);
      expect(before.exit <= after.worth, `on day ${days}`).to.equal(true);
      expect(after.worth < before.worth, `on day ${days}`).to.equal(true);
    }
  });

  it("leaving a second before the write-off brings what leaving after it does (INV-66)", async () => {
    const world = await halfThePool(0n);
    await goBefore(world.dueDay + 181);
    await networkHelpers.time.increase(10);
    const before = await prices(world);
    await as(world.people.stranger, world.pool).writeOff(world.loanId);
    expect(await prices(world)).to.deep.equal(before);
  });

  it("leaving with interest that was recognised and never came is no way out: that is provided for too", async () => {
    const world = await halfThePool(1_000_000n);
    await goBefore(world.dueDay + 181);
    await networkHelpers.time.increase(10);
    const before = await prices(world);
    await as(world.people.stranger, world.pool).writeOff(world.loanId);
    expect(await prices(world)).to.deep.equal(before);
  });
});
