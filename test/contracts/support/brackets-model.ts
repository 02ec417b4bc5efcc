/** What AgeBrackets must say, by brute force: every figure is added up anew from all loans. */

export interface Rule {
  moreThanDays: number;
  provisionBps: number;
}

export interface Claim {
  dueDay: number;
  principal: bigint;
}

const BASIS_POINTS = 10_000n;

export class BracketsModel {
  readonly claims = new Map<number, Claim>();
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  outstanding(): bigint {
    return this.#sum(() => true);
  }

  portfolioAtRisk(moreThanDays: number, today: number): bigint {
    return this.#sum(({ dueDay }) => today - dueDay > moreThanDays);
  }

  provision(today: number): bigint {
    return this.#weighted((claim) => this.#bracketOf(claim, today));
  }

  provisionAhead(today: number): bigint {
    return this.#weighted((claim) => Math.min(this.#bracketOf(claim, today) + 1, this.#rules.length - 1));
  }

  /** -1 for a claim that is in no bracket yet. */
  #bracketOf({ dueDay }: Claim, today: number): number {
    return this.#rules.findLastIndex(({ moreThanDays }) => today - dueDay > moreThanDays);
  }

  #weighted(bracketOf: (claim: Claim) => number): bigint {
    let sum = 0n;
    for (const claim of this.claims.values()) {
      sum += claim.principal * BigInt(this.#rules[bracketOf(claim)]?.provisionBps ?? 0);
    }
    return (sum + BASIS_POINTS - 1n) / BASIS_POINTS;
  }

  #sum(counts: (claim: Claim) => boolean): bigint {
    let sum = 0n;
    for (const claim of this.claims.values()) if (counts(claim)) sum += claim.principal;
    return sum;
  }
}
