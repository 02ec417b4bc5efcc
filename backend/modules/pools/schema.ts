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
    state: z
      .strictObject({
        cash: baseAmountValue,
        held_cash: baseAmountValue,
        outstanding_principal: baseAmountValue,
        total_assets: baseAmountValue,
        income_received: baseAmountValue,
        total_supply: baseAmountValue,
        proof: proofValue,
      })
      .meta({
        id: "PoolState",
        description:
          "The pool's books in base units, after the log of `proof`. total_assets = cash + held_cash + outstanding_principal.",
      }),
    share_price: z.strictObject({ numerator: baseAmountValue, denominator: baseAmountValue }).meta({
      id: "SharePrice",
      description:
        "Base units of the currency per base unit of a share, as the exact fraction the contract uses.",
    }),
    share_decimals: z.int().nullable().meta({ example: 12 }),
    loans: z
      .strictObject({
        total: z.int().nonnegative(),
        active: z.int().nonnegative(),
        outstanding_principal: baseAmountValue,
      })
      .meta({
        id: "PoolLoans",
        description:
          "The loans whose note the pool holds. Their outstanding principal must equal that of `state`.",
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
  cash: bigintColumn,
  held_cash: bigintColumn,
  outstanding_principal: bigintColumn,
  income_received: bigintColumn,
  total_supply: bigintColumn,
  state_proof: z.object(proofColumns),
  proof: z.object(proofColumns),
  loans_total: countColumn,
  loans_active: countColumn,
  loans_outstanding: bigintColumn,
});

export const poolAnswerRow = z.object({
  chain_id: countColumn,
  loan_book: addressColumn,
  checkpoint: checkpointRow,
  pools: z.array(poolRow),
});

export type PoolRow = z.output<typeof poolRow>;
export type PoolAnswerRow = z.output<typeof poolAnswerRow>;
