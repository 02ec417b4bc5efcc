import { expect } from "chai";
import { log } from "../../platform/log.ts";
import type { Period } from "./support/accrual-model.ts";
import { type AccrualHarness, done, shown } from "./support/accrual-run.ts";
import type { BracketsHarness } from "./support/brackets-run.ts";
import { deployHelper } from "./support/chain.ts";

const START_DAY = 20_600;
const NOON_S = 43_200;

/** A day's second: the books of this file count in UTC. */
const noon = (day: number): number => day * 86_400 + NOON_S;

/** Twelve instalments, thirty days apart. */
const PERIODS: Period[] = Array.from({ length: 12 }, (_, index) => ({
  from: START_DAY + 1 + 30 * index,
  to: START_DAY + 31 + 30 * index,
  interest: 1_234_567n - BigInt(index) * 91_003n,
}));

/** The days that the operations below touch. */
const TOUCHED = [1, 18, 31, 51, 61, 74, 91, 121].map((days) => START_DAY + days);

const LOANS_A_CALL = 500;

/** The numbers of other loans; the greatest takes a minute to make. */
const SIZES = process.env.AHADI_DEEP === "1" ? [0, 1, 100, 10_000] : [0, 1, 100];

/** Gas of each operation in an accrual book with `loans` other loans, and at least one, on every day that is touched. */
async function accrualGas(loans: number): Promise<Record<string, bigint>> {
  const harness: AccrualHarness = await deployHelper("AccrualHarness", [0, noon(START_DAY), 30]);
  for (const to of TOUCHED) {
    const other = [{ from: START_DAY + 1, to: to === START_DAY + 1 ? to + 1 : to, interest: 77_777_777n }];
    for (let left = Math.ceil(loans / TOUCHED.length); left > 0; left -= LOANS_A_CALL) {
      await (await harness.openMany(other, noon(START_DAY), Math.min(left, LOANS_A_CALL))).wait();
    }
  }
  const gas: Record<string, bigint> = {};
  const measure = async (name: string, ...sent: Parameters<typeof done>): Promise<void> => {
    gas[name] = (await done(...sent)).gasUsed;
  };
  const open = (id: number) => harness.open(id, shown(PERIODS, 0), noon(START_DAY));
  const pay = (id: number, day: number) => harness.advance(id, shown(PERIODS, 0, 1), 1, noon(day));
  const end = (id: number, received: bigint) =>
    harness.close(id, shown(PERIODS, 0), received, noon(START_DAY + 10));

  await measure("open", harness, open(1));
  for (const id of [2, 3, 4, 5]) await done(harness, open(id));
  gas["view, rolled today"] = await harness.gasOfView(noon(START_DAY));
  gas["view, 10 days behind"] = await harness.gasOfView(noon(START_DAY + 10));
  await measure("roll of 10 days", harness, harness.roll(noon(START_DAY + 10), 365));
  await measure("advance, early", harness, pay(1, START_DAY + 10));
  await measure("close, payoff", harness, end(2, 9_999_999n));
  await measure("close, write-off", harness, end(3, 0n));
  await measure("stream", harness, harness.stream(10n ** 24n, noon(START_DAY + 10)));
  await measure(
    "cancel",
    harness,
    harness.cancel(10n ** 24n, noon(START_DAY + 10), noon(START_DAY + 10) + 60),
  );
  await done(harness, harness.roll(noon(START_DAY + 33), 365));
  await measure("advance, three days late", harness, pay(4, START_DAY + 33));
  await done(harness, harness.roll(noon(START_DAY + 66), 365));
  await measure("advance, after the stop", harness, pay(5, START_DAY + 66));
  return gas;
}

const RULES = [
  { moreThanDays: 0, provisionBps: 100 },
  { moreThanDays: 30, provisionBps: 2_500 },
  { moreThanDays: 60, provisionBps: 5_000 },
  { moreThanDays: 90, provisionBps: 10_000 },
];

/** Principal with a fifth of it as interest. */
function of(principal: bigint) {
  return { principal, interest: principal / 5n };
}

async function bracketsGas(loans: number): Promise<Record<string, bigint>> {
  const harness: BracketsHarness = await deployHelper("BracketsHarness", [RULES, START_DAY]);
  const due = [-100, -70, -40, -5, 30, 60].map((days) => START_DAY + days);
  for (const day of due) {
    for (let left = Math.max(Math.ceil(loans / due.length), 1); left > 0; left -= LOANS_A_CALL) {
      await (await harness.addMany(day, of(5_000_000n), Math.min(left, LOANS_A_CALL))).wait();
    }
  }
  const gas: Record<string, bigint> = {};
  const measure = async (name: string, ...sent: Parameters<typeof done>): Promise<void> => {
    gas[name] = (await done(...sent)).gasUsed;
  };
  await measure("brackets: add", harness, harness.add(START_DAY + 30, of(4_000_000n)));
  await measure(
    "brackets: move, on time",
    harness,
    harness.move(START_DAY + 30, of(4_000_000n), START_DAY + 60, of(3_500_000n)),
  );
  await measure(
    "brackets: move, cured after 100 days",
    harness,
    harness.move(START_DAY - 100, of(4_000_000n), START_DAY + 60, of(3_500_000n)),
  );
  await measure("brackets: remove, part payment", harness, harness.remove(START_DAY + 60, of(100_000n)));
  await measure(
    "brackets: remove, write-off after 70 days",
    harness,
    harness.remove(START_DAY - 70, of(100_000n)),
  );
  gas["brackets: view, rolled today"] = await harness.gasOfView(10n ** 12n, START_DAY);
  gas["brackets: view, 10 days behind"] = await harness.gasOfView(10n ** 12n, START_DAY + 10);
  await measure("brackets: roll of 10 days", harness, harness.roll(START_DAY + 10, 365));
  return gas;
}

describe("What a touch of the pool's aggregates costs", () => {
  it("does not depend on the number of loans", async function () {
    this.timeout(600_000);
    const tables: Map<string, bigint>[] = [];
    for (const loans of SIZES) {
      tables.push(new Map(Object.entries({ ...(await accrualGas(loans)), ...(await bracketsGas(loans)) })));
    }
    const [, one = new Map<string, bigint>(), ...more] = tables;
    for (const [name, gas] of one) {
      const row = tables.map((table) => String(table.get(name)).padStart(8)).join("");
      if (process.env.AHADI_DEEP === "1") log.info(`${name.padEnd(44)}${row}`);
      for (const table of more) {
        const difference = Number((table.get(name) ?? 0n) - gas);
        expect(Math.abs(difference) / Number(gas), name).to.be.lessThan(0.02);
      }
    }
  });
});
