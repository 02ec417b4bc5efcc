import { expect } from "chai";
import fc from "fast-check";
import type { Agreement } from "../../lending/agreement.ts";
import { roles } from "../../scripts/deploy/module.ts";
import { accountOf, as, deployHelper, goToDay, networkHelpers } from "./support/chain.ts";
import { components, draft, parts, repay, sign } from "./support/loans.ts";
import { lendFromPool, lendOdd, type OddWorld, oddInstitution } from "./support/odd.ts";
import {
  deployPool,
  fundedInstitution,
  govern,
  institution,
  load,
  UNIT,
  UTC_OFFSET,
  type World,
} from "./support/world.ts";

type Hex = `0x${string}`;

describe("A pool's loan", () => {
  describe("is refused", () => {
    it("for another lender, in another currency or in another UTC offset", async () => {
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

    it("while the book does not know the pool: nobody would report its repayments", async () => {
      const world = await load(institution);
      const { book, dollar, manager, people } = world;
      const pool = await deployPool(manager, book, dollar);
      const address = (await pool.getAddress()) as Hex;
      const selector = pool.interface.getFunction("originate")?.selector;
      await govern(world, manager, "setTargetFunctionRole", [address, [selector], roles.underwriter]);
      const agreement = await draft(world, { lender: address });
      await expect(as(people.underwriter, pool).originate(agreement, "0x"))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotRegistered")
        .withArgs(address);
    });

    it("when there is not the cash for it; what the borrower does not get need not be there", async () => {
      const world = await load(institution);
      const { pool, people } = world;
      const cash = 29_000n * UNIT;
      await as(people.depositor, pool).deposit(cash, people.depositor.address);
      await expect(fund(world))
        .to.be.revertedWithCustomError(pool, "LendingPoolInsufficientCash")
        .withArgs(30_000n * UNIT, cash);
      await expect(fund(world, { upfrontFee: 999n }))
        .to.be.revertedWithCustomError(pool, "LendingPoolInsufficientCash")
        .withArgs(29_001n * UNIT, cash);
      await fund(world, { upfrontFee: 1_000n });
      expect([
        await pool.cash(),
        await pool.outstandingPrincipal(),
        await pool.incomeReceived(),
      ]).to.deep.equal([0n, 30_000n * UNIT, 1_000n * UNIT]);
    });

    it("from tokens that somebody sent to the pool", async () => {
      const world = await load(institution);
      await as(world.people.stranger, world.dollar).transfer(await world.pool.getAddress(), 10n ** 12n);
      await expect(fund(world))
        .to.be.revertedWithCustomError(world.pool, "LendingPoolInsufficientCash")
        .withArgs(30_000n * UNIT, 0n);
    });

    it("while the pool or the book is paused", async () => {
      for (const paused of ["pool", "book"] as const) {
        const world = await load(fundedInstitution);
        await as(world.people.guardian, world[paused]).pause();
        await expect(fund(world)).to.be.revertedWithCustomError(world[paused], "EnforcedPause");
      }
    });

    it("without the borrower's signature, or for terms that she did not sign", async () => {
      const world = await load(fundedInstitution);
      const { pool, people, book } = world;
      const agreement = await draft(world, { lender: (await pool.getAddress()) as Hex });
      const signature = await sign(world, "borrower", agreement, people.borrower);
      for (const changed of [agreement, { ...agreement, penaltyCap: 6_000n }]) {
        const attempt = as(people.underwriter, pool).originate(
          changed,
          changed === agreement ? "0x" : signature,
        );
        await expect(attempt)
          .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
          .withArgs(agreement.borrower, 1);
      }
      expect(await pool.outstandingPrincipal()).to.equal(0n);
    });

    it("with an upfront fee above the principal", async () => {
      const world = await load(fundedInstitution);
      await expect(fund(world, { upfrontFee: 30_001n })).to.be.revertedWithPanic(0x11);
    });
  });

  it("is booked at what it lends, and each payment where it belongs", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    const agreement = await draft(world, { lender: (await pool.getAddress()) as Hex, upfrontFee: 500n });
    const loanId = await world.book.loanIdOf(agreement);
    const signature = await sign(world, "borrower", agreement, people.borrower);
    const supply = await pool.totalSupply();
    const cash = 100_000_000n;
    await expect(as(people.underwriter, pool).originate(agreement, signature))
      .to.emit(pool, "LoanFunded")
      .withArgs(loanId, 30_000n * UNIT, 500n * UNIT)
      .and.to.emit(pool, "PoolUpdated")
      .withArgs((cash - 29_500n) * UNIT, 0n, 30_000n * UNIT, 500n * UNIT, supply);
    expect(await world.book.ownerOf(loanId)).to.equal(await pool.getAddress());

    await goToDay(agreement.firstDay + 15, UTC_OFFSET);
    const { transaction, paid } = await repay(world, loanId, 11_211n);
    expect(paid).to.deep.equal(parts(111n, 100n, 1_000n, 10_000n));
    await expect(transaction)
      .to.emit(pool, "RepaymentBooked")
      .withArgs(loanId, 10_000n * UNIT, 1_211n * UNIT)
      .and.to.emit(pool, "PoolUpdated")
      .withArgs((cash - 29_500n + 11_211n) * UNIT, 0n, 20_000n * UNIT, 1_711n * UNIT, supply);
    await checkBooks(world);
  });

  it("is repaid while the pool is paused", async () => {
    const world = await load(fundedInstitution);
    const loanId = await world.book.loanIdOf(await fund(world));
    await as(world.people.guardian, world.pool).pause();
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    expect(await world.pool.outstandingPrincipal()).to.equal(0n);
  });

  it("is booked by the book's word alone", async () => {
    const world = await load(fundedInstitution);
    const { people, pool, dollar } = world;
    const signers = [...Object.values(people), await accountOf(pool), await accountOf(dollar)];
    for (const signer of signers) {
      await expect(as(signer, pool).onRepaid(`0x${"00".repeat(32)}`, parts(0n, 0n, 0n, 1n), UNIT, false))
        .to.be.revertedWithCustomError(pool, "LendingPoolNotLoanBook")
        .withArgs(signer.address);
    }
  });

  it("of somebody else, whose note the pool was given, changes no book: it pays like a donation", async () => {
    const world = await networkHelpers.loadFixture(oddInstitution);
    const loanId = await lendOdd(world);
    const { lender } = world.people;
    await as(lender, world.book).transferFrom(lender.address, await world.oddPool.getAddress(), loanId);
    const assets = await world.oddPool.totalAssets();
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    expect(await world.oddPool.totalAssets()).to.equal(assets);
  });

  it("cannot have another owner: the pool has no way to give its note away", async () => {
    const world = await load(fundedInstitution);
    const { book, people, pool } = world;
    const loanId = await world.book.loanIdOf(await fund(world));
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

describe("A pool", () => {
  it("is refused with an offset that no place on earth has", async () => {
    const { manager, book, dollar, pool } = await load(institution);
    for (const offset of [50_460, -50_460, 30]) {
      await expect(deployPool(manager, book, dollar, offset))
        .to.be.revertedWithCustomError(pool, "LendingPoolUtcOffsetOutOfBounds")
        .withArgs(offset);
    }
  });

  it("is registered once, and only in a currency that is allowed", async () => {
    const world = await load(institution);
    const { book, manager, pool } = world;
    const address = await pool.getAddress();
    expect([await book.isPool(address), await book.isPool(await book.getAddress())]).to.deep.equal([
      true,
      false,
    ]);
    await expect(govern(world, book, "registerPool", [address]))
      .to.be.revertedWithCustomError(book, "LoanBookPoolAlreadyRegistered")
      .withArgs(address);
    const odd = await deployHelper("OddToken", [6]);
    const other = await deployPool(manager, book, odd);
    await expect(govern(world, book, "registerPool", [await other.getAddress()]))
      .to.be.revertedWithCustomError(book, "LoanBookCurrencyNotAllowed")
      .withArgs(await odd.getAddress());
    const third = await deployPool(manager, book, world.dollar, 0);
    await expect(govern(world, book, "registerPool", [await third.getAddress()]))
      .to.emit(book, "PoolRegistered")
      .withArgs(await third.getAddress(), await world.dollar.getAddress(), 0);
  });

  it("keeps books that equal its tokens, and a price that never falls, whatever happens", async function () {
    this.timeout(60_000);
    const act = fc.record({
      kind: fc.constantFrom(...Object.keys(acts), "lend", "repay"),
      size: fc.bigInt(1n, 100_000_000n * UNIT),
      days: fc.nat(40),
    });
    const property = fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 24 }), async (history) => {
      const world = await networkHelpers.loadFixture(oddInstitution);
      const run: Run = { world, loans: [], donated: 0n, upfrontFees: 0n, blocked: false };
      let price = await world.oddPool.convertToAssets(10n ** 36n);
      for (const { kind, size, days } of history) {
        await networkHelpers.time.increase(days * 86_400 + 1);
        await perform(run, kind, size);
        await checkInvariants(run);
        const now = await world.oddPool.convertToAssets(10n ** 36n);
        expect(now >= price, `price after ${kind}: ${price} -> ${now}`).to.equal(true);
        price = now;
      }
    });
    await fc.assert(property, { numRuns: 20, seed: 44 });
  });
});

/** The usual agreement with `changes`, signed by the borrower and funded by the pool. */
async function fund(world: World, changes: Partial<Agreement> = {}): Promise<Agreement> {
  const { pool, people } = world;
  const agreement = await draft(world, { lender: (await pool.getAddress()) as Hex, ...changes });
  const signature = await sign(world, "borrower", agreement, people.borrower);
  await as(people.underwriter, pool).originate(agreement, signature);
  return agreement;
}

async function checkBooks({ pool, dollar, book }: World): Promise<void> {
  const address = await pool.getAddress();
  expect(await pool.cash()).to.equal(await dollar.balanceOf(address));
  expect(await pool.heldCash()).to.equal(await book.heldFor(await dollar.getAddress(), address));
  const [cash, held, outstanding] = await Promise.all([
    pool.cash(),
    pool.heldCash(),
    pool.outstandingPrincipal(),
  ]);
  expect(await pool.totalAssets()).to.equal(cash + held + outstanding);
}

interface Run {
  world: OddWorld;
  loans: string[];
  donated: bigint;
  upfrontFees: bigint;
  blocked: boolean;
}

/** One act of a random history; what is impossible at the moment is left out. */
async function perform(run: Run, kind: string, size: bigint): Promise<void> {
  const act = acts[kind];
  const needsTokens = kind !== "collect" && kind !== "block" && kind !== "repay";
  if (act !== undefined && !(run.blocked && needsTokens)) await act(run, size);
}

const acts: Record<string, (run: Run, size: bigint) => Promise<void>> = {
  async deposit({ world }, size) {
    await mine(world).deposit(size, world.people.depositor.address);
  },
  async mint({ world }, size) {
    await mine(world).mint(size * CROOKED, world.people.depositor.address);
  },
  async withdraw({ world }, size) {
    const me = world.people.depositor.address;
    await mine(world).withdraw(smaller(size, await world.oddPool.maxWithdraw(me)), me, me);
  },
  async redeem({ world }, size) {
    const me = world.people.depositor.address;
    await mine(world).redeem(smaller(size * CROOKED, await world.oddPool.maxRedeem(me)), me, me);
  },
  async donate(run, size) {
    const { oddPool, people, token } = run.world;
    run.donated += size;
    await as(people.stranger, token).transfer(await oddPool.getAddress(), size);
  },
  async lend(run, size) {
    if ((await run.world.oddPool.cash()) < 30_000n * UNIT) return;
    run.loans.push(await lendFromPool(run.world, { upfrontFee: size % 30_000n }));
    run.upfrontFees += size % 30_000n;
  },
  async repay({ world, loans }, size) {
    const loanId = loans[Number(size % BigInt(loans.length || 1))];
    if (loanId === undefined || (await world.book.loanOf(loanId)).state !== 1n) return;
    await repay(world, loanId, (size % 40_000n) + 1n);
  },
  async block(run) {
    run.blocked = !run.blocked;
    await run.world.token.setBlocked(await run.world.oddPool.getAddress(), run.blocked);
  },
  async collect({ world, blocked }) {
    if (!blocked && (await world.oddPool.heldCash()) > 0n) await world.oddPool.collectHeldCash();
  },
};

/** Shares that are no round number of assets. */
const CROOKED = 1_000_003n;

function mine({ oddPool, people }: OddWorld) {
  return as(people.depositor, oddPool);
}

function smaller(a: bigint, b: bigint): bigint {
  return [a, b].sort((x, y) => Number(x - y))[0] ?? 0n;
}

async function checkInvariants({ world, loans, donated, upfrontFees }: Run): Promise<void> {
  const { oddPool: pool, token, book } = world;
  const address = await pool.getAddress();
  const [cash, held, outstanding, income, total] = await Promise.all([
    pool.cash(),
    pool.heldCash(),
    pool.outstandingPrincipal(),
    pool.incomeReceived(),
    pool.totalAssets(),
  ]);
  let [principal, earned] = [0n, upfrontFees * UNIT];
  for (const loanId of loans) {
    const loan = await book.loanOf(loanId);
    const paid = components(loan.paid);
    principal += (loan.principal - paid.principal) * UNIT;
    earned += (paid.penalty + paid.fee + paid.interest) * UNIT;
  }
  expect(cash + donated, "cash").to.equal(await token.balanceOf(address));
  expect(held, "held").to.equal(await book.heldFor(await token.getAddress(), address));
  expect(await token.balanceOf(await book.getAddress()), "the book holds what it owes").to.equal(held);
  expect(outstanding, "outstanding principal").to.equal(principal);
  expect(income, "income").to.equal(earned);
  expect(total, "total assets").to.equal(cash + held + outstanding);
}
