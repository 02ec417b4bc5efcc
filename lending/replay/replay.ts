import type { Day } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { MAX_MINOR } from "../limits.ts";
import { smallerOf } from "../money.ts";
import { downPaymentOf } from "../schedule/plan.ts";
import { assertTerms, bearsInterest } from "../schedule/terms.ts";
import { type Components, sumOf } from "../standing.ts";
import { type Book, type Fact, factsOf, openPosting, type Posting } from "./book.ts";
import { DUE_TYPES } from "./buckets.ts";
import { amountOf, type Charge } from "./charges.ts";
import { assertChange, assertReAge, assertTranche } from "./checks.ts";
import { cumulativeBook, termsAsPaidOut } from "./cumulative.ts";
import type { Entry, Loan } from "./history.ts";
import { isPaidOff, totalUnpaid, unpaidPart } from "./ledger.ts";
import { progressiveBook, progressivePayoff } from "./progressive.ts";

/** A loan after all its entries. `asOf` is the business day on which it is looked at. */
export interface Replay extends Omit<Book, "postings"> {
  asOf: Day;
  /** What pays the loan off on that day, by component. */
  payoff: Components;
  /** As they stand now; one that was taken back, as it stood before. */
  postings: (Posting & { reversed: boolean })[];
}

export interface ReplayInput {
  loan: Loan;
  /** In the order of posting; days may lie before those of earlier entries. */
  entries: readonly Entry[];
  /** The business day; by default the latest day of an entry. */
  asOf?: Day | undefined;
}

/**
 * Replays what was posted, from the beginning: every figure follows from the terms, the entries and the business day.
 * Entries may be back-dated or taken back: they are put in order and everything after them is computed anew.
 * @throws LendingError naming the field of the terms, or `entries[i]` with the field that cannot be.
 */
export function replay({ loan, entries, asOf }: ReplayInput): Replay {
  assertTerms(loan.terms);
  assertRecalculation(loan);
  const run: Run = {
    loan,
    facts: [],
    reversed: [],
    today: asOf ?? latestDay(loan, entries),
    todayIsSaid: false,
    paidOutOn: firstDay(loan, entries),
    repayments: [],
    undatedCharges: new Set(),
  };
  if (!entries.some(({ kind }) => kind === "disbursement")) {
    const { disbursementDay: day, principal } = loan.terms;
    run.facts.push({ kind: "disbursement", posted: -1, on: day, day, amount: principal });
  }
  for (const [posted, entry] of entries.entries()) enter(run, entry, posted);
  const book = bookOf(run, run.today);
  assertTotals(book);
  const postings = [
    ...[...book.postings, ...disbursementFees(run)].map((posting) => ({ ...posting, reversed: false })),
    ...run.reversed.map((posting) => ({ ...posting, reversed: true })),
  ].toSorted((a, b) => a.day - b.day || a.posted - b.posted);
  const payoff = payoffQuote(run, run.today);
  return { rows: book.rows, overpaid: book.overpaid, postings, payoff, asOf: run.today };
}

interface Run {
  loan: Loan;
  facts: Fact[];
  reversed: Posting[];
  /** The business day; before an entry says so, the day on which everything is looked at. */
  today: Day;
  /** Entries are posted on `today`, and not on their own days. */
  todayIsSaid: boolean;
  /** The day of the first tranche. */
  paidOutOn: Day;
  /** The facts of the repayments, in the order of posting. */
  repayments: Extract<Fact, { kind: "repayment" }>[];
  /** Charges (by `posted`) that count from the latest day before them, as no business day was said. */
  undatedCharges: Set<number>;
}

function firstDay({ terms }: Loan, entries: readonly Entry[]): Day {
  const days = entries.flatMap((entry) => (entry.kind === "disbursement" ? [entry.day] : []));
  return days.length === 0 ? terms.disbursementDay : Math.min(...days);
}

function latestDay({ terms }: Loan, entries: readonly Entry[]): Day {
  const days = entries.flatMap((entry) => ("day" in entry ? [entry.day] : []));
  return Math.max(terms.disbursementDay, ...days);
}

