import { expect } from "chai";
import type { Result } from "ethers";
import type { Agreement } from "../../lending/agreement.ts";
import type { Components } from "../../lending/allocation.ts";
import { as, ethers, goToDay, networkHelpers, type Signer } from "./support/chain.ts";
import { type DeskWorld, newDesk, withDesk } from "./support/desk.ts";
import { components, draft, lend, parts, repay, sign } from "./support/loans.ts";
import { draftRestructuring, restructure, signRestructuring } from "./support/restructuring.ts";
import { govern, UNIT, UTC_OFFSET } from "./support/world.ts";

const ROW = 11_100n;

/** As `PaymentRecord` in ILoanBook.sol, as far as tests look at it. */
interface Recorded {
  day: bigint;
  paid: Components;
}

/** Fixture: the desk, and a pool with 1,000,000.00. */
async function fundedDesk(): Promise<DeskWorld> {
  const world = await withDesk();
  await as(world.people.depositor, world.pool).deposit(100_000_000n * UNIT, world.people.depositor.address);
  return world;
}

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(fundedDesk);
}

/** A loan of the pool, to the borrower. */
async function lendFromPool(world: DeskWorld, changes: Partial<Agreement> = {}) {
  const { people, pool, book } = world;
  const agreement = await draft(world, { lender: (await pool.getAddress()) as `0x${string}`, ...changes });
  const loanId: string = await book.loanIdOf(agreement);
  await as(people.approver, pool).approveLoan(loanId);
  await as(people.underwriter, pool).originate(
    agreement,
    await sign(world, "borrower", agreement, people.borrower),
  );
  return { loanId, agreement };
}

/** The record of the newest payment that a recorder made. */
async function latestRecord({ book }: DeskWorld): Promise<Recorded> {
  const event = (await book.queryFilter("PaymentRecorded")).at(-1);
  if (event === undefined || !("args" in event)) throw new Error("no payment was recorded");
  return (event.args.record as Result).toObject(true) as Recorded;
}

async function byDesk(world: DeskWorld, loanId: string, amount: bigint): Promise<Recorded> {
  await repay(world, loanId, amount, world.desk);
  return await latestRecord(world);
}

/** Everything that the chain knows of the loan but the number of its payments, which is not used twice. */
async function shown({ book }: DeskWorld, loanId: string) {
  const day = Number(await book.today(loanId));
  const loan = (await book.loanOf(loanId)).toObject(true);
  const { payments: _, ...rest } = loan;
  return {
    ...rest,
    due: components(await book.due(loanId, day)),
    payoff: components(await book.payoff(loanId, day)),
    position: (await book.positionOf(loanId)).toObject(true),
    daysPastDue: await book.daysPastDue(loanId),
  };
}

async function expectNotReversible(world: DeskWorld, loanId: string, record: Recorded, caller: Signer) {
  await expect(as(caller, world.book).reverse(loanId, record))
    .to.be.revertedWithCustomError(world.book, "LoanBookNotReversible")
    .withArgs(loanId);
}

