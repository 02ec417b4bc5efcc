import process from "node:process";
import { Command } from "commander";
import { addMonths, parseDate } from "../../lending/calendar.ts";
import { minor } from "../../lending/money.ts";
import { rateFromBps } from "../../lending/rate.ts";
import type { Entry, Loan } from "../../lending/replay/history.ts";
import { replay } from "../../lending/replay/replay.ts";
import { computeSchedule, type ScheduleTerms } from "../../lending/schedule.ts";
import { runCommand } from "../command.ts";

/**
 * How fast `lending/` is, on one core. Budgets (issue 3): at least 100,000 instalments a second over the mix below, and a
 * schedule of 1,000 instalments in less than 50 ms. Each figure is a median of batches after a warm-up.
 */

const PLAIN: ScheduleTerms = {
  principal: minor(500_000n),
  annualRate: rateFromBps(1200, "rate"),
  numberOfInstalments: 12,
  repayEvery: 1,
  repayUnit: "months",
  interestMethod: "declining_balance",
  interestPeriod: "repayment_period",
  partialPeriods: false,
  amortisation: "equal_instalments",
  engine: "cumulative",
  daysInYear: "actual",
  daysInMonth: "actual",
  grace: { principal: 0, interestPayment: 0, interest: 0 },
  rounding: { mode: "half_even", multiple: 1n },
  instalmentMultiple: minor(1n),
  disbursementDay: parseDate("2023-10-31", "date"),
};

const DAILY = { interestPeriod: "daily" } as const;
const PROGRESSIVE = { ...DAILY, engine: "progressive" } as const;
const tranche = (date: string, amount: bigint) => ({ day: parseDate(date, "date"), amount: minor(amount) });

/** Equal instalments on a declining balance, as microfinance lends: by the month, by the week, by the day. */
const MIX: Record<string, Partial<ScheduleTerms>> = {
  "12 months": {},
  "24 months, daily interest": { ...DAILY, numberOfInstalments: 24 },
  "18 months from a chosen day": {
    partialPeriods: true,
    numberOfInstalments: 18,
    firstRepaymentDay: parseDate("2023-12-10", "date"),
  },
  "40 weeks in full 1,000s, 4 in grace": {
    repayUnit: "weeks",
    numberOfInstalments: 40,
    instalmentMultiple: minor(1000n),
    grace: { principal: 4, interestPayment: 0, interest: 0 },
  },
  "90 days": { ...DAILY, repayUnit: "days", numberOfInstalments: 90 },
  "12 months, progressive 30/360": { ...PROGRESSIVE, daysInYear: 360, daysInMonth: 30 },
  "24 months, progressive actual": { ...PROGRESSIVE, numberOfInstalments: 24 },
  "26 fortnights, progressive": {
    ...PROGRESSIVE,
    repayUnit: "weeks",
    repayEvery: 2,
    numberOfInstalments: 26,
    daysInYear: 364,
  },
  "12 months, progressive, 2 tranches": {
    ...PROGRESSIVE,
    tranches: [tranche("2023-10-31", 300_000n), tranche("2024-01-15", 200_000n)],
  },
};

const THOUSAND: Record<string, Partial<ScheduleTerms>> = {
  "1,000 days": { ...DAILY, repayUnit: "days", numberOfInstalments: 1000 },
  "1,000 days, progressive": { ...PROGRESSIVE, repayUnit: "days", numberOfInstalments: 1000 },
};

interface Measured {
  kind: string;
  instalments: number;
  /** For one schedule, or one replay. */
  ms: number;
}

interface LendingBenchmark {
  instalmentsPerSecond: number;
  thousandInstalmentsMs: number;
}

const BATCH_MS = 15;
const BATCHES = 15;
const WARM_UP_MS = 150;

/**
 * The median time of one call, from batches that are long enough for the clock. It is the processor's time and not the
 * wall's, so that a busy machine is not taken for slow code; the garbage collector's threads count, too.
 */
function medianMs(work: () => void): number {
  let calls = 0;
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; calls++) work();
  const perBatch = Math.max(1, Math.round((calls * BATCH_MS) / WARM_UP_MS));
  const times = Array.from({ length: BATCHES }, () => {
    const start = process.cpuUsage();
    for (let call = 0; call < perBatch; call++) work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000 / perBatch;
  });
  return times.sort((a, b) => a - b)[Math.floor(BATCHES / 2)] ?? 0;
}

