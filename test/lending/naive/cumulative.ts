import type { Period, ScheduleTerms, TermChange } from "../../../lending/schedule/terms.ts";
import { equalPayment, factorOfAnyPeriod, factorOfDays, instalment, money } from "./interest.ts";
import { agreedCount } from "./periods.ts";
import { Ratio, ratioOf } from "./ratio.ts";

export interface NaiveSplit {
  principal: bigint;
  interest: bigint;
}

/** What the terms and their changes say about row `index`, looked up anew each time. */
interface Row {
  period: Period;
  rate: Ratio;
  /** Which change gave the rate; 0 is none. */
  rateNr: number;
  tranches: { day: number; amount: bigint }[];
  paysPrincipal: boolean;
  isFree: boolean;
  isPutOff: boolean;
  /** The row from which on that was known. */
  putOffAt: number;
  isEnd: boolean;
  isSolved: boolean;
  /** Instalments that pay principal from here on, as far as they were agreed by then. */
  left: number;
}

export function rowsOf(terms: ScheduleTerms, periods: readonly Period[]): Row[] {
  const agreed = agreedCount(terms);
  const changes = (terms.changes ?? []).map((change) => ({
    change,
    first: periods.findIndex(({ due }) => due >= (change.dueDay ?? change.from)),
  }));
  const isOnPrincipalGrace = (index: number) =>
    index < terms.grace.principal ||
    changes.some(({ change, first }) => index >= first && index < first + change.graceOnPrincipal);
  /** The rows from which on row `index` was known to put its interest off. */
  const putOffBy = (index: number) => [
    ...(index < terms.grace.interestPayment ? [0] : []),
    ...changes
      .filter(({ change, first }) => index >= first && index < first + change.graceOnInterest)
      .map(({ first }) => first),
  ];
  const tranches = terms.tranches ?? [{ day: terms.disbursementDay, amount: terms.principal }];
  return periods.map((period, index) => {
    let [rate, rateNr, left, isSolved] = [ratioOf(terms.annualRate), 0, 0, index === 0];
    for (const [nr, { change, first }] of changes.entries()) {
      if (change.annualRate !== undefined && index >= first) {
        [rate, rateNr] = [ratioOf(change.annualRate), nr + 1];
      }
      if (index === first && solves(change)) isSolved = true;
      if (first > index) left -= change.extraInstalments;
    }
    for (let k = index; k < agreed; k++) if (!isOnPrincipalGrace(k)) left++;
    return {
      period,
      rate,
      rateNr,
      tranches: tranches.filter(
        ({ day }) => (index === 0 || day > (periods[index - 1]?.due ?? 0)) && day <= period.due,
      ),
      paysPrincipal: !isOnPrincipalGrace(index),
      isFree: index < terms.grace.interest,
      isPutOff: putOffBy(index).length > 0,
      putOffAt: Math.min(...putOffBy(index)),
      isEnd: index >= agreed - 1,
      isSolved,
      left: Math.max(left, 1),
    };
  });
}

function solves(change: TermChange): boolean {
  return change.annualRate !== undefined || change.extraInstalments > 0;
}

function paidOut(rows: readonly Row[]): bigint {
  return rows.flatMap(({ tranches }) => tranches).reduce((sum, { amount }) => sum + amount, 0n);
}

export function naiveDeclining(terms: ScheduleTerms, periods: readonly Period[]): NaiveSplit[] {
  const rows = rowsOf(terms, periods);
  let [balance, payment, putOff] = [0n, 0n, 0n];
  return rows.map((row, index) => {
    const charged = row.isFree ? 0n : interestOf(terms, row, balance);
    balance += paidOut([row]);
    if (row.isSolved) payment = paymentFrom(terms, row, balance + paidOut(rows.slice(index + 1)));
    let principal = terms.amortisation === "equal_principal" ? payment : payment - charged;
    if (!row.paysPrincipal) principal = 0n;
    else if (principal > balance) principal = balance;
    if (row.isEnd) principal = balance;
    balance -= principal;
    putOff += charged;
    const interest = row.isPutOff && !row.isEnd ? 0n : putOff;
    putOff -= interest;
    return { principal, interest };
  });
}

function paymentFrom(terms: ScheduleTerms, { rate, left }: Row, balance: bigint): bigint {
  if (terms.amortisation === "equal_principal") return money(new Ratio(balance, left), terms);
  const factor = factorOfAnyPeriod(terms, rate);
  return instalment(
    equalPayment(
      balance,
      Array.from({ length: left }, () => factor),
    ),
    terms,
  );
}

