-- The mirror of the chain: append-only facts, each naming the log it came from. Current state is views over the
-- facts, so undoing a reorg is one `delete from chain.block where number > ancestor` that cascades
-- block -> log -> fact, and nothing has to be computed backwards.

create schema if not exists chain;

-- Sizes are part of the type: an address in a hash column is refused by the database, not found out later.
create domain chain.address as bytea check (octet_length(value) = 20);
create domain chain.word as bytea check (octet_length(value) = 32);
-- numeric, not int8: base units and a lying token's balances reach 2^256 - 1.
create domain chain.uint as numeric(78, 0) check (value >= 0);
-- Day number since 1970-01-01 in the loan's or pool's UTC offset.
create domain chain.day as integer check (value >= 0);

create function chain.hex(value bytea) returns text
  language sql immutable strict parallel safe
  return '0x' || encode(value, 'hex');

-- Days are counted in the institution's fixed offset; "today" is the day of chain time, never of this server's clock.
create function chain.day_number(time_s bigint, utc_offset_s integer) returns integer
  language sql immutable strict parallel safe
  return floor((time_s + utc_offset_s)::numeric / 86400)::integer;

-- The due day itself is on time: the first late day counts 1. Null (nothing is unpaid) is never late.
create function chain.days_past_due(oldest_unpaid_day integer, time_s bigint, utc_offset_s integer) returns integer
  language sql immutable parallel safe
  return case when oldest_unpaid_day is null then 0
    else greatest(0, chain.day_number(time_s, utc_offset_s) - oldest_unpaid_day) end;

-- WHERE WE ARE

-- What this database mirrors. One row, never updated: another chain or deployment needs another database.
create table chain.mirror (
  singleton boolean primary key default true check (singleton),
  chain_id bigint not null,
  genesis_hash chain.word not null,
  loan_book chain.address not null,
  kyc_registry chain.address not null,
  wallet_recovery chain.address not null,
  start_block bigint not null
);

-- The last block whose facts are complete. Moves only in the transaction that writes those facts. head_* says what
-- the chain was last seen to be at, so that readers can judge how far the mirror lags.
create table chain.checkpoint (
  singleton boolean primary key default true check (singleton),
  block_number bigint not null,
  block_hash chain.word not null,
  block_time bigint not null,
  head_number bigint not null,
  head_time bigint not null,
  head_seen_at timestamptz not null,
  updated_at timestamptz not null
);

-- Headers that were checked: every block near the head, blocks with events and range ends further back.
create table chain.block (
  number bigint primary key,
  hash chain.word not null,
  parent_hash chain.word not null,
  time bigint not null
);

-- The raw journal. A log whose event we do not know is kept with event null: it can be decoded later without the chain.
create table chain.log (
  block_number bigint not null references chain.block on delete cascade,
  log_index integer not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  tx_index integer not null,
  address chain.address not null,
  topics bytea[] not null,
  data bytea not null,
  event text,
  primary key (block_number, log_index)
);

-- FACTS
-- Each refers to its log, and a fact about a loan to its loan: an answer of a node that left out an earlier
-- event cannot be stored at all. Every foreign key to chain.log has an index of its own, because deleting
-- logs looks the facts up by it.

