import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { as, ethers, goToDay, networkHelpers } from "./support/chain.ts";
import { repay } from "./support/loans.ts";
import { lendFromPool, oddInstitution } from "./support/odd.ts";
import { booksOf, fund } from "./support/pool.ts";
import { fundedInstitution, govern, load, UNIT, UTC_OFFSET, type World } from "./support/world.ts";

const DAY_S = 86_400;
const PRINCIPAL = 30_000n * UNIT;

/** A loan of the pool, `days` old, and a buyer with an allowance. */
async function oldLoan(days: number) {
  const world = await load(fundedInstitution);
  const { people, dollar, pool } = world;
  await as(people.stranger, dollar).approve(await pool.getAddress(), 10n ** 30n);
  const loan = await fund(world, { penaltyRateBps: 0 });
  if (days > 0) await networkHelpers.time.increase(days * DAY_S);
  return { ...world, ...loan };
}

function offer({ people, pool }: World, loanId: string, price: bigint, buyer = people.stranger.address) {
  return as(people.supervisor, pool).sellNote(loanId, buyer, price);
}

describe("A note of the pool is not sold", () => {
  it("to anybody but the one it was offered to, nor without an offer", async () => {
    const world = await oldLoan(10);
    const { pool, people, loanId } = world;
    await expect(as(people.stranger, pool).buyNote(loanId, 10n ** 20n, 0n))
      .to.be.revertedWithCustomError(pool, "LendingPoolNoOffer")
      .withArgs(loanId, people.stranger.address);
    await offer(world, loanId, 2n * PRINCIPAL, people.depositor.address);
    await expect(as(people.stranger, pool).buyNote(loanId, 10n ** 20n, 0n)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolNoOffer",
    );
  });

  it("for less than what it is worth in the books when it is taken", async () => {
    const world = await oldLoan(10);
    const { pool, people, loanId } = world;
    const price = (await pool.carryingValueOf(loanId)) as bigint;
    await offer(world, loanId, price);
    await networkHelpers.time.increase(DAY_S);
    const buy = as(people.stranger, pool).buyNote(loanId, price, 0n);
    await expect(buy).to.be.revertedWithCustomError(pool, "LendingPoolPriceTooLow");
    await offer(world, loanId, 0n);
    await expect(as(people.stranger, pool).buyNote(loanId, 0n, 0n)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolPriceTooLow",
    );
  });

  it("for more than the buyer agreed to, or after the offer was taken back", async () => {
    const world = await oldLoan(10);
    const { pool, people, loanId } = world;
    await offer(world, loanId, 2n * PRINCIPAL);
    await expect(as(people.stranger, pool).buyNote(loanId, 2n * PRINCIPAL - 1n, 0n))
      .to.be.revertedWithCustomError(pool, "LendingPoolSlippage")
      .withArgs(2n * PRINCIPAL, 2n * PRINCIPAL - 1n);
    await offer(world, loanId, 0n, ZeroAddress);
    await expect(as(people.stranger, pool).buyNote(loanId, 2n * PRINCIPAL, 0n)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolNoOffer",
    );
  });

  it("when the loan was paid off or written off meanwhile", async () => {
    const world = await oldLoan(31);
    const { pool, people, loanId } = world;
    const { loanId: other } = await fund(world);
    for (const id of [loanId, other]) await offer(world, id, 2n * PRINCIPAL);
    await as(people.supervisor, pool).writeOff(loanId);
    await repay(world, other, 50_000n);
    for (const id of [loanId, other]) {
      await expect(as(people.stranger, pool).buyNote(id, 2n * PRINCIPAL, 0n))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotPoolsLoan")
        .withArgs(id);
      await expect(offer(world, id, PRINCIPAL)).to.be.revertedWithCustomError(
        pool,
        "LendingPoolNotPoolsLoan",
      );
    }
  });

  it("for tokens of which a part does not arrive", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const { oddPool: pool, token, people, manager } = world;
    const loanId = await lendFromPool(world);
    const rule = [await pool.getAddress(), [pool.getFunction("sellNote").fragment.selector], 3n];
    await govern(world, manager, "setTargetFunctionRole", rule);
    await as(people.supervisor, pool).sellNote(loanId, people.depositor.address, 2n * PRINCIPAL);
    await token.setFeeBps(1);
    await expect(as(people.depositor, pool).buyNote(loanId, 2n * PRINCIPAL, 0n))
      .to.be.revertedWithCustomError(pool, "LendingPoolTransferShort")
      .withArgs(2n * PRINCIPAL, 2n * PRINCIPAL - (2n * PRINCIPAL) / 10_000n);
  });

  it("by any other door: the pool approves nobody (INV-35)", async () => {
    const { book, people, pool, loanId } = await oldLoan(1);
    for (const signer of Object.values(people)) {
      await expect(as(signer, book).transferFrom(await pool.getAddress(), signer.address, loanId))
        .to.be.revertedWithCustomError(book, "ERC721InsufficientApproval")
        .withArgs(signer.address, loanId);
      await expect(as(signer, book).approve(signer.address, loanId))
        .to.be.revertedWithCustomError(book, "ERC721InvalidApprover")
        .withArgs(signer.address);
    }
  });
});

