import { z } from "zod";
import { type Day, parseDate } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { MAX_DECIMALS } from "../limits.ts";
import { type Minor, minor, parseMoney, ROUNDING_MODES } from "../money.ts";
import { dateString, oneOf, parseStrict } from "../parse.ts";
import { type Fraction, rateFromPercent } from "../rate.ts";
import { DUE_TYPES } from "../replay/buckets.ts";
import type { ChargeBase } from "../replay/charges.ts";
import type { Allocation, Loan } from "../replay/history.ts";
import type { RecalculationRule } from "../replay/recalculation.ts";
import type { Strategy } from "../replay/strategies.ts";
import { regularFirstDay } from "../schedule/periods.ts";
import type { Period, ScheduleTerms } from "../schedule/terms.ts";

/** The parameters of a case, read. */
export interface Params {
  loan: Loan;
  decimals: number;
  money: (text: unknown, path: string) => Minor;
  /** A percentage fee with each instalment, and what it is taken of; charged when a transaction says so. */
  instalmentFee: { percent: Fraction; of: ChargeBase } | undefined;
}

/** Words of the case format and ours. */
const STRATEGY_OF: Record<string, Strategy> = {
  "mifos-standard-strategy": "penalty_fee_interest_principal",
  "creocore-strategy": "penalty_fee_interest_principal",
  "heavensfamily-strategy": "heavens_family",
  "early-repayment-strategy": "early_repayment",
  "interest-principal-penalties-fees-order-strategy": "interest_principal_penalty_fee",
  "principal-interest-penalties-fees-order-strategy": "principal_interest_penalty_fee",
  "rbi-india-strategy": "rbi",
  "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy":
    "due_pfip_early_ppfi",
  "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy":
    "due_pipf_early_pipf",
};
const BUCKETS_STRATEGY = "advanced-payment-allocation-strategy";

const EARLY_MONEY = {
  REDUCE_EMI_AMOUNT: "reduce_instalment",
  REDUCE_NUMBER_OF_INSTALLMENTS: "reduce_number",
  RESCHEDULE_NEXT_REPAYMENTS: "next_repayments",
  ADJUST_LAST_UNPAID_PERIOD: "adjust_last",
} as const;

const BASES: Record<string, ChargeBase> = {
  PRINCIPAL: "principal",
  PRINCIPAL_DUE: "principal",
  INTEREST: "interest",
  INTEREST_DUE: "interest",
  PRINCIPAL_PLUS_INTEREST: "principal_and_interest",
  PRINCIPAL_PLUS_INTEREST_DUE: "principal_and_interest",
};

const COMPONENTS = ["penalty", "fee", "interest", "principal"] as const;
const BUCKETS = DUE_TYPES.flatMap((when) => COMPONENTS.map((component) => ({ when, component })));
const bucketName = ({ when, component }: (typeof BUCKETS)[number]) => `${when}_${component}`.toUpperCase();

const text = z.string("must be a decimal string");
const integer = z.number("must be a whole number").int("must be a whole number");
const flag = z.boolean("must be true or false").nullish();
const words = <T extends object>(map: T) => oneOf(Object.keys(map));

const recalculationSchema = z.strictObject({
  enabled: z.boolean("must be true or false"),
  compounding: oneOf(["NONE"]),
  rest: oneOf(["DAILY", "SAME_AS_REPAYMENT_PERIOD"]),
  restInterval: z.literal(1, "must be 1").nullish(),
  rescheduleStrategy: words(EARLY_MONEY),
  preClosureInterest: oneOf(["TILL_PRE_CLOSE_DATE", "TILL_REST_FREQUENCY_DATE"]),
});

