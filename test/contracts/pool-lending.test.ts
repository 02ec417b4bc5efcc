import { expect } from "chai";
import { MAX_POOL_COOLING_OFF_DAYS } from "../../lending/limits.ts";
import { accountOf, as, deployHelper, ethers, goToDay, networkHelpers, todayIn } from "./support/chain.ts";
import { type DeskWorld, withDesk } from "./support/desk.ts";
import { lend, repay, rows, sign } from "./support/loans.ts";
import { booksOf, draftFromPool, fund, fundAgreement, THOUSAND } from "./support/pool.ts";
import {
  fundedInstitution,
  govern,
  institution,
  KYC_POLICY,
  load,
  UNIT,
  UTC_OFFSET,
  type World,
} from "./support/world.ts";

type Hex = `0x${string}`;

/** Fixture: a registered desk, and a pool with 1,000,000.00. */
async function fundedDesk(): Promise<DeskWorld> {
  const world = await withDesk();
  await as(world.people.depositor, world.pool).deposit(100_000_000n * UNIT, world.people.depositor.address);
  return world;
}

describe("A pool lends nothing", () => {
  it("to another lender's agreement, in another currency or in another UTC offset", async () => {
    const world = await load(fundedInstitution);
    const { pool, dollar, people } = world;
    const odd = (await (await deployHelper("OddToken", [6])).getAddress()) as Hex;
    await expect(fund(world, { lender: people.lender.address as Hex }))
      .to.be.revertedWithCustomError(pool, "LendingPoolLenderMismatch")
      .withArgs(people.lender.address);
    await expect(fund(world, { currency: odd }))
      .to.be.revertedWithCustomError(pool, "LendingPoolCurrencyMismatch")
      .withArgs(odd, await dollar.getAddress());
    await expect(fund(world, { utcOffset: 0 }))
      .to.be.revertedWithCustomError(pool, "LendingPoolUtcOffsetMismatch")
      .withArgs(0, UTC_OFFSET);
  });

  it("beyond its cash, the upfront fee included", async () => {
    const world = await load(institution);
    const { pool, people } = world;
    const cash = 29_999n * UNIT;
    const { cash: seed } = await booksOf(pool);
    await as(people.depositor, pool).deposit(cash - seed, people.depositor.address);
    for (const upfrontFee of [0n, 1_000n]) {
      await expect(fund(world, { upfrontFee }))
        .to.be.revertedWithCustomError(pool, "LendingPoolInsufficientCash")
        .withArgs(30_000n * UNIT, cash);
    }
    await as(people.depositor, pool).deposit(UNIT, people.depositor.address);
    await fund(world, { upfrontFee: 1_000n });
    expect(await booksOf(pool)).to.include({ cash: 0n, outstanding: 30_000n * UNIT, fees: 1_000n * UNIT });
  });

  it("from tokens that somebody sent to it", async () => {
    const world = await load(institution);
    await as(world.people.stranger, world.dollar).transfer(await world.pool.getAddress(), 10n ** 12n);
    await expect(fund(world)).to.be.revertedWithCustomError(world.pool, "LendingPoolInsufficientCash");
  });

  it("while somebody waits to leave, before it has served whom it can (INV-70)", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    await fund(world);
    const me = people.depositor.address;
    const shares = await pool.balanceOf(me);
    await as(people.depositor, pool).requestRedeem(shares, me, me);
    await expect(fund(world)).to.be.revertedWithCustomError(pool, "LendingPoolRedemptionsFirst");
    expect((await pool.redemptionQueue()).pendingShares).to.equal(shares);

    await as(people.deployer, pool).deposit(60_000n * UNIT, people.deployer.address);
    const { transaction } = await fund(world);
    await expect(transaction).to.emit(pool, "RedemptionFulfilled");
    expect((await pool.redemptionQueue()).pendingShares).to.equal(0n);
  });

  it("when more wait than it serves by itself", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const me = people.depositor.address;
    const least = THOUSAND * 10n ** 6n;
    for (let i = 0; i < 9; ++i) await as(people.depositor, pool).requestRedeem(least, me, me);
    await expect(fund(world))
      .to.be.revertedWithCustomError(pool, "LendingPoolRedemptionsFirst")
      .withArgs(least);
    await pool.fulfilRedemptions(1);
    await fund(world);
  });

  it("to somebody without KYC under its policy (INV-76)", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, registry } = world;
    await expect(fund(world, {}, { borrower: people.stranger }))
      .to.be.revertedWithCustomError(pool, "LendingPoolNotEligible")
      .withArgs(people.stranger.address, KYC_POLICY);
    await as(people.compliance, registry).blockAccounts([people.borrower.address], ethers.id("case"));
    await expect(fund(world)).to.be.revertedWithCustomError(pool, "LendingPoolNotEligible");
  });

  it("without the borrower's signature, or for terms that she did not sign", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, book } = world;
    const agreement = await draftFromPool(world);
    const signature = await sign(world, "borrower", agreement, people.borrower);
    for (const changed of [agreement, { ...agreement, penaltyCap: 6_000n }]) {
      await as(people.approver, pool).approveLoan(await book.loanIdOf(changed));
      const given = changed === agreement ? "0x" : signature;
      await expect(as(people.underwriter, pool).originate(changed, given))
        .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
        .withArgs(agreement.borrower, 1);
    }
    expect((await booksOf(pool)).outstanding).to.equal(0n);
  });

  it("while the book is paused, and nothing with more withheld than lent", async () => {
    const world = await load(fundedInstitution);
    await expect(fund(world, { upfrontFee: 30_001n })).to.be.revertedWithPanic(0x11);
    await as(world.people.guardian, world.book).pause();
    await expect(fund(world)).to.be.revertedWithCustomError(world.book, "EnforcedPause");
  });
});

