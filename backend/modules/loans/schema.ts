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

export const loanStates = ["active", "closed", "funded", "cancelled", "written_off"] as const;
export const cancellationKinds = ["cancelled", "returned"] as const;
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
  state: z.enum(loanStates).meta({
    description:
      "`funded`: the principal waits for the borrower's receipt. `cancelled`: it went back. `written_off`: the owner of the note gave the loan up; the debt stays and can be paid.",
  }),
  version: z
    .int()
    .positive()
    .meta({ description: "1 as signed first; each restructuring adds one.", example: 1 }),
  days_past_due: z.int().nonnegative().meta({
    description:
      "Days since the oldest unpaid instalment fell due, or since `arrears_since_date`; 0 when nothing is overdue.",
    example: 0,
  }),
  arrears_since_date: dateValue.nullable().meta({
    description:
      "A restructured loan that was late counts its days from here until three instalments in a row were paid on time. Null when nothing is to be cured.",
  }),
  paid_on_time: z.int().nonnegative().meta({ description: "Instalments in a row paid on time meanwhile." }),
  overdue: amountValue.meta({
    description: "Unpaid amounts of instalments whose due day is over, without penalty.",
  }),
  borrower: addressValue.meta({
    description: "Who owes now: the borrower of the agreement, or the address to which she moved.",
  }),
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
    principal: amountValue.meta({ description: "Of the present version." }),
    total_repayable: amountValue.meta({ description: "Of the present version." }),
    instalment_count: z.int().positive(),
    instalments_paid: z.int().nonnegative(),
    payment_count: z
      .int()
      .nonnegative()
      .meta({ description: "All payments so far, those that were taken back included." }),
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
    borrower: addressValue.meta({ description: "Who signed." }),
    payee: addressValue.meta({
      description: "Who receives the principal: the borrower, or a desk that pays out by hand.",
    }),
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
    reversal_days: z
      .int()
      .nonnegative()
      .meta({ description: "Days within which a recorder may take a payment back." }),
    cooling_off_days: z.int().nonnegative().meta({
      description: "Days after the disbursement within which the borrower may give the loan back.",
    }),
    utc_offset_s: utcOffsetValue,
    document_hash: hashValue.meta({ description: "keccak256 of the canonical terms document." }),
    language: z.string().meta({ example: "en" }),
    salt: hashValue,
    expiry_s: z
      .string()
      .regex(/^\d+$/)
      .meta({ description: "Unix second after which the consents were void.", example: "1667900000" }),
  })
  .meta({
    id: "Terms",
    description:
      "The agreement as it was signed first, apart from its lender, currency and schedule. What a restructuring changed stands in `restructurings`.",
  });

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
    version: z.int().positive().meta({ description: "The version that it was made under." }),
    recorder: addressValue.nullable().meta({ description: "Who paid for her and may take it back." }),
    reversal: z
      .strictObject({ day: dayValue, date: dateValue, proof: proofValue })
      .meta({ id: "Reversal", description: "The payment was taken back: it counts nowhere." })
      .nullable(),
    allocations: z.array(allocationValue),
    proof: proofValue,
  })
  .meta({ id: "Payment" });

const rowValue = z
  .strictObject({
    nr: z.int().positive(),
    due_day: dayValue,
    due_date: dateValue,
    principal: amountValue,
    interest: amountValue,
    fee: amountValue,
    total: amountValue,
  })
  .meta({ id: "ScheduleRow" });

const restructuringValue = z
  .strictObject({
    version: z.int().min(2),
    day: dayValue,
    date: dateValue,
    payments: z.int().nonnegative().meta({ description: "Payments before it: it binds all of them." }),
    paid: componentsValue.meta({ description: "Paid under the version before." }),
    capitalised: amountValue.meta({
      description: "Unpaid interest, fees and penalty that became principal.",
    }),
    forgiven: amountValue.meta({ description: "The rest of them, which nobody owes any more." }),
    principal: amountValue,
    total_repayable: amountValue,
    first_due_date: dateValue,
    last_due_date: dateValue,
    instalment_count: z.int().positive(),
    document_hash: hashValue,
    expiry_s: z.string().regex(/^\d+$/),
    superseded: z
      .array(rowValue)
      .meta({ description: "The table that it replaced. `schedule` is the present one." }),
    proof: proofValue,
  })
  .meta({ id: "Restructuring", description: "A new table that the borrower and the note's owner signed." });

export const loanBody = z
  .strictObject({
    ...headMembers,
    chain: chainValue,
    terms: termsValue,
    terms_document: termsOfLoanValue.nullable(),
    funding: z
      .strictObject({
        day: dayValue,
        date: dateValue,
        payee: addressValue,
        amount: amountValue,
        proof: proofValue,
      })
      .meta({ id: "Funding", description: "The principal began to wait for the borrower's receipt." })
      .nullable(),
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
    schedule: z.array(instalmentValue).meta({ description: "The present version's table." }),
    restructurings: z.array(restructuringValue),
    payments: z.array(paymentValue),
    totals: z
      .strictObject({
        scheduled: componentsValue,
        paid: componentsValue.meta({ description: "Under the present version." }),
        paid_before: componentsValue.meta({ description: "Under the versions before." }),
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
    cancellation: z
      .strictObject({
        kind: z.enum(cancellationKinds).meta({
          description:
            "`cancelled`: it was never paid out. `returned`: the borrower gave it back within the cooling-off days.",
        }),
        day: dayValue,
        date: dateValue,
        by: addressValue,
        recipient: addressValue,
        amount: amountValue,
        proof: proofValue,
      })
      .meta({ id: "Cancellation" })
      .nullable(),
    write_off: z
      .strictObject({
        day: dayValue,
        date: dateValue,
        owner: addressValue,
        outstanding_principal: amountValue,
        proof: proofValue,
      })
      .meta({ id: "WriteOff" })
      .nullable(),
  })
  .meta({ id: "Loan" });

export type LoanSummary = z.input<typeof loanSummaryValue>;
export type LoanBody = z.input<typeof loanBody>;
