import { expect } from "chai";
import type { Result } from "ethers";
import { as, deployHelper, networkHelpers, type Signer } from "./chain.ts";
import { type DeskWorld, withDesk } from "./desk.ts";
import type { OddToken } from "./odd.ts";
import { newPool } from "./pool.ts";
import { PoolModel, type Position } from "./pool-model.ts";
import type { Seeded } from "./seeded.ts";
import { anchor, govern, type LendingPool, type poolRules } from "./world.ts";

export interface Setting {
  rules: typeof poolRules;
  /** Cover that is there from the beginning. */
  cover: bigint;
}

/** A loan of the run, as the driver knows it. The model has the same number for it. */
export interface Account {
  id: number;
  loanId: string;
  borrower: Signer;
}

const DAY_S = 86_400;

/** One pool on the chain and the same in brute force. `pool-acts.ts` has what may happen to them. */
export class PoolRun {
  readonly world: DeskWorld;
  readonly pool: LendingPool;
  readonly token: OddToken;
  readonly model: PoolModel;
  readonly random: Seeded;
  readonly accounts: Account[] = [];
  readonly borrowers: readonly Signer[];
  readonly lenders: readonly Signer[];
  /** Tokens that somebody sent to the pool. */
  donated = 0n;
  /** The token refuses the pool. */
  blocked = false;
  events = 0;

  private constructor(
    world: DeskWorld,
    pool: LendingPool,
    token: OddToken,
    model: PoolModel,
    random: Seeded,
  ) {
    this.world = world;
    this.pool = pool;
    this.token = token;
    this.model = model;
    this.random = random;
    const { borrower, stranger, lender, depositor, deployer, governor } = world.people;
    this.borrowers = [borrower, stranger, lender];
    this.lenders = [depositor, deployer, governor];
  }

  static async begin({ rules, cover }: Setting, random: Seeded): Promise<PoolRun> {
    const world = await networkHelpers.loadFixture(withDesk);
    const token: OddToken = await deployHelper("OddToken", [6]);
    await govern(world, world.book, "setCurrency", [await token.getAddress(), true]);
    const pool = await newPool(world, rules, token, { maxCostBps: 2n ** 32n - 1n });
    const { utcOffset, nonAccrualDays, managementFeeBps } = rules;
    const model = new PoolModel({
      utcOffset,
      nonAccrualDays: Number(nonAccrualDays),
      managementFeeBps,
      ageing: rules.ageing.map(({ moreThanDays, provisionBps }) => ({
        moreThanDays: Number(moreThanDays),
        provisionBps: Number(provisionBps),
      })),
    });
    const run = new PoolRun(world, pool, token, model, random);
    await run.#equip(cover);
    return run;
  }

