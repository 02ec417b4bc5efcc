import { type Day, formatDate, parseDate } from "./calendar.ts";
import { type Params, readParams } from "./case-params.ts";
import { LendingError, withPaths } from "./errors.ts";
import { formatMoney } from "./money.ts";
import { computeSchedule, type ScheduleRow, scheduleTotals } from "./schedule.ts";
import { computePlan, parseDraft, parsePlan } from "./terms.ts";

/** One instalment of an answer: ISO date, decimal strings of major units. `outstanding` is principal. */
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

export interface ScheduleAnswer {
  id?: string | number;
  instalments: AnswerRow[];
  totals: Omit<AnswerRow, "nr" | "dueDate" | "outstanding">;
}

/** Why a case has no schedule; `path` names the field of the case. */
export interface ErrorAnswer {
  id?: string | number;
  error: { code: string; message: string; path: string };
}

/** Where an error of the engine is found in a case. */
const CASE_PATHS: Record<string, string> = {
  principal: "params.principal",
  numberOfInstalments: "params.nInstalments",
  repayEvery: "params.repayEvery",
  amortisation: "params.amortization",
  instalmentMultiple: "params.installmentAmountInMultiplesOf",
  disbursementDate: "params.disburseDate",
  firstRepaymentDate: "params.firstRepaymentDate",
};

/**
 * Answers one schedule question: a case in the format of `test/golden/fineract-schedules.json` (`{id, params, ...}`,
 * amounts in major units) or a plan as in `terms.ts` (snake_case, amounts in minor units), with an optional `id`.
 * A case is answered only if nothing in it asks for more than a schedule that this engine computes: payments, charges
 * and unknown parameters are errors, never ignored.
 */
export function answerSchedule(value: unknown): ScheduleAnswer | ErrorAnswer {
  const id = idOf(value);
  const tag = id === undefined ? {} : { id };
  try {
    return { ...tag, ...answer(value) };
  } catch (error) {
    if (!(error instanceof LendingError)) throw error;
    return { ...tag, error: { code: error.code, message: error.message, path: error.path } };
  }
}

function idOf(value: unknown): string | number | undefined {
  const id = isRecord(value) ? value.id : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function answer(value: unknown): Omit<ScheduleAnswer, "id"> {
  if (!isRecord(value)) throw new LendingError("invalid", "", "a case must be an object");
  if ("params" in value) return answerCase(value);
  const { id: _id, ...planFields } = value;
  // A loan officer's terms are a plan with rules that change no row.
  const plan = "waterfall" in planFields ? parseDraft(planFields) : parsePlan(planFields);
  return table(computePlan(plan), plan.currency.decimals);
}

function answerCase(value: Record<string, unknown>): Omit<ScheduleAnswer, "id"> {
  if (!isRecord(value.params)) throw new LendingError("invalid", "params", "must be an object");
  const params = readParams(value.params);
  assertOneDisbursement(value, params);
  const rows = withPaths(
    (path) => CASE_PATHS[path] ?? path,
    () => computeSchedule(params.terms),
  );
  return table(rows, params.decimals);
}

/** A schedule knows one disbursement of the whole principal on the disbursement date, and nothing after it. */
function assertOneDisbursement(value: Record<string, unknown>, params: Params): void {
  for (const [index, transaction] of listOf(value, "transactions").entries()) {
    const path = `transactions[${index}]`;
    if (!isRecord(transaction)) throw new LendingError("invalid", path, "must be an object");
    if (transaction.type !== "DISBURSEMENT" || index > 0) {
      throw new LendingError(
        "unsupported",
        `${path}.type`,
        "a schedule takes one DISBURSEMENT and no other transaction",
      );
    }
    assertDisbursement(transaction, params, path);
  }
  for (const [index, row] of listOf(value, "disbursementRows").entries()) {
    const path = `disbursementRows[${index}]`;
    if (!isRecord(row)) throw new LendingError("invalid", path, "must be an object");
    if (index > 0) throw new LendingError("unsupported", path, "several tranches are not supported");
    assertDisbursement(row, params, path);
  }
}

function listOf(value: Record<string, unknown>, field: string): unknown[] {
  const list = value[field] ?? [];
  if (Array.isArray(list)) return list;
  throw new LendingError("invalid", field, "must be an array");
}

function assertDisbursement(row: Record<string, unknown>, params: Params, path: string): void {
  const date: Day = parseDate(row.date, `${path}.date`);
  if (date !== params.terms.disbursementDay) {
    throw new LendingError("unsupported", `${path}.date`, "must be params.disburseDate");
  }
  if (params.money(row.amount, `${path}.amount`) !== params.terms.principal) {
    throw new LendingError("unsupported", `${path}.amount`, "must be params.principal");
  }
}

function table(rows: readonly ScheduleRow[], decimals: number): Omit<ScheduleAnswer, "id"> {
  const money = (amount: bigint) => formatMoney(amount, decimals);
  const amounts = (row: { principal: bigint; interest: bigint; fee: bigint }) => ({
    principalDue: money(row.principal),
    interestDue: money(row.interest),
    feesDue: money(row.fee),
    penaltiesDue: money(0n),
    total: money(row.principal + row.interest + row.fee),
  });
  const instalments = rows.map((row) => ({
    nr: row.nr,
    dueDate: formatDate(row.day),
    ...amounts(row),
    outstanding: money(row.outstanding),
  }));
  return { instalments, totals: amounts(scheduleTotals(rows)) };
}
