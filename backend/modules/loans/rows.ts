import { z } from "zod";
import {
  addressColumn,
  bigintColumn,
  checkpointRow,
  countColumn,
  hexColumn,
  proofColumns,
} from "../../rows.ts";
import { cancellationKinds, loanStates } from "./schema.ts";

/* What the statements of repository.ts return, as it is read. */

const dateColumn = countColumn;
const amountColumns = {
  penalty: bigintColumn,
  fee: bigintColumn,
  interest: bigintColumn,
  principal: bigintColumn,
  waived_interest: bigintColumn,
};

export const loanHeadRow = z.object({
  loan_id: hexColumn,
  borrower: addressColumn,
  lender: addressColumn,
  owner: addressColumn,
  currency: addressColumn,
  symbol: z.string(),
  token_decimals: countColumn,
  unit: bigintColumn,
  version: countColumn,
  principal: bigintColumn,
  total_repayable: bigintColumn,
  instalment_count: countColumn,
  utc_offset_s: countColumn,
  state: z.enum(loanStates),
  disbursed_day: dateColumn.nullable(),
  closed_day: dateColumn.nullable(),
  outstanding_principal: bigintColumn,
  payments: countColumn,
  next_nr: countColumn.nullable(),
  oldest_unpaid_nr: countColumn.nullable(),
  oldest_unpaid_day: dateColumn.nullable(),
  late_from_day: dateColumn.nullable(),
  arrears_day: dateColumn,
  paid_on_time: countColumn,
  oldest_unpaid: bigintColumn.nullable(),
  overdue: bigintColumn.nullable(),
  ...proofColumns,
});

const instalmentRow = z.object({
  nr: countColumn,
  day: dateColumn,
  principal: bigintColumn,
  interest: bigintColumn,
  fee: bigintColumn,
  penalty_paid: bigintColumn,
  fee_paid: bigintColumn,
  interest_paid: bigintColumn,
  principal_paid: bigintColumn,
  waived_interest: bigintColumn,
  settled: z.boolean(),
  last_paid_day: dateColumn.nullable(),
});

const allocationRow = z.object({
  payment_nr: countColumn,
  instalment_nr: countColumn,
  ...amountColumns,
  ...proofColumns,
});

const paymentRow = z.object({
  nr: countColumn,
  recorder: addressColumn.nullable(),
  reversal: z.object({ day: dateColumn, ...proofColumns }).nullable(),
  payer: addressColumn,
  recipient: addressColumn,
  day: dateColumn,
  ...amountColumns,
  outstanding_principal: bigintColumn,
  ...proofColumns,
});

/** A row of any version's table. */
const tableRow = z.object({
  version: countColumn,
  nr: countColumn,
  day: dateColumn,
  principal: bigintColumn,
  interest: bigintColumn,
  fee: bigintColumn,
});

const restructuringRow = z.object({
  version: countColumn,
  day: dateColumn,
  payments: countColumn,
  penalty_paid: bigintColumn,
  fee_paid: bigintColumn,
  interest_paid: bigintColumn,
  principal_paid: bigintColumn,
  capitalised: bigintColumn,
  forgiven: bigintColumn,
  principal: bigintColumn,
  total_repayable: bigintColumn,
  first_day: dateColumn,
  last_day: dateColumn,
  instalment_count: countColumn,
  document_hash: hexColumn,
  expiry: bigintColumn,
  penalty_cap: bigintColumn,
  arrears_day: dateColumn,
  ...proofColumns,
});

export const loanRow = loanHeadRow.extend({
  signed_borrower: addressColumn,
  signed_principal: bigintColumn,
  signed_total_repayable: bigintColumn,
  signed_instalment_count: countColumn,
  payee: addressColumn,
  disburse_from_day: dateColumn,
  disburse_until_day: dateColumn,
  first_day: dateColumn,
  last_day: dateColumn,
  upfront_fee: bigintColumn,
  penalty_rate_bps: countColumn,
  penalty_grace_days: countColumn,
  penalty_cap: bigintColumn,
  waterfall: hexColumn.length(10),
  early_settlement: z.union([z.literal(0), z.literal(1)]),
  reversal_days: countColumn,
  cooling_off_days: countColumn,
  document_hash: hexColumn,
  language: z.string(),
  salt: hexColumn,
  expiry: bigintColumn,
  penalty_paid: bigintColumn,
  fee_paid: bigintColumn,
  interest_paid: bigintColumn,
  principal_paid: bigintColumn,
  waived_interest: bigintColumn,
  payments_before: countColumn,
  penalty_cap_left: bigintColumn,
  funding: z
    .object({ day: dateColumn, payee: addressColumn, amount: bigintColumn, ...proofColumns })
    .nullable(),
  cancellation: z
    .object({
      kind: z.enum(cancellationKinds),
      by_address: addressColumn,
      recipient: addressColumn,
      day: dateColumn,
      amount: bigintColumn,
      ...proofColumns,
    })
    .nullable(),
  write_off: z
    .object({
      day: dateColumn,
      owner: addressColumn,
      outstanding_principal: bigintColumn,
      ...proofColumns,
    })
    .nullable(),
  disbursement: z
    .object({
      day: dateColumn,
      payee: addressColumn,
      amount: bigintColumn,
      upfront_fee: bigintColumn,
      ...proofColumns,
    })
    .nullable(),
  closing: z.object({ day: dateColumn, ...proofColumns }).nullable(),
  terms_document: z.object({ canonical: z.string(), received_at: z.string() }).nullable(),
  schedule: z.array(instalmentRow),
  payment_rows: z.array(paymentRow),
  allocations: z.array(allocationRow),
  restructurings: z.array(restructuringRow),
  tables: z.array(tableRow),
});

const contextColumns = { chain_id: countColumn, loan_book: addressColumn, checkpoint: checkpointRow };

export const loanAnswerRow = z.object({ ...contextColumns, loan: loanRow.nullable() });
export const loanPageRow = z.object({ ...contextColumns, loans: z.array(loanHeadRow) });

export type LoanHeadRow = z.output<typeof loanHeadRow>;
export type LoanRow = z.output<typeof loanRow>;
export type LoanAnswerRow = z.output<typeof loanAnswerRow>;
export type LoanPageRow = z.output<typeof loanPageRow>;
