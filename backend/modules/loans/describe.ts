import type { Address } from "viem";
import { dayNumber, formatDate } from "../../../lending/calendar.ts";
import { asOf, type Checkpoint, displayDecimals, proofOf } from "../../rows.ts";
import type { LoanHeadRow, LoanRow } from "./rows.ts";
import { componentNames, earlySettlementRules, type LoanBody, type LoanSummary } from "./schema.ts";
import { owedOn } from "./standing.ts";

/* From rows of the mirror to the words of the API. Amounts stay bigint until they are written as decimal strings. */

interface AnswerContext {
  readonly chain_id: number;
  readonly loan_book: Address;
  readonly checkpoint: Checkpoint;
}

type Instalment = LoanBody["schedule"][number];
type Payment = LoanBody["payments"][number];
type Restructuring = LoanBody["restructurings"][number];

interface Parts {
  readonly penalty: bigint;
  readonly fee: bigint;
  readonly interest: bigint;
  readonly principal: bigint;
}

function components({ penalty, fee, interest, principal }: Parts) {
  return {
    penalty: String(penalty),
    fee: String(fee),
    interest: String(interest),
    principal: String(principal),
    total: String(penalty + fee + interest + principal),
  };
}

const dateOf = (day: number | null) => (day === null ? null : formatDate(day));

const dayAndDate = (day: number) => ({ day, date: formatDate(day) });

function describeHead(loan: LoanHeadRow, { checkpoint }: AnswerContext) {
  const today = dayNumber(checkpoint.block_time, loan.utc_offset_s);
  const { oldest_unpaid_nr: nr, oldest_unpaid_day: day } = loan;
  const next =
    nr === null || day === null
      ? null
      : { nr, due_day: day, due_date: formatDate(day), unpaid: String(loan.oldest_unpaid ?? 0n) };
  return {
    id: loan.loan_id,
    state: loan.state,
    version: loan.version,
    days_past_due: loan.late_from_day === null ? 0 : Math.max(0, today - loan.late_from_day),
    arrears_since_date: dateOf(loan.arrears_day === 0 ? null : loan.arrears_day),
    paid_on_time: loan.paid_on_time,
    overdue: String(loan.overdue ?? 0n),
    borrower: loan.borrower,
    lender: loan.lender,
    owner: loan.owner,
    currency: {
      address: loan.currency,
      symbol: loan.symbol,
      decimals: displayDecimals(loan.token_decimals, loan.unit),
      unit: String(loan.unit),
      token_decimals: loan.token_decimals,
    },
    outstanding_principal: String(loan.outstanding_principal),
    next_instalment: next,
    as_of: asOf(checkpoint, loan.utc_offset_s),
    proof: proofOf(loan),
  };
}

export function describeSummary(loan: LoanHeadRow, context: AnswerContext): LoanSummary {
  return {
    ...describeHead(loan, context),
    principal: String(loan.principal),
    total_repayable: String(loan.total_repayable),
    instalment_count: loan.instalment_count,
    instalments_paid: instalmentsPaid(loan),
    payment_count: loan.payments,
    disbursed_date: dateOf(loan.disbursed_day),
    closed_date: dateOf(loan.closed_day),
  };
}

/** A loan that never ran stands at no instalment and has none that is paid. */
function instalmentsPaid({ next_nr: nr, state, instalment_count: count }: LoanHeadRow): number {
  if (nr !== null) return nr - 1;
  return state === "closed" ? count : 0;
}

/** Without a day nothing is due, nor ever will be: the loan was cancelled or given back. */
function instalmentState(row: LoanRow["schedule"][number], today: number | undefined): Instalment["state"] {
  if (row.settled) return "paid";
  if (today !== undefined && row.day < today) return "overdue";
  if (row.day === today) return "due";
  const paid = row.penalty_paid + row.fee_paid + row.interest_paid + row.principal_paid;
  return paid > 0n ? "part_paid" : "scheduled";
}

