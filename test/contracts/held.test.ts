import { expect } from "chai";
import { as, deployHelper, ethers, networkHelpers } from "./support/chain.ts";
import { draft, originate, repay } from "./support/loans.ts";
import { lendFromPool, lendOdd, type OddWorld, oddInstitution } from "./support/odd.ts";
import { UNIT } from "./support/world.ts";

type Hex = `0x${string}`;

const ROW = 11_100n;
const load = () => networkHelpers.loadFixture(oddInstitution);

describe("A lender whom the token refuses", () => {
  it("never stops a repayment: it waits in the book, payment by payment", async () => {
    const world = await load();
    const { book, token, people } = world;
    const loanId = await lendOdd(world);
    await token.setBlocked(people.lender.address, true);
    for (const nr of [1n, 2n]) {
      const { transaction, recipient } = await repay(world, loanId, ROW);
      expect(recipient).to.equal(people.lender.address);
      await expect(transaction)
        .to.emit(book, "PaymentHeld")
        .withArgs(await token.getAddress(), people.lender.address, ROW * UNIT, nr * ROW * UNIT);
      await expect(transaction).to.changeTokenBalances(
        ethers,
        token,
        [people.borrower, book, people.lender],
        [-ROW * UNIT, ROW * UNIT, 0n],
      );
    }
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
  });

  it("collects all of it once, to where she wants", async () => {
    const world = await load();
    const { book, token, people } = world;
    const currency = await token.getAddress();
    await holdOneRow(world);
    const lender = as(people.lender, book);
    await expect(lender.collectHeld(currency, people.lender.address)).to.be.revert(ethers);
    expect(await book.heldFor(currency, people.lender.address)).to.equal(ROW * UNIT);
    const collecting = lender.collectHeld(currency, people.stranger.address);
    await expect(collecting)
      .to.emit(book, "HeldPaymentCollected")
      .withArgs(currency, people.lender.address, people.stranger.address, ROW * UNIT);
    await expect(collecting).to.changeTokenBalances(
      ethers,
      token,
      [people.stranger, book],
      [ROW * UNIT, -ROW * UNIT],
    );
    await expect(lender.collectHeld(currency, people.stranger.address))
      .to.be.revertedWithCustomError(book, "LoanBookNothingOwed")
      .withArgs(currency, people.lender.address);
  });

  it("collects also while the book is paused", async () => {
    const world = await load();
    await holdOneRow(world);
    await as(world.people.guardian, world.book).pause();
    const { lender, stranger } = world.people;
    await as(lender, world.book).collectHeld(await world.token.getAddress(), stranger.address);
    expect(await world.token.balanceOf(await world.book.getAddress())).to.equal(0n);
  });

  it("gets nothing held when it is the payer whom the token refuses", async () => {
    const world = await load();
    const loanId = await lendOdd(world);
    await world.token.setBlocked(world.people.borrower.address, true);
    await expect(as(world.people.borrower, world.book).repay(loanId, ROW)).to.be.revert(ethers);
    expect((await world.book.loanOf(loanId)).payments).to.equal(0n);
  });
});

describe("A pool whom the token refuses", () => {
  it("counts what is held for it, at a price that does not move when anybody brings it home", async () => {
    const world = await load();
    const { book, token, people, oddPool } = world;
    const loanId = await lendFromPool(world);
    const pool = await oddPool.getAddress();
    await token.setBlocked(pool, true);
    const { transaction } = await repay(world, loanId, ROW);
    // A tenth of the 10.00 interest and the fee of 1.00 are the institution's.
    await expect(transaction)
      .to.emit(oddPool, "RepaymentBooked")
      .withArgs(loanId, 10_000n * UNIT, 900n * UNIT, 0n, 200n * UNIT);
    const { held, cash, fees } = await oddPool.books();
    expect([held, fees]).to.deep.equal([10_900n * UNIT, 200n * UNIT]);
    await expect(as(people.stranger, oddPool).collectHeldCash()).to.be.revert(ethers);
    await token.setBlocked(pool, false);
    await expect(as(people.stranger, oddPool).collectHeldCash())
      .to.emit(oddPool, "HeldCashCollected")
      .withArgs(10_900n * UNIT);
    const after = await oddPool.books();
    expect([after.held, after.cash, after.fees]).to.deep.equal([0n, cash + held, fees]);
    expect(await book.heldFor(token, pool)).to.equal(0n);
    expect(after.cash + after.fees).to.equal(await token.balanceOf(pool));
  });

  it("has nothing to bring home when nothing is held", async () => {
    const world = await load();
    await expect(world.oddPool.collectHeldCash()).to.be.revertedWithCustomError(
      world.oddPool,
      "LendingPoolAmountZero",
    );
  });

  it("brings its own home even when a note that somebody gave to it was paid while it was blocked", async () => {
    const world = await load();
    const { book, token, people, oddPool } = world;
    const pool = await oddPool.getAddress();
    const [own, foreign] = [await lendFromPool(world), await lendOdd(world)];
    await as(people.lender, book).transferFrom(people.lender.address, pool, foreign);
    await token.setBlocked(pool, true);
    await repay(world, own, ROW);
    await repay(world, foreign, ROW);
    await token.setBlocked(pool, false);
    const { held, cash, fees } = await oddPool.books();
    await oddPool.collectHeldCash();
    const after = await oddPool.books();
    expect([after.held, after.cash]).to.deep.equal([0n, cash + held]);
    // What the given note paid came along, and nobody counts it.
    expect(await token.balanceOf(pool)).to.equal(after.cash + fees + ROW * UNIT);
  });
});

