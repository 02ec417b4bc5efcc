import { expect } from "chai";
import { AccrualModel, type Period, SCALE } from "./support/accrual-model.ts";
import { type AccrualHarness, done, shown } from "./support/accrual-run.ts";
import { deployHelper } from "./support/chain.ts";

const DAY_S = 86_400;
const START_DAY = 20_600;
const NON_ACCRUAL_DAYS = 15;

/** Four instalments every thirty days; amounts that no period's seconds divide. */
const PERIODS: Period[] = [1_000_003n, 900_001n, 800_011n, 700_001n].map((interest, index) => ({
  from: START_DAY + 1 + 30 * index,
  to: START_DAY + 31 + 30 * index,
  interest,
}));

const due = (index: number): number => START_DAY + 31 + 30 * index;

class Book {
  readonly harness: AccrualHarness;
  readonly model: AccrualModel;

  constructor(harness: AccrualHarness, model: AccrualModel) {
    this.harness = harness;
    this.model = model;
  }

  /** The second at which `day` begins here, and some more. */
  at(day: number, seconds = 0): number {
    return this.model.startOf(day) + seconds;
  }

  async numerator(second: number): Promise<bigint> {
    return (await this.harness.numeratorAt(second)) as bigint;
  }

  async open(periods = PERIODS, id = 0): Promise<void> {
    await done(this.harness, this.harness.open(id, shown(periods, 0), this.at(START_DAY, 3_600)));
  }

  async pay(second: number, unpaid: number, paid = 1, id = 0): Promise<bigint> {
    const sent = this.harness.advance(id, shown(PERIODS, unpaid, paid), paid, second);
    return (await done(this.harness, sent)).first;
  }

  async close(second: number, unpaid: number, received: bigint): Promise<{ gain: bigint; loss: bigint }> {
    const sent = this.harness.close(0, shown(PERIODS, unpaid), received, second);
    const { first, second: loss } = await done(this.harness, sent);
    return { gain: first, loss };
  }

  async stream(scaled: bigint, second: number): Promise<void> {
    await done(this.harness, this.harness.stream(scaled, second));
  }
}

async function begin(utcOffset = 3 * 3_600, nonAccrualDays = NON_ACCRUAL_DAYS): Promise<Book> {
  const model = new AccrualModel(utcOffset, nonAccrualDays);
  const startsAt = model.startOf(START_DAY) + 3_600;
  return new Book(await deployHelper("AccrualHarness", [utcOffset, startsAt, nonAccrualDays]), model);
}

/** The interest of the first `count` instalments, in numerators. */
function interestOf(count: number): bigint {
  return PERIODS.slice(0, count).reduce((sum, { interest }) => sum + interest * SCALE, 0n);
}

describe("AccrualBook refuses", () => {
  it("a time before the day to which it was rolled, in whatever it is asked", async () => {
    const book = await begin();
    await book.open();
    const day = START_DAY + 5;
    await done(book.harness, book.harness.roll(book.at(day, 7), 30));
    const [early, periods] = [book.at(day) - 1, shown(PERIODS, 0)];
    for (const refused of [
      book.harness.numeratorAt(early),
      book.harness.open(1, periods, early),
      book.harness.advance(0, periods, 1, early),
      book.harness.retreat(0, periods, 1, early, early),
      book.harness.close(0, periods, 0n, early),
      book.harness.reopen(0, periods, 0n, early),
      book.harness.stream(1n, early),
      book.harness.cancel(1n, early, early),
    ]) {
      await expect(refused)
        .to.be.revertedWithCustomError(book.harness, "AccrualBookTimeRanBack")
        .withArgs(early, day);
    }
    expect(await book.numerator(book.at(day))).to.equal(
      (interestOf(1) / BigInt(30 * DAY_S)) * BigInt(4 * DAY_S),
    );
  });

  it("to move on by no instalment, or by more than it was shown", async () => {
    const book = await begin();
    await book.open();
    for (const paid of [0, 3]) {
      for (const refused of [
        book.harness.advance(0, shown(PERIODS, 0), paid, book.at(START_DAY + 9)),
        book.harness.retreat(0, shown(PERIODS, 0), paid, book.at(START_DAY + 9), book.at(START_DAY + 9)),
      ]) {
        await expect(refused)
          .to.be.revertedWithCustomError(book.harness, "AccrualBookPaidOutOfBounds")
          .withArgs(paid, 2);
      }
    }
  });

  it("amounts beyond what no schedule of a currency with 18 decimals can hold", async () => {
    const book = await begin();
    await expect(book.harness.netOf(2n ** 128n, 0)).to.be.revertedWithCustomError(
      book.harness,
      "SafeCastOverflowedUintDowncast",
    );
    await expect(book.harness.stream(2n ** 192n, book.at(START_DAY, 3_600))).to.be.revertedWithCustomError(
      book.harness,
      "SafeCastOverflowedUintDowncast",
    );
    const largest = (2n ** 64n - 1n) * 10n ** 18n;
    expect(await book.harness.netOf(largest, 0)).to.equal(largest);
  });
});

