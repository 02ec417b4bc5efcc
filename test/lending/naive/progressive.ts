import type { Period, ScheduleTerms, Tranche } from "../../../lending/schedule/terms.ts";
import type { NaiveSplit } from "./cumulative.ts";
import { equalPayment, factorOfPart, instalment, money } from "./interest.ts";
import { Ratio, ratioOf } from "./ratio.ts";

interface Walked extends NaiveSplit {
  /** All interest that has accrued and was not asked for before. */
  asked: bigint;
  /** What is owed after the row, with what was paid out by its due day. */
  balance: bigint;
}

/** A gap between given periods belongs to the period after it. */
function isIn(day: number, periods: readonly Period[], index: number): boolean {
  return day > (periods[index - 1]?.due ?? -1) && day <= (periods[index]?.due ?? -1);
}

/** The slices of a period: from where it begins to each day on which money goes out, and on to the due day. */
function slicesOf(
  periods: readonly Period[],
  index: number,
  tranches: readonly Tranche[],
): [number, number][] {
  const { from, due } = periods[index] ?? { from: 0, due: 0 };
  const own = tranches.filter(({ day }) => isIn(day, periods, index) && day > from);
  const days = [from, due, ...own.map(({ day }) => day)];
  const cuts = [...new Set(days)].sort((a, b) => a - b);
  return cuts.slice(1).map((to, k) => [cuts[k] ?? from, to]);
}

/** What is known of a loan at some moment: nothing here is kept up to date, all is walked through anew each time. */
interface Moment {
  terms: ScheduleTerms;
  periods: readonly Period[];
  rates: readonly Ratio[];
  tranches: readonly Tranche[];
}

/** The whole table from the first row on, for given instalments. */
function walk({ terms, periods, rates, tranches }: Moment, instalments: readonly bigint[]): Walked[] {
  let [owed, carried] = [0n, 0n];
  return periods.map((period, index) => {
    const own = tranches.filter(({ day }) => isIn(day, periods, index));
    const balanceOn = (day: number) =>
      own.reduce((sum, one) => (one.day <= day ? sum + one.amount : sum), owed);
    let accrued = carried;
    for (const [from, to] of slicesOf(periods, index, tranches)) {
      const factor = factorOfPart(terms, rates[index] ?? new Ratio(0), period, from, to);
      accrued += money(new Ratio(balanceOn(from)).times(factor), terms);
    }
    // Interest that the instalment does not cover is carried on; none is ever given back.
    const agreed = instalments[index] ?? 0n;
    const asked = larger(accrued, 0n);
    const interest = larger(smaller(asked, agreed), 0n);
    const principal = larger(agreed - interest, 0n);
    carried = accrued - interest;
    owed = balanceOn(Number.POSITIVE_INFINITY) - principal;
    return { principal, interest, asked, balance: owed };
  });
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((all, amount) => all + amount, 0n);
}

/** The last instalment that is not 0 takes what is missing; what is too much is taken off from the last one backwards. */
function settled(moment: Moment, instalments: readonly bigint[]): bigint[] {
  const { periods, tranches } = moment;
  const after = [...instalments];
  const latest = periods.findLastIndex((_, index) => tranches.some(({ day }) => isIn(day, periods, index)));
  const last = after.findLastIndex((amount) => amount !== 0n);
  for (let index = last < latest ? periods.length - 1 : last; index >= 0; index--) {
    const rows = walk(moment, after);
    const missing = sum(tranches.map(({ amount }) => amount)) - sum(rows.map(({ principal }) => principal));
    const row = rows[index];
    if (row === undefined || missing === 0n) break;
    after[index] = row.asked + larger(row.principal + missing, 0n);
  }
  return after;
}