/** Day by day: a slice ends where money goes out, and at the due day. */
function interestOf(terms: ScheduleTerms, { period, rate, tranches }: Row, before: bigint): bigint {
  const paidBy = (day: number) =>
    tranches.reduce((sum, one) => (one.day <= day ? sum + one.amount : sum), before);
  const isFixed = terms.interestPeriod === "repayment_period" && !terms.partialPeriods;
  let [from, sum] = [period.from, 0n];
  for (let day = from + 1; day <= period.due; day++) {
    if (day !== period.due && !tranches.some((one) => one.day === day)) continue;
    const isWhole = from === period.from && day === period.due;
    const factor = isWhole && isFixed ? factorOfAnyPeriod(terms, rate) : factorOfDays(terms, rate, from, day);
    sum += money(new Ratio(paidBy(from)).times(factor), terms);
    from = day;
  }
  return sum;
}

export function naiveFlat(terms: ScheduleTerms, periods: readonly Period[]): NaiveSplit[] {
  const rows = rowsOf(terms, periods);
  const interest = rows.map((row, index) => flatInterest(terms, rows, row, index));
  let [balance, shared, parts] = [0n, 0n, 1];
  return rows.map((row, index) => {
    balance += paidOut([row]);
    shared += paidOut([row]);
    if (row.isSolved) [shared, parts] = [balance, row.left];
    const own = interest[index] ?? 0n;
    let principal = money(new Ratio(shared, parts), terms);
    if (terms.instalmentMultiple > 1n) {
      principal = instalment(new Ratio(principal), terms) + instalment(new Ratio(own), terms) - own;
    }
    if (!row.paysPrincipal) principal = 0n;
    // Before the last tranche no more is due than was paid out.
    const goesOn = paidOut(rows.slice(index + 1)) > 0n;
    if (row.isEnd || (goesOn && principal > balance)) principal = balance;
    balance -= principal;
    return { principal, interest: own };
  });
}

/** The share of one row in the interest of all rows of its rate. */
function flatInterest(terms: ScheduleTerms, rows: readonly Row[], row: Row, index: number): bigint {
  const first = rows.findIndex(({ rateNr }) => rateNr === row.rateNr);
  const same = rows.filter(({ rateNr }) => rateNr === row.rateNr);
  const from = first === 0 ? terms.disbursementDay : (same[0]?.period.from ?? 0);
  const byDays = terms.interestPeriod === "daily" || terms.partialPeriods;
  const factor = byDays
    ? factorOfDays(terms, row.rate, from, same.at(-1)?.period.due ?? from)
    : factorOfAnyPeriod(terms, row.rate).times(new Ratio(same.length));
  const whole = money(new Ratio(terms.principal).times(factor), terms);
  const free = same.filter(({ isFree }) => isFree).length;
  const total = whole - BigInt(free) * money(new Ratio(whole, same.length), terms);
  if (terms.amortisation === "equal_principal") return putOff(terms, same, total)[index - first] ?? 0n;
  const collecting = same.filter(({ isFree, isPutOff }) => !isFree && !isPutOff);
  if (collecting.length === 0) return index === first + same.length - 1 ? total : 0n;
  if (!collecting.includes(row)) return 0n;
  // A grace that was agreed later leaves the rows before it alone, and what is left is divided anew.
  const cut = Math.max(
    first,
    ...same.flatMap((one) => (one.isPutOff && one.putOffAt <= index ? [one.putOffAt] : [])),
  );
  const before = (until: number) =>
    rows.slice(first, until).reduce((sum, one, k) => sum + flatInterest(terms, rows, one, first + k), 0n);
  if (row === collecting.at(-1)) return total - before(index);
  const foreseen = rows
    .slice(cut, first + same.length)
    .filter(({ isFree, isPutOff, putOffAt }) => !isFree && (!isPutOff || putOffAt > cut)).length;
  return money(new Ratio(total - before(cut), foreseen), terms);
}

/** Each row bears its own part, the last one the rest; a row that puts it off leaves it to the next. */
function putOff(terms: ScheduleTerms, rows: readonly Row[], total: bigint): bigint[] {
  const bearing = rows.filter(({ isFree }) => !isFree).length;
  const each = money(new Ratio(total, Math.max(bearing, 1)), terms);
  const own = rows.map(({ isFree }) => (isFree ? 0n : each));
  for (const [index, amount] of own.entries()) {
    const before = own.slice(0, index).reduce((sum, one) => sum + one, 0n);
    own[index] = index === own.length - 1 || before + amount > total ? total - before : amount;
    if (index < own.length - 1 && rows[index]?.isFree) own[index] = 0n;
  }
  for (const [index, { isPutOff }] of rows.entries()) {
    if (!isPutOff || index === rows.length - 1) continue;
    own[index + 1] = (own[index + 1] ?? 0n) + (own[index] ?? 0n);
    own[index] = 0n;
  }
  return own;
}