/** Also after each change: a new rate can make a loan bear interest. @throws LendingError where the parts do not go together. */
function assertRecalculation({ terms, recalculation, allocation }: Loan): void {
  if (recalculation === undefined) return;
  if (terms.interestMethod === "flat") {
    const problem = "only interest on the declining balance can be recalculated";
    throw new LendingError("unsupported", "recalculation", problem);
  }
  if (terms.engine !== "progressive" || !bearsInterest(terms)) return;
  if (allocation.kind === "strategy") {
    const problem = "the progressive engine recalculates interest for the 12 buckets alone";
    throw new LendingError("unsupported", "strategy", problem);
  }
  const places = allocation.order.map(({ when }) => DUE_TYPES.indexOf(when));
  if (places.some((place, index) => place < (places[index - 1] ?? 0))) {
    const problem =
      "must have what is past due before what is due, and that before what is in advance, to recalculate";
    throw new LendingError("unsupported", "paymentAllocationOrder", problem);
  }
}

/** @throws LendingError if what is owed, or overpaid, is more than the contracts can hold. */
function assertTotals({ rows, overpaid }: Book): void {
  const owed = rows.reduce((sum, row) => sum + sumOf(row.owed), 0n);
  const problem = `exceeds ${MAX_MINOR} minor units`;
  if (owed > MAX_MINOR) {
    throw new LendingError("out_of_range", "principal", `with interest and charges it ${problem}`);
  }
  if (overpaid > MAX_MINOR) throw new LendingError("out_of_range", "entries", `what they overpay ${problem}`);
}

function bookOf({ loan, facts }: { loan: Loan; facts: readonly Fact[] }, asOf?: Day): Book {
  assertTerms(termsAsPaidOut(loan, facts));
  assertRecalculation(loan);
  const { ordered, postedOf } = looksAtOrder(loan)
    ? inOrderOfAmounts(facts)
    : { ordered: facts, postedOf: new Map<number, number>() };
  const input = { loan, facts: ordered, asOf };
  const book = loan.terms.engine === "progressive" ? progressiveBook(input) : cumulativeBook(input);
  const postings = book.postings.map((one) => ({ ...one, posted: postedOf.get(one.posted) ?? one.posted }));
  return { ...book, postings };
}

/**
 * Where a payment looks at what the one before has left: interest that is computed anew, an equal part for each of several
 * rows, rbi, which asks for principal once all that was overdue is paid, and early_repayment, which leaves interest open.
 */
function looksAtOrder({ allocation, recalculation }: Loan): boolean {
  if (recalculation !== undefined) return true;
  if (allocation.kind === "buckets") return allocation.future === "reamortise";
  return allocation.strategy === "rbi" || allocation.strategy === "early_repayment";
}

/**
 * The payments of one day count in the order of their amounts, so that it does not matter in which order they were posted.
 * They take each other's places among the facts; `postedOf` leads from a place to the payment that was posted.
 */
function inOrderOfAmounts(facts: readonly Fact[]): { ordered: Fact[]; postedOf: Map<number, number> } {
  const postedOf = new Map<number, number>();
  const moved = new Map<number, Fact>();
  const payments = factsOf(facts, "repayment").filter(({ paysOff }) => !paysOff);
  for (const ofDay of Map.groupBy(payments, ({ day }) => day).values()) {
    const byAmount = ofDay.toSorted((a, b) => Number(a.amount - b.amount) || a.posted - b.posted);
    for (const [index, { posted }] of ofDay.entries()) {
      const fact = byAmount[index];
      if (fact === undefined) continue;
      postedOf.set(posted, fact.posted);
      moved.set(posted, { ...fact, posted });
    }
  }
  const inPlace = (fact: Fact): Fact => (fact.kind === "repayment" && moved.get(fact.posted)) || fact;
  return { ordered: facts.map(inPlace), postedOf };
}

function enter(run: Run, entry: Entry, posted: number): void {
  switch (entry.kind) {
    case "as_of":
      run.today = entry.day;
      run.todayIsSaid = true;
      return;
    case "change":
      run.loan = withChange(run, entry, posted);
      return;
    case "reversal":
      takeBack(run, entry.nth, posted);
      return;
    case "close_of_business":
      closeBooks(run, posted);
      return;
    case "charge":
      run.facts.push(chargeFact(run, entry.charge, posted));
      return;
    case "payoff":
      payOff(run, entry.day, posted);
      return;
    case "repayment":
      run.repayments.push(addRepayment(run, entry.day, entry.amount, posted));
      return;
    case "disbursement":
      payOut(run, entry, posted);
      return;
    case "re_age":
      assertIsPaidOut(run, entry.day, posted);
      assertReAge(run.loan, entry, factsOf(run.facts, "re_age"), `entries[${posted}]`);
      if (totalUnpaid(bookOf(run).rows).principal === 0n) {
        throw new LendingError(
          "impossible",
          `entries[${posted}]`,
          "no principal is owed that could be re-aged",
        );
      }
      run.facts.push({ ...entry, posted, on: postedOn(run, entry.day) });
  }
}

