import { expect } from "chai";
import type { ContractTransactionResponse, EventLog, Result } from "ethers";
import { type Instalment, signedTotals } from "../../../lending/agreement.ts";
import type { Components } from "../../../lending/allocation.ts";
import { GOVERNOR_DELAY_S } from "../../../scripts/deploy/module.ts";
import { as, networkHelpers, type Signer, todayIn } from "./chain.ts";
import { components, readPayment, sign } from "./loans.ts";
import { draftFromPool, SHARES } from "./pool.ts";
import type { Loan } from "./pool-model.ts";
import type { Account, PoolRun } from "./pool-run.ts";
import { draftRestructuring, signRestructuring } from "./restructuring.ts";

type Hex = `0x${string}`;

/** What may happen, and how often. */
const WEIGHTS = {
  deposit: 8,
  mint: 2,
  request: 8,
  fulfil: 7,
  claim: 6,
  redeemNow: 4,
  lend: 16,
  activate: 5,
  cancel: 2,
  giveBack: 2,
  repay: 34,
  reverse: 6,
  restructure: 6,
  writeOff: 4,
  sell: 2,
  topUp: 4,
  withdrawCover: 2,
  collectFees: 2,
  collectHeld: 5,
  donate: 1,
  roll: 4,
  block: 2,
} as const;

type Act = keyof typeof WEIGHTS;

/** While the token refuses the pool, only what needs no tokens of it can happen. */
const WHILE_BLOCKED: readonly Act[] = [
  "repay",
  "cancel",
  "giveBack",
  "roll",
  "block",
  "writeOff",
  "restructure",
];

/** Lets something happen. What is impossible at the moment is refused or left out. @returns Its name. */
export async function act(run: PoolRun): Promise<string> {
  let name: Act = run.random.weighted(WEIGHTS);
  if (run.blocked && !WHILE_BLOCKED.includes(name)) name = "block";
  await ACTS[name](run);
  run.events += 1;
  return name;
}

