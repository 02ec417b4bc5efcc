import { expect } from "chai";
import type { Agreement, Instalment } from "../../lending/agreement.ts";
import { restructuringDigest } from "../../lending/restructuring.ts";
import { as, ethers, goToDay } from "./support/chain.ts";
import { components, lend, parts, repay } from "./support/loans.ts";
import { draftRestructuring, restructure, signRestructuring, table } from "./support/restructuring.ts";
import { institution, load, UTC_OFFSET, type World } from "./support/world.ts";

/** A loan whose first instalment (100.00 + 10.00 + 1.00) is `late` days overdue today. */
async function lateLoan(late: number, changes: Partial<Agreement> = {}) {
  const world = await load(institution);
  const { loanId, agreement } = await lend(world, changes);
  const day = agreement.firstDay + late;
  await goToDay(day, UTC_OFFSET);
  return { world, loanId, agreement, day, days: [day + 30, day + 60, day + 90, day + 120] };
}

function expectStale(world: World, call: Promise<unknown>, field: string, signed: bigint, present: bigint) {
  return expect(call)
    .to.be.revertedWithCustomError(world.book, "LoanBookRestructuringStale")
    .withArgs(field, signed, present);
}

describe("A restructuring is refused", () => {
  it("without the borrower's and the owner's consent to exactly this table, each in its own role", async () => {
    const { world, loanId, days } = await lateLoan(3);
    const { people, book } = world;
    const plan = await draftRestructuring(world, loanId, days);
    const other = { ...plan, expiry: plan.expiry - 1n };
    const asOwner = await signRestructuring(world, "owner", plan, people.borrower);
    for (const borrowerSignature of [
      "0x",
      asOwner,
      await signRestructuring(world, "borrower", plan, people.lender),
      await signRestructuring(world, "borrower", other, people.borrower),
    ]) {
      await expect(restructure(world, plan, { borrowerSignature }))
        .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
        .withArgs(people.borrower.address, 1);
    }
    for (const ownerSignature of [
      "0x",
      await signRestructuring(world, "borrower", plan, people.lender),
      await signRestructuring(world, "owner", plan, people.borrower),
      await signRestructuring(world, "owner", other, people.lender),
    ]) {
      await expect(restructure(world, plan, { ownerSignature }))
        .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
        .withArgs(people.lender.address, 2);
    }
  });

  it("with the signature of a lender who has sold the note", async () => {
    const { world, loanId, days } = await lateLoan(3);
    const { people, book } = world;
    const plan = await draftRestructuring(world, loanId, days);
    await as(people.lender, book).transferFrom(people.lender.address, people.depositor.address, loanId);
    await expect(restructure(world, plan))
      .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
      .withArgs(people.depositor.address, 2);
    await restructure(world, plan, {
      ownerSignature: await signRestructuring(world, "owner", plan, people.depositor),
    });
  });

  it("after its expiry, and expiry 0 is not never", async () => {
    const { world, loanId, days } = await lateLoan(3);
    for (const expiry of [0n, 1_000_000_000n]) {
      const plan = await draftRestructuring(world, loanId, days, { expiry });
      await expect(restructure(world, plan)).to.be.revertedWithCustomError(world.book, "LoanBookExpired");
    }
  });

  it("as soon as anything was paid after the signatures, and when it was done already (INV-29)", async () => {
    const { world, loanId, days } = await lateLoan(3);
    const plan = await draftRestructuring(world, loanId, days);
    await repay(world, loanId, 1n);
    await expectStale(world, restructure(world, plan), "payments", 0n, 1n);
    const newer = await draftRestructuring(world, loanId, days);
    for (const component of ["penalty", "fee", "interest", "principal"] as const) {
      const paid = { ...newer.paid, [component]: newer.paid[component] + 1n };
      const wrong = { ...newer, paid };
      const call = restructure(world, wrong);
      await expectStale(world, call, `paid.${component}`, paid[component], newer.paid[component]);
    }
    await restructure(world, newer);
    await expectStale(world, restructure(world, newer), "version", 2n, 3n);
  });

  it("when its principal is not what is owed, or more is capitalised than is unpaid", async () => {
    const { world, loanId, day, days } = await lateLoan(3);
    const { penalty, fee, interest } = components(await world.book.payoff(loanId, day));
    const charges = penalty + fee + interest;
    const much = await draftRestructuring(world, loanId, days, { capitalised: charges + 1n });
    await expect(restructure(world, much))
      .to.be.revertedWithCustomError(world.book, "LoanBookTermsOutOfBounds")
      .withArgs("capitalised", charges + 1n, charges);
    const less = await draftRestructuring(world, loanId, days, { schedule: table(days, 29_999n) });
    await expectStale(world, restructure(world, less), "principal", 29_999n, 30_000n);
  });

  it("with a table that the book would not accept of a new loan", async () => {
    const { world, loanId, day, days } = await lateLoan(3);
    const good = table(days, 30_000n);
    const plan = await draftRestructuring(world, loanId, days);
    for (const [changes, error] of [
      [{ schedule: [] }, "LoanBookScheduleCount"],
      [{ count: 3 }, "LoanBookScheduleCount"],
      [{ schedule: table([day, ...days.slice(1)], 30_000n) }, "LoanBookScheduleDayNotRising"],
      [{ schedule: [good[1], good[0], good[2], good[3]] }, "LoanBookScheduleDayNotRising"],
      [{ totalRepayable: 1n }, "LoanBookScheduleTotal"],
      [{ firstDay: 1 }, "LoanBookScheduleTotal"],
      [{ lastDay: 1 }, "LoanBookScheduleTotal"],
    ] as const) {
      const wrong = { ...plan, ...changes } as typeof plan;
      await expect(restructure(world, wrong)).to.be.revertedWithCustomError(world.book, error);
    }
  });

  it("with a table so dear that, with what is left of the penalty cap, it goes beyond 64 bits", async () => {
    const cap = 2n ** 64n - 1n - 33_300n;
    const { world, loanId, days } = await lateLoan(40, { penaltyCap: cap });
    await repay(world, loanId, 300n);
    const left = cap - ((await world.book.loanOf(loanId)).paid.penalty as bigint);
    const dear = (over: bigint) => {
      const [first, ...others] = table(days, 30_000n);
      const interest = 2n ** 64n - 1n - left - 30_000n - 500n * BigInt(others.length) + over;
      return draftRestructuring(world, loanId, days, {
        schedule: [{ ...(first as Instalment), interest }, ...others],
      });
    };
    await expect(restructure(world, await dear(1n)))
      .to.be.revertedWithCustomError(world.book, "LoanBookTermsOutOfBounds")
      .withArgs("penaltyCap", left, left - 1n);
    await restructure(world, await dear(0n));
  });

  it("of a loan that is closed, written off, or does not exist", async () => {
    const { world, loanId, days } = await lateLoan(3);
    const plan = await draftRestructuring(world, loanId, days);
    await expect(restructure(world, { ...plan, loanId: ethers.ZeroHash as `0x${string}` }))
      .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
      .withArgs(ethers.ZeroHash, 0);
    await as(world.people.lender, world.book).writeOff(loanId);
    await expect(restructure(world, plan))
      .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
      .withArgs(loanId, 5);
    await repay(world, loanId, 2n ** 63n);
    await expect(restructure(world, plan))
      .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
      .withArgs(loanId, 2);
  });
});

