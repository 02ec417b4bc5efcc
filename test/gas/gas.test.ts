import { readFile, writeFile } from "node:fs/promises";
import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import type { Agreement } from "../../lending/agreement.ts";
import { log } from "../../platform/log.ts";
import { as, deployHelper, goToDay, type Helper, provider, todayIn } from "../contracts/support/chain.ts";
import { draft, repay, rows, sign } from "../contracts/support/loans.ts";
import { anchor, institution, UTC_OFFSET, type World } from "../contracts/support/world.ts";
import { type Account, accountOf, type Trace } from "./account.ts";

type Hex = `0x${string}`;
type Crowd = Helper<"borrow" | "approver">;

const SNAPSHOT = new URL("../contracts/snapshots/gas.json", import.meta.url);
const ACCOUNT = new URL("../contracts/snapshots/gas-account.json", import.meta.url);
/** Calls with a budget: the snapshot says where their gas goes. */
const ACCOUNTED = ["deposit", "originate.12", "repay.onTime", "repayMany.20"];
/** EIP-7825: gas that one transaction may use. */
const MAX_TRANSACTION_GAS = 2n ** 24n;

const WRITE = process.env.AHADI_GAS === "write";
/** Outstanding loans beside those that keep every day bucket that is touched non-zero. The greatest takes two minutes. */
const SIZES = WRITE || process.env.AHADI_DEEP === "1" ? [1, 100, 10_000] : [1, 100];
const LOANS_A_CALL = 24;
/** Days over which their first due days are spread. */
const SPREAD = 28;
const PERIOD_DAYS = 7;
const ROW = 11_100n;

type Gas = Record<string, Record<string, number>>;
/** Of a call: its transaction's own gas and what it got back, and the rest by contract. */
type Accounts = Record<
  string,
  { used: number; transaction: number; refund: number; by: Record<string, Account> }
>;

/**
 * What a call costs, by the number of loans that are outstanding. In a process of its own, because what is signed here, and
 * so the price of its zero bytes, follows from what ran before. `npm run gas` writes the snapshot; a difference that is not
 * committed fails. Everything is measured on the second use, when the slots are no longer zero; first touches are `.cold`.
 */
