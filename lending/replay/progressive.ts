import { addMonths, type Day } from "../calendar.ts";
import { largerOf, roundMoney, roundToMultiple, smallerOf } from "../money.ts";
import { spreadEvenly } from "../schedule/even.ts";
import { periodsOf } from "../schedule/periods.ts";
import { downPaymentOf, inOrder } from "../schedule/plan.ts";
import {
  changeRate,
  correctBalance,
  disburse,
  endOn,
  type Model,
  openModel,
  payableOn,
  payInterest,
  payPrincipal,
} from "../schedule/progressive.ts";
import { bearsInterest, type Period, type ScheduleTerms, type TermChange } from "../schedule/terms.ts";
import { addComponents, type Components, sumOf } from "../standing.ts";
import {
  allocate,
  type Book,
  type BookInput,
  chronological,
  type Fact,
  openPosting,
  type Posting,
  payoffAllocation,
} from "./book.ts";
import type { DueType } from "./buckets.ts";
import { assessCharges, type Charge, withChargesOnlyRow } from "./charges.ts";
import type { Allocation, Loan, ReAge } from "./history.ts";
import { type Component, type LedgerRow, openRow, payComponent, totalUnpaid, unpaidPart } from "./ledger.ts";

/**
 * The book of a loan of the progressive engine: everything in the order of its days, rows growing with each tranche.
 * With interest, the model of slices says what a row owes; each payment changes it.
 */
interface Desk extends Book {
  /** Undefined for a loan without interest. */
  model: Model | undefined;
  loan: Loan;
  terms: ScheduleTerms;
  charges: Charge[];
  /** Until where late principal was put into the model's base. */
  lateUntil: Day | undefined;
}

export function progressiveBook(input: BookInput): Book {
  return deskOf(input);
}

/** What pays the loan off on `day`, by component; what paying it then changes of the rows is not looked at. */
export function progressivePayoff(input: BookInput, day: Day): Components {
  const desk = deskOf(input);
  const { model, loan } = desk;
  const asAsked = totalUnpaid(desk.rows);
  if (model === undefined || loan.recalculation === undefined || asAsked.principal === 0n) return asAsked;
  endInterestOn(desk, model, day);
  const owed = totalUnpaid(desk.rows);
  const current = model.periods.findIndex(({ due }) => day <= due);
  const period = model.periods[current];
  if (period === undefined) return owed;
  const accrued = payableOn(model, current, dayThatCounts(desk, period, day)).interest - period.paidInterest;
  const earlier = desk.rows.filter(({ due }) => due < period.due);
  owed.interest = totalUnpaid(earlier).interest + largerOf(accrued, 0n);
  return owed;
}

function deskOf({ loan, facts, asOf }: BookInput): Desk {
  const { terms } = loan;
  const periods = periodsOf(terms);
  const desk: Desk = {
    loan,
    terms,
    model: bearsInterest(terms) ? openModel(terms, periods) : undefined,
    rows: periods.map((period) => openRow("instalment", period)),
    postings: [],
    overpaid: 0n,
    charges: [],
    lateUntil: undefined,
  };
  const rates = (terms.changes ?? []).filter(({ annualRate }) => annualRate !== undefined);
  for (const fact of inOrderOfEffect(facts)) {
    // A tranche is divided as it was agreed before its day.
    agreeRates(desk, rates, fact.kind === "disbursement" ? fact.day - 1 : fact.day);
    apply(desk, fact);
  }
  agreeRates(desk, rates, Number.POSITIVE_INFINITY);
  const closed = facts.flatMap((fact) =>
    fact.kind === "close" || fact.kind === "repayment" ? [fact.on] : [],
  );
  recogniseLateInterest(desk, Math.max(asOf ?? terms.disbursementDay, ...closed));
  assessCharges(terms, desk.rows, desk.charges);
  return desk;
}

/** Takes from `rates` the changes that were agreed until `day`. */
function agreeRates(desk: Desk, rates: TermChange[], day: Day): void {
  const { model } = desk;
  const agreed = rates.findIndex(({ agreedOn, from }) => (agreedOn ?? from) > day);
  for (const { from, annualRate } of rates.splice(0, agreed === -1 ? rates.length : agreed)) {
    if (model === undefined || annualRate === undefined) continue;
    changeRate(model, from, annualRate);
    refreshRows(desk, ({ due }) => due >= from);
    keepWhatWasPaid(desk);
  }
}

/** A charge counts from when it was posted, or from its own day if that was earlier. */
function inOrderOfEffect(facts: readonly Fact[]): Fact[] {
  return chronological(facts.filter(({ kind }) => kind !== "close"));
}

function apply(desk: Desk, fact: Fact): void {
  switch (fact.kind) {
    case "disbursement":
      payOut(desk, fact);
      return;
    case "repayment":
    case "down_payment":
      desk.postings.push(pay(desk, fact));
      return;
    case "charge":
      addCharge(desk, fact.charge);
      return;
    case "re_age":
      desk.postings.push(reAge(desk, fact));
      return;
    case "close":
      return;
  }
}