const ACTS: Record<Act, (run: PoolRun) => Promise<void>> = {
  async deposit(run) {
    const lender = run.random.pick(run.lenders);
    const assets = someAmount(run);
    const shares = (assets * (run.model.supply + SHARES)) / ((await assetsNext(run)) + 1n);
    await as(lender, run.pool).deposit(assets, lender.address);
    run.model.cash += assets;
    run.model.supply += shares;
  },

  async mint(run) {
    const lender = run.random.pick(run.lenders);
    const shares = someAmount(run) * SHARES + run.random.bigInt(0n, SHARES);
    const [supply, total] = [run.model.supply + SHARES, (await assetsNext(run)) + 1n];
    await as(lender, run.pool).mint(shares, lender.address);
    run.model.cash += (shares * total + supply - 1n) / supply;
    run.model.supply += shares;
  },

  async request(run) {
    const lender = run.random.pick(run.lenders);
    const shares = await someShares(run, lender);
    const controller = run.random.pick(run.lenders);
    if (shares === 0n) return;
    const second = await nextSecond(run);
    const worth = run.model.priceOf(shares, run.model.exitAssets(second));
    const { minRedemption } = await run.pool.rules();
    const request = as(lender, run.pool).requestRedeem(shares, controller.address, lender.address);
    if (worth < minRedemption) {
      await expect(request).to.be.revertedWithCustomError(run.pool, "LendingPoolRequestTooSmall");
      return;
    }
    await request;
    run.model.queue.push(controller.address, shares);
  },

  async fulfil(run) {
    const most = run.random.int(1, 6);
    const second = await nextSecond(run);
    const served = run.model.serve(most, second);
    const fulfil = run.pool.fulfilRedemptions(most);
    if (served > 0) await fulfil;
    else await expect(fulfil).to.be.revertedWithCustomError(run.pool, "LendingPoolNothingToFulfil");
  },

  async claim(run) {
    const controller = run.random.pick(run.lenders);
    const claim = run.model.queue.claimOf(controller.address);
    if (claim.assets === 0n) return;
    const pool = as(controller, run.pool);
    const part = { shares: claim.shares, assets: claim.assets };
    if (run.random.chance(50)) {
      part.shares = run.random.bigInt(0n, claim.shares);
      part.assets = (part.shares * claim.assets) / claim.shares;
      await pool.redeem(part.shares, controller.address, controller.address);
    } else {
      part.assets = run.random.bigInt(0n, claim.assets);
      part.shares = (part.assets * claim.shares) / claim.assets;
      await pool.withdraw(part.assets, controller.address, controller.address);
    }
    run.model.queue.claim(controller.address, part);
  },

  async redeemNow(run) {
    const lender = run.random.pick(run.lenders);
    const shares = await someShares(run, lender);
    if (shares === 0n) return;
    const second = await nextSecond(run);
    const assets = run.model.priceOf(shares, run.model.exitAssets(second));
    const redeem = as(lender, run.pool).redeemNow(shares, lender.address, assets);
    if (run.model.queue.waiting() > 0n) {
      await expect(redeem).to.be.revertedWithCustomError(run.pool, "LendingPoolRedemptionsFirst");
    } else if (assets > run.model.cash) {
      await expect(redeem).to.be.revertedWithCustomError(run.pool, "LendingPoolInsufficientCash");
    } else {
      await redeem;
      run.model.cash -= assets;
      run.model.supply -= shares;
    }
  },

  async lend(run) {
    const { random, world } = run;
    const borrower = random.pick(run.borrowers);
    const throughDesk = random.chance(30);
    const today = await todayIn(run.model.utcOffset);
    const schedule = someSchedule(run, today + 6);
    const unit = random.pick([1n, 100n, 10_000n]);
    const { principal } = signedTotals(schedule);
    const payee = (throughDesk ? world.desk.address : borrower.address) as Hex;
    const agreement = await draftFromPool(
      world,
      {
        currency: (await run.token.getAddress()) as Hex,
        unit,
        payee,
        schedule,
        disburseUntilDay: today + 5,
        upfrontFee: random.chance(30) ? (principal * random.bigInt(0n, 20n)) / 100n : 0n,
        coolingOffDays: random.chance(40) ? 14 : 0,
        reversalDays: 40,
        earlySettlement: random.int(0, 1),
        penaltyCap: 100_000n,
        utcOffset: run.model.utcOffset,
      },
      { pool: run.pool, borrower },
    );
    const loanId = (await world.book.loanIdOf(agreement)) as Hex;
    await as(world.people.approver, run.pool).approveLoan(loanId);
    const signature = await sign(world, "borrower", agreement, borrower);
    const second = await nextSecond(run);
    const originate = as(world.people.underwriter, run.pool).originate(agreement, signature);
    const refusal = await refusalOf(run, principal * unit, second);
    if (refusal !== undefined) {
      await expect(originate).to.be.revertedWithCustomError(run.pool, refusal);
      return;
    }
    await originate;
    run.model.serve(8, second);
    const [id, after] = [run.accounts.length, await run.positionOf(loanId)];
    const upfrontFee = agreement.upfrontFee * unit;
    const loan = {
      borrower: borrower.address,
      originated: principal * unit,
      upfrontFee,
      coolingOffDays: agreement.coolingOffDays,
      unit,
      rows: schedule,
    };
    run.model.fund(id, loan, after);
    if (!throughDesk) run.model.start(id, after, second);
    run.accounts.push({ id, loanId, borrower });
  },

  async activate(run) {
    const account = someAccount(run, ["funded"]);
    if (account === undefined) return;
    const loan = run.model.loan(account.id);
    const { disburseUntilDay } = await run.world.book.loanOf(account.loanId);
    const activate = as(account.borrower, run.world.book).activate(account.loanId, "0x");
    const today = run.model.dayOf(await nextSecond(run));
    if (today > Number(disburseUntilDay)) {
      await expect(activate).to.be.revertedWithCustomError(
        run.world.book,
        "LoanBookOutsideDisbursementWindow",
      );
      return;
    }
    await activate;
    run.model.start(account.id, await run.positionOf(account.loanId), await run.now());
    expect(loan.booking).to.equal("accruing");
  },

  async cancel(run) {
    const account = someAccount(run, ["funded"]);
    if (account === undefined) return;
    await as(account.borrower, run.world.book).cancel(account.loanId);
    run.model.cancel(account.id, run.blocked);
  },

  async giveBack(run) {
    const account = someAccount(run, ["accruing"]);
    if (account === undefined) return;
    const { book } = run.world;
    const loan = await book.loanOf(account.loanId);
    const today = run.model.dayOf(await nextSecond(run));
    const lastDay = Number(loan.startDay + loan.coolingOffDays);
    const may = loan.coolingOffDays > 0n && loan.version === 1n && today <= lastDay;
    if (!may) return;
    await as(account.borrower, book).returnLoan(account.loanId);
    run.model.giveBack(account.id, run.blocked, await run.now());
  },

  async repay(run) {
    const account = someAccount(run, ["accruing", "accruing", "cashBasis", "writtenOff"]);
    if (account === undefined) return;
    const { book, desk } = run.world;
    const amount = await someRepayment(run, account);
    const payer = run.random.chance(40) ? desk : account.borrower;
    const sent: ContractTransactionResponse = await as(payer, book).repay(account.loanId, amount);
    const { paid, closed } = await readPayment(book, sent);
    const reversible = payer === desk && run.model.loan(account.id).booking !== "writtenOff";
    const after = await run.positionOf(account.loanId);
    run.model.pay(account.id, { paid, after, closed, held: run.blocked, reversible }, await run.now());
  },

  async reverse(run) {
    const accounts = run.accounts.filter(({ id }) => run.model.loans.get(id)?.latest !== undefined);
    if (accounts.length === 0) return;
    const account = run.random.pick(accounts);
    const loan = run.model.loan(account.id);
    const { book, desk } = run.world;
    const record = await latestRecord(run, account.loanId);
    const reverse = () => as(desk, book).reverse(account.loanId, record);
    const second = await nextSecond(run);
    if (run.model.dayOf(second) > Number(record.day) + 40) {
      await expect(reverse()).to.be.revertedWithCustomError(book, "LoanBookReversalTooLate");
      return;
    }
    const paid = components(record.paid);
    const fees = feesOf(loan, paid);
    const collectable = run.model.collectable(await nextSecond(run));
    if (fees > collectable) {
      await expect(reverse())
        .to.be.revertedWithCustomError(run.pool, "LendingPoolFeesCollected")
        .withArgs(fees, collectable);
      return;
    }
    if (sumOf(paid) * loan.unit - fees > run.model.cash) {
      await expect(reverse()).to.be.revertedWithCustomError(run.pool, "LendingPoolInsufficientCash");
      return;
    }
    await reverse();
    run.model.reverse(account.id, await run.now());
    expect(await run.positionOf(account.loanId)).to.deep.equal(run.model.loan(account.id).position);
  },

  async restructure(run) {
    const account = someAccount(run, ["accruing", "cashBasis"]);
    if (account === undefined) return;
    const { world, random, pool } = run;
    const { book, people } = world;
    // Two approvals come before it, the first perhaps at a second that was fixed for a call that was refused.
    const second = (await run.now()) + 120;
    const today = run.model.dayOf(second);
    const payoff = components(await book.payoff(account.loanId, today));
    const most = payoff.penalty + payoff.fee + payoff.interest;
    const capitalised = random.pick([0n, most, random.bigInt(0n, most)]);
    const owed = run.model.loan(account.id).position.outstandingPrincipal + capitalised;
    if (owed === 0n) return;
    const schedule = someSchedule(run, today + 1, owed);
    const restructuring = await draftRestructuring(world, account.loanId, [today + 1], {
      capitalised,
      schedule,
      ...signedTotals(schedule),
    });
    const digest = await book.restructuringDigest(2, restructuring);
    for (const approver of [people.approver, people.secondApprover])
      await as(approver, pool).approveLoan(digest);
    const signature = await signRestructuring(world, "borrower", restructuring, account.borrower);
    await networkHelpers.time.setNextBlockTimestamp(second);
    await as(people.underwriter, pool).restructure(restructuring, signature);
    const after = await run.positionOf(account.loanId);
    run.model.restructure(account.id, schedule, after, second);
  },

  async writeOff(run) {
    const account = someAccount(run, ["accruing", "cashBasis"]);
    if (account === undefined) return;
    const { people, book } = run.world;
    const second = await nextSecond(run);
    const late = run.model.dayOf(second) - run.model.loan(account.id).position.lateFromDay;
    const { writeOffDays } = await run.pool.rules();
    const byRule = late > Number(writeOffDays);
    const writeOff = as(byRule ? people.stranger : people.supervisor, run.pool).writeOff(account.loanId);
    if (late <= 0) {
      await expect(writeOff).to.be.revertedWithCustomError(book, "LoanBookNotOverdue");
      return;
    }
    await writeOff;
    run.model.writeOff(account.id, await run.now());
  },

  async sell(run) {
    const account = someAccount(run, ["accruing", "cashBasis"]);
    if (account === undefined) return;
    const { people } = run.world;
    const price = run.model.carryingOf(account.id, await run.now()) + run.random.bigInt(0n, 10_000_000n);
    await as(people.supervisor, run.pool).sellNote(account.loanId, people.compliance.address, price);
    const second = await nextSecond(run);
    const buy = as(people.compliance, run.pool).buyNote(account.loanId, price, 0n);
    if (price < run.model.carryingOf(account.id, second)) {
      await expect(buy).to.be.revertedWithCustomError(run.pool, "LendingPoolPriceTooLow");
      return;
    }
    await buy;
    run.model.sell(account.id, price, await run.now());
  },

  async topUp(run) {
    const amount = run.random.chance(20) ? 1n : someAmount(run) / 20n + 1n;
    await as(run.world.people.supervisor, run.pool).depositCover(amount);
    run.model.raiseCover(amount, await run.now());
  },

  async withdrawCover(run) {
    const { people } = run.world;
    const amount = run.random.bigInt(0n, run.model.cover);
    if (amount === 0n) return;
    const withdraw = await decide(run, "withdrawCover", [amount, people.governor.address]);
    const today = run.model.dayOf(await nextSecond(run));
    const { ageing } = run.model;
    const late = ageing.portfolioAtRisk(0, today) + ageing.interestAtRisk(0, today);
    const { outstanding, funded } = run.model.books();
    const { coverFloorBps } = await run.pool.rules();
    if (late > 0n) {
      await expect(withdraw()).to.be.revertedWithCustomError(run.pool, "LendingPoolCoverLocked");
    } else if ((run.model.cover - amount) * 10_000n < coverFloorBps * (outstanding + funded)) {
      await expect(withdraw()).to.be.revertedWithCustomError(run.pool, "LendingPoolCoverTooLow");
    } else {
      await withdraw();
      run.model.collectHeld();
      run.model.lowerCover(amount);
    }
  },

  async collectFees(run) {
    const collect = await decide(run, "collectFees", [run.world.people.governor.address]);
    const second = await nextSecond(run);
    if (run.model.collectable(second) === 0n) {
      await expect(collect()).to.be.revertedWithCustomError(run.pool, "LendingPoolAmountZero");
      return;
    }
    await collect();
    run.model.collectHeld();
    run.model.collectFees(second);
  },

  async collectHeld(run) {
    if (run.model.held === 0n) return;
    await run.pool.collectHeldCash();
    run.model.collectHeld();
  },

  async donate(run) {
    const amount = someAmount(run);
    await as(run.world.people.stranger, run.token).transfer(await run.pool.getAddress(), amount);
    run.donated += amount;
  },

  async roll(run) {
    await run.pool.roll(run.random.pick([0, 1, 3, 400]));
    run.model.settleUncovered(await run.now());
  },

  async block(run) {
    run.blocked = !run.blocked;
    await run.token.setBlocked(await run.pool.getAddress(), run.blocked);
  },
};

