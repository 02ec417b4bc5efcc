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
 * 10^offset virtual shares keeps it defined for an empty pool and too dear for a first depositor to distort. Leaving goes
 * by the same virtual share and asset.
 */
function priceOf(assets: bigint, totalSupply: bigint) {
  return {
    numerator: String(assets + 1n),
    denominator: String(totalSupply + 10n ** BigInt(SHARE_DECIMALS_OFFSET)),
  };
}

const atLeastNothing = (assets: bigint) => (assets > 0n ? assets : 0n);

/** What moves with time, and the prices that follow; nulls while the mirror has no answer for its own block. */
function describePrices(row: PoolRow) {
  const { quote } = row;
  if (quote === null) return { accrual: null, share_price: null, exit_price: null };
  const owned = row.cash + row.held + row.funded + row.outstanding;
  // Negative only when lenders who left were paid out of interest that was not earned yet, and a loss came after.
  const assets = owned + quote.recognised - row.interest_received;
  return {
    accrual: {
      recognised: String(quote.recognised),
      total_assets: String(atLeastNothing(assets)),
      provisions: String(quote.provisions),
      exit_deduction: String(quote.exit_deduction),
    },
    share_price: priceOf(atLeastNothing(assets), row.total_supply),
    exit_price: priceOf(atLeastNothing(assets - quote.exit_deduction), row.total_supply),
  };
}

function describeLimits(limits: PoolRow["limits"]): Pool["limits"] {
  return (
    limits && {
      one_approval_up_to: String(limits.one_approval_up_to),
      max_principal: String(limits.max_principal),
      max_per_borrower: String(limits.max_per_borrower),
      max_outstanding: String(limits.max_outstanding),
      rate_capacity: String(limits.rate_capacity),
      rate_window_s: limits.rate_window_s,
      max_term_days: limits.max_term_days,
      max_cost_bps: limits.max_cost_bps,
      proof: proofOf(limits.proof),
    }
  );
}

function describePool(row: PoolRow, answer: PoolAnswerRow): Pool {
  return {
    address: row.address,
    chain: { chain_id: answer.chain_id, loan_book: answer.loan_book },
    currency: { address: row.currency, symbol: row.symbol, token_decimals: row.token_decimals },
    utc_offset_s: row.utc_offset_s,
    decimals: row.token_decimals,
    state: {
      cash: String(row.cash),
      held: String(row.held),
      funded: String(row.funded),
      outstanding: String(row.outstanding),
      interest_received: String(row.interest_received),
      fees: String(row.fees),
      reserved: String(row.reserved),
      cover: String(row.cover),
      uncovered: String(row.uncovered),
      cover_before: String(row.cover_before),
      total_supply: String(row.total_supply),
      paused: row.paused,
      proof: proofOf(row.state_proof),
    },
    ...describePrices(row),
    share_decimals: row.token_decimals === null ? null : row.token_decimals + SHARE_DECIMALS_OFFSET,
    redemptions: {
      waiting: row.redemptions.waiting,
      pending_shares: String(row.redemptions.pending_shares),
      next_request_id: row.redemptions.next_request_id,
    },
    limits: describeLimits(row.limits),
    loans: {
      total: row.loans.loans_total,
      active: row.loans.loans_active,
      funded: row.loans.loans_funded,
      written_off: row.loans.loans_written_off,
      outstanding_principal: String(row.loans.loans_outstanding),
      funded_principal: String(row.loans.loans_waiting),
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
