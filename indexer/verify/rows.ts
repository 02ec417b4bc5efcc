import type pg from "pg";
import type { Address, Hex } from "viem";

/** A row of chain.loan and chain.loan_state as they stand at the checkpoint. Amounts are decimal strings. */
export interface MirroredLoan extends pg.QueryResultRow {
  loan_id: Hex;
  borrower: Address;
  lender: Address;
  currency: Address;
  unit: string;
  payee: Address;
  disburse_from_day: number;
  disburse_until_day: number;
  principal: string;
  total_repayable: string;
  first_day: number;
  last_day: number;
  instalment_count: number;
  upfront_fee: string;
  penalty_rate_bps: number;
  penalty_grace_days: number;
  penalty_cap: string;
  waterfall: Hex;
  early_settlement: number;
  reversal_days: number;
  cooling_off_days: number;
  utc_offset_s: number;
  document_hash: Hex;
  language: string;
  salt: Hex;
  expiry: string;
  state: string;
  owner: Address | null;
  borrower_now: Address;
  version: number;
  start_day: number | null;
  table_principal: string;
  table_count: number;
  penalty_cap_left: string;
  outstanding_principal: string;
  penalty_paid: string;
  fee_paid: string;
  interest_paid: string;
  principal_paid: string;
  waived_interest: string;
  payments: number;
  next_nr: number | null;
  oldest_unpaid_nr: number | null;
  oldest_unpaid_day: number | null;
  late_from_day: number | null;
  arrears_day: number;
  paid_on_time: number;
  /** Day of the checkpoint's block in the loan's offset. */
  today: number;
  penalty_due: string;
  days_past_due: number;
}

/** A row of any version's table. */
export interface MirroredInstalment extends pg.QueryResultRow {
  loan_id: Hex;
  version: number;
  nr: number;
  day: number;
  principal: string;
  interest: string;
  fee: string;
}

/** What was paid on the oldest unpaid instalment. */
export interface MirroredPart extends pg.QueryResultRow {
  loan_id: Hex;
  fee_paid: string;
  interest_paid: string;
  principal_paid: string;
}

export interface MirroredPool extends pg.QueryResultRow {
  address: Address;
  currency: Address;
  utc_offset_s: number;
  cash: string;
  outstanding: string;
  interest_received: string;
  fees: string;
  held: string;
  funded: string;
  reserved: string;
  cover: string;
  uncovered: string;
  cover_before: string;
  total_supply: string;
  paused: boolean;
}

/** The next loans by id. */
export async function readLoans(database: pg.ClientBase, after: Hex, limit: number): Promise<MirroredLoan[]> {
  const { rows } = await database.query<MirroredLoan>(
    `select chain.hex(l.loan_id) as loan_id, chain.hex(l.borrower) as borrower, chain.hex(l.lender) as lender,
       chain.hex(l.currency) as currency, l.unit, chain.hex(l.payee) as payee, l.disburse_from_day,
       l.disburse_until_day, l.principal, l.total_repayable, l.first_day, l.last_day, l.instalment_count,
       l.upfront_fee, l.penalty_rate_bps, l.penalty_grace_days, l.penalty_cap, chain.hex(l.waterfall) as waterfall,
       l.early_settlement, l.reversal_days, l.cooling_off_days, l.utc_offset_s, chain.hex(l.document_hash) as document_hash, l.language,
       chain.hex(l.salt) as salt, l.expiry,
       s.state, chain.hex(s.owner) as owner, chain.hex(s.borrower) as borrower_now, s.version, s.start_day,
       s.principal as table_principal, s.instalment_count as table_count, s.penalty_cap as penalty_cap_left,
       s.outstanding_principal, s.penalty_paid, s.fee_paid, s.interest_paid, s.principal_paid, s.waived_interest,
       s.payments, s.next_nr, s.oldest_unpaid_nr, s.oldest_unpaid_day, s.late_from_day, s.arrears_day, s.paid_on_time,
       t.today, chain.penalty_due(l.loan_id, t.today) as penalty_due,
       chain.days_past_due(s.late_from_day, c.block_time, l.utc_offset_s) as days_past_due
     from chain.loan l
     join chain.loan_state s on s.loan_id = l.loan_id
     cross join chain.checkpoint c
     cross join lateral (select chain.day_number(c.block_time, l.utc_offset_s) as today) t
     where l.loan_id > $1
     order by l.loan_id
     limit $2`,
    [Buffer.from(after.slice(2), "hex"), limit],
  );
  return rows;
}

/** The instalments of all versions of these loans, by loan, in order. */
export async function readInstalments(
  database: pg.ClientBase,
  loans: readonly MirroredLoan[],
): Promise<Map<Hex, MirroredInstalment[]>> {
  const { rows } = await database.query<MirroredInstalment>(
    `select chain.hex(loan_id) as loan_id, version, nr, day, principal, interest, fee
     from chain.instalment
     where loan_id = any($1::bytea[])
     order by loan_id, version, nr`,
    [idsOf(loans)],
  );
  return Map.groupBy(rows, ({ loan_id }) => loan_id);
}

/** What was paid on the instalment at which each of these loans stands, if it stands at one. */
export async function readParts(
  database: pg.ClientBase,
  loans: readonly MirroredLoan[],
): Promise<Map<Hex, MirroredPart>> {
  const { rows } = await database.query<MirroredPart>(
    `select chain.hex(i.loan_id) as loan_id, i.fee_paid, i.interest_paid, i.principal_paid
     from chain.instalment_state i
     where i.loan_id = any($1::bytea[]) and i.nr = chain.next_nr(i.loan_id)`,
    [idsOf(loans)],
  );
  return new Map(rows.map((row) => [row.loan_id, row]));
}

function idsOf(loans: readonly MirroredLoan[]): Buffer[] {
  return loans.map(({ loan_id }) => Buffer.from(loan_id.slice(2), "hex"));
}

export async function readPoolRows(database: pg.ClientBase): Promise<MirroredPool[]> {
  const { rows } = await database.query<MirroredPool>(
    `select chain.hex(address) as address, chain.hex(currency) as currency, utc_offset_s, cash, outstanding,
       interest_received, fees, held, funded, reserved, cover, uncovered, cover_before,
       total_supply, paused
     from chain.pool_now order by address`,
  );
  return rows;
}
