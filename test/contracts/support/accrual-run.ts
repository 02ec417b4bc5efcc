import { expect } from "chai";
import type { ContractTransactionResponse, Interface } from "ethers";
import { AccrualModel, type Period, SCALE, type Stream } from "./accrual-model.ts";
import { deployHelper, type Helper } from "./chain.ts";
import type { Seeded } from "./seeded.ts";

export type AccrualHarness = Helper<
  | "roll"
  | "open"
  | "openMany"
  | "advance"
  | "retreat"
  | "close"
  | "reopen"
  | "stream"
  | "cancel"
  | "numeratorAt"
  | "recognisedAt"
  | "countedOf"
  | "gasOfView"
  | "line"
  | "bucket"
  | "netOf"
>;

export interface Setting {
  utcOffset: number;
  nonAccrualDays: number;
  startsAt: number;
}

export interface Done {
  first: bigint;
  second: bigint;
  gasUsed: bigint;
}

/** What the harness answered. */
export async function done(
  harness: { interface: Interface },
  sent: Promise<ContractTransactionResponse>,
): Promise<Done> {
  const receipt = await (await sent).wait();
  const parsed = receipt?.logs
    .map((log) => harness.interface.parseLog(log))
    .find((log) => log?.name === "Done");
  if (parsed === undefined || parsed === null) throw new Error("the harness did not answer");
  return parsed.args.toObject() as unknown as Done;
}

/** The periods that the book must be shown for an instalment: its own and those after it that a payment can touch. */
export function shown(periods: Period[], unpaid: number, paid = 0): Period[] {
  return periods.slice(unpaid, unpaid + paid + 2);
}

/** What a loan's end left behind, for taking it back. */
interface Ending {
  id: number;
  account: Account;
  gain: Stream | undefined;
}

interface Account {
  periods: Period[];
  unpaid: number;
  partPaid: bigint;
  latest: { paid: number; at: number } | undefined;
}

const EVENTS = {
  open: 24,
  pay: 30,
  payAhead: 6,
  cure: 8,
  payPart: 6,
  payOff: 7,
  writeOff: 4,
  takeBack: 5,
  reopen: 5,
  gain: 5,
  cancelGain: 2,
  roll: 8,
} as const;

/** One book on the chain and the same in brute force, through the same random events. */
export class AccrualRun {
  readonly model: AccrualModel;
  now: number;
  events = 0;
  readonly #harness: AccrualHarness;
  readonly #random: Seeded;
  readonly #most: number;
  readonly #open = new Map<number, Account>();
  readonly #gains: Stream[] = [];
  readonly #endings: Ending[] = [];
  #ids = 0;

  private constructor(harness: AccrualHarness, setting: Setting, random: Seeded, most: number) {
    this.#harness = harness;
    this.model = new AccrualModel(setting.utcOffset, setting.nonAccrualDays);
    this.now = setting.startsAt;
    this.#random = random;
    this.#most = most;
  }

  /** @param most Open loans at a time. */
  static async begin(setting: Setting, random: Seeded, most: number): Promise<AccrualRun> {
    const { utcOffset, startsAt, nonAccrualDays } = setting;
    const harness: AccrualHarness = await deployHelper("AccrualHarness", [
      utcOffset,
      startsAt,
      nonAccrualDays,
    ]);
    return new AccrualRun(harness, setting, random, most);
  }