describe("An unpaid loan in the AccrualBook", () => {
  it("counts from the end of the disbursement day, and its first period in full at the due moment", async () => {
    const book = await begin();
    await book.open();
    expect(await book.numerator(book.at(START_DAY + 1))).to.equal(0n);
    const slope = interestOf(1) / BigInt(30 * DAY_S);
    expect(await book.numerator(book.at(START_DAY + 1, 1))).to.equal(slope);
    expect(await book.numerator(book.at(due(0)) - 1)).to.equal(slope * BigInt(30 * DAY_S - 1));
    expect(await book.numerator(book.at(due(0)))).to.equal(interestOf(1));
  });

  it("never strays from the schedule by what the floor leaves, a numerator a second", async () => {
    const book = await begin();
    await book.open();
    const [first] = PERIODS;
    if (first === undefined) throw new Error("no period");
    for (const seconds of [1, 59, 86_399, 1_000_003, 30 * DAY_S - 1]) {
      const second = book.at(START_DAY + 1, seconds);
      const exact = book.model.exactly(first, second);
      const missing = exact.numerator - (await book.numerator(second)) * exact.denominator;
      expect(missing >= 0n && missing < BigInt(seconds) * exact.denominator, `${seconds} s`).to.equal(true);
    }
  });

  it("stops by itself, with nobody touching the book", async () => {
    const book = await begin();
    await book.open();
    const half = (PERIODS[1]?.interest ?? 0n) * SCALE;
    const stopped = interestOf(1) + (half / BigInt(30 * DAY_S)) * BigInt(NON_ACCRUAL_DAYS * DAY_S);
    const stop = book.at(due(0) + NON_ACCRUAL_DAYS);
    expect(await book.numerator(stop - 1)).to.be.lessThan(stopped);
    for (const later of [0, 1, DAY_S, 400 * DAY_S])
      expect(await book.numerator(stop + later)).to.equal(stopped);
  });

  it("stops at the next due moment when that comes before the non-accrual days are over", async () => {
    const book = await begin(0, 90);
    await book.open();
    const { harness } = book;
    expect(await book.numerator(book.at(due(1)))).to.equal(interestOf(2));
    expect(await book.numerator(book.at(due(3)))).to.equal(interestOf(2));
    await done(harness, harness.roll(book.at(due(3)), 400));
    expect((await harness.line()).slope).to.equal(0n);
  });

  it("stops at its due moment where no delay is borne, and after its last instalment", async () => {
    const strict = await begin(0, 0);
    await strict.open();
    expect(await strict.numerator(strict.at(due(2)))).to.equal(interestOf(1));
    const single = await begin();
    await single.open(PERIODS.slice(0, 1));
    expect(await single.numerator(single.at(due(2)))).to.equal(interestOf(1));
  });

  it("without interest changes nothing at all", async () => {
    const book = await begin();
    const free = PERIODS.map((period) => ({ ...period, interest: 0n }));
    await book.open(free);
    const { harness } = book;
    expect(await harness.line()).to.deep.equal([0n, 0n, BigInt(START_DAY)]);
    for (const { from, to } of free) {
      expect(await harness.bucket(from)).to.deep.equal([0n, 0n]);
      expect(await harness.bucket(to)).to.deep.equal([0n, 0n]);
    }
  });
});

