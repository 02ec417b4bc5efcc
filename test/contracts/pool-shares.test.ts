import { expect } from "chai";
import { shouldTakeDepositsLikeErc4626 } from "./support/behaviours/erc4626-deposit.ts";
import { as, networkHelpers } from "./support/chain.ts";
import { repay, rows } from "./support/loans.ts";
import { oddInstitution } from "./support/odd.ts";
import { booksOf, draftFromPool, fund, SHARES, THOUSAND } from "./support/pool.ts";
import {
  fundedInstitution,
  govern,
  institution,
  limits,
  load,
  NOBODY,
  UNIT,
  type World,
} from "./support/world.ts";

describe("Shares of the pool", () => {
  for (const [when, prepare] of [
    ["at the first price", async () => undefined],
    ["after a gain", async (world: World) => await earn(world, 33_333n)],
    ["after a loss", lose],
  ] as const) {
    describe(when, () => {
      shouldTakeDepositsLikeErc4626(async () => {
        const world = await load(fundedInstitution);
        await prepare(world);
        const { pool, dollar, people } = world;
        await as(people.stranger, dollar).approve(await pool.getAddress(), 0n);
        return { vault: pool, asset: dollar, depositor: people.depositor, stranger: people.stranger };
      });
    });
  }

  it("know their decimals and their names", async () => {
    const { pool } = await load(institution);
    expect([await pool.decimals(), await pool.name(), await pool.symbol()]).to.deep.equal([
      12n,
      "Ahadi Pool",
      "aTUSD",
    ]);
  });

  it("are not made while the pool is paused, and none are promised", async () => {
    const { pool, people } = await load(fundedInstitution);
    const me = people.depositor.address;
    await as(people.guardian, pool).pause();
    expect([await pool.maxDeposit(me), await pool.maxMint(me)]).to.deep.equal([0n, 0n]);
    await expect(as(people.depositor, pool).deposit(1n, me))
      .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxDeposit")
      .withArgs(me, 1n, 0n);
    await expect(as(people.depositor, pool).mint(SHARES, me))
      .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxMint")
      .withArgs(me, SHARES, 0n);
  });

  it("are not made for the pool itself, nor sent to it", async () => {
    const { pool, people } = await load(fundedInstitution);
    const address = await pool.getAddress();
    expect([await pool.maxDeposit(address), await pool.maxMint(address)]).to.deep.equal([0n, 0n]);
    const depositor = as(people.depositor, pool);
    await as(people.depositor, pool).approve(people.stranger.address, 1n);
    for (const move of [
      depositor.transfer(address, 1n),
      as(people.stranger, pool).transferFrom(people.depositor.address, address, 1n),
    ]) {
      await expect(move).to.be.revertedWithCustomError(pool, "ERC20InvalidReceiver").withArgs(address);
    }
    await expect(depositor.deposit(1n, address)).to.be.revertedWithCustomError(
      pool,
      "ERC4626ExceededMaxDeposit",
    );
  });

  it("are paid with what arrives: a token that keeps a part for itself is refused", async () => {
    const { oddPool: pool, token, people } = await networkHelpers.loadFixture(oddInstitution);
    await token.setFeeBps(100);
    await expect(as(people.depositor, pool).deposit(1_000n, people.depositor.address))
      .to.be.revertedWithCustomError(pool, "LendingPoolTransferShort")
      .withArgs(1_000n, 990n);
  });

  it("are bought at a bound that the buyer sets", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const me = people.depositor.address;
    await earn(world, 1_000n);
    const shares: bigint = await pool.previewDeposit(THOUSAND);
    const depositor = as(people.depositor, pool);
    await expect(depositor.depositWithMin(THOUSAND, me, shares + 1n))
      .to.be.revertedWithCustomError(pool, "LendingPoolSlippage")
      .withArgs(shares, shares + 1n);
    await depositor.depositWithMin(THOUSAND, me, shares);
    const assets: bigint = await pool.previewMint(shares);
    await expect(depositor.mintWithMax(shares, me, assets - 1n))
      .to.be.revertedWithCustomError(pool, "LendingPoolSlippage")
      .withArgs(assets, assets - 1n);
    await depositor.mintWithMax(shares, me, assets);
  });

  it("say how many there are after each change", async () => {
    const { pool, people } = await load(fundedInstitution);
    const [supply, { cash }] = [await pool.totalSupply(), await booksOf(pool)];
    await expect(as(people.depositor, pool).deposit(THOUSAND, people.depositor.address))
      .to.emit(pool, "SupplyUpdated")
      .withArgs(supply + THOUSAND * SHARES)
      .and.to.emit(pool, "BooksUpdated")
      .withArgs(cash + THOUSAND, 0n, 0n, 0n);
  });

  it("are never more than fit the books, and the promise is kept to the last one", async () => {
    const world = await load(institution);
    const { pool, people, dollar } = world;
    await dollar.mint(people.depositor.address, 10n ** 38n);
    await as(people.depositor, dollar).approve(await pool.getAddress(), 10n ** 38n);
    const most: bigint = await pool.maxDeposit(people.depositor.address);
    expect(most).to.equal(
      ((2n ** 128n - 1n - 100n * UNIT * SHARES) * (100n * UNIT + 1n)) / (100n * UNIT * SHARES + SHARES),
    );
    await as(people.depositor, pool).deposit(most, people.depositor.address);
    expect((await pool.totalSupply()) < 2n ** 128n).to.equal(true);
    expect((await pool.maxDeposit(people.depositor.address)) < 2n).to.equal(true);
  });

  it("are dear after a great gain: then the assets are what fits", async () => {
    const world = await load(institution);
    const { pool, people } = world;
    const principal = 100n;
    const { firstDay } = await draftFromPool(world);
    await govern(world, pool, "setLimits", [{ ...limits, maxCostBps: 2n ** 32n - 1n }]);
    const schedule = rows([firstDay], principal, 8_000n, 0n);
    const { loanId } = await fund(world, { schedule, earlySettlement: 0 });
    await repay(world, loanId, 2n ** 40n);
    await networkHelpers.time.increase(8 * 86_400);
    expect((await pool.convertToAssets(SHARES)) > 30n).to.equal(true);
    const most: bigint = await pool.maxDeposit(people.depositor.address);
    expect(most + (await pool.totalAssets())).to.equal(2n ** 112n - 1n);
    expect(await pool.maxMint(people.depositor.address)).to.equal(await pool.convertToShares(most));
  });

  it("earn what borrowers pay beyond principal, each share alike", async () => {
    const world = await load(fundedInstitution);
    const { pool, dollar, people } = world;
    await as(people.stranger, dollar).approve(await pool.getAddress(), 10n ** 30n);
    await as(people.stranger, pool).deposit(300_000_000n * UNIT, people.stranger.address);
    await earn(world, 4_000n);
    const worth = async (address: string) => await pool.convertToAssets(await pool.balanceOf(address));
    const gains = [
      (await worth(people.depositor.address)) - 100_000_000n * UNIT,
      (await worth(people.stranger.address)) - 300_000_000n * UNIT,
    ];
    // A tenth is the institution's; a cent or so is nobody's, who made the seed deposit.
    expect(gains.map((gain) => (gain + 1n) / UNIT)).to.deep.equal([899n, 2_699n]);
  });
});

/** A loan comes and goes, and its `interest` minor units have come into the price. */
async function earn(world: World, interest: bigint): Promise<void> {
  const { firstDay } = await draftFromPool(world);
  const { loanId } = await fund(world, {
    schedule: rows([firstDay], 100_000n, interest, 0n),
    earlySettlement: 0,
  });
  await repay(world, loanId, 2n ** 40n);
  await networkHelpers.time.increase(8 * 86_400);
  expect(await world.pool.balanceOf(NOBODY)).to.be.greaterThan(0n);
}

/** A loan is written off. */
async function lose(world: World): Promise<void> {
  const { loanId, agreement } = await fund(world);
  await networkHelpers.time.increase((agreement.firstDay - agreement.disburseFromDay + 2) * 86_400);
  await as(world.people.supervisor, world.pool).writeOff(loanId);
}
