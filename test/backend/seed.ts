import { createHash } from "node:crypto";
import pg from "pg";
import { type Address, type Hex, toHex } from "viem";
import { type Agreement, agreementDomain, loanIdOf } from "../../lending/agreement.ts";
import { due, openStanding, repay, sumOf } from "../../lending/allocation.ts";
import { parseDate, startOfDay } from "../../lending/calendar.ts";
import { agreementFromTerms } from "../../lending/offer.ts";
import { buildTerms, canonicalTerms } from "../../lending/terms.ts";
import { c02Rules } from "../support/samples.ts";

/*
 * Writes consistent rows of the mirror without a chain: the figures come from lending/, as the contract would have
 * emitted them. The path from real events is tested in test/system.
 */

export const CHAIN_ID = 31_337;
export const UTC_OFFSET_S = 10_800;
export const LOAN_BOOK = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
export const TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const POOL = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
export const BORROWER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const LENDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const UNIT = 10_000n;

const word = (...parts: unknown[]) => createHash("sha256").update(parts.join("/")).digest();
const bytes = (hex: string) => Buffer.from(hex.slice(2), "hex");
export const day = (date: string) => parseDate(date, "date");

/** Where a fact stands; `seq` numbers the logs of a block. */
interface Place {
  block: number;
  log: number;
}

export class Seed {
  readonly client: pg.Client;
  private block = 0;
  private time = 0;
  private log = 0;

  constructor(databaseUrl: string) {
    this.client = new pg.Client({ connectionString: databaseUrl });
  }

