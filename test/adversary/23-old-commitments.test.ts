import { expect } from "chai";
import { as, goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { lend, originate, repay } from "../contracts/support/loans.ts";
import { draftRestructuring, restructure } from "../contracts/support/restructuring.ts";
import { institution, UTC_OFFSET } from "../contracts/support/world.ts";

/** Huma 5.3.23: a payoff un-froze a borrower. Cantina-Maple 3.3.5: an old restructuring could be used after the loan was closed. */
describe("23 What was agreed for another day binds nobody", () => {
  it("a restructuring that both signed is void after a payment, after another one, after a write-off and after the end", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { book, people } = world;
    const { loanId, agreement } = await lend(world);
    await goToDay(agreement.firstDay + 3, UTC_OFFSET);
    const days = [agreement.firstDay + 40, agreement.firstDay + 80];
    const first = await draftRestructuring(world, loanId, days);
    const second = await draftRestructuring(world, loanId, days, { expiry: 3_999_999_999n });
    await restructure(world, first);
    await expect(restructure(world, second)).to.be.revertedWithCustomError(
      book,
      "LoanBookRestructuringStale",
    );
    const third = await draftRestructuring(world, loanId, days);
    await repay(world, loanId, 1n);
    await expect(restructure(world, third)).to.be.revertedWithCustomError(book, "LoanBookRestructuringStale");
    const fourth = await draftRestructuring(world, loanId, days);
    await goToDay(agreement.firstDay + 50, UTC_OFFSET);
    await as(people.lender, book).writeOff(loanId);
    await expect(restructure(world, fourth)).to.be.revertedWithCustomError(book, "LoanBookWrongState");
    await repay(world, loanId, 2n ** 60n);
    await expect(restructure(world, fourth)).to.be.revertedWithCustomError(book, "LoanBookWrongState");
  });

  it("a closed loan's agreement makes no second loan", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { loanId, agreement } = await lend(world);
    await repay(world, loanId, 2n ** 60n);
    await expect(originate(world, agreement))
      .to.be.revertedWithCustomError(world.book, "LoanBookAlreadyOriginated")
      .withArgs(loanId);
  });
});
