import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type { loanBookAbi } from "../../chain/abi.ts";
import { roles } from "../../scripts/deploy/module.ts";
import { accountOf, as, deployHelper, deployLinked, ethers } from "./support/chain.ts";
import { draftFromPool, fund, fundAgreement } from "./support/pool.ts";
import {
  deployPool,
  fundedInstitution,
  govern,
  institution,
  type LoanBook,
  limits,
  load,
  poolRules,
  UNIT,
  UTC_OFFSET,
  type World,
} from "./support/world.ts";

describe("A pool cannot be deployed", () => {
  it("with rules that no pool should have", async () => {
    const world = await load(institution);
    const refused: [Partial<typeof poolRules>, string, bigint, bigint][] = [
      [{ utcOffset: 50_460 }, "utcOffset", 50_460n, 50_400n],
      [{ utcOffset: -50_460 }, "utcOffset", 50_460n, 50_400n],
      [{ utcOffset: -(2 ** 31) }, "utcOffset", 2n ** 31n, 50_400n],
      [{ utcOffset: 30 }, "utcOffset", 30n, 50_400n],
      [{ nonAccrualDays: 3_661n }, "nonAccrualDays", 3_661n, 3_660n],
      [{ writeOffDays: 3_661n }, "writeOffDays", 3_661n, 3_660n],
      [{ managementFeeBps: 10_001n }, "managementFeeBps", 10_001n, 10_000n],
      [{ coverFloorBps: 10_001n }, "coverFloorBps", 10_001n, 10_000n],
      [{ kycPolicy: 0n }, "kycPolicy", 0n, 2n ** 32n - 1n],
    ];
    for (const [changes, rule, value, most] of refused) {
      await expect(deployPool(world, changes), rule)
        .to.be.revertedWithCustomError(world.pool, "LendingPoolRuleOutOfBounds")
        .withArgs(rule, value, most);
    }
  });

  it("with ageing rules that fall, or none", async () => {
    const world = await load(institution);
    await expect(deployPool(world, { ageing: [] })).to.be.revert(ethers);
    const falling = [
      { moreThanDays: 0n, provisionBps: 100n },
      { moreThanDays: 30n, provisionBps: 99n },
    ];
    await expect(deployPool(world, { ageing: falling })).to.be.revert(ethers);
    // Without a rule for all that is late, interest would be provided for too late.
    await expect(deployPool(world, { ageing: [{ moreThanDays: 1n, provisionBps: 100n }] })).to.be.revert(
      ethers,
    );
  });

  it("in a currency whose sums would not fit", async () => {
    const world = await load(institution);
    const dollar = await deployHelper("OddToken", [19]);
    await expect(deployPool({ ...world, dollar }))
      .to.be.revertedWithCustomError(world.pool, "LendingPoolRuleOutOfBounds")
      .withArgs("assetDecimals", 19n, 18n);
    await deployPool({ ...world, dollar: await deployHelper("OddToken", [18]) });
  });

  it("without a loan book or without somebody who knows who may borrow", async () => {
    const world = await load(institution);
    for (const [field, missing] of [
      ["loanBook", { book: ZeroAddress }],
      ["kycOracle", { registry: ZeroAddress }],
    ] as const) {
      await expect(deployPool({ ...world, ...missing } as unknown as World))
        .to.be.revertedWithCustomError(world.pool, "LendingPoolZeroAddress")
        .withArgs(field);
    }
  });
});

