import { expect } from "chai";
import { as, ethers, goToDay, networkHelpers, type Signer } from "../contracts/support/chain.ts";
import { withDesk } from "../contracts/support/desk.ts";
import { draft, lend, sign } from "../contracts/support/loans.ts";
import { UTC_OFFSET } from "../contracts/support/world.ts";

/**
 * Goldfinch, 2 December 2025, 330,000 dollars: a contract pulled a repayment from an address that the caller named, and
 * that address had a standing allowance. Here the victim has allowed the book and the pool everything she owns.
 */
describe("01 Nobody moves the tokens of somebody who has a standing allowance", () => {
  it("by any function of the book that takes money, called by anybody else", async () => {
    const world = await networkHelpers.loadFixture(withDesk);
    const { book, dollar, people } = world;
    const victim = people.borrower;
    const { loanId, agreement } = await lend(world, { coolingOffDays: 20 });
    const other = await draft(world, {
      lender: victim.address as `0x${string}`,
      borrower: people.stranger.address as `0x${string}`,
      payee: people.stranger.address as `0x${string}`,
    });
    const strangers = await sign(world, "borrower", other, people.stranger);
    await goToDay(agreement.firstDay - 15, UTC_OFFSET);
    const before = await dollar.balanceOf(victim.address);
    const nothing = {
      payer: victim.address,
      validAfter: 0,
      validBefore: 4_000_000_000,
      salt: ethers.ZeroHash,
      signature: "0x",
    };
    const row = { loanId, amount: 11_100n };
    for (const thief of [people.stranger, people.depositor, world.desk] as Signer[]) {
      const stealing = as(thief, book);
      for (const call of [
        stealing.repayRow(victim.address, row),
        stealing.repayWithAuthorization(loanId, 11_100n, nothing),
        stealing.returnLoan(loanId),
        // A loan in which the victim would be the lender, without her signature.
        stealing.originate(other, strangers, "0x"),
        stealing.originate(other, strangers, strangers),
      ]) {
        await expect(call).to.revert(ethers);
      }
      // What a thief can always do: pay the victim's loan with the thief's own money.
      await dollar.mint(thief.address, 10n ** 12n);
      await as(thief, dollar).approve(await book.getAddress(), 10n ** 12n);
      await stealing.repay(loanId, 1n);
      await stealing.repayMany([{ loanId, amount: 1n }]);
      await stealing.repayWithPermit(loanId, 1n, 4_000_000_000n, 27, ethers.ZeroHash, ethers.ZeroHash);
    }
    expect(await dollar.balanceOf(victim.address)).to.equal(before);
  });
});
