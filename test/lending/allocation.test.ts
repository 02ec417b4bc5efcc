import { expect } from "chai";
import fc from "fast-check";
import {
  accrue,
  type Components,
  due,
  type EnforcedTerms,
  openStanding,
  payoff,
  repay,
  type Standing,
  sumOf,
} from "../../lending/allocation.ts";
import { penaltyAccrued } from "../../lending/penalty.ts";
import { expectLendingError } from "./expect-error.ts";

const parts = (penalty: bigint, fee: bigint, interest: bigint, principal: bigint): Components => ({
  penalty,
  fee,
  interest,
  principal,
});

/** Three instalments of 1000 + 100 + 10 on days 130, 160 and 190; 36.5 % penalty a year after 5 days: 0.1 % a day. */
const three: EnforcedTerms = {
  schedule: [130, 160, 190].map((day) => ({ day, principal: 1000n, interest: 100n, fee: 10n })),
  penaltyRateBps: 3650,
  penaltyGraceDays: 5,
  penaltyCap: 50n,
  waterfall: "0x00010203",
  earlySettlement: 1,
};

const opened = () => openStanding(100);

describe("allocation", () => {
  it("refuses amounts that are not positive or beyond uint64", () => {
    for (const amount of [0n, -1n, 2n ** 64n]) {
      expectLendingError(() => repay(three, opened(), amount, 110), "out_of_range", "amount");
    }
  });

  it("refuses days before the disbursement and before what was accounted for", () => {
    expectLendingError(() => due(three, opened(), 99), "out_of_range", "day");
    expectLendingError(() => payoff(three, opened(), 99), "out_of_range", "day");
    expectLendingError(() => repay(three, opened(), 1n, 99), "out_of_range", "day");
    const late = repay(three, opened(), 1n, 140).next;
    expectLendingError(() => repay(three, late, 1n, 139), "out_of_range", "day");
  });

  it("refuses to take money for a closed loan, of which nothing is due", () => {
    const { next } = repay(three, opened(), 10_000n, 100);
    expect(next.closed).to.equal(true);
    expectLendingError(() => repay(three, next, 1n, 101), "impossible", "standing.closed");
    expect(sumOf(due(three, next, 500)) + sumOf(payoff(three, next, 500))).to.equal(0n);
    expect(penaltyAccrued(three, next, 500)).to.equal(0n);
  });

  it("leaves the standing that it is given as it was", () => {
    const standing = opened();
    repay(three, standing, 500n, 150);
    repay(three, standing, 5000n, 150);
    expect(standing).to.deep.equal(opened());
  });

  it("has nothing due before the first due day and everything up to a day on that day", () => {
    expect(due(three, opened(), 129)).to.deep.equal(parts(0n, 0n, 0n, 0n));
    expect(due(three, opened(), 130)).to.deep.equal(parts(0n, 10n, 100n, 1000n));
    expect(due(three, opened(), 160)).to.deep.equal(parts(27n, 20n, 200n, 2000n));
  });

  it("accrues a penalty from the first day after due day and grace, rounded down, up to the cap", () => {
    const penalties = [135, 136, 137, 145, 185, 300].map((day) => due(three, opened(), day).penalty);
    expect(penalties).to.deep.equal([0n, 1n, 2n, 11n, 50n, 50n]);
    const uncapped = { ...three, penaltyCap: 1000n };
    expect(due(uncapped, opened(), 166).penalty).to.equal(35n);
    expect(due({ ...three, penaltyRateBps: 0 }, opened(), 300).penalty).to.equal(0n);
  });

  it("fills the oldest instalment in the order of the waterfall", () => {
    const first = repay(three, opened(), 500n, 145);
    expect(first.components).to.deep.equal(parts(11n, 10n, 100n, 379n));
    expect(first.perInstalment).to.deep.equal([
      { index: 0, ...parts(11n, 10n, 100n, 379n), waivedInterest: 0n },
    ]);
    expect(first.next).to.deep.include({
      nextInstalment: 0,
      partPaid: parts(0n, 10n, 100n, 379n),
      penaltyDay: 145,
    });
    const principalFirst = repay({ ...three, waterfall: "0x03020100" }, opened(), 1050n, 145);
    expect(principalFirst.components).to.deep.equal(parts(0n, 0n, 50n, 1000n));
  });

  it("goes on to the next instalment only when the penalty is paid too", () => {
    const penaltyLast: EnforcedTerms = { ...three, waterfall: "0x01020300" };
    const { next } = repay(penaltyLast, opened(), 1110n, 145);
    expect(next).to.deep.include({ nextInstalment: 0, partPaid: parts(0n, 10n, 100n, 1000n) });
    expect(due(penaltyLast, next, 159)).to.deep.equal(parts(11n, 0n, 0n, 0n));
    const after = repay(penaltyLast, next, 12n, 150);
    expect(after.perInstalment).to.deep.equal([
      { index: 0, ...parts(11n, 0n, 0n, 0n), waivedInterest: 0n },
      { index: 1, ...parts(0n, 1n, 0n, 0n), waivedInterest: 0n },
    ]);
    expect(after.next).to.deep.include({ nextInstalment: 1, partPaid: parts(0n, 1n, 0n, 0n) });
  });

  it("accrues on what is unpaid after a part payment, and remembers what accrued before", () => {
    const uncapped = { ...three, penaltyCap: 1000n };
    const { next } = repay(uncapped, opened(), 511n, 145);
    expect(next.partPaid).to.deep.equal(parts(0n, 10n, 100n, 390n));
    // 11.1 accrued to day 145, of which 11 was paid; then 610 * 0.1 % for 10 days.
    expect(due(uncapped, next, 155).penalty).to.equal(6n);
    expect(next.penaltyNumerator).to.equal(1110n * 3650n * 10n);
  });

  it("asks for pro-rata interest to the payoff day, rounded up, and none of later periods", () => {
    const interest = [100, 101, 110, 129, 130, 131, 190, 400].map(
      (day) => payoff(three, opened(), day).interest,
    );
    expect(interest).to.deep.equal([0n, 4n, 34n, 97n, 100n, 104n, 300n, 300n]);
    expect(payoff({ ...three, earlySettlement: 0 }, opened(), 100).interest).to.equal(300n);
    expect(payoff(three, opened(), 100)).to.deep.equal(parts(0n, 30n, 0n, 3000n));
  });

  it("takes off a payoff the interest that was paid ahead, but gives none back", () => {
    const interestFirst: EnforcedTerms = { ...three, waterfall: "0x02000103" };
    const { next } = repay(interestFirst, opened(), 50n, 101);
    expect(next.partPaid.interest).to.equal(50n);
    expect([110, 115, 116].map((day) => payoff(interestFirst, next, day).interest)).to.deep.equal([
      0n,
      0n,
      4n,
    ]);
  });

  it("closes with exactly the payoff, never takes more, and says per instalment what was waived", () => {
    const total = sumOf(payoff(three, opened(), 145));
    expect(total).to.equal(11n + 30n + 150n + 3000n);
    for (const amount of [total, total + 1n, 2n ** 64n - 1n]) {
      const closing = repay(three, opened(), amount, 145);
      expect(closing).to.deep.include({
        closed: true,
        waivedInterest: 150n,
        components: parts(11n, 30n, 150n, 3000n),
      });
      expect(closing.perInstalment).to.deep.equal([
        { index: 0, ...parts(11n, 10n, 100n, 1000n), waivedInterest: 0n },
        { index: 1, ...parts(0n, 10n, 50n, 1000n), waivedInterest: 50n },
        { index: 2, ...parts(0n, 10n, 0n, 1000n), waivedInterest: 100n },
      ]);
      expect(closing.next).to.deep.include({
        nextInstalment: 3,
        waivedInterest: 150n,
        partPaid: parts(0n, 0n, 0n, 0n),
      });
    }
    expect(repay(three, opened(), total - 1n, 145).closed).to.equal(false);
  });
});

