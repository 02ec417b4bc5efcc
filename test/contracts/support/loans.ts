import { expect } from "chai";
import type { ContractTransactionResponse, Result, TypedDataField } from "ethers";
import {
  type Agreement,
  agreementTypes,
  buildAgreement,
  type ConsentRole,
  consentTypedData,
  type Instalment,
  loanIdOf,
} from "../../../lending/agreement.ts";
import {
  type Components,
  type EnforcedTerms,
  openStanding,
  type Standing,
} from "../../../lending/allocation.ts";
import { as, ethers, type Signer, todayIn } from "./chain.ts";
import { type LoanBook, UNIT, UTC_OFFSET, type World } from "./world.ts";

type Hex = `0x${string}`;

/** Who signs or calls in place of the usual ones; a signature is given where somebody else's is wanted. */
export interface OriginateOptions {
  caller?: Signer;
  borrowerSignature?: string;
  lenderSignature?: string;
}

/** One repayment as the chain tells it. */
export interface Paid {
  paid: Components;
  totals: Components;
  waivedInterest: bigint;
  outstandingPrincipal: bigint;
  payer: string;
  recipient: string;
  day: number;
  paymentNr: number;
  allocations: (Components & { index: number; waivedInterest: bigint })[];
  closed: boolean;
  transaction: ContractTransactionResponse;
}

let salts = 0n;

/**
 * An agreement between `borrower` and `lender`, to be disbursed from today on: three instalments of 100.00 + 10.00 + 1.00
 * on days 30, 60 and 90 from today; penalty 0.1 % a day after 5 days, at most 50.00; settled pro rata.
 */
export async function draft(world: World, changes: Partial<Agreement> = {}): Promise<Agreement> {
  const today = await todayIn(changes.utcOffset ?? UTC_OFFSET);
  salts += 1n;
  const borrower = changes.borrower ?? (world.people.borrower.address as Hex);
  const members = {
    borrower,
    lender: world.people.lender.address as Hex,
    currency: (await world.dollar.getAddress()) as Hex,
    unit: UNIT,
    payee: borrower,
    disburseFromDay: today,
    disburseUntilDay: today + 10,
    upfrontFee: 0n,
    penaltyRateBps: 3650,
    penaltyGraceDays: 5,
    penaltyCap: 5_000n,
    waterfall: "0x00010203" as Hex,
    earlySettlement: 1,
    reversalDays: 7,
    coolingOffDays: 0,
    utcOffset: UTC_OFFSET,
    documentHash: `0x${"d0".repeat(32)}` as Hex,
    language: "sw-KE",
    salt: ethers.toBeHex(salts, 32) as Hex,
    expiry: 4_000_000_000n,
    schedule: rows([today + 30, today + 60, today + 90]),
  };
  return { ...buildAgreement({ ...members, ...changes }), ...changes };
}

/** The same instalment on each of `days`. */
export function rows(days: number[], principal = 10_000n, interest = 1_000n, fee = 100n): Instalment[] {
  return days.map((day) => ({ day, principal, interest, fee }));
}

/** `types` as ethers wants them: without the read-only marks of a constant. */
export function ethersTypes(names: (keyof typeof agreementTypes)[]): Record<string, TypedDataField[]> {
  return Object.fromEntries(names.map((name) => [name, [...agreementTypes[name]]]));
}

/** `signer`'s consent in `role`. */
export async function sign(
  world: World,
  role: ConsentRole,
  agreement: Agreement,
  signer: Signer,
): Promise<string> {
  const { domain, message } = consentTypedData(world.domain, role, agreement);
  return await signer.signTypedData(domain, ethersTypes(["Consent", "Agreement", "Instalment"]), message);
}

/** Calls `originate`: by a stranger with both signatures unless told otherwise. */
export async function originate(world: World, agreement: Agreement, options: OriginateOptions = {}) {
  const { people, book } = world;
  const borrowerSignature =
    options.borrowerSignature ?? (await sign(world, "borrower", agreement, people.borrower));
  const lenderSignature = options.lenderSignature ?? (await sign(world, "lender", agreement, people.lender));
  const caller = options.caller ?? people.stranger;
  return await as(caller, book).originate(agreement, borrowerSignature, lenderSignature);
}

/** A loan that stands, by `changes` of the usual agreement. */
export async function lend(world: World, changes: Partial<Agreement> = {}) {
  const agreement = await draft(world, changes);
  await originate(world, agreement);
  return { agreement, loanId: loanIdOf(world.domain, agreement), day: await todayIn(agreement.utcOffset) };
}

/** Pays by `payer` (the borrower if left out) and reads what the chain says of it. */
export async function repay(world: World, loanId: string, amount: bigint, payer?: Signer): Promise<Paid> {
  const { book, people } = world;
  const transaction: ContractTransactionResponse = await as(payer ?? people.borrower, book).repay(
    loanId,
    amount,
  );
  return await readPayment(book, transaction);
}

/** Reads the events of one repayment: its instalments, then its total, then perhaps the closing. */
export async function readPayment(book: LoanBook, transaction: ContractTransactionResponse): Promise<Paid> {
  const receipt = await transaction.wait();
  const address = await book.getAddress();
  const events = (receipt?.logs ?? [])
    .filter((log) => log.address === address)
    .flatMap((log) => book.interface.parseLog(log) ?? []);
  const names = events.map((event) => event.name).filter((name) => name !== "PaymentHeld");
  const instalments = names.lastIndexOf("InstalmentRepaid") + 1;
  expect(names.slice(0, instalments).every((name) => name === "InstalmentRepaid")).to.equal(true);
  expect(names[instalments]).to.equal("Repaid");
  const repaid = events[instalments]?.args;
  if (repaid === undefined) throw new Error("the transaction repaid nothing");
  return {
    paid: components(repaid.paid),
    totals: components(repaid.totals),
    waivedInterest: repaid.waivedInterest,
    outstandingPrincipal: repaid.outstandingPrincipal,
    payer: repaid.payer,
    recipient: repaid.recipient,
    day: Number(repaid.day),
    paymentNr: Number(repaid.paymentNr),
    allocations: events.slice(0, instalments).map(({ args }) => ({
      index: Number(args.index),
      ...components(args),
      waivedInterest: args.waivedInterest,
    })),
    closed: names.includes("LoanClosed"),
    transaction,
  };
}

/** The four components of a struct or an event that ethers has decoded. */
export function components(decoded: Components | Result): Components {
  const { penalty, fee, interest, principal } = decoded as Components;
  return { penalty, fee, interest, principal };
}

/** Components in the order penalty, fee, interest, principal. */
export function parts(penalty: bigint, fee: bigint, interest: bigint, principal: bigint): Components {
  return { penalty, fee, interest, principal };
}

/** What `lending/` needs to follow the loan. */
export function enforced(agreement: Agreement, day: number): { terms: EnforcedTerms; standing: Standing } {
  const { schedule, penaltyRateBps, penaltyGraceDays, penaltyCap, waterfall } = agreement;
  const earlySettlement = agreement.earlySettlement === 1 ? 1 : 0;
  return {
    terms: { schedule, penaltyRateBps, penaltyGraceDays, penaltyCap, waterfall, earlySettlement },
    standing: openStanding(day),
  };
}