/* CHOICES */

function someAmount({ random }: PoolRun): bigint {
  const kind = random.weighted({ dust: 1, usual: 8, large: 1 });
  if (kind === "dust") return random.bigInt(1n, 1_000n);
  return kind === "usual" ? random.bigInt(10n ** 7n, 10n ** 9n) : random.bigInt(10n ** 9n, 10n ** 11n);
}

async function someShares({ pool, random }: PoolRun, lender: Signer): Promise<bigint> {
  const balance = (await pool.balanceOf(lender.address)) as bigint;
  return random.chance(20) ? balance : random.bigInt(0n, balance);
}

/** 1 to 8 instalments from `firstDay` on: of a cent, without interest, far apart; `principal` in all if it is given. */
function someSchedule({ random }: PoolRun, firstDay: number, principal?: bigint): Instalment[] {
  const count = random.int(1, 8);
  let day = firstDay;
  let left = principal ?? random.bigInt(BigInt(count), random.pick([100n, 100_000n, 5_000_000n]));
  return Array.from({ length: count }, (_, index) => {
    const isLast = index === count - 1;
    const part = isLast ? left : random.pick([0n, left / BigInt(count - index), random.bigInt(0n, left)]);
    left -= part;
    const interest = random.pick([0n, 1n, random.bigInt(0n, 20_000n), random.bigInt(0n, 20_000n)]);
    const row = { day, principal: part, interest, fee: random.chance(30) ? random.bigInt(0n, 900n) : 0n };
    day += random.pick([1, 7, 7, 30, 30, random.int(2, 40)]);
    return row.principal + row.interest + row.fee === 0n ? { ...row, interest: 1n } : row;
  });
}