function describeInstalment(row: LoanRow["schedule"][number], today: number | undefined): Instalment {
  const total = row.principal + row.interest + row.fee;
  const covered = row.principal_paid + row.interest_paid + row.fee_paid + row.waived_interest;
  return {
    nr: row.nr,
    due_day: row.day,
    due_date: formatDate(row.day),
    principal: String(row.principal),
    interest: String(row.interest),
    fee: String(row.fee),
    total: String(total),
    paid: components({
      penalty: row.penalty_paid,
      fee: row.fee_paid,
      interest: row.interest_paid,
      principal: row.principal_paid,
    }),
    waived_interest: String(row.waived_interest),
    unpaid: String(total - covered),
    last_paid_date: dateOf(row.last_paid_day),
    state: instalmentState(row, today),
  };
}

/** The version whose table the payment was made on. */
function versionOf(payment: LoanRow["payment_rows"][number], loan: LoanRow): number {
  return loan.restructurings.findLast(({ payments }) => payments < payment.nr)?.version ?? 1;
}

function lateDays(payment: LoanRow["payment_rows"][number], version: number, loan: LoanRow): number {
  const oldest = loan.allocations.find(({ payment_nr }) => payment_nr === payment.nr)?.instalment_nr;
  const row = loan.tables.find((one) => one.version === version && one.nr === oldest);
  return Math.max(0, payment.day - (row?.day ?? payment.day));
}

function describePayment(payment: LoanRow["payment_rows"][number], loan: LoanRow): Payment {
  const { total, ...parts } = components(payment);
  const version = versionOf(payment, loan);
  const { reversal } = payment;
  return {
    nr: payment.nr,
    version,
    ...dayAndDate(payment.day),
    payer: payment.payer,
    recipient: payment.recipient,
    recorder: payment.recorder,
    reversal: reversal && { ...dayAndDate(reversal.day), proof: proofOf(reversal) },
    ...parts,
    total,
    waived_interest: String(payment.waived_interest),
    outstanding_principal: String(payment.outstanding_principal),
    late_days: lateDays(payment, version, loan),
    allocations: loan.allocations
      .filter(({ payment_nr }) => payment_nr === payment.nr)
      .map((allocation) => ({
        instalment_nr: allocation.instalment_nr,
        penalty: String(allocation.penalty),
        fee: String(allocation.fee),
        interest: String(allocation.interest),
        principal: String(allocation.principal),
        waived_interest: String(allocation.waived_interest),
        proof: proofOf(allocation),
      })),
    proof: proofOf(payment),
  };
}

function describeRestructuring(row: LoanRow["restructurings"][number], loan: LoanRow): Restructuring {
  return {
    version: row.version,
    ...dayAndDate(row.day),
    payments: row.payments,
    paid: components({
      penalty: row.penalty_paid,
      fee: row.fee_paid,
      interest: row.interest_paid,
      principal: row.principal_paid,
    }),
    capitalised: String(row.capitalised),
    forgiven: String(row.forgiven),
    principal: String(row.principal),
    total_repayable: String(row.total_repayable),
    first_due_date: formatDate(row.first_day),
    last_due_date: formatDate(row.last_day),
    instalment_count: row.instalment_count,
    document_hash: row.document_hash,
    expiry_s: String(row.expiry),
    superseded: loan.tables
      .filter(({ version }) => version === row.version - 1)
      .map(({ nr, day, principal, interest, fee }) => ({
        nr,
        due_day: day,
        due_date: formatDate(day),
        principal: String(principal),
        interest: String(interest),
        fee: String(fee),
        total: String(principal + interest + fee),
      })),
    proof: proofOf(row),
  };
}

