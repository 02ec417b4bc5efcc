import { expect } from "chai";
import { type Components, sumOf } from "../../lending/allocation.ts";
import { WATERFALLS } from "./support/arbitraries.ts";
import { as, ethers, goToDay, type Signer } from "./support/chain.ts";
import { components, lend, parts, repay, rows } from "./support/loans.ts";
import { institution, load, UNIT, UTC_OFFSET, type World } from "./support/world.ts";

const NAMES = ["penalty", "fee", "interest", "principal"] as const;

/** One instalment of `draft`: 100.00 + 10.00 + 1.00. */
const ROW = 11_100n;

describe("A repayment", () => {
  describe("is refused", () => {
    it("when the amount is zero", async () => {
      const world = await load(institution);
      const { loanId } = await lend(world);
      await expect(as(world.people.borrower, world.book).repay(loanId, 0n)).to.be.revertedWithCustomError(
        world.book,
        "LoanBookAmountZero",
      );
    });

    it("on a loan that does not exist, or is closed", async () => {
      const world = await load(institution);
      const borrower = as(world.people.borrower, world.book);
      const { loanId } = await lend(world);
      await repay(world, loanId, 40_000n);
      for (const [id, state] of [
        [loanId, 2],
        [ethers.ZeroHash, 0],
      ] as const) {
        for (const amount of [0n, 1n, 2n ** 64n - 1n]) {
          await expect(borrower.repay(id, amount))
            .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
            .withArgs(id, state);
        }
        await expect(borrower.repayWithPermit(id, 1n, 2n ** 40n, 27, ethers.ZeroHash, ethers.ZeroHash))
          .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
          .withArgs(id, state);
      }
    });

    it("when the payer has too little, or has allowed too little; and nothing is booked", async () => {
      const world = await load(institution);
      const { loanId } = await lend(world);
      const poor = world.people.depositor;
      const dollar = as(poor, world.dollar);
      await dollar.approve(await world.book.getAddress(), 999n * UNIT);
      await expect(as(poor, world.book).repay(loanId, 1_000n))
        .to.be.revertedWithCustomError(world.dollar, "ERC20InsufficientAllowance")
        .withArgs(await world.book.getAddress(), 999n * UNIT, 1_000n * UNIT);
      await dollar.approve(await world.book.getAddress(), 10n ** 30n);
      await dollar.transfer(world.people.stranger.address, await dollar.balanceOf(poor.address));
      await expect(as(poor, world.book).repay(loanId, 1_000n)).to.be.revertedWithCustomError(
        world.dollar,
        "ERC20InsufficientBalance",
      );
      expect((await world.book.loanOf(loanId)).payments).to.equal(0n);
    });
  });

  it("is never stopped by a pause, nor by a currency that is allowed no more (INV-24)", async () => {
    const world = await load(institution);
    const { loanId } = await lend(world);
    await as(world.people.guardian, world.book).pause();
    await repay(world, loanId, ROW);
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
  });

  it("on each due day pays the instalments one by one and closes the loan", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world);
    const totals = parts(0n, 0n, 0n, 0n);
    for (const [index, { day }] of agreement.schedule.entries()) {
      await goToDay(day, UTC_OFFSET);
      expect(components(await world.book.due(loanId, day))).to.deep.equal(parts(0n, 100n, 1_000n, 10_000n));
      expect(await world.book.daysPastDue(loanId)).to.equal(0n);
      const payment = await repay(world, loanId, ROW);
      for (const name of NAMES) totals[name] += parts(0n, 100n, 1_000n, 10_000n)[name];
      expect(payment).to.deep.include({
        paid: parts(0n, 100n, 1_000n, 10_000n),
        totals,
        waivedInterest: 0n,
        outstandingPrincipal: 30_000n - totals.principal,
        payer: agreement.borrower,
        recipient: agreement.lender,
        day,
        paymentNr: index + 1,
        allocations: [{ index, ...parts(0n, 100n, 1_000n, 10_000n), waivedInterest: 0n }],
        closed: index === 2,
      });
      await expect(payment.transaction).to.changeTokenBalances(
        ethers,
        world.dollar,
        [world.people.borrower, world.people.lender, world.book],
        [-ROW * UNIT, ROW * UNIT, 0n],
      );
      if (index === 2)
        await expect(payment.transaction).to.emit(world.book, "LoanClosed").withArgs(loanId, day);
    }
    const loan = await world.book.loanOf(loanId);
    expect([loan.state, loan.nextInstalment, loan.payments]).to.deep.equal([2n, 3n, 3n]);
    expect(components(await world.book.due(loanId, agreement.lastDay + 400))).to.deep.equal(
      parts(0n, 0n, 0n, 0n),
    );
    expect(components(await world.book.payoff(loanId, agreement.lastDay))).to.deep.equal(
      parts(0n, 0n, 0n, 0n),
    );
    expect(await world.book.daysPastDue(loanId)).to.equal(0n);
  });

  it("in advance runs over several instalments and leaves the last one part paid", async () => {
    const world = await load(institution);
    const { loanId } = await lend(world);
    const payment = await repay(world, loanId, 2n * ROW + 600n);
    expect(payment.allocations).to.deep.equal([
      { index: 0, ...parts(0n, 100n, 1_000n, 10_000n), waivedInterest: 0n },
      { index: 1, ...parts(0n, 100n, 1_000n, 10_000n), waivedInterest: 0n },
      { index: 2, ...parts(0n, 100n, 500n, 0n), waivedInterest: 0n },
    ]);
    const loan = await world.book.loanOf(loanId);
    expect(loan.nextInstalment).to.equal(2n);
    expect(components(loan.partPaid)).to.deep.equal(parts(0n, 100n, 500n, 0n));
    const rest = await repay(world, loanId, 5_500n);
    expect(rest.allocations).to.deep.equal([
      { index: 2, ...parts(0n, 0n, 500n, 5_000n), waivedInterest: 0n },
    ]);
  });

  it("of one cent at a time adds up to the same", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world, {
      schedule: rows([19_400], 5n, 3n, 2n),
      earlySettlement: 0,
    });
    for (let nr = 1; nr <= 10; nr++) {
      const payment = await repay(world, loanId, 1n);
      expect(sumOf(payment.paid)).to.equal(1n);
      expect([payment.paymentNr, payment.closed]).to.deep.equal([nr, nr === 10]);
    }
    const loan = await world.book.loanOf(loanId);
    expect(components(loan.paid)).to.deep.equal(parts(0n, 2n, 3n, 5n));
    expect(agreement.totalRepayable).to.equal(10n);
  });

  it("takes no more than closes the loan", async () => {
    for (const amount of [33_300n, 33_301n, 2n ** 64n - 1n]) {
      const world = await load(institution);
      const { loanId } = await lend(world, { earlySettlement: 0 });
      const payment = await repay(world, loanId, amount);
      expect(payment.paid).to.deep.equal(parts(0n, 300n, 3_000n, 30_000n));
      await expect(payment.transaction).to.changeTokenBalances(
        ethers,
        world.dollar,
        [world.people.borrower],
        [-33_300n * UNIT],
      );
    }
  });

  it("by anybody pays anybody's loan", async () => {
    const world = await load(institution);
    const { loanId, agreement } = await lend(world);
    const payment = await repay(world, loanId, ROW, world.people.stranger);
    expect([payment.payer, payment.recipient]).to.deep.equal([
      world.people.stranger.address,
      agreement.lender,
    ]);
  });

  it("by the note's owner counts like any other: he pays himself", async () => {
    const world = await load(institution);
    const { loanId } = await lend(world);
    const payment = await repay(world, loanId, ROW, world.people.lender);
    expect(payment.totals).to.deep.equal(parts(0n, 100n, 1_000n, 10_000n));
    await expect(payment.transaction).to.changeTokenBalances(
      ethers,
      world.dollar,
      [world.people.lender],
      [0n],
    );
    await giveNote(world, loanId, world.people.lender, world.people.borrower);
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
  });

  it("by a note's owner without the tokens is refused all the same", async () => {
    const world = await load(institution);
    const { loanId } = await lend(world);
    const owner = world.people.depositor;
    await giveNote(world, loanId, world.people.lender, owner);
    await expect(as(owner, world.book).repay(loanId, ROW)).to.be.revertedWithCustomError(
      world.dollar,
      "ERC20InsufficientAllowance",
    );
  });

  it("goes to whoever owns the note, and the new owner need not be asked (INV-34)", async () => {
    const world = await load(institution);
    const { loanId } = await lend(world);
    await giveNote(world, loanId, world.people.lender, world.people.stranger);
    const payment = await repay(world, loanId, ROW);
    expect(payment.recipient).to.equal(world.people.stranger.address);
    await expect(payment.transaction).to.changeTokenBalances(
      ethers,
      world.dollar,
      [world.people.stranger, world.people.lender],
      [ROW * UNIT, 0n],
    );
    expect((await world.book.loanOf(loanId)).lender).to.equal(world.people.lender.address);
  });

  it("follows each of the 24 orders, whatever the amount", async () => {
    const world = await load(institution);
    // Overdue by 20 days after 5 of grace: 15 days at 0.1 % a day on 11,100 minor units are 166.5, rounded down.
    const owed = parts(166n, 100n, 1_000n, 10_000n);
    const loans: (Awaited<ReturnType<typeof lend>> & { waterfall: string })[] = [];
    for (const waterfall of WATERFALLS) loans.push({ waterfall, ...(await lend(world, { waterfall })) });
    await goToDay((loans[0]?.agreement.firstDay ?? 0) + 20, UTC_OFFSET);
    for (const { waterfall, loanId } of loans) {
      const before = parts(0n, 0n, 0n, 0n);
      let paid = 0n;
      for (const amount of [60n, 1_250n, 8_900n, 1_056n]) {
        paid += amount;
        const after = prefix(waterfall, paid, owed);
        const payment = await repay(world, loanId, amount);
        const expected = parts(0n, 0n, 0n, 0n);
        for (const name of NAMES) expected[name] = after[name] - before[name];
        expect(payment.paid, `${waterfall} after ${paid}`).to.deep.equal(expected);
        Object.assign(before, after);
      }
      const loan = await world.book.loanOf(loanId);
      expect([loan.nextInstalment, components(loan.partPaid)]).to.deep.equal([1n, parts(0n, 0n, 0n, 0n)]);
    }
  });
});

/** What the first `amount` of `owed` covers: the order of the waterfall, told once more and simply. */
function prefix(waterfall: string, amount: bigint, owed: Components): Components {
  const covered = parts(0n, 0n, 0n, 0n);
  const units = [...waterfall.slice(2).matchAll(/0([0-3])/g)].map(([, id]) => NAMES[Number(id)]);
  let left = amount;
  for (const name of units) {
    if (name === undefined) continue;
    covered[name] = left;
    if (left > owed[name]) covered[name] = owed[name];
    left -= covered[name];
  }
  return covered;
}

async function giveNote({ book }: World, loanId: string, from: Signer, to: Signer): Promise<void> {
  await as(from, book).transferFrom(from.address, to.address, loanId);
}
