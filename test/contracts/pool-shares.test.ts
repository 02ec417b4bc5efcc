import { expect } from "chai";
import { as, ethers } from "./support/chain.ts";
import { draft, repay, sign } from "./support/loans.ts";
import { fundedInstitution, institution, type LendingPool, load, UNIT, type World } from "./support/world.ts";

type Hex = `0x${string}`;

/** 1,000.00 in base units. */
const THOUSAND = 100_000n * UNIT;
/** Shares carry six more decimals than the asset. */
const SHARES = 10n ** 6n;

describe("Shares of the pool", () => {
  describe("are refused", () => {
    it("beyond what somebody owns, and beyond the idle cash", async () => {
      const world = await load(fundedInstitution);
      const { pool, people } = world;
      const { depositor } = people;
      const mine = await pool.balanceOf(depositor.address);
      await expect(as(depositor, pool).redeem(mine + 1n, depositor.address, depositor.address))
        .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxRedeem")
        .withArgs(depositor.address, mine + 1n, mine);
      await lendAll(world, 99_999_999n);
      expect(await pool.cash()).to.equal(UNIT);
      expect(await pool.maxWithdraw(depositor.address)).to.equal(UNIT);
      await expect(as(depositor, pool).withdraw(UNIT + 1n, depositor.address, depositor.address))
        .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxWithdraw")
        .withArgs(depositor.address, UNIT + 1n, UNIT);
      await as(depositor, pool).withdraw(UNIT, depositor.address, depositor.address);
      expect([await pool.cash(), await pool.maxRedeem(depositor.address)]).to.deep.equal([0n, 0n]);
    });

    it("to those who would take another's without an allowance", async () => {
      const { pool, people } = await load(fundedInstitution);
      const { stranger, depositor } = people;
      const thief = as(stranger, pool);
      for (const attempt of [
        thief.redeem(SHARES, stranger.address, depositor.address),
        thief.withdraw(1n, stranger.address, depositor.address),
        thief.transferFrom(depositor.address, stranger.address, SHARES),
      ]) {
        await expect(attempt)
          .to.be.revertedWithCustomError(pool, "ERC20InsufficientAllowance")
          .withArgs(stranger.address, 0n, SHARES);
      }
    });

    it("while the pool is paused, when they are new; leaving is never stopped", async () => {
      const { pool, people } = await load(fundedInstitution);
      const depositor = as(people.depositor, pool);
      const me = people.depositor.address;
      await as(people.guardian, pool).pause();
      expect([await pool.maxDeposit(me), await pool.maxMint(me)]).to.deep.equal([0n, 0n]);
      await expect(depositor.deposit(1n, me))
        .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxDeposit")
        .withArgs(me, 1n, 0n);
      await expect(depositor.mint(SHARES, me))
        .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxMint")
        .withArgs(me, SHARES, 0n);
      await depositor.withdraw(THOUSAND, me, me);
      await depositor.redeem(await pool.maxRedeem(me), me, me);
      expect(await pool.totalSupply()).to.equal(0n);
    });
  });

  it("know their asset, their decimals and their names", async () => {
    const { pool, dollar, book } = await load(institution);
    expect([await pool.asset(), await pool.loanBook()]).to.deep.equal([
      await dollar.getAddress(),
      await book.getAddress(),
    ]);
    expect([await pool.decimals(), await pool.name(), await pool.symbol()]).to.deep.equal([
      12n,
      "Ahadi Pool",
      "aTUSD",
    ]);
  });

  it("are priced by the previews to the last unit, in each of the four ways", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    await earn(world, 333n);
    const me = people.depositor.address;
    const mine = as(people.depositor, pool);
    const ways: [string, bigint, unknown[], string][] = [
      ["deposit", 1_234_567n, [me], "previewDeposit"],
      ["mint", 7_654_321_987n, [me], "previewMint"],
      ["withdraw", 999_999n, [me, me], "previewWithdraw"],
      ["redeem", 123_456_789_123n, [me, me], "previewRedeem"],
    ];
    for (const [way, amount, rest, preview] of ways) {
      const previewed = await pool.getFunction(preview)(amount);
      expect(await mine.getFunction(way).staticCall(amount, ...rest), way).to.equal(previewed);
      await mine.getFunction(way).send(amount, ...rest);
    }
  });

  it("round in favour of those who stay, at any price", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    await earn(world, 12_345n);
    for (const amount of [1n, 7n, 999_999n, THOUSAND + 1n]) {
      const shares = await pool.previewDeposit(amount);
      expect((await pool.previewRedeem(shares)) <= amount).to.equal(true);
      expect((await pool.previewWithdraw(amount)) >= shares).to.equal(true);
      const minted = amount * SHARES;
      expect((await pool.previewMint(minted)) >= (await pool.previewRedeem(minted))).to.equal(true);
    }
  });

  it("do not move in price when somebody sends tokens to the pool", async () => {
    const { pool, dollar, people } = await load(fundedInstitution);
    const figures = () => Promise.all([pool.totalAssets(), pool.cash(), pool.convertToAssets(10n ** 18n)]);
    const before = await figures();
    await as(people.stranger, dollar).transfer(await pool.getAddress(), 10n ** 20n);
    expect(await figures()).to.deep.equal(before);
  });

  it("cannot be made worthless for the second depositor by the first", async () => {
    const { pool, dollar, people } = await load(institution);
    const { stranger: attacker, depositor: victim } = people;
    await as(attacker, dollar).approve(await pool.getAddress(), 10n ** 30n);
    const before = await dollar.balanceOf(attacker.address);
    await as(attacker, pool).deposit(1n, attacker.address);
    await as(attacker, dollar).transfer(await pool.getAddress(), THOUSAND);
    await as(victim, pool).deposit(THOUSAND / 2n, victim.address);
    expect(await pool.maxWithdraw(victim.address)).to.equal(THOUSAND / 2n);
    await as(attacker, pool).redeem(
      await pool.balanceOf(attacker.address),
      attacker.address,
      attacker.address,
    );
    expect(before - (await dollar.balanceOf(attacker.address))).to.equal(THOUSAND);
  });

  it("cannot be made worthless through the income of a loan that the first depositor takes himself", async () => {
    const world = await load(institution);
    const { pool, people } = world;
    await as(people.depositor, pool).deposit(UNIT, people.depositor.address);
    const loan = await lendAll(world, 1n, 10n ** 9n);
    await repay(world, loan, 2n ** 40n);
    await as(people.depositor, pool).deposit(THOUSAND, people.stranger.address);
    expect((await pool.maxWithdraw(people.stranger.address)) * 1_000n >= THOUSAND * 999n).to.equal(true);
  });

  it("earn what borrowers pay beyond principal, each share alike", async () => {
    const world = await load(fundedInstitution);
    const { pool, dollar, people } = world;
    await as(people.stranger, dollar).approve(await pool.getAddress(), 10n ** 30n);
    await as(people.stranger, pool).deposit(300_000_000n * UNIT, people.stranger.address);
    await earn(world, 4_000n);
    const worth = (address: string) => pool.maxWithdraw(address) as Promise<bigint>;
    const gains = [
      (await worth(people.depositor.address)) - 100_000_000n * UNIT,
      (await worth(people.stranger.address)) - 300_000_000n * UNIT,
    ];
    expect(gains.map((gain) => (gain + 1n) / UNIT)).to.deep.equal([1_000n, 3_000n]);
  });

  it("when all are redeemed leave a pool that takes deposits again, at a price near the old one", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    await earn(world, 5_000n);
    const me = people.depositor.address;
    await as(people.depositor, pool).redeem(await pool.maxRedeem(me), me, me);
    expect(await pool.totalSupply()).to.equal(0n);
    expect((await pool.totalAssets()) < 10n).to.equal(true);
    await as(people.depositor, pool).deposit(THOUSAND, me);
    expect(THOUSAND - (await pool.maxWithdraw(me)) <= 10n).to.equal(true);
  });

  it("move the cash they say, and the books with it", async () => {
    const { pool, dollar, people } = await load(fundedInstitution);
    const { depositor, stranger } = people;
    const depositing = as(depositor, pool).deposit(THOUSAND, stranger.address);
    await expect(depositing).to.changeTokenBalances(ethers, dollar, [depositor, pool], [-THOUSAND, THOUSAND]);
    await expect(depositing)
      .to.emit(pool, "PoolUpdated")
      .withArgs(100_000_000n * UNIT + THOUSAND, 0n, 0n, 0n, (100_000_000n * UNIT + THOUSAND) * SHARES);
    const leaving = as(stranger, pool).withdraw(THOUSAND, depositor.address, stranger.address);
    await expect(leaving).to.changeTokenBalances(ethers, dollar, [depositor, pool], [THOUSAND, -THOUSAND]);
    await expect(leaving)
      .to.emit(pool, "PoolUpdated")
      .withArgs(100_000_000n * UNIT, 0n, 0n, 0n, 100_000_000n * UNIT * SHARES);
    await checkBooks(pool, dollar);
  });
});

/** The pool lends `principal` minor units in one instalment with `interest`. */
async function lendAll(world: World, principal: bigint, interest = 0n): Promise<string> {
  const { pool, people } = world;
  const usual = await draft(world, { lender: (await pool.getAddress()) as Hex });
  const schedule = [{ day: usual.lastDay, principal, interest, fee: 0n }];
  const agreement = await draft(world, { lender: usual.lender, schedule, earlySettlement: 0 });
  const signature = await sign(world, "borrower", agreement, people.borrower);
  await as(people.underwriter, pool).originate(agreement, signature);
  return await world.book.loanIdOf(agreement);
}

/** A loan comes and goes and leaves `interest` minor units in the pool. */
async function earn(world: World, interest: bigint): Promise<void> {
  await repay(world, await lendAll(world, 1_000n, interest), 2n ** 40n);
}

async function checkBooks(pool: LendingPool, dollar: World["dollar"]): Promise<void> {
  expect(await pool.cash()).to.equal(await dollar.balanceOf(await pool.getAddress()));
}