function measureSchedules(kinds: Record<string, Partial<ScheduleTerms>>): Measured[] {
  return Object.entries(kinds).map(([kind, terms]) => {
    const all: ScheduleTerms = { ...PLAIN, ...terms };
    return { kind, instalments: all.numberOfInstalments, ms: medianMs(() => computeSchedule(all)) };
  });
}

/** A year of repayments: most on their day, one in part, one late, one early, a fee, and the rest paid off. */
function measureReplays(): Measured[] {
  const buckets = (["past_due", "due", "in_advance"] as const).flatMap((when) =>
    (["penalty", "fee", "interest", "principal"] as const).map((component) => ({ when, component })),
  );
  const recalculation = {
    rest: "daily",
    earlyMoney: "reduce_instalment",
    payoffUntil: "payoff_day",
  } as const;
  const plain: Loan = {
    terms: { ...PLAIN, ...DAILY },
    allocation: { kind: "strategy", strategy: "penalty_fee_interest_principal" },
    recalculation: undefined,
    overduePenalty: undefined,
    paysDownPayment: false,
  };
  const progressive: Loan = {
    ...plain,
    terms: { ...PLAIN, ...PROGRESSIVE },
    allocation: {
      kind: "buckets",
      order: buckets,
      processing: "horizontal",
      future: "next",
      rounding: "half_even",
    },
  };
  const loans = {
    "replay of a year": plain,
    "replay of a year, recalculated": { ...plain, recalculation },
    "replay of a year, progressive": { ...progressive, recalculation },
  };
  return Object.entries(loans).map(([kind, loan]) => {
    const entries = historyOf(loan.terms);
    return {
      kind,
      instalments: loan.terms.numberOfInstalments,
      ms: medianMs(() => replay({ loan, entries })),
    };
  });
}

function historyOf({ disbursementDay, principal }: ScheduleTerms): Entry[] {
  const due = (month: number) => addMonths(disbursementDay, month, 31);
  const pay = (day: number, amount: bigint): Entry => ({ kind: "repayment", day, amount });
  return [
    { kind: "disbursement", day: disbursementDay, amount: principal },
    pay(due(1), 44_424n),
    pay(due(2), 20_000n),
    { kind: "charge", charge: { when: "on_day", day: due(3), isPenalty: true, amount: { flat: 500n } } },
    pay(due(2) + 9, 24_424n),
    ...[3, 4, 5, 6].map((month) => pay(due(month), 44_924n)),
    pay(due(7) - 12, 60_000n),
    pay(due(8), 44_424n),
    { kind: "payoff", day: due(9) },
  ];
}

interface Report extends LendingBenchmark {
  measured: Measured[];
}

function bench(): Report {
  const mix = measureSchedules(MIX);
  const thousand = measureSchedules(THOUSAND);
  const instalments = mix.reduce((sum, one) => sum + one.instalments, 0);
  const ms = mix.reduce((sum, one) => sum + one.ms, 0);
  const slowest = Math.max(...thousand.map((one) => one.ms));
  return {
    instalmentsPerSecond: Math.round((instalments / ms) * 1000),
    thousandInstalmentsMs: Number(slowest.toFixed(2)),
    measured: [...mix, ...thousand, ...measureReplays()],
  };
}

function summary({ instalmentsPerSecond, thousandInstalmentsMs }: Report): LendingBenchmark {
  return { instalmentsPerSecond, thousandInstalmentsMs };
}

function table({ measured, instalmentsPerSecond, thousandInstalmentsMs }: Report): string {
  const rows = measured.map(({ kind, instalments, ms }) => {
    const perSecond = Math.round((instalments / ms) * 1000).toLocaleString("en");
    return `${kind.padEnd(38)}${`${ms.toFixed(3)} ms`.padStart(12)}${perSecond.padStart(12)} instalments/s`;
  });
  const total = instalmentsPerSecond.toLocaleString("en");
  return [
    ...rows,
    "",
    `mix of schedules: ${total} instalments/s (budget 100,000)`,
    `1,000 instalments: ${thousandInstalmentsMs} ms (budget 50)`,
  ].join("\n");
}

const command = new Command("bench:lending")
  .description("measure how fast schedules and replays are computed")
  .option("--json", "print {instalmentsPerSecond, thousandInstalmentsMs} as JSON")
  .parse();

const isJson = command.opts<{ json?: true }>().json === true;
await runCommand<Report | LendingBenchmark>(
  command,
  () => Promise.resolve(isJson ? summary(bench()) : bench()),
  {
    human: (report) => ("measured" in report ? table(report) : ""),
  },
);