describe("A payment in the AccrualBook", () => {
  it("that comes early changes nothing until the day on which the loan would have stopped", async () => {
    const [paid, unpaid] = [await begin(), await begin()];
    await Promise.all([paid.open(), unpaid.open()]);
    expect(await paid.pay(paid.at(START_DAY + 10), 0)).to.equal(0n);
    const stop = paid.at(due(0) + NON_ACCRUAL_DAYS);
    for (const second of [paid.at(START_DAY + 10), paid.at(due(0)), stop]) {
      expect(await paid.numerator(second)).to.equal(await unpaid.numerator(second));
    }
    expect(await paid.numerator(stop + 1)).to.be.greaterThan(await unpaid.numerator(stop + 1));
    expect(await paid.numerator(paid.at(due(1)))).to.equal(interestOf(2));
  });

  it("of several instalments ahead is earned period by period", async () => {
    const book = await begin();
    await book.open();
    expect(await book.pay(book.at(START_DAY + 2), 0, 4)).to.equal(0n);
    for (const count of [1, 2, 3, 4])
      expect(await book.numerator(book.at(due(count - 1)))).to.equal(interestOf(count));
    expect(await book.numerator(book.at(due(9)))).to.equal(interestOf(4));
  });

  it("that comes after the stop lets in what was not counted over a week, and nothing at once", async () => {
    const book = await begin();
    await book.open();
    const paidAt = book.at(due(1) + 3, 1_234);
    const before = await book.numerator(paidAt);
    const late = await book.pay(paidAt, 0);
    expect(await book.numerator(paidAt)).to.equal(before);
    const whole =
      interestOf(2) +
      (((PERIODS[2]?.interest ?? 0n) * SCALE) / BigInt(30 * DAY_S)) * BigInt(3 * DAY_S + 1_234);
    expect(before + late).to.equal(whole);
    // The third instalment accrues again from now on; the rest follows by the end of the eighth day.
    const end = book.at(due(1) + 11);
    const since = (((PERIODS[2]?.interest ?? 0n) * SCALE) / BigInt(30 * DAY_S)) * BigInt(end - paidAt);
    expect(await book.numerator(end)).to.equal(whole + since);
    expect(await book.numerator(end - 1)).to.be.lessThan(whole + since);
  });

  it("that covers years of arrears ends where the schedule ends", async () => {
    const book = await begin();
    await book.open();
    const paidAt = book.at(due(3) + 700);
    await book.pay(paidAt, 0, 4);
    expect(await book.numerator(paidAt + 8 * DAY_S)).to.equal(interestOf(4));
  });

  it("that is taken back leaves the book as if it had not been made", async () => {
    for (const [day, backDay] of [
      [10, 12],
      [33, 80],
      [50, 51],
      [70, 72],
      [70, 90],
    ] as const) {
      const [book, untouched] = [await begin(), await begin()];
      await Promise.all([book.open(), untouched.open()]);
      const [paidAt, backAt] = [book.at(START_DAY + day, 5_000), book.at(START_DAY + backDay, 77)];
      await book.pay(paidAt, 0);
      const before = await book.numerator(backAt);
      const { first: lost } = await done(
        book.harness,
        book.harness.retreat(0, shown(PERIODS, 0, 1), 1, paidAt, backAt),
      );
      expect(await book.numerator(backAt)).to.equal(before - lost);
      for (const later of [0, 1, 20 * DAY_S, 300 * DAY_S]) {
        expect(await book.numerator(backAt + later)).to.equal(await untouched.numerator(backAt + later));
      }
      expect(await book.harness.countedOf(0, shown(PERIODS, 0), backAt)).to.equal(before - lost);
    }
  });
});

