import { z } from "zod";
import type { Instalment } from "./agreement.ts";
import { formatDate, parseDate } from "./calendar.ts";
import { canonicalJson } from "./canonical.ts";
import { LendingError, withPaths } from "./errors.ts";
import {
  MAX_AGREEMENT_ROWS,
  MAX_COOLING_OFF_DAYS,
  MAX_DECIMALS,
  MAX_GRACE_DAYS,
  MAX_HOLIDAYS,
  MAX_PENALTY_RATE_BPS,
  MAX_RATE_BPS,
  MAX_REPAY_EVERY,
  MAX_REVERSAL_DAYS,
  MAX_SCHEDULE_ROWS,
} from "./limits.ts";
import { minor, ROUNDING_MODES } from "./money.ts";
import { dateString, hexString, minorString, oneOf, parseStrict, wholeNumber } from "./parse.ts";
import { rateFromBps } from "./rate.ts";
import { computeSchedule, type ScheduleRow, type ScheduleTerms } from "./schedule.ts";
import { holidayCalendar } from "./working-days.ts";

const currencySchema = z.strictObject({
  symbol: z
    .string()
    .regex(/^[A-Za-z0-9.$-]{1,16}$/, "must be 1 to 16 letters, digits, dots, dollars or hyphens"),
  decimals: wholeNumber(0, MAX_DECIMALS),
  /** Minor units of the smallest amount that can be paid, such as 100 UGX; 1 where it is not stated. */
  multiple: minorString.optional(),
});

const graceSchema = z.strictObject({
  principal: wholeNumber(0, MAX_SCHEDULE_ROWS).optional(),
  interest_payment: wholeNumber(0, MAX_SCHEDULE_ROWS).optional(),
  interest: wholeNumber(0, MAX_SCHEDULE_ROWS).optional(),
});

/** The calendar that moved the due days is part of the terms: without it nobody could compute them again. */
const workingDaysSchema = z.strictObject({
  rule: oneOf(["next", "previous", "next_same_month"]),
  /** 1 = Monday to 7 = Sunday. */
  rest_weekdays: z.array(wholeNumber(1, 7)).max(6, "must leave a working day"),
  holidays: z
    .array(z.strictObject({ from: dateString, to: dateString }))
    .max(MAX_HOLIDAYS, `must be at most ${MAX_HOLIDAYS}`),
});

/**
 * What a schedule follows from, as JSON. Amounts are decimal strings of minor units, dates ISO strings, the rest whole
 * numbers and words. Optional fields that are not there mean: the cumulative engine, actual days in year and month, no
 * grace, due days that stay where they fall.
 */
export const planSchema = z.strictObject({
  currency: currencySchema,
  principal: minorString,
  rate_bps: wholeNumber(0, MAX_RATE_BPS),
  number_of_instalments: wholeNumber(1, MAX_SCHEDULE_ROWS),
  repay_every: wholeNumber(1, MAX_REPAY_EVERY),
  repay_unit: oneOf(["days", "weeks", "months"]),
  interest_method: oneOf(["declining_balance", "flat"]),
  /** Each period the same interest; the same, but shorter and longer ones by their days; or by days always. */
  interest_period: oneOf(["repayment_period", "repayment_period_by_days", "daily"]),
  amortisation: oneOf(["equal_instalments", "equal_principal"]),
  engine: oneOf(["cumulative", "progressive"]).optional(),
  days_in_year: z.literal([360, 364, 365], "must be 360, 364 or 365").optional(),
  days_in_month: z.literal(30, "must be 30").optional(),
  grace: graceSchema.optional(),
  working_days: workingDaysSchema.optional(),
  rounding: oneOf(ROUNDING_MODES),
  instalment_multiple: minorString,
  instalment_fee: minorString,
  disbursement_date: dateString,
  first_repayment_date: dateString.optional(),
});

export type Plan = z.infer<typeof planSchema>;

const rowSchema = z.strictObject({
  nr: wholeNumber(1, MAX_AGREEMENT_ROWS),
  due_date: dateString,
  principal: minorString,
  interest: minorString,
  fee: minorString,
});

