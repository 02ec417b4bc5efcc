import { expect } from "chai";
import { as, ethers, eventsOf, goToDay, networkHelpers } from "./support/chain.ts";
import { type DeskWorld, fund, newDesk, signReceipt, withDesk } from "./support/desk.ts";
import { lend, originate, parts, repay } from "./support/loans.ts";
import { govern, UNIT, UTC_OFFSET } from "./support/world.ts";

const FUNDED = 3;
const CANCELLED = 4;

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(withDesk);
}

describe("A loan that a desk pays out by hand", () => {
  describe("while it is funded", () => {
    it("keeps its principal in the book, and no day of it has begun", async () => {
      const world = await load();
      const { book, dollar, people, desk } = world;
      const before = await dollar.balanceOf(people.lender.address);
      const { loanId, day } = await fund(world, { upfrontFee: 500n });
      expect(await dollar.balanceOf(people.lender.address)).to.equal(before - 29_500n * UNIT);
      expect(await dollar.balanceOf(await book.getAddress())).to.equal(29_500n * UNIT);
      const loan = await book.loanOf(loanId);
      expect([loan.state, loan.startDay, loan.payee]).to.deep.equal([BigInt(FUNDED), 0n, desk.address]);
      expect(await book.daysPastDue(loanId)).to.equal(0n);
      for (const view of [book.due, book.payoff]) {
        expect((await view(loanId, day + 400)).toArray()).to.deep.equal([0n, 0n, 0n, 0n]);
      }
      expect(await book.ownerOf(BigInt(loanId))).to.equal(people.lender.address);
    });

    it("cannot be repaid, given back, written off or restructured", async () => {
      const world = await load();
      const { book, people } = world;
      const { loanId } = await fund(world);
      const calls = [
        as(people.borrower, book).repay(loanId, 1n),
        as(people.borrower, book).returnLoan(loanId),
        as(people.lender, book).writeOff(loanId),
      ];
      for (const call of calls) {
        await expect(call).to.be.revertedWithCustomError(book, "LoanBookWrongState").withArgs(loanId, FUNDED);
      }
    });

    it("is announced as funded, not as disbursed", async () => {
      const world = await load();
      const { agreement, loanId, day } = await fund(world, { upfrontFee: 500n });
      const events = await eventsOf(world.book, "LoanFunded");
      expect(events.at(-1)?.toArray()).to.deep.equal([loanId, agreement.payee, BigInt(day), 29_500n]);
      expect(await eventsOf(world.book, "Disbursed")).to.deep.equal([]);
    });
  });

  describe("is not paid out", () => {
    it("on the word of anybody but the borrower or the desk (INV-30)", async () => {
      const world = await load();
      const { book, people } = world;
      const { loanId } = await fund(world);
      const amount = 30_000n;
      const other = await fund(world);
      const receipts = [
        "0x",
        await signReceipt(world, loanId, amount, people.stranger),
        await signReceipt(world, loanId, amount - 1n, people.borrower),
        await signReceipt(world, other.loanId, amount, people.borrower),
      ];
      for (const caller of [people.stranger, people.lender, people.cashier]) {
        for (const receipt of receipts) {
          await expect(as(caller, book).activate(loanId, receipt))
            .to.be.revertedWithCustomError(book, "LoanBookReceiptMissing")
            .withArgs(loanId);
        }
      }
    });

    it("by a desk that is not registered, or no longer", async () => {
      const world = await load();
      const { book } = world;
      const desk = await newDesk(world);
      const unknown = await fund({ ...world, desk });
      const known = await fund(world);
      await govern(world, book, "setRecorder", [world.desk.address, false]);
      for (const [signer, { loanId }] of [
        [desk, unknown],
        [world.desk, known],
      ] as const) {
        await expect(as(signer, book).activate(loanId, "0x"))
          .to.be.revertedWithCustomError(book, "LoanBookReceiptMissing")
          .withArgs(loanId);
      }
    });

    it("by a registered desk that is not its payee", async () => {
      const world = await load();
      const { book } = world;
      const desk = await newDesk(world);
      await govern(world, book, "setRecorder", [desk.address, true]);
      const { loanId } = await fund(world);
      await expect(as(desk, book).activate(loanId, "0x")).to.be.revertedWithCustomError(
        book,
        "LoanBookReceiptMissing",
      );
    });

    it("after the last day of the window, nor twice, nor when there is no such loan", async () => {
      const world = await load();
      const { book, people } = world;
      const { loanId, agreement } = await fund(world);
      const { loanId: late } = await fund(world);
      await goToDay(agreement.disburseUntilDay, UTC_OFFSET);
      await as(people.borrower, book).activate(loanId, "0x");
      await expect(as(people.borrower, book).activate(loanId, "0x"))
        .to.be.revertedWithCustomError(book, "LoanBookWrongState")
        .withArgs(loanId, 1);
      await goToDay(agreement.disburseUntilDay + 1, UTC_OFFSET);
      await expect(as(people.borrower, book).activate(late, "0x"))
        .to.be.revertedWithCustomError(book, "LoanBookOutsideDisbursementWindow")
        .withArgs(agreement.disburseUntilDay + 1, agreement.disburseFromDay, agreement.disburseUntilDay);
      await expect(as(people.borrower, book).activate(ethers.ZeroHash, "0x"))
        .to.be.revertedWithCustomError(book, "LoanBookWrongState")
        .withArgs(ethers.ZeroHash, 0);
    });
  });

  describe("is paid out", () => {
    it("by the borrower's call, her receipt in anybody's hands, or the registered desk", async () => {
      const world = await load();
      const { book, dollar, people, desk } = world;
      const ways = [
        async (loanId: string) => await as(people.borrower, book).activate(loanId, "0x"),
        async (loanId: string) =>
          await as(people.stranger, book).activate(
            loanId,
            await signReceipt(world, loanId, 29_500n, people.borrower),
          ),
        async (loanId: string) => await as(desk, book).activate(loanId, "0x"),
      ];
      for (const way of ways) {
        const { loanId, day } = await fund(world, { upfrontFee: 500n });
        await goToDay(day + 2, UTC_OFFSET);
        const transaction = await way(loanId);
        await expect(transaction)
          .to.emit(book, "Disbursed")
          .withArgs(loanId, desk.address, day + 2, 29_500n, 500n);
        await expect(transaction).to.changeTokenBalances(
          ethers,
          dollar,
          [desk.address, await book.getAddress()],
          [29_500n * UNIT, -29_500n * UNIT],
        );
        const loan = await book.loanOf(loanId);
        expect([loan.state, loan.startDay]).to.deep.equal([1n, BigInt(day + 2)]);
      }
    });

    it("with a digest that lending/ computes too", async () => {
      const world = await load();
      const { loanId } = await fund(world, { upfrontFee: 500n });
      const digest = await world.book.receiptDigest(loanId);
      const receipt = await signReceipt(world, loanId, 29_500n, world.people.borrower);
      expect(ethers.recoverAddress(digest, receipt)).to.equal(world.people.borrower.address);
    });

    it("and there is no receipt to sign for a loan that runs, or for none", async () => {
      const world = await load();
      const { loanId } = await lend(world);
      for (const [id, state] of [
        [loanId, 1],
        [ethers.ZeroHash, 0],
      ] as const) {
        await expect(world.book.receiptDigest(id))
          .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
          .withArgs(id, state);
      }
    });

    it("and then runs like any other: interest from the day of the payout", async () => {
      const world = await load();
      const { book, people } = world;
      const { loanId, day, agreement } = await fund(world);
      await goToDay(day + 5, UTC_OFFSET);
      await as(people.borrower, book).activate(loanId, "0x");
      // Ten of the 25 days that are left of the first period, rounded up; pro rata of 10.00.
      expect((await book.payoff(loanId, day + 15)).interest).to.equal((1_000n * 10n + 24n) / 25n);
      await goToDay(agreement.firstDay, UTC_OFFSET);
      expect((await repay(world, loanId, 11_100n)).paid).to.deep.equal(parts(0n, 100n, 1_000n, 10_000n));
    });
  });

  describe("is cancelled", () => {
    it("by nobody but the borrower before the window is over", async () => {
      const world = await load();
      const { book, people, desk } = world;
      const { loanId } = await fund(world);
      for (const caller of [people.lender, people.stranger, people.supervisor, desk]) {
        await expect(as(caller, book).cancel(loanId))
          .to.be.revertedWithCustomError(book, "LoanBookNotCancellable")
          .withArgs(loanId, caller.address);
      }
    });

    it("by the borrower at any time, and by anybody after the window; the owner of the note has it all back", async () => {
      const world = await load();
      const { book, dollar, people } = world;
      const hers = await fund(world, { upfrontFee: 500n });
      const late = await fund(world, { upfrontFee: 500n });
      await expect(as(people.borrower, book).cancel(hers.loanId)).to.changeTokenBalances(
        ethers,
        dollar,
        [people.lender.address, await book.getAddress()],
        [29_500n * UNIT, -29_500n * UNIT],
      );
      await as(people.lender, book).transferFrom(
        people.lender.address,
        people.depositor.address,
        late.loanId,
      );
      await goToDay(late.agreement.disburseUntilDay + 1, UTC_OFFSET);
      const transaction = await as(people.stranger, book).cancel(late.loanId);
      await expect(transaction)
        .to.emit(book, "LoanCancelled")
        .withArgs(
          late.loanId,
          people.stranger.address,
          people.depositor.address,
          late.agreement.disburseUntilDay + 1,
          29_500n,
        );
      await expect(transaction).to.changeTokenBalance(
        ethers,
        dollar,
        people.depositor.address,
        29_500n * UNIT,
      );
      for (const { loanId } of [hers, late]) expect((await book.loanOf(loanId)).state).to.equal(4n);
    });

    it("once and for all", async () => {
      const world = await load();
      const { book, people } = world;
      const { loanId, agreement } = await fund(world);
      await as(people.borrower, book).cancel(loanId);
      for (const call of [
        as(people.borrower, book).cancel(loanId),
        as(people.borrower, book).activate(loanId, "0x"),
        as(people.borrower, book).repay(loanId, 1n),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(book, "LoanBookWrongState")
          .withArgs(loanId, CANCELLED);
      }
      await expect(originate(world, agreement))
        .to.be.revertedWithCustomError(book, "LoanBookAlreadyOriginated")
        .withArgs(loanId);
    });

    it("never when it was paid out already", async () => {
      const world = await load();
      const { loanId } = await lend(world);
      await expect(as(world.people.borrower, world.book).cancel(loanId))
        .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
        .withArgs(loanId, 1);
    });
  });
});

describe("A recorder", () => {
  it("is a contract, and the governor's to name", async () => {
    const world = await load();
    const { book, people } = world;
    await expect(
      as(people.supervisor, book).setRecorder(world.desk.address, true),
    ).to.be.revertedWithCustomError(book, "AccessManagedUnauthorized");
    await expect(govern(world, book, "setRecorder", [people.cashier.address, true]))
      .to.be.revertedWithCustomError(book, "LoanBookRecorderNotContract")
      .withArgs(people.cashier.address);
    expect(await book.isRecorder(world.desk.address)).to.equal(true);
    await expect(govern(world, book, "setRecorder", [world.desk.address, false]))
      .to.emit(book, "RecorderSet")
      .withArgs(world.desk.address, false);
    expect(await book.isRecorder(world.desk.address)).to.equal(false);
  });
});
