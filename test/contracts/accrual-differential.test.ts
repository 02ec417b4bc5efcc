import { log } from "../../platform/log.ts";
import { AccrualRun, type Setting } from "./support/accrual-run.ts";
import { Seeded } from "./support/seeded.ts";

const DEEP = process.env.AHADI_DEEP === "1";
const EVENTS = DEEP ? 2_500 : 200;

/** Mombasa, New York in winter, Kathmandu, Greenwich; from no patience at all to a quarter. */
const SETTINGS: Setting[] = [
  { utcOffset: 3 * 3_600, nonAccrualDays: 30 },
  { utcOffset: -5 * 3_600, nonAccrualDays: 0 },
  { utcOffset: 20_700, nonAccrualDays: 15 },
  { utcOffset: 0, nonAccrualDays: 90 },
].map((setting, index) => ({ ...setting, startsAt: 1_780_000_000 + index * 12_345 }));

/** The model adds up everything anew each time it is asked: deep runs, with more loans, ask it less often. */
const EVENTS_A_CHECK = DEEP ? 5 : 1;
const MOST_LOANS = DEEP ? 400 : 25;

const sequences = SETTINGS.flatMap((setting, index) => {
  const seeds = DEEP ? [Date.now() + index, 42 + index] : [20_261_123 + index];
  return seeds.map((seed) => ({ setting, seed }));
});

async function play(setting: Setting, seed: number): Promise<void> {
  const run = await AccrualRun.begin(setting, new Seeded(seed), MOST_LOANS);
  while (run.events < EVENTS) {
    await run.step();
    if (run.events % EVENTS_A_CHECK === 0) await run.check();
  }
  await run.settle();
}

describe("AccrualBook and brute force say the same", () => {
  for (const [index, { setting, seed }] of sequences.entries()) {
    const { utcOffset, nonAccrualDays } = setting;
    const where = `UTC offset ${utcOffset / 3_600} h, non-accrual after ${nonAccrualDays} days`;
    it(`to the last numerator after every random event (${where}, sequence ${index + 1})`, async function () {
      this.timeout(DEEP ? 3_600_000 : 60_000);
      if (DEEP) log.info(`seed ${seed}`);
      await play(setting, seed);
    });
  }
});