create table chain.currency (
  address chain.address not null,
  allowed boolean not null,
  decimals smallint not null,
  symbol text not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index currency_newest on chain.currency (address, block_number desc, log_index desc);

create table chain.pool (
  address chain.address primary key,
  currency chain.address not null,
  utc_offset_s integer not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- What a pool's contract answered at one block, for what follows from time and not from events alone, in base units. Not a
-- fact: only the newest is kept, and only while the mirror is near the head.
create table chain.pool_quote (
  pool chain.address primary key references chain.pool on delete cascade,
  block_number bigint not null references chain.block on delete cascade,
  recognised chain.uint not null,
  provisions chain.uint not null,
  exit_deduction chain.uint not null
);
create index pool_quote_by_block on chain.pool_quote (block_number);

-- The pool's books in base units, running totals after each change. What every repayment changes stands apart from what
-- few acts change, as in the contract.
create table chain.pool_books (
  pool chain.address not null references chain.pool on delete cascade,
  cash chain.uint not null,
  outstanding chain.uint not null,
  interest_received chain.uint not null,
  fees chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_books_newest on chain.pool_books (pool, block_number desc, log_index desc);

-- held waits in LoanBook for the pool to collect; funded is principal of loans that no borrower confirmed yet; reserved
-- is for fulfilled redemptions; cover is the institution's first loss, of which cover_before bears losses before the
-- provisions that are uncovered, the rest after.
create table chain.pool_reserves (
  pool chain.address not null references chain.pool on delete cascade,
  held chain.uint not null,
  funded chain.uint not null,
  reserved chain.uint not null,
  cover chain.uint not null,
  uncovered chain.uint not null,
  cover_before chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_reserves_newest on chain.pool_reserves (pool, block_number desc, log_index desc);

create table chain.pool_supply (
  pool chain.address not null references chain.pool on delete cascade,
  total_supply chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_supply_newest on chain.pool_supply (pool, block_number desc, log_index desc);

-- Base units and shares that lenders brought or took. sender called, owner holds the shares (of a withdrawal: controls
-- the claim), receiver gets the assets of a withdrawal (a deposit's receiver is the shares' owner).
create table chain.pool_flow (
  pool chain.address not null references chain.pool on delete cascade,
  kind text not null check (kind in ('deposit', 'withdrawal')),
  sender chain.address not null,
  owner chain.address not null,
  receiver chain.address not null,
  assets chain.uint not null,
  shares chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_flow_by_pool on chain.pool_flow (pool, block_number, log_index);

-- Shares that wait in the pool to be redeemed, in the order of their numbers (ERC-7540).
create table chain.redemption_request (
  pool chain.address not null references chain.pool on delete cascade,
  request_id chain.uint not null,
  controller chain.address not null,
  owner chain.address not null,
  sender chain.address not null,
  shares chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (pool, request_id),
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- A part or the whole of a request, at the price of that moment.
create table chain.redemption_fulfilment (
  pool chain.address not null references chain.pool on delete cascade,
  request_id chain.uint not null,
  controller chain.address not null,
  shares chain.uint not null,
  assets chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index redemption_fulfilment_by_request on chain.redemption_fulfilment (pool, request_id);

-- Who may ask and claim for whom (ERC-7540).
create table chain.pool_operator (
  pool chain.address not null references chain.pool on delete cascade,
  controller chain.address not null,
  operator chain.address not null,
  approved boolean not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- What the pool booked for a loan, in base units; figures that a kind has not are 0. amount is what came back (given_back),
-- was taken back (reversed), went to lenders (recovered), was lost (written_off) or was outstanding before (restructured,
-- whose principal is what is outstanding after). cover is what the first loss bore, or got back. A pool may have adopted
-- another LoanBook, so the loan need not be mirrored.
create table chain.pool_booking (
  pool chain.address not null references chain.pool on delete cascade,
  loan_id chain.word not null,
  kind text not null check (kind in (
    'funded', 'started', 'returned', 'given_back', 'repaid', 'reversed', 'recovered', 'written_off', 'restructured')),
  amount chain.uint not null,
  principal chain.uint not null,
  interest chain.uint not null,
  penalty chain.uint not null,
  fees chain.uint not null,
  cover chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_booking_by_loan on chain.pool_booking (loan_id, block_number, log_index);

-- An underwriter agreed to a loan (by its id) or to a restructuring (by its digest), or took that back.
create table chain.pool_approval (
  pool chain.address not null references chain.pool on delete cascade,
  subject chain.word not null,
  underwriter chain.address not null,
  given boolean not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_approval_by_subject on chain.pool_approval (subject);

-- Notes that a pool offered and sold, in base units. carrying is what the sold note stood for in the books; 0 of an offer.
create table chain.note_deal (
  pool chain.address not null references chain.pool on delete cascade,
  loan_id chain.word not null,
  kind text not null check (kind in ('offer', 'sale')),
  buyer chain.address not null,
  price chain.uint not null,
  carrying chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- Base units that the institution brought or took, and what LoanBook had held. account is who gave or got it; of held_in
-- the pool itself.
create table chain.pool_move (
  pool chain.address not null references chain.pool on delete cascade,
  kind text not null check (kind in ('cover_in', 'cover_out', 'fees_out', 'held_in')),
  account chain.address not null,
  amount chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_move_by_pool on chain.pool_move (pool, block_number, log_index);

-- What underwriters may decide, as the governor has set it. Amounts in base units.
create table chain.pool_limits (
  pool chain.address not null references chain.pool on delete cascade,
  one_approval_up_to chain.uint not null,
  max_principal chain.uint not null,
  max_per_borrower chain.uint not null,
  max_outstanding chain.uint not null,
  rate_capacity chain.uint not null,
  rate_window_s bigint not null,
  max_term_days integer not null,
  max_cost_bps bigint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pool_limits_newest on chain.pool_limits (pool, block_number desc, log_index desc);

-- LoanBooks that a pool adopted. Loans of another than the mirrored one are not mirrored.
create table chain.pool_loan_book (
  pool chain.address not null references chain.pool on delete cascade,
  loan_book chain.address not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- New business of LoanBook or of a pool was stopped or resumed by account.
create table chain.pause (
  contract chain.address not null,
  paused boolean not null,
  account chain.address not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index pause_newest on chain.pause (contract, block_number desc, log_index desc);

-- Who pays for people without wallets: the payments can be reversed.
create table chain.recorder (
  address chain.address not null,
  registered boolean not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index recorder_newest on chain.recorder (address, block_number desc, log_index desc);

-- What could not be paid to account and waits in LoanBook, and what was collected, in base units; owed is the running
-- total. receiver is where it is: LoanBook, or who collected it.
create table chain.held (
  currency chain.address not null,
  account chain.address not null,
  kind text not null check (kind in ('held', 'collected')),
  receiver chain.address not null,
  amount chain.uint not null,
  owed chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index held_newest on chain.held (currency, account, block_number desc, log_index desc);

-- The signed agreement, every member of it: loan_id is recomputed from these columns and chain.instalment.
-- Amounts here and below are minor units.
create table chain.loan (
  loan_id chain.word primary key,
  borrower chain.address not null,
  lender chain.address not null,
  currency chain.address not null,
  unit chain.uint not null,
  payee chain.address not null,
  disburse_from_day chain.day not null,
  disburse_until_day chain.day not null,
  principal chain.uint not null,
  total_repayable chain.uint not null,
  first_day chain.day not null,
  last_day chain.day not null,
  instalment_count integer not null,
  upfront_fee chain.uint not null,
  penalty_rate_bps integer not null,
  penalty_grace_days integer not null,
  penalty_cap chain.uint not null,
  waterfall bytea not null check (octet_length(waterfall) = 4),
  early_settlement smallint not null,
  reversal_days integer not null,
  cooling_off_days integer not null,
  utc_offset_s integer not null,
  document_hash chain.word not null,
  language text not null,
  salt chain.word not null,
  expiry chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  -- Read backwards this is also the order of the list of loans, newest first.
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index loan_by_borrower on chain.loan (borrower, block_number desc, log_index desc);

-- The tables of all versions: 1 as signed first, one more with each restructuring. nr counts from 1 (the event's index
-- from 0).
create table chain.instalment (
  loan_id chain.word not null references chain.loan on delete cascade,
  version integer not null check (version >= 1),
  nr integer not null check (nr >= 1),
  day chain.day not null,
  principal chain.uint not null,
  interest chain.uint not null,
  fee chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (loan_id, version, nr),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index instalment_by_log on chain.instalment (block_number, log_index);

-- A loan through a desk: the principal waits in LoanBook until the borrower's receipt, which is its disbursement.
create table chain.funding (
  loan_id chain.word primary key references chain.loan on delete cascade,
  payee chain.address not null,
  day chain.day not null,
  amount chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

create table chain.disbursement (
  loan_id chain.word primary key references chain.loan on delete cascade,
  payee chain.address not null,
  day chain.day not null,
  amount chain.uint not null,
  upfront_fee chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- The end of a loan that never ran, or that the borrower gave back within the cooling-off days. by_address called or paid.
create table chain.cancellation (
  loan_id chain.word primary key references chain.loan on delete cascade,
  kind text not null check (kind in ('cancelled', 'returned')),
  by_address chain.address not null,
  recipient chain.address not null,
  day chain.day not null,
  amount chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- One repayment: its split by component, and the running totals of the version at hand after it. day is the day on which
-- it was paid. Numbers go on through all versions, so a restructuring's `payments` parts them.
create table chain.payment (
  loan_id chain.word not null references chain.loan on delete cascade,
  nr integer not null check (nr >= 1),
  payer chain.address not null,
  recipient chain.address not null,
  day chain.day not null,
  penalty chain.uint not null,
  fee chain.uint not null,
  interest chain.uint not null,
  principal chain.uint not null,
  penalty_total chain.uint not null,
  fee_total chain.uint not null,
  interest_total chain.uint not null,
  principal_total chain.uint not null,
  waived_interest chain.uint not null,
  outstanding_principal chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (loan_id, nr),
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- What one payment put on one instalment, which is one of the version that the payment was made under.
create table chain.allocation (
  loan_id chain.word not null,
  payment_nr integer not null,
  instalment_nr integer not null,
  penalty chain.uint not null,
  fee chain.uint not null,
  interest chain.uint not null,
  principal chain.uint not null,
  waived_interest chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (loan_id, payment_nr, instalment_nr),
  unique (block_number, log_index),
  foreign key (loan_id, payment_nr) references chain.payment on delete cascade,
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index allocation_by_instalment on chain.allocation (loan_id, instalment_nr);

-- A payment that its recorder may take back, by handing in what the log says.
create table chain.payment_record (
  loan_id chain.word not null,
  payment_nr integer not null,
  recorder chain.address not null,
  recorded_at_s bigint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (loan_id, payment_nr),
  unique (block_number, log_index),
  foreign key (loan_id, payment_nr) references chain.payment on delete cascade,
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- The latest payment was taken back: it counts nowhere, and its number is not used again. Totals are those after it.
create table chain.reversal (
  loan_id chain.word not null,
  payment_nr integer not null,
  recorder chain.address not null,
  day chain.day not null,
  penalty_total chain.uint not null,
  fee_total chain.uint not null,
  interest_total chain.uint not null,
  principal_total chain.uint not null,
  outstanding_principal chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (loan_id, payment_nr),
  unique (block_number, log_index),
  foreign key (loan_id, payment_nr) references chain.payment on delete cascade,
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- A reversal opens a closed loan again, so there may be several.
create table chain.closing (
  loan_id chain.word not null references chain.loan on delete cascade,
  day chain.day not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index closing_newest on chain.closing (loan_id, block_number desc, log_index desc);

-- The signed restructuring, every member of it but the rows, which are in chain.instalment. *_paid is what was paid under
-- the version before, payments how many payments there were. arrears_day 0: the loan was not late.
create table chain.restructuring (
  loan_id chain.word not null references chain.loan on delete cascade,
  version integer not null check (version >= 2),
  day chain.day not null,
  payments integer not null,
  penalty_paid chain.uint not null,
  fee_paid chain.uint not null,
  interest_paid chain.uint not null,
  principal_paid chain.uint not null,
  capitalised chain.uint not null,
  forgiven chain.uint not null,
  principal chain.uint not null,
  total_repayable chain.uint not null,
  first_day chain.day not null,
  last_day chain.day not null,
  instalment_count integer not null,
  document_hash chain.word not null,
  expiry chain.uint not null,
  penalty_cap chain.uint not null,
  arrears_day chain.day not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (loan_id, version),
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- A restructured loan that was late has paid enough instalments on time.
create table chain.cure (
  loan_id chain.word not null references chain.loan on delete cascade,
  day chain.day not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- The owner of the note gave the loan up. The debt stays.
create table chain.write_off (
  loan_id chain.word primary key references chain.loan on delete cascade,
  owner chain.address not null,
  day chain.day not null,
  outstanding_principal chain.uint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  unique (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);

-- A row of a collection sheet that was not paid, with the error that stopped it. The loan need not exist.
create table chain.collection_failure (
  loan_id chain.word not null,
  payer chain.address not null,
  row_index chain.uint not null,
  reason bytea not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index collection_failure_by_loan on chain.collection_failure (loan_id);

-- Who was the lender of record, from the minting (from_address zero) on.
create table chain.note_transfer (
  loan_id chain.word not null references chain.loan on delete cascade,
  from_address chain.address not null,
  to_address chain.address not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index note_transfer_newest on chain.note_transfer (loan_id, block_number desc, log_index desc);

-- What an issuer stated about an account, with a keyed commitment in place of anything about the person.
create table chain.credential (
  account chain.address not null,
  issuer chain.address not null,
  policy bigint not null,
  commitment chain.word not null,
  valid_until_s bigint not null,
  sequence bigint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index credential_newest on chain.credential (account, block_number desc, log_index desc);

create table chain.revocation (
  account chain.address not null,
  by_address chain.address not null,
  sequence bigint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index revocation_newest on chain.revocation (account, block_number desc, log_index desc);

-- Sanctions: blocked by one person, unblocked by a second on the evidence of the first one's request.
create table chain.account_block (
  account chain.address not null,
  kind text not null check (kind in ('blocked', 'unblock_requested', 'unblocked')),
  by_address chain.address not null,
  evidence chain.word not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index account_block_newest on chain.account_block (account, block_number desc, log_index desc);

-- Delisting disables all that the issuer has issued.
create table chain.issuer_listing (
  issuer chain.address not null,
  delisted boolean not null,
  by_address chain.address not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index issuer_listing_newest on chain.issuer_listing (issuer, block_number desc, log_index desc);

-- A borrower who lost her key: asked for by one person with evidence, approved by a second (acceptable from_s until until_s),
-- vetoed by the old key, or moved for good by the new one (no new loan until until_s). What a step has not is 0.
create table chain.recovery_step (
  account chain.address not null,
  successor chain.address not null,
  kind text not null check (kind in ('requested', 'approved', 'vetoed', 'moved')),
  by_address chain.address not null,
  evidence chain.word not null,
  from_s bigint not null,
  until_s bigint not null,
  block_number bigint not null,
  block_hash chain.word not null,
  tx_hash chain.word not null,
  log_index integer not null,
  primary key (block_number, log_index),
  foreign key (block_number, log_index) references chain.log on delete cascade
);
create index recovery_step_newest on chain.recovery_step (account, block_number desc, log_index desc);
create index account_moved_to on chain.recovery_step (successor) where kind = 'moved';

-- STATE

create view chain.currency_state as
  select distinct on (address) *
  from chain.currency
  order by address, block_number desc, log_index desc;

-- Books in base units. Proof columns are those of their newest change; of the registration while there was none.
create view chain.pool_now as
  select p.address, p.currency, c.symbol, c.decimals, p.utc_offset_s,
    coalesce(b.cash, 0) as cash,
    coalesce(b.outstanding, 0) as outstanding,
    coalesce(b.interest_received, 0) as interest_received,
    coalesce(b.fees, 0) as fees,
    coalesce(r.held, 0) as held,
    coalesce(r.funded, 0) as funded,
    coalesce(r.reserved, 0) as reserved,
    coalesce(r.cover, 0) as cover,
    coalesce(r.uncovered, 0) as uncovered,
    coalesce(r.cover_before, 0) as cover_before,
    coalesce(s.total_supply, 0) as total_supply,
    coalesce(z.paused, false) as paused,
    n.block_number, n.block_hash, n.tx_hash, n.log_index
  from chain.pool p
  left join chain.currency_state c on c.address = p.currency
  left join lateral (
    select * from chain.pool_books b where b.pool = p.address
    order by b.block_number desc, b.log_index desc limit 1
  ) b on true
  left join lateral (
    select * from chain.pool_reserves r where r.pool = p.address
    order by r.block_number desc, r.log_index desc limit 1
  ) r on true
  left join lateral (
    select * from chain.pool_supply s where s.pool = p.address
    order by s.block_number desc, s.log_index desc limit 1
  ) s on true
  left join lateral (
    select z.paused from chain.pause z where z.contract = p.address
    order by z.block_number desc, z.log_index desc limit 1
  ) z on true
  cross join lateral (
    select * from (values
      (p.block_number, p.block_hash, p.tx_hash, p.log_index),
      (b.block_number, b.block_hash, b.tx_hash, b.log_index),
      (r.block_number, r.block_hash, r.tx_hash, r.log_index),
      (s.block_number, s.block_hash, s.tx_hash, s.log_index)
    ) as change (block_number, block_hash, tx_hash, log_index)
    where block_number is not null order by block_number desc, log_index desc limit 1
  ) n;

create view chain.pool_limits_now as
  select distinct on (pool) *
  from chain.pool_limits
  order by pool, block_number desc, log_index desc;

-- What became of each request. Shares that are pending wait; assets are to be claimed or were claimed.
create view chain.redemption as
  select q.pool, q.request_id, q.controller, q.owner, q.shares,
    coalesce(f.shares, 0) as fulfilled_shares, coalesce(f.assets, 0) as fulfilled_assets,
    q.shares - coalesce(f.shares, 0) as pending_shares,
    q.block_number, q.block_hash, q.tx_hash, q.log_index
  from chain.redemption_request q
  cross join lateral (
    select sum(f.shares) as shares, sum(f.assets) as assets
    from chain.redemption_fulfilment f where f.pool = q.pool and f.request_id = q.request_id
  ) f;

-- What lenders brought and took, with claims told from redemptions at once. A claim lowers what is reserved, which its next
-- log says; whoever redeems at once takes nothing out of the reserve.
create view chain.share_flow as
  select w.pool, w.sender, w.owner, w.receiver, w.assets, w.shares,
    case when w.kind = 'deposit' then 'deposit'
      when exists (
        select from chain.pool_reserves r
        where r.block_number = w.block_number and r.log_index = w.log_index + 1 and r.pool = w.pool) then 'claim'
      else 'redemption' end as kind,
    w.block_number, w.block_hash, w.tx_hash, w.log_index
  from chain.pool_flow w;

create view chain.claimable as
  select f.pool, f.controller, sum(f.shares) as shares, sum(f.assets) as assets
  from (
    select pool, controller, shares, assets from chain.redemption_fulfilment
    union all
    select w.pool, w.owner, -w.shares, -w.assets from chain.share_flow w where w.kind = 'claim'
  ) f
  group by f.pool, f.controller
  having sum(f.shares) > 0 or sum(f.assets) > 0;

create view chain.recorder_now as
  select distinct on (address) address, registered
  from chain.recorder
  order by address, block_number desc, log_index desc;

create view chain.held_now as
  select distinct on (currency, account) currency, account, owed
  from chain.held
  order by currency, account, block_number desc, log_index desc;

create view chain.note_owner as
  select distinct on (loan_id) loan_id, to_address as owner
  from chain.note_transfer
  order by loan_id, block_number desc, log_index desc;

-- The address that stands for an account now: itself, or where it moved, however often. The contract's moves are lines: no
-- two of them meet, and none of them closes.
create function chain.current_of(of_account bytea) returns bytea
  language sql stable strict parallel safe
  begin atomic
    with recursive moved (account, moves) as (
      select of_account, 0
      union all
      select m.successor, moved.moves + 1 from moved
      join chain.recovery_step m on m.account = moved.account and m.kind = 'moved'
    )
    select account from moved order by moves desc limit 1;
  end;

-- The account and every address that moved to it, however long ago.
create function chain.known_as(of_account bytea) returns setof bytea
  language sql stable strict parallel safe
  begin atomic
    with recursive known (account) as (
      select of_account
      union all
      select m.account from known
      join chain.recovery_step m on m.successor = known.account and m.kind = 'moved'
    )
    select account from known;
  end;

-- The request that waits for its second person: nothing came after it.
create view chain.recovery_request_now as
  select account, successor, by_address as requested_by, evidence
  from (
    select distinct on (account) *
    from chain.recovery_step
    order by account, block_number desc, log_index desc
  ) newest
  where kind = 'requested';

-- What two people agreed to, neither vetoed nor done. A new request leaves it as it is.
create view chain.recovery_approval_now as
  select a.account, a.successor, q.by_address as requested_by, a.by_address as approved_by, a.from_s, a.until_s
  from (
    select distinct on (account) *
    from chain.recovery_step
    where kind <> 'requested'
    order by account, block_number desc, log_index desc
  ) a
  cross join lateral (
    select q.by_address from chain.recovery_step q
    where q.account = a.account and q.kind = 'requested'
      and (q.block_number, q.log_index) < (a.block_number, a.log_index)
    order by q.block_number desc, q.log_index desc limit 1
  ) q
  where a.kind = 'approved';

-- All that the registry stores about an account. A revocation may have raised the sequence above the credential's.
create view chain.kyc_now as
  select k.account, c.issuer, c.policy, c.commitment, c.valid_until_s, t.time as anchored_at_s,
    coalesce(greatest(r.sequence, c.sequence), 0) as sequence,
    coalesce((r.block_number, r.log_index) > (c.block_number, c.log_index), r.sequence is not null) as revoked,
    coalesce(b.kind <> 'unblocked', false) as blocked,
    case when b.kind = 'unblock_requested' then b.by_address end as unblock_requested_by,
    case when b.kind = 'unblock_requested' then b.evidence end as unblock_evidence,
    coalesce(d.delisted, false) as issuer_delisted
  from (
    select account from chain.credential
    union select account from chain.revocation
    union select account from chain.account_block
  ) k
  left join lateral (
    select * from chain.credential c where c.account = k.account
    order by c.block_number desc, c.log_index desc limit 1
  ) c on true
  left join chain.block t on t.number = c.block_number
  left join lateral (
    select * from chain.revocation r where r.account = k.account
    order by r.block_number desc, r.log_index desc limit 1
  ) r on true
  left join lateral (
    select * from chain.account_block b where b.account = k.account
    order by b.block_number desc, b.log_index desc limit 1
  ) b on true
  left join lateral (
    select * from chain.issuer_listing d where d.issuer = c.issuer
    order by d.block_number desc, d.log_index desc limit 1
  ) d on true;

-- Payments that count: those that were not taken back.
create view chain.standing_payment as
  select * from chain.payment p
  where not exists (select from chain.reversal r where r.loan_id = p.loan_id and r.payment_nr = p.nr);

-- The closing that holds. Only a reversal changes a closed loan, and it opens it again.
create view chain.closing_now as
  select * from chain.closing c
  where not exists (
    select from chain.reversal r
    where r.loan_id = c.loan_id and (r.block_number, r.log_index) > (c.block_number, c.log_index)
  );

-- The table that a loan stands on. Payments with higher numbers than `payments_before` are made under it. penalty_cap is
-- what is left of the signed one. Days are null until the loan is disbursed.
create view chain.loan_table as
  select l.loan_id,
    coalesce(v.version, 1) as version,
    coalesce(v.payments, 0) as payments_before,
    coalesce(v.day, d.day) as start_day,
    coalesce(v.principal, l.principal) as principal,
    coalesce(v.total_repayable, l.total_repayable) as total_repayable,
    coalesce(v.first_day, l.first_day) as first_day,
    coalesce(v.last_day, l.last_day) as last_day,
    coalesce(v.instalment_count, l.instalment_count) as instalment_count,
    coalesce(v.document_hash, l.document_hash) as document_hash,
    coalesce(v.arrears_day, 0) as arrears_day,
    coalesce(v.penalty_cap, l.penalty_cap) as penalty_cap
  from chain.loan l
  left join chain.disbursement d on d.loan_id = l.loan_id
  left join lateral (
    select * from chain.restructuring v where v.loan_id = l.loan_id order by v.version desc limit 1
  ) v on true;

-- Whether anything can be owed: the loan was disbursed, and neither closed nor given back.
create function chain.is_owed(of_loan bytea) returns boolean
  language sql stable strict parallel safe
  begin atomic
    select exists (select from chain.disbursement d where d.loan_id = of_loan)
      and not exists (select from chain.cancellation x where x.loan_id = of_loan)
      and not exists (select from chain.closing_now c where c.loan_id = of_loan);
  end;

-- The penalty that is unpaid on a table at the end of a day, in minor units, as the contract derives it.
-- A payment of a day lowers what is overdue from the next day on, so the accrued numerator is linear in the facts:
--   rate * ( sum over instalments of  amount * max(0, day - last free day)
--          - sum over allocations of  amount * max(0, day - max(day of payment, last free day)) )
-- of the table alone. Only meant for days from the loan's last payment on: earlier days would count payments that came
-- later.
create function chain.penalty_on_table(
  of_loan bytea, of_version integer, after_payment integer, cap numeric, rate_bps integer, grace_days integer, on_day integer
) returns numeric
  language sql stable parallel safe
  begin atomic
    select case when rate_bps = 0 then 0
      else greatest(0, least(cap, div(rate_bps * (
          (select coalesce(sum((i.principal + i.interest + i.fee) * greatest(0, on_day - i.day - grace_days)), 0)
            from chain.instalment i where i.loan_id = of_loan and i.version = of_version)
          - (select coalesce(sum((a.principal + a.interest + a.fee)
              * greatest(0, on_day - greatest(p.day, i.day + grace_days))), 0)
            from chain.allocation a
            join chain.standing_payment p on p.loan_id = a.loan_id and p.nr = a.payment_nr
            join chain.instalment i on i.loan_id = a.loan_id and i.version = of_version and i.nr = a.instalment_nr
            where a.loan_id = of_loan and a.payment_nr > after_payment)
        ), 3650000))
        - (select coalesce(sum(p.penalty), 0) from chain.standing_payment p
            where p.loan_id = of_loan and p.nr > after_payment)) end;
  end;

-- The penalty that is owed and unpaid at the end of a day; 0 when nothing can be owed.
create function chain.penalty_due(of_loan bytea, on_day integer) returns numeric
  language sql stable strict parallel safe
  begin atomic
    select case when not chain.is_owed(l.loan_id) then 0
      else chain.penalty_on_table(
        l.loan_id, t.version, t.payments_before, t.penalty_cap, l.penalty_rate_bps, l.penalty_grace_days, on_day) end
    from chain.loan l join chain.loan_table t on t.loan_id = l.loan_id
    where l.loan_id = of_loan;
  end;

-- The oldest unpaid instalment of a table on which something is owed. Payments fill instalments from the oldest on, so it
-- is the last one that the newest payment reached, or the next one when that one is complete. An instalment whose own
-- amounts are paid is not complete while a penalty is owed.
create function chain.oldest_unpaid_on_table(
  of_loan bytea, of_version integer, after_payment integer, cap numeric, rate_bps integer, grace_days integer
) returns integer
  language sql stable parallel safe
  begin atomic
    select case
      when newest.nr is null then 1
      when reached.unpaid > 0 then reached.nr
      when chain.penalty_on_table(
        of_loan, of_version, after_payment, cap, rate_bps, grace_days, newest.day) > 0 then reached.nr
      else reached.nr + 1
    end
    from (values (of_loan)) as asked (loan_id)
    left join lateral (
      select p.nr, p.day from chain.standing_payment p
      where p.loan_id = asked.loan_id and p.nr > after_payment order by p.nr desc limit 1
    ) newest on true
    left join lateral (
      select i.nr, i.principal + i.interest + i.fee - (
          select coalesce(sum(a.principal + a.interest + a.fee), 0)
          from chain.allocation a
          join chain.standing_payment p on p.loan_id = a.loan_id and p.nr = a.payment_nr
          where a.loan_id = i.loan_id and a.instalment_nr = i.nr and a.payment_nr > after_payment
        ) as unpaid
      from chain.instalment i
      where i.loan_id = asked.loan_id and i.version = of_version and i.nr = (
        select max(a.instalment_nr) from chain.allocation a
        where a.loan_id = asked.loan_id and a.payment_nr = newest.nr
      )
    ) reached on true;
  end;

-- The instalment at which a loan stands: the oldest unpaid one, also of a loan that was given back; null before it ran and
-- after it was closed.
create function chain.next_nr(of_loan bytea) returns integer
  language sql stable strict parallel safe
  begin atomic
    select chain.oldest_unpaid_on_table(
      l.loan_id, t.version, t.payments_before, t.penalty_cap, l.penalty_rate_bps, l.penalty_grace_days)
    from chain.loan l join chain.loan_table t on t.loan_id = l.loan_id
    where l.loan_id = of_loan
      and exists (select from chain.disbursement d where d.loan_id = of_loan)
      and not exists (select from chain.closing_now c where c.loan_id = of_loan);
  end;

create view chain.instalment_state as
  select i.loan_id, i.version, i.nr, i.day, i.principal, i.interest, i.fee,
    a.penalty_paid, a.fee_paid, a.interest_paid, a.principal_paid, a.waived_interest,
    -- Without one at which it stands all are settled, or the loan never ran.
    case when o.nr is null then exists (select from chain.closing_now c where c.loan_id = i.loan_id)
      else i.nr < o.nr end as settled,
    a.last_paid_day
  from chain.loan_table t
  -- Asked once a loan, before its instalments are looked at; offset 0 keeps it from being asked once a row.
  cross join lateral (select chain.next_nr(t.loan_id) as nr offset 0) o
  join chain.instalment i on i.loan_id = t.loan_id and i.version = t.version
  cross join lateral (
    select coalesce(sum(a.penalty), 0) as penalty_paid,
      coalesce(sum(a.fee), 0) as fee_paid,
      coalesce(sum(a.interest), 0) as interest_paid,
      coalesce(sum(a.principal), 0) as principal_paid,
      coalesce(sum(a.waived_interest), 0) as waived_interest,
      max(p.day) as last_paid_day
    from chain.allocation a
    join chain.standing_payment p on p.loan_id = a.loan_id and p.nr = a.payment_nr
    where a.loan_id = i.loan_id and a.instalment_nr = i.nr and a.payment_nr > t.payments_before
  ) a;

-- How far a restructured loan that was late is from being cured: three instalments in a row, each completed by its due
-- day. Runs of them begin after each late one. Only loans that the restructuring found late have a row.
create view chain.cure_progress as
  select t.loan_id,
    coalesce(c.longest, 0) >= 3 as cured,
    case when coalesce(c.longest, 0) >= 3 then 0 else coalesce(c.newest, 0) end as paid_on_time
  from chain.loan_table t
  cross join lateral (
    select max(r.length) as longest, (array_agg(r.length order by r.run desc))[1] as newest
    from (
      select s.run, count(*) filter (where s.on_time) as length
      from (
        select i.last_paid_day <= i.day as on_time,
          count(*) filter (where i.last_paid_day > i.day) over (order by i.nr) as run
        from chain.instalment_state i where i.loan_id = t.loan_id and i.settled
      ) s
      group by s.run
    ) r
  ) c
  where t.arrears_day > 0;

-- Where a loan stands and what of its principal is owed: what sums over many loans ask for.
create view chain.loan_balance as
  select l.loan_id,
    case when c.loan_id is not null then 'closed'
      when x.loan_id is not null then 'cancelled'
      when w.loan_id is not null then 'written_off'
      when d.loan_id is null then 'funded'
      else 'active' end as state,
    d.day as disbursed_day,
    c.day as closed_day,
    case when d.loan_id is null or x.loan_id is not null then 0
      else coalesce(p.outstanding_principal, t.principal) end as outstanding_principal,
    coalesce(p.penalty_total, 0) as penalty_paid,
    coalesce(p.fee_total, 0) as fee_paid,
    coalesce(p.interest_total, 0) as interest_paid,
    coalesce(p.principal_total, 0) as principal_paid
  from chain.loan l
  join chain.loan_table t on t.loan_id = l.loan_id
  left join chain.disbursement d on d.loan_id = l.loan_id
  left join chain.cancellation x on x.loan_id = l.loan_id
  left join chain.write_off w on w.loan_id = l.loan_id
  left join lateral (select * from chain.closing_now c where c.loan_id = l.loan_id limit 1) c on true
  left join lateral (
    select * from chain.standing_payment p
    where p.loan_id = l.loan_id and p.nr > t.payments_before order by p.nr desc limit 1
  ) p on true;

create view chain.loan_state as
  select l.loan_id, b.state,
    (select m.to_address from chain.note_transfer m where m.loan_id = l.loan_id
      order by m.block_number desc, m.log_index desc limit 1) as owner,
    -- Few ever move: whether somebody did is asked before where to.
    case when exists (select from chain.recovery_step m where m.account = l.borrower and m.kind = 'moved')
      then chain.current_of(l.borrower) else l.borrower end as borrower,
    t.version, t.payments_before, t.start_day, t.principal, t.total_repayable, t.first_day, t.last_day, t.instalment_count, t.penalty_cap,
    t.document_hash,
    b.disbursed_day, b.closed_day, b.outstanding_principal, b.penalty_paid, b.fee_paid, b.interest_paid, b.principal_paid,
    (select coalesce(sum(q.waived_interest), 0) from chain.standing_payment q where q.loan_id = l.loan_id) as waived_interest,
    (select coalesce(max(q.nr), 0) from chain.payment q where q.loan_id = l.loan_id) as payments,
    -- As chain.next_nr has it; of a loan that was given back nothing is unpaid.
    n.nr as next_nr,
    o.nr as oldest_unpaid_nr,
    o.day as oldest_unpaid_day,
    a.arrears_day,
    a.paid_on_time,
    -- The day from which its lateness counts; null when nothing can be owed.
    case when a.arrears_day > 0 and a.arrears_day < o.day then a.arrears_day else o.day end as late_from_day
  from chain.loan l
  join chain.loan_table t on t.loan_id = l.loan_id
  join chain.loan_balance b on b.loan_id = l.loan_id
  cross join lateral (
    select case when b.disbursed_day is not null and b.state <> 'closed' then chain.oldest_unpaid_on_table(
      l.loan_id, t.version, t.payments_before, t.penalty_cap, l.penalty_rate_bps, l.penalty_grace_days) end as nr
    offset 0
  ) n
  left join lateral (
    select i.nr, i.day from chain.instalment i
    where i.loan_id = l.loan_id and i.version = t.version and i.nr = n.nr and b.state <> 'cancelled'
  ) o on true
  left join lateral (select * from chain.cure_progress g where g.loan_id = l.loan_id and t.arrears_day > 0) g on true
  cross join lateral (
    select case when coalesce(g.cured, true) then 0 else t.arrears_day end as arrears_day,
      coalesce(g.paid_on_time, 0) as paid_on_time
  ) a;

-- WHO MAY

grant usage on schema chain to ahadi_indexer, ahadi_backend;
grant all on all tables in schema chain to ahadi_indexer;
grant select on all tables in schema chain to ahadi_backend;
