import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { lend, repay } from "../contracts/support/loans.ts";
import { lendOdd, oddInstitution } from "../contracts/support/odd.ts";
import { UNIT } from "../contracts/support/world.ts";

/** Teller 2023 (004-H), Huma 5.3.19: one payee on a token's block-list stopped everybody's repayment or payout. */
describe("15 A payee whom the token refuses stops nobody", () => {
  it("a blocked lender is repaid into the book, and the borrower's loan closes", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { book, token, people } = world;
    const loanId = await lendOdd(world);
    await token.setBlocked(people.lender.address, true);
    expect((await repay(world, loanId, 2n ** 60n)).closed).to.equal(true);
    expect(await book.heldFor(await token.getAddress(), people.lender.address)).to.equal(30_300n * UNIT);
  });

  it("on a collection sheet, the other rows are paid as if nothing were", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { book, token, people } = world;
    const blocked = await lendOdd(world);
    const { loanId } = await lend(world);
    await token.setBlocked(people.lender.address, true);
    const sheet = [blocked, loanId].map((id) => ({ loanId: id, amount: 11_100n }));
    await expect(as(people.borrower, book).repayMany(sheet)).to.not.emit(book, "CollectionFailed");
    for (const id of [blocked, loanId]) expect((await book.loanOf(id)).payments).to.equal(1n);
  });
});
