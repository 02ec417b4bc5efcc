import type { LoanBody, LoanSummary } from "./modules/loans/schema.ts";

/* One small loan in the middle of its life, for the OpenAPI document. The tests check that it fits the schemas. */

const hex = (byte: string, bytes = 32) => `0x${byte.repeat(bytes)}`;
const borrower = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const token = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const loanBook = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
const poolAddress = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";

const proof = (block: number, logIndex: number) => ({
  block_number: block,
  block_hash: hex("b1"),
  transaction_hash: hex("7c"),
  log_index: logIndex,
});

const components = (penalty: number, fee: number, interest: number, principal: number) => ({
  penalty: String(penalty),
  fee: String(fee),
  interest: String(interest),
  principal: String(principal),
  total: String(penalty + fee + interest + principal),
});

const asOf = {
  block_number: 120,
  block_hash: hex("b2"),
  block_time: "2022-12-05T09:30:00.000Z",
  today: "2022-12-05",
  today_day: 19_331,
};

const head = {
  id: hex("5a"),
  state: "active",
  version: 1,
  days_past_due: 0,
  arrears_since_date: null,
  paid_on_time: 0,
  overdue: "0",
  borrower,
  lender: poolAddress,
  owner: poolAddress,
  currency: { address: token, symbol: "USDX", decimals: 2, unit: "10000", token_decimals: 6 },
  outstanding_principal: "15075",
  next_instalment: { nr: 2, due_day: 19_359, due_date: "2023-01-02", unpaid: "15226" },
  as_of: asOf,
  proof: proof(100, 4),
} as const;

export const exampleSummary: LoanSummary = {
  ...head,
  principal: "30000",
  total_repayable: "30451",
  instalment_count: 2,
  instalments_paid: 1,
  payment_count: 1,
  disbursed_date: "2022-11-02",
  closed_date: null,
};

const firstPayment = { penalty: "0", fee: "0", interest: "300", principal: "14925" };

export const exampleLoan: LoanBody = {
  ...head,
  chain: { chain_id: 31_337, loan_book: loanBook },
  terms: {
    borrower,
    payee: borrower,
    disburse_from_date: "2022-11-01",
    disburse_until_date: "2022-11-08",
    principal: "30000",
    total_repayable: "30451",
    first_due_date: "2022-12-02",
    last_due_date: "2023-01-02",
    instalment_count: 2,
    upfront_fee: "0",
    penalty: { rate_bps: 1000, grace_days: 3, cap: "3000" },
    waterfall: ["penalty", "fee", "interest", "principal"],
    early_settlement: "pro_rata",
    reversal_days: 2,
    cooling_off_days: 3,
    utc_offset_s: 10_800,
    document_hash: hex("1f"),
    language: "en",
    salt: hex("07"),
    expiry_s: "1667900000",
  },
  terms_document: {
    canonical: '{"currency":"USDX","principal":"300.00"}',
    received_at: "2022-11-01T08:00:00.000Z",
  },
  funding: null,
  disbursement: {
    day: 19_298,
    date: "2022-11-02",
    payee: borrower,
    amount: "30000",
    upfront_fee: "0",
    proof: proof(100, 6),
  },
  schedule: [
    {
      nr: 1,
      due_day: 19_328,
      due_date: "2022-12-02",
      principal: "14925",
      interest: "300",
      fee: "0",
      total: "15225",
      paid: components(0, 0, 300, 14_925),
      waived_interest: "0",
      unpaid: "0",
      last_paid_date: "2022-12-02",
      state: "paid",
    },
    {
      nr: 2,
      due_day: 19_359,
      due_date: "2023-01-02",
      principal: "15075",
      interest: "151",
      fee: "0",
      total: "15226",
      paid: components(0, 0, 0, 0),
      waived_interest: "0",
      unpaid: "15226",
      last_paid_date: null,
      state: "scheduled",
    },
  ],
  restructurings: [],
  payments: [
    {
      nr: 1,
      version: 1,
      day: 19_328,
      date: "2022-12-02",
      payer: borrower,
      recipient: poolAddress,
      ...firstPayment,
      total: "15225",
      waived_interest: "0",
      outstanding_principal: "15075",
      late_days: 0,
      recorder: null,
      reversal: null,
      allocations: [{ instalment_nr: 1, ...firstPayment, waived_interest: "0", proof: proof(118, 3) }],
      proof: proof(118, 2),
    },
  ],
  totals: {
    scheduled: components(0, 0, 451, 30_000),
    paid: components(0, 0, 300, 14_925),
    paid_before: components(0, 0, 0, 0),
    waived_interest: "0",
    outstanding_principal: "15075",
  },
  due_today: components(0, 0, 0, 0),
  payoff_today: components(0, 0, 15, 15_075),
  closing: null,
  cancellation: null,
  write_off: null,
};

export const examplePool = {
  address: poolAddress,
  chain: { chain_id: 31_337, loan_book: loanBook },
  currency: { address: token, symbol: "USDX", token_decimals: 6 },
  utc_offset_s: 10_800,
  decimals: 6,
  state: {
    cash: "851950000",
    held: "0",
    funded: "0",
    outstanding: "150750000",
    interest_received: "2700000",
    fees: "300000",
    reserved: "0",
    cover: "50000000",
    uncovered: "0",
    cover_before: "0",
    total_supply: "1000000000000000",
    paused: false,
    proof: proof(118, 5),
  },
  accrual: {
    recognised: "2810000",
    total_assets: "1002810000",
    provisions: "0",
    exit_deduction: "0",
  },
  share_price: { numerator: "1002810001", denominator: "1000000001000000" },
  exit_price: { numerator: "1002810001", denominator: "1000000001000000" },
  share_decimals: 12,
  redemptions: { waiting: 1, pending_shares: "20000000000000", next_request_id: "1" },
  limits: {
    one_approval_up_to: "5000000000",
    max_principal: "20000000000",
    max_per_borrower: "100000000000",
    max_outstanding: "10000000000000",
    rate_capacity: "200000000000",
    rate_window_s: 86_400,
    max_term_days: 1_100,
    max_cost_bps: 15_000,
    proof: proof(13, 0),
  },
  loans: {
    total: 1,
    active: 1,
    funded: 0,
    written_off: 0,
    outstanding_principal: "150750000",
    funded_principal: "0",
  },
  as_of: asOf,
  proof: proof(12, 0),
};
