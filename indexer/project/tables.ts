import type { Hex } from "viem";

/** How a column's text is written; Postgres casts it to the column's own type. */
type Kind = "bytea" | "bytea[]" | "bigint" | "integer" | "numeric" | "boolean" | "text";
type Value = {
  bytea: Hex;
  "bytea[]": readonly Hex[];
  bigint: bigint;
  integer: number;
  numeric: bigint;
  boolean: boolean;
  text: string | null;
};

interface Table {
  columns: Record<string, Kind>;
  /** What names a row to people. */
  key: readonly string[];
}

const proof = {
  block_number: "bigint",
  block_hash: "bytea",
  tx_hash: "bytea",
  log_index: "integer",
} as const;
const position = ["block_number", "log_index"] as const;
const components = { penalty: "numeric", fee: "numeric", interest: "numeric", principal: "numeric" } as const;
const totals = {
  penalty_total: "numeric",
  fee_total: "numeric",
  interest_total: "numeric",
  principal_total: "numeric",
} as const;

/** The tables of facts, parents before children: the order in which rows are written. */
export const tables = {
  log: {
    columns: {
      block_number: "bigint",
      block_hash: "bytea",
      tx_hash: "bytea",
      tx_index: "integer",
      log_index: "integer",
      address: "bytea",
      topics: "bytea[]",
      data: "bytea",
      event: "text",
    },
    key: position,
  },
  currency: {
    columns: { address: "bytea", allowed: "boolean", decimals: "integer", symbol: "text", ...proof },
    key: ["address", ...position],
  },
  pool: {
    columns: { address: "bytea", currency: "bytea", utc_offset_s: "integer", ...proof },
    key: ["address"],
  },
  pool_books: {
    columns: {
      pool: "bytea",
      cash: "numeric",
      outstanding: "numeric",
      interest_received: "numeric",
      fees: "numeric",
      ...proof,
    },
    key: ["pool", ...position],
  },
  pool_reserves: {
    columns: {
      pool: "bytea",
      held: "numeric",
      funded: "numeric",
      reserved: "numeric",
      cover: "numeric",
      uncovered: "numeric",
      cover_before: "numeric",
      ...proof,
    },
    key: ["pool", ...position],
  },
  pool_supply: {
    columns: { pool: "bytea", total_supply: "numeric", ...proof },
    key: ["pool", ...position],
  },
  pool_flow: {
    columns: {
      pool: "bytea",
      kind: "text",
      sender: "bytea",
      owner: "bytea",
      receiver: "bytea",
      assets: "numeric",
      shares: "numeric",
      ...proof,
    },
    key: ["pool", ...position],
  },
  redemption_request: {
    columns: {
      pool: "bytea",
      request_id: "numeric",
      controller: "bytea",
      owner: "bytea",
      sender: "bytea",
      shares: "numeric",
      ...proof,
    },
    key: ["pool", "request_id"],
  },
  redemption_fulfilment: {
    columns: {
      pool: "bytea",
      request_id: "numeric",
      controller: "bytea",
      shares: "numeric",
      assets: "numeric",
      ...proof,
    },
    key: ["pool", ...position],
  },
  pool_operator: {
    columns: { pool: "bytea", controller: "bytea", operator: "bytea", approved: "boolean", ...proof },
    key: ["pool", ...position],
  },
  pool_booking: {
    columns: {
      pool: "bytea",
      loan_id: "bytea",
      kind: "text",
      amount: "numeric",
      principal: "numeric",
      interest: "numeric",
      penalty: "numeric",
      fees: "numeric",
      cover: "numeric",
      ...proof,
    },
    key: ["pool", ...position],
  },
  pool_approval: {
    columns: { pool: "bytea", subject: "bytea", underwriter: "bytea", given: "boolean", ...proof },
    key: ["pool", ...position],
  },
  note_deal: {
    columns: {
      pool: "bytea",
      loan_id: "bytea",
      kind: "text",
      buyer: "bytea",
      price: "numeric",
      carrying: "numeric",
      ...proof,
    },
    key: ["pool", ...position],
  },
  pool_move: {
    columns: { pool: "bytea", kind: "text", account: "bytea", amount: "numeric", ...proof },
    key: ["pool", ...position],
  },
  pool_limits: {
    columns: {
      pool: "bytea",
      one_approval_up_to: "numeric",
      max_principal: "numeric",
      max_per_borrower: "numeric",
      max_outstanding: "numeric",
      rate_capacity: "numeric",
      rate_window_s: "bigint",
      max_term_days: "integer",
      max_cost_bps: "bigint",
      ...proof,
    },
    key: ["pool", ...position],
  },
  pool_loan_book: {
    columns: { pool: "bytea", loan_book: "bytea", ...proof },
    key: ["pool", ...position],
  },
  pause: {
    columns: { contract: "bytea", paused: "boolean", account: "bytea", ...proof },
    key: ["contract", ...position],
  },
  recorder: {
    columns: { address: "bytea", registered: "boolean", ...proof },
    key: ["address", ...position],
  },
  held: {
    columns: {
      currency: "bytea",
      account: "bytea",
      kind: "text",
      receiver: "bytea",
      amount: "numeric",
      owed: "numeric",
      ...proof,
    },
    key: ["currency", "account", ...position],
  },
  loan: {
    columns: {
      loan_id: "bytea",
      borrower: "bytea",
      lender: "bytea",
      currency: "bytea",
      unit: "numeric",
      payee: "bytea",
      disburse_from_day: "integer",
      disburse_until_day: "integer",
      principal: "numeric",
      total_repayable: "numeric",
      first_day: "integer",
      last_day: "integer",
      instalment_count: "integer",
      upfront_fee: "numeric",
      penalty_rate_bps: "integer",
      penalty_grace_days: "integer",
      penalty_cap: "numeric",
      waterfall: "bytea",
      early_settlement: "integer",
      reversal_days: "integer",
      cooling_off_days: "integer",
      utc_offset_s: "integer",
      document_hash: "bytea",
      language: "text",
      salt: "bytea",
      expiry: "numeric",
      ...proof,
    },
    key: ["loan_id"],
  },
  instalment: {
    columns: {
      loan_id: "bytea",
      version: "integer",
      nr: "integer",
      day: "integer",
      principal: "numeric",
      interest: "numeric",
      fee: "numeric",
      ...proof,
    },
    key: ["loan_id", "version", "nr"],
  },
  funding: {
    columns: { loan_id: "bytea", payee: "bytea", day: "integer", amount: "numeric", ...proof },
    key: ["loan_id"],
  },
  disbursement: {
    columns: {
      loan_id: "bytea",
      payee: "bytea",
      day: "integer",
      amount: "numeric",
      upfront_fee: "numeric",
      ...proof,
    },
    key: ["loan_id"],
  },
  cancellation: {
    columns: {
      loan_id: "bytea",
      kind: "text",
      by_address: "bytea",
      recipient: "bytea",
      day: "integer",
      amount: "numeric",
      ...proof,
    },
    key: ["loan_id"],
  },
  payment: {
    columns: {
      loan_id: "bytea",
      nr: "integer",
      payer: "bytea",
      recipient: "bytea",
      day: "integer",
      ...components,
      ...totals,
      waived_interest: "numeric",
      outstanding_principal: "numeric",
      ...proof,
    },
    key: ["loan_id", "nr"],
  },
  allocation: {
    columns: {
      loan_id: "bytea",
      payment_nr: "integer",
      instalment_nr: "integer",
      ...components,
      waived_interest: "numeric",
      ...proof,
    },
    key: ["loan_id", "payment_nr", "instalment_nr"],
  },
  payment_record: {
    columns: {
      loan_id: "bytea",
      payment_nr: "integer",
      recorder: "bytea",
      recorded_at_s: "bigint",
      ...proof,
    },
    key: ["loan_id", "payment_nr"],
  },
  reversal: {
    columns: {
      loan_id: "bytea",
      payment_nr: "integer",
      recorder: "bytea",
      day: "integer",
      ...totals,
      outstanding_principal: "numeric",
      ...proof,
    },
    key: ["loan_id", "payment_nr"],
  },
  closing: { columns: { loan_id: "bytea", day: "integer", ...proof }, key: ["loan_id", ...position] },
  restructuring: {
    columns: {
      loan_id: "bytea",
      version: "integer",
      day: "integer",
      payments: "integer",
      penalty_paid: "numeric",
      fee_paid: "numeric",
      interest_paid: "numeric",
      principal_paid: "numeric",
      capitalised: "numeric",
      forgiven: "numeric",
      principal: "numeric",
      total_repayable: "numeric",
      first_day: "integer",
      last_day: "integer",
      instalment_count: "integer",
      document_hash: "bytea",
      expiry: "numeric",
      penalty_cap: "numeric",
      arrears_day: "integer",
      ...proof,
    },
    key: ["loan_id", "version"],
  },
  cure: { columns: { loan_id: "bytea", day: "integer", ...proof }, key: ["loan_id", ...position] },
  write_off: {
    columns: {
      loan_id: "bytea",
      owner: "bytea",
      day: "integer",
      outstanding_principal: "numeric",
      ...proof,
    },
    key: ["loan_id"],
  },
  collection_failure: {
    columns: { loan_id: "bytea", payer: "bytea", row_index: "numeric", reason: "bytea", ...proof },
    key: ["loan_id", ...position],
  },
  note_transfer: {
    columns: { loan_id: "bytea", from_address: "bytea", to_address: "bytea", ...proof },
    key: ["loan_id", ...position],
  },
  credential: {
    columns: {
      account: "bytea",
      issuer: "bytea",
      policy: "bigint",
      commitment: "bytea",
      valid_until_s: "bigint",
      sequence: "bigint",
      ...proof,
    },
    key: ["account", ...position],
  },
  revocation: {
    columns: { account: "bytea", by_address: "bytea", sequence: "bigint", ...proof },
    key: ["account", ...position],
  },
  account_block: {
    columns: { account: "bytea", kind: "text", by_address: "bytea", evidence: "bytea", ...proof },
    key: ["account", ...position],
  },
  issuer_listing: {
    columns: { issuer: "bytea", delisted: "boolean", by_address: "bytea", ...proof },
    key: ["issuer", ...position],
  },
  recovery_step: {
    columns: {
      account: "bytea",
      successor: "bytea",
      kind: "text",
      by_address: "bytea",
      evidence: "bytea",
      from_s: "bigint",
      until_s: "bigint",
      ...proof,
    },
    key: ["account", ...position],
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];

type Columns<T extends TableName> = (typeof tables)[T]["columns"];
type Row<T extends TableName> = {
  [C in keyof Columns<T>]: Columns<T>[C] extends Kind ? Value[Columns<T>[C]] : never;
};

/** Where a fact comes from: the columns that every table of facts has. */
export type Proof = Pick<Row<"currency">, keyof typeof proof>;

/** Rows of every table. */
export type Facts = { [T in TableName]: Row<T>[] };

export function noFacts(): Facts {
  return Object.fromEntries(tableNames.map((name) => [name, []])) as unknown as Facts;
}

export function columnsOf(table: TableName): [name: string, kind: Kind][] {
  return Object.entries(tables[table].columns);
}

/** The row's values in the order of `columnsOf`, each in the form in which Postgres prints it. */
export function toTexts(table: TableName, row: Facts[TableName][number]): (string | null)[] {
  const values = row as Record<string, Value[Kind]>;
  return columnsOf(table).map(([column, kind]) => toText(kind, values[column] ?? null));
}

function toText(kind: Kind, value: Value[Kind]): string | null {
  if (value === null) return null;
  if (kind === "bytea") return bytea(String(value));
  if (Array.isArray(value)) return `{${value.map((item) => `"\\${bytea(item)}"`).join(",")}}`;
  return String(value);
}

function bytea(hex: string): string {
  return `\\x${hex.slice(2).toLowerCase()}`;
}
