/**
 * What AccrualBook must say, by brute force: every figure is added up anew from all loans and all streams, each looked at
 * on its own. No slope is summed, no day is remembered.
 */

export const SCALE = 10n ** 18n;

const DAY_S = 86_400n;

export interface Period {
  from: number;
  to: number;
  interest: bigint;
}

/** A gain that comes in evenly from a second to a day's beginning a week away. */
export interface Stream {
  scaled: bigint;
  startedAt: number;
}

/** Exact, for bounds on what floors leave out. */
export interface Rational {
  numerator: bigint;
  denominator: bigint;
}

interface Loan {
  periods: Period[];
  /** The oldest unpaid instalment. */
  unpaid: number;
  /** What is recognised of its accrual only little by little, after a stop. */
  deferred: Stream | undefined;
  /** What stays recognised of the unpaid instalments of a loan that has ended. */
  kept: bigint | undefined;
}

export class AccrualModel {
  readonly loans = new Map<number, Loan>();
  readonly streams = new Set<Stream>();
  readonly #utcOffset: number;
  readonly #nonAccrualDays: number;

  constructor(utcOffset: number, nonAccrualDays: number) {
    this.#utcOffset = utcOffset;
    this.#nonAccrualDays = nonAccrualDays;
  }

  startOf(day: number): number {
    return day * Number(DAY_S) - this.#utcOffset;
  }