  /** Lets time pass and something happen. Nothing but a loss may move the numerator in the second of the event. */
  async step(): Promise<void> {
    this.#pass();
    const name = this.#random.weighted(EVENTS);
    // A pool rolls before it acts; others may have, or not.
    if (this.#random.chance(40)) await this.#roll();
    const before = await this.#numerator(this.now);
    const lost = await this.#act(name);
    expect((await this.#numerator(this.now)) - before, `${name} in its own second`).to.equal(-lost);
    this.events += 1;
  }

  /** The book says what brute force says: now, and on later days as if nothing more happened. */
  async check(): Promise<void> {
    const ahead = [0, this.#random.int(1, 200_000), this.#random.int(1, 90) * 86_400];
    for (const seconds of ahead) {
      const second = this.now + seconds;
      expect(await this.#numerator(second), `after ${this.events} events, ${seconds} s on`).to.equal(
        this.model.numeratorAt(second),
      );
    }
    const [id] = this.#someLoan() ?? [];
    if (id === undefined) return;
    expect(await this.#counted(id)).to.equal(this.model.countedOf(id, this.now));
  }

  /** Ends every loan and waits until everything has come in: the books are level, to the last numerator. */
  async settle(): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.#close(id, this.#random.chance(50) ? 0n : undefined);
    this.now += 900 * 86_400;
    expect(await this.#numerator(this.now)).to.equal(this.model.promised());
    while ((await done(this.#harness, this.#harness.roll(this.now, 250))).first === 0n);
    const { slope, intercept } = await this.#harness.line();
    expect({ slope, intercept }).to.deep.equal({ slope: 0n, intercept: this.model.promised() });
  }

  #pass(): void {
    const boundary = this.model.startOf(this.model.dayOf(this.now) + this.#random.int(1, 3));
    const kind = this.#random.weighted({ none: 25, hours: 35, boundary: 12, days: 22, long: 6 });
    if (kind === "hours") this.now += this.#random.int(1, 7_200);
    if (kind === "boundary") this.now = boundary + this.#random.int(-1, 1);
    if (kind === "days") this.now += this.#random.int(1, 6 * 86_400);
    if (kind === "long") this.now += this.#random.int(6, 70) * 86_400;
  }

  async #act(name: keyof typeof EVENTS): Promise<bigint> {
    if (name === "open") return await this.#originate();
    if (name === "roll") return await this.#roll();
    if (name === "gain") return await this.#someGain();
    if (name === "cancelGain") return await this.#cancel(this.#gains.pop());
    if (name === "reopen") return await this.#reopen();
    const [id, account] = this.#someLoan() ?? [];
    if (id === undefined || account === undefined) return await this.#originate();
    if (name === "payOff") return await this.#close(id, this.#payoffOf(account));
    if (name === "writeOff") return await this.#close(id, account.partPaid);
    if (name === "takeBack") return await this.#takeBack(id, account);
    if (name === "payPart") return this.#payPart(account);
    return await this.#pay(id, account, this.#instalments(name, account));
  }

  async #originate(): Promise<bigint> {
    if (this.#open.size >= this.#most) return await this.#roll();
    const id = this.#ids++;
    const periods = this.#schedule();
    const { first } = await done(this.#harness, this.#harness.open(id, shown(periods, 0), this.now));
    expect(first).to.equal(this.model.open(id, periods, this.now));
    this.#open.set(id, { periods, unpaid: 0, partPaid: 0n, latest: undefined });
    return 0n;
  }

  async #pay(id: number, account: Account, paid: number): Promise<bigint> {
    const periods = shown(account.periods, account.unpaid, paid);
    const { first } = await done(this.#harness, this.#harness.advance(id, periods, paid, this.now));
    expect(first, "late").to.equal(this.model.advance(id, paid, this.now));
    account.unpaid += paid;
    account.partPaid = 0n;
    account.latest = { paid, at: this.now };
    if (account.unpaid === account.periods.length) {
      this.#open.delete(id);
      // A loan that is paid to its end keeps nothing of unpaid instalments: it has none.
      this.model.loan(id).kept = 0n;
    }
    return 0n;
  }

  /** Money that completes no instalment is none of the book's business. */
  #payPart(account: Account): bigint {
    const oldest = account.periods[account.unpaid];
    if (oldest !== undefined) account.partPaid = this.#random.bigInt(account.partPaid, oldest.interest);
    return 0n;
  }

  async #close(id: number, received = this.#payoffOf(this.#account(id))): Promise<bigint> {
    const account = this.#account(id);
    const { periods, unpaid } = account;
    const { first, second } = await done(
      this.#harness,
      this.#harness.close(id, shown(periods, unpaid), received, this.now),
    );
    const { gain, loss } = this.model.close(id, received, this.now);
    expect({ gain: first, loss: second }).to.deep.equal({ gain, loss });
    this.#open.delete(id);
    this.#endings.push({ id, account, gain: await this.#gain(gain) });
    return loss;
  }

  async #takeBack(id: number, account: Account): Promise<bigint> {
    if (account.latest === undefined) return 0n;
    const { paid, at } = account.latest;
    account.unpaid -= paid;
    account.latest = undefined;
    const periods = shown(account.periods, account.unpaid, paid);
    const { first } = await done(this.#harness, this.#harness.retreat(id, periods, paid, at, this.now));
    expect(first, "lost").to.equal(this.model.retreat(id, paid, at, this.now));
    return first;
  }

  /** The end of a loan is taken back, and with it the stream of what it had gained. */
  async #reopen(): Promise<bigint> {
    const ending = this.#endings.pop();
    if (ending === undefined) return 0n;
    const { id, account, gain } = ending;
    const lost = await this.#cancel(gain);
    const kept = this.model.loan(id).kept ?? 0n;
    const periods = shown(account.periods, account.unpaid);
    const { first } = await done(this.#harness, this.#harness.reopen(id, periods, kept, this.now));
    expect(first, "late").to.equal(this.model.reopen(id, this.now));
    account.latest = undefined;
    this.#open.set(id, account);
    return lost;
  }

  async #gain(scaled: bigint): Promise<Stream | undefined> {
    await done(this.#harness, this.#harness.stream(scaled, this.now));
    return scaled === 0n ? undefined : this.model.stream(scaled, this.now);
  }

  async #someGain(): Promise<bigint> {
    const gain = await this.#gain(this.#scaled());
    if (gain !== undefined) this.#gains.push(gain);
    return 0n;
  }

  async #cancel(gain: Stream | undefined): Promise<bigint> {
    if (gain === undefined) return 0n;
    const { first } = await done(this.#harness, this.#harness.cancel(gain.scaled, gain.startedAt, this.now));
    expect(first, "lost").to.equal(this.model.cancel(gain, this.now));
    return first;
  }

  async #roll(): Promise<bigint> {
    await done(this.#harness, this.#harness.roll(this.now, this.#random.pick([0, 1, 3, 30, 400, 400, 400])));
    return 0n;
  }

  #schedule(): Period[] {
    const today = this.model.dayOf(this.now);
    // Most loans open on the day of the disbursement; a few come later than they began, or before.
    let from = today + 1 + (this.#random.chance(90) ? 0 : this.#random.int(-40, 10));
    const regular = this.#random.int(7, 33);
    return Array.from({ length: this.#random.int(1, 24) }, () => {
      const days = this.#random.chance(80) ? regular : this.#random.int(7, 33);
      const period = { from, to: from + days, interest: this.#interest() };
      from = period.to;
      return period;
    });
  }

  #interest(): bigint {
    const kind = this.#random.weighted({ none: 4, tiny: 10, usual: 80, most: 6 });
    if (kind === "none") return 0n;
    if (kind === "tiny") return this.#random.bigInt(1n, 9n);
    if (kind === "usual") return this.#random.bigInt(10_000n, 50_000_000n);
    return this.#random.bigInt(2n ** 120n, 2n ** 124n);
  }

  #scaled(): bigint {
    if (this.#random.chance(10)) return this.#random.bigInt(0n, 700_000n);
    return this.#interest() * SCALE + this.#random.bigInt(0n, SCALE);
  }

  #instalments(name: "pay" | "payAhead" | "cure", { periods, unpaid }: Account): number {
    const left = periods.length - unpaid;
    if (name === "pay") return 1;
    if (name === "payAhead") return this.#random.int(1, left);
    const today = this.model.dayOf(this.now);
    const overdue = periods.slice(unpaid).filter(({ to }) => to <= today).length;
    return Math.max(overdue, 1);
  }

  /** All interest, or what is earned by the end of the day, rounded up: what LoanBook's two rules ask for. */
  #payoffOf({ periods, unpaid, partPaid }: Account): bigint {
    const open = periods.slice(unpaid);
    if (this.#random.chance(30)) return open.reduce((sum, { interest }) => sum + interest, 0n);
    const tonight = this.model.startOf(this.model.dayOf(this.now) + 1);
    const earned = open.reduce((sum, period) => {
      const { numerator, denominator } = this.model.exactly(period, tonight);
      return sum + (numerator + denominator * SCALE - 1n) / (denominator * SCALE);
    }, 0n);
    return earned > partPaid ? earned : partPaid;
  }

  #someLoan(): [number, Account] | undefined {
    if (this.#open.size === 0) return undefined;
    return this.#random.pick([...this.#open]);
  }

  #account(id: number): Account {
    const account = this.#open.get(id);
    if (account === undefined) throw new Error(`loan ${id} is not open`);
    return account;
  }

  async #numerator(second: number): Promise<bigint> {
    return (await this.#harness.numeratorAt(second)) as bigint;
  }

  async #counted(id: number): Promise<bigint> {
    const { periods, unpaid } = this.#account(id);
    return (await this.#harness.countedOf(id, shown(periods, unpaid), this.now)) as bigint;
  }
}
