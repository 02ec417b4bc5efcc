import type { Day } from "../calendar.ts";
import { minor } from "../money.ts";
import { periodsOf } from "../schedule/periods.ts";
import { financedTerms, type PlanRow, planOf, rowsOf, withDownPayments } from "../schedule/plan.ts";
import { type ScheduleTerms, tranchesOf } from "../schedule/terms.ts";
import {
  allocate,
  type Book,
  type BookInput,
  chronological,
  type Fact,
  factsOf,
  openPosting,
  type Posting,
  paymentsOf,
  payoffAllocation,
} from "./book.ts";
import { assessCharges, withChargesOnlyRow } from "./charges.ts";
import type { Loan } from "./history.ts";
import { type LedgerRow, openRow } from "./ledger.ts";
import { type Recalculation, type RecalculationRule, recalculatedSplits } from "./recalculation.ts";

/**
 * The book of a loan of the cumulative engine: rows first, from the terms and, with recalculation, from the payments;
 * then all payments over them, in the order of their days. With `paidOffOn`, as if a payoff on
 * that day ended the loan.
 */
export function cumulativeBook(input: BookInput & { paidOffOn?: Day | undefined }): Book {
  const { loan, facts } = input;
  const terms = termsAsPaidOut(loan, facts);
  const charges = factsOf(facts, "charge").map(({ charge }) => charge);
  const plan =
    loan.recalculation === undefined
      ? planOf(terms).map(ledgerRow)
      : recalculated(input, terms, loan.recalculation);
  const rows = withChargesOnlyRow(plan, charges);
  assessCharges(terms, rows, charges);
  const postings: Posting[] = [];
  for (const fact of chronological(facts)) {
    if (fact.kind === "disbursement") postings.push(openPosting(fact.kind, fact, fact.amount));
    if (fact.kind !== "repayment" && fact.kind !== "down_payment") continue;
    const posting = openPosting(fact.kind, fact, fact.amount);
    const paysOff = fact.kind === "repayment" && fact.paysOff;
    allocate(paysOff ? payoffAllocation(loan) : loan.allocation, rows, posting);
    postings.push(posting);
  }
  return { rows, postings, overpaid: postings.reduce((sum, posting) => sum + posting.overpaid, 0n) };
}

/** The terms with the tranches that were really paid out. */
export function termsAsPaidOut({ terms }: Loan, facts: readonly Fact[]): ScheduleTerms {
  const paidOut = chronological(factsOf(facts, "disbursement"));
  if (paidOut.length === 0) return terms;
  const tranches = paidOut.map(({ day, amount }) => ({ day, amount: minor(amount) }));
  const principal = minor(tranches.reduce((sum, { amount }) => sum + amount, 0n));
  return { ...terms, principal, tranches };
}

function ledgerRow(row: PlanRow): LedgerRow {
  return openRow(row.kind, row, row.principal, row.interest);
}

/**
 * Each payment computes the rows that are due from its day on anew; what was billed before keeps its interest. Closing the
 * books, and looking at them, computes all rows: late principal has borne interest until then. Principal that is unpaid after the last due day has a row for its interest.
 */
function recalculated(
  { loan, facts, asOf, paidOffOn }: BookInput & { paidOffOn?: Day | undefined },
  terms: ScheduleTerms,
  rule: RecalculationRule,
): LedgerRow[] {
  // Terms whose plan is refused are refused however they would be paid.
  planOf(terms);
  const financed = financedTerms(terms);
  const charges = factsOf(facts, "charge").map(({ charge }) => charge);
  const compute = (lastPosted: number, on: Day, billed: bigint[]): Recalculation =>
    recalculatedSplits({
      terms: financed,
      rule,
      payments: chronological(paymentsOf(facts).filter(({ posted }) => posted <= lastPosted)),
      allocate: (rows, payment) => {
        assessCharges(terms, rows, charges);
        return allocate(
          loan.allocation,
          rows,
          openPosting("repayment", { ...payment, posted: 0 }, payment.amount),
        );
      },
      asOf: on,
      downPayments: withDownPayments(terms, []).map(ledgerRow),
      billed,
      until,
    });
  let until = paidOffOn === undefined ? undefined : lastDayUnlessPaidOutLater(terms, rule, paidOffOn);
  let computed = compute(-1, terms.disbursementDay, []);
  let latest = terms.disbursementDay;
  for (const fact of facts) {
    if (fact.kind !== "close" && fact.kind !== "repayment" && fact.kind !== "down_payment") continue;
    const isBilled = (due: Day): boolean => fact.kind !== "close" && due < fact.day;
    const count = rowsOf(terms, computed.splits).filter(({ due }) => isBilled(due)).length;
    const billed = computed.splits.slice(0, count).map(({ charged }) => charged);
    if (fact.kind === "repayment" && fact.paysOff) until = lastDayUnlessPaidOutLater(terms, rule, fact.day);
    latest = fact.on;
    computed = compute(fact.posted, latest, billed);
  }
  if (asOf !== undefined && asOf > latest) {
    latest = asOf;
    computed = compute(Number.MAX_SAFE_INTEGER, latest, []);
  }
  const rows = withDownPayments(terms, rowsOf(terms, computed.splits, until)).map(ledgerRow);
  const last = rows.at(-1);
  if (last === undefined || computed.lateInterest === 0n) return rows;
  return [...rows, openRow("late_interest", { from: last.due, due: latest }, 0n, computed.lateInterest)];
}

/** A loan that is paid out further after a payoff goes on. */
function lastDayUnlessPaidOutLater(
  terms: ScheduleTerms,
  rule: RecalculationRule,
  paidOffOn: Day,
): Day | undefined {
  const last = lastDayOfInterest(terms, rule, paidOffOn);
  return tranchesOf(terms).some(({ day }) => day > last) ? undefined : last;
}

/** A payoff pays interest to its own day, or to the next rest. Source: Fineract, getNextRestScheduleDate. */
function lastDayOfInterest(terms: ScheduleTerms, { payoffUntil, rest }: RecalculationRule, day: Day): Day {
  if (payoffUntil === "payoff_day" || rest === "daily") return day;
  return periodsOf(terms).find(({ due }) => due >= day)?.due ?? day;
}
