import type pg from "pg";
import type { Address, Hash, Hex, PublicClient } from "viem";
import { loanBookAbi } from "../../chain/abi.ts";
import { type AgreementDomain, loanIdOf } from "../../lending/agreement.ts";
import type { Findings } from "./findings.ts";
import { type MirroredInstalment, type MirroredLoan, readInstalments, readLoans } from "./rows.ts";

export interface StorageInput {
  /** In a transaction that sees one state of the mirror. */
  database: pg.ClientBase;
  client: PublicClient;
  /** The block at which the mirror stands: contract storage is read there and nowhere else. */
  blockHash: Hash;
  loanBook: Address;
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
    await Promise.all(loans.map((loan) => compareLoan(input, loan, rows.get(loan.loan_id) ?? [])));
    done += loans.length;
    after = last.loan_id;
    onPage(done);
  }
}

const STATES = ["none", "active", "closed"];

async function compareLoan(
  input: StorageInput,
  loan: MirroredLoan,
  rows: MirroredInstalment[],
): Promise<void> {
  const { client, blockHash, loanBook, findings } = input;
  const id = loan.loan_id;
  const same = (field: string, mirror: string | number | null, chain: string | number | bigint): void =>
    findings.compare("loan", id, field, mirror, chain);
  const at = { address: loanBook, abi: loanBookAbi, blockHash, requireCanonical: true } as const;

  const stored = await client.readContract({ ...at, functionName: "loanOf", args: [id] });
  same("state", loan.state, STATES[stored.state] ?? stored.state);
  if (stored.state === 0) return;
  const [schedule, owner, due, daysPastDue] = await Promise.all([
    client.readContract({ ...at, functionName: "scheduleOf", args: [id] }),
    client.readContract({ ...at, functionName: "ownerOf", args: [BigInt(id)] }),
    client.readContract({ ...at, functionName: "due", args: [id, loan.today] }),
    client.readContract({ ...at, functionName: "daysPastDue", args: [id] }),
  ]);

  same("loanId", digestOf(input.domain, loan, rows), id);
  same("borrower", loan.borrower, stored.borrower);
  same("lender", loan.lender, stored.lender);
  same("owner", loan.owner, owner);
  same("currency", loan.currency, stored.currency);
  same("unit", loan.unit, stored.unit);
  same("payee", loan.payee, stored.payee);
  same("principal", loan.principal, stored.principal);
  same("penaltyRateBps", loan.penalty_rate_bps, stored.penaltyRateBps);
  same("penaltyGraceDays", loan.penalty_grace_days, stored.penaltyGraceDays);
  same("penaltyCap", loan.penalty_cap, stored.penaltyCap);
  same("waterfall", loan.waterfall, stored.waterfall);
  same("earlySettlement", loan.early_settlement, stored.earlySettlement);
  same("reversalDays", loan.reversal_days, stored.reversalDays);
  same("utcOffset", loan.utc_offset_s, stored.utcOffset);
  same("count", loan.instalment_count, stored.count);
  same("disbursedDay", loan.disbursed_day, stored.disbursedDay);
  same("paid.penalty", loan.penalty_paid, stored.paid.penalty);
  same("paid.fee", loan.fee_paid, stored.paid.fee);
  same("paid.interest", loan.interest_paid, stored.paid.interest);
  same("paid.principal", loan.principal_paid, stored.paid.principal);
  same("waivedInterest", loan.waived_interest, stored.waivedInterest);
  same("outstandingPrincipal", loan.outstanding_principal, stored.principal - stored.paid.principal);
  same("payments", loan.payments, stored.payments);
  same("nextInstalment", (loan.oldest_unpaid_nr ?? loan.instalment_count + 1) - 1, stored.nextInstalment);
  same("due.penalty", loan.penalty_due, due.penalty);
  same("daysPastDue", loan.days_past_due, daysPastDue);

  const open = rows.find(({ nr }) => nr === loan.oldest_unpaid_nr);
  same("partPaid.fee", open?.fee_paid ?? "0", stored.partPaid.fee);
  same("partPaid.interest", open?.interest_paid ?? "0", stored.partPaid.interest);
  same("partPaid.principal", open?.principal_paid ?? "0", stored.partPaid.principal);

  const count = Math.max(rows.length, schedule.length);
  for (let index = 0; index < count; index++) {
    const [mirrored, signed] = [rows[index], schedule[index]];
    for (const field of ["day", "principal", "interest", "fee"] as const) {
      findings.compare("loan", id, `schedule[${index}].${field}`, mirrored?.[field], signed?.[field]);
    }
  }
}

/** The id that the mirrored columns hash to: it proves every one of them. */
function digestOf(domain: AgreementDomain, loan: MirroredLoan, rows: MirroredInstalment[]): Hex {
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