describe("A restructuring", () => {
  it("has a digest that lending/ computes too", async () => {
    const { world, loanId, days } = await lateLoan(3);
    const plan = await draftRestructuring(world, loanId, days, { capitalised: 7n });
    for (const [number, role] of [
      [1, "borrower"],
      [2, "owner"],
    ] as const) {
      expect(await world.book.restructuringDigest(number, plan)).to.equal(
        restructuringDigest(world.domain, role, plan),
      );
    }
  });

  it("needs no signature of who calls", async () => {
    const { world, loanId, days } = await lateLoan(3);
    const { borrower, lender } = world.people;
    await restructure(world, await draftRestructuring(world, loanId, days), {
      caller: borrower,
      borrowerSignature: "0x",
    });
    await restructure(world, await draftRestructuring(world, loanId, days), {
      caller: lender,
      ownerSignature: "0x",
    });
    expect((await world.book.loanOf(loanId)).version).to.equal(3n);
  });

  it("replaces the table; the old one stays readable, and what is not capitalised is forgiven", async () => {
    const { world, loanId, agreement, day, days } = await lateLoan(10);
    const { book } = world;
    await repay(world, loanId, 600n);
    const { penalty, fee, interest } = components(await book.payoff(loanId, day));
    const plan = await draftRestructuring(world, loanId, days, { capitalised: 300n });
    const forgiven = penalty + fee + interest - 300n;
    const capLeft = agreement.penaltyCap - (await book.loanOf(loanId)).paid.penalty;
    await expect(restructure(world, plan))
      .to.emit(book, "LoanRestructured")
      .withArgs(loanId, 2, day, forgiven, capLeft, agreement.firstDay, () => true);
    const loan = await book.loanOf(loanId);
    expect(components(loan.paid)).to.deep.equal(parts(0n, 0n, 0n, 0n));
    expect([loan.version, loan.principal, loan.startDay, loan.nextInstalment, loan.payments]).to.deep.equal([
      2n,
      30_300n,
      BigInt(day),
      0n,
      1n,
    ]);
    const rowsOf = async (version: number) =>
      [...(await book.scheduleOfVersion(loanId, version))].map(({ day: due, principal }) => [due, principal]);
    expect(await rowsOf(1)).to.deep.equal(agreement.schedule.map((row) => [BigInt(row.day), row.principal]));
    expect(await rowsOf(2)).to.deep.equal(plan.schedule.map((row) => [BigInt(row.day), row.principal]));
    for (const version of [0, 3]) {
      await expect(book.scheduleOfVersion(loanId, version))
        .to.be.revertedWithCustomError(book, "LoanBookVersionOutOfBounds")
        .withArgs(version, 2);
    }
    const closing = await repay(world, loanId, 2n ** 63n);
    expect([closing.paid.principal, closing.closed]).to.deep.equal([30_300n, true]);
  });

  it("leaves of the penalty cap what was not paid yet", async () => {
    const { world, loanId, days } = await lateLoan(40);
    await repay(world, loanId, 300n);
    const { paid } = await world.book.loanOf(loanId);
    expect(paid.penalty).to.be.greaterThan(0n);
    await restructure(world, await draftRestructuring(world, loanId, days));
    expect((await world.book.loanOf(loanId)).penaltyCap).to.equal(5_000n - paid.penalty);
  });

  it("of a loan that was not late starts with nothing to cure", async () => {
    const { world, loanId, days } = await lateLoan(0);
    await restructure(world, await draftRestructuring(world, loanId, days));
    const loan = await world.book.loanOf(loanId);
    expect([loan.arrearsDay, await world.book.daysPastDue(loanId)]).to.deep.equal([0n, 0n]);
    expect((await world.book.positionOf(loanId)).position.curing).to.equal(false);
  });

  it("does not end lateness: three instalments in a row paid on time do, and a late one begins anew", async () => {
    const { world, loanId, agreement, day, days } = await lateLoan(20);
    const { book } = world;
    const many = [...days, day + 150, day + 180, day + 210];
    await restructure(world, await draftRestructuring(world, loanId, many));
    expect(await book.daysPastDue(loanId)).to.equal(20n);
    const payOn = async (payDay: number) => {
      await goToDay(payDay, UTC_OFFSET);
      const { loanOf, payoff } = book;
      const { nextInstalment, partPaid } = await loanOf(loanId);
      const { row } = await book.instalment(loanId, nextInstalment);
      const { penalty } = await payoff(loanId, payDay);
      const owed = [row.principal, row.interest, row.fee, penalty, -partPaid.fee] as bigint[];
      return await repay(
        world,
        loanId,
        owed.reduce((sum, part) => sum + part, 0n),
      );
    };
    await payOn(many[0] ?? 0);
    await payOn(many[1] ?? 0);
    expect([(await book.loanOf(loanId)).paidOnTime, await book.daysPastDue(loanId)]).to.deep.equal([
      2n,
      BigInt((many[1] ?? 0) - agreement.firstDay),
    ]);
    // The third a day late: the count begins anew, and the oldest lateness goes on.
    await payOn((many[2] ?? 0) + 1);
    expect((await book.loanOf(loanId)).paidOnTime).to.equal(0n);
    await payOn(many[3] ?? 0);
    await payOn(many[4] ?? 0);
    expect(await book.daysPastDue(loanId)).to.equal(BigInt((many[4] ?? 0) - agreement.firstDay));
    const { transaction } = await payOn(many[5] ?? 0);
    await expect(transaction).to.emit(book, "LoanCured").withArgs(loanId, many[5]);
    expect([(await book.loanOf(loanId)).arrearsDay, await book.daysPastDue(loanId)]).to.deep.equal([0n, 0n]);
  });

  it("is possible again and again, also when less is owed than the upfront fee was", async () => {
    const world = await load(institution);
    const { loanId, day } = await lend(world, { upfrontFee: 5_000n });
    await repay(world, loanId, 29_000n);
    for (const months of [1, 2, 3]) {
      await restructure(world, await draftRestructuring(world, loanId, [day + 30 * months]));
    }
    const { version, principal } = await world.book.loanOf(loanId);
    expect([version, principal < 5_000n]).to.deep.equal([4n, true]);
  });

  it("twice keeps the first lateness", async () => {
    const { world, loanId, agreement, day, days } = await lateLoan(20);
    await restructure(world, await draftRestructuring(world, loanId, days));
    await goToDay(day + 10, UTC_OFFSET);
    await restructure(world, await draftRestructuring(world, loanId, [day + 50, day + 70]));
    const loan = await world.book.loanOf(loanId);
    expect([loan.version, loan.arrearsDay]).to.deep.equal([3n, BigInt(agreement.firstDay)]);
    expect(await world.book.daysPastDue(loanId)).to.equal(30n);
  });
});