describe("The end of a loan in the AccrualBook", () => {
  it("by write-off takes away exactly what was counted", async () => {
    for (const day of [0, 5, 31, 40, 200]) {
      const book = await begin();
      await book.open();
      const second = book.at(START_DAY + day, 3_600);
      const counted = await book.harness.countedOf(0, shown(PERIODS, 0), second);
      expect(counted).to.equal(await book.numerator(second));
      expect(await book.close(second, 0, 0n)).to.deep.equal({ gain: 0n, loss: counted });
      for (const later of [0, 300 * DAY_S]) expect(await book.numerator(second + later)).to.equal(0n);
    }
  });

  it("by write-off leaves what was paid of it", async () => {
    const book = await begin();
    await book.open();
    const second = book.at(due(0) + 40);
    await book.close(second, 0, 600_000n);
    expect(await book.numerator(second)).to.equal(600_000n * SCALE);
  });

  it("by write-off while a late payment's income still comes in takes no more than had come", async () => {
    const book = await begin(0, 0);
    const grace = PERIODS.map((period, index) => (index === 0 ? { ...period, interest: 0n } : period));
    await book.open(grace);
    const paidAt = book.at(due(1) + 40);
    const { harness } = book;
    // The first instalment is paid, the second is not: all that would be counted now is on its way.
    const { first: late } = await done(harness, harness.advance(0, shown(grace, 0, 1), 1, paidAt));
    expect(late).to.equal((PERIODS[1]?.interest ?? 0n) * SCALE);
    expect(await book.numerator(paidAt)).to.equal(0n);
    const writtenOffAt = paidAt + 3 * DAY_S;
    const counted = await book.numerator(writtenOffAt);
    expect(counted > 0n && counted < late).to.equal(true);
    expect(await harness.countedOf(0, shown(grace, 1), writtenOffAt)).to.equal(counted);
    const { first: gain, second: loss } = await done(
      harness,
      harness.close(0, shown(grace, 1), 0n, writtenOffAt),
    );
    expect({ gain, loss }).to.deep.equal({ gain: 0n, loss: counted });
    for (const later of [0, 3 * DAY_S, 60 * DAY_S])
      expect(await book.numerator(writtenOffAt + later)).to.equal(0n);
  });

  it("by payoff keeps what was counted and returns the rest, to be streamed", async () => {
    const book = await begin();
    await book.open();
    const second = book.at(START_DAY + 11, 50);
    const counted = await book.numerator(second);
    const { gain, loss } = await book.close(second, 0, 1_000_003n);
    expect({ gain, loss }).to.deep.equal({ gain: interestOf(1) - counted, loss: 0n });
    expect(await book.numerator(second)).to.equal(counted);
    expect(await book.numerator(second + 90 * DAY_S)).to.equal(counted);
    await book.stream(gain, second);
    expect(await book.numerator(second)).to.equal(counted);
    expect(await book.numerator(second + 8 * DAY_S)).to.equal(interestOf(1));
  });

  it("by payoff on LoanBook's terms is never a loss, at no second of the day", async () => {
    for (const days of [1, 2, 17, 30]) {
      for (const seconds of [0, 1, 43_200, DAY_S - 1]) {
        const book = await begin();
        await book.open();
        // LoanBook: floor days since the disbursement day, rounded up.
        const received = (1_000_003n * BigInt(days) + 29n) / 30n;
        const { loss } = await book.close(book.at(START_DAY + days, seconds), 0, received);
        expect(loss, `${days} d ${seconds} s`).to.equal(0n);
      }
    }
  });

  it("that is taken back leaves the loan as if it had not ended, and nothing lost but the gain that had come", async () => {
    for (const [day, received] of [
      [12, 1_000_003n],
      [40, 0n],
      [80, 1_200_000n],
    ] as const) {
      const [book, untouched] = [await begin(), await begin()];
      await Promise.all([book.open(), untouched.open()]);
      const second = book.at(START_DAY + day, 4_321);
      const { gain } = await book.close(second, 0, received);
      await book.stream(gain, second);
      const backAt = second + 5 * DAY_S;
      const before = await book.numerator(backAt);
      const { harness } = book;
      const { first: lost } = await done(harness, harness.cancel(gain, gain === 0n ? 0 : second, backAt));
      const kept = received * SCALE - gain;
      await done(harness, harness.reopen(0, shown(PERIODS, 0), kept, backAt));
      expect(await book.numerator(backAt)).to.equal(before - lost);
      for (const later of [8 * DAY_S, 300 * DAY_S]) {
        expect(await book.numerator(backAt + later)).to.equal(await untouched.numerator(backAt + later));
      }
    }
  });

  it("by payoff on the day of the disbursement owes nothing and counts nothing", async () => {
    const book = await begin();
    await book.open();
    expect(await book.close(book.at(START_DAY + 1) - 1, 0, 0n)).to.deep.equal({ gain: 0n, loss: 0n });
    expect(await book.numerator(book.at(due(2)))).to.equal(0n);
  });
});

