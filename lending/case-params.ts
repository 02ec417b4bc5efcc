import { parseDate } from "./calendar.ts";
import { regularFirstDay } from "./due-days.ts";
import { LendingError } from "./errors.ts";
import { assertDecimals, type Minor, minor, parseMoney } from "./money.ts";
import { rateFromPercent } from "./rate.ts";
import type { ScheduleTerms } from "./schedule.ts";

/** The parameters of a case, read: its schedule terms and how it writes money. */
export interface Params {
  terms: ScheduleTerms;
  decimals: number;
  money: (text: unknown, path: string) => Minor;
}

/** Words of the case format and ours. */
const UNITS = { DAYS: "days", WEEKS: "weeks", MONTHS: "months" } as const;
const METHODS = { DECLINING_BALANCE: "declining_balance", FLAT: "flat" } as const;
const AMORTISATIONS = { EQUAL_INSTALMENTS: "equal_instalments", EQUAL_PRINCIPAL: "equal_principal" } as const;
const PERIODS = { SAME_AS_REPAYMENT_PERIOD: "repayment_period" } as const;

/** How payments are allocated: no part of a schedule without payments, but a mistyped name must not pass. */
const STRATEGIES = [
  "mifos-standard-strategy",
  "creocore-strategy",
  "heavensfamily-strategy",
  "early-repayment-strategy",
  "interest-principal-penalties-fees-order-strategy",
  "principal-interest-penalties-fees-order-strategy",
  "rbi-india-strategy",
  "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy",
  "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy",
  "advanced-payment-allocation-strategy",
];

/** The only values of these parameters under which the engine computes what the case format means. */
const SUPPORTED: Record<string, readonly unknown[]> = {
  engine: ["CUMULATIVE"],
  roundingMode: ["HALF_EVEN"],
  daysInYear: ["ACTUAL"],
  daysInMonth: ["ACTUAL"],
  interestRecalculation: [null],
  downPaymentPct: [null],
  graceOnPrincipal: [0],
  graceOnInterestPayment: [0],
  graceOnInterestCharged: [0],
  strategy: [null, ...STRATEGIES],
  allowPartialPeriodInterestCalculation: [true, false],
};

/** Parameters that `readParams` reads one by one, and two notes that mean nothing for the figures. */
const READ = new Set([
  "currencyDecimals",
  "currencyInMultiplesOf",
  "installmentAmountInMultiplesOf",
  "principal",
  "annualRatePct",
  "nInstalments",
  "repayEvery",
  "unit",
  "interestMethod",
  "interestCalcPeriod",
  "amortization",
  "disburseDate",
  "firstRepaymentDate",
  "product",
  "_headerColumns",
]);

/**
 * Reads `params` of a case. @throws LendingError naming `params.<field>`: `unsupported` for a parameter or a value whose
 * meaning this engine does not compute, `invalid` or `out_of_range` for a value that means nothing.
 */
export function readParams(params: Record<string, unknown>): Params {
  for (const [field, value] of Object.entries(params)) assertSupported(field, value);
  const decimals = wholeNumber(params, "currencyDecimals");
  assertDecimals(decimals, "params.currencyDecimals");
  const money = (text: unknown, path: string) => parseMoney(text, decimals, path);
  const first = params.firstRepaymentDate ?? undefined;
  const terms: ScheduleTerms = {
    principal: money(params.principal, "params.principal"),
    annualRate: rateFromPercent(params.annualRatePct, "params.annualRatePct"),
    numberOfInstalments: wholeNumber(params, "nInstalments"),
    repayEvery: wholeNumber(params, "repayEvery"),
    repayUnit: word(params, "unit", UNITS),
    interestMethod: word(params, "interestMethod", METHODS),
    interestPeriod: word(params, "interestCalcPeriod", PERIODS),
    amortisation: word(params, "amortization", AMORTISATIONS),
    instalmentMultiple: instalmentMultiple(params.installmentAmountInMultiplesOf, money),
    instalmentFee: minor(0n),
    disbursementDay: parseDate(params.disburseDate, "params.disburseDate"),
    firstRepaymentDay: first === undefined ? undefined : parseDate(first, "params.firstRepaymentDate"),
  };
  assertCurrencyMultiple(params.currencyInMultiplesOf, decimals);
  if (params.allowPartialPeriodInterestCalculation === true) assertWholePeriods(terms);
  return { terms, decimals, money };
}

function assertSupported(field: string, value: unknown): void {
  if (READ.has(field)) return;
  const path = `params.${field}`;
  const values = SUPPORTED[field];
  if (values === undefined) throw new LendingError("unsupported", path, "is not a supported parameter");
  if (values.includes(value)) return;
  const known = values.map((one) => JSON.stringify(one)).join(", ");
  throw new LendingError("unsupported", path, `must be ${values.length === 1 ? known : `one of ${known}`}`);
}

function wholeNumber(params: Record<string, unknown>, field: string): number {
  const value = params[field];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new LendingError("invalid", `params.${field}`, "must be a whole number");
}

function word<W extends Record<string, string>>(
  params: Record<string, unknown>,
  field: string,
  words: W,
): W[keyof W] {
  const value = params[field];
  if (typeof value === "string" && Object.hasOwn(words, value)) return words[value as keyof W];
  const known = Object.keys(words).join(", ");
  throw new LendingError(
    value === undefined ? "invalid" : "unsupported",
    `params.${field}`,
    `must be one of ${known}`,
  );
}

/** Major units; nothing, null and 0 mean the minor unit itself. */
function instalmentMultiple(value: unknown, money: Params["money"]): Minor {
  if (value === undefined || value === null || value === 0) return minor(1n);
  const text = typeof value === "number" ? String(value) : value;
  return money(text, "params.installmentAmountInMultiplesOf");
}

/** Applies only to currencies without decimals, where 0 and 1 mean nothing (Fineract, Money). */
function assertCurrencyMultiple(value: unknown, decimals: number): void {
  const path = "params.currencyInMultiplesOf";
  if (value === undefined || value === null) return;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new LendingError("invalid", path, "must be a whole number");
  }
  if (decimals === 0 && value > 1) {
    throw new LendingError("unsupported", path, "multiples of a currency without decimals are not supported");
  }
}

/** Interest for a part of a period is not computed here, so a first period of another length needs it switched off. */
function assertWholePeriods(terms: ScheduleTerms): void {
  if (terms.firstRepaymentDay === undefined || terms.firstRepaymentDay <= terms.disbursementDay) return;
  if (terms.firstRepaymentDay === regularFirstDay(terms)) return;
  const problem = "must be one period after the disbursement, or allowPartialPeriodInterestCalculation false";
  throw new LendingError("unsupported", "params.firstRepaymentDate", problem);
}