/** What the borrower had overpaid comes back with a tranche; her down payment is the rest that she owes of it. */
function payOut(run: Run, { day, amount }: Extract<Entry, { kind: "disbursement" }>, posted: number): void {
  const { loan } = run;
  assertTranche(loan.terms, day, `entries[${posted}].date`);
  const on = postedOn(run, day);
  const downPayment = loan.paysDownPayment ? downPaymentOf(loan.terms, amount) : 0n;
  const isFirst = factsOf(run.facts, "disbursement").length === 0;
  const overpaid = downPayment === 0n || isFirst ? 0n : bookOf(run).overpaid;
  const covered = smallerOf(overpaid, amount);
  run.facts.push({ kind: "disbursement", posted, on, day, amount });
  if (downPayment <= covered) return;
  run.facts.push({ kind: "down_payment", posted, on, day, amount: downPayment - covered });
}

/** What each tranche paid of itself in charges. */
function disbursementFees({ loan, facts }: Run): Posting[] {
  const charges = factsOf(facts, "charge").map(({ charge }) => charge);
  return factsOf(facts, "disbursement").flatMap((fact) =>
    charges.flatMap((charge) => {
      if (charge.when !== "disbursement") return [];
      const base = { principal: fact.amount, interest: 0n };
      const amount = amountOf(charge.amount, base, loan.terms.rounding);
      const posting = openPosting("disbursement_fee", fact, amount);
      posting.components[charge.isPenalty ? "penalty" : "fee"] = amount;
      return [posting];
    }),
  );
}

function postedOn({ today, todayIsSaid }: Run, day: Day): Day {
  return todayIsSaid ? Math.max(today, day) : day;
}

function assertIsPaidOut({ paidOutOn }: Run, day: Day, posted: number): void {
  if (day >= paidOutOn) return;
  throw new LendingError("out_of_range", `entries[${posted}].date`, "must not be before the disbursement");
}

function addRepayment(
  run: Run,
  day: Day,
  amount: bigint,
  posted: number,
  paysOff = false,
): Run["repayments"][number] {
  assertIsPaidOut(run, day, posted);
  const fact = { kind: "repayment", posted, on: postedOn(run, day), day, amount, paysOff } as const;
  run.facts.push(fact);
  return fact;
}

function withChange(
  { loan, facts }: Run,
  { change }: Extract<Entry, { kind: "change" }>,
  posted: number,
): Loan {
  const path = `entries[${posted}]`;
  if (factsOf(facts, "re_age").length > 0) {
    throw new LendingError("unsupported", `${path}.type`, "a loan that was re-aged cannot be rescheduled");
  }
  assertChange(termsAsPaidOut(loan, facts), change, path);
  return { ...loan, terms: { ...loan.terms, changes: [...(loan.terms.changes ?? []), change] } };
}

/** The facts are as if the repayment had never been; its posting is kept as it stood. */
function takeBack(run: Run, nth: number, posted: number): void {
  const fact = run.repayments[nth - 1];
  if (fact === undefined || !run.facts.includes(fact)) {
    const problem = `there is no repayment ${nth} that could be taken back`;
    throw new LendingError("out_of_range", `entries[${posted}].nth`, problem);
  }
  const posting = bookOf(run).postings.find((one) => one.posted === fact.posted);
  if (posting !== undefined) run.reversed.push(posting);
  const kept: Fact[] = [];
  for (const one of run.facts) {
    if (one === fact) continue;
    if (one.kind === "charge" && run.undatedCharges.has(one.posted)) {
      kept.push(chargeOn(latestOn(run, kept), one.charge, one.posted));
    } else if (one.kind === "repayment" && one.posted > fact.posted) {
      // A payoff that counted on the payment does not pay all off any more.
      one.paysOff = false;
      kept.push(one);
    } else {
      kept.push(one);
    }
  }
  run.facts = kept;
}