const COMPONENT_NAMES = ["penalty", "fee", "interest", "principal"] as const;

/** The product terms beside the plan; names as in `Agreement`. Holds no personal data: unknown fields are refused. */
const rulesSchema = planSchema.extend({
  /** 32 random bytes: without them the hash of so few possible terms could be guessed. */
  salt: hexString(32),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$/, "must be a BCP 47 tag such as en or sw-KE"),
  number_of_instalments: wholeNumber(1, MAX_AGREEMENT_ROWS),
  upfront_fee: minorString,
  penalty: z.strictObject({
    rate_bps: wholeNumber(0, MAX_PENALTY_RATE_BPS),
    grace_days: wholeNumber(0, MAX_GRACE_DAYS),
    cap: minorString,
  }),
  /** What a payment pays first inside an instalment. */
  waterfall: z
    .array(oneOf(COMPONENT_NAMES))
    .refine((names) => names.length === 4 && new Set(names).size === 4, {
      error: `must name each of ${COMPONENT_NAMES.join(", ")} once`,
    }),
  early_settlement: oneOf(["full", "pro_rata"]),
  reversal_days: wholeNumber(0, MAX_REVERSAL_DAYS),
  /** Without it there is no cooling-off: the loan can only be paid off. */
  cooling_off_days: wholeNumber(0, MAX_COOLING_OFF_DAYS).optional(),
});

const loanTermsSchema = rulesSchema.extend({
  version: z.literal(1, "must be 1"),
  schedule: z.array(rowSchema).min(1, "must have a row").max(MAX_AGREEMENT_ROWS, "has too many rows"),
});

/** The terms of one loan without the rows that follow from them. */
export type LoanRules = z.infer<typeof rulesSchema>;

/** The document whose hash is signed: the rules, the rows, and a version of this format. */
export type LoanTerms = z.infer<typeof loanTermsSchema>;

/** What a loan officer writes: the rules, perhaps without the salt, which is made for each loan. */
const draftSchema = rulesSchema.partial({ salt: true });

export type TermsDraft = z.infer<typeof draftSchema>;

/** Reads a loan officer's terms. @throws LendingError naming the field. */
export function parseDraft(value: unknown): TermsDraft {
  return parseStrict(draftSchema, value);
}

/** Reads a plan. @throws LendingError naming the field. */
export function parsePlan(value: unknown): Plan {
  return parseStrict(planSchema, value);
}

/** Reads a terms document (parsed JSON). Does not check that its rows follow: see `scheduleMatchesTerms`. */
export function parseTerms(value: unknown): LoanTerms {
  return parseStrict(loanTermsSchema, value);
}

/** Computes the rows and completes the document. @throws LendingError naming the field. */
export function buildTerms(value: LoanRules): LoanTerms {
  const rules = parseStrict(rulesSchema, value);
  const schedule = computePlan(rules).map((row) => ({
    nr: row.nr,
    due_date: formatDate(row.day),
    principal: String(row.principal),
    interest: String(row.interest),
    fee: String(row.fee),
  }));
  return { ...rules, version: 1, schedule };
}

/** The rows that follow from a plan. @throws LendingError naming the plan's field. */
export function computePlan(plan: Plan): ScheduleRow[] {
  const terms = scheduleTermsOf(plan);
  return withPaths(planPath, () => computeSchedule(terms, minor(BigInt(plan.instalment_fee))));
}

/** Where an error of the engine is found in a plan, if not under the same words. */
const PLAN_PATHS: Record<string, string> = {
  currencyMultiple: "currency.multiple",
  graceOnPrincipal: "grace.principal",
  graceOnInterestPayment: "grace.interest_payment",
  graceOnInterestCharged: "grace.interest",
  calendar: "working_days",
  dueDays: "working_days",
};

function planPath(path: string): string {
  return (
    PLAN_PATHS[path.replace(/\[\d+\].*$/, "")] ??
    path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  );
}