describe("A pool", () => {
  it("tells its rules and limits as they were given, and whom it deals with", async () => {
    const { pool, book, registry, dollar } = await load(institution);
    const rules = (await pool.rules()).toObject(true);
    expect({ ...rules, utcOffset: Number(rules.utcOffset) }).to.deep.equal(poolRules);
    expect((await pool.limits()).toObject()).to.deep.equal(limits);
    expect([
      await pool.loanBook(),
      await pool.kycOracle(),
      await pool.asset(),
      await pool.utcOffset(),
    ]).to.deep.equal([
      await book.getAddress(),
      await registry.getAddress(),
      await dollar.getAddress(),
      BigInt(UTC_OFFSET),
    ]);
  });

  it("says which standards it keeps, and no more", async () => {
    const { pool } = await load(institution);
    const idOf = (...names: string[]) => {
      const selectors = names.map((name) => BigInt(pool.interface.getFunction(name)?.selector ?? 0));
      return ethers.toBeHex(
        selectors.reduce((id, selector) => id ^ selector),
        4,
      );
    };
    const ids = {
      erc165: [idOf("supportsInterface"), "0x01ffc9a7"],
      operators: [idOf("setOperator", "isOperator"), "0xe3bc4e65"],
      asyncRedeem: [idOf("requestRedeem", "pendingRedeemRequest", "claimableRedeemRequest"), "0x620ee8e4"],
      vault: ["0x2f0a18c5", "0x2f0a18c5"],
    };
    for (const [name, [computed, known]] of Object.entries(ids)) {
      expect(computed, name).to.equal(known);
      expect(await pool.supportsInterface(computed), name).to.equal(true);
    }
    // The asynchronous deposit of ERC-7540, and what ERC-165 reserves.
    for (const id of ["0xce3bbe50", "0xffffffff"]) expect(await pool.supportsInterface(id)).to.equal(false);
    expect(await pool.share()).to.equal(await pool.getAddress());
  });

  it("stops new business while paused, and nothing else", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, book } = world;
    const { loanId } = await fund(world);
    await as(people.guardian, pool).pause();
    await expect(fund(world)).to.be.revertedWithCustomError(pool, "EnforcedPause");
    await as(people.borrower, book).repay(loanId, 40_000n);
    const me = people.depositor.address;
    const half = (await pool.balanceOf(me)) / 2n;
    await as(people.depositor, pool).requestRedeem(half, me, me);
    await pool.fulfilRedemptions(1);
    await as(people.depositor, pool).redeem(half, me, me);
    await as(people.depositor, pool).redeemNow(half / 2n, me, 0);
    await govern(world, pool, "collectFees", [people.governor.address]);
    await govern(world, pool, "unpause", []);
    await fund(world);
  });

  it("changes its limits by the governor's decision alone, at once for what comes", async () => {
    const world = await load(fundedInstitution);
    const changed = { ...limits, maxPrincipal: 29_999n * UNIT };
    await expect(govern(world, world.pool, "setLimits", [changed]))
      .to.emit(world.pool, "LimitsSet")
      .withArgs(Object.values(changed));
    await expect(fund(world))
      .to.be.revertedWithCustomError(world.pool, "LendingPoolLimit")
      .withArgs("principal", 30_000n * UNIT, 29_999n * UNIT);
  });
});

describe("Another loan book", () => {
  async function adopt(world: World): Promise<LoanBook> {
    const { manager, wallets, pool, dollar } = world;
    const metadata = await ethers.deployContract("LoanMetadata");
    const other = await deployLinked<typeof loanBookAbi>("LoanBook", [manager, wallets, metadata]);
    await govern(world, other, "setCurrency", [await dollar.getAddress(), true]);
    await govern(world, other, "registerPool", [await pool.getAddress()]);
    await expect(govern(world, pool, "adoptLoanBook", [await other.getAddress()]))
      .to.emit(pool, "LoanBookAdopted")
      .withArgs(await other.getAddress());
    return other;
  }

  it("must be somewhere, and must know the pool before anything is lent in it", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    await expect(govern(world, pool, "adoptLoanBook", [ZeroAddress]))
      .to.be.revertedWithCustomError(pool, "LendingPoolZeroAddress")
      .withArgs("loanBook");
    const second = await deployPool(world);
    const agreement = await draftFromPool(world, {}, { pool: second });
    const selectors = [second.getFunction("originate").fragment.selector];
    const rule = [await second.getAddress(), selectors, roles.underwriter];
    await govern(world, world.manager, "setTargetFunctionRole", rule);
    await expect(as(people.underwriter, second).originate(agreement, "0x"))
      .to.be.revertedWithCustomError(second, "LendingPoolNotRegistered")
      .withArgs(await second.getAddress());
  });

  it("takes new loans from then on; running ones go on where they are", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, dollar, book } = world;
    const { loanId: old } = await fund(world);
    const other = await adopt(world);
    expect(await pool.loanBook()).to.equal(await other.getAddress());
    for (const known of [book, other]) expect(await pool.isLoanBook(await known.getAddress())).to.equal(true);
    expect(await pool.isLoanBook(people.stranger.address)).to.equal(false);

    const domain = { ...world.domain, verifyingContract: (await other.getAddress()) as `0x${string}` };
    const there: World = { ...world, book: other, domain };
    const agreement = await draftFromPool(there);
    await fundAgreement(there, agreement);
    const young = await other.loanIdOf(agreement);
    expect(await other.ownerOf(young)).to.equal(await pool.getAddress());

    await as(people.borrower, dollar).approve(await other.getAddress(), 10n ** 30n);
    await as(people.borrower, other).repay(young, 10_000n);
    await as(people.borrower, book).repay(old, 10_000n);
    const { outstanding } = await pool.books();
    expect(outstanding).to.equal(
      2n * 30_000n * UNIT -
        ((await book.loanOf(old)).paid.principal + (await other.loanOf(young)).paid.principal) * UNIT,
    );
  });

  it("speaks of its own loans alone", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { loanId } = await fund(world);
    const other = await adopt(world);
    const caller = await accountOf(other);
    await expect(as(caller, pool).onCancelled(loanId, 1n, false))
      .to.be.revertedWithCustomError(pool, "LendingPoolNotLoanBook")
      .withArgs(caller.address);
  });
});