/* Properties on random terms and payments. */

const permutations = ["00010203", "03020100", "01020300", "02030001", "03000102"].map(
  (order) => `0x${order}` as const,
);

const randomTerms: fc.Arbitrary<EnforcedTerms> = fc.record({
  schedule: fc
    .array(
      fc.record({
        gap: fc.integer({ min: 1, max: 40 }),
        principal: fc.bigInt({ min: 0n, max: 100_000n }),
        interest: fc.bigInt({ min: 0n, max: 5000n }),
        fee: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 300n })),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((rows) => {
      let day = 100;
      return rows.map(({ gap, principal, interest, fee }) => {
        day += gap;
        return { day, principal: principal + interest + fee === 0n ? 1n : principal, interest, fee };
      });
    }),
  penaltyRateBps: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })),
  penaltyGraceDays: fc.integer({ min: 0, max: 20 }),
  penaltyCap: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 100_000n })),
  waterfall: fc.constantFrom(...permutations),
  earlySettlement: fc.constantFrom(0 as const, 1 as const),
});

const randomPayments = fc.array(
  fc.record({ wait: fc.integer({ min: 0, max: 45 }), amount: fc.bigInt({ min: 1n, max: 120_000n }) }),
  { minLength: 1, maxLength: 15 },
);

const SEED = { seed: 2022, numRuns: 400 };

/** Pays until the list ends or the loan is closed; `seen` looks at each payment and the standing before it. */
function play(
  terms: EnforcedTerms,
  payments: { wait: number; amount: bigint }[],
  seen: (before: Standing, day: number, amount: bigint, outcome: ReturnType<typeof repay>) => void = () => {},
): { standing: Standing; day: number } {
  let standing = openStanding(100);
  let day = 100;
  for (const { wait, amount } of payments) {
    if (standing.closed) break;
    day += wait;
    const outcome = repay(terms, standing, amount, day);
    seen(standing, day, amount, outcome);
    standing = outcome.next;
  }
  return { standing, day };
}