describe("A note that is sold", () => {
  it("leaves at its price, and takes the loan out of every book", async () => {
    const world = await oldLoan(31 + 45);
    const { pool, people, loanId, book, dollar } = world;
    const price = ((await pool.carryingValueOf(loanId)) as bigint) + 5_000n * UNIT;
    await expect(offer(world, loanId, price))
      .to.emit(pool, "NoteOffered")
      .withArgs(loanId, people.stranger.address, price);
    const before = await booksOf(pool);
    const assets = await assetsNext(world);
    const buying = await as(people.stranger, pool).buyNote(loanId, price, 0n);
    const beyond = price - PRINCIPAL;
    await expect(buying).to.changeTokenBalances(ethers, dollar, [people.stranger, pool], [-price, price]);
    await expect(buying).to.emit(pool, "NoteSold");
    expect(await book.ownerOf(loanId)).to.equal(people.stranger.address);
    expect(await pool.totalAssets()).to.equal(assets);
    expect(await booksOf(pool)).to.deep.equal({
      ...before,
      cash: before.cash + price,
      outstanding: 0n,
      interestReceived: beyond,
    });
    await networkHelpers.time.increase(8 * DAY_S);
    expect(await pool.recognised()).to.equal(beyond);
    expect([
      await pool.provisions(),
      await pool.portfolioAtRisk(0),
      await pool.carryingValueOf(loanId),
      await pool.exposureOf(people.borrower.address),
    ]).to.deep.equal([0n, 0n, 0n, 0n]);
  });

  it("at less than its principal gives back interest that was paid in advance, and no more", async () => {
    const world = await oldLoan(1);
    const { pool, people, loanId } = world;
    await repay(world, loanId, 1_100n);
    const carrying = (await pool.carryingValueOf(loanId)) as bigint;
    expect(carrying < PRINCIPAL).to.equal(true);
    const price = PRINCIPAL - 100n * UNIT;
    await offer(world, loanId, price);
    const assets = await assetsNext(world);
    await as(people.stranger, pool).buyNote(loanId, price, 0n);
    expect(await pool.totalAssets()).to.equal(assets);
    await networkHelpers.time.increase(8 * DAY_S);
    const { interestReceived } = await booksOf(pool);
    expect(await pool.recognised()).to.equal(interestReceived);
  });

  it("pays its new owner; when it comes back uninvited it counts nothing, and pays like a donation", async () => {
    const world = await oldLoan(10);
    const { pool, people, loanId, book, dollar } = world;
    await offer(world, loanId, 2n * PRINCIPAL);
    await as(people.stranger, pool).buyNote(loanId, 2n * PRINCIPAL, 0n);
    const before = await booksOf(pool);
    const { transaction } = await repay(world, loanId, 11_100n);
    await expect(transaction).to.changeTokenBalances(ethers, dollar, [people.stranger], [11_100n * UNIT]);
    await as(people.stranger, book).transferFrom(people.stranger.address, await pool.getAddress(), loanId);
    const { transaction: donation } = await repay(world, loanId, 50_000n);
    await expect(donation).to.not.emit(pool, "RepaymentBooked");
    expect(await booksOf(pool)).to.deep.equal(before);
  });

  it("may be a late one's: the buyer pays what the books say, without its provision", async () => {
    const world = await oldLoan(0);
    const { pool, people, loanId, agreement } = world;
    await goToDay(agreement.firstDay + 95, UTC_OFFSET);
    const price = (await pool.carryingValueOf(loanId)) as bigint;
    expect(price > PRINCIPAL).to.equal(true);
    expect(await pool.provisions()).to.equal(price);
    await offer(world, loanId, price);
    await as(people.stranger, pool).buyNote(loanId, price, 0n);
    expect(await pool.provisions()).to.equal(0n);
  });
});

/** What the lenders own in the second of the next transaction, before it. */
async function assetsNext({ pool }: World): Promise<bigint> {
  await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 7);
  return await pool.totalAssets({ blockTag: "pending" });
}
