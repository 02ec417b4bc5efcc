import { expect } from "chai";
import { log } from "../../platform/log.ts";
import type { Rule } from "./support/brackets-model.ts";
import { type BracketsHarness, BracketsRun } from "./support/brackets-run.ts";
import { deployHelper } from "./support/chain.ts";
import { Seeded } from "./support/seeded.ts";

const DEEP = process.env.AHADI_DEEP === "1";
const EVENTS = DEEP ? 7_000 : 100;
const EVENTS_A_CHECK = DEEP ? 5 : 1;
const TODAY = 20_600;

const RULES: Rule[] = [
  { moreThanDays: 0, provisionBps: 100 },
  { moreThanDays: 30, provisionBps: 2_500 },
  { moreThanDays: 60, provisionBps: 5_000 },
  { moreThanDays: 90, provisionBps: 10_000 },
];

async function begin(rules: readonly Rule[] = RULES): Promise<BracketsHarness> {
  return await deployHelper("BracketsHarness", [rules, TODAY]);
}

/** Principal alone: interest is none unless a test says so. */
function of(principal: bigint, interest = 0n) {
  return { principal, interest };
}

/** The provision of a day, and that of one bracket ahead. */
async function provisionsOf(
  brackets: BracketsHarness,
  outstanding: bigint,
  today: number,
): Promise<bigint[]> {
  return [await brackets.provision(today), await brackets.provisionAhead(outstanding, today)];
}

async function pairs(brackets: BracketsHarness, today: number): Promise<bigint[][]> {
  const sums = (await brackets.atRiskOn(today)) as bigint[][];
  return sums.slice(0, RULES.length).map((pair) => [...pair]);
}

async function sums(brackets: BracketsHarness, today: number): Promise<bigint[]> {
  return (await pairs(brackets, today)).map(([principal = 0n, interest = 0n]) => {
    expect(interest).to.equal(0n);
    return principal;
  });
}

describe("AgeBrackets refuses", () => {
  it("no rules, more than eight, and rules that do not rise", async () => {
    const brackets = await begin();
    const nine = Array.from({ length: 9 }, (_, index) => ({ moreThanDays: index, provisionBps: 0 }));
    const falling = [
      { moreThanDays: 0, provisionBps: 200 },
      { moreThanDays: 60, provisionBps: 100 },
    ];
    const twice = [
      { moreThanDays: 0, provisionBps: 100 },
      { moreThanDays: 0, provisionBps: 200 },
    ];
    const none = { moreThanDays: 0, provisionBps: 0 };
    for (const [rules, error, args] of [
      [[], "AgeBracketsRuleCount", [0]],
      [nine, "AgeBracketsRuleCount", [9]],
      [falling, "AgeBracketsRulesNotRising", [1]],
      [twice, "AgeBracketsRulesNotRising", [1]],
      [[{ moreThanDays: 0, provisionBps: 10_001 }], "AgeBracketsProvisionTooHigh", [0, 10_001]],
      [[none, { moreThanDays: 3_661, provisionBps: 0 }], "AgeBracketsDaysOutOfBounds", [3_661]],
      [[{ moreThanDays: 1, provisionBps: 0 }], "AgeBracketsFirstRuleLate", [1]],
    ] as const) {
      await expect(begin(rules))
        .to.be.revertedWithCustomError(brackets, error)
        .withArgs(...args);
    }
    await begin(nine.slice(0, 8));
    await begin([none, { moreThanDays: 3_660, provisionBps: 10_000 }]);
  });

  it("to take away more than stands under a due day", async () => {
    const brackets = await begin();
    await brackets.add(TODAY + 5, of(100n, 7n));
    for (const refused of [
      brackets.remove(TODAY + 5, of(101n)),
      brackets.move(TODAY + 5, of(101n), TODAY + 35, of(90n)),
      brackets.move(TODAY + 4, of(1n), TODAY + 35, of(0n)),
    ]) {
      await expect(refused).to.be.revertedWithCustomError(brackets, "AgeBracketsAmountMissing");
    }
    await expect(brackets.remove(TODAY + 5, of(101n)))
      .to.be.revertedWithCustomError(brackets, "AgeBracketsAmountMissing")
      .withArgs(TODAY + 5, 101n, 0n);
    await expect(brackets.remove(TODAY + 5, of(1n, 8n)))
      .to.be.revertedWithCustomError(brackets, "AgeBracketsAmountMissing")
      .withArgs(TODAY + 5, 1n, 8n);
  });

  it("a day before the one to which it was rolled, and lateness beyond ten years", async () => {
    const brackets = await begin();
    await brackets.roll(TODAY + 3, 10);
    for (const refused of [
      brackets.atRiskOn(TODAY + 2),
      brackets.portfolioAtRisk(30, TODAY + 2),
      brackets.provision(TODAY + 2),
      brackets.provisionAhead(1n, TODAY + 2),
    ]) {
      await expect(refused)
        .to.be.revertedWithCustomError(brackets, "AgeBracketsDayRanBack")
        .withArgs(TODAY + 2, TODAY + 3);
    }
    await expect(brackets.portfolioAtRisk(3_661, TODAY + 3))
      .to.be.revertedWithCustomError(brackets, "AgeBracketsDaysOutOfBounds")
      .withArgs(3_661);
    // Rolling to an earlier day is no error: somebody else was there first.
    await brackets.roll(TODAY, 10);
    expect(await brackets.day()).to.equal(BigInt(TODAY + 3));
  });
});

