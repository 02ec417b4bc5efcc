import { z } from "zod";

/* What the pages read of the API. Answers are parsed here, at the border; members that no page shows are left out. */

const amount = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);
const hex = (bytes: number) =>
  z.custom<`0x${string}`>(
    (value) => typeof value === "string" && new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(value),
  );
const hash = hex(32);
const address = hex(20);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const proof = z.object({
  block_number: z.number(),
  block_hash: hash,
  transaction_hash: hash,
  log_index: z.number(),
});
const components = z.object({
  penalty: amount,
  fee: amount,
  interest: amount,
  principal: amount,
  total: amount,
});
const asOf = z.object({
  block_number: z.number(),
  block_hash: hash,
  block_time: z.iso.datetime(),
  today: date,
});
const currency = z.object({
  address,
  symbol: z.string().transform((symbol) => symbol.slice(0, 16)),
  decimals: z.int().min(0).max(18),
  unit: amount,
});
const chain = z.object({ chain_id: z.int(), loan_book: address });

const head = z.object({
  id: hash,
  state: z.enum(["active", "closed", "funded", "cancelled", "written_off"]),
  days_past_due: z.int(),
  arrears_since_date: date.nullable(),
  overdue: amount,
  borrower: address,
  lender: address,
  owner: address,
  currency,
  outstanding_principal: amount,
  next_instalment: z.object({ nr: z.int(), due_date: date, unpaid: amount }).nullable(),
  as_of: asOf,
  proof,
});

const summary = head.extend({
  principal: amount,
  total_repayable: amount,
  instalment_count: z.int(),
  instalments_paid: z.int(),
  closed_date: date.nullable(),
});

const componentName = z.enum(["penalty", "fee", "interest", "principal"]);

const terms = z.object({
  borrower: address,
  payee: address,
  disburse_from_date: date,
  disburse_until_date: date,
  principal: amount,
  total_repayable: amount,
  first_due_date: date,
  last_due_date: date,
  instalment_count: z.int(),
  upfront_fee: amount,
  penalty: z.object({ rate_bps: z.int(), grace_days: z.int(), cap: amount }),
  waterfall: z.array(componentName).length(4),
  early_settlement: z.enum(["full", "pro_rata"]),
  reversal_days: z.int(),
  cooling_off_days: z.int(),
  utc_offset_s: z.int(),
  document_hash: hash,
  language: z.string(),
  salt: hash,
  expiry_s: amount,
});

const instalment = z.object({
  nr: z.int(),
  due_date: date,
  principal: amount,
  interest: amount,
  fee: amount,
  total: amount,
  paid: components,
  waived_interest: amount,
  unpaid: amount,
  last_paid_date: date.nullable(),
  state: z.enum(["paid", "part_paid", "overdue", "due", "scheduled"]),
});

const payment = z.object({
  nr: z.int(),
  date,
  payer: address,
  penalty: amount,
  fee: amount,
  interest: amount,
  principal: amount,
  total: amount,
  waived_interest: amount,
  late_days: z.int(),
  version: z.int(),
  reversal: z.object({ date, proof }).nullable(),
  allocations: z.array(z.object({ instalment_nr: z.int() })),
  proof,
});

const restructuring = z.object({
  version: z.int(),
  date,
  capitalised: amount,
  forgiven: amount,
  principal: amount,
  total_repayable: amount,
  first_due_date: date,
  last_due_date: date,
  instalment_count: z.int(),
  superseded: z.array(z.object({ due_date: date, principal: amount, interest: amount, fee: amount })),
  proof,
});

const loan = head.extend({
  chain,
  terms,
  terms_document: z.object({ canonical: z.string() }).nullable(),
  funding: z.object({ date, amount, proof }).nullable(),
  disbursement: z.object({ date, amount, proof }).nullable(),
  schedule: z.array(instalment).min(1),
  restructurings: z.array(restructuring),
  payments: z.array(payment),
  totals: z.object({ paid: components, paid_before: components, waived_interest: amount }),
  due_today: components.nullable(),
  payoff_today: components.nullable(),
  closing: z.object({ date, proof }).nullable(),
  cancellation: z.object({ kind: z.enum(["cancelled", "returned"]), date, amount, proof }).nullable(),
  write_off: z.object({ date, proof }).nullable(),
});

