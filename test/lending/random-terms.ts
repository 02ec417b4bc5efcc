import fc from "fast-check";
import { type Minor, ROUNDING_MODES } from "../../lending/money.ts";
import type { Fraction } from "../../lending/rate.ts";
import type { ScheduleTerms, TermChange, Tranche } from "../../lending/schedule/terms.ts";
import { naivePeriods } from "./naive/periods.ts";

/** The same runs in every `npm test`; other ones in each deep test, whose seed is printed. */
export function runs(seed: number, few: number, many = 10_000): { seed: number; numRuns: number } {
  if (process.env.AHADI_DEEP !== "1") return { seed, numRuns: few };
  const random = Number(process.env.AHADI_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`seed: AHADI_SEED=${random}\n`);
  return { seed: random, numRuns: many };
}

/** Parts of a thousand, which the builders below turn into days and amounts that fit the terms. */
const share = fc.integer({ min: 0, max: 1000 });

const rates = fc.oneof(
  fc.constantFrom(0n, 120_000n, 240_000n, 94_822n),
  fc.bigInt({ min: 0n, max: 600_000n }),
  fc.bigInt({ min: 0n, max: 20_000_000n }),
);
/** In millionths. */
const randomRate: fc.Arbitrary<Fraction> = rates.map((numerator) => ({ numerator, denominator: 1_000_000n }));

const principals = fc.oneof(
  { arbitrary: fc.bigInt({ min: 10_000n, max: 10_000_000n }), weight: 6 },
  { arbitrary: fc.bigInt({ min: 1n, max: 10_000n }), weight: 1 },
  { arbitrary: fc.bigInt({ min: 1n, max: 10n ** 15n }), weight: 1 },
  { arbitrary: fc.constantFrom(100_000n, 1_000_000n, 500_000n), weight: 2 },
);

/** Mostly nothing. */
function seldom<T>(arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary, weight });
}

const plainTerms: fc.Arbitrary<ScheduleTerms> = fc
  .record({
    principal: principals.map((amount) => amount as Minor),
    annualRate: randomRate,
    numberOfInstalments: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 30 })),
    repayEvery: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 })),
    repayUnit: fc.constantFrom("days" as const, "weeks" as const, "months" as const, "months" as const),
    interestMethod: fc.constantFrom(
      "declining_balance" as const,
      "declining_balance" as const,
      "flat" as const,
    ),
    interestPeriod: fc.constantFrom("daily" as const, "repayment_period" as const),
    partialPeriods: fc.boolean(),
    amortisation: fc.constantFrom("equal_instalments" as const, "equal_principal" as const),
    engine: fc.constantFrom("cumulative" as const, "progressive" as const),
    daysInYear: fc.constantFrom(360 as const, 364 as const, 365 as const, "actual" as const),
    daysInMonth: fc.constantFrom(30 as const, "actual" as const),
    grace: fc.oneof(
      { arbitrary: fc.constant({ principal: 0, interestPayment: 0, interest: 0 }), weight: 2 },
      {
        arbitrary: fc.record({
          principal: fc.nat({ max: 4 }),
          interestPayment: fc.nat({ max: 4 }),
          interest: fc.nat({ max: 4 }),
        }),
        weight: 1,
      },
    ),
    rounding: fc.record({
      mode: fc.oneof(fc.constant("half_even" as const), fc.constantFrom(...ROUNDING_MODES)),
      multiple: fc.constantFrom(1n, 1n, 1n, 1n, 5n, 100n),
    }),
    instalmentMultiple: fc.constantFrom(1n, 1n, 1n, 5n, 100n, 1000n).map((amount) => amount as Minor),
    disbursementDay: fc.oneof(
      fc.integer({ min: 0, max: 40_000 }),
      fc.constantFrom(19_022, 19_388, 19_023, 19_752),
    ),
  })
  .map((terms): ScheduleTerms => {
    const { numberOfInstalments: count, repayUnit, repayEvery } = terms;
    const max = (periods: number) => Math.min(periods, count - 1);
    const { principal, interestPayment, interest } = terms.grace;
    const grace = {
      principal: max(principal),
      interestPayment: max(interestPayment),
      interest: Math.min(interest, count),
    };
    // A loan of a century has more days than tests have time.
    const every = repayUnit === "months" ? Math.min(repayEvery, 6) : repayEvery;
    const isProgressive = terms.engine === "progressive";
    if (!isProgressive) return { ...terms, grace, repayEvery: every };
    const none = { principal: 0, interestPayment: 0, interest: 0 };
    return {
      ...terms,
      grace: none,
      repayEvery: every,
      interestMethod: "declining_balance",
      amortisation: "equal_instalments",
    };
  });

/** Terms without what is agreed beside the plain ones. */
export const randomPlainTerms = plainTerms;