function someAccount(run: PoolRun, bookings: Loan["booking"][]): Account | undefined {
  const booking = run.random.pick(bookings);
  const accounts = run.accounts.filter(({ id }) => run.model.loans.get(id)?.booking === booking);
  return accounts.length === 0 ? undefined : run.random.pick(accounts);
}

/** A part, an instalment, all that is due, all of it, or anything. */
async function someRepayment(run: PoolRun, { loanId }: Account): Promise<bigint> {
  const { book } = run.world;
  const today = run.model.dayOf(await nextSecond(run));
  const kind = run.random.weighted({ due: 40, row: 30, part: 15, payoff: 10, any: 5 });
  const payoff = sumOf(components(await book.payoff(loanId, today)));
  if (kind === "payoff") return payoff + run.random.bigInt(0n, 5n);
  if (kind === "any") return run.random.bigInt(1n, payoff + 1n);
  const due = sumOf(components(await book.due(loanId, today)));
  if (kind === "due" && due > 0n) return due;
  const { nextInstalment } = await book.loanOf(loanId);
  const { unpaid } = await book.instalment(loanId, nextInstalment);
  const row = sumOf(components(unpaid)) + 1n;
  return kind === "part" ? run.random.bigInt(1n, row) : row - (row > 1n ? 1n : 0n);
}

