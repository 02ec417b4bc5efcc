import { createHash } from "node:crypto";
import pg from "pg";
import { type Address, type Hex, toHex } from "viem";
import { type Agreement, agreementDomain, loanIdOf } from "../../lending/agreement.ts";
import {
  due,
  type EnforcedTerms,
  openStanding,
  outstandingPrincipal,
  repay,
  reverse,
  type Standing,
  sumOf,
} from "../../lending/allocation.ts";
import { parseDate, startOfDay } from "../../lending/calendar.ts";
import { agreementFromTerms } from "../../lending/offer.ts";
import { buildRestructuring, type Restructuring } from "../../lending/restructuring.ts";
import { restructure } from "../../lending/restructuring-check.ts";
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
export const LENDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
export const DESK = "0xdE5C000000000000000000000000000000000001";
export const KYC_REGISTRY = "0x4b5c000000000000000000000000000000000002";
export const WALLET_RECOVERY = "0x3a5c000000000000000000000000000000000003";
const UNIT = 10_000n;

const word = (...parts: unknown[]) => createHash("sha256").update(parts.join("/")).digest();
const bytes = (hex: string) => Buffer.from(hex.slice(2), "hex");
export const day = (date: string) => parseDate(date, "date");

/** Where a fact stands; `seq` numbers the logs of a block. */
interface Place {
  block: number;
  log: number;
}

/** A loan on its way through its history. */
interface Course {
  terms: EnforcedTerms;
  standing: Standing;
  /** Standings before each payment, to take it back. */
  before: Standing[];
}

