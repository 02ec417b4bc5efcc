import type { z } from "zod";
import { notReady, Problem } from "../../problems.ts";
import { parseRaw } from "../../raw.ts";
import type { Context } from "../../route.ts";
import { asOf, proofOf } from "../../rows.ts";
import { poolsNow } from "./repository.ts";
import { type PoolAnswerRow, type PoolRow, poolAnswerRow, type poolValue } from "./schema.ts";

/** `LendingPool._decimalsOffset`: shares carry six more decimals than the currency. */
const SHARE_DECIMALS_OFFSET = 6;

type Pool = z.input<typeof poolValue>;

/**
 * The fraction by which ERC-4626 of OpenZeppelin converts shares to assets: one virtual base unit over
 * 10^offset virtual shares keeps it defined for an empty pool and too dear for a first depositor to distort.
 */
function sharePrice(totalAssets: bigint, totalSupply: bigint) {
  return {
    numerator: String(totalAssets + 1n),
    denominator: String(totalSupply + 10n ** BigInt(SHARE_DECIMALS_OFFSET)),
  };
}

function describePool(row: PoolRow, answer: PoolAnswerRow): Pool {
  const totalAssets = row.cash + row.held_cash + row.outstanding_principal;
  return {
    address: row.address,
    chain: { chain_id: answer.chain_id, loan_book: answer.loan_book },
    currency: { address: row.currency, symbol: row.symbol, token_decimals: row.token_decimals },
    utc_offset_s: row.utc_offset_s,
    decimals: row.token_decimals,
    state: {
      cash: String(row.cash),
      held_cash: String(row.held_cash),
      outstanding_principal: String(row.outstanding_principal),
      total_assets: String(totalAssets),
      income_received: String(row.income_received),
      total_supply: String(row.total_supply),
      proof: proofOf(row.state_proof),
    },
    share_price: sharePrice(totalAssets, row.total_supply),
    share_decimals: row.token_decimals === null ? null : row.token_decimals + SHARE_DECIMALS_OFFSET,
    loans: {
      total: row.loans_total,
      active: row.loans_active,
      outstanding_principal: String(row.loans_outstanding),
    },
    as_of: asOf(answer.checkpoint, row.utc_offset_s),
    proof: proofOf(row.proof),
  };
}

export async function listPools({ pool }: Context, address?: string): Promise<Pool[]> {
  const found = await poolsNow(pool, address);
  if (!found) throw notReady("no_checkpoint");
  const answer = parseRaw(poolAnswerRow, found);
  return answer.pools.map((row) => describePool(row, answer));
}

export async function readPool(context: Context, address: string): Promise<Pool> {
  const [pool] = await listPools(context, address);
  if (!pool) throw new Problem("pool_not_found", `No pool ${address} is registered with the LoanBook.`);
  return pool;
}
