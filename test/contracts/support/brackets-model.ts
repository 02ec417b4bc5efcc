/** What AgeBrackets must say, by brute force: every figure is added up anew from all loans. */

export interface Rule {
  moreThanDays: number;
  provisionBps: number;
}

export interface Claim {
  dueDay: number;
  principal: bigint;
  /** What ages with the principal: base units that are counted as income and not paid. */
  interest: bigint;
}

const BASIS_POINTS = 10_000n;

export class BracketsModel {
  readonly claims = new Map<number, Claim>();
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  outstanding(): bigint {
    return this.#sum(principalOf, () => true);
  }

  portfolioAtRisk(moreThanDays: number, today: number): bigint {
    return this.#sum(principalOf, ({ dueDay }) => today - dueDay > moreThanDays);
  }

  interestAtRisk(moreThanDays: number, today: number): bigint {
    return this.#sum(interestOf, ({ dueDay }) => today - dueDay > moreThanDays);
  }

  provision(today: number): bigint {
    return this.#weighted(today, (bracket) => bracket);
  }

  provisionAhead(today: number): bigint {
    return this.#weighted(today, (bracket) => Math.min(bracket + 1, this.#rules.length - 1));
  }

  /** -1 for a claim that is in no bracket yet. */
  #bracketOf({ dueDay }: Claim, today: number): number {
    return this.#rules.findLastIndex(({ moreThanDays }) => today - dueDay > moreThanDays);
  }

  /** Interest of what is in no bracket yet counts nowhere. */
  #weighted(today: number, countsAs: (bracket: number) => number): bigint {
    let sum = 0n;
    for (const claim of this.claims.values()) {
      const bracket = this.#bracketOf(claim, today);
      const amount = claim.principal + (bracket === -1 ? 0n : claim.interest);
      sum += amount * BigInt(this.#rules[countsAs(bracket)]?.provisionBps ?? 0);
    }
    return (sum + BASIS_POINTS - 1n) / BASIS_POINTS;
  }

  #sum(figure: (claim: Claim) => bigint, counts: (claim: Claim) => boolean): bigint {
    let sum = 0n;
    for (const claim of this.claims.values()) if (counts(claim)) sum += figure(claim);
    return sum;
  }
}

function principalOf({ principal }: Claim): bigint {
  return principal;
}

function interestOf({ interest }: Claim): bigint {
  return interest;
}