describe("A gain in the AccrualBook", () => {
  const GAIN = 5_000_000n * SCALE;

  it("never enters at once: a deposit of t seconds wins at most its part of seven days", async () => {
    for (const seconds of [0, 1, 43_200, DAY_S - 1]) {
      const book = await begin();
      const start = book.at(START_DAY + 2, seconds);
      await book.stream(GAIN, start);
      for (const [from, held] of [
        [0, 0],
        [0, 1],
        [0, 3_600],
        [5 * DAY_S, DAY_S],
        [6 * DAY_S + 43_200, DAY_S],
        [0, 7 * DAY_S],
      ] as const) {
        const won = (await book.numerator(start + from + held)) - (await book.numerator(start + from));
        // What the floor left over comes with the last second: less than a numerator for each second of eight days.
        const most = (GAIN * BigInt(held)) / BigInt(7 * DAY_S) + BigInt(8 * DAY_S);
        expect(won <= most, `${held} s from ${from} s`).to.equal(true);
        expect(held === 0 || won > 0n).to.equal(true);
      }
      expect(await book.numerator(start + 7 * DAY_S)).to.be.lessThan(GAIN);
      expect(await book.numerator(start + 8 * DAY_S)).to.equal(GAIN);
    }
  });

  it("that is taken back takes with it what it had brought, and no more", async () => {
    for (const [days, left] of [
      [0, 1n],
      [3, 1n],
      [9, 0n],
    ] as const) {
      const book = await begin();
      const start = book.at(START_DAY + 2, 5);
      await book.stream(GAIN, start);
      await book.stream(7n * SCALE, start);
      const second = start + days * DAY_S;
      const before = await book.numerator(second);
      const { first: lost } = await done(book.harness, book.harness.cancel(GAIN, start, second));
      expect(lost < GAIN).to.equal(left === 1n);
      expect(await book.numerator(second)).to.equal(before - lost);
      expect(await book.numerator(second + 30 * DAY_S)).to.equal(7n * SCALE);
    }
  });

  it("of nothing leaves no trace", async () => {
    const book = await begin();
    expect((await done(book.harness, book.harness.stream(0n, book.at(START_DAY, 3_600)))).first).to.equal(0n);
    await done(book.harness, book.harness.cancel(0n, 0, book.at(START_DAY, 3_600)));
    expect(await book.harness.line()).to.deep.equal([0n, 0n, BigInt(START_DAY)]);
  });
});