function scheduled(terms: EnforcedTerms): Components {
  const total = parts(0n, 0n, 0n, 0n);
  for (const row of terms.schedule) {
    total.fee += row.fee;
    total.interest += row.interest;
    total.principal += row.principal;
  }
  return total;
}

describe("allocation on random terms and payments", () => {
  it("takes the amount or the payoff, whichever is less, and accounts for every unit of it", () => {
    fc.assert(
      fc.property(randomTerms, randomPayments, (terms, payments) => {
        play(terms, payments, (before, day, amount, outcome) => {
          const quote = sumOf(payoff(terms, before, day));
          const isPayoff = amount >= quote;
          expect(sumOf(outcome.components)).to.equal(isPayoff ? quote : amount);
          expect(outcome.closed).to.equal(isPayoff);
          const rows = outcome.perInstalment;
          for (const component of ["penalty", "fee", "interest", "principal"] as const) {
            const total = rows.reduce((sum, row) => sum + row[component], 0n);
            expect(total).to.equal(outcome.components[component]);
            expect(before.paid[component] + total).to.equal(outcome.next.paid[component]);
            expect(rows.every((row) => row[component] >= 0n)).to.equal(true);
          }
          expect(rows.reduce((sum, row) => sum + row.waivedInterest, 0n)).to.equal(outcome.waivedInterest);
          expect(rows.map((row) => row.index)).to.deep.equal(rows.map((_, i) => before.nextInstalment + i));
        });
      }),
      SEED,
    );
  });

  it("ends with all principal and fees paid and all interest paid or waived, penalty within its cap", () => {
    fc.assert(
      fc.property(randomTerms, randomPayments, fc.integer({ min: 0, max: 60 }), (terms, payments, wait) => {
        const last = { wait, amount: 2n ** 63n };
        const { standing } = play(terms, [...payments, last]);
        const total = scheduled(terms);
        expect(standing.closed).to.equal(true);
        expect(standing.paid.principal).to.equal(total.principal);
        expect(standing.paid.fee).to.equal(total.fee);
        expect(standing.paid.interest + standing.waivedInterest).to.equal(total.interest);
        expect(standing.paid.penalty <= terms.penaltyCap).to.equal(true);
        if (terms.earlySettlement === 0) expect(standing.waivedInterest).to.equal(0n);
      }),
      SEED,
    );
  });

  it("never asks for more at a payoff than for everything, and for no less on a later day", () => {
    fc.assert(
      fc.property(
        randomTerms,
        randomPayments,
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        (terms, payments, a, b) => {
          const { standing, day } = play(terms, payments);
          if (standing.closed) return;
          const [early, later] = [payoff(terms, standing, day + a), payoff(terms, standing, day + a + b)];
          const total = scheduled(terms);
          expect(early.principal).to.equal(total.principal - standing.paid.principal);
          expect(early.fee).to.equal(total.fee - standing.paid.fee);
          expect(early.interest <= total.interest - standing.paid.interest).to.equal(true);
          expect(sumOf(early) > 0n).to.equal(true);
          expect(later.penalty >= early.penalty && later.interest >= early.interest).to.equal(true);
          const dueNow = due(terms, standing, day + a);
          for (const component of ["penalty", "fee", "interest", "principal"] as const) {
            expect(dueNow[component] >= 0n && dueNow[component] <= early[component]).to.equal(true);
          }
        },
      ),
      SEED,
    );
  });

  it("owes the same penalty however often it is brought up to date in between", () => {
    const stops = fc.array(fc.nat({ max: 30 }), { maxLength: 8 });
    fc.assert(
      fc.property(randomTerms, randomPayments, stops, (terms, payments, waits) => {
        const { standing, day } = play(terms, payments);
        let [stepped, at] = [standing, day];
        for (const wait of waits) {
          at += wait;
          stepped = accrue(terms, stepped, at);
        }
        for (const later of [at, at + 1, at + 90]) {
          expect(penaltyAccrued(terms, stepped, later)).to.equal(penaltyAccrued(terms, standing, later));
          expect(payoff(terms, stepped, later)).to.deep.equal(payoff(terms, standing, later));
          expect(due(terms, stepped, later)).to.deep.equal(due(terms, standing, later));
        }
      }),
      SEED,
    );
  });

  it("comes to the same standing whether a day's money arrives at once or in two parts", () => {
    fc.assert(
      fc.property(
        randomTerms,
        randomPayments,
        fc.bigInt({ min: 1n, max: 50_000n }),
        (terms, payments, part) => {
          const { standing, day } = play(terms, payments);
          if (standing.closed || part >= sumOf(payoff(terms, standing, day))) return;
          const whole = repay(terms, standing, part + 777n, day);
          const first = repay(terms, standing, part, day);
          const second = repay(terms, first.next, 777n, day);
          expect(second.next).to.deep.equal({ ...whole.next, payments: whole.next.payments + 1 });
        },
      ),
      SEED,
    );
  });
});
