import { log } from "../../platform/log.ts";
import { act } from "./support/pool-acts.ts";
import { PoolRun, type Setting } from "./support/pool-run.ts";
import { Seeded } from "./support/seeded.ts";
import { poolRules } from "./support/world.ts";

const DEEP = process.env.AHADI_DEEP === "1";
const EVENTS = DEEP ? 1_500 : 150;

const SETTINGS: Setting[] = [
  { rules: poolRules, cover: 0n },
  {
    rules: {
      ...poolRules,
      utcOffset: -5 * 3_600,
      nonAccrualDays: 0n,
      managementFeeBps: 333n,
      writeOffDays: 20n,
      ageing: [
        { moreThanDays: 0n, provisionBps: 500n },
        { moreThanDays: 15n, provisionBps: 9_000n },
      ],
    },
    cover: 3_000_000_000n,
  },
  {
    rules: {
      ...poolRules,
      utcOffset: 20_700,
      nonAccrualDays: 15n,
      managementFeeBps: 0n,
      coverFloorBps: 100n,
      minRedemption: 1n,
      ageing: [
        { moreThanDays: 0n, provisionBps: 0n },
        { moreThanDays: 5n, provisionBps: 10_000n },
      ],
    },
    cover: 10n ** 12n,
  },
];

describe("A pool and brute force say the same", () => {
  for (const [index, setting] of SETTINGS.entries()) {
    const seed = DEEP ? Date.now() + index : 20_261_124 + index;
    it(`to the last base unit after every random event (sequence ${index + 1}) (INV-56)`, async function () {
      this.timeout(DEEP ? 7_200_000 : 120_000);
      if (DEEP) log.info(`seed ${seed}`);
      const run = await PoolRun.begin(setting, new Seeded(seed));
      while (run.events < EVENTS) {
        await run.pass();
        await run.check("time");
        await run.check(await act(run));
      }
    });
  }
});
