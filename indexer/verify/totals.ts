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
  // What a pool counts as lent is what its loans owe: those that it funded and never sold, while it owns them. Of a pool
  // that adopted another LoanBook some loans are not mirrored.
  `select 'pool' as kind, chain.hex(n.address) as id, 'loans' as field,
     row(n.outstanding, n.funded)::text as stored,
     row(coalesce(sum(b.outstanding_principal * l.unit) filter (where b.state = 'active'), 0),
       coalesce(sum(l.principal * l.unit) filter (where b.state = 'funded'), 0))::text as summed
   from chain.pool_now n
   left join (chain.note_owner h
     join chain.loan l on l.loan_id = h.loan_id and l.lender = h.owner
     join chain.loan_balance b on b.loan_id = h.loan_id
     ) on h.owner = n.address and not exists (
       select from chain.note_deal d where d.pool = n.address and d.loan_id = l.loan_id and d.kind = 'sale')
   where not exists (select from chain.pool_loan_book k cross join chain.mirror m
     where k.pool = n.address and k.loan_book <> m.loan_book)
   group by n.address, n.outstanding, n.funded`,
  // Shares come from deposits and go with redemptions; what is set aside for these waits to be claimed.
  `select 'pool' as kind, chain.hex(n.address) as id, 'shares' as field,
     row(n.total_supply, n.reserved)::text as stored,
     row((select coalesce(sum(w.shares) filter (where w.kind = 'deposit'), 0)
            - coalesce(sum(w.shares) filter (where w.kind = 'redemption'), 0)
          from chain.share_flow w where w.pool = n.address)
         - (select coalesce(sum(f.shares), 0) from chain.redemption_fulfilment f where f.pool = n.address),
       (select coalesce(sum(c.assets), 0) from chain.claimable c where c.pool = n.address))::text as summed
   from chain.pool_now n`,
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
