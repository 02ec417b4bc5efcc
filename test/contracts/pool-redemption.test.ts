import { expect } from "chai";
import { shouldRedeemLikeErc7540 } from "./support/behaviours/erc7540-redeem.ts";
import { as, ethers, networkHelpers, type Signer } from "./support/chain.ts";
import { repay, rows } from "./support/loans.ts";
import { oddInstitution } from "./support/odd.ts";
import { booksOf, draftFromPool, fund, newPool, SHARES, THOUSAND } from "./support/pool.ts";
import { fundedInstitution, load, NOBODY, poolRules, type World } from "./support/world.ts";

const DAY_S = 86_400;

/** Fixture: the funded institution, and a second lender with 1,000.00 in the pool. */
async function twoLenders(): Promise<World> {
  const world = await fundedInstitution();
  const { pool, dollar, people } = world;
  await as(people.stranger, dollar).approve(await pool.getAddress(), 10n ** 30n);
  await as(people.stranger, pool).deposit(THOUSAND, people.stranger.address);
  return world;
}

const loadTwo = () => networkHelpers.loadFixture(twoLenders);

describe("Leaving the pool", () => {
  for (const [when, prepare] of [
    ["at the first price", async () => undefined],
    ["after a gain", async (world: World) => await lendAndEarn(world)],
    ["while loans are late", async (world: World) => await lendAndWait(world)],
  ] as const) {
    describe(when, () => {
      shouldRedeemLikeErc7540(async () => {
        const world = await load(fundedInstitution);
        await prepare(world);
        const { pool, dollar, people } = world;
        const fulfil = async () => {
          await pool.fulfilRedemptions(10);
        };
        return { vault: pool, asset: dollar, lender: people.depositor, other: people.compliance, fulfil };
      });
    });
  }

  it("takes requests worth more than dust alone", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const dust = poolRules.minRedemption * SHARES - 1n;
    const me = people.depositor.address;
    await expect(as(people.depositor, pool).requestRedeem(dust, me, me))
      .to.be.revertedWithCustomError(pool, "LendingPoolRequestTooSmall")
      .withArgs(poolRules.minRedemption - 1n, poolRules.minRedemption);
    await expect(as(people.depositor, pool).requestRedeem(0n, me, me)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolRequestZero",
    );
    await as(people.depositor, pool).requestRedeem(dust + 1n, me, me);
  });

  it("is served in the order of the requests, however large they are", async () => {
    const world = await loadTwo();
    const { pool, people } = world;
    await lendAllBut(world, 2n * THOUSAND);
    await request(world, people.depositor, 10n * THOUSAND);
    await request(world, people.stranger, THOUSAND);
    await pool.fulfilRedemptions(10);
    expect(await standings(world, [1n, people.depositor], [2n, people.stranger])).to.deep.equal([
      { pending: 8n * THOUSAND * SHARES, claimable: 2n * THOUSAND * SHARES },
      { pending: THOUSAND * SHARES, claimable: 0n },
    ]);
    await as(people.deployer, pool).deposit(8n * THOUSAND + THOUSAND / 2n, people.deployer.address);
    await expect(pool.fulfilRedemptions(10))
      .to.emit(pool, "RedemptionFulfilled")
      .withArgs(1n, people.depositor.address, 8n * THOUSAND * SHARES, 8n * THOUSAND)
      .and.to.emit(pool, "RedemptionFulfilled")
      .withArgs(2n, people.stranger.address, (THOUSAND / 2n) * SHARES, THOUSAND / 2n);
    expect(await pool.redemptionQueue()).to.deep.equal([2n, 2n, (THOUSAND / 2n) * SHARES]);
  });

  it("is served by anybody, a bounded number at a time", async () => {
    const world = await loadTwo();
    const { pool, people } = world;
    for (let i = 0; i < 5; ++i) await request(world, people.depositor, THOUSAND);
    await expect(as(people.compliance, pool).fulfilRedemptions(0)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolNothingToFulfil",
    );
    expect(await as(people.compliance, pool).fulfilRedemptions.staticCall(3)).to.equal(3n);
    await as(people.compliance, pool).fulfilRedemptions(3);
    expect((await pool.redemptionQueue()).nextRequestId).to.equal(4n);
    expect(await pool.fulfilRedemptions.staticCall(99)).to.equal(2n);
    await pool.fulfilRedemptions(99);
    await expect(pool.fulfilRedemptions(1)).to.be.revertedWithCustomError(pool, "LendingPoolNothingToFulfil");
  });

  it("waits when there is no cash", async () => {
    const world = await loadTwo();
    const { pool, people } = world;
    await lendAllBut(world, 0n);
    await request(world, people.depositor, THOUSAND);
    await expect(pool.fulfilRedemptions(1)).to.be.revertedWithCustomError(pool, "LendingPoolNothingToFulfil");
  });

  it("is priced when it is fulfilled, not when it is asked for", async () => {
    const world = await loadTwo();
    const { pool, people } = world;
    const { loanId } = await lendLong(world, 50_000_000n);
    await request(world, people.stranger, THOUSAND);
    await networkHelpers.time.increase(40 * DAY_S);
    expect((await repay(world, loanId, 100n)).closed).to.equal(false);
    const price: bigint = await pool.convertToExitAssets(THOUSAND * SHARES);
    expect(price < THOUSAND).to.equal(true);
    await pool.fulfilRedemptions(1);
    expect((await pool.maxWithdraw(people.stranger.address)) <= price + 1n).to.equal(true);
  });

  it("claims the oldest request of a controller first", async () => {
    const world = await loadTwo();
    const { pool, people } = world;
    const me = people.depositor.address;
    for (const amount of [THOUSAND, 2n * THOUSAND]) await request(world, people.depositor, amount);
    await pool.fulfilRedemptions(2);
    await as(people.depositor, pool).redeem(((THOUSAND * 3n) / 2n) * SHARES, me, me);
    expect(await standings(world, [1n, people.depositor], [2n, people.depositor])).to.deep.equal([
      { pending: 0n, claimable: 0n },
      { pending: 0n, claimable: ((THOUSAND * 3n) / 2n) * SHARES },
    ]);
  });

  it("is never worth more than joining: a round trip loses", async () => {
    for (const prepare of [lendAndEarn, lendAndWait]) {
      const world = await load(fundedInstitution);
      await prepare(world);
      const { pool, people, dollar } = world;
      const me = people.depositor.address;
      for (const amount of [1n, 999_999n, THOUSAND + 1n]) {
        const before: bigint = await dollar.balanceOf(me);
        const shares: bigint = await as(people.depositor, pool).deposit.staticCall(amount, me);
        await as(people.depositor, pool).deposit(amount, me);
        await as(people.depositor, pool).redeemNow(shares, me, 0n);
        expect((await dollar.balanceOf(me)) <= before).to.equal(true);
      }
    }
  });

  it("happens at once while nobody waits, at a bound that the lender sets", async () => {
    const world = await loadTwo();
    const { pool, people, dollar } = world;
    const { stranger, depositor } = people;
    const shares = THOUSAND * SHARES;
    await expect(as(stranger, pool).redeemNow(shares, stranger.address, THOUSAND + 1n))
      .to.be.revertedWithCustomError(pool, "LendingPoolSlippage")
      .withArgs(THOUSAND, THOUSAND + 1n);
    await expect(as(stranger, pool).redeemNow(0n, stranger.address, 0n)).to.be.revertedWithCustomError(
      pool,
      "LendingPoolRequestZero",
    );
    const leaving = as(stranger, pool).redeemNow(shares, depositor.address, THOUSAND);
    await expect(leaving).to.changeTokenBalances(ethers, dollar, [depositor, pool], [THOUSAND, -THOUSAND]);
    await expect(leaving)
      .to.emit(pool, "Withdraw")
      .withArgs(stranger.address, depositor.address, stranger.address, THOUSAND, shares);
    expect(await pool.balanceOf(stranger.address)).to.equal(0n);
  });

  it("does not overtake those who wait, nor take cash that is not there", async () => {
    const world = await loadTwo();
    const { pool, people } = world;
    await lendAllBut(world, THOUSAND - 1n);
    await expect(as(people.stranger, pool).redeemNow(THOUSAND * SHARES, NOBODY, 0n))
      .to.be.revertedWithCustomError(pool, "LendingPoolInsufficientCash")
      .withArgs(THOUSAND, THOUSAND - 1n);
    await request(world, people.depositor, THOUSAND);
    await expect(as(people.stranger, pool).redeemNow(SHARES, NOBODY, 0n))
      .to.be.revertedWithCustomError(pool, "LendingPoolRedemptionsFirst")
      .withArgs(THOUSAND * SHARES);
  });

  it("leaves a rest that is worth less than a base unit to nobody, and goes on", async () => {
    const world = await load(fundedInstitution);
    const { people, dollar } = world;
    const pool = await newPool(world, { minRedemption: 1n });
    await as(people.depositor, dollar).approve(await pool.getAddress(), 10n ** 30n);
    const me = people.depositor.address;
    await as(people.depositor, pool).deposit(10n * THOUSAND, me);
    // One unit of a loss, so that shares are worth a little less than at first.
    const there = { ...world, pool };
    await lose(there, 1n);
    await as(people.depositor, pool).requestRedeem(2n * SHARES, me, me);
    await as(people.depositor, pool).requestRedeem(THOUSAND * SHARES, me, me);
    await expect(pool.fulfilRedemptions(2))
      .to.emit(pool, "RedemptionFulfilled")
      .withArgs(1n, me, 2n * SHARES, 1n);
    expect((await pool.redemptionQueue()).pendingShares).to.equal(0n);
  });

  it("lets the last lender go, with all but what is the seed's", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, dollar } = world;
    await lendAndEarn(world);
    await networkHelpers.time.increase(100 * DAY_S);
    const me = people.depositor.address;
    const worth: bigint = await pool.convertToExitAssets(await pool.balanceOf(me));
    const before: bigint = await dollar.balanceOf(me);
    await as(people.depositor, pool).requestRedeem(await pool.balanceOf(me), me, me);
    await pool.fulfilRedemptions(1);
    await as(people.depositor, pool).withdraw(await pool.maxWithdraw(me), me, me);
    expect((await dollar.balanceOf(me)) - before).to.equal(worth);
    const { cash, reserved } = await booksOf(pool);
    expect(reserved).to.equal(0n);
    expect(await pool.totalAssets()).to.equal(cash);
    expect(await pool.convertToAssets(await pool.balanceOf(NOBODY))).to.be.lessThanOrEqual(cash);
    // And takes the next one in at the same price.
    await as(people.depositor, pool).deposit(THOUSAND, me);
    const back: bigint = await pool.convertToExitAssets(await pool.balanceOf(me));
    expect(THOUSAND - back < 3n).to.equal(true);
  });

  it("pays nobody whom the token refuses, and keeps it for her", async () => {
    const { oddPool: pool, token, people } = await networkHelpers.loadFixture(oddInstitution);
    const me = people.depositor.address;
    await as(people.depositor, pool).requestRedeem(THOUSAND * SHARES, me, me);
    await pool.fulfilRedemptions(1);
    await token.setBlocked(me, true);
    await expect(as(people.depositor, pool).withdraw(THOUSAND, me, me)).to.be.revert(ethers);
    await as(people.depositor, pool).withdraw(THOUSAND, people.stranger.address, me);
    expect((await booksOf(pool)).reserved).to.equal(0n);
  });
});