/** A first repayment day of the borrower's choice, or a first period that begins before the money is paid out. */
const withStart = (terms: ScheduleTerms): fc.Arbitrary<ScheduleTerms> =>
  fc
    .record({
      first: seldom(fc.integer({ min: 1, max: 80 }), 2),
      before: seldom(fc.integer({ min: 0, max: 20 })),
    })
    .map(({ first, before }) => {
      if (first !== undefined) return { ...terms, firstRepaymentDay: terms.disbursementDay + first };
      if (before === undefined || before > terms.disbursementDay) return terms;
      return { ...terms, scheduleStartDay: terms.disbursementDay - before };
    });

const withTranches = (terms: ScheduleTerms): fc.Arbitrary<ScheduleTerms> =>
  seldom(
    fc.array(fc.record({ at: share, part: share, isOnDueDay: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    3,
  ).map((wanted) => (wanted === undefined ? terms : { ...terms, tranches: tranchesAt(terms, wanted) }));

function tranchesAt(
  terms: ScheduleTerms,
  wanted: readonly { at: number; part: number; isOnDueDay: boolean }[],
): Tranche[] {
  const dues = naivePeriods(terms).map(({ due }) => due);
  const length = (dues.at(-1) ?? 0) - terms.disbursementDay;
  const days = wanted.map(({ at, isOnDueDay }) => {
    const day = terms.disbursementDay + Math.floor((length * at) / 1000);
    return isOnDueDay ? (dues.findLast((due) => due <= day) ?? day) : day;
  });
  const tranches: Tranche[] = [];
  let left: bigint = terms.principal;
  for (const [index, day] of days.sort((a, b) => a - b).entries()) {
    const amount = (terms.principal * BigInt((wanted[index]?.part ?? 0) + 1)) / BigInt(1001 * wanted.length);
    if (amount === 0n) continue;
    tranches.push({ day, amount: amount as Minor });
    left -= amount;
  }
  return [{ day: terms.disbursementDay, amount: left as Minor }, ...tranches];
}

const withDownPayment = (terms: ScheduleTerms): fc.Arbitrary<ScheduleTerms> =>
  seldom(fc.constantFrom(25n, 10n, 33n, 1n).map((numerator) => ({ numerator, denominator: 100n }))).map(
    (downPayment) => (downPayment === undefined ? terms : { ...terms, downPayment }),
  );

const randomChange = fc.record({
  row: share,
  move: seldom(fc.integer({ min: -5, max: 20 }), 2),
  annualRate: seldom(randomRate, 3),
  graceOnPrincipal: fc.constantFrom(0, 0, 1, 2),
  graceOnInterest: fc.constantFrom(0, 0, 1, 2),
  extraInstalments: fc.constantFrom(0, 0, 1, 3),
});

const withChanges = (terms: ScheduleTerms): fc.Arbitrary<ScheduleTerms> =>
  seldom(fc.array(randomChange, { minLength: 1, maxLength: 2 }), 2).map((wanted = []) => {
    const changes: TermChange[] = [];
    for (const { row, move, ...rest } of wanted.toSorted((a, b) => a.row - b.row)) {
      const dues = naivePeriods({ ...terms, changes }).map(({ due }) => due);
      const from = dues[Math.min(Math.floor((dues.length * row) / 1000), dues.length - 1)] ?? 0;
      const dueDay =
        move === undefined || changes.some((change) => change.from === from) ? undefined : from + move;
      changes.push(
        terms.engine === "cumulative"
          ? { from, ...rest, dueDay }
          : { ...NO_CHANGE, from, annualRate: rest.annualRate },
      );
    }
    return changes.length === 0 ? terms : { ...terms, changes };
  });

/** The progressive engine knows changes of the rate alone. */
const NO_CHANGE = { graceOnPrincipal: 0, graceOnInterest: 0, extraInstalments: 0 };

/** The same periods given one by one, some beginning later than the one before them ended. */
const withPeriods = (terms: ScheduleTerms): fc.Arbitrary<ScheduleTerms> =>
  seldom(fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 })).map((gaps) => {
    const periods = naivePeriods(terms);
    const isPlain = terms.changes === undefined && periods.length === terms.numberOfInstalments;
    const isAfterPayout = (periods[0]?.due ?? 0) > terms.disbursementDay;
    if (gaps === undefined || !isPlain || !isAfterPayout) return terms;
    const given = periods.map(({ from, due }, index) => ({
      from: Math.min(from + (gaps[index % gaps.length] ?? 0), due - 1),
      due,
    }));
    return { ...terms, periods: given };
  });

/** Terms with all that may be agreed, whether it makes sense together or not. */
export const randomTerms: fc.Arbitrary<ScheduleTerms> = plainTerms
  .chain(withStart)
  .chain(withTranches)
  .chain(withDownPayment)
  .chain(withChanges)
  .chain(withPeriods);