describe("AgeBrackets", () => {
  it("counts a loan as late from the day after its due day, with nobody touching the book", async () => {
    const brackets = await begin();
    await brackets.add(TODAY + 5, of(1_000n));
    for (const [late, expected] of [
      [0, [0n, 0n, 0n, 0n]],
      [1, [1_000n, 0n, 0n, 0n]],
      [30, [1_000n, 0n, 0n, 0n]],
      [31, [1_000n, 1_000n, 0n, 0n]],
      [60, [1_000n, 1_000n, 0n, 0n]],
      [61, [1_000n, 1_000n, 1_000n, 0n]],
      [91, [1_000n, 1_000n, 1_000n, 1_000n]],
      [900, [1_000n, 1_000n, 1_000n, 1_000n]],
    ] as const) {
      expect(await sums(brackets, TODAY + 5 + late), `${late} days late`).to.deep.equal(expected);
    }
  });

  it("counts what is added late as late as it is, to the day", async () => {
    for (const [late, crossed] of [
      [0, 0],
      [1, 1],
      [30, 1],
      [31, 2],
      [60, 2],
      [90, 3],
      [91, 4],
    ] as const) {
      const brackets = await begin();
      await brackets.add(TODAY - late, of(10n));
      const expected = RULES.map((_, index) => (index < crossed ? 10n : 0n));
      expect(await sums(brackets, TODAY), `${late} days late`).to.deep.equal(expected);
      await brackets.remove(TODAY - late, of(10n));
      expect(await sums(brackets, TODAY + 1)).to.deep.equal([0n, 0n, 0n, 0n]);
    }
  });

  it("answers for any number of days, not for its rules' alone", async () => {
    const brackets = await begin();
    await brackets.add(TODAY - 20, of(1_000n));
    await brackets.add(TODAY - 45, of(10n));
    await brackets.add(TODAY - 200, of(1n));
    for (const [moreThanDays, principal] of [
      [0, 1_011n],
      [19, 1_011n],
      [20, 11n],
      [30, 11n],
      [44, 11n],
      [45, 1n],
      [90, 1n],
      [199, 1n],
      [200, 0n],
      [3_660, 0n],
    ] as const) {
      expect(await brackets.portfolioAtRisk(moreThanDays, TODAY), `PAR-${moreThanDays}`).to.equal(principal);
    }
  });

  it("provides by rule, rounded up, and one bracket ahead for those who leave", async () => {
    const brackets = await begin();
    await brackets.add(TODAY, of(1_001n));
    const provisions = (today: number) => provisionsOf(brackets, 1_001n, today);
    expect(await provisions(TODAY)).to.deep.equal([0n, 11n]);
    expect(await provisions(TODAY + 1)).to.deep.equal([11n, 251n]);
    expect(await provisions(TODAY + 31)).to.deep.equal([251n, 501n]);
    expect(await provisions(TODAY + 61)).to.deep.equal([501n, 1_001n]);
    expect(await provisions(TODAY + 91)).to.deep.equal([1_001n, 1_001n]);
  });

  it("provides for interest as for principal, from the first day of lateness on", async () => {
    const brackets = await begin();
    await brackets.add(TODAY, of(1_000n, 200n));
    const provisions = (today: number) => provisionsOf(brackets, 1_000n, today);
    expect(await provisions(TODAY)).to.deep.equal([0n, 10n]);
    expect(await provisions(TODAY + 1)).to.deep.equal([12n, 300n]);
    expect(await provisions(TODAY + 31)).to.deep.equal([300n, 600n]);
    expect(await provisions(TODAY + 91)).to.deep.equal([1_200n, 1_200n]);
    expect(await brackets.portfolioAtRisk(90, TODAY + 91)).to.equal(1_000n);
    const late = [1_000n, 200n];
    expect(await pairs(brackets, TODAY + 31)).to.deep.equal([late, late, [0n, 0n], [0n, 0n]]);
  });

  it("knows interest of a loan that owes no principal any more", async () => {
    const brackets = await begin();
    await brackets.add(TODAY, of(0n, 200n));
    await brackets.roll(TODAY + 91, 91);
    expect(await brackets.provision(TODAY + 91)).to.equal(200n);
    await brackets.remove(TODAY, of(0n, 200n));
    expect(await brackets.provision(TODAY + 91)).to.equal(0n);
  });

  it("provides with one rule for what is late, and for the principal of what is not", async () => {
    const brackets = await begin([{ moreThanDays: 0, provisionBps: 5_000 }]);
    await brackets.add(TODAY, of(1_000n, 200n));
    expect(await brackets.provisionAhead(1_000n, TODAY)).to.equal(500n);
    expect(await brackets.provisionAhead(1_000n, TODAY + 1)).to.equal(600n);
    expect(await brackets.provision(TODAY + 1)).to.equal(600n);
  });

  it("asks of a current loan nothing ahead where the first rule asks nothing", async () => {
    const brackets = await begin([{ moreThanDays: 0, provisionBps: 0 }, ...RULES.slice(1)]);
    await brackets.add(TODAY, of(1_000n));
    expect(await brackets.provisionAhead(1_000n, TODAY)).to.equal(0n);
    expect(await brackets.provisionAhead(1_000n, TODAY + 1)).to.equal(250n);
  });

  it("keeps no trace of lateness when a loan cures", async () => {
    for (const rolledDays of [0, 50, 100]) {
      const [cured, punctual] = [await begin(), await begin()];
      await Promise.all([cured, punctual].map((brackets) => brackets.add(TODAY, of(900n))));
      await punctual.move(TODAY, of(900n), TODAY + 120, of(600n));
      const now = TODAY + 100;
      await cured.roll(now, rolledDays);
      expect(await cured.portfolioAtRisk(90, now)).to.equal(900n);
      await cured.move(TODAY, of(900n), TODAY + 120, of(600n));
      for (const today of [now, now + 21, now + 200]) {
        expect(await sums(cured, today)).to.deep.equal(await sums(punctual, today));
        expect(await cured.provision(today)).to.equal(await punctual.provision(today));
      }
      for (const day of [TODAY, TODAY + 120]) {
        expect(await cured.outstanding(day)).to.deep.equal(await punctual.outstanding(day));
      }
    }
  });

  it("takes a part payment from where the loan stands", async () => {
    const brackets = await begin();
    await brackets.add(TODAY - 40, of(900n));
    await brackets.move(TODAY - 40, of(900n), TODAY - 40, of(700n));
    expect(await sums(brackets, TODAY)).to.deep.equal([700n, 700n, 0n, 0n]);
    await brackets.move(TODAY - 40, of(700n), TODAY - 40, of(600n, 50n));
    expect(await pairs(brackets, TODAY)).to.deep.equal([
      [600n, 50n],
      [600n, 50n],
      [0n, 0n],
      [0n, 0n],
    ]);
    await brackets.move(TODAY - 40, of(600n, 50n), TODAY - 40, of(700n));
    await brackets.move(TODAY - 40, of(700n), TODAY - 40, of(800n));
    expect(await sums(brackets, TODAY)).to.deep.equal([800n, 800n, 0n, 0n]);
    await brackets.move(TODAY - 40, of(800n), TODAY - 40, of(0n));
    expect(await sums(brackets, TODAY)).to.deep.equal([0n, 0n, 0n, 0n]);
  });

  it("can be rolled in pieces by anybody, and no figure changes", async () => {
    const [brackets, untouched] = [await begin(), await begin()];
    for (const [day, principal] of [
      [-70, 5n],
      [-10, 70n],
      [3, 900n],
    ] as const) {
      await Promise.all([brackets, untouched].map((book) => book.add(TODAY + day, of(principal))));
    }
    const now = TODAY + 95;
    for (const [maxDays, day] of [
      [0, TODAY],
      [1, TODAY + 1],
      [40, TODAY + 41],
      [53, TODAY + 94],
      [0, TODAY + 94],
      [2 ** 40, now],
    ] as const) {
      await brackets.roll(now, maxDays);
      expect(await brackets.day()).to.equal(BigInt(day));
      for (const today of [now, now + 50]) {
        expect(await sums(brackets, today)).to.deep.equal(await sums(untouched, today));
      }
    }
  });
});

describe("AgeBrackets and brute force say the same", () => {
  const eight = [0, 1, 7, 15, 30, 60, 90, 180].map((moreThanDays, index) => ({
    moreThanDays,
    provisionBps: index * 1_300,
  }));
  const seeds = DEEP ? [Date.now(), Date.now() + 1, 42] : [20_261_124, 20_261_125];
  for (const [index, seed] of seeds.entries()) {
    it(`after every random event (sequence ${index + 1})`, async function () {
      this.timeout(DEEP ? 3_600_000 : 60_000);
      if (DEEP) log.info(`seed ${seed}`);
      await play(await BracketsRun.begin(index % 2 === 0 ? RULES : eight, TODAY, new Seeded(seed)));
    });
  }

  async function play(run: BracketsRun): Promise<void> {
    while (run.events < EVENTS) {
      await run.step();
      if (run.events % EVENTS_A_CHECK === 0) await run.check();
    }
  }
});
