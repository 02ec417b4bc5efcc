import type pg from "pg";
import type { Findings } from "./findings.ts";

interface Total extends pg.QueryResultRow {
  kind: string;
  id: string;
  field: string;
  stored: string | null;
  summed: string | null;
}

/** What must hold inside the mirror, whatever the chain says; "chain" is then the figure that the other rows sum to. */
const TOTALS = [
  // A payment is exactly what was put on the instalments.
  `select 'payment' as kind, chain.hex(p.loan_id) || ' ' || p.nr as id, 'allocations' as field,
     row(p.penalty, p.fee, p.interest, p.principal, p.waived_interest)::text as stored,
     row(sum(a.penalty), sum(a.fee), sum(a.interest), sum(a.principal), sum(a.waived_interest))::text as summed
   from chain.payment p left join chain.allocation a on a.loan_id = p.loan_id and a.payment_nr = p.nr
   group by p.loan_id, p.nr`,
  // Running totals are the sums of all payments so far, and their numbers have no gap.
  `select 'payment' as kind, chain.hex(loan_id) || ' ' || nr as id, 'totals' as field,
     row(nr, penalty_total, fee_total, interest_total, principal_total)::text as stored,
     row(count(*) over w, sum(penalty) over w, sum(fee) over w, sum(interest) over w, sum(principal) over w)::text as summed
   from chain.payment window w as (partition by loan_id order by nr)`,
  `select 'payment' as kind, chain.hex(p.loan_id) || ' ' || p.nr as id, 'outstanding_principal' as field,
     p.outstanding_principal::text as stored, (l.principal - p.principal_total)::text as summed
   from chain.payment p join chain.loan l on l.loan_id = p.loan_id`,
  // The signed totals are the sums of the signed rows, and the whole principal was paid out or withheld as the fee.
  `select 'loan' as kind, chain.hex(l.loan_id) as id, 'totals' as field,
     row(l.instalment_count, l.principal, l.total_repayable)::text as stored,
     row(count(i.nr), sum(i.principal), sum(i.principal + i.interest + i.fee))::text as summed
   from chain.loan l left join chain.instalment i on i.loan_id = l.loan_id group by l.loan_id`,
  `select 'disbursement' as kind, chain.hex(l.loan_id) as id, 'amount' as field,
     (d.amount + d.upfront_fee)::text as stored, l.principal::text as summed
   from chain.loan l left join chain.disbursement d on d.loan_id = l.loan_id`,
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