const schema = z.strictObject({
  currencyDecimals: integer
    .min(0, "must not be negative")
    .max(MAX_DECIMALS, `must be at most ${MAX_DECIMALS}`),
  currencyInMultiplesOf: integer.min(0, "must not be negative").nullish(),
  roundingMode: oneOf(ROUNDING_MODES.map((mode) => mode.toUpperCase())).nullish(),
  installmentAmountInMultiplesOf: z
    .union([z.number(), z.string()], "must be an amount in major units")
    .nullish(),
  daysInYear: oneOf(["ACTUAL", "360", "364", "365"]).nullish(),
  daysInMonth: oneOf(["ACTUAL", "30"]).nullish(),
  engine: oneOf(["CUMULATIVE", "PROGRESSIVE"]).nullish(),
  allowPartialPeriodInterestCalculation: flag,
  interestRecalculation: recalculationSchema.nullish(),
  principal: text,
  annualRatePct: text,
  nInstalments: integer,
  repayEvery: integer,
  unit: oneOf(["DAYS", "WEEKS", "MONTHS"]),
  amortization: oneOf(["EQUAL_INSTALMENTS", "EQUAL_PRINCIPAL"]),
  interestMethod: oneOf(["DECLINING_BALANCE", "FLAT"]),
  interestCalcPeriod: oneOf(["DAILY", "SAME_AS_REPAYMENT_PERIOD"]),
  disburseDate: dateString,
  firstRepaymentDate: dateString.nullish(),
  scheduleStartDate: dateString.nullish(),
  periods: z.array(z.strictObject({ from: dateString, due: dateString }), "must be a list").nullish(),
  graceOnPrincipal: integer.nullish(),
  graceOnInterestPayment: integer.nullish(),
  graceOnInterestCharged: integer.nullish(),
  downPaymentPct: text.nullish(),
  downPaymentAuto: flag,
  strategy: oneOf([...Object.keys(STRATEGY_OF), BUCKETS_STRATEGY]).nullish(),
  paymentAllocationOrder: z.array(oneOf(BUCKETS.map(bucketName)), "must be a list").nullish(),
  loanScheduleProcessing: oneOf(["HORIZONTAL", "VERTICAL"]).nullish(),
  futureInstallmentRule: oneOf(["NEXT_INSTALLMENT", "LAST_INSTALLMENT", "REAMORTIZATION"]).nullish(),
  overduePenaltyPct: text.nullish(),
  overduePenaltyBase: words(BASES).nullish(),
  instalmentFeePct: text.nullish(),
  instalmentFeeBase: words(BASES).nullish(),
  /** Where the figures come from; they mean nothing for them. */
  product: z.unknown().optional(),
  _headerColumns: z.unknown().optional(),
});

type Raw = z.infer<typeof schema>;

/** Reads `params` of a case. @throws LendingError naming `params.<field>`. */
export function readParams(value: unknown): Params {
  const raw = parseStrict(schema, value, "params");
  const decimals = raw.currencyDecimals;
  const money = (amount: unknown, path: string) => parseMoney(amount, decimals, path);
  const terms = readTerms(raw, money);
  return {
    decimals,
    money,
    instalmentFee: readPercentCharge(raw, "instalmentFeePct", "instalmentFeeBase"),
    loan: {
      terms,
      allocation: readAllocation(raw, terms),
      recalculation: readRecalculation(raw),
      overduePenalty: readPercentCharge(raw, "overduePenaltyPct", "overduePenaltyBase"),
      paysDownPayment: raw.downPaymentAuto ?? false,
    },
  };
}

function readTerms(raw: Raw, money: Params["money"]): ScheduleTerms {
  const downPayment =
    raw.downPaymentPct == null ? undefined : readPercent(raw.downPaymentPct, "downPaymentPct");
  const terms: ScheduleTerms = {
    principal: money(raw.principal, "params.principal"),
    annualRate: rateFromPercent(raw.annualRatePct, "params.annualRatePct"),
    numberOfInstalments: raw.nInstalments,
    repayEvery: raw.repayEvery,
    repayUnit: ({ DAYS: "days", WEEKS: "weeks", MONTHS: "months" } as const)[raw.unit],
    interestMethod: raw.interestMethod === "FLAT" ? "flat" : "declining_balance",
    interestPeriod: raw.interestCalcPeriod === "DAILY" ? "daily" : "repayment_period",
    partialPeriods: raw.allowPartialPeriodInterestCalculation ?? false,
    amortisation: raw.amortization === "EQUAL_PRINCIPAL" ? "equal_principal" : "equal_instalments",
    engine: raw.engine === "PROGRESSIVE" ? "progressive" : "cumulative",
    daysInYear: readConvention(raw.daysInYear) as ScheduleTerms["daysInYear"],
    daysInMonth: readConvention(raw.daysInMonth) as ScheduleTerms["daysInMonth"],
    grace: {
      principal: raw.graceOnPrincipal ?? 0,
      interestPayment: raw.graceOnInterestPayment ?? 0,
      interest: raw.graceOnInterestCharged ?? 0,
    },
    rounding: {
      mode: (raw.roundingMode ?? "HALF_EVEN").toLowerCase() as ScheduleTerms["rounding"]["mode"],
      multiple: currencyMultiple(raw),
    },
    instalmentMultiple: instalmentMultiple(raw, money),
    disbursementDay: parseDate(raw.disburseDate, "params.disburseDate"),
    firstRepaymentDay: readDay(raw, "firstRepaymentDate"),
    scheduleStartDay: readDay(raw, "scheduleStartDate"),
    periods: raw.periods?.map(readPeriod),
    downPayment,
  };
  return { ...terms, firstRepaymentDay: statedFirstDay(terms) };
}