describe("Gas", function () {
  this.timeout(600_000);

  it("is what the committed snapshot says, whatever the number of loans", async () => {
    const gas: Gas = {};
    const accounts: Accounts = {};
    for (const size of SIZES) {
      const started = performance.now();
      for (const [name, used] of Object.entries(await measureAt(size, size === 1 ? accounts : undefined))) {
        gas[name] = { ...gas[name], [size]: used };
      }
      log.info(`gas at ${size} loans took ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
    if (WRITE) {
      await writeFile(SNAPSHOT, `${JSON.stringify(gas, null, 2)}\n`);
      await writeFile(ACCOUNT, `${JSON.stringify(accounts, null, 2)}\n`);
      return;
    }
    expect(accounts, "run `npm run gas` and commit what it writes").to.deep.equal(
      JSON.parse(await readFile(ACCOUNT, "utf8")),
    );
    const committed = JSON.parse(await readFile(SNAPSHOT, "utf8")) as Gas;
    for (const { used, refund } of Object.values(accounts)) {
      // EIP-3529: at most a fifth of what was used. Anything else means that the account does not add up.
      expect(refund).to.be.within(0, used / 4);
    }
    const measured = Object.entries(committed).map(([name, bySize]) => [
      name,
      Object.fromEntries(SIZES.map((size) => [size, bySize[size]])),
    ]);
    expect(gas, "run `npm run gas` and commit what it writes").to.deep.equal(Object.fromEntries(measured));
  });

  it("differs by no more than 2 % between one loan and ten thousand", async () => {
    const committed = JSON.parse(await readFile(SNAPSHOT, "utf8")) as Gas;
    for (const [name, bySize] of Object.entries(committed)) {
      const figures = Object.values(bySize);
      expect(Math.max(...figures) / Math.min(...figures), name).to.be.at.most(1.02);
      expect(Math.max(...figures), name).to.be.below(Number(MAX_TRANSACTION_GAS));
    }
  });
});

/** A pool with cash and `size` loans, all weekly; the days of the loans that are measured are those of the neighbours. */
async function populated(size: number): Promise<{ world: World; days: number[] }> {
  const world = await institution();
  const { people, pool, book, registry, manager } = world;
  await as(people.depositor, pool).deposit(10n ** 14n, people.depositor.address);
  const crowd: Crowd = await deployHelper("Crowd");
  const borrower = (await crowd.getAddress()) as Hex;
  await anchor({ people, registry }, borrower);
  const { governor } = people;
  for (const underwriter of [borrower, await crowd.approver()]) {
    const data = manager.interface.encodeFunctionData("grantRole", [1n, underwriter, 0]);
    await as(governor, manager).schedule(await manager.getAddress(), data, 0);
    await goToDay((await todayIn(UTC_OFFSET)) + 3, UTC_OFFSET);
    await as(governor, manager).grantRole(1n, underwriter, 0);
  }
  const days = await weekly(12);
  const template = async (first: number) =>
    await draft(world, {
      borrower,
      payee: borrower,
      lender: (await pool.getAddress()) as Hex,
      schedule: rows(days.map((day) => day + first)),
    });
  const lend = async (agreement: Agreement, from: number, count: number, spread: number) =>
    await crowd.borrow(pool, book, agreement, from, count, spread, { gasLimit: MAX_TRANSACTION_GAS });
  // The neighbours: one whose first due day is each of the days that are measured, and those after them.
  for (let k = 0; k < 16; k++) await lend(await template(k * PERIOD_DAYS), k, 1, 1);
  const spread = await template(0);
  for (let made = 0; made < size; made += LOANS_A_CALL) {
    await lend(spread, 1000 + made, Math.min(LOANS_A_CALL, size - made), SPREAD);
  }
  return { world, days };
}

async function weekly(count: number): Promise<number[]> {
  const firstDay = (await todayIn(UTC_OFFSET)) + 30;
  return Array.from({ length: count }, (_, index) => firstDay + PERIOD_DAYS * index);
}

async function measureAt(size: number, accounts?: Accounts): Promise<Record<string, number>> {
  const { world, days } = await populated(size);
  const { people, pool, book } = world;
  const gas: Record<string, number> = {};
  const names = await namesOf(world);
  const measure = async (name: string, call: Promise<ContractTransactionResponse>): Promise<void> => {
    const transaction = await call;
    const used = Number((await transaction.wait())?.gasUsed);
    gas[name] = used;
    if (accounts && ACCOUNTED.includes(name)) accounts[name] = await accountFor(transaction, used, names);
  };
  const lend = async (count: number, name?: string): Promise<string> => {
    const lender = (await pool.getAddress()) as Hex;
    const schedule = rows(Array.from({ length: count }, (_, index) => (days[0] ?? 0) + PERIOD_DAYS * index));
    const agreement = await draft(world, { lender, schedule });
    const loanId = await book.loanIdOf(agreement);
    await as(people.approver, pool).approveLoan(loanId);
    const call = as(people.underwriter, pool).originate(
      agreement,
      await sign(world, "borrower", agreement, people.borrower),
    );
    if (name === undefined) await call;
    else await measure(name, call);
    return loanId;
  };

  await measure("deposit.cold", as(people.depositor, pool).deposit(10n ** 9n, people.stranger.address));
  await measure("deposit", as(people.depositor, pool).deposit(10n ** 9n, people.stranger.address));
  await lend(12, "originate.12.cold");
  for (const count of [6, 12, 24, 52]) await lend(count, `originate.${count}`);
  const ids: string[] = [];
  for (let i = 0; i < 30; i++) ids.push(await lend(12));
  const [onTime = "", late = "", partial = "", early = "", bad = ""] = ids;
  const group = ids.slice(5, 25);
  const goTo = async (day: number): Promise<void> => {
    await goToDay(day, UTC_OFFSET);
    while (!(await pool.roll.staticCall(30))) await pool.roll(30);
    await pool.roll(30);
  };
  const pay = async (loanId: string, amount: bigint) => (await repay(world, loanId, amount)).transaction;
  const sheet = group.map((loanId) => ({ loanId, amount: ROW }));

  await goTo(days[0] ?? 0);
  await measure("repay.onTime.cold", pay(onTime, ROW));
  for (const loanId of [late, partial, early]) await pay(loanId, ROW);
  await as(people.borrower, book).repayMany(sheet);
  await goTo(days[1] ?? 0);
  await pay(ids[25] ?? "", ROW);
  await measure("repay.onTime", pay(onTime, ROW));
  await measure("repayMany.20", as(people.borrower, book).repayMany(sheet));
  await pay(partial, 5_000n);
  await measure("repay.partial", pay(partial, 1_000n));
  await measure("repay.payoff", pay(early, 2n ** 60n));
  await goTo((days[1] ?? 0) + 12);
  await pay(late, 3_000n);
  await measure("repay.late", pay(late, ROW));
  await goTo((days[0] ?? 0) + 200);
  await measure("writeOff", as(people.supervisor, pool).writeOff(bad));

  const shares = 10n ** 12n;
  const { depositor } = people;
  const leaving = as(depositor, pool);
  await measure(
    "requestRedeem.cold",
    leaving.requestRedeem(shares * 1000n, depositor.address, depositor.address),
  );
  await measure("requestRedeem", leaving.requestRedeem(shares * 1000n, depositor.address, depositor.address));
  await measure("fulfilRedemptions.2", leaving.fulfilRedemptions(2));
  await measure("claim", leaving.redeem(shares, depositor.address, depositor.address));
  gas["repayMany.20"] = Math.round((gas["repayMany.20"] ?? 0) / group.length);
  return gas;
}

async function namesOf(world: World): Promise<Map<string, string>> {
  const contracts = {
    LoanBook: world.book,
    LendingPool: world.pool,
    KycRegistry: world.registry,
    WalletRecovery: world.wallets,
    AccessManager: world.manager,
    token: world.dollar,
  };
  const entries = Object.entries(contracts).map(async ([name, contract]) => {
    return [(await contract.getAddress()).toLowerCase(), name] as const;
  });
  return new Map(await Promise.all(entries));
}

async function accountFor(
  { hash, data, to }: ContractTransactionResponse,
  used: number,
  names: Map<string, string>,
): Promise<Accounts[string]> {
  const trace = (await provider.request({
    method: "debug_traceTransaction",
    params: [hash, { disableStorage: true, disableMemory: true }],
  })) as Trace;
  const bytes = Buffer.from(data.slice(2), "hex");
  const transaction = 21_000 + bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
  const by = accountOf(trace, to ?? "", names);
  const executed = Object.values(by)
    .flatMap((account) => Object.values(account))
    .reduce((sum, { gas }) => sum + gas, 0);
  return { used, transaction, refund: transaction + executed - used, by };
}