describe("A payment is not taken back", () => {
  it("by anybody but the recorder that made it, not even by another recorder", async () => {
    const world = await load();
    const { people, book } = world;
    const { loanId } = await lendFromPool(world);
    const record = await byDesk(world, loanId, ROW);
    const other = await newDesk(world);
    await govern(world, book, "setRecorder", [other.address, true]);
    for (const caller of [people.borrower, people.cashier, people.supervisor, people.governor, other]) {
      await expectNotReversible(world, loanId, record, caller);
    }
  });

  it("by a recorder that the governor has removed", async () => {
    const world = await load();
    const { loanId } = await lendFromPool(world, { reversalDays: 30 });
    const record = await byDesk(world, loanId, ROW);
    await govern(world, world.book, "setRecorder", [world.desk.address, false]);
    await expectNotReversible(world, loanId, record, world.desk);
  });

  it("when it was the borrower's own, which leaves no record", async () => {
    const world = await load();
    const { loanId } = await lendFromPool(world);
    const { transaction } = await repay(world, loanId, ROW);
    await expect(transaction).to.not.emit(world.book, "PaymentRecorded");
  });

  it("when another one came after it, whoever paid", async () => {
    const world = await load();
    const { loanId } = await lendFromPool(world);
    const first = await byDesk(world, loanId, 100n);
    await repay(world, loanId, 1n);
    await expectNotReversible(world, loanId, first, world.desk);
    const second = await byDesk(world, loanId, 100n);
    await expectNotReversible(world, loanId, first, world.desk);
    await as(world.desk, world.book).reverse(loanId, second);
  });

  it("twice, nor for another amount, nor of another loan", async () => {
    const world = await load();
    const { loanId } = await lendFromPool(world);
    const { loanId: other } = await lendFromPool(world);
    const record = await byDesk(world, loanId, ROW);
    const changed = { ...record, paid: parts(0n, 100n, 1_000n, 20_000n) };
    await expectNotReversible(world, loanId, changed, world.desk);
    await expectNotReversible(world, other, record, world.desk);
    await as(world.desk, world.book).reverse(loanId, record);
    await expectNotReversible(world, loanId, record, world.desk);
  });

  it("after the signed days", async () => {
    const world = await load();
    const { book, desk } = world;
    const { loanId } = await lendFromPool(world, { reversalDays: 3 });
    const record = await byDesk(world, loanId, ROW);
    await goToDay(Number(record.day) + 4, UTC_OFFSET);
    await expect(as(desk, book).reverse(loanId, record))
      .to.be.revertedWithCustomError(book, "LoanBookReversalTooLate")
      .withArgs(loanId, record.day + 4n, record.day + 3n);
  });

  it("when the loan was written off meanwhile", async () => {
    const world = await load();
    const { book, desk, people, pool } = world;
    const { loanId, agreement } = await lendFromPool(world, { reversalDays: 366 });
    await goToDay(agreement.firstDay + 5, UTC_OFFSET);
    const record = await byDesk(world, loanId, 100n);
    await as(people.supervisor, pool).writeOff(loanId);
    await expect(as(desk, book).reverse(loanId, record))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(loanId, 5);
  });

  it("when she gave the loan back meanwhile", async () => {
    const world = await load();
    const { book, desk, people } = world;
    const { loanId } = await lendFromPool(world, { coolingOffDays: 14 });
    const record = await byDesk(world, loanId, 100n);
    await as(people.borrower, book).returnLoan(loanId);
    await expect(as(desk, book).reverse(loanId, record))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(loanId, 4);
  });

  it("from a person who lends, nor from who bought the note: only a pool that funded the loan pays back", async () => {
    const world = await load();
    const { book, people } = world;
    const { loanId, agreement } = await lend(world);
    const record = await byDesk(world, loanId, ROW);
    await expectNotReversible(world, loanId, record, world.desk);
    await goToDay(agreement.firstDay, UTC_OFFSET);
    const plan = await draftRestructuring(world, loanId, [agreement.lastDay + 30]);
    await restructure(world, plan, {
      ownerSignature: await signRestructuring(world, "owner", plan, people.lender),
    });
    await expectNotReversible(world, loanId, record, world.desk);
    expect(await book.ownerOf(BigInt(loanId))).to.equal(people.lender.address);
  });

  it("when the pool has not the cash, which is then the recorder's matter", async () => {
    const world = await load();
    const { book, people, pool, desk } = world;
    const { loanId } = await lendFromPool(world);
    const record = await byDesk(world, loanId, ROW);
    const { cash } = await pool.books();
    const shares = await pool.balanceOf(people.depositor.address);
    await as(people.depositor, pool).requestRedeem(
      shares,
      people.depositor.address,
      people.depositor.address,
    );
    await pool.fulfilRedemptions(5);
    expect((await pool.books()).cash).to.be.lessThan(cash);
    await expect(as(desk, book).reverse(loanId, record)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolInsufficientCash",
    );
    expect((await book.loanOf(loanId)).nextInstalment).to.equal(1n);
  });
});

describe("A payment that is taken back", () => {
  it("leaves the loan exactly as it was, in part, for several instalments, late with penalty, and at the end", async () => {
    const world = await load();
    const { book, dollar, desk, pool } = world;
    const cases: [late: number, amount: bigint][] = [
      [-10, 1n],
      [-10, ROW],
      [-10, 2n * ROW + 5_000n],
      [-10, 2n ** 60n],
      [0, ROW],
      [25, 400n],
      [25, ROW],
      [70, 2n ** 60n],
    ];
    for (const [late, amount] of cases) {
      const { loanId, agreement } = await lendFromPool(world, { reversalDays: 7 });
      await goToDay(agreement.firstDay + late, UTC_OFFSET);
      await repay(world, loanId, 50n);
      const before = await shown(world, loanId);
      const record = await byDesk(world, loanId, amount);
      const paid = components(record.paid);
      const total = paid.penalty + paid.fee + paid.interest + paid.principal;
      const transaction = await as(desk, book).reverse(loanId, record);
      await expect(transaction).to.changeTokenBalances(
        ethers,
        dollar,
        [desk.address, await pool.getAddress()],
        [total * UNIT, -total * UNIT],
      );
      await expect(transaction).to.emit(book, "PaymentReversed");
      expect(await shown(world, loanId), `${late} days late, ${amount}`).to.deep.equal(before);
      expect((await book.loanOf(loanId)).payments).to.equal(2n);
    }
  });

  it("opens a closed loan again, which can then be paid to its end", async () => {
    const world = await load();
    const { book, desk } = world;
    const { loanId } = await lendFromPool(world);
    const record = await byDesk(world, loanId, 2n ** 60n);
    expect((await book.loanOf(loanId)).state).to.equal(2n);
    await as(desk, book).reverse(loanId, record);
    expect((await book.loanOf(loanId)).state).to.equal(1n);
    const { closed, paymentNr } = await repay(world, loanId, 2n ** 60n);
    expect([closed, paymentNr]).to.deep.equal([true, 2]);
  });
});
