import { expect } from "chai";
import { as, goToDay, networkHelpers } from "./support/chain.ts";
import { type DeskWorld, fund, signReceipt, withDesk } from "./support/desk.ts";
import { draft, lend, originate, repay, sign } from "./support/loans.ts";
import { draftRestructuring, restructure, signRestructuring } from "./support/restructuring.ts";
import { moveBorrower, UTC_OFFSET } from "./support/world.ts";

const { time } = networkHelpers;

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(withDesk);
}

describe("A borrower whose address moved", () => {
  it("owes under the new address", async () => {
    const world = await load();
    const { loanId } = await lend(world);
    await moveBorrower(world, world.people.depositor);
    expect((await world.book.loanOf(loanId)).borrower).to.equal(world.people.depositor.address);
    expect((await repay(world, loanId, 100n, world.people.stranger)).totals.fee).to.equal(100n);
  });

  it("gets no new loan under the old address, and for a week none under the new one", async () => {
    const world = await load();
    const { book, people, wallets } = world;
    await moveBorrower(world, world.people.depositor);
    await expect(originate(world, await draft(world)))
      .to.be.revertedWithCustomError(book, "LoanBookBorrowerMoved")
      .withArgs(people.borrower.address);
    const changes = { borrower: people.depositor.address as `0x${string}`, disburseUntilDay: 30_000 };
    const agreement = await draft(world, changes).then((a) => ({ ...a, disburseUntilDay: a.firstDay - 1 }));
    const borrowerSignature = await sign(world, "borrower", agreement, people.depositor);
    await expect(originate(world, agreement, { borrowerSignature }))
      .to.be.revertedWithCustomError(book, "LoanBookBorrowerMoved")
      .withArgs(people.depositor.address);
    await time.increase(await wallets.NO_LOAN_PERIOD());
    await originate(world, agreement, { borrowerSignature });
  });

  it("signs and decides with the new key alone", async () => {
    const world = await load();
    const { book, people } = world;
    const changes = { coolingOffDays: 20, disburseUntilDay: 0 };
    const base = await draft(world);
    changes.disburseUntilDay = base.firstDay - 1;
    const [toActivate, toCancel] = [await fund(world, changes), await fund(world, changes)];
    const [toReturn, toRestructure] = [await lend(world, changes), await lend(world, changes)];
    const receipt = (signer = people.borrower) => signReceipt(world, toActivate.loanId, 30_000n, signer);
    const old = await receipt();
    await moveBorrower(world, world.people.depositor);

    await expect(as(people.stranger, book).activate(toActivate.loanId, old)).to.be.revertedWithCustomError(
      book,
      "LoanBookReceiptMissing",
    );
    await as(people.stranger, book).activate(toActivate.loanId, await receipt(people.depositor));
    await expect(as(people.borrower, book).cancel(toCancel.loanId)).to.be.revertedWithCustomError(
      book,
      "LoanBookNotCancellable",
    );
    await as(people.depositor, book).cancel(toCancel.loanId);
    await expect(as(people.borrower, book).returnLoan(toReturn.loanId)).to.be.revertedWithCustomError(
      book,
      "LoanBookNotBorrower",
    );
    await as(people.depositor, world.dollar).approve(await book.getAddress(), 10n ** 30n);
    await as(people.depositor, book).returnLoan(toReturn.loanId);

    const { firstDay } = toRestructure.agreement;
    await goToDay(firstDay, UTC_OFFSET);
    const plan = await draftRestructuring(world, toRestructure.loanId, [firstDay + 30, firstDay + 60]);
    await expect(restructure(world, plan))
      .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
      .withArgs(people.depositor.address, 1);
    await restructure(world, plan, {
      borrowerSignature: await signRestructuring(world, "borrower", plan, people.depositor),
    });
  });
});
