import fc from "fast-check";
import { ROUNDING_MODES } from "../../lending/money.ts";
import type { Fraction } from "../../lending/rate.ts";
import { type BucketRule, DUE_TYPES } from "../../lending/replay/buckets.ts";
import type { ChargeAmount } from "../../lending/replay/charges.ts";
import type { Allocation, Entry, Loan } from "../../lending/replay/history.ts";
import { STRATEGIES } from "../../lending/replay/strategies.ts";
import type { ScheduleTerms } from "../../lending/schedule/terms.ts";
import { naivePeriods } from "./naive/periods.ts";
import { randomTerms } from "./random-terms.ts";

/** Parts of a thousand, which are turned into days and amounts that fit the loan. */
const share = fc.integer({ min: 0, max: 1000 });

const BUCKETS = DUE_TYPES.flatMap((when) =>
  (["penalty", "fee", "interest", "principal"] as const).map((component) => ({ when, component })),
);

/** Overdue before due before in advance, as people pay, or any order of the 12. */
const orders = fc.oneof(
  fc.shuffledSubarray(BUCKETS, { minLength: BUCKETS.length }),
  fc
    .shuffledSubarray(["penalty", "fee", "interest", "principal"] as const, { minLength: 4 })
    .map((components) => DUE_TYPES.flatMap((when) => components.map((component) => ({ when, component })))),
);

const randomBuckets: fc.Arbitrary<BucketRule> = fc.record({
  order: orders,
  processing: fc.constantFrom("horizontal" as const, "vertical" as const),
  future: fc.constantFrom("next" as const, "last" as const, "reamortise" as const),
  rounding: fc.constantFrom("half_even" as const, ...ROUNDING_MODES),
});

const byStrategy: fc.Arbitrary<Allocation> = fc
  .constantFrom(...STRATEGIES)
  .map((strategy) => ({ kind: "strategy", strategy }));
const byBuckets: fc.Arbitrary<Allocation> = randomBuckets.map((rule) => ({ kind: "buckets", ...rule }));

const chargeBase = fc.constantFrom(
  "principal" as const,
  "interest" as const,
  "principal_and_interest" as const,
);
const percent = fc.constantFrom(1n, 2n, 10n).map((numerator) => ({ numerator, denominator: 100n }));

/** Beyond 100 % a year an instalment is often smaller than its interest, and most histories are refused. */
function tamed({ numerator, denominator }: Fraction): Fraction {
  return { numerator: numerator > denominator ? numerator / 30n : numerator, denominator };
}

export const randomLoan: fc.Arbitrary<Loan> = fc
  .record({
    terms: randomTerms,
    strategy: fc.option(byStrategy, { nil: undefined }),
    buckets: byBuckets,
    recalculation: fc.option(
      fc.record({
        rest: fc.constantFrom("daily" as const, "repayment_period" as const),
        earlyMoney: fc.constantFrom(
          "reduce_instalment" as const,
          "reduce_number" as const,
          "next_repayments" as const,
          "adjust_last" as const,
        ),
        payoffUntil: fc.constantFrom("payoff_day" as const, "period_end" as const),
      }),
      { nil: undefined },
    ),
    overduePenalty: fc.option(fc.record({ percent, of: chargeBase }), { nil: undefined }),
    paysDownPayment: fc.boolean(),
  })
  .map((loan): Loan => {
    const { interestMethod, engine } = loan.terms;
    // Only declining interest is computed anew.
    const recalculation = interestMethod === "flat" ? undefined : loan.recalculation;
    const changes = loan.terms.changes?.map((change) => {
      return { ...change, annualRate: change.annualRate && tamed(change.annualRate) };
    });
    const { strategy, buckets, ...rest } = loan;
    const allocation =
      engine === "progressive" && recalculation !== undefined ? buckets : (strategy ?? buckets);
    return {
      ...rest,
      allocation,
      recalculation,
      terms: { ...loan.terms, changes, annualRate: tamed(loan.terms.annualRate) },
    };
  });

const chargeAmount: fc.Arbitrary<ChargeAmount> = fc.oneof(
  fc.bigInt({ min: 1n, max: 5000n }).map((flat) => ({ flat })),
  fc.record({ percent, of: chargeBase }),
);

/** What happens, before it has a day and an amount that fit a loan. */
const randomEvent = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constant("repayment" as const), amount: share, isWhole: fc.boolean() }),
    weight: 10,
  },
  { arbitrary: fc.record({ kind: fc.constant("reversal" as const), nth: share }), weight: 2 },
  {
    arbitrary: fc.record({
      kind: fc.constant("charge" as const),
      when: fc.constantFrom("on_day" as const, "per_instalment" as const, "disbursement" as const),
      chargedAt: share,
      isPenalty: fc.boolean(),
      amount: chargeAmount,
    }),
    weight: 2,
  },
  { arbitrary: fc.constant({ kind: "close_of_business" as const }), weight: 1 },
  { arbitrary: fc.constant({ kind: "as_of" as const }), weight: 1 },
  { arbitrary: fc.constant({ kind: "payoff" as const }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      row: share,
      move: fc.option(fc.integer({ min: -3, max: 15 }), { nil: undefined }),
      rate: fc.option(fc.bigInt({ min: 0n, max: 500n }), { nil: undefined }),
      graceOnPrincipal: fc.constantFrom(0, 0, 1),
      graceOnInterest: fc.constantFrom(0, 0, 1),
      extraInstalments: fc.constantFrom(0, 0, 2),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("re_age" as const),
      after: fc.integer({ min: 0, max: 40 }),
      every: fc.integer({ min: 1, max: 3 }),
      unit: fc.constantFrom("days" as const, "weeks" as const, "months" as const),
      numberOfInstalments: fc.integer({ min: 1, max: 5 }),
    }),
    weight: 1,
  },
);