export class Seed {
  readonly client: pg.Client;
  private readonly courses = new Map<Hex, Course>();
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
      kyc_registry: bytes(KYC_REGISTRY),
      wallet_recovery: bytes(WALLET_RECOVERY),
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
    await this.fact("pool_supply", "SupplyUpdated", {
      pool: bytes(POOL),
      total_supply: 10_000_000_000_000_000n,
    });
    await this.books({ cash: 10_000_000_000n });
  }

  /** The pool's books; figures in base units. */
  async books(figures: {
    cash?: bigint;
    outstanding?: bigint;
    interest?: bigint;
    fees?: bigint;
  }): Promise<void> {
    await this.fact("pool_books", "BooksUpdated", {
      pool: bytes(POOL),
      cash: figures.cash ?? 0n,
      outstanding: figures.outstanding ?? 0n,
      interest_received: figures.interest ?? 0n,
      fees: figures.fees ?? 0n,
    });
  }

  async reserves(
    figures: Partial<Record<"held" | "funded" | "reserved" | "cover" | "uncovered" | "cover_before", bigint>>,
  ): Promise<void> {
    const none = { held: 0n, funded: 0n, reserved: 0n, cover: 0n, uncovered: 0n, cover_before: 0n };
    await this.fact("pool_reserves", "ReservesUpdated", { pool: bytes(POOL), ...none, ...figures });
  }

  /** What the pool's contract answered at the newest block. */
  async quote(recognised: bigint, provisions = 0n, exitDeduction = 0n): Promise<void> {
    await this.client.query("delete from chain.pool_quote");
    await this.insert("pool_quote", {
      pool: bytes(POOL),
      block_number: this.block,
      recognised,
      provisions,
      exit_deduction: exitDeduction,
    });
  }

  async limits(): Promise<void> {
    await this.fact("pool_limits", "LimitsSet", {
      pool: bytes(POOL),
      one_approval_up_to: 1n,
      max_principal: 2n,
      max_per_borrower: 3n,
      max_outstanding: 4n,
      rate_capacity: 5n,
      rate_window_s: 6,
      max_term_days: 7,
      max_cost_bps: 8,
    });
  }

  /** A request to leave, of which `fulfilled` shares were served. */
  async redemption(id: number, shares: bigint, fulfilled = 0n): Promise<void> {
    const key = { pool: bytes(POOL), request_id: id, controller: bytes(LENDER) };
    const parties = { owner: bytes(LENDER), sender: bytes(LENDER) };
    await this.fact("redemption_request", "RedeemRequest", { ...key, ...parties, shares });
    if (fulfilled === 0n) return;
    await this.fact("redemption_fulfilment", "RedemptionFulfilled", {
      ...key,
      shares: fulfilled,
      assets: 1n,
    });
  }

  async pause(paused: boolean): Promise<void> {
    await this.fact("pause", paused ? "Paused" : "Unpaused", {
      contract: bytes(POOL),
      paused,
      account: bytes(LENDER),
    });
  }

  /** Originates `agreement` in the newest block. A payee that is not the borrower leaves it *Funded*. */
  async originate(agreement: Agreement, disbursedDay = agreement.disburseFromDay): Promise<Hex> {
    const loanId = loanIdOf(agreementDomain(CHAIN_ID, LOAN_BOOK), agreement);
    const loan_id = bytes(loanId);
    const place = await this.fact("loan", "LoanOriginated", { loan_id, ...loanColumns(agreement) });
    for (const [at, row] of agreement.schedule.entries())
      await this.also("instalment", place, { loan_id, version: 1, nr: at + 1, ...row });
    await this.fact("note_transfer", "Transfer", {
      loan_id,
      from_address: Buffer.alloc(20),
      to_address: bytes(agreement.lender),
    });
    if (agreement.payee === agreement.borrower) await this.disburse(agreement, loanId, disbursedDay);
    else {
      const amount = agreement.principal - agreement.upfrontFee;
      const payee = bytes(agreement.payee);
      await this.fact("funding", "LoanFunded", { loan_id, payee, day: disbursedDay, amount });
    }
    return loanId;
  }

  async disburse(agreement: Agreement, loanId: Hex, day: number): Promise<void> {
    await this.fact("disbursement", "Disbursed", {
      loan_id: bytes(loanId),
      payee: bytes(agreement.payee),
      day,
      amount: agreement.principal - agreement.upfrontFee,
      upfront_fee: agreement.upfrontFee,
    });
    const terms = { ...agreement, earlySettlement: agreement.earlySettlement as 0 | 1 };
    this.courses.set(loanId, { terms, standing: openStanding(day), before: [] });
  }

  async cancel(agreement: Agreement, loanId: Hex, on: string, kind: "cancelled" | "returned"): Promise<void> {
    await this.fact("cancellation", kind === "cancelled" ? "LoanCancelled" : "LoanReturned", {
      loan_id: bytes(loanId),
      kind,
      by_address: bytes(agreement.borrower),
      recipient: bytes(agreement.lender),
      day: day(on),
      amount: agreement.principal - agreement.upfrontFee,
    });
  }

  async writeOff(loanId: Hex, on: string): Promise<void> {
    const { terms, standing } = this.courseOf(loanId);
    await this.fact("write_off", "LoanWrittenOff", {
      loan_id: bytes(loanId),
      owner: bytes(POOL),
      day: day(on),
      outstanding_principal: outstandingPrincipal(terms, standing),
    });
  }

  /** What the account owes is `successor`'s from now on. */
  async move(account: Address, successor: Address): Promise<void> {
    await this.fact("recovery_step", "AccountMoved", {
      account: bytes(account),
      successor: bytes(successor),
      kind: "moved",
      by_address: bytes(successor),
      evidence: Buffer.alloc(32),
      from_s: 0,
      until_s: 0,
    });
  }

  private courseOf(loanId: Hex): Course {
    const course = this.courses.get(loanId);
    if (course === undefined) throw new Error(`loan ${loanId} was not disbursed`);
    return course;
  }

  /** The note goes from one to the other; the pool does not let one go without a sale. */
  async sellNote(loanId: Hex, from: Address, to: Address): Promise<void> {
    if (from === POOL) {
      const deal = { pool: bytes(POOL), loan_id: bytes(loanId), kind: "sale", buyer: bytes(to) };
      await this.fact("note_deal", "NoteSold", { ...deal, price: 1n, carrying: 1n });
    }
    await this.fact("note_transfer", "Transfer", {
      loan_id: bytes(loanId),
      from_address: bytes(from),
      to_address: bytes(to),
    });
  }

  /**
   * Plays payments through lending/ and writes what the contract would have emitted, each in a block of its own. Those
   * by `recorder` can be taken back.
   */
  async repay(
    agreement: Agreement,
    loanId: Hex,
    payments: readonly { on: string; amount: Amount; recorder?: Address }[],
  ): Promise<void> {
    const course = this.courseOf(loanId);
    for (const { on, amount, recorder } of payments) {
      await this.mine(on);
      const { terms, standing } = course;
      const asked = amount === "due" ? sumOf(due(terms, standing, day(on))) : amount;
      const outcome = repay(terms, standing, asked, day(on));
      course.standing = outcome.next;
      course.before.push(standing);
      const nr = outcome.next.payments;
      const loan_id = bytes(loanId);
      await this.fact("payment", "Repaid", {
        ...{ loan_id, nr, payer: bytes(recorder ?? agreement.borrower), recipient: bytes(agreement.lender) },
        ...{ day: day(on), ...outcome.components, ...totalsOf(outcome.next) },
        waived_interest: outcome.waivedInterest,
        outstanding_principal: outstandingPrincipal(terms, outcome.next),
      });
      for (const { index, waivedInterest, ...split } of outcome.perInstalment) {
        await this.fact("allocation", "InstalmentRepaid", {
          ...{ loan_id, payment_nr: nr, instalment_nr: index + 1, ...split },
          waived_interest: waivedInterest,
        });
      }
      if (recorder !== undefined) {
        const record = { loan_id, payment_nr: nr, recorder: bytes(recorder), recorded_at_s: this.time };
        await this.fact("payment_record", "PaymentRecorded", record);
      }
      if (outcome.closed) await this.fact("closing", "LoanClosed", { loan_id, day: day(on) });
      else if (standing.arrearsDay !== 0 && outcome.next.arrearsDay === 0)
        await this.fact("cure", "LoanCured", { loan_id, day: day(on) });
    }
  }

  /** Takes the latest payment back. */
  async reverse(loanId: Hex, recorder: Address, on: string): Promise<void> {
    await this.mine(on);
    const course = this.courseOf(loanId);
    const payment_nr = course.standing.payments;
    course.standing = reverse(course.before.pop() ?? course.standing, course.standing);
    await this.fact("reversal", "PaymentReversed", {
      ...{ loan_id: bytes(loanId), payment_nr, recorder: bytes(recorder), day: day(on) },
      ...totalsOf(course.standing),
      outstanding_principal: outstandingPrincipal(course.terms, course.standing),
    });
  }

  /** Puts a loan on a new table: `months` equal rows from a month after `on`. */
  async restructure(loanId: Hex, on: string, months: number, capitalised = 0n): Promise<Restructuring> {
    await this.mine(on);
    const course = this.courseOf(loanId);
    const { terms, standing } = course;
    const principal = outstandingPrincipal(terms, standing) + capitalised;
    const part = principal / BigInt(months);
    const signed = buildRestructuring({
      loanId,
      version: standing.version + 1,
      payments: standing.payments,
      paid: standing.paid,
      capitalised,
      documentHash: `0x${"d1".repeat(32)}`,
      expiry: 4_000_000_000n,
      schedule: Array.from({ length: months }, (_, i) => ({
        day: day(on) + 30 * (i + 1),
        principal: i === 0 ? principal - part * BigInt(months - 1) : part,
        interest: 250n,
        fee: 0n,
      })),
    });
    const next = restructure(terms, standing, signed, day(on));
    const loan_id = bytes(loanId);
    const place = await this.fact("restructuring", "LoanRestructured", {
      ...{ loan_id, version: signed.version, day: day(on), payments: signed.payments },
      penalty_paid: signed.paid.penalty,
      fee_paid: signed.paid.fee,
      interest_paid: signed.paid.interest,
      principal_paid: signed.paid.principal,
      ...{ capitalised, forgiven: next.forgiven, principal, total_repayable: signed.totalRepayable },
      ...{ first_day: signed.firstDay, last_day: signed.lastDay, instalment_count: signed.count },
      ...{ document_hash: bytes(signed.documentHash), expiry: signed.expiry },
      penalty_cap: next.terms.penaltyCap,
      arrears_day: next.standing.arrearsDay,
    });
    for (const [at, row] of signed.schedule.entries())
      await this.also("instalment", place, { loan_id, version: signed.version, nr: at + 1, ...row });
    Object.assign(course, { terms: next.terms, standing: next.standing });
    return signed;
  }
}

function totalsOf({ paid }: Standing) {
  return {
    penalty_total: paid.penalty,
    fee_total: paid.fee,
    interest_total: paid.interest,
    principal_total: paid.principal,
  };
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
    cooling_off_days: agreement.coolingOffDays,
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
  payee: Address = borrower,
): { agreement: Agreement; canonical: string } {
  const terms = c02Terms(seed);
  const agreement = agreementFromTerms({
    terms,
    borrower,
    payee,
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
  await seed.books({ cash: 5_000_000_000n, outstanding: 5_000_000_000n });
  await seed.repay(agreement, loanId, threePayments);
  await seed.mine(today);
  return { seed, agreement, canonical, loanId };
}