/* TIME */

/** The second of the next transaction, from now on fixed. */
async function nextSecond(run: PoolRun): Promise<number> {
  const second = (await run.now()) + run.random.int(1, 60);
  await networkHelpers.time.setNextBlockTimestamp(second);
  return second;
}

/** A governor's decision that may be carried out by now. */
async function decide({ world, pool }: PoolRun, name: string, args: unknown[]) {
  const { governor } = world.people;
  const data = pool.interface.encodeFunctionData(name, args);
  await as(governor, world.manager).schedule(await pool.getAddress(), data, 0);
  await networkHelpers.time.increase(GOVERNOR_DELAY_S);
  return () =>
    as(governor, pool)
      .getFunction(name)
      .send(...args);
}

/** The lenders' assets in the second of the next transaction. */
async function assetsNext(run: PoolRun): Promise<bigint> {
  return run.model.totalAssets(await nextSecond(run));
}

/* FIGURES */

/** Why the pool would not lend `principal`, if it would not. */
async function refusalOf(run: PoolRun, principal: bigint, second: number): Promise<string | undefined> {
  const { waiting, cash } = run.model.afterServing(8, second);
  if (waiting > 0n) return "LendingPoolRedemptionsFirst";
  const { outstanding, funded, cover } = run.model.books();
  const { coverFloorBps } = await run.pool.rules();
  const lent = outstanding + funded + principal;
  if (cover * 10_000n < coverFloorBps * lent) return "LendingPoolCoverTooLow";
  return principal > cash ? "LendingPoolInsufficientCash" : undefined;
}

function sumOf({ penalty, fee, interest, principal }: Components): bigint {
  return penalty + fee + interest + principal;
}

/** The institution's part of a loan's latest payment. */
function feesOf({ latest, unit }: Loan, paid: Components): bigint {
  return (paid.fee + paid.interest) * unit - (latest?.net ?? 0n);
}

/** The record of the latest payment, as its event tells it. */
async function latestRecord({ world: { book } }: PoolRun, loanId: string) {
  const events = await book.queryFilter("PaymentRecorded");
  const records = events
    .map((event) => (event as EventLog).args)
    .filter((args) => args.loanId === loanId)
    .map(({ record }) => (record as Result).toObject(true));
  return records.at(-1) as { day: bigint; paid: Components };
}
