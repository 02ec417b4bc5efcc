import { expect } from "chai";
import { as, ethers, networkHelpers } from "../contracts/support/chain.ts";
import { fund, withDesk } from "../contracts/support/desk.ts";
import { draft, originate, sign } from "../contracts/support/loans.ts";

/**
 * Huma V1, 11 May 2026, 101,390 dollars: an open function that was meant to refresh an account promoted it from
 * *Requested* to *GoodStanding*, and the money could be drawn. `state-matrix.test.ts` holds the whole matrix; here strangers
 * try everything that is open to them.
 */
describe("02 Nobody but the borrower's word makes a loan active", () => {
  it("not when it was only signed, not when it is funded, and not by looking at it", async () => {
    const world = await networkHelpers.loadFixture(withDesk);
    const { book, people } = world;
    const unsigned = await draft(world);
    const signed = await sign(world, "lender", unsigned, people.lender);
    await expect(originate(world, unsigned, { borrowerSignature: signed, lenderSignature: signed }))
      .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
      .withArgs(people.borrower.address, 1);
    const { loanId } = await fund(world);
    const before = await book.loanOf(loanId);
    for (const caller of [
      people.stranger,
      people.lender,
      people.guardian,
      people.supervisor,
      people.cashier,
    ]) {
      const open = as(caller, book);
      for (const call of [
        open.activate(loanId, "0x"),
        open.activate(loanId, signed),
        open.cancel(loanId),
        open.repay(loanId, 1n),
        open.returnLoan(loanId),
        open.writeOff(loanId),
        open.collectHeld(await world.dollar.getAddress(), caller.address),
      ]) {
        await expect(call).to.revert(ethers);
      }
      await Promise.all([book.daysPastDue(loanId), book.positionOf(loanId), book.today(loanId)]);
    }
    expect(await book.loanOf(loanId)).to.deep.equal(before);
  });
});