/**
 * The first repayment date as a wish: a case names it also where it follows from the terms, and then months go on landing
 * on the disbursement's day; with a down payment it names that one's day.
 */
function statedFirstDay(terms: ScheduleTerms): Day | undefined {
  const { firstRepaymentDay: first, disbursementDay, downPayment } = terms;
  if (terms.periods !== undefined || first === regularFirstDay(terms)) return undefined;
  return downPayment !== undefined && first === disbursementDay ? undefined : first;
}

function readDay(raw: Raw, field: "firstRepaymentDate" | "scheduleStartDate"): Day | undefined {
  const date = raw[field];
  return date == null ? undefined : parseDate(date, `params.${field}`);
}

function readPeriod(period: { from: string; due: string }, index: number): Period {
  const path = `params.periods[${index}]`;
  return { from: parseDate(period.from, `${path}.from`), due: parseDate(period.due, `${path}.due`) };
}

function readConvention(word: string | null | undefined): string | number {
  return word == null || word === "ACTUAL" ? "actual" : Number(word);
}

function readPercent(percent: string, field: string): Fraction {
  const rate = rateFromPercent(percent, `params.${field}`);
  if (rate.numerator <= rate.denominator) return rate;
  throw new LendingError("out_of_range", `params.${field}`, "must be at most 100 percent");
}

/** Major units; nothing, null and 0 mean the minor unit itself. */
function instalmentMultiple({ installmentAmountInMultiplesOf: value }: Raw, money: Params["money"]): Minor {
  if (value == null || value === 0) return minor(1n);
  return money(String(value), "params.installmentAmountInMultiplesOf");
}

/** Applies only to currencies without decimals, where 0 and 1 mean nothing (Fineract, Money). */
function currencyMultiple({ currencyInMultiplesOf: value, currencyDecimals }: Raw): bigint {
  return value == null || value === 0 || currencyDecimals > 0 ? 1n : BigInt(value);
}

function readPercentCharge(
  raw: Raw,
  percentField: "overduePenaltyPct" | "instalmentFeePct",
  baseField: "overduePenaltyBase" | "instalmentFeeBase",
): { percent: Fraction; of: ChargeBase } | undefined {
  const percent = raw[percentField];
  if (percent == null) return undefined;
  const base = raw[baseField];
  if (base == null)
    throw new LendingError("invalid", `params.${baseField}`, `must say what ${percentField} is of`);
  return { percent: readPercent(percent, percentField), of: BASES[base] ?? "principal" };
}

function readRecalculation({ interestRecalculation: rule }: Raw): RecalculationRule | undefined {
  if (rule == null || !rule.enabled) return undefined;
  return {
    rest: rule.rest === "DAILY" ? "daily" : "repayment_period",
    earlyMoney: EARLY_MONEY[rule.rescheduleStrategy as keyof typeof EARLY_MONEY],
    payoffUntil: rule.preClosureInterest === "TILL_PRE_CLOSE_DATE" ? "payoff_day" : "period_end",
  };
}

function readAllocation(raw: Raw, terms: ScheduleTerms): Allocation {
  const name = raw.strategy ?? "mifos-standard-strategy";
  const strategy = STRATEGY_OF[name];
  if (strategy !== undefined) return { kind: "strategy", strategy };
  const names = raw.paymentAllocationOrder ?? [];
  if (new Set(names).size !== BUCKETS.length || names.length !== BUCKETS.length) {
    const problem = `must name each of ${BUCKETS.map(bucketName).join(", ")} once`;
    throw new LendingError("invalid", "params.paymentAllocationOrder", problem);
  }
  return {
    kind: "buckets",
    order: names.flatMap((one) => BUCKETS.filter((bucket) => bucketName(bucket) === one)),
    processing: raw.loanScheduleProcessing === "VERTICAL" ? "vertical" : "horizontal",
    future: ({ NEXT_INSTALLMENT: "next", LAST_INSTALLMENT: "last", REAMORTIZATION: "reamortise" } as const)[
      raw.futureInstallmentRule ?? "NEXT_INSTALLMENT"
    ],
    rounding: terms.rounding.mode,
  };
}