describe("A token with a fee on transfers", () => {
  it("is refused when it lends and when it repays: less arrives than was sent", async () => {
    const world = await load();
    const { book, token } = world;
    const currency = (await token.getAddress()) as Hex;
    const loanId = await lendOdd(world);
    await token.setFeeBps(100);
    await expect(originate(world, await draft(world, { currency })))
      .to.be.revertedWithCustomError(book, "LoanBookTransferShort")
      .withArgs(currency, 30_000n * UNIT, 29_700n * UNIT);
    await expect(as(world.people.borrower, book).repay(loanId, 10_000n))
      .to.be.revertedWithCustomError(book, "LoanBookTransferShort")
      .withArgs(currency, 10_000n * UNIT, 9_900n * UNIT);
  });

  it("is refused also when the payment would be held", async () => {
    const world = await load();
    const loanId = await lendOdd(world);
    await world.token.setFeeBps(100);
    await world.token.setBlocked(world.people.lender.address, true);
    await expect(as(world.people.borrower, world.book).repay(loanId, 10_000n))
      .to.be.revertedWithCustomError(world.book, "LoanBookTransferShort")
      .withArgs(await world.token.getAddress(), 10_000n * UNIT, 9_900n * UNIT);
  });
});

describe("A token that calls before it moves", () => {
  it("cannot be used to enter the book a second time", async () => {
    const world = await load();
    const { book, token, people } = world;
    const loanId = await lendOdd(world);
    const attacker = await deployHelper<"prepare" | "called" | "succeeded" | "answer">("Reentrant");
    await token.setListener(await attacker.getAddress());
    const currency = await token.getAddress();
    const agreement = await draft(world, { currency: currency as Hex });
    const reentries = [
      book.interface.encodeFunctionData("repay", [loanId, 1n]),
      book.interface.encodeFunctionData("repayWithPermit", [
        loanId,
        1n,
        1n,
        27,
        ethers.ZeroHash,
        ethers.ZeroHash,
      ]),
      book.interface.encodeFunctionData("collectHeld", [currency, people.stranger.address]),
      book.interface.encodeFunctionData("originate", [agreement, "0x", "0x"]),
      book.interface.encodeFunctionData("repayMany", [[{ loanId, amount: 1n }]]),
      book.interface.encodeFunctionData("activate", [loanId, "0x"]),
      book.interface.encodeFunctionData("returnLoan", [loanId]),
      book.interface.encodeFunctionData("writeOff", [loanId]),
      // A note that changed hands now would leave its pool's books with a payment that nobody told it of.
      book.interface.encodeFunctionData("transferFrom", [
        people.lender.address,
        people.stranger.address,
        loanId,
      ]),
    ];
    for (const data of reentries) {
      await attacker.prepare(await book.getAddress(), data);
      await repay(world, loanId, 10n);
      expect([await attacker.called(), await attacker.succeeded()]).to.deep.equal([true, false]);
      expect(await attacker.answer()).to.equal(
        book.interface.encodeErrorResult("ReentrancyGuardReentrantCall", []),
      );
    }
  });

  it("cannot be used to enter the pool a second time, and sees no price without its shares", async () => {
    const world = await load();
    const { token, people, oddPool } = world;
    const attacker = await deployHelper<"prepare" | "called" | "succeeded" | "answer">("Reentrant");
    await token.setListener(await attacker.getAddress());
    const pool = await oddPool.getAddress();
    const depositor = as(people.depositor, oddPool);
    const deposit = () => depositor.deposit(10n ** 15n, people.depositor.address);
    for (const data of [
      oddPool.interface.encodeFunctionData("deposit", [1n, people.stranger.address]),
      oddPool.interface.encodeFunctionData("redeemNow", [1n, people.stranger.address, 0n]),
      oddPool.interface.encodeFunctionData("fulfilRedemptions", [1n]),
      oddPool.interface.encodeFunctionData("collectHeldCash", []),
    ]) {
      await attacker.prepare(pool, data);
      await deposit();
      expect([await attacker.called(), await attacker.succeeded()]).to.deep.equal([true, false]);
      expect(await attacker.answer()).to.equal(
        oddPool.interface.encodeErrorResult("ReentrancyGuardReentrantCall", []),
      );
    }
    // Nothing is lent, so time moves no price.
    const price = await oddPool.convertToAssets(10n ** 18n);
    const ask = () =>
      attacker.prepare(pool, oddPool.interface.encodeFunctionData("convertToAssets", [10n ** 18n]));
    await ask();
    await deposit();
    expect(BigInt(await attacker.answer())).to.equal(price);
    await ask();
    await depositor.redeemNow(10n ** 18n, people.depositor.address, 0n);
    expect(BigInt(await attacker.answer())).to.equal(price);
  });
});

/** One instalment is held for the lender. */
async function holdOneRow(world: OddWorld): Promise<string> {
  const loanId = await lendOdd(world);
  await world.token.setBlocked(world.people.lender.address, true);
  await repay(world, loanId, ROW);
  return loanId;
}
