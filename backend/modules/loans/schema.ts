import { z } from "zod";
import {
  addressValue,
  amountValue,
  asOfValue,
  chainValue,
  componentsValue,
  currencyValue,
  dateValue,
  dayValue,
  hashValue,
  loanIdValue,
  proofValue,
} from "../../values.ts";
import { termsOfLoanValue } from "../terms/schema.ts";

export const loanStates = ["active", "closed"] as const;
export const instalmentStates = ["paid", "part_paid", "overdue", "due", "scheduled"] as const;
export const componentNames = ["penalty", "fee", "interest", "principal"] as const;
export const earlySettlementRules = ["full", "pro_rata"] as const;

const utcOffsetValue = z.int().min(-50_400).max(50_400).meta({
  description: "Seconds east of Greenwich in which the loan counts its days; fixed, no daylight saving.",
  example: 10_800,
});

const nextInstalmentValue = z
  .strictObject({ nr: z.int().positive(), due_day: dayValue, due_date: dateValue, unpaid: amountValue })
  .meta({ id: "NextInstalment", description: "The oldest instalment that is not fully paid." });

/** What a loan shows everywhere: in the list and on its own. */
const headMembers = {
  id: loanIdValue,
  state: z.enum(loanStates),
  days_past_due: z.int().nonnegative().meta({
    description: "Days since the oldest unpaid instalment fell due; 0 when nothing is overdue.",
    example: 0,
  }),
  overdue: amountValue.meta({
    description: "Unpaid amounts of instalments whose due day is over, without penalty.",
  }),
  borrower: addressValue,
  lender: addressValue.meta({ description: "Who funded the loan." }),
  owner: addressValue.meta({
    description: "The lender of record now: who holds the note and receives repayments.",
  }),
  currency: currencyValue,
  outstanding_principal: amountValue,
  next_instalment: nextInstalmentValue.nullable(),
  as_of: asOfValue,
  proof: proofValue.meta({
    description: "The origination: agreement, schedule and parties stand in this log.",
  }),
};

export const loanSummaryValue = z
  .strictObject({
    ...headMembers,
    principal: amountValue,
    total_repayable: amountValue,
    instalment_count: z.int().positive(),
    instalments_paid: z.int().nonnegative(),
    payment_count: z.int().nonnegative(),
    disbursed_date: dateValue.nullable(),
    closed_date: dateValue.nullable(),
  })
  .meta({ id: "LoanSummary" });

export const loanListBody = z
  .strictObject({ data: z.array(loanSummaryValue), next_cursor: z.string().nullable() })
  .meta({
    id: "LoanList",
    description:
      "Newest first. `next_cursor` is null on the last page; a cursor stays valid when the chain is reorganised.",
  });

const termsValue = z
  .strictObject({
    payee: addressValue,
    disburse_from_date: dateValue,
    disburse_until_date: dateValue,
    principal: amountValue,
    total_repayable: amountValue,
    first_due_date: dateValue,
    last_due_date: dateValue,
    instalment_count: z.int().positive(),
    upfront_fee: amountValue,
    penalty: z
      .strictObject({
        rate_bps: z
          .int()
          .nonnegative()
          .meta({ description: "Basis points a year of 365 days.", example: 1000 }),
        grace_days: z.int().nonnegative().meta({ example: 3 }),
        cap: amountValue.meta({ description: "Most that the penalty can reach over the loan's life." }),
      })
      .meta({ id: "PenaltyRule" }),
    waterfall: z.array(z.enum(componentNames)).length(4),
    early_settlement: z.enum(earlySettlementRules).meta({
      description: "`full`: all interest stays owed. `pro_rata`: interest to the end of the payoff day.",
    }),
    reversal_days: z.int().nonnegative(),
    utc_offset_s: utcOffsetValue,
    document_hash: hashValue.meta({ description: "keccak256 of the canonical terms document." }),
    language: z.string().meta({ example: "en" }),
    salt: hashValue,
    expiry_s: z
      .string()
      .regex(/^\d+$/)
      .meta({ description: "Unix second after which the consents were void.", example: "1667900000" }),
  })
  .meta({ id: "Terms", description: "The signed agreement, apart from its parties, currency and schedule." });

const instalmentValue = z
  .strictObject({
    nr: z.int().positive(),
    due_day: dayValue,
    due_date: dateValue,
    principal: amountValue,
    interest: amountValue,
    fee: amountValue,
    total: amountValue,
    paid: componentsValue,
    waived_interest: amountValue,
    unpaid: amountValue.meta({
      description: "What is left of `total`; a penalty is in the loan's `due_today`.",
    }),
    last_paid_date: dateValue.nullable(),
    state: z.enum(instalmentStates),
  })
  .meta({ id: "Instalment" });

const allocationValue = z
  .strictObject({
    instalment_nr: z.int().positive(),
    penalty: amountValue,
    fee: amountValue,
    interest: amountValue,
    principal: amountValue,
    waived_interest: amountValue,
    proof: proofValue,
  })
  .meta({ id: "Allocation", description: "What one payment put on one instalment." });

const paymentValue = z
  .strictObject({
    nr: z.int().positive(),
    day: dayValue,
    date: dateValue,
    payer: addressValue,
    recipient: addressValue,
    penalty: amountValue,
    fee: amountValue,
    interest: amountValue,
    principal: amountValue,
    total: amountValue,
    waived_interest: amountValue,
    outstanding_principal: amountValue.meta({
      description: "What was left of the principal after this payment.",
    }),
    late_days: z
      .int()
      .nonnegative()
      .meta({ description: "Days after the due day of the oldest instalment that it paid; 0 when on time." }),
    allocations: z.array(allocationValue),
    proof: proofValue,
  })
  .meta({ id: "Payment" });

export const loanBody = z
  .strictObject({
    ...headMembers,
    chain: chainValue,
    terms: termsValue,
    terms_document: termsOfLoanValue.nullable(),
    disbursement: z
      .strictObject({
        day: dayValue,
        date: dateValue,
        payee: addressValue,
        amount: amountValue,
        upfront_fee: amountValue,
        proof: proofValue,
      })
      .meta({ id: "Disbursement" })
      .nullable(),
    schedule: z.array(instalmentValue),
    payments: z.array(paymentValue),
    totals: z
      .strictObject({
        scheduled: componentsValue,
        paid: componentsValue,
        waived_interest: amountValue,
        outstanding_principal: amountValue,
      })
      .meta({ id: "LoanTotals" }),
    due_today: componentsValue.nullable().meta({
      description:
        "Due up to the end of today and unpaid, with the penalty to today. Null when it could not be recomputed.",
    }),
    payoff_today: componentsValue.nullable().meta({
      description: "What closes the loan today. Null when it could not be recomputed from the mirror.",
    }),
    closing: z
      .strictObject({ day: dayValue, date: dateValue, proof: proofValue })
      .meta({ id: "Closing" })
      .nullable(),
  })
  .meta({ id: "Loan" });

export type LoanSummary = z.input<typeof loanSummaryValue>;
export type LoanBody = z.input<typeof loanBody>;
