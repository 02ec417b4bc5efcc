import { expect } from "chai";
import { as, ethers, goToDay, networkHelpers } from "./support/chain.ts";
import { type DeskWorld, fund, newDesk, withDesk } from "./support/desk.ts";
import { lend, repay } from "./support/loans.ts";
import { UNIT, UTC_OFFSET } from "./support/world.ts";

const CANCELLED = 4;

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(withDesk);
}

describe("A borrower who changes her mind", () => {
  it("has no such right unless it was signed", async () => {
    const world = await load();
    const { loanId, day } = await lend(world, { coolingOffDays: 0 });
    await expect(as(world.people.borrower, world.book).returnLoan(loanId))
      .to.be.revertedWithCustomError(world.book, "LoanBookCoolingOffOver")
      .withArgs(loanId, day, day);
  });

  it("gives back what she received until the end of the last day, and owes nothing", async () => {
    const world = await load();
    const { book, dollar, people } = world;
    const changes = { coolingOffDays: 14, upfrontFee: 500n };
    const inTime = await lend(world, changes);
    const tooLate = await lend(world, changes);
    await goToDay(inTime.day + 14, UTC_OFFSET);
    const transaction = await as(people.borrower, book).returnLoan(inTime.loanId);
    await expect(transaction)
      .to.emit(book, "LoanReturned")
      .withArgs(inTime.loanId, people.borrower.address, people.lender.address, inTime.day + 14, 29_500n);
    await expect(transaction).to.changeTokenBalances(
      ethers,
      dollar,
      [people.borrower.address, people.lender.address],
      [-29_500n * UNIT, 29_500n * UNIT],
    );
    expect((await book.loanOf(inTime.loanId)).state).to.equal(BigInt(CANCELLED));
    expect((await book.payoff(inTime.loanId, inTime.day + 20)).toArray()).to.deep.equal([0n, 0n, 0n, 0n]);
    await expect(repay(world, inTime.loanId, 1n))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(inTime.loanId, CANCELLED);

    await goToDay(tooLate.day + 15, UTC_OFFSET);
    await expect(as(people.borrower, book).returnLoan(tooLate.loanId))
      .to.be.revertedWithCustomError(book, "LoanBookCoolingOffOver")
      .withArgs(tooLate.loanId, tooLate.day + 15, tooLate.day + 14);
  });

  it("decides alone: nobody gives her loan back for her, except the desk that paid it out", async () => {
    const world = await load();
    const { book, people, desk } = world;
    const direct = await lend(world, { coolingOffDays: 14 });
    for (const caller of [people.lender, people.stranger, desk]) {
      await expect(as(caller, book).returnLoan(direct.loanId))
        .to.be.revertedWithCustomError(book, "LoanBookNotBorrower")
        .withArgs(direct.loanId, caller.address);
    }
    const other = await newDesk(world);
    const { loanId } = await fund(world, { coolingOffDays: 14 });
    await as(people.borrower, book).activate(loanId, "0x");
    await expect(as(other, book).returnLoan(loanId)).to.be.revertedWithCustomError(
      book,
      "LoanBookNotBorrower",
    );
    await as(desk, book).returnLoan(loanId);
    expect((await book.loanOf(loanId)).state).to.equal(BigInt(CANCELLED));
  });

  it("keeps her right whoever pays meanwhile, and gives back what she still owes of the principal", async () => {
    const world = await load();
    const { book, dollar, people } = world;
    const { loanId, agreement } = await lend(world, { coolingOffDays: 14, upfrontFee: 500n });
    await repay(world, loanId, 11_100n, people.stranger);
    expect(agreement.schedule[0]).to.include({ principal: 10_000n, interest: 1_000n, fee: 100n });
    const left = agreement.principal - 10_000n - 500n;
    await expect(as(people.borrower, book).returnLoan(loanId)).to.changeTokenBalances(
      ethers,
      dollar,
      [people.borrower.address, people.lender.address],
      [-left * UNIT, left * UNIT],
    );
  });
});
