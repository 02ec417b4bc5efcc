import { expect } from "chai";
import { as, ethers, eventsOf, goToDay, networkHelpers, type Signer, todayIn } from "./support/chain.ts";
import { type DeskWorld, withDesk } from "./support/desk.ts";
import { components, lend, parts, repay, rows } from "./support/loans.ts";
import { fund, newPool } from "./support/pool.ts";
import { fundedInstitution, UNIT, UTC_OFFSET } from "./support/world.ts";

interface Row {
  loanId: string;
  amount: bigint;
}

const ROW = 11_100n;
/** Gas of one transaction on the chains of today (EIP-7825). */
const MAX_TRANSACTION_GAS = 2n ** 24n;

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(withDesk);
}

/** `count` loans of the usual kind. */
async function group(world: DeskWorld, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await lend(world)).loanId);
  return ids;
}

/** What the book would answer, and what it then does. */
async function collect(world: DeskWorld, sheet: Row[], payer: Signer) {
  const book = as(payer, world.book);
  const paid = await book.repayMany.staticCall(sheet);
  const transaction = await book.repayMany(sheet);
  return { paid: [...paid].map(components), transaction };
}

describe("A collection sheet", () => {
  it("has 1 to 30 rows", async () => {
    const world = await load();
    const [loanId = ""] = await group(world, 1);
    for (const length of [0, 31, 200]) {
      const sheet = Array.from({ length }, () => ({ loanId, amount: 1n }));
      await expect(as(world.people.borrower, world.book).repayMany(sheet))
        .to.be.revertedWithCustomError(world.book, "LoanBookBatchOutOfBounds")
        .withArgs(length, 30);
    }
  });

  it("pays every row from the caller, as if each had been paid alone", async () => {
    const world = await load();
    const [first = "", second = "", third = ""] = await group(world, 3);
    const sheet = [
      { loanId: first, amount: ROW },
      { loanId: second, amount: 1n },
      { loanId: third, amount: 2n ** 64n - 1n },
      { loanId: first, amount: 100n },
    ];
    const { paid, transaction } = await collect(world, sheet, world.desk);
    expect(paid).to.deep.equal([
      parts(0n, 100n, 1_000n, 10_000n),
      parts(0n, 1n, 0n, 0n),
      parts(0n, 300n, 0n, 30_000n),
      parts(0n, 100n, 0n, 0n),
    ]);
    await expect(transaction).to.changeTokenBalances(
      ethers,
      world.dollar,
      [world.desk.address, world.people.lender.address],
      [-41_501n * UNIT, 41_501n * UNIT],
    );
    const repaid = (await eventsOf(world.book, "Repaid")).map(({ loanId, payer }) => [loanId, payer]);
    expect(repaid).to.deep.equal([first, second, third, first].map((id) => [id, world.desk.address]));
  });

  it("reports a bad row and leaves the others as they are (INV-06)", async () => {
    const world = await load();
    const [good = "", closed = "", last = ""] = await group(world, 3);
    await repay(world, closed, 2n ** 63n);
    const sheet = [
      { loanId: good, amount: ROW },
      { loanId: closed, amount: ROW },
      { loanId: ethers.ZeroHash, amount: ROW },
      { loanId: good, amount: 0n },
      { loanId: last, amount: ROW },
    ];
    const { paid, transaction } = await collect(world, sheet, world.people.borrower);
    const row = parts(0n, 100n, 1_000n, 10_000n);
    const nothing = parts(0n, 0n, 0n, 0n);
    expect(paid).to.deep.equal([row, nothing, nothing, nothing, row]);
    const { interface: abi } = world.book;
    for (const [index, loanId, reason] of [
      [1, closed, abi.encodeErrorResult("LoanBookWrongState", [closed, 2])],
      [2, ethers.ZeroHash, abi.encodeErrorResult("LoanBookWrongState", [ethers.ZeroHash, 0])],
      [3, good, abi.encodeErrorResult("LoanBookAmountZero", [])],
    ] as const) {
      await expect(transaction)
        .to.emit(world.book, "CollectionFailed")
        .withArgs(loanId, world.people.borrower.address, index, reason);
    }
    expect((await world.book.loanOf(good)).payments).to.equal(1n);
  });

  it("stops at the row for which the money ran out, and tells so", async () => {
    const world = await load();
    const [first = "", second = ""] = await group(world, 2);
    const { borrower } = world.people;
    await as(borrower, world.dollar).approve(await world.book.getAddress(), ROW * UNIT);
    const sheet = [first, second].map((loanId) => ({ loanId, amount: ROW }));
    const { transaction } = await collect(world, sheet, borrower);
    const reason = world.dollar.interface.encodeErrorResult("ERC20InsufficientAllowance", [
      await world.book.getAddress(),
      0n,
      ROW * UNIT,
    ]);
    await expect(transaction)
      .to.emit(world.book, "CollectionFailed")
      .withArgs(second, borrower.address, 1, reason);
    expect((await world.book.loanOf(second)).payments).to.equal(0n);
  });

  it("takes a row that needs too much gas for a bad one, and fits a transaction even when all are", async function () {
    this.timeout(120_000);
    const world = await load();
    const today = await todayIn(UTC_OFFSET);
    const days = Array.from({ length: 366 }, (_, index) => today + 11 + index);
    const { loanId, agreement } = await lend(world, { schedule: rows(days) });
    const [ordinary = ""] = await group(world, 1);
    await goToDay(agreement.lastDay + 700, UTC_OFFSET);
    const payoff = Array.from({ length: 29 }, () => ({ loanId, amount: 2n ** 63n }));
    const sheet = [...payoff, { loanId: ordinary, amount: ROW }];
    const book = as(world.desk, world.book);
    const transaction = await book.repayMany(sheet, { gasLimit: MAX_TRANSACTION_GAS });
    const receipt = await transaction.wait();
    expect(receipt?.gasUsed).to.be.lessThan(MAX_TRANSACTION_GAS);
    const failed = await eventsOf(world.book, "CollectionFailed", receipt?.blockNumber);
    expect(failed.map((args) => [args.loanId, args.reason])).to.deep.equal(
      payoff.map((row) => [row.loanId, "0x"]),
    );
    expect((await world.book.loanOf(ordinary)).payments).to.equal(1n);
    expect((await repay(world, loanId, 2n ** 63n)).closed).to.equal(true);
  });

  it("is paid to its last row after weeks in which nobody came to the pool, whoever rolls its days first", async () => {
    for (const isRolled of [true, false]) {
      const world = await networkHelpers.loadFixture(fundedInstitution);
      const { people, book, dollar } = world;
      const ageing = [0n, 30n, 60n, 90n, 120n, 180n, 270n, 365n].map((moreThanDays, i) => ({
        moreThanDays,
        provisionBps: 1_000n * BigInt(i),
      }));
      const pool = await newPool(world, { ageing });
      await as(people.depositor, dollar).approve(await pool.getAddress(), 10n ** 30n);
      await as(people.depositor, pool).deposit(10_000_000n * UNIT, people.depositor.address);
      const today = await todayIn(UTC_OFFSET);
      const schedule = rows(Array.from({ length: 26 }, (_, week) => today + 14 + 7 * week));
      const sheet: Row[] = [];
      for (let i = 0; i < 4; i++)
        sheet.push({ loanId: (await fund(world, { schedule }, { pool })).loanId, amount: 4n * ROW });
      await goToDay(today + 14 + 24, UTC_OFFSET);
      if (isRolled) await pool.roll(1_000);
      const transaction = await as(people.borrower, book).repayMany(sheet);
      const failed = await eventsOf(book, "CollectionFailed", (await transaction.wait())?.blockNumber);
      expect(failed).to.deep.equal([]);
    }
  });

  it("is paid in parts by nobody but the book itself", async () => {
    const world = await load();
    const [loanId = ""] = await group(world, 1);
    const { borrower, stranger } = world.people;
    await expect(as(stranger, world.book).repayRow(borrower.address, { loanId, amount: ROW }))
      .to.be.revertedWithCustomError(world.book, "LoanBookOnlySelf")
      .withArgs(stranger.address);
  });
});