/** Solves all instalments from `first` on to the same amount. */
function solvedFrom(moment: Moment, instalments: readonly bigint[], first: number): bigint[] {
  const { terms, periods, rates, tranches } = moment;
  const before = first === 0 ? 0n : (walk(moment, instalments)[first - 1]?.balance ?? 0n);
  const now = tranches.filter(({ day }) => isIn(day, periods, first)).map(({ amount }) => amount);
  const factors = periods
    .slice(first)
    .map((period, k) =>
      slicesOf(periods, first + k, tranches).reduce(
        (all, [from, to]) =>
          all.plus(factorOfPart(terms, rates[first + k] ?? new Ratio(0), period, from, to)),
        new Ratio(0),
      ),
    );
  const asked = instalment(equalPayment(larger(before, 0n) + sum(now), factors), terms);
  const settle = (amount: bigint) =>
    settled(
      moment,
      instalments.map((kept, index) => (index < first ? kept : amount)),
    );
  return smoothed(terms, settle(asked), first, settle);
}

/** Tranches and changes of the rate in the order of their days, a tranche first on the same one. */
export function naiveProgressive(
  terms: ScheduleTerms,
  periods: readonly Period[],
  all: readonly Tranche[],
): NaiveSplit[] {
  let instalments = periods.map(() => 0n);
  let rates = periods.map(() => ratioOf(terms.annualRate));
  let tranches: Tranche[] = [];
  const payOut = (tranche: Tranche): void => {
    tranches.push(tranche);
    const own = periods.findIndex((_, index) => isIn(tranche.day, periods, index));
    const isOnDueDay = periods[own]?.due === tranche.day && own + 1 < periods.length;
    instalments = solvedFrom({ terms, periods, rates, tranches }, instalments, isOnDueDay ? own + 1 : own);
  };
  // What was paid out after the row from which the rate changes is paid out once more, at the new rate.
  const agree = (from: number, rate: Ratio): void => {
    const first = periods.findIndex(({ due }) => due >= from);
    const due = periods[first]?.due;
    if (due === undefined) return;
    rates = rates.map((before, index) => (index < first ? before : rate));
    const again = tranches.filter(({ day }) => day >= due);
    tranches = tranches.filter(({ day }) => day < due);
    instalments = solvedFrom({ terms, periods, rates, tranches }, instalments, first);
    for (const tranche of again) payOut(tranche);
  };
  const later = [...all];
  for (const { from, annualRate, agreedOn = from } of terms.changes ?? []) {
    if (annualRate === undefined) continue;
    const now = later.filter(({ day }) => day <= agreedOn);
    for (const tranche of later.splice(0, now.length)) payOut(tranche);
    agree(from, ratioOf(annualRate));
  }
  for (const tranche of later) payOut(tranche);
  const rows = walk({ terms, periods, rates, tranches }, instalments);
  return rows.map(({ principal, interest }) => ({ principal, interest }));
}

/** One try to spread what makes the last instalment stick out, kept if it then sticks out less. */
function smoothed(
  terms: ScheduleTerms,
  instalments: bigint[],
  first: number,
  settle: (amount: bigint) => bigint[],
): bigint[] {
  const count = instalments.length - first;
  const stickingOut = (of: readonly bigint[]) => (of.at(-1) ?? 0n) - (of.at(-2) ?? 0n);
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  const difference = stickingOut(instalments);
  // In major units of two decimals this is |difference| * 100 > n / 2.
  if (count < 2 || size(difference) <= BigInt(Math.floor(count / 2))) return instalments;
  const usual = instalments.at(-2) ?? 0n;
  const spread = money(new Ratio(difference, count), terms);
  const tried = settle(instalment(new Ratio(usual + spread), terms));
  return size(stickingOut(tried)) < size(difference) ? tried : instalments;
}

/** Each tranche in equal parts over the rows after it. */
export function naiveInterestFree(
  terms: ScheduleTerms,
  periods: readonly Period[],
  tranches: readonly Tranche[],
): NaiveSplit[] {
  const owed = periods.map(() => 0n);
  for (const { day, amount } of tranches) {
    const later = periods.filter(({ due }) => due > day);
    const part = money(new Ratio(amount, later.length || 1), terms);
    let rest: bigint = amount;
    for (const [index, { due }] of periods.entries()) {
      if (due <= day) continue;
      const before = owed[index] ?? 0n;
      const after = instalment(new Ratio(before + part), terms);
      owed[index] = after;
      rest -= after - before;
    }
    owed[periods.length - 1] = (owed[periods.length - 1] ?? 0n) + rest;
  }
  return owed.map((principal) => ({ principal, interest: 0n }));
}
