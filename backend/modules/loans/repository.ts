import type { LoanState } from "../../../lending/standing.ts";
import type { Position } from "../../cursor.ts";
import { type Queryable, query, type Raw, type Statement } from "../../raw.ts";
import { checkpointColumn } from "../../sql.ts";
import type { LoanAnswerRow, LoanPageRow } from "./rows.ts";

/*
 * Each read is one statement, hence one snapshot: the indexer may commit a block or undo one at any moment, and no
 * answer may mix two states of the mirror. Numerics leave as text, so that JSON cannot turn them into floats.
 */

/** Without a cursor the page begins beyond every log there can be, so the same plan serves both. */
const BEYOND_ALL_LOGS: Position = { blockNumber: Number.MAX_SAFE_INTEGER, logIndex: 2 ** 31 - 1 };

/** Aliases: l loan as it was signed, s its state, k currency, c checkpoint, n what is owed next. */
const headColumns = `
  chain.hex(l.loan_id) as loan_id, chain.hex(s.borrower) as borrower, chain.hex(l.lender) as lender,
  chain.hex(s.owner) as owner, chain.hex(l.currency) as currency, k.symbol, k.decimals as token_decimals,
  l.unit::text as unit, s.version, s.principal::text as principal, s.total_repayable::text as total_repayable,
  s.instalment_count, l.utc_offset_s, s.state, s.disbursed_day, s.closed_day,
  s.outstanding_principal::text as outstanding_principal, s.payments, s.next_nr, s.oldest_unpaid_nr, s.oldest_unpaid_day,
  s.late_from_day, s.arrears_day, s.paid_on_time,
  n.oldest_unpaid::text as oldest_unpaid, n.overdue::text as overdue,
  l.block_number, chain.hex(l.block_hash) as block_hash, chain.hex(l.tx_hash) as tx_hash, l.log_index`;

/** Only instalments from the oldest unpaid one of the present table on can have anything left. */
const headJoins = `
  -- offset 0: asked once for each loan of the page, never for all loans at once.
  cross join lateral (select * from chain.loan_state s where s.loan_id = l.loan_id offset 0) s
  left join chain.currency_state k on k.address = l.currency
  cross join lateral (
    select sum(u.unpaid) filter (where u.nr = s.oldest_unpaid_nr) as oldest_unpaid,
           sum(u.unpaid) filter (where u.day < chain.day_number(c.block_time, l.utc_offset_s)) as overdue
      from (select i.nr, i.day, i.principal + i.interest + i.fee - coalesce(
                     (select sum(a.principal + a.interest + a.fee + a.waived_interest) from chain.allocation a
                       where a.loan_id = i.loan_id and a.instalment_nr = i.nr and a.payment_nr > s.payments_before
                         and not exists (select from chain.reversal r
                                          where r.loan_id = a.loan_id and r.payment_nr = a.payment_nr)), 0) as unpaid
              from chain.instalment i
             where i.loan_id = l.loan_id and i.version = s.version and i.nr >= s.oldest_unpaid_nr) u
    ) n`;

const termColumns = `
  chain.hex(l.borrower) as signed_borrower, l.principal::text as signed_principal,
  l.total_repayable::text as signed_total_repayable, l.instalment_count as signed_instalment_count,
  chain.hex(l.payee) as payee, l.disburse_from_day, l.disburse_until_day, l.first_day, l.last_day,
  l.upfront_fee::text as upfront_fee, l.penalty_rate_bps, l.penalty_grace_days, l.penalty_cap::text as penalty_cap,
  chain.hex(l.waterfall) as waterfall, l.early_settlement, l.reversal_days, l.cooling_off_days,
  chain.hex(l.document_hash) as document_hash, l.language, chain.hex(l.salt) as salt, l.expiry::text as expiry,
  s.penalty_paid::text as penalty_paid, s.fee_paid::text as fee_paid, s.interest_paid::text as interest_paid,
  s.principal_paid::text as principal_paid, s.waived_interest::text as waived_interest, s.payments_before,
  s.penalty_cap::text as penalty_cap_left`;

const componentColumns = (alias: string) => `
  ${alias}.penalty::text as penalty, ${alias}.fee::text as fee, ${alias}.interest::text as interest,
  ${alias}.principal::text as principal, ${alias}.waived_interest::text as waived_interest`;

const originColumns = (alias: string) => `
  ${alias}.block_number, chain.hex(${alias}.block_hash) as block_hash, chain.hex(${alias}.tx_hash) as tx_hash,
  ${alias}.log_index`;

