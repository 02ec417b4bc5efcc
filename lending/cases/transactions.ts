import { z } from "zod";
import { type Day, parseDate } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { dateString, oneOf, parseStrict } from "../parse.ts";
import { rateFromPercent } from "../rate.ts";
import type { Charge } from "../replay/charges.ts";
import type { Entry } from "../replay/history.ts";
import type { Params } from "./params.ts";

const text = z.string("must be a decimal string");
const count = z.number("must be a whole number").int("must be a whole number");
const positive = count.min(1, "must be at least 1");

const UNITS = { DAYS: "days", WEEKS: "weeks", MONTHS: "months" } as const;

const schemas = {
  DISBURSEMENT: z.strictObject({ type: text, date: dateString, amount: text }),
  REPAYMENT: z.strictObject({ type: text, date: dateString, amount: text }),
  PAYOFF: z.strictObject({ type: text, date: dateString }),
  UNDO: z.strictObject({ type: text, date: dateString, nth: positive }),
  COB: z.strictObject({ type: text }),
  AS_OF: z.strictObject({ type: text, date: dateString }),
  CHARGE: z.strictObject({
    type: text,
    charge: z.string("must be a name").nullish(),
    isPenalty: z.boolean("must be true or false"),
    dueDate: dateString.nullish(),
    amount: text.nullish(),
    percent: text.nullish(),
  }),
  RESCHEDULE: z.strictObject({
    type: text,
    rescheduleFromDate: dateString,
    submittedOnDate: dateString.nullish(),
    adjustedDueDate: dateString.nullish(),
    graceOnPrincipal: count.min(0, "must not be negative").nullish(),
    graceOnInterest: count.min(0, "must not be negative").nullish(),
    extraTerms: count.min(0, "must not be negative").nullish(),
    newInterestRate: text.nullish(),
  }),
  REAGE: z.strictObject({
    type: text,
    date: dateString.nullish(),
    startDate: dateString,
    frequencyNumber: positive,
    frequencyType: oneOf(["DAYS", "WEEKS", "MONTHS"]),
    numberOfInstallments: positive,
  }),
};

const typeSchema = z.looseObject(
  {
    type: z.enum(
      Object.keys(schemas) as (keyof typeof schemas)[],
      `must be one of ${Object.keys(schemas).join(", ")}`,
    ),
  },
  "must be an object",
);

/**
 * Reads the transactions of a case. `today` is the business day where neither a transaction nor an `AS_OF` says one.
 * @throws LendingError naming `transactions[i].<field>`.
 */
export function readTransactions(list: readonly unknown[], params: Params, today: Day | undefined): Entry[] {
  return list.map((value, index) => {
    const path = `transactions[${index}]`;
    const { type } = parseStrict(typeSchema, value, path);
    return readOne(type, value, path, { params, list, index, today });
  });
}

interface Context {
  params: Params;
  list: readonly unknown[];
  index: number;
  today: Day | undefined;
}

function readOne(type: keyof typeof schemas, value: unknown, path: string, context: Context): Entry {
  const { params } = context;
  const day = (date: string, field = "date"): Day => parseDate(date, `${path}.${field}`);
  switch (type) {
    case "DISBURSEMENT": {
      const { date, amount } = parseStrict(schemas.DISBURSEMENT, value, path);
      return { kind: "disbursement", day: day(date), amount: positiveMoney(params, amount, path) };
    }
    case "REPAYMENT": {
      const { date, amount } = parseStrict(schemas.REPAYMENT, value, path);
      return { kind: "repayment", day: day(date), amount: positiveMoney(params, amount, path) };
    }
    case "PAYOFF":
      return { kind: "payoff", day: day(parseStrict(schemas.PAYOFF, value, path).date) };
    case "UNDO": {
      const { date, nth } = parseStrict(schemas.UNDO, value, path);
      return { kind: "reversal", day: day(date), nth };
    }
    case "COB":
      parseStrict(schemas.COB, value, path);
      return { kind: "close_of_business" };
    case "AS_OF":
      return { kind: "as_of", day: day(parseStrict(schemas.AS_OF, value, path).date) };
    case "CHARGE":
      return { kind: "charge", charge: readCharge(value, path, params) };
    case "RESCHEDULE":
      return readReschedule(value, path);
    case "REAGE":
      return readReAge(value, path, context);
  }
}

