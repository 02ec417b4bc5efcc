import type pg from "pg";
import type { ContractFunctionReturnType, Hash, Hex, PublicClient } from "viem";
import { loanBookAbi } from "../../chain/abi.ts";
import { type AgreementDomain, type Instalment, loanIdOf } from "../../lending/agreement.ts";
import { LOAN_STATES } from "../../lending/standing.ts";
import type { Contracts } from "../source/pools.ts";
import type { Findings } from "./findings.ts";
import {
  type MirroredInstalment,
  type MirroredLoan,
  type MirroredPart,
  readInstalments,
  readLoans,
  readParts,
} from "./rows.ts";

export interface StorageInput {
  /** In a transaction that sees one state of the mirror. */
  database: pg.ClientBase;
  client: PublicClient;
  /** The block at which the mirror stands: contract storage is read there and nowhere else. */
  blockHash: Hash;
  contracts: Contracts;
  domain: AgreementDomain;
  findings: Findings;
}

/** Loans compared at once: bounds memory and what the node is asked for in one go. */
const PAGE = 50;

/** Compares every mirrored loan with LoanBook's storage. Returns how many there were. */
export async function compareLoans(input: StorageInput, onPage: (done: number) => void): Promise<number> {
  let [done, after]: [number, Hex] = [0, "0x"];
  for (;;) {
    const loans = await readLoans(input.database, after, PAGE);
    const last = loans.at(-1);
    if (last === undefined) return done;
    const rows = await readInstalments(input.database, loans);
    const parts = await readParts(input.database, loans);
    await Promise.all(
      loans.map((loan) => compareLoan(input, loan, rows.get(loan.loan_id) ?? [], parts.get(loan.loan_id))),
    );
    done += loans.length;
    after = last.loan_id;
    onPage(done);
  }
}

type Same = (field: string, mirror: string | number | null, chain: string | number | bigint) => void;

async function compareLoan(
  input: StorageInput,
  loan: MirroredLoan,
  rows: MirroredInstalment[],
  part: MirroredPart | undefined,
): Promise<void> {
  const { client, blockHash, contracts, findings } = input;
  const id = loan.loan_id;
  const same: Same = (field, mirror, chain) => findings.compare("loan", id, field, mirror, chain);
  const at = { address: contracts.loanBook, abi: loanBookAbi, blockHash, requireCanonical: true } as const;

  const stored = await client.readContract({ ...at, functionName: "loanOf", args: [id] });
  same("state", loan.state, LOAN_STATES[stored.state] ?? stored.state);
  if (stored.state === 0) return;
  const signed = rows.filter(({ version }) => version === 1);
  same("loanId", digestOf(input.domain, loan, signed), id);
  compareTerms(same, loan, stored);
  compareStanding(same, loan, part, stored);

  const [owner, daysPastDue, due] = await Promise.all([
    client.readContract({ ...at, functionName: "ownerOf", args: [BigInt(id)] }),
    client.readContract({ ...at, functionName: "daysPastDue", args: [id] }),
    // Before the first day of a table nothing can be asked for.
    stored.startDay > loan.today
      ? undefined
      : client.readContract({ ...at, functionName: "due", args: [id, loan.today] }),
  ]);
  same("owner", loan.owner, owner);
  same("daysPastDue", loan.days_past_due, daysPastDue);
  if (due !== undefined) same("due.penalty", loan.penalty_due, due.penalty);
  await comparePosition(input, loan, rows, part);
  for (let version = 1; version <= stored.version; version++) {
    const schedule = await client.readContract({
      ...at,
      functionName: "scheduleOfVersion",
      args: [id, version],
    });
    compareTable(findings, id, rows, version, schedule);
  }
}

type Stored = ContractFunctionReturnType<typeof loanBookAbi, "view", "loanOf">;

/** What was signed, and what of it holds under the present version. */
function compareTerms(same: Same, loan: MirroredLoan, stored: Stored): void {
  same("borrower", loan.borrower_now, stored.borrower);
  same("lender", loan.lender, stored.lender);
  same("currency", loan.currency, stored.currency);
  same("unit", loan.unit, stored.unit);
  same("payee", loan.payee, stored.payee);
  same("upfrontFee", loan.upfront_fee, stored.upfrontFee);
  same("disburseUntilDay", loan.disburse_until_day, stored.disburseUntilDay);
  same("penaltyRateBps", loan.penalty_rate_bps, stored.penaltyRateBps);
  same("penaltyGraceDays", loan.penalty_grace_days, stored.penaltyGraceDays);
  same("waterfall", loan.waterfall, stored.waterfall);
  same("earlySettlement", loan.early_settlement, stored.earlySettlement);
  same("reversalDays", loan.reversal_days, stored.reversalDays);
  same("coolingOffDays", loan.cooling_off_days, stored.coolingOffDays);
  same("utcOffset", loan.utc_offset_s, stored.utcOffset);
  same("version", loan.version, stored.version);
  same("principal", loan.table_principal, stored.principal);
  same("count", loan.table_count, stored.count);
  same("penaltyCap", loan.penalty_cap_left, stored.penaltyCap);
}