  async open(): Promise<this> {
    await this.client.connect();
    return this;
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async insert(table: string, row: Record<string, unknown>): Promise<void> {
    const columns = Object.keys(row);
    const places = columns.map((_, at) => `$${at + 1}`);
    await this.client.query(
      `insert into chain.${table} (${columns.join(", ")}) values (${places.join(", ")})`,
      Object.values(row).map((value) => (typeof value === "bigint" ? String(value) : value)),
    );
  }

  /** The next block, at noon of `date` in the institution's offset, and the checkpoint on it. */
  async mine(date: string): Promise<number> {
    this.block += 1;
    this.log = 0;
    this.time = Math.max(this.time + 1, startOfDay(day(date), UTC_OFFSET_S) + 43_200);
    const parent = word("block", this.block - 1);
    await this.insert("block", {
      number: this.block,
      hash: word("block", this.block),
      parent_hash: parent,
      time: this.time,
    });
    await this.client.query(
      `insert into chain.checkpoint (block_number, block_hash, block_time, head_number, head_time, head_seen_at, updated_at)
       values ($1, $2, $3, $1, $3, now(), now())
       on conflict (singleton) do update set block_number = excluded.block_number, block_hash = excluded.block_hash,
         block_time = excluded.block_time, head_number = excluded.head_number, head_time = excluded.head_time,
         head_seen_at = now(), updated_at = now()`,
      [this.block, word("block", this.block), this.time],
    );
    return this.block;
  }

  private async fact(table: string, event: string, row: Record<string, unknown>): Promise<Place> {
    const place = { block: this.block, log: this.log++ };
    const origin = {
      block_number: place.block,
      block_hash: word("block", place.block),
      tx_hash: word("tx", place.block),
    };
    await this.insert("log", {
      ...origin,
      log_index: place.log,
      tx_index: 0,
      address: bytes(LOAN_BOOK),
      topics: [],
      data: Buffer.alloc(0),
      event,
    });
    await this.insert(table, { ...row, ...origin, log_index: place.log });
    return place;
  }

  /** A second fact of the same log. */
  private async also(table: string, place: Place, row: Record<string, unknown>): Promise<void> {
    await this.insert(table, {
      ...row,
      block_number: place.block,
      block_hash: word("block", place.block),
      tx_hash: word("tx", place.block),
      log_index: place.log,
    });
  }

  /** The chain, its currency and its pool. `symbol` is whatever the token says of itself. */
  async institution(symbol = "USDX"): Promise<void> {
    await this.insert("mirror", {
      chain_id: CHAIN_ID,
      genesis_hash: word("genesis"),
      loan_book: bytes(LOAN_BOOK),
      start_block: 1,
    });
    await this.mine("2022-10-31");
    await this.fact("currency", "CurrencyAllowed", {
      address: bytes(TOKEN),
      allowed: true,
      decimals: 6,
      symbol,
    });
    await this.fact("pool", "PoolRegistered", {
      address: bytes(POOL),
      currency: bytes(TOKEN),
      utc_offset_s: UTC_OFFSET_S,
    });
    await this.mine("2022-10-31");
    await this.fact("pool_flow", "Deposit", {
      pool: bytes(POOL),
      kind: "deposit",
      sender: bytes(LENDER),
      owner: bytes(LENDER),
      receiver: bytes(LENDER),
      assets: 10_000_000_000n,
      shares: 10_000_000_000_000_000n,
    });
    await this.pool({ cash: 10_000_000_000n });
  }

  /** The pool's books; figures in base units. */
  async pool(books: { cash?: bigint; outstanding?: bigint; income?: bigint; held?: bigint }): Promise<void> {
    await this.fact("pool_state", "PoolUpdated", {
      pool: bytes(POOL),
      cash: books.cash ?? 0n,
      held_cash: books.held ?? 0n,
      outstanding_principal: books.outstanding ?? 0n,
      income_received: books.income ?? 0n,
      total_supply: 10_000_000_000_000_000n,
    });
  }

  /** Originates `agreement` in the newest block. */
  async originate(agreement: Agreement, disbursedDay = agreement.disburseFromDay): Promise<Hex> {
    const loanId = loanIdOf(agreementDomain(CHAIN_ID, LOAN_BOOK), agreement);
    const loan_id = bytes(loanId);
    const place = await this.fact("loan", "LoanOriginated", { loan_id, ...loanColumns(agreement) });
    for (const [at, row] of agreement.schedule.entries())
      await this.also("instalment", place, { loan_id, nr: at + 1, ...row });
    await this.fact("note_transfer", "Transfer", {
      loan_id,
      from_address: Buffer.alloc(20),
      to_address: bytes(agreement.lender),
    });
    await this.fact("disbursement", "Disbursed", {
      loan_id,
      payee: bytes(agreement.payee),
      day: disbursedDay,
      amount: agreement.principal - agreement.upfrontFee,
      upfront_fee: agreement.upfrontFee,
    });
    return loanId;
  }

  async sellNote(loanId: Hex, from: Address, to: Address): Promise<void> {
    await this.fact("note_transfer", "Transfer", {
      loan_id: bytes(loanId),
      from_address: bytes(from),
      to_address: bytes(to),
    });
  }

  /** Plays payments through lending/ and writes what the contract would have emitted, each in a block of its own. */
  async repay(
    agreement: Agreement,
    loanId: Hex,
    payments: readonly { on: string; amount: Amount }[],
  ): Promise<void> {
    const terms = { ...agreement, earlySettlement: agreement.earlySettlement as 0 | 1 };
    let standing = openStanding(agreement.disburseFromDay);
    for (const [at, { on, amount }] of payments.entries()) {
      await this.mine(on);
      const asked = amount === "due" ? sumOf(due(terms, standing, day(on))) : amount;
      const outcome = repay(terms, standing, asked, day(on));
      standing = outcome.next;
      const { penalty, fee, interest, principal } = standing.paid;
      const loan_id = bytes(loanId);
      await this.fact("payment", "Repaid", {
        ...{ loan_id, nr: at + 1, payer: bytes(agreement.borrower), recipient: bytes(agreement.lender) },
        ...{ day: day(on), ...outcome.components },
        ...{ penalty_total: penalty, fee_total: fee, interest_total: interest, principal_total: principal },
        waived_interest: outcome.waivedInterest,
        outstanding_principal: agreement.principal - principal,
      });
      for (const { index, waivedInterest, ...split } of outcome.perInstalment) {
        await this.fact("allocation", "InstalmentRepaid", {
          ...{ loan_id, payment_nr: at + 1, instalment_nr: index + 1, ...split },
          waived_interest: waivedInterest,
        });
      }
      if (outcome.closed) await this.fact("closing", "LoanClosed", { loan_id, day: day(on) });
    }
  }
}

/** Minor units, or whatever is due on the day. */
type Amount = bigint | "due";

function loanColumns(agreement: Agreement): Record<string, unknown> {
  return {
    borrower: bytes(agreement.borrower),
    lender: bytes(agreement.lender),
    currency: bytes(agreement.currency),
    unit: agreement.unit,
    payee: bytes(agreement.payee),
    disburse_from_day: agreement.disburseFromDay,
    disburse_until_day: agreement.disburseUntilDay,
    principal: agreement.principal,
    total_repayable: agreement.totalRepayable,
    first_day: agreement.firstDay,
    last_day: agreement.lastDay,
    instalment_count: agreement.count,
    upfront_fee: agreement.upfrontFee,
    penalty_rate_bps: agreement.penaltyRateBps,
    penalty_grace_days: agreement.penaltyGraceDays,
    penalty_cap: agreement.penaltyCap,
    waterfall: bytes(agreement.waterfall),
    early_settlement: agreement.earlySettlement,
    reversal_days: agreement.reversalDays,
    utc_offset_s: agreement.utcOffset,
    document_hash: bytes(agreement.documentHash),
    language: agreement.language,
    salt: bytes(agreement.salt),
    expiry: agreement.expiry,
  };
}

/** The terms of golden case C02 (5,000.00 at 12 %, 18 monthly equal instalments), with a late rule. */
export function c02Terms(seed = 0) {
  return buildTerms({
    ...c02Rules,
    salt: toHex(word("terms salt", seed)),
    language: "en",
    upfront_fee: "0",
    penalty: { rate_bps: 1_000, grace_days: 3, cap: "50000" },
  });
}

export function c02Agreement(
  seed = 0,
  borrower: Address = BORROWER,
): { agreement: Agreement; canonical: string } {
  const terms = c02Terms(seed);
  const agreement = agreementFromTerms({
    terms,
    borrower,
    lender: POOL,
    currency: TOKEN,
    unit: UNIT,
    utcOffset: UTC_OFFSET_S,
    salt: toHex(word("agreement salt", seed)),
    expiry: BigInt(startOfDay(day("2022-11-09"), UTC_OFFSET_S)),
  });
  return { agreement, canonical: canonicalTerms(terms) };
}

/** On time, eleven days late with its penalty, and two days early. */
export const threePayments = [
  { on: "2022-12-01", amount: "due" },
  { on: "2023-01-12", amount: "due" },
  { on: "2023-01-30", amount: 30_500n },
] as const;

/** The institution with C02 after three payments, seen on `today`. */
export async function seedC02(databaseUrl: string, today = "2023-02-05") {
  const seed = await new Seed(databaseUrl).open();
  await seed.institution();
  const { agreement, canonical } = c02Agreement();
  await seed.mine("2022-11-01");
  const loanId = await seed.originate(agreement);
  await seed.pool({ cash: 5_000_000_000n, outstanding: 5_000_000_000n });
  await seed.repay(agreement, loanId, threePayments);
  await seed.mine(today);
  return { seed, agreement, canonical, loanId };
}
