import type pg from "pg";
import type { Findings } from "./findings.ts";

interface Total extends pg.QueryResultRow {
  kind: string;
  id: string;
  field: string;
  stored: string | null;
  summed: string | null;
}

/** Of payment `p`, the restructuring that made the table it pays on; nulls for the table that was signed first. */
const TABLE_OF_PAYMENT = `left join lateral (
     select v.payments, v.principal from chain.restructuring v
     where v.loan_id = p.loan_id and v.payments < p.nr order by v.version desc limit 1
   ) v on true`;

/** Payments up to `last` that counted on payment p's table when the log of `at` came. */
const countedUpTo = (last: string, at: string) => `cross join lateral (
     select coalesce(sum(q.penalty), 0) as penalty, coalesce(sum(q.fee), 0) as fee,
       coalesce(sum(q.interest), 0) as interest, coalesce(sum(q.principal), 0) as principal
     from chain.payment q
     where q.loan_id = p.loan_id and q.nr <= ${last} and q.nr > coalesce(v.payments, 0) and not exists (
       select from chain.reversal r where r.loan_id = q.loan_id and r.payment_nr = q.nr
         and (r.block_number, r.log_index) < (${at}.block_number, ${at}.log_index))
   ) c`;

/** What must hold inside the mirror, whatever the chain says; "chain" is then the figure that the other rows sum to. */
const TOTALS = [
  // A payment is exactly what was put on the instalments.
  `select 'payment' as kind, chain.hex(p.loan_id) || ' ' || p.nr as id, 'allocations' as field,
     row(p.penalty, p.fee, p.interest, p.principal, p.waived_interest)::text as stored,
     row(sum(a.penalty), sum(a.fee), sum(a.interest), sum(a.principal), sum(a.waived_interest))::text as summed
   from chain.payment p left join chain.allocation a on a.loan_id = p.loan_id and a.payment_nr = p.nr
   group by p.loan_id, p.nr`,
  // Running totals are the sums of the payments on the same table so far, and all numbers are without a gap.
  `select 'payment' as kind, chain.hex(p.loan_id) || ' ' || p.nr as id, 'totals' as field,
     row(p.nr, p.penalty_total, p.fee_total, p.interest_total, p.principal_total)::text as stored,
     row((select count(*) from chain.payment n where n.loan_id = p.loan_id and n.nr <= p.nr),
       c.penalty, c.fee, c.interest, c.principal)::text as summed
   from chain.payment p ${TABLE_OF_PAYMENT} ${countedUpTo("p.nr", "p")}`,
  `select 'payment' as kind, chain.hex(p.loan_id) || ' ' || p.nr as id, 'outstanding_principal' as field,
     p.outstanding_principal::text as stored,
     (coalesce(v.principal, l.principal) - p.principal_total)::text as summed
   from chain.payment p join chain.loan l on l.loan_id = p.loan_id ${TABLE_OF_PAYMENT}`,
  // After a reversal the loan is what it was before the payment.
  `select 'reversal' as kind, chain.hex(p.loan_id) || ' ' || p.nr as id, 'totals' as field,
     row(x.penalty_total, x.fee_total, x.interest_total, x.principal_total, x.outstanding_principal)::text as stored,
     row(c.penalty, c.fee, c.interest, c.principal, p.outstanding_principal + p.principal)::text as summed
   from chain.reversal x join chain.payment p on p.loan_id = x.loan_id and p.nr = x.payment_nr
   ${TABLE_OF_PAYMENT} ${countedUpTo("p.nr - 1", "x")}`,
  // The signed totals are the sums of the signed rows, and the whole principal was paid out or withheld as the fee.
  `select 'loan' as kind, chain.hex(l.loan_id) as id, 'totals' as field,
     row(l.instalment_count, l.principal, l.total_repayable)::text as stored,
     row(count(i.nr), sum(i.principal), sum(i.principal + i.interest + i.fee))::text as summed
   from chain.loan l left join chain.instalment i on i.loan_id = l.loan_id and i.version = 1 group by l.loan_id`,
  `select 'restructuring' as kind, chain.hex(v.loan_id) || ' ' || v.version as id, 'totals' as field,
     row(v.instalment_count, v.principal, v.total_repayable)::text as stored,
     row(count(i.nr), sum(i.principal), sum(i.principal + i.interest + i.fee))::text as summed
   from chain.restructuring v left join chain.instalment i on i.loan_id = v.loan_id and i.version = v.version
   group by v.loan_id, v.version`,
  // A new table's principal is what was outstanding on the old one and what was capitalised.
  `select 'restructuring' as kind, chain.hex(v.loan_id) || ' ' || v.version as id, 'principal' as field,
     (v.principal - v.capitalised)::text as stored,
     (coalesce(b.principal, l.principal) - v.principal_paid)::text as summed
   from chain.restructuring v join chain.loan l on l.loan_id = v.loan_id
   left join chain.restructuring b on b.loan_id = v.loan_id and b.version = v.version - 1`,
  `select 'disbursement' as kind, chain.hex(l.loan_id) as id, 'amount' as field,
     (coalesce(d.amount, f.amount) + l.upfront_fee)::text as stored, l.principal::text as summed
   from chain.loan l
   left join chain.disbursement d on d.loan_id = l.loan_id
   left join chain.funding f on f.loan_id = l.loan_id`,
];

/** Sums of the mirror against each other. Only what differs leaves Postgres. */
export async function compareTotals(database: pg.ClientBase, findings: Findings): Promise<void> {
  for (const total of TOTALS) {
    const { rows } = await database.query<Total>(
      `select * from (${total}) t where stored is distinct from summed order by kind, id limit 100`,
    );
    for (const { kind, id, field, stored, summed } of rows) findings.compare(kind, id, field, stored, summed);
  }
}
