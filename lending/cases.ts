import { type AgedInstalment, ageOf } from "./ageing.ts";
import { type Day, formatDate, parseDate } from "./calendar.ts";
import { type CostAnswer, costOfPlan, costOfReplay } from "./cases/cost.ts";
import { type Params, readParams } from "./cases/params.ts";
import { readTransactions } from "./cases/transactions.ts";
import { LendingError, withPaths } from "./errors.ts";
import { formatMoney } from "./money.ts";
import { type LedgerRow, unpaidTotal } from "./replay/ledger.ts";
import { type Replay, replay } from "./replay/replay.ts";
import { type ScheduleRow, scheduleTotals } from "./schedule.ts";
import { addComponents, noComponents, sumOf } from "./standing.ts";
import { computePlan, parseDraft, parsePlan } from "./terms.ts";

/** One instalment of a schedule: ISO date, decimal strings of major units. `outstanding` is principal. */
export interface AnswerRow {
  nr: number;
  dueDate: string;
  principalDue: string;
  interestDue: string;
  feesDue: string;
  penaltiesDue: string;
  total: string;
  outstanding: string;
}

/** What was paid of an instalment: in all, before its due day, after it, and what is left. */
interface PaidColumns {
  paid: string;
  paidInAdvance: string;
  paidLate: string;
  unpaid: string;
}

export interface ScheduleAnswer {
  id?: string | number;
  instalments: AnswerRow[];
  totals: Omit<AnswerRow, "nr" | "dueDate" | "outstanding">;
  /** Null where no law has an annual rate for such a loan. */
  cost: CostAnswer | null;
}

/** Money that moved, and which components it moved; `reversed` says that it was taken back. */
export interface AnswerTransaction {
  date: string;
  type: string;
  amount: string;
  principal: string;
  interest: string;
  fees: string;
  penalties: string;
  overpaid: string;
  reversed: boolean;
}

/** How late the loan is on the business day; `bucket` is "31-60", or null while it is not late. */
interface AgeingAnswer {
  daysPastDue: number;
  overdueSince: string | null;
  overdue: string;
  bucket: string | null;
}

export interface ReplayAnswer {
  id?: string | number;
  asOf: string;
  instalments: (AnswerRow & PaidColumns)[];
  transactions: AnswerTransaction[];
  totals: ScheduleAnswer["totals"] & PaidColumns & { overpaid: string };
  /** What pays the loan off on the business day. */
  payoff: { principal: string; interest: string; fees: string; penalties: string; total: string };
  ageing: AgeingAnswer;
}

/** Why a case has no answer; `path` names the field of the case. */
export interface ErrorAnswer {
  id?: string | number;
  error: { code: string; message: string; path: string };
}

/** Where an error of the engine is found in a case. */
const CASE_PATHS: Record<string, string> = {
  numberOfInstalments: "nInstalments",
  amortisation: "amortization",
  interestMethod: "interestMethod",
  instalmentMultiple: "installmentAmountInMultiplesOf",
  currencyMultiple: "currencyInMultiplesOf",
  disbursementDate: "disburseDate",
  recalculation: "interestRecalculation",
};

function casePath(path: string): string {
  if (path.startsWith("params.") || path.startsWith("transactions")) return path;
  if (/^(entries|tranches|changes)\b/.test(path)) return path.replace(/^\w+/, "transactions");
  return `params.${CASE_PATHS[path] ?? path}`;
}

/**
 * Answers one schedule question: a case in the format of `test/golden/fineract-schedules.json` (`{id, params, ...}`,
 * amounts in major units) or a plan as in `terms.ts` (snake_case, amounts in minor units), with an optional `id`.
 * A case with payments or charges is refused: that is what `answerReplay` is for.
 */
export function answerSchedule(value: unknown): ScheduleAnswer | ErrorAnswer {
  return tagged(value, (record) => ("params" in record ? scheduleOfCase(record) : scheduleOfPlan(record)));
}

/**
 * Replays one case of the golden format: the instalments as they stand on its business day, and how each payment was
 * divided. What the format's fields mean is told in docs/schedules.md.
 */
export function answerReplay(value: unknown): ReplayAnswer | ErrorAnswer {
  return tagged(value, (record) => {
    const { params, result } = replayOfCase(record);
    return replayAnswer(params, result);
  });
}