async function request({ pool }: World, lender: Signer, assets: bigint): Promise<void> {
  await as(lender, pool).requestRedeem(assets * SHARES, lender.address, lender.address);
}

async function standings({ pool }: World, ...requests: [bigint, Signer][]) {
  const standing = async ([id, { address }]: [bigint, Signer]) => ({
    pending: await pool.pendingRedeemRequest(id, address),
    claimable: await pool.claimableRedeemRequest(id, address),
  });
  return await Promise.all(requests.map(standing));
}

/** One instalment in 30 days with 1 % interest. */
async function lendLong(world: World, principal: bigint) {
  const { firstDay } = await draftFromPool(world);
  const schedule = rows([firstDay], principal, principal / 100n, 0n);
  return await fund(world, { schedule, penaltyRateBps: 0 });
}

/** All cash but `rest` base units is lent, without interest. */
async function lendAllBut(world: World, rest: bigint) {
  const { firstDay } = await draftFromPool(world);
  const { cash } = await booksOf(world.pool);
  const schedule = rows([firstDay], cash - rest, 0n, 0n);
  return await fund(world, { schedule, unit: 1n, penaltyRateBps: 0 });
}

async function lendAndEarn(world: World): Promise<void> {
  const { loanId } = await lendLong(world, 10_000_000n);
  await networkHelpers.time.increase(20 * DAY_S);
  await repay(world, loanId, 2n ** 40n);
}

async function lendAndWait(world: World): Promise<void> {
  await lendLong(world, 10_000_000n);
  await networkHelpers.time.increase(80 * DAY_S);
}

/** A loan of `principal` base units comes to nothing. */
async function lose(world: World, principal: bigint): Promise<void> {
  const { firstDay } = await draftFromPool(world);
  const { loanId } = await fund(
    world,
    { schedule: rows([firstDay], principal, 0n, 0n), unit: 1n },
    { pool: world.pool },
  );
  await networkHelpers.time.increase(32 * DAY_S);
  await as(world.people.supervisor, world.pool).writeOff(loanId);
}