function payOut(desk: Desk, fact: Extract<Fact, { kind: "disbursement" }>): void {
  const { terms, model } = desk;
  const { day, amount } = fact;
  desk.postings.push(openPosting("disbursement", fact, amount));
  const downPayment = downPaymentOf(terms, amount);
  if (downPayment > 0n) {
    desk.rows = inOrder([...desk.rows, openRow("down_payment", { from: day, due: day }, downPayment)]);
  }
  if (model === undefined) {
    const instalments = desk.rows.filter(({ kind }) => kind === "instalment");
    spreadEvenly(terms, instalments, day, amount - downPayment);
  } else {
    disburse(model, day, amount - downPayment);
    refreshRows(desk, (row) => row.due >= day);
  }
  keepWhatWasPaid(desk);
  spendOverpaid(desk, day);
}

/**
 * Where a tranche or another rate leaves less to pay on a row than was paid of it, that stays owed there, and the last rows
 * owe less. All rows together owe what was paid out.
 */
function keepWhatWasPaid({ rows, postings }: Desk): void {
  let excess = 0n;
  for (const { kind, amount } of postings) if (kind === "disbursement") excess -= amount;
  for (const { owed, paid, waivedInterest } of rows) {
    owed.principal = largerOf(owed.principal, paid.principal);
    owed.interest = largerOf(owed.interest, paid.interest + waivedInterest);
    excess += owed.principal;
  }
  for (const row of rows.toReversed()) {
    if (row.kind !== "instalment") continue;
    const less = smallerOf(unpaidPart(row, "principal"), excess);
    row.owed.principal -= less;
    excess -= less;
  }
}

/** What was paid too much before pays what is owed now, the oldest payment first; what those paid at first stays so. */
function spendOverpaid(desk: Desk, day: Day): void {
  for (const posting of desk.postings.filter(({ overpaid }) => overpaid > 0n)) {
    const spending = openPosting("repayment", { posted: posting.posted, day }, posting.overpaid);
    payOver(desk, spending, spending.amount, day);
    addComponents(posting.spent, spending.components);
    desk.overpaid += spending.overpaid - posting.overpaid;
    posting.overpaid = spending.overpaid;
  }
}

function pay(desk: Desk, fact: Extract<Fact, { kind: "repayment" | "down_payment" }>): Posting {
  const posting = openPosting(fact.kind, fact, fact.amount);
  if (fact.kind === "repayment" && fact.paysOff) {
    payOff(desk, posting);
  } else {
    recogniseLateInterest(desk, posting.day);
    payOver(desk, posting, posting.amount, posting.day);
    // Whoever pays more than all principal ends the loan: first of all the interest that later instalments were to ask for.
    if (posting.overpaid > 0n && desk.loan.recalculation !== undefined) payOff(desk, posting);
  }
  desk.overpaid += posting.overpaid;
  return posting;
}

/** A payoff ends the loan's interest: what has accrued is paid, what a rest would add until its end is not asked for. */
function payOff(desk: Desk, posting: Posting): void {
  const { loan, model, rows } = desk;
  const recalculated = loan.recalculation === undefined ? undefined : model;
  if (recalculated !== undefined) endInterestOn(desk, recalculated, posting.day);
  recogniseLateInterest(desk, posting.day);
  const amount = posting.amount - sumOf(posting.components) - sumOf(posting.spent);
  payOver(desk, posting, amount, posting.day, payoffAllocation(loan));
  if (recalculated !== undefined) endInterestOn(desk, recalculated, undefined);
  for (const { owed, paid, waivedInterest } of rows) owed.interest = paid.interest + waivedInterest;
}

function endInterestOn(desk: Desk, model: Model, day: Day | undefined): void {
  endOn(model, day);
  refreshRows(desk, () => true);
}

function payOver(
  desk: Desk,
  posting: Posting,
  amount: bigint,
  day: Day,
  allocation: Allocation = desk.loan.allocation,
): void {
  const { loan, model, rows } = desk;
  const adjusts = model !== undefined && loan.recalculation !== undefined;
  // Percentages follow what the rows owe by now.
  assessCharges(desk.terms, rows, desk.charges);
  allocate(allocation, rows, posting, {
    amount,
    day,
    pay: (row, component, limit, when) =>
      adjusts && row.kind === "instalment"
        ? payIntoModel(desk, model, { row, component, limit, when, day })
        : payComponent(row, component, limit, day),
  });
}

interface Payment {
  row: LedgerRow;
  component: Component;
  limit: bigint;
  when: DueType;
  day: Day;
}