function positiveMoney(params: Params, amount: string, path: string): bigint {
  const value = params.money(amount, `${path}.amount`);
  if (value > 0n) return value;
  throw new LendingError("out_of_range", `${path}.amount`, "must be more than 0");
}

function readCharge(value: unknown, path: string, params: Params): Charge {
  const raw = parseStrict(schemas.CHARGE, value, path);
  const { isPenalty, dueDate, amount, percent } = raw;
  if ((amount == null) === (percent == null)) {
    throw new LendingError("invalid", `${path}.amount`, "must be given, or percent, and not both");
  }
  const of = params.instalmentFee?.of ?? (dueDate == null ? "principal" : "principal_and_interest");
  const charged =
    percent == null
      ? { flat: params.money(amount, `${path}.amount`) }
      : { percent: rateFromPercent(percent, `${path}.percent`), of };
  if (dueDate == null) {
    const when = whenWithoutDate(raw, params);
    if (when === "per_instalment") assertSameFee(charged, params, path);
    return { when, isPenalty, amount: charged };
  }
  return { when: "on_day", day: parseDate(dueDate, `${path}.dueDate`), isPenalty, amount: charged };
}

/** `instalmentFeePct` and an undated percentage describe one charge. */
function assertSameFee(charged: Charge["amount"], { instalmentFee }: Params, path: string): void {
  if (instalmentFee === undefined || !("percent" in charged)) return;
  const { percent: one } = charged;
  const { percent: other } = instalmentFee;
  if (one.numerator * other.denominator === other.numerator * one.denominator) return;
  throw new LendingError("mismatch", `${path}.percent`, "must be params.instalmentFeePct, or be dated");
}

/** An undated percentage is the instalment fee of the parameters, unless its name or their silence says otherwise. */
function whenWithoutDate(
  { charge, percent }: { charge?: string | null | undefined; percent?: string | null | undefined },
  params: Params,
): "disbursement" | "per_instalment" {
  if (charge?.includes("DISBURSEMENT")) return "disbursement";
  return percent != null && params.instalmentFee === undefined ? "disbursement" : "per_instalment";
}

function readReschedule(value: unknown, path: string): Entry {
  const raw = parseStrict(schemas.RESCHEDULE, value, path);
  const from = parseDate(raw.rescheduleFromDate, `${path}.rescheduleFromDate`);
  const { adjustedDueDate, newInterestRate } = raw;
  const dueDay = adjustedDueDate == null ? undefined : parseDate(adjustedDueDate, `${path}.adjustedDueDate`);
  const annualRate =
    newInterestRate == null ? undefined : rateFromPercent(newInterestRate, `${path}.newInterestRate`);
  const agreedOn =
    raw.submittedOnDate == null ? from : parseDate(raw.submittedOnDate, `${path}.submittedOnDate`);
  return {
    kind: "change",
    day: agreedOn,
    change: {
      agreedOn,
      from,
      dueDay,
      annualRate,
      graceOnPrincipal: raw.graceOnPrincipal ?? 0,
      graceOnInterest: raw.graceOnInterest ?? 0,
      extraInstalments: raw.extraTerms ?? 0,
    },
  };
}

/** A re-age counts on its date, else on the business day. */
function readReAge(value: unknown, path: string, { list, index, today, params }: Context): Entry {
  const raw = parseStrict(schemas.REAGE, value, path);
  const said = list.slice(0, index).findLast((one) => (one as { type?: unknown }).type === "AS_OF");
  const date = raw.date ?? (said as { date?: string } | undefined)?.date;
  const firstDue = parseDate(raw.startDate, `${path}.startDate`);
  return {
    kind: "re_age",
    day: date == null ? (today ?? params.loan.terms.disbursementDay) : parseDate(date, `${path}.date`),
    firstDue,
    every: raw.frequencyNumber,
    unit: UNITS[raw.frequencyType],
    numberOfInstalments: raw.numberOfInstallments,
  };
}