function tagged<T extends object>(
  value: unknown,
  answer: (record: Record<string, unknown>) => T,
): T | ErrorAnswer {
  const id = isRecord(value) ? value.id : undefined;
  const tag = typeof id === "string" || typeof id === "number" ? { id } : {};
  try {
    if (!isRecord(value)) throw new LendingError("invalid", "", "a case must be an object");
    return { ...tag, ...answer(value) };
  } catch (error) {
    if (!(error instanceof LendingError)) throw error;
    return { ...tag, error: { code: error.code, message: error.message, path: error.path } };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function scheduleOfPlan(value: Record<string, unknown>): Omit<ScheduleAnswer, "id"> {
  const { id: _id, ...planFields } = value;
  // A loan officer's terms are a plan with rules that change no row.
  const plan = "waterfall" in planFields ? parseDraft(planFields) : parsePlan(planFields);
  const rows = computePlan(plan);
  const columns = columnsOf(plan.currency.decimals);
  const amounts = (row: Pick<ScheduleRow, "principal" | "interest" | "fee">) =>
    columns({ ...row, penalty: 0n });
  const instalments = rows.map((row) => ({
    nr: row.nr,
    dueDate: formatDate(row.day),
    ...amounts(row),
    outstanding: formatMoney(row.outstanding, plan.currency.decimals),
  }));
  return { instalments, totals: amounts(scheduleTotals(rows)), cost: costOfPlan(plan) };
}

function scheduleOfCase(value: Record<string, unknown>): Omit<ScheduleAnswer, "id"> {
  for (const [index, transaction] of listOf(value, "transactions").entries()) {
    const path = `transactions[${index}].type`;
    if (isRecord(transaction) && transaction.type === "DISBURSEMENT") continue;
    throw new LendingError(
      "unsupported",
      path,
      "a schedule takes DISBURSEMENT alone; replay takes the others",
    );
  }
  const { params, result } = replayOfCase(value);
  const { instalments, totals } = replayAnswer(params, result);
  const { principalDue, interestDue, feesDue, penaltiesDue, total } = totals;
  return {
    instalments: instalments.map(({ paid: _1, paidInAdvance: _2, paidLate: _3, unpaid: _4, ...row }) => row),
    totals: { principalDue, interestDue, feesDue, penaltiesDue, total },
    cost: costOfReplay(params.decimals, result),
  };
}

function replayOfCase(value: Record<string, unknown>): { params: Params; result: Replay } {
  if (!isRecord(value.params)) throw new LendingError("invalid", "params", "must be an object");
  const params = readParams(value.params);
  const asOf = dayOf(value, "asOfBusinessDate");
  const entries = readTransactions(listOf(value, "transactions"), params, asOf);
  const result = withPaths(casePath, () => replay({ loan: params.loan, entries, asOf }));
  return { params, result };
}

function dayOf(value: Record<string, unknown>, field: string): Day | undefined {
  const date = value[field] ?? undefined;
  return date === undefined ? undefined : parseDate(date, field);
}

function listOf(value: Record<string, unknown>, field: string): unknown[] {
  const list = value[field] ?? [];
  if (Array.isArray(list)) return list;
  throw new LendingError("invalid", field, "must be an array");
}

const TYPES = {
  disbursement: "Disbursement",
  disbursement_fee: "Repayment (at time of disbursement)",
  down_payment: "Down Payment",
  repayment: "Repayment",
  re_age: "Re-age",
} as const;

function replayAnswer(params: Params, result: Replay): Omit<ReplayAnswer, "id"> {
  const { decimals } = params;
  const { rows, postings, overpaid } = result;
  const money = (amount: bigint) => formatMoney(amount, decimals);
  const columns = columnsOf(decimals);
  const fees = postings.filter(({ kind }) => kind === "disbursement_fee").map(({ components }) => components);
  const paidColumns = (part: readonly LedgerRow[], paidAtOnce = 0n): PaidColumns => ({
    paid: money(sum(part, (row) => sumOf(row.paid)) + paidAtOnce),
    paidInAdvance: money(sum(part, (row) => row.paidInAdvance)),
    paidLate: money(sum(part, (row) => row.paidLate)),
    unpaid: money(sum(part, unpaidTotal)),
  });
  const balances = balancesOf(params, result);
  const instalments = rows.map((row, index) => ({
    nr: index + 1,
    dueDate: formatDate(row.due),
    ...columns(row.owed),
    ...paidColumns([row]),
    outstanding: money(balances[index] ?? 0n),
  }));
  const total = (pick: (row: LedgerRow) => bigint) => sum(rows, pick);
  const owed = {
    principal: total((row) => row.owed.principal),
    interest: total((row) => row.owed.interest),
    fee: total((row) => row.owed.fee) + sum(fees, ({ fee }) => fee),
    penalty: total((row) => row.owed.penalty) + sum(fees, ({ penalty }) => penalty),
  };
  const transactions = postings.map(({ kind, day, amount, components, spent, overpaid: over, reversed }) => ({
    date: formatDate(day),
    type: TYPES[kind],
    amount: money(amount),
    principal: money(components.principal),
    interest: money(components.interest),
    fees: money(components.fee),
    penalties: money(components.penalty),
    // As it was divided at first: with what a later tranche has used of it since, the parts make the amount.
    overpaid: money(over + sumOf(spent)),
    reversed,
  }));
  const totals = { ...columns(owed), ...paidColumns(rows, sum(fees, sumOf)), overpaid: money(overpaid) };
  const { payoff } = result;
  return {
    asOf: formatDate(result.asOf),
    instalments,
    transactions,
    totals,
    payoff: {
      principal: money(payoff.principal),
      interest: money(payoff.interest),
      fees: money(payoff.fee),
      penalties: money(payoff.penalty),
      total: money(sumOf(payoff)),
    },
    ageing: ageingAnswer(result, decimals),
  };
}

function ageingAnswer({ rows, asOf }: Replay, decimals: number): AgeingAnswer {
  const { daysPastDue, overdueSince, totalOverdue, bucket } = ageOf(byDueDay(rows), asOf);
  return {
    daysPastDue,
    overdueSince: overdueSince === undefined ? null : formatDate(overdueSince),
    overdue: formatMoney(totalOverdue, decimals),
    bucket: bucket === undefined ? null : `${bucket.fromDays}-${bucket.toDays ?? ""}`,
  };
}

/** Rows of one day as one: a down payment may fall on an instalment's day. Waived interest is not owed. */
function byDueDay(rows: readonly LedgerRow[]): AgedInstalment[] {
  const days = new Map<Day, AgedInstalment>();
  for (const { due, owed, paid, waivedInterest } of rows) {
    const one = days.get(due) ?? { day: due, ...noComponents(), paid: noComponents() };
    addComponents(one, { ...owed, interest: owed.interest - waivedInterest });
    addComponents(one.paid, paid);
    days.set(due, one);
  }
  return [...days.values()].toSorted((a, b) => a.day - b.day);
}

/**
 * Principal still owed after each row. A tranche on the row's day is part of it, except that the progressive engine
 * without interest pays it out after the instalment of that day.
 */
function balancesOf({ loan }: Params, { rows, postings }: Replay): bigint[] {
  const tranches = postings.filter(({ kind }) => kind === "disbursement");
  const { engine, annualRate } = loan.terms;
  const paysOutLater = engine === "progressive" && annualRate.numerator === 0n;
  const comesAfter = (row: LedgerRow) => paysOutLater && row.kind === "instalment";
  let due = 0n;
  return rows.map((row) => {
    due += row.owed.principal;
    const isPaidOut = (day: Day) => day < row.due || (day === row.due && !comesAfter(row));
    return sum(tranches, ({ day, amount }) => (isPaidOut(day) ? amount : 0n)) - due;
  });
}

function sum<T>(list: readonly T[], pick: (one: T) => bigint): bigint {
  return list.reduce((total, one) => total + pick(one), 0n);
}

function columnsOf(decimals: number) {
  return (amounts: { principal: bigint; interest: bigint; fee: bigint; penalty: bigint }) => ({
    principalDue: formatMoney(amounts.principal, decimals),
    interestDue: formatMoney(amounts.interest, decimals),
    feesDue: formatMoney(amounts.fee, decimals),
    penaltiesDue: formatMoney(amounts.penalty, decimals),
    total: formatMoney(amounts.principal + amounts.interest + amounts.fee + amounts.penalty, decimals),
  });
}