describe("A pool's loan", () => {
  it("moves the principal out of cash, and the upfront fee to the institution", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, dollar, book } = world;
    const before = await booksOf(pool);
    const assets = await pool.totalAssets();
    const agreement = await draftFromPool(world, { upfrontFee: 500n });
    const loanId = await book.loanIdOf(agreement);
    const lending = fundAgreement(world, agreement);
    await expect(lending).to.changeTokenBalances(
      ethers,
      dollar,
      [people.borrower, pool],
      [29_500n * UNIT, -29_500n * UNIT],
    );
    await expect(lending)
      .to.emit(pool, "LoanFundedByPool")
      .withArgs(loanId, people.borrower.address, 30_000n * UNIT, 500n * UNIT)
      .and.to.emit(pool, "LoanStarted")
      .withArgs(loanId, 30_000n * UNIT, 500n * UNIT)
      .and.to.emit(pool, "BooksUpdated")
      .withArgs(before.cash - 30_000n * UNIT, 30_000n * UNIT, 0n, 500n * UNIT);
    expect(await book.ownerOf(loanId)).to.equal(await pool.getAddress());
    expect(await pool.totalAssets()).to.equal(assets);
    expect(await pool.carryingValueOf(loanId)).to.equal(30_000n * UNIT);
    expect(await dollar.allowance(await pool.getAddress(), await book.getAddress())).to.equal(0n);
  });

  it("counts towards its borrower's exposure until it is paid off", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const exposure = () => pool.exposureOf(people.borrower.address) as Promise<bigint>;
    const { loanId } = await fund(world);
    await fund(world, { schedule: rows([await firstDay(world)], 500n, 9n, 0n) });
    expect(await exposure()).to.equal(30_500n * UNIT);
    await repay(world, loanId, 11_000n);
    expect(await exposure()).to.equal(30_500n * UNIT);
    await repay(world, loanId, 40_000n);
    expect(await exposure()).to.equal(500n * UNIT);
  });

  it("in whole dollars or in the token's own units is booked to the unit", async () => {
    const world = await load(fundedInstitution);
    for (const unit of [1n, 1_000_000n]) {
      const before = await booksOf(world.pool);
      const { loanId } = await fund(world, { unit, schedule: rows([await firstDay(world)], 77n, 7n, 3n) });
      expect((await booksOf(world.pool)).outstanding - before.outstanding).to.equal(77n * unit);
      await repay(world, loanId, 1_000n);
      expect((await booksOf(world.pool)).outstanding).to.equal(before.outstanding);
    }
  });

  it("is booked by the book's word alone", async () => {
    const world = await load(fundedInstitution);
    const { people, pool, dollar } = world;
    const { loanId } = await fund(world);
    for (const signer of [...Object.values(people), await accountOf(pool), await accountOf(dollar)]) {
      await expect(as(signer, pool).onCancelled(loanId, 1n, false))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotLoanBook")
        .withArgs(signer.address);
    }
  });

  it("that the pool does not know cannot be started, cancelled, given back or taken back, even by the book", async () => {
    const world = await load(fundedInstitution);
    const { pool, book } = world;
    const caller = await accountOf(book);
    const { loanId } = await lend(world);
    const position = [0, 0, 0, 0n, 0n, false];
    const hooks = [
      as(caller, pool).onActivated(loanId, UNIT, position, []),
      as(caller, pool).onCancelled(loanId, 1n, false),
      as(caller, pool).onReturned(loanId, 1n, false),
      pool.cancelIneligible(loanId),
      pool.writeOff(loanId),
      as(world.people.supervisor, pool).sellNote(loanId, world.people.stranger.address, 1n),
    ];
    for (const hook of hooks) {
      await expect(hook).to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan").withArgs(loanId);
    }
  });

  it("of somebody else, whose note the pool was given, changes no book: it pays like a donation", async () => {
    const world = await load(fundedInstitution);
    const { people, book, pool } = world;
    const { loanId } = await lend(world);
    await as(people.lender, book).transferFrom(people.lender.address, await pool.getAddress(), loanId);
    const before = await booksOf(pool);
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    expect(await booksOf(pool)).to.deep.equal(before);
    expect(await pool.carryingValueOf(loanId)).to.equal(0n);
  });
});