const pool = z.object({
  address,
  chain,
  currency: z.object({ address, symbol: z.string().nullable() }),
  utc_offset_s: z.int(),
  decimals: z.int().min(0).max(18).nullable(),
  state: z.object({
    cash: amount,
    held: amount,
    funded: amount,
    outstanding: amount,
    fees: amount,
    reserved: amount,
    cover: amount,
    total_supply: amount,
    paused: z.boolean(),
    proof,
  }),
  accrual: z
    .object({ recognised: amount, total_assets: amount, provisions: amount, exit_deduction: amount })
    .nullable(),
  share_price: z.object({ numerator: amount, denominator: amount }).nullable(),
  exit_price: z.object({ numerator: amount, denominator: amount }).nullable(),
  share_decimals: z.int().nullable(),
  redemptions: z.object({ waiting: z.int(), pending_shares: amount }),
  loans: z.object({
    total: z.int(),
    active: z.int(),
    funded: z.int(),
    written_off: z.int(),
    outstanding_principal: amount,
    funded_principal: amount,
  }),
  as_of: asOf,
  proof,
});

const loanList = z.object({ data: z.array(summary), next_cursor: z.string().nullable() });
const poolList = z.object({ data: z.array(pool) });
const ready = z.object({ status: z.literal("ready") });
const notReady = z.object({
  code: z.string(),
  reason: z.string().optional(),
  lag_blocks: z.int().optional(),
});

export type LoanSummary = z.output<typeof summary>;
export type Loan = z.output<typeof loan>;
export type Instalment = Loan["schedule"][number];
export type Payment = Loan["payments"][number];
export type Pool = z.output<typeof pool>;
export type Proof = z.output<typeof proof>;
export type AsOf = z.output<typeof asOf>;
/** Whether the figures are fresh; `reason` is one of the API's words. */
export type Readiness = { ready: true } | { ready: false; reason: string; lagBlocks: number | undefined };

/** The API does not answer, or answers what the pages do not understand. */
export class ApiUnavailable extends Error {
  override readonly name = "ApiUnavailable";
}

const TIMEOUT_MS = 8_000;

export interface Api {
  /** Undefined when the cursor is not one of the API's. */
  loans(cursor: string | undefined): Promise<z.output<typeof loanList> | undefined>;
  /** Undefined when there is no such loan. */
  loan(id: string): Promise<Loan | undefined>;
  pools(): Promise<Pool[]>;
  pool(address: string): Promise<Pool | undefined>;
  readiness(): Promise<Readiness>;
}

/** Reads the HTTP API at `apiUrl`, as anybody could. Throws ApiUnavailable. */
export function createApiClient(apiUrl: string): Api {
  const ask = async (path: string): Promise<{ status: number; body: unknown }> => {
    try {
      const response = await fetch(new URL(path, apiUrl), { signal: AbortSignal.timeout(TIMEOUT_MS) });
      return { status: response.status, body: await response.json() };
    } catch (cause) {
      throw new ApiUnavailable(`no answer to ${path}`, { cause });
    }
  };
  const read = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> => {
    const { status, body } = await ask(path);
    if (status === 404 || status === 422) return undefined;
    const parsed = schema.safeParse(body);
    if (status !== 200 || !parsed.success) throw new ApiUnavailable(`${path} answered ${status}`);
    return parsed.data;
  };
  return {
    loans: (cursor) =>
      read(cursor === undefined ? "/v1/loans" : `/v1/loans?${new URLSearchParams({ cursor })}`, loanList),
    loan: (id) => read(`/v1/loans/${id}`, loan),
    pools: async () => (await read("/v1/pools", poolList))?.data ?? [],
    pool: (of) => read(`/v1/pools/${of}`, pool),
    readiness: async () => {
      const { status, body } = await ask("/readyz");
      if (status === 200 && ready.safeParse(body).success) return { ready: true };
      const { reason, lag_blocks } = notReady.safeParse(body).data ?? {};
      return { ready: false, reason: reason ?? "unknown", lagBlocks: lag_blocks };
    },
  };
}
