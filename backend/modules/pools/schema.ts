import { z } from "zod";
import { addressColumn, bigintColumn, checkpointRow, countColumn, proofColumns } from "../../rows.ts";
import { addressValue, asOfValue, baseAmountValue, chainValue, proofValue } from "../../values.ts";

const poolCurrencyValue = z
  .strictObject({
    address: addressValue,
    symbol: z.string().nullable().meta({ example: "USDX" }),
    token_decimals: z.int().min(0).max(255).nullable().meta({ example: 6 }),
  })
  .meta({ id: "PoolCurrency", description: "The ERC-20 token in which the pool lends." });

const fractionValue = z.strictObject({ numerator: baseAmountValue, denominator: baseAmountValue }).meta({
  id: "SharePrice",
  description:
    "Base units of the currency per base unit of a share, as the exact fraction the contract uses.",
});

const stateValue = z
  .strictObject({
    cash: baseAmountValue.meta({ description: "Idle and the lenders'." }),
    held: baseAmountValue.meta({ description: "Repaid to the pool, waiting in LoanBook." }),
    funded: baseAmountValue.meta({ description: "Principal that waits for borrowers' receipts." }),
    outstanding: baseAmountValue.meta({ description: "Principal that borrowers owe." }),
    interest_received: baseAmountValue.meta({
      description: "Interest, penalties and other gains received so far, without the management fee.",
    }),
    fees: baseAmountValue.meta({ description: "The institution's fees, not collected yet." }),
    reserved: baseAmountValue.meta({ description: "Redemptions that were fulfilled and not claimed." }),
    cover: baseAmountValue.meta({ description: "The institution's first loss." }),
    uncovered: baseAmountValue.meta({
      description: "Provisions that the cover did not reach when it was topped up: these stay the lenders'.",
    }),
    cover_before: baseAmountValue.meta({
      description: "The part of the cover that bears losses before `uncovered` does.",
    }),
    total_supply: baseAmountValue.meta({ description: "Base units of shares." }),
    paused: z.boolean().meta({ description: "No deposits and no new loans; redeeming goes on." }),
    proof: proofValue,
  })
  .meta({
    id: "PoolState",
    description:
      "The pool's books in base units, after the log of `proof`. `fees`, `reserved` and `cover` are not the lenders'.",
  });

const accrualValue = z
  .strictObject({
    recognised: baseAmountValue.meta({ description: "Income recognised so far." }),
    total_assets: baseAmountValue.meta({
      description: "cash + held + funded + outstanding + recognised - interest_received.",
    }),
    provisions: baseAmountValue.meta({
      description: "By the pool's rule, of principal and counted interest of loans that are late today.",
    }),
    exit_deduction: baseAmountValue.meta({
      description: "What the exit price deducts: provisions one bracket ahead, beyond what the cover bears.",
    }),
  })
  .meta({
    id: "PoolAccrual",
    description: "What moves with time, as the contract answers it at the block of `as_of`.",
  });

const redemptionsValue = z
  .strictObject({
    waiting: z.int().nonnegative().meta({ description: "Requests that are not wholly fulfilled." }),
    pending_shares: baseAmountValue,
    next_request_id: z
      .string()
      .regex(/^\d+$/)
      .nullable()
      .meta({ description: "Whose turn it is; null when nobody waits.", example: "1" }),
  })
  .meta({ id: "RedemptionQueue", description: "Lenders who asked to leave, first come, first served." });

const limitsValue = z
  .strictObject({
    one_approval_up_to: baseAmountValue.meta({ description: "Larger loans need two approvals." }),
    max_principal: baseAmountValue,
    max_per_borrower: baseAmountValue,
    max_outstanding: baseAmountValue,
    rate_capacity: baseAmountValue.meta({ description: "Principal in a burst, refilled over the window." }),
    rate_window_s: z.int().nonnegative(),
    max_term_days: z.int().nonnegative(),
    max_cost_bps: z
      .int()
      .nonnegative()
      .meta({ description: "Interest and fees over principal and time, basis points a year." }),
    proof: proofValue,
  })
  .meta({ id: "LendingLimits", description: "What underwriters may decide. Amounts in base units." });