/** A charge counts from the day on which it was posted, or from its own day if that was earlier. */
function chargeFact(run: Run, charge: Charge, posted: number): Fact {
  if (run.todayIsSaid) return chargeOn(run.today, charge, posted);
  run.undatedCharges.add(posted);
  return chargeOn(latestOn(run, run.facts), charge, posted);
}

function chargeOn(on: Day, charge: Charge, posted: number): Fact {
  const day = charge.when === "on_day" ? Math.min(charge.day, on) : on;
  return { kind: "charge", posted, on, day, charge };
}

function latestOn({ loan }: Run, facts: readonly Fact[]): Day {
  return Math.max(loan.terms.disbursementDay, ...facts.map(({ on }) => on));
}

/** Late principal bears interest until today, and each overdue instalment gets its penalty, once. */
function closeBooks(run: Run, posted: number): void {
  const { today, loan } = run;
  run.facts.push({ kind: "close", posted, on: today, day: today });
  const penalty = loan.overduePenalty;
  if (penalty === undefined) return;
  const charged = new Set(
    factsOf(run.facts, "charge").flatMap(({ charge }) => (charge.when === "overdue" ? [charge.day] : [])),
  );
  for (const row of bookOf(run).rows) {
    const isAgreed = row.kind !== "charges_only" && row.kind !== "late_interest";
    if (!isAgreed || row.due >= today || isPaidOff(row) || charged.has(row.due)) continue;
    const base = { principal: unpaidPart(row, "principal"), interest: unpaidPart(row, "interest") };
    const flat = amountOf({ percent: penalty.percent, of: penalty.of }, base, loan.terms.rounding);
    if (flat === 0n) continue;
    const charge = { when: "overdue", day: row.due, isPenalty: true, amount: { flat } } as const;
    run.facts.push({ kind: "charge", posted, on: today, day: today, charge });
  }
}

/** A payoff closes the books of its day: interest on late principal is part of the quote, and is paid with it. */
function payOff(run: Run, day: Day, posted: number): void {
  const amount = sumOf(payoffQuote(run, day));
  if (amount === 0n) {
    throw new LendingError("impossible", `entries[${posted}]`, "nothing is owed that could be paid off");
  }
  run.facts.push({ kind: "close", posted, on: day, day });
  addRepayment(run, day, amount, posted, true);
}

/**
 * What pays the loan off on `day`, by component: all principal and charges; interest of what is due and, where interest is
 * recalculated, of the running period to the day or to the period's end. Without recalculation all interest is owed.
 */
function payoffQuote(history: { loan: Loan; facts: readonly Fact[] }, day: Day): Components {
  const estimate = payoffEstimate(history, day);
  if (history.loan.recalculation === undefined) return estimate;
  let amount = sumOf(estimate);
  for (let tries = 0; tries < MAX_PAYOFF_TRIES && amount > 0n; tries++) {
    const { components, unpaid, overpaid } = tryPayoff(history, day, amount);
    if (unpaid === 0n && overpaid === 0n) return components;
    amount += unpaid - overpaid;
  }
  return estimate;
}

/** A payoff changes the interest of the rows that it pays; what it then lacks or has too much converges at once. */
const MAX_PAYOFF_TRIES = 4;

function tryPayoff(
  { loan, facts }: { loan: Loan; facts: readonly Fact[] },
  day: Day,
  amount: bigint,
): { components: Components; unpaid: bigint; overpaid: bigint } {
  const posted = Number.MAX_SAFE_INTEGER;
  const payoff: Fact = { kind: "repayment", posted, on: day, day, amount, paysOff: true };
  const book = bookOf({ loan, facts: [...facts, { kind: "close", posted, on: day, day }, payoff] });
  const posting = book.postings.find((one) => one.posted === posted);
  const { components, overpaid } = posting ?? openPosting("repayment", payoff, 0n);
  return { components, unpaid: sumOf(totalUnpaid(book.rows)), overpaid };
}

function payoffEstimate({ loan, facts }: { loan: Loan; facts: readonly Fact[] }, day: Day): Components {
  const closed: Fact[] = [...facts, { kind: "close", posted: Number.MAX_SAFE_INTEGER, on: day, day }];
  if (loan.terms.engine === "progressive") return progressivePayoff({ loan, facts: closed }, day);
  if (loan.recalculation === undefined) return totalUnpaid(cumulativeBook({ loan, facts }).rows);
  return totalUnpaid(cumulativeBook({ loan, facts: closed, paidOffOn: day }).rows);
}