  /** Everybody has tokens and allowances; the borrowers have KYC. */
  async #equip(cover: bigint): Promise<void> {
    const { book, desk, people } = this.world;
    const [bookAddress, poolAddress] = [await book.getAddress(), await this.pool.getAddress()];
    for (const payer of [...this.borrowers, desk]) {
      await this.token.mint(payer.address, 10n ** 30n);
      await as(payer, this.token).approve(bookAddress, 10n ** 30n);
    }
    for (const payer of [...this.lenders, people.supervisor, people.compliance]) {
      await this.token.mint(payer.address, 10n ** 30n);
      await as(payer, this.token).approve(poolAddress, 10n ** 30n);
    }
    for (const borrower of this.borrowers) await anchor(this.world, borrower.address);
    if (cover === 0n) return;
    await as(people.supervisor, this.pool).depositCover(cover);
    this.model.raiseCover(cover, await this.now());
  }

  async now(): Promise<number> {
    return await networkHelpers.time.latest();
  }

  /** Lets time pass without touching the pool. */
  async pass(): Promise<void> {
    const kind = this.random.weighted({ none: 30, hours: 25, boundary: 15, days: 24, long: 6 });
    if (kind === "none") return;
    const now = await this.now();
    const { startOf, dayOf } = this.model.accruals;
    const boundary = startOf.call(this.model.accruals, dayOf.call(this.model.accruals, now) + 1);
    const later = {
      hours: now + this.random.int(1, 7_200),
      boundary: boundary + this.random.int(-1, 1),
      days: now + this.random.int(1, 9 * DAY_S),
      long: now + this.random.int(9, 60) * DAY_S,
    }[kind];
    if (later > now) await networkHelpers.time.increaseTo(later);
  }

  /** Where the book says a loan stands. */
  async positionOf(loanId: string): Promise<Position> {
    const { position } = await this.world.book.positionOf(loanId);
    return {
      nextInstalment: Number(position.nextInstalment),
      periodStartDay: Number(position.periodStartDay),
      lateFromDay: Number(position.lateFromDay),
      outstandingPrincipal: position.outstandingPrincipal,
      partPaidInterest: position.partPaidInterest,
      curing: position.curing,
    };
  }

  /** The pool says what brute force says, about everything, in the latest block. */
  async check(after: string): Promise<void> {
    const message = `after ${this.events} events, the last one ${after}`;
    const second = await this.now();
    await this.#checkBooks(second, message);
    await this.#checkFigures(second, message);
    await this.#checkQueue(message);
    await this.#checkTokens(message);
  }

  async #checkBooks(second: number, message: string): Promise<void> {
    const books: Result = await this.pool.books();
    expect(books.toObject(), message).to.deep.equal(this.model.books());
    const [recognised, assets, supply] = await Promise.all([
      this.pool.recognised(),
      this.pool.totalAssets(),
      this.pool.totalSupply(),
    ]);
    expect({ recognised, assets, supply }, message).to.deep.equal({
      recognised: this.model.recognised(second),
      assets: this.model.totalAssets(second),
      supply: this.model.supply,
    });
  }

  async #checkFigures(second: number, message: string): Promise<void> {
    const { model, pool, random } = this;
    const [days, borrower] = [random.int(0, 130), random.pick(this.borrowers)];
    const today = model.dayOf(second);
    const figures = {
      provisions: await pool.provisions(),
      atRisk: await pool.portfolioAtRisk(days),
      deduction: await pool.exitDeduction(),
      exit: await pool.convertToExitAssets(10n ** 24n),
      exposure: await pool.exposureOf(borrower.address),
    };
    expect(figures, message).to.deep.equal({
      provisions: model.ageing.provision(today),
      atRisk: model.ageing.portfolioAtRisk(days, today),
      deduction: model.exitDeduction(second),
      exit: model.priceOf(10n ** 24n, model.exitAssets(second)),
      exposure: model.exposureOf(borrower.address),
    });
    const account = this.accounts.length === 0 ? undefined : random.pick(this.accounts);
    if (account === undefined || !model.loans.has(account.id)) return;
    expect(await pool.carryingValueOf(account.loanId), message).to.equal(
      model.carryingOf(account.id, second),
    );
  }

  async #checkQueue(message: string): Promise<void> {
    const { queue } = this.model;
    const { lastRequestId, pendingShares } = await this.pool.redemptionQueue();
    expect({ lastRequestId, pendingShares }, message).to.deep.equal({
      lastRequestId: BigInt(queue.requests.length),
      pendingShares: queue.waiting(),
    });
    expect(await this.pool.balanceOf(await this.pool.getAddress()), message).to.equal(pendingShares);
    if (queue.requests.length === 0) return;
    const { id, controller, waiting, claimable } = this.random.pick(queue.requests);
    const claim = queue.claimOf(controller);
    expect(
      {
        waiting: await this.pool.pendingRedeemRequest(id, controller),
        claimable: await this.pool.claimableRedeemRequest(id, controller),
        shares: await this.pool.maxRedeem(controller),
        assets: await this.pool.maxWithdraw(controller),
      },
      message,
    ).to.deep.equal({ waiting, claimable, ...claim });
  }

  /** Every token is somebody's. */
  async #checkTokens(message: string): Promise<void> {
    const { cash, held, reserved, cover, fees } = this.model.books();
    const address = await this.pool.getAddress();
    const here = (await this.token.balanceOf(address)) as bigint;
    const inBook = (await this.world.book.heldFor(await this.token.getAddress(), address)) as bigint;
    let waiting = 0n;
    for (const { booking, upfrontFee } of this.model.loans.values()) {
      if (booking === "funded") waiting += upfrontFee;
    }
    const expected = cash + held + reserved + cover + fees + waiting + this.donated;
    expect(here + inBook, message).to.equal(expected);
  }
}