describe("A pool's loan through a desk", () => {
  const loadDesk = () => networkHelpers.loadFixture(fundedDesk);

  async function fundThroughDesk(world: DeskWorld, upfrontFee = 500n) {
    return await fund(world, { payee: world.desk.address as Hex, upfrontFee });
  }

  it("waits: nothing is outstanding, no interest runs, and the lenders own as much as before", async () => {
    const world = await loadDesk();
    const { pool, book } = world;
    const [before, assets] = [await booksOf(pool), await pool.totalAssets()];
    const { loanId, transaction } = await fundThroughDesk(world);
    await expect(transaction).to.not.emit(pool, "LoanStarted");
    await expect(transaction)
      .to.emit(pool, "ReservesUpdated")
      .withArgs(0n, 30_000n * UNIT, 0n, 0n, 0n, 0n);
    expect(await booksOf(pool)).to.deep.equal({
      ...before,
      cash: before.cash - 30_000n * UNIT,
      funded: 30_000n * UNIT,
    });
    await networkHelpers.time.increase(5 * 86_400);
    expect(await pool.totalAssets()).to.equal(assets);
    expect(await pool.carryingValueOf(loanId)).to.equal(30_000n * UNIT);
    expect(await book.ownerOf(loanId)).to.equal(await pool.getAddress());
  });

  it("starts on the day of the payout, when the institution has earned its fee", async () => {
    const world = await loadDesk();
    const { pool, people, book } = world;
    const { loanId } = await fundThroughDesk(world);
    await networkHelpers.time.increase(5 * 86_400);
    const assets = await pool.totalAssets();
    await expect(as(people.borrower, book).activate(loanId, "0x"))
      .to.emit(pool, "LoanStarted")
      .withArgs(loanId, 30_000n * UNIT, 500n * UNIT);
    expect(await booksOf(pool)).to.include({ outstanding: 30_000n * UNIT, funded: 0n, fees: 500n * UNIT });
    expect(await pool.totalAssets()).to.equal(assets);
    await networkHelpers.time.increase(5 * 86_400);
    expect((await pool.totalAssets()) > assets).to.equal(true);
  });

  it("is not paid out to somebody who lost her KYC meanwhile: anybody may cancel it then", async () => {
    const world = await loadDesk();
    const { pool, people, book, registry } = world;
    const before = await booksOf(pool);
    const { loanId } = await fundThroughDesk(world);
    await expect(as(people.stranger, pool).cancelIneligible(loanId))
      .to.be.revertedWithCustomError(pool, "LendingPoolStillEligible")
      .withArgs(people.borrower.address, KYC_POLICY);
    const { sequence } = await registry.recordOf(people.borrower.address);
    await as(people.kycIssuer, registry).revoke(people.borrower.address, sequence);
    await expect(as(people.borrower, book).activate(loanId, "0x"))
      .to.be.revertedWithCustomError(pool, "LendingPoolNotEligible")
      .withArgs(people.borrower.address, KYC_POLICY);
    await expect(as(people.stranger, pool).cancelIneligible(loanId))
      .to.emit(pool, "LoanFundingReturned")
      .withArgs(loanId, 30_000n * UNIT);
    expect(await booksOf(pool)).to.deep.equal(before);
    expect(await pool.exposureOf(people.borrower.address)).to.equal(0n);
  });

  it("leaves no trace when it is cancelled, with or without an upfront fee", async () => {
    for (const upfrontFee of [0n, 777n]) {
      const world = await loadDesk();
      const { pool, people, book, dollar } = world;
      const address = await pool.getAddress();
      const before = [await booksOf(pool), await pool.totalAssets(), await dollar.balanceOf(address)];
      const { loanId, agreement } = await fundThroughDesk(world, upfrontFee);
      await goToDay(agreement.disburseUntilDay + 1, UTC_OFFSET);
      await as(people.stranger, book).cancel(loanId);
      expect([await booksOf(pool), await pool.totalAssets(), await dollar.balanceOf(address)]).to.deep.equal(
        before,
      );
      expect(await pool.exposureOf(people.borrower.address)).to.equal(0n);
    }
  });
});