type Event = typeof randomEvent extends fc.Arbitrary<infer T> ? T : never;

interface Dated {
  at: number;
  /** Posted after what happened later. */
  isLate: boolean;
  event: Event;
}

export interface History {
  loan: Loan;
  entries: Entry[];
  /** A business day after all entries. */
  asOf: number;
}

function entryOf(terms: ScheduleTerms, { event }: Dated, day: number, repayments: number): Entry[] {
  const dues = naivePeriods(terms).map(({ due }) => due);
  switch (event.kind) {
    case "repayment": {
      // Up to twice an instalment's principal, or up to what closes the loan and more.
      const whole = event.isWhole ? terms.principal : terms.principal / BigInt(terms.numberOfInstalments);
      const amount = (whole * BigInt(event.amount) * 2n) / 1000n;
      return amount === 0n ? [] : [{ kind: "repayment", day, amount }];
    }
    case "reversal":
      return repayments === 0
        ? []
        : [{ kind: "reversal", day, nth: 1 + Math.floor((event.nth * (repayments - 1)) / 1000) }];
    case "charge": {
      const { when, isPenalty, amount } = event;
      const length = (dues.at(-1) ?? day) - terms.disbursementDay;
      const chargedOn = terms.disbursementDay + Math.floor((length * event.chargedAt) / 900);
      return [
        {
          kind: "charge",
          charge:
            when === "on_day" ? { when, day: chargedOn, isPenalty, amount } : { when, isPenalty, amount },
        },
      ];
    }
    case "close_of_business":
      return [{ kind: "as_of", day }, { kind: "close_of_business" }];
    case "as_of":
      return [{ kind: "as_of", day }];
    case "payoff":
      return [{ kind: "payoff", day }];
    case "change":
      return [changeOf(terms, dues, event, day)];
    case "re_age": {
      const { after, every, unit, numberOfInstalments } = event;
      const isKnown = terms.engine === "progressive" && terms.annualRate.numerator === 0n;
      if (!isKnown) return [];
      return [{ kind: "re_age", day, firstDue: day + after, every, unit, numberOfInstalments }];
    }
  }
}

function changeOf(
  terms: ScheduleTerms,
  dues: readonly number[],
  event: Extract<Event, { kind: "change" }>,
  day: number,
): Entry {
  const { row, move, rate, graceOnPrincipal, graceOnInterest, extraInstalments } = event;
  const from = dues[Math.min(Math.floor((dues.length * row) / 1000), dues.length - 1)] ?? 0;
  const annualRate = rate === undefined ? undefined : { numerator: rate, denominator: 1000n };
  const dueDay = move === undefined ? undefined : from + move;
  // The progressive engine knows changes of the rate alone.
  const more =
    terms.engine === "progressive"
      ? { graceOnPrincipal: 0, graceOnInterest: 0, extraInstalments: 0 }
      : { dueDay, graceOnPrincipal, graceOnInterest, extraInstalments };
  return { kind: "change", day, change: { agreedOn: day, from, annualRate, ...more } };
}

/** Puts events in the order of posting: that of their days, and the late ones at the end. */
function historyOf(loan: Loan, wanted: readonly Dated[]): History {
  const { terms } = loan;
  const { tranches, changes, ...agreed } = terms;
  // What the terms say about changes was agreed with them.
  const known = changes?.map((change) => ({ ...change, agreedOn: terms.disbursementDay }));
  const dues = naivePeriods(terms).map(({ due }) => due);
  const length = (dues.at(-1) ?? 0) - terms.disbursementDay;
  const dated = wanted.map((one) => {
    const day = terms.disbursementDay + Math.floor((length * one.at) / 800);
    // Half of what happens, happens on due days.
    return { one, day: one.at % 2 === 0 ? (dues.findLast((due) => due <= day) ?? day) : day };
  });
  const inTime = dated.filter(({ one }) => !one.isLate).sort((a, b) => a.day - b.day);
  const late = dated.filter(({ one }) => one.isLate);
  const entries: Entry[] = [];
  const toPayOut = [...(tranches ?? [])];
  for (const { one, day } of [...inTime, ...late]) {
    while (toPayOut[0] !== undefined && toPayOut[0].day <= day)
      entries.push({ kind: "disbursement", ...popFirst(toPayOut) });
    const repayments = entries.filter(({ kind }) => kind === "repayment").length;
    entries.push(...entryOf(terms, one, day, repayments));
  }
  for (const tranche of toPayOut) entries.push({ kind: "disbursement", ...tranche });
  const days = entries.flatMap((entry) => ("day" in entry ? [entry.day] : []));
  return {
    loan: { ...loan, terms: { ...agreed, changes: known } },
    entries,
    asOf: Math.max(terms.disbursementDay, ...days),
  };
}

function popFirst<T>(list: T[]): T {
  const first = list.shift();
  if (first === undefined) throw new RangeError("the list is empty");
  return first;
}

export function randomHistory(of: fc.Arbitrary<Loan> = randomLoan): fc.Arbitrary<History> {
  const events = fc.array(
    fc.record({ at: share, isLate: fc.integer({ min: 0, max: 9 }).map((n) => n === 0), event: randomEvent }),
    {
      maxLength: 12,
    },
  );
  return fc.tuple(of, events).map(([loan, wanted]) => historyOf(loan, wanted));
}