function describeTerms(loan: LoanRow): LoanBody["terms"] {
  const order = [1, 2, 3, 4].map((at) => Number.parseInt(loan.waterfall.slice(2 * at, 2 * at + 2), 16));
  return {
    borrower: loan.signed_borrower,
    payee: loan.payee,
    disburse_from_date: formatDate(loan.disburse_from_day),
    disburse_until_date: formatDate(loan.disburse_until_day),
    principal: String(loan.signed_principal),
    total_repayable: String(loan.signed_total_repayable),
    first_due_date: formatDate(loan.first_day),
    last_due_date: formatDate(loan.last_day),
    instalment_count: loan.signed_instalment_count,
    upfront_fee: String(loan.upfront_fee),
    penalty: {
      rate_bps: loan.penalty_rate_bps,
      grace_days: loan.penalty_grace_days,
      cap: String(loan.penalty_cap),
    },
    waterfall: order.flatMap((id) => componentNames[id] ?? []),
    early_settlement: earlySettlementRules[loan.early_settlement],
    reversal_days: loan.reversal_days,
    cooling_off_days: loan.cooling_off_days,
    utc_offset_s: loan.utc_offset_s,
    document_hash: loan.document_hash,
    language: loan.language,
    salt: loan.salt,
    expiry_s: String(loan.expiry),
  };
}

function describeTotals(loan: LoanRow): LoanBody["totals"] {
  const scheduled = { penalty: 0n, fee: 0n, interest: 0n, principal: 0n };
  for (const row of loan.schedule) {
    scheduled.fee += row.fee;
    scheduled.interest += row.interest;
    scheduled.principal += row.principal;
  }
  const before = { penalty: 0n, fee: 0n, interest: 0n, principal: 0n };
  for (const row of loan.restructurings) {
    before.penalty += row.penalty_paid;
    before.fee += row.fee_paid;
    before.interest += row.interest_paid;
    before.principal += row.principal_paid;
  }
  return {
    scheduled: components(scheduled),
    paid: components({
      penalty: loan.penalty_paid,
      fee: loan.fee_paid,
      interest: loan.interest_paid,
      principal: loan.principal_paid,
    }),
    paid_before: components(before),
    waived_interest: String(loan.waived_interest),
    outstanding_principal: String(loan.outstanding_principal),
  };
}

/** How a loan began and ended, each with the log that says so. */
function describeTurns(loan: LoanRow) {
  const { funding, disbursement, closing, cancellation, write_off: writeOff } = loan;
  return {
    funding: funding && {
      ...dayAndDate(funding.day),
      payee: funding.payee,
      amount: String(funding.amount),
      proof: proofOf(funding),
    },
    disbursement: disbursement && {
      ...dayAndDate(disbursement.day),
      payee: disbursement.payee,
      amount: String(disbursement.amount),
      upfront_fee: String(disbursement.upfront_fee),
      proof: proofOf(disbursement),
    },
    closing: closing && { ...dayAndDate(closing.day), proof: proofOf(closing) },
    cancellation: cancellation && {
      kind: cancellation.kind,
      ...dayAndDate(cancellation.day),
      by: cancellation.by_address,
      recipient: cancellation.recipient,
      amount: String(cancellation.amount),
      proof: proofOf(cancellation),
    },
    write_off: writeOff && {
      ...dayAndDate(writeOff.day),
      owner: writeOff.owner,
      outstanding_principal: String(writeOff.outstanding_principal),
      proof: proofOf(writeOff),
    },
  };
}

export function describeLoan(loan: LoanRow, context: AnswerContext): LoanBody {
  const head = describeHead(loan, context);
  const today = head.as_of.today_day;
  const owed = owedOn(loan, today);
  return {
    ...head,
    chain: { chain_id: context.chain_id, loan_book: context.loan_book },
    terms: describeTerms(loan),
    terms_document: loan.terms_document,
    ...describeTurns(loan),
    schedule: loan.schedule.map((row) =>
      describeInstalment(row, loan.state === "cancelled" ? undefined : today),
    ),
    restructurings: loan.restructurings.map((row) => describeRestructuring(row, loan)),
    payments: loan.payment_rows.map((payment) => describePayment(payment, loan)),
    totals: describeTotals(loan),
    due_today: owed ? components(owed.due) : null,
    payoff_today: owed ? components(owed.payoff) : null,
  };
}