/** The engine's terms of a plan. @throws LendingError naming the plan's field. */
export function scheduleTermsOf(plan: Plan): ScheduleTerms {
  if (plan.engine === "progressive" && plan.interest_period !== "daily") {
    throw new LendingError(
      "unsupported",
      "interest_period",
      "the progressive engine computes interest by days",
    );
  }
  const first = plan.first_repayment_date;
  return {
    principal: minor(BigInt(plan.principal)),
    annualRate: rateFromBps(plan.rate_bps, "rate_bps"),
    numberOfInstalments: plan.number_of_instalments,
    repayEvery: plan.repay_every,
    repayUnit: plan.repay_unit,
    interestMethod: plan.interest_method,
    interestPeriod: plan.interest_period === "daily" ? "daily" : "repayment_period",
    partialPeriods: plan.interest_period === "repayment_period_by_days",
    amortisation: plan.amortisation,
    engine: plan.engine ?? "cumulative",
    daysInYear: plan.days_in_year ?? "actual",
    daysInMonth: plan.days_in_month ?? "actual",
    grace: {
      principal: plan.grace?.principal ?? 0,
      interestPayment: plan.grace?.interest_payment ?? 0,
      interest: plan.grace?.interest ?? 0,
    },
    rounding: { mode: plan.rounding, multiple: BigInt(plan.currency.multiple ?? 1) },
    instalmentMultiple: minor(BigInt(plan.instalment_multiple)),
    disbursementDay: parseDate(plan.disbursement_date, "disbursement_date"),
    firstRepaymentDay: first === undefined ? undefined : parseDate(first, "first_repayment_date"),
    workingDays: workingDaysOf(plan),
  };
}

function workingDaysOf({ working_days: stated }: Plan): ScheduleTerms["workingDays"] {
  if (stated === undefined) return undefined;
  const holidays = stated.holidays.map(({ from, to }, index) => ({
    from: parseDate(from, `working_days.holidays[${index}].from`),
    to: parseDate(to, `working_days.holidays[${index}].to`),
  }));
  const calendar = withPaths(
    (path) => `working_days.${path}`,
    () => holidayCalendar(stated.rest_weekdays, holidays),
  );
  return { rule: stated.rule, calendar };
}

/** The rows of a terms document in the shape that is signed. */
export function instalmentsOf(terms: LoanTerms): Instalment[] {
  return terms.schedule.map((row) => ({
    day: parseDate(row.due_date, "due_date"),
    principal: BigInt(row.principal),
    interest: BigInt(row.interest),
    fee: BigInt(row.fee),
  }));
}

/**
 * True if `schedule` (the signed rows; by default the document's own) is what the stated terms give when anybody
 * computes them again.
 */
export function scheduleMatchesTerms(
  terms: LoanTerms,
  schedule: readonly Instalment[] = instalmentsOf(terms),
): boolean {
  const rows = computePlan(planOf(terms));
  if (rows.length !== schedule.length || rows.length !== terms.schedule.length) return false;
  return rows.every((row, index) => {
    const signed = schedule[index];
    const isSame = signed?.day === row.day && signed.principal === row.principal;
    return isSame && signed.interest === row.interest && signed.fee === row.fee;
  });
}

function planOf(terms: LoanTerms): Plan {
  const keys = Object.keys(planSchema.shape) as (keyof Plan)[];
  return parsePlan(
    Object.fromEntries(keys.filter((key) => terms[key] !== undefined).map((key) => [key, terms[key]])),
  );
}

/** The text whose hash is signed. */
export function canonicalTerms(terms: LoanTerms): string {
  return canonicalJson(parseTerms(terms));
}

/** Reads a terms document from its text. @throws LendingError if the text is not the canonical one of its content. */
export function readCanonicalTerms(text: string): LoanTerms {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LendingError("invalid", "terms", "must be JSON");
  }
  const terms = parseTerms(value);
  if (canonicalTerms(terms) === text) return terms;
  throw new LendingError("invalid", "terms", "must be written canonically: sorted keys, no white space");
}
