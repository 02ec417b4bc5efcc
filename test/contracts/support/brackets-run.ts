import { expect } from "chai";
import { BracketsModel, type Claim, type Rule } from "./brackets-model.ts";
import { deployHelper, type Helper } from "./chain.ts";
import type { Seeded } from "./seeded.ts";

export type BracketsHarness = Helper<
  | "add"
  | "addMany"
  | "remove"
  | "move"
  | "roll"
  | "atRiskOn"
  | "portfolioAtRisk"
  | "provision"
  | "provisionAhead"
  | "day"
  | "outstanding"
  | "gasOfView"
>;

const EVENTS = {
  lend: 30,
  payInstalment: 30,
  payPart: 12,
  cure: 10,
  writeOff: 6,
  takeBack: 4,
  roll: 8,
} as const;

/** Brackets on the chain and the same in brute force, through the same random events. */
export class BracketsRun {
  events = 0;
  readonly #harness: BracketsHarness;
  readonly #model: BracketsModel;
  readonly #rules: readonly Rule[];
  readonly #random: Seeded;
  #today: number;
  #ids = 0;

  private constructor(harness: BracketsHarness, rules: readonly Rule[], today: number, random: Seeded) {
    this.#harness = harness;
    this.#rules = rules;
    this.#model = new BracketsModel(rules);
    this.#today = today;
    this.#random = random;
  }

  static async begin(rules: readonly Rule[], today: number, random: Seeded): Promise<BracketsRun> {
    return new BracketsRun(await deployHelper("BracketsHarness", [rules, today]), rules, today, random);
  }

  async step(): Promise<void> {
    this.#today += this.#random.pick([0, 0, 0, 0, 1, 1, 2, 5, this.#random.int(0, 40)]);
    const name = this.#random.weighted(EVENTS);
    const [id, claim] = this.#model.claims.size === 0 ? [] : this.#random.pick([...this.#model.claims]);
    if (name === "roll")
      await this.#harness.roll(this.#today, this.#random.pick([0, 3, 40, 2 ** 40, 2 ** 40]));
    else if (name === "lend" || id === undefined || claim === undefined) await this.#lend();
    else await this.#change(name, id, claim);
    this.events += 1;
  }

  /** Today, and on later days as if nothing more happened. */
  async check(): Promise<void> {
    for (const today of [this.#today, this.#today + this.#random.int(1, 60)]) {
      const message = `on ${today} after ${this.events} events`;
      const sums = (await this.#harness.atRiskOn(today)) as [bigint, bigint][];
      for (const [index, { moreThanDays }] of this.#rules.entries()) {
        expect(sums[index], `PAR-${moreThanDays} ${message}`).to.deep.equal([
          this.#model.portfolioAtRisk(moreThanDays, today),
          this.#model.interestAtRisk(moreThanDays, today),
        ]);
      }
      const days = this.#random.int(0, 130);
      expect(await this.#harness.portfolioAtRisk(days, today), `PAR-${days} ${message}`).to.equal(
        this.#model.portfolioAtRisk(days, today),
      );
      const outstanding = this.#model.outstanding();
      expect(
        [await this.#harness.provision(today), await this.#harness.provisionAhead(outstanding, today)],
        `provisions ${message}`,
      ).to.deep.equal([this.#model.provision(today), this.#model.provisionAhead(today)]);
    }
  }

  async #lend(): Promise<void> {
    const principal = this.#random.chance(5)
      ? this.#random.bigInt(2n ** 90n, 2n ** 110n)
      : this.#random.bigInt(1n, 10n ** 9n);
    const interest = this.#random.chance(20) ? 0n : this.#random.bigInt(0n, principal);
    const claim = { dueDay: this.#today + this.#random.int(1, 40), principal, interest };
    this.#model.claims.set(this.#ids++, claim);
    await this.#harness.add(claim.dueDay, { principal, interest });
  }

  async #change(
    name: Exclude<keyof typeof EVENTS, "lend" | "roll">,
    id: number,
    claim: Claim,
  ): Promise<void> {
    if (name === "writeOff") {
      this.#model.claims.delete(id);
      await this.#harness.remove(claim.dueDay, claim);
      return;
    }
    const next = this.#next(name, claim);
    if (next.principal === 0n && next.interest === 0n) this.#model.claims.delete(id);
    else this.#model.claims.set(id, next);
    await this.#harness.move(claim.dueDay, claim, next.dueDay, next);
  }

  /** Of interest there may be more after a payment: that of the next period. */
  #next(name: "payInstalment" | "payPart" | "cure" | "takeBack", claim: Claim): Claim {
    const { dueDay, principal, interest } = claim;
    const rest = this.#random.bigInt(0n, principal);
    const unpaid = this.#random.bigInt(0n, interest);
    const other = this.#random.bigInt(0n, principal);
    if (name === "payPart") return { dueDay, principal: rest, interest: unpaid };
    if (name === "takeBack") {
      return { dueDay: dueDay - this.#random.int(0, 40), principal: principal + rest, interest: other };
    }
    if (name === "payInstalment") {
      return { dueDay: dueDay + this.#random.int(7, 33), principal: rest, interest: other };
    }
    const from = Math.max(dueDay, this.#today);
    return { dueDay: from + this.#random.int(0, 33), principal: rest, interest: other };
  }
}