function compareStanding(
  same: Same,
  loan: MirroredLoan,
  part: MirroredPart | undefined,
  stored: Stored,
): void {
  same("startDay", loan.start_day ?? 0, stored.startDay);
  same("payments", loan.payments, stored.payments);
  same("paid.penalty", loan.penalty_paid, stored.paid.penalty);
  same("paid.fee", loan.fee_paid, stored.paid.fee);
  same("paid.interest", loan.interest_paid, stored.paid.interest);
  same("paid.principal", loan.principal_paid, stored.paid.principal);
  same("waivedInterest", loan.waived_interest, stored.waivedInterest);
  same("arrearsDay", loan.arrears_day, stored.arrearsDay);
  same("paidOnTime", loan.paid_on_time, stored.paidOnTime);
  same("nextInstalment", nextInstalment(loan), stored.nextInstalment);
  same("partPaid.fee", part?.fee_paid ?? "0", stored.partPaid.fee);
  same("partPaid.interest", part?.interest_paid ?? "0", stored.partPaid.interest);
  same("partPaid.principal", part?.principal_paid ?? "0", stored.partPaid.principal);
}

/** Counted from 0 as the contract does. A loan that never ran stands at its first instalment. */
function nextInstalment(loan: MirroredLoan): number {
  if (loan.next_nr !== null) return loan.next_nr - 1;
  return loan.state === "closed" ? loan.table_count : 0;
}

/** What LoanBook tells a pool of a loan that somebody owes. */
async function comparePosition(
  { client, blockHash, contracts, findings }: StorageInput,
  loan: MirroredLoan,
  rows: readonly MirroredInstalment[],
  part: MirroredPart | undefined,
): Promise<void> {
  if (loan.oldest_unpaid_nr === null) return;
  const [position] = await client.readContract({
    ...{ address: contracts.loanBook, abi: loanBookAbi, blockHash, requireCanonical: true },
    functionName: "positionOf",
    args: [loan.loan_id],
  });
  const before = rows.find((row) => row.version === loan.version && row.nr + 1 === loan.oldest_unpaid_nr);
  const same = (field: string, mirror: string | number | boolean | null, chain: bigint | number | boolean) =>
    findings.compare("loan", loan.loan_id, `position.${field}`, mirror, chain);
  same("nextInstalment", loan.oldest_unpaid_nr - 1, position.nextInstalment);
  same("periodStartDay", before?.day ?? loan.start_day, position.periodStartDay);
  same("lateFromDay", loan.late_from_day, position.lateFromDay);
  same("outstandingPrincipal", loan.outstanding_principal, position.outstandingPrincipal);
  same("partPaidInterest", part?.interest_paid ?? "0", position.partPaidInterest);
  same("curing", loan.arrears_day > 0, position.curing);
}

function compareTable(
  findings: Findings,
  id: Hex,
  rows: readonly MirroredInstalment[],
  version: number,
  schedule: readonly Instalment[],
): void {
  const table = rows.filter((row) => row.version === version);
  const count = Math.max(table.length, schedule.length);
  const name = version === 1 ? "schedule" : `schedule${version}`;
  for (let index = 0; index < count; index++) {
    const [mirrored, signed] = [table[index], schedule[index]];
    for (const field of ["day", "principal", "interest", "fee"] as const) {
      findings.compare("loan", id, `${name}[${index}].${field}`, mirrored?.[field], signed?.[field]);
    }
  }
}

/** The id that the mirrored columns hash to: it proves every one of them. */
function digestOf(domain: AgreementDomain, loan: MirroredLoan, rows: readonly MirroredInstalment[]): Hex {
  return loanIdOf(domain, {
    borrower: loan.borrower,
    lender: loan.lender,
    currency: loan.currency,
    unit: BigInt(loan.unit),
    payee: loan.payee,
    disburseFromDay: loan.disburse_from_day,
    disburseUntilDay: loan.disburse_until_day,
    principal: BigInt(loan.principal),
    totalRepayable: BigInt(loan.total_repayable),
    firstDay: loan.first_day,
    lastDay: loan.last_day,
    count: loan.instalment_count,
    upfrontFee: BigInt(loan.upfront_fee),
    penaltyRateBps: loan.penalty_rate_bps,
    penaltyGraceDays: loan.penalty_grace_days,
    penaltyCap: BigInt(loan.penalty_cap),
    waterfall: loan.waterfall,
    earlySettlement: loan.early_settlement,
    reversalDays: loan.reversal_days,
    coolingOffDays: loan.cooling_off_days,
    utcOffset: loan.utc_offset_s,
    documentHash: loan.document_hash,
    language: loan.language,
    salt: loan.salt,
    expiry: BigInt(loan.expiry),
    schedule: rows.map(({ day, principal, interest, fee }) => ({
      day,
      principal: BigInt(principal),
      interest: BigInt(interest),
      fee: BigInt(fee),
    })),
  });
}