/** In advance a row owes what has accrued by the day (or by the period's end), and the principal that then remains. */
function payIntoModel(desk: Desk, model: Model, { row, component, limit, when, day }: Payment): bigint {
  const index = model.periods.findIndex(({ due }) => due === row.due);
  const countsOn = when === "in_advance" ? dayThatCounts(desk, row, day) : day;
  if (when === "in_advance") {
    const payable = payableOn(model, index, countsOn);
    if (component === "interest") row.owed.interest = payable.interest;
    if (component === "principal") row.owed.principal = payable.principal;
  }
  const taken = payComponent(row, component, limit, day);
  if (component === "principal") payPrincipal(model, index, countsOn, taken);
  if (component === "interest") payInterest(model, index, taken);
  if (component === "principal" || component === "interest") refreshRows(desk, () => true);
  return taken;
}

/** The day until which money in advance pays interest. */
function dayThatCounts({ loan }: Desk, { from, due }: Period, day: Day): Day {
  if (loan.recalculation?.payoffUntil !== "period_end") return day;
  return day > from && day <= due ? due : day;
}

function refreshRows({ model, rows }: Desk, applies: (row: LedgerRow) => boolean): void {
  for (const period of model?.periods ?? []) {
    const row = rows.find(({ kind, due }) => kind === "instalment" && due === period.due);
    if (row === undefined || !applies(row)) continue;
    row.owed.principal = period.duePrincipal;
    row.owed.interest = period.dueInterest;
  }
}

function addCharge(desk: Desk, charge: Charge): void {
  desk.charges.push(charge);
  desk.rows = withChargesOnlyRow(desk.rows, desk.charges);
  assessCharges(desk.terms, desk.rows, desk.charges);
  for (const posting of desk.postings.filter(({ overpaid }) => overpaid > 0n)) {
    const before = posting.overpaid;
    payOver(desk, posting, before, posting.day);
    desk.overpaid += posting.overpaid - before;
  }
}

/**
 * Principal that is overdue on `day` bears interest in the periods after its due day, up to `day` or to the end of the
 * period that `day` lies in. Where it was put into the base before, it goes on from there.
 *
 *     due 1            due 2            due 3
 *       |---- 167 -------|---- 334 --- day
 *       +167             +167          -334
 *
 * Source: Fineract, AdvancedPaymentScheduleTransactionProcessor.recalculateInterestForDate.
 */
function recogniseLateInterest(desk: Desk, day: Day): void {
  const { model, loan, lateUntil = Number.NEGATIVE_INFINITY } = desk;
  if (model === undefined || loan.recalculation === undefined) return;
  const begun = desk.rows.filter(({ kind, from }) => kind === "instalment" && from < day);
  const last = begun.at(-1);
  if (last === undefined) return;
  const until = loan.recalculation.rest === "daily" ? Math.min(day, last.due) : last.due;
  if (lateUntil >= until) return;
  let [late, unpaidBefore] = [0n, 0n];
  for (const row of begun) {
    if (unpaidBefore > 0n) {
      correctBalance(model, Math.max(row.from, lateUntil), unpaidBefore);
      // More interest in an instalment leaves less principal in it.
      refreshRows(desk, () => true);
    }
    late += unpaidBefore;
    unpaidBefore = row.due < day ? unpaidPart(row, "principal") : 0n;
  }
  if (late === 0n) return;
  correctBalance(model, until, -late);
  desk.lateUntil = until;
  refreshRows(desk, () => true);
}

function reAge(desk: Desk, fact: Extract<Fact, { kind: "re_age" }>): Posting {
  const { rounding, instalmentMultiple } = desk.terms;
  let principal = 0n;
  for (const row of desk.rows) {
    const unpaid = unpaidPart(row, "principal");
    principal += unpaid;
    row.owed.principal -= unpaid;
  }
  const count = BigInt(fact.numberOfInstalments);
  const even = roundMoney(principal, count, rounding);
  const each = roundToMultiple(even, 1n, instalmentMultiple, rounding);
  let left = principal;
  const days = reAgedDays(fact);
  const last = desk.rows.findLast(({ kind }) => kind !== "down_payment");
  const rows = days.map((due, index) => {
    const from = days[index - 1] ?? last?.due ?? fact.day;
    const owed = index === days.length - 1 ? left : smallerOf(each, left);
    left -= owed;
    return openRow("re_aged", { from, due }, owed);
  });
  desk.rows = inOrder([...desk.rows, ...rows]);
  const posting = openPosting("re_age", fact, principal);
  posting.components.principal = principal;
  return posting;
}

function reAgedDays({ firstDue, every, unit, numberOfInstalments }: ReAge): Day[] {
  const days = [firstDue];
  while (days.length < numberOfInstalments) {
    const last = days.at(-1) ?? firstDue;
    const next = { days: last + every, weeks: last + 7 * every, months: addMonths(last, every) }[unit];
    days.push(next);
  }
  return days;
}