  dayOf(second: number): number {
    return Math.floor((second + this.#utcOffset) / Number(DAY_S));
  }

  numeratorAt(second: number): bigint {
    let sum = 0n;
    for (const loan of this.loans.values()) sum += this.#contribution(loan, second);
    for (const stream of this.streams) sum += stream.scaled - this.toCome(stream, second);
    return sum;
  }

  /** What everything that was paid or kept comes to when its time has come: no loan's unpaid instalments. */
  promised(): bigint {
    let sum = 0n;
    for (const { periods, unpaid, kept } of this.loans.values()) {
      for (const period of periods.slice(0, unpaid)) sum += period.interest * SCALE;
      sum += kept ?? 0n;
    }
    for (const { scaled } of this.streams) sum += scaled;
    return sum;
  }

  open(id: number, periods: Period[], second: number): bigint {
    const loan: Loan = { periods, unpaid: 0, deferred: undefined, kept: undefined };
    this.loans.set(id, loan);
    const late = this.#recognised(loan, 0, second);
    this.#defer(loan, late, second);
    return late;
  }

  advance(id: number, paid: number, second: number): bigint {
    const loan = this.loan(id);
    const late =
      this.#recognised(loan, loan.unpaid + paid, second) - this.#recognised(loan, loan.unpaid, second);
    loan.unpaid += paid;
    this.#defer(loan, late, second);
    return late;
  }

  retreat(id: number, paid: number, paidAt: number, second: number): bigint {
    const loan = this.loan(id);
    const before = this.#contribution(loan, second);
    const late =
      this.#recognised(loan, loan.unpaid, paidAt) - this.#recognised(loan, loan.unpaid - paid, paidAt);
    loan.unpaid -= paid;
    if (late > 0n) {
      const earlier = (loan.deferred?.scaled ?? 0n) - late;
      loan.deferred = earlier === 0n ? undefined : { scaled: earlier, startedAt: second };
    }
    return before - this.#contribution(loan, second);
  }

  close(id: number, received: bigint, second: number): { gain: bigint; loss: bigint } {
    const loan = this.loan(id);
    const accrued = this.accruedOf(id, second);
    let earned = received * SCALE;
    if (earned < accrued) {
      // What was on its way is part of the accrual that ends here.
      earned += this.toCome(loan.deferred, second);
      loan.deferred = undefined;
    }
    const gain = earned > accrued ? earned - accrued : 0n;
    loan.kept = received * SCALE - gain;
    return { gain, loss: accrued > earned ? accrued - earned : 0n };
  }

  reopen(id: number, second: number): bigint {
    const loan = this.loan(id);
    if (loan.kept === undefined) throw new Error(`loan ${id} has not ended`);
    const late = this.accruedOf(id, second) - loan.kept;
    loan.kept = undefined;
    this.#defer(loan, late, second);
    return late;
  }

  stream(scaled: bigint, second: number): Stream {
    const stream = { scaled, startedAt: second };
    this.streams.add(stream);
    return stream;
  }

  cancel(stream: Stream, second: number): bigint {
    this.streams.delete(stream);
    return stream.scaled - this.toCome(stream, second);
  }

  /** Of the unpaid instalments, whether counted already or on its way. */
  accruedOf(id: number, second: number): bigint {
    return this.#unpaidPart(this.loan(id), this.loan(id).unpaid, second);
  }

  /** What writing the loan off would take away. */
  countedOf(id: number, second: number): bigint {
    const counted = this.accruedOf(id, second) - this.toCome(this.loan(id).deferred, second);
    return counted > 0n ? counted : 0n;
  }

  /** What the unpaid instalments will have counted when all their days are over and none of them was paid. */
  mostOf(id: number): bigint {
    return this.#unpaidPart(this.loan(id), this.loan(id).unpaid, Number.MAX_SAFE_INTEGER);
  }

  loan(id: number): Loan {
    const loan = this.loans.get(id);
    if (loan === undefined) throw new Error(`no loan ${id}`);
    return loan;
  }

  /** How much of a period is earned with no floor at all. */
  exactly(period: Period, second: number): Rational {
    const length = BigInt(period.to - period.from) * DAY_S;
    const passed = BigInt(second - this.startOf(period.from));
    const counted = passed < length ? passed : length;
    return { numerator: counted > 0n ? period.interest * SCALE * counted : 0n, denominator: length };
  }

  /** The same as the book defines it: by a slope that is rounded down, but whole when the period is over. */
  earned(period: Period, second: number): bigint {
    const length = BigInt(period.to - period.from) * DAY_S;
    const passed = BigInt(second - this.startOf(period.from));
    if (passed <= 0n) return 0n;
    if (passed >= length) return period.interest * SCALE;
    return ((period.interest * SCALE) / length) * passed;
  }

  #contribution(loan: Loan, second: number): bigint {
    const { unpaid, kept, deferred } = loan;
    const all =
      kept === undefined ? this.#recognised(loan, unpaid, second) : this.#ofPaid(loan, unpaid, second) + kept;
    return all - this.toCome(deferred, second);
  }

  /** With `unpaid` as the oldest unpaid instalment. */
  #recognised(loan: Loan, unpaid: number, second: number): bigint {
    return this.#ofPaid(loan, unpaid, second) + this.#unpaidPart(loan, unpaid, second);
  }

  #ofPaid({ periods }: Loan, unpaid: number, second: number): bigint {
    return periods.slice(0, unpaid).reduce((sum, period) => sum + this.earned(period, second), 0n);
  }

  #unpaidPart({ periods }: Loan, unpaid: number, second: number): bigint {
    const [oldest, next] = [periods[unpaid], periods[unpaid + 1]];
    if (oldest === undefined) return 0n;
    if (next === undefined) return this.earned(oldest, second);
    const stop = Math.min(this.startOf(oldest.to + this.#nonAccrualDays), this.startOf(next.to));
    return this.earned(oldest, second) + this.earned(next, Math.min(second, stop));
  }

  #defer(loan: Loan, late: bigint, second: number): void {
    if (late < 0n) throw new Error("a payment must not take anything away");
    if (late === 0n) return;
    loan.deferred = { scaled: late + this.toCome(loan.deferred, second), startedAt: second };
  }

  /** The part of a stream that is not counted yet. */
  toCome(stream: Stream | undefined, second: number): bigint {
    if (stream === undefined) return 0n;
    const end = this.startOf(this.dayOf(stream.startedAt) + 8);
    if (second >= end) return 0n;
    const slope = stream.scaled / BigInt(end - stream.startedAt);
    return stream.scaled - slope * BigInt(second - stream.startedAt);
  }
}
