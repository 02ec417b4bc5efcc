import { decodeCursor, encodeCursor } from "../../cursor.ts";
import { notReady, Problem } from "../../problems.ts";
import { parseRaw } from "../../raw.ts";
import type { Context } from "../../route.ts";
import { describeLoan, describeSummary } from "./describe.ts";
import { type LoanFilter, loanById, loanPage } from "./repository.ts";
import { loanAnswerRow, loanPageRow } from "./rows.ts";
import type { LoanBody, LoanSummary } from "./schema.ts";

export async function readLoan({ pool }: Context, loanId: string): Promise<LoanBody> {
  const found = await loanById(pool, loanId);
  if (!found) throw notReady("no_checkpoint");
  const { loan, ...context } = parseRaw(loanAnswerRow, found);
  if (!loan) throw new Problem("loan_not_found", `The mirror knows no loan ${loanId}.`);
  return describeLoan(loan, context);
}

function readCursor(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (position) return position;
  const message = "must be the next_cursor of an earlier answer";
  throw new Problem("invalid_request", `cursor ${message}.`, {
    errors: [{ in: "query", field: "cursor", message }],
  });
}

/**
 * A page of loans, newest first. The cursor is a place in the chain's order of logs and not a row, so it survives the
 * reorg that takes its row away; what a reorg moves in front of it is new, like any other new loan.
 */
export async function listLoans(
  { pool }: Context,
  filter: LoanFilter,
  cursor: string | undefined,
  limit: number,
): Promise<{ data: LoanSummary[]; next_cursor: string | null }> {
  // One more than asked for says whether there is a next page without counting.
  const found = await loanPage(pool, filter, readCursor(cursor), limit + 1);
  if (!found) throw notReady("no_checkpoint");
  const { loans, ...context } = parseRaw(loanPageRow, found);
  const page = loans.slice(0, limit);
  const last = page.at(-1);
  const more = loans.length > limit && last !== undefined;
  return {
    data: page.map((loan) => describeSummary(loan, context)),
    next_cursor: more ? encodeCursor({ blockNumber: last.block_number, logIndex: last.log_index }) : null,
  };
}