const childColumns = `
  (select to_json(q) from (
     select f.day, chain.hex(f.payee) as payee, f.amount::text as amount, ${originColumns("f")}
       from chain.funding f where f.loan_id = l.loan_id) q) as funding,
  (select to_json(q) from (
     select x.kind, chain.hex(x.by_address) as by_address, chain.hex(x.recipient) as recipient, x.day,
            x.amount::text as amount, ${originColumns("x")}
       from chain.cancellation x where x.loan_id = l.loan_id) q) as cancellation,
  (select to_json(q) from (
     select w.day, chain.hex(w.owner) as owner, w.outstanding_principal::text as outstanding_principal,
            ${originColumns("w")}
       from chain.write_off w where w.loan_id = l.loan_id) q) as write_off,
  (select to_json(q) from (
     select d.day, chain.hex(d.payee) as payee, d.amount::text as amount, d.upfront_fee::text as upfront_fee,
            ${originColumns("d")}
       from chain.disbursement d where d.loan_id = l.loan_id) q) as disbursement,
  (select to_json(q) from (
     select e.day, ${originColumns("e")} from chain.closing_now e where e.loan_id = l.loan_id) q) as closing,
  (select to_json(q) from (
     select t.canonical, to_char(t.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as received_at
       from desk.terms_document t where t.document_hash = l.document_hash) q) as terms_document,
  (select coalesce(json_agg(q order by q.nr), '[]') from (
     select i.nr, i.day, i.principal::text as principal, i.interest::text as interest, i.fee::text as fee,
            i.penalty_paid::text as penalty_paid, i.fee_paid::text as fee_paid,
            i.interest_paid::text as interest_paid, i.principal_paid::text as principal_paid,
            i.waived_interest::text as waived_interest, i.settled, i.last_paid_day
       from chain.instalment_state i where i.loan_id = l.loan_id) q) as schedule,
  (select coalesce(json_agg(q order by q.nr), '[]') from (
     select p.nr, chain.hex(p.payer) as payer, chain.hex(p.recipient) as recipient, p.day, ${componentColumns("p")},
            p.outstanding_principal::text as outstanding_principal, chain.hex(o.recorder) as recorder,
            (select to_json(y) from (
               select v.day, ${originColumns("v")} from chain.reversal v
                where v.loan_id = p.loan_id and v.payment_nr = p.nr) y) as reversal, ${originColumns("p")}
       from chain.payment p
       left join chain.payment_record o on o.loan_id = p.loan_id and o.payment_nr = p.nr
      where p.loan_id = l.loan_id) q) as payment_rows,
  (select coalesce(json_agg(q order by q.payment_nr, q.instalment_nr), '[]') from (
     select a.payment_nr, a.instalment_nr, ${componentColumns("a")}, ${originColumns("a")}
       from chain.allocation a where a.loan_id = l.loan_id) q) as allocations,
  (select coalesce(json_agg(q order by q.version), '[]') from (
     select v.version, v.day, v.payments, v.penalty_paid::text as penalty_paid, v.fee_paid::text as fee_paid,
            v.interest_paid::text as interest_paid, v.principal_paid::text as principal_paid,
            v.capitalised::text as capitalised, v.forgiven::text as forgiven, v.principal::text as principal,
            v.total_repayable::text as total_repayable, v.first_day, v.last_day, v.instalment_count,
            chain.hex(v.document_hash) as document_hash, v.expiry::text as expiry,
            v.penalty_cap::text as penalty_cap, v.arrears_day, ${originColumns("v")}
       from chain.restructuring v where v.loan_id = l.loan_id) q) as restructurings,
  (select coalesce(json_agg(q order by q.version, q.nr), '[]') from (
     select i.version, i.nr, i.day, i.principal::text as principal, i.interest::text as interest, i.fee::text as fee
       from chain.instalment i where i.loan_id = l.loan_id) q) as tables`;

const answerContext = `m.chain_id, chain.hex(m.loan_book) as loan_book, ${checkpointColumn("c")} as checkpoint`;

const readLoan: Statement = {
  name: "loan",
  text: `
    select ${answerContext},
           (select to_json(q) from (
              select ${headColumns}, ${termColumns}, ${childColumns}
                from chain.loan l ${headJoins}
               where l.loan_id = $1) q) as loan
      from chain.checkpoint c cross join chain.mirror m`,
};

export interface LoanFilter {
  readonly state?: Exclude<LoanState, "none"> | undefined;
  /** 0x and 40 hexadecimal digits. */
  readonly borrower?: string | undefined;
}

const has = (table: string) => `exists (select from chain.${table} e where e.loan_id = l.loan_id)`;
const [isClosed, isCancelled, isWrittenOff] = [has("closing_now"), has("cancellation"), has("write_off")];

/** As `chain.loan_state` says it, asked of the few tables that decide. */
const byState: Record<Exclude<LoanState, "none">, string> = {
  closed: isClosed,
  cancelled: isCancelled,
  written_off: `${isWrittenOff} and not ${isClosed}`,
  funded: `not ${has("disbursement")} and not ${isCancelled}`,
  active: `${has("disbursement")} and not ${isCancelled} and not ${isWrittenOff} and not ${isClosed}`,
};

/** A statement for each combination of filters, so that each has a plan (and a prepared name) of its own. */
function pageStatement({ state, borrower }: LoanFilter): Statement {
  return {
    name: `loans_${state ?? "all"}${borrower === undefined ? "" : "_of_borrower"}`,
    text: `
      select ${answerContext},
             (select coalesce(json_agg(q order by q.block_number desc, q.log_index desc), '[]') from (
                select ${headColumns}
                  from (select l.* from chain.loan l
                         where (l.block_number, l.log_index) < ($1::bigint, $2::integer)
                           ${borrower === undefined ? "" : "and l.borrower = any (array(select chain.known_as($4)))"}
                           ${state === undefined ? "" : `and ${byState[state]}`}
                         order by l.block_number desc, l.log_index desc
                         limit $3) l ${headJoins}) q) as loans
        from chain.checkpoint c cross join chain.mirror m`,
  };
}

/** Undefined while there is no checkpoint. @param loanId 0x and 64 hexadecimal digits. */
export async function loanById(on: Queryable, loanId: string): Promise<Raw<LoanAnswerRow> | undefined> {
  const [row] = await query<LoanAnswerRow>(on, readLoan, [Buffer.from(loanId.slice(2), "hex")]);
  return row;
}

/** At most `limit` loans that were originated before `before`, newest first. Undefined while there is no checkpoint. */
export async function loanPage(
  on: Queryable,
  filter: LoanFilter,
  before: Position = BEYOND_ALL_LOGS,
  limit: number,
): Promise<Raw<LoanPageRow> | undefined> {
  const values: unknown[] = [before.blockNumber, before.logIndex, limit];
  if (filter.borrower !== undefined) values.push(Buffer.from(filter.borrower.slice(2), "hex"));
  const [row] = await query<LoanPageRow>(on, pageStatement(filter), values);
  return row;
}
