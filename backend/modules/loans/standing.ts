import {
  type Components,
  due,
  type EnforcedTerms,
  type InstalmentAllocation,
  openStanding,
  payoff,
  repay,
  reverse,
  type Standing,
} from "../../../lending/allocation.ts";
import { LendingError } from "../../../lending/errors.ts";
import { restructure } from "../../../lending/restructuring-check.ts";
import { log } from "../../../platform/log.ts";
import type { LoanRow } from "./rows.ts";

/** What is owed on the day asked for, or why it cannot be said. */
export interface Owed {
  readonly due: Components;
  readonly payoff: Components;
}

/** The loan on its way through its own history. */
interface Play {
  terms: EnforcedTerms;
  standing: Standing;
}

const NOTHING: Components = { penalty: 0n, fee: 0n, interest: 0n, principal: 0n };

function tableOf(loan: LoanRow, version: number): EnforcedTerms["schedule"] {
  return loan.tables
    .filter((row) => row.version === version)
    .map(({ day, principal, interest, fee }) => ({ day, principal, interest, fee }));
}

function enforcedTerms(loan: LoanRow): EnforcedTerms {
  return {
    schedule: tableOf(loan, 1),
    penaltyRateBps: loan.penalty_rate_bps,
    penaltyGraceDays: loan.penalty_grace_days,
    penaltyCap: loan.penalty_cap,
    waterfall: loan.waterfall as `0x${string}`,
    earlySettlement: loan.early_settlement,
  };
}

function amountOf(payment: LoanRow["payment_rows"][number]): bigint {
  return payment.penalty + payment.fee + payment.interest + payment.principal;
}

function sameSplit(ours: readonly InstalmentAllocation[], theirs: LoanRow["allocations"]): boolean {
  return (
    ours.length === theirs.length &&
    ours.every((one, at) => {
      const other = theirs[at];
      return (
        other !== undefined &&
        one.index + 1 === other.instalment_nr &&
        one.penalty === other.penalty &&
        one.fee === other.fee &&
        one.interest === other.interest &&
        one.principal === other.principal &&
        one.waivedInterest === other.waived_interest
      );
    })
  );
}

/** One payment, as it was split, and taken back if it was; undefined when the split differs. */
function playPayment(
  loan: LoanRow,
  { terms, standing }: Play,
  payment: LoanRow["payment_rows"][number],
): Play | undefined {
  const outcome = repay(terms, standing, amountOf(payment), payment.day);
  const allocations = loan.allocations.filter(({ payment_nr }) => payment_nr === payment.nr);
  if (!sameSplit(outcome.perInstalment, allocations)) return undefined;
  const next = payment.reversal === null ? outcome.next : reverse(standing, outcome.next);
  return { terms, standing: next };
}

/** One new table; undefined when it forgave something else, or left another lateness. */
function playRestructuring(
  loan: LoanRow,
  play: Play,
  row: LoanRow["restructurings"][number],
): Play | undefined {
  const signed = {
    loanId: loan.loan_id as `0x${string}`,
    version: row.version,
    payments: row.payments,
    paid: {
      penalty: row.penalty_paid,
      fee: row.fee_paid,
      interest: row.interest_paid,
      principal: row.principal_paid,
    },
    capitalised: row.capitalised,
    principal: row.principal,
    totalRepayable: row.total_repayable,
    firstDay: row.first_day,
    lastDay: row.last_day,
    count: row.instalment_count,
    documentHash: row.document_hash as `0x${string}`,
    expiry: row.expiry,
    schedule: tableOf(loan, row.version),
  };
  const { forgiven, ...next } = restructure(play.terms, play.standing, signed, row.day);
  const isSame =
    forgiven === row.forgiven &&
    next.terms.penaltyCap === row.penalty_cap &&
    next.standing.arrearsDay === row.arrears_day;
  return isSame ? next : undefined;
}

/** Plays the mirrored history through the loan's own arithmetic; undefined as soon as a figure differs. */
function replay(loan: LoanRow, disbursedDay: number): Play | undefined {
  let play: Play | undefined = { terms: enforcedTerms(loan), standing: openStanding(disbursedDay) };
  let payments = 0;
  const tables = [...loan.restructurings];
  const playTables = () => {
    while (play !== undefined && tables[0]?.payments === payments) {
      const [table] = tables.splice(0, 1);
      if (table !== undefined) play = playRestructuring(loan, play, table);
    }
  };
  for (const payment of loan.payment_rows) {
    playTables();
    if (play === undefined) return undefined;
    play = playPayment(loan, play, payment);
    payments = payment.nr;
  }
  playTables();
  return tables.length === 0 ? play : undefined;
}

function agrees({ terms, standing }: Play, loan: LoanRow): boolean {
  const { paid } = standing;
  return (
    standing.version === loan.version &&
    standing.payments === loan.payments &&
    terms.penaltyCap === loan.penalty_cap_left &&
    paid.penalty === loan.penalty_paid &&
    paid.fee === loan.fee_paid &&
    paid.interest === loan.interest_paid &&
    paid.principal === loan.principal_paid &&
    standing.waivedInterest === loan.waived_interest &&
    standing.arrearsDay === loan.arrears_day &&
    standing.paidOnTime === loan.paid_on_time &&
    loan.principal - paid.principal === loan.outstanding_principal &&
    standing.closed === (loan.state === "closed") &&
    (standing.closed || standing.nextInstalment + 1 === loan.oldest_unpaid_nr)
  );
}

function recompute(loan: LoanRow, today: number): Owed | undefined {
  // Before the borrower's receipt, and after everything went back, nobody owes anything.
  if (loan.state === "funded" || loan.state === "cancelled") return { due: NOTHING, payoff: NOTHING };
  if (loan.disbursed_day === null) return undefined;
  const play = replay(loan, loan.disbursed_day);
  if (play === undefined || !agrees(play, loan)) return undefined;
  const { terms, standing } = play;
  return { due: due(terms, standing, today), payoff: payoff(terms, standing, today) };
}

/**
 * What is owed today. Penalty and payoff move with the clock, so they are not in the mirror: they are computed from
 * the terms and the payments, and only shown when the same computation also gives every figure that the mirror does
 * have. Otherwise one of the two is wrong, and no quote is better than a wrong one.
 */
export function owedOn(loan: LoanRow, today: number): Owed | undefined {
  try {
    const owed = recompute(loan, today);
    if (owed === undefined) log.error(`loan ${loan.loan_id}: replaying its payments contradicts the mirror`);
    return owed;
  } catch (error) {
    if (!(error instanceof LendingError)) throw error;
    log.error(`loan ${loan.loan_id}: its payments cannot be replayed: ${error.message}`);
    return undefined;
  }
}