describe("The days of the AccrualBook", () => {
  for (const utcOffset of [3 * 3_600, -5 * 3_600, 0]) {
    it(`begin to the second at UTC offset ${utcOffset / 3_600} h`, async () => {
      const book = await begin(utcOffset);
      await book.open();
      expect(book.at(START_DAY)).to.equal(START_DAY * DAY_S - utcOffset);
      const slopes = PERIODS.map(({ interest }) => (interest * SCALE) / BigInt(30 * DAY_S));
      const residue = interestOf(1) % BigInt(30 * DAY_S);
      const gained = async (second: number) =>
        (await book.numerator(second + 1)) - (await book.numerator(second));
      for (const rolled of [false, true]) {
        // The second before the first day, its first second, and the change from period to period.
        if (!rolled) expect(await gained(book.at(START_DAY + 1) - 1)).to.equal(0n);
        if (!rolled) expect(await gained(book.at(START_DAY + 1))).to.equal(slopes[0]);
        expect(await gained(book.at(due(0)) - 2)).to.equal(slopes[0]);
        expect(await gained(book.at(due(0)) - 1)).to.equal((slopes[0] ?? 0n) + residue);
        expect(await gained(book.at(due(0)))).to.equal(slopes[1]);
        expect(await gained(book.at(due(0) + NON_ACCRUAL_DAYS) - 1)).to.equal(slopes[1]);
        expect(await gained(book.at(due(0) + NON_ACCRUAL_DAYS))).to.equal(0n);
        await done(book.harness, book.harness.roll(book.at(due(0)) - 1, 400));
        expect((await book.harness.line()).day).to.equal(BigInt(due(0) - 1));
      }
      await done(book.harness, book.harness.roll(book.at(due(0)), 400));
      expect((await book.harness.line()).day).to.equal(BigInt(due(0)));
      expect(await gained(book.at(due(0)))).to.equal(slopes[1]);
    });

    it(`end streams where a day ends at UTC offset ${utcOffset / 3_600} h`, async () => {
      const book = await begin(utcOffset);
      for (const seconds of [0, 1, DAY_S - 1]) {
        const start = book.at(START_DAY + 3, seconds);
        const before = await book.numerator(start);
        await book.stream(SCALE, start);
        expect((await book.harness.bucket(START_DAY + 11)).slope).to.be.lessThan(0n);
        expect(await book.numerator(start)).to.equal(before);
      }
      expect(await book.numerator(book.at(START_DAY + 11))).to.equal(3n * SCALE);
      expect(await book.numerator(book.at(START_DAY + 11) - 1)).to.be.lessThan(3n * SCALE);
    });
  }

  it("can be rolled in pieces by anybody, and no figure changes", async () => {
    const [book, untouched] = [await begin(), await begin()];
    await Promise.all([book.open(), untouched.open()]);
    const now = book.at(due(1), 9);
    for (const [maxDays, day, upToDate] of [
      [0, START_DAY, 0n],
      [1, START_DAY + 1, 0n],
      [29, START_DAY + 30, 0n],
      [30, START_DAY + 60, 0n],
      [0, START_DAY + 60, 0n],
      [2 ** 40, due(1), 1n],
      [5, due(1), 1n],
    ] as const) {
      const { first } = await done(book.harness, book.harness.roll(now, maxDays));
      expect(first).to.equal(upToDate);
      expect((await book.harness.line()).day).to.equal(BigInt(day));
      for (const second of [now, now + DAY_S, now + 99 * DAY_S]) {
        expect(await book.numerator(second)).to.equal(await untouched.numerator(second));
      }
    }
    for (const day of [START_DAY + 1, due(0), due(0) + NON_ACCRUAL_DAYS]) {
      expect(await book.harness.bucket(day), "days that have begun are cleared").to.deep.equal([0n, 0n]);
    }
  });

  it("take no notice of how far they were rolled when something happens", async () => {
    const [rolled, idle] = [await begin(), await begin()];
    for (const book of [rolled, idle]) {
      await book.open();
      const second = book.at(due(2), 333);
      if (book === rolled) await done(book.harness, book.harness.roll(second, 400));
      await book.pay(second, 0, 2);
    }
    for (const later of [0, 30, 100 * DAY_S]) {
      const second = rolled.at(due(2), 333 + later);
      expect(await rolled.numerator(second)).to.equal(await idle.numerator(second));
    }
    for (const book of [rolled, idle]) await book.close(book.at(due(2), 393), 2, 5n);
    for (const later of [60, DAY_S, 100 * DAY_S]) {
      const second = rolled.at(due(2), 333 + later);
      expect(await rolled.numerator(second)).to.equal(await idle.numerator(second));
    }
  });
});

describe("The management fee", () => {
  it("comes off the interest, rounded down in the pool's favour", async () => {
    const book = await begin();
    for (const [interest, feeBps, net] of [
      [1_000_000n, 0, 1_000_000n],
      [1_000_000n, 1_000, 900_000n],
      [9n, 1_000, 9n],
      [10n, 1_000, 9n],
      [10_001n, 1, 10_000n],
      [77n, 10_000, 0n],
    ] as const) {
      expect(await book.harness.netOf(interest, feeBps)).to.equal(net);
    }
  });
});