export const poolValue = z
  .strictObject({
    address: addressValue,
    chain: chainValue,
    currency: poolCurrencyValue,
    utc_offset_s: z
      .int()
      .meta({ description: "Seconds east of Greenwich; the pool's loans count their days in it." }),
    decimals: z
      .int()
      .nullable()
      .meta({ description: "Digits after the point of every amount of `state` (base units).", example: 6 }),
    state: stateValue,
    accrual: accrualValue.nullable().meta({
      description: "Null while the mirror is behind, or when the contract gave no answer.",
    }),
    share_price: fractionValue
      .nullable()
      .meta({ description: "What joining costs. Null without `accrual`." }),
    exit_price: fractionValue
      .nullable()
      .meta({ description: "What leaving brings. Null without `accrual`." }),
    share_decimals: z.int().nullable().meta({ example: 12 }),
    redemptions: redemptionsValue,
    limits: limitsValue.nullable().meta({ description: "Null while the governor has set none." }),
    loans: z
      .strictObject({
        total: z.int().nonnegative(),
        active: z.int().nonnegative(),
        funded: z.int().nonnegative(),
        written_off: z.int().nonnegative(),
        outstanding_principal: baseAmountValue.meta({ description: "Of active loans." }),
        funded_principal: baseAmountValue.meta({ description: "Of loans that wait for a receipt." }),
      })
      .meta({
        id: "PoolLoans",
        description:
          "The loans that the pool funded and still owns. What they owe must equal `outstanding` and `funded` of `state`.",
      }),
    as_of: asOfValue,
    proof: proofValue.meta({ description: "Its registration with the LoanBook." }),
  })
  .meta({ id: "Pool" });

export const poolListBody = z.strictObject({ data: z.array(poolValue), next_cursor: z.null() }).meta({
  id: "PoolList",
  description: "Every registered pool, oldest first. There are few; the list is whole.",
});

const poolRow = z.object({
  address: addressColumn,
  currency: addressColumn,
  symbol: z.string().nullable(),
  token_decimals: countColumn.nullable(),
  utc_offset_s: countColumn,
  paused: z.boolean(),
  cash: bigintColumn,
  outstanding: bigintColumn,
  interest_received: bigintColumn,
  fees: bigintColumn,
  held: bigintColumn,
  funded: bigintColumn,
  reserved: bigintColumn,
  cover: bigintColumn,
  uncovered: bigintColumn,
  cover_before: bigintColumn,
  total_supply: bigintColumn,
  state_proof: z.object(proofColumns),
  proof: z.object(proofColumns),
  quote: z
    .object({ recognised: bigintColumn, provisions: bigintColumn, exit_deduction: bigintColumn })
    .nullable(),
  limits: z
    .object({
      one_approval_up_to: bigintColumn,
      max_principal: bigintColumn,
      max_per_borrower: bigintColumn,
      max_outstanding: bigintColumn,
      rate_capacity: bigintColumn,
      rate_window_s: countColumn,
      max_term_days: countColumn,
      max_cost_bps: countColumn,
      proof: z.object(proofColumns),
    })
    .nullable(),
  redemptions: z.object({
    waiting: countColumn,
    pending_shares: bigintColumn,
    next_request_id: z.string().nullable(),
  }),
  loans: z.object({
    loans_total: countColumn,
    loans_active: countColumn,
    loans_funded: countColumn,
    loans_written_off: countColumn,
    loans_outstanding: bigintColumn,
    loans_waiting: bigintColumn,
  }),
});

export const poolAnswerRow = z.object({
  chain_id: countColumn,
  loan_book: addressColumn,
  checkpoint: checkpointRow,
  pools: z.array(poolRow),
});

export type PoolRow = z.output<typeof poolRow>;
export type PoolAnswerRow = z.output<typeof poolAnswerRow>;
