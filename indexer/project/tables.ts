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
  pool_state: {
    columns: {
      pool: "bytea",
      cash: "numeric",
      held_cash: "numeric",
      outstanding_principal: "numeric",
      income_received: "numeric",
      total_supply: "numeric",
      ...proof,
    },
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
      nr: "integer",
      day: "integer",
      principal: "numeric",
      interest: "numeric",
      fee: "numeric",
      ...proof,
    },
    key: ["loan_id", "nr"],
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
  payment: {
    columns: {
      loan_id: "bytea",
      nr: "integer",
      payer: "bytea",
      recipient: "bytea",
      day: "integer",
      ...components,
      penalty_total: "numeric",
      fee_total: "numeric",
      interest_total: "numeric",
      principal_total: "numeric",
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
  closing: { columns: { loan_id: "bytea", day: "integer", ...proof }, key: ["loan_id"] },
  note_transfer: {
    columns: { loan_id: "bytea", from_address: "bytea", to_address: "bytea", ...proof },
    key: ["loan_id", ...position],
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];

type Columns<T extends TableName> = (typeof tables)[T]["columns"];
type Row<T extends TableName> = {
  [C in keyof Columns<T>]: Columns<T>[C] extends Kind ? Value[Columns<T>[C]] : never;
};

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