describe("A loan that is given back", () => {
  const terms = { coolingOffDays: 14, upfrontFee: 500n };

  it("costs the lenders what it had earned, and the institution its fee", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, book } = world;
    const before = await booksOf(pool);
    const assets = await pool.totalAssets();
    const { loanId } = await fund(world, terms);
    await networkHelpers.time.increase(10 * 86_400);
    expect((await pool.totalAssets()) > assets).to.equal(true);
    await expect(as(people.borrower, book).returnLoan(loanId))
      .to.emit(pool, "LoanGivenBack")
      .withArgs(loanId, 30_000n * UNIT, 29_500n * UNIT);
    expect(await booksOf(pool)).to.deep.equal(before);
    expect(await pool.totalAssets()).to.equal(assets);
    expect(await pool.exposureOf(people.borrower.address)).to.equal(0n);
    await networkHelpers.time.increase(100 * 86_400);
    expect(await pool.totalAssets()).to.equal(assets);
    expect([await pool.portfolioAtRisk(0), await pool.provisions()]).to.deep.equal([0n, 0n]);
  });

  it("finds its fee in the pool: nobody collects one that may go back", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, book } = world;
    const collect = () => govern(world, pool, "collectFees", [people.governor.address]);
    const returned = await fund(world, terms);
    await fund(world, { ...terms, coolingOffDays: 0, upfrontFee: 7n });
    await collect();
    expect(await booksOf(pool)).to.include({ fees: 500n * UNIT });
    await expect(collect()).to.be.revertedWithCustomError(pool, "LendingPoolAmountZero");
    const { cash } = await booksOf(pool);
    await as(people.borrower, book).returnLoan(returned.loanId);
    expect(await booksOf(pool)).to.include({ cash: cash + 30_000n * UNIT, fees: 0n });
  });

  it("leaves the fee to the institution once its days are over", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const { agreement } = await fund(world, terms);
    const day = await todayIn(UTC_OFFSET);
    expect(agreement.coolingOffDays).to.equal(14);
    await goToDay(day + 14, UTC_OFFSET);
    expect(await pool.collectableFees()).to.equal(0n);
    await goToDay(day + 15, UTC_OFFSET);
    expect(await pool.collectableFees()).to.equal(500n * UNIT);
    await govern(world, pool, "collectFees", [people.governor.address]);
    expect(await booksOf(pool)).to.include({ fees: 0n });
  });

  it("is a right for thirty days at most", async () => {
    const world = await load(fundedInstitution);
    const most = MAX_POOL_COOLING_OFF_DAYS;
    await expect(fund(world, { ...terms, coolingOffDays: most + 1 }))
      .to.be.revertedWithCustomError(world.pool, "LendingPoolLimit")
      .withArgs("coolingOff", most + 1, most);
    await fund(world, { ...terms, coolingOffDays: most });
  });
});

async function firstDay(world: World): Promise<number> {
  return (await draftFromPool(world)).firstDay;
}
