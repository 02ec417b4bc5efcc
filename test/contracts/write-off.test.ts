import { expect } from "chai";
import { as, ethers, goToDay } from "./support/chain.ts";
import { lend, parts, repay } from "./support/loans.ts";
import { institution, load, UTC_OFFSET } from "./support/world.ts";

const WRITTEN_OFF = 5;

describe("Writing a loan off", () => {
  it("is for the owner of the note alone", async () => {
    const world = await load(institution);
    const { book, people } = world;
    const { loanId, agreement } = await lend(world);
    await goToDay(agreement.firstDay + 1, UTC_OFFSET);
    for (const caller of [people.stranger, people.borrower, people.supervisor]) {
      await expect(as(caller, book).writeOff(loanId))
        .to.be.revertedWithCustomError(book, "LoanBookNotOwner")
        .withArgs(loanId, caller.address);
    }
    await as(people.lender, book).transferFrom(people.lender.address, people.depositor.address, loanId);
    await expect(as(people.lender, book).writeOff(loanId)).to.be.revertedWithCustomError(
      book,
      "LoanBookNotOwner",
    );
    await as(people.depositor, book).writeOff(loanId);
  });

  it("waits until something is overdue, and happens once", async () => {
    const world = await load(institution);
    const book = as(world.people.lender, world.book);
    const { loanId, agreement } = await lend(world);
    await goToDay(agreement.firstDay, UTC_OFFSET);
    await expect(book.writeOff(loanId))
      .to.be.revertedWithCustomError(book, "LoanBookNotOverdue")
      .withArgs(loanId);
    await goToDay(agreement.firstDay + 1, UTC_OFFSET);
    await expect(book.writeOff(loanId))
      .to.emit(book, "LoanWrittenOff")
      .withArgs(loanId, world.people.lender.address, agreement.firstDay + 1, 30_000n);
    await expect(book.writeOff(loanId))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(loanId, WRITTEN_OFF);
    await expect(book.writeOff(ethers.ZeroHash))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(ethers.ZeroHash, 0);
  });

  it("changes nothing of the debt: it is repaid as before, to its end", async () => {
    const world = await load(institution);
    const { book, people } = world;
    const { loanId, agreement } = await lend(world);
    await goToDay(agreement.firstDay + 5, UTC_OFFSET);
    const due = await book.due(loanId, agreement.firstDay + 5);
    await as(people.lender, book).writeOff(loanId);
    expect(await book.due(loanId, agreement.firstDay + 5)).to.deep.equal(due);
    expect(await book.daysPastDue(loanId)).to.equal(5n);
    const first = await repay(world, loanId, 11_100n);
    expect(first.paid).to.deep.equal(parts(0n, 100n, 1_000n, 10_000n));
    expect((await book.loanOf(loanId)).state).to.equal(BigInt(WRITTEN_OFF));
    const { closed } = await repay(world, loanId, 2n ** 63n);
    expect([closed, (await book.loanOf(loanId)).state]).to.deep.equal([true, 2n]);
  });
});
