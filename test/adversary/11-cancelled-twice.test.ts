import { expect } from "chai";
import { accountOf, as, goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { withDesk } from "../contracts/support/desk.ts";
import { booksOf, fund } from "../contracts/support/pool.ts";
import { UNIT, UTC_OFFSET } from "../contracts/support/world.ts";

/** Perimeter (ChainSecurity 6.1, critical): a funded loan that was cancelled stayed among the assets beside its cash. */
describe("11 A cancelled loan is counted once", () => {
  it("by whoever and however it is cancelled, and no lender can leave with more", async () => {
    for (const by of ["borrower", "stranger", "ineligible"] as const) {
      const world = await networkHelpers.loadFixture(withDesk);
      const { pool, people, book, dollar, desk, registry } = world;
      const me = people.depositor.address;
      await as(people.depositor, pool).deposit(100_000n * UNIT, me);
      const before = await booksOf(pool);
      const payee = desk.address as `0x${string}`;
      const { loanId, agreement } = await fund(world, { payee, upfrontFee: 700n });
      if (by === "borrower") await as(people.borrower, book).cancel(loanId);
      if (by === "stranger") {
        await goToDay(agreement.disburseUntilDay + 1, UTC_OFFSET);
        await as(people.stranger, book).cancel(loanId);
      }
      if (by === "ineligible") {
        await as(people.compliance, registry).blockAccounts(
          [people.borrower.address],
          `0x${"01".repeat(32)}`,
        );
        await pool.cancelIneligible(loanId);
      }
      expect(await booksOf(pool), by).to.deep.equal(before);
      const balance: bigint = await dollar.balanceOf(me);
      await as(people.depositor, pool).redeemNow(await pool.balanceOf(me), me, 0n);
      expect((await dollar.balanceOf(me)) - balance).to.equal(100_000n * UNIT);
    }
  });

  it("and not once more by a second word of it", async () => {
    const world = await networkHelpers.loadFixture(withDesk);
    const { pool, people, book, desk } = world;
    await as(people.depositor, pool).deposit(100_000n * UNIT, people.depositor.address);
    const { loanId } = await fund(world, { payee: desk.address as `0x${string}` });
    await as(people.borrower, book).cancel(loanId);
    await expect(as(await accountOf(book), pool).onCancelled(loanId, 30_000n * UNIT, false))
      .to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan")
      .withArgs(loanId);
  });
});
