import type { Day } from "../calendar.ts";
import { largerOf, minor, roundMoney, roundToMultiple, smallerOf } from "../money.ts";
import type { Fraction } from "../rate.ts";
import { factorOfSlice } from "./interest.ts";
import type { Period, ScheduleTerms, Tranche } from "./terms.ts";

/**
 * The progressive engine: each period is a row of slices of constant balance.
 *
 *     period    |---------------- interest -----------------|
 *     slices    |-- balance 100 --|-- balance 83 -----------|
 *                                 ^ money moved on this day
 *
 * A slice ends on the day on which money moved; `disbursed` and `corrected` are what moved then.
 */
interface Slice {
  from: Day;
  to: Day;
  disbursed: bigint;
  corrected: bigint;
  /** Principal that bears interest in this slice. */
  balance: bigint;
  /** Interest on one unit of balance; computed when it is first asked for. */
  factor: Fraction | undefined;
}

/** A period with its equal instalment and what was paid of it; the figures below are derived. */
export interface ModelPeriod extends Period {
  annualRate: Fraction;
  instalment: bigint;
  paidPrincipal: bigint;
  paidInterest: bigint;
  slices: Slice[];
  /** Interest of the slices and what earlier periods did not recognise. */
  accruedInterest: bigint;
  dueInterest: bigint;
  duePrincipal: bigint;
}

export interface Model {
  terms: ScheduleTerms;
  periods: ModelPeriod[];
  /** While the loan is paid off, the day of that: periods that began before ask for all interest that has accrued in them. */
  endsOn: Day | undefined;
}

export function openModel(terms: ScheduleTerms, periods: readonly Period[]): Model {
  return {
    terms,
    endsOn: undefined,
    periods: periods.map(({ from, due }) => ({
      from,
      due,
      annualRate: terms.annualRate,
      instalment: 0n,
      paidPrincipal: 0n,
      paidInterest: 0n,
      slices: [{ from, to: due, disbursed: 0n, corrected: 0n, balance: 0n, factor: undefined }],
      accruedInterest: 0n,
      dueInterest: 0n,
      duePrincipal: 0n,
    })),
  };
}

export function copyModel(model: Model): Model {
  return { ...model, periods: model.periods.map(copyPeriod) };
}

function copyPeriod(period: ModelPeriod): ModelPeriod {
  return { ...period, slices: period.slices.map((slice) => ({ ...slice })) };
}

/** Money goes out on `day`: the instalments of its period and of all later ones are solved anew. */
export function disburse(model: Model, day: Day, amount: bigint): void {
  const index = moveMoney(model, day, { disbursed: amount, corrected: 0n });
  if (index === undefined) return;
  const isOnDueDay = model.periods[index]?.due === day && index + 1 < model.periods.length;
  solveFrom(model, isOnDueDay ? index + 1 : index);
}

/** The instalment due on `from` and all later ones bear the new rate, and are solved anew. */
export function changeRate(model: Model, from: Day, annualRate: Fraction): void {
  const first = model.periods.findIndex(({ due }) => due >= from);
  if (first === -1) return;
  for (const period of model.periods.slice(first)) {
    period.annualRate = annualRate;
    for (const slice of period.slices) slice.factor = undefined;
  }
  const later = takeBackTranches(model, first);
  solveFrom(model, first);
  for (const { day, amount } of later) disburse(model, day, amount);
}

/** What was paid out from the due day of period `first` on, as if it had not been yet. */
function takeBackTranches(model: Model, first: number): Tranche[] {
  const from = model.periods[first]?.due ?? 0;
  const tranches: Tranche[] = [];
  for (const slice of model.periods.flatMap(({ slices }) => slices)) {
    if (slice.disbursed === 0n || slice.to < from) continue;
    tranches.push({ day: slice.to, amount: minor(slice.disbursed) });
    slice.disbursed = 0n;
  }
  return tranches;
}

/** Before a payoff, and (without a day) after it: see `Model`. */
export function endOn(model: Model, day: Day | undefined): void {
  model.endsOn = day;
  derive(model);
  absorbInLastUnpaid(model);
}

/** Principal enters (+) or leaves (-) the base of interest on `day`, by payment before or after it was due. */
export function correctBalance(model: Model, day: Day, amount: bigint): void {
  if (moveMoney(model, day, { disbursed: 0n, corrected: amount }) === undefined) return;
  derive(model);
  absorbInLastUnpaid(model);
}

export function payInterest(model: Model, index: number, amount: bigint): void {
  const period = model.periods[index];
  if (period === undefined) return;
  period.paidInterest += amount;
  derive(model);
  absorbInLastUnpaid(model);
}

/** Principal of period `index` is paid on `day`; late money has left the base of interest on the due day already. */
export function payPrincipal(model: Model, index: number, day: Day, amount: bigint): void {
  const period = model.periods[index];
  if (period === undefined) return;
  period.paidPrincipal += amount;
  derive(model);
  correctBalance(model, Math.min(day, period.due), -amount);
}

/** What would have to be paid on `day` for period `index` alone, and the principal that is still owed then. */
export interface Payable {
  principal: bigint;
  interest: bigint;
  balance: bigint;
}

export function payableOn(model: Model, index: number, day: Day): Payable {
  const agreed = model.periods[index];
  if (agreed === undefined) throw new RangeError(`there is no period ${index}`);
  const period = copyPeriod(agreed);
  const at = Math.min(Math.max(day, period.from), period.due);
  const found = at === period.from ? 0 : period.slices.findIndex(({ from, to }) => at > from && at <= to);
  const last = Math.max(found, 0);
  const slice = period.slices[last];
  if (slice === undefined) throw new RangeError("a period has no slice");
  slice.to = at;
  slice.factor = undefined;
  period.slices.length = last + 1;
  const before = model.periods[index - 1];
  deriveInterest(model, period, before === undefined ? 0n : before.accruedInterest - before.dueInterest);
  const interest = day < period.from ? 0n : period.dueInterest;
  const balance = slice.balance + slice.disbursed;
  let { instalment } = period;
  if (balance + interest < instalment) {
    instalment = balance + interest + period.paidInterest + period.paidPrincipal;
  }
  // Never less than what was paid of it, and never more than is left of the whole loan.
  const most =
    period.paidPrincipal + disbursedOf(model) - sum(model.periods.map(({ paidPrincipal }) => paidPrincipal));
  const principal = largerOf(smallerOf(instalment - interest, most), period.paidPrincipal);
  return { principal, interest, balance };
}

/** Puts the movement at the end of a slice that ends on `day`, cutting one if need be; the index of its period. */
function moveMoney(
  model: Model,
  wanted: Day,
  moved: { disbursed: bigint; corrected: bigint },
): number | undefined {
  const index = model.periods.findIndex(({ due }) => wanted <= due);
  const period = model.periods[index];
  if (period === undefined) return undefined;
  // Money that moves in a gap before the period bears interest from its beginning.
  const day = Math.max(wanted, period.from);
  const existing = period.slices.find(({ to }) => to === day);
  if (existing !== undefined) {
    existing.disbursed += moved.disbursed;
    existing.corrected += moved.corrected;
    return index;
  }
  const cut = period.slices.findIndex(({ from, to }) => day >= from && day <= to);
  const slice = period.slices[cut];
  if (slice === undefined) return undefined;
  period.slices.splice(cut + 1, 0, { ...slice, from: day, factor: undefined });
  Object.assign(slice, moved, { to: day, factor: undefined });
  return index;
}

/**
 * Solves the instalments from period `first` on:
 *
 *     F_k = 1 + sum of slice factors      instalment = B * F_1 * ... * F_n / f_n,  f_1 = 1, f_k = 1 + f_(k-1) * F_k
 *
 * The last one absorbs what rounding leaves over. When that makes it stick out, one smoothing is tried.
 * Formula: `meta.formulas` PROG of the golden file; Fineract, ProgressiveEMICalculator.
 */
function solveFrom(model: Model, first: number): void {
  derive(model);
  const related = model.periods.slice(first);
  const before = model.periods[first - 1];
  const disbursed = sum(model.periods[first]?.slices.map((slice) => slice.disbursed) ?? []);
  const balance = (before === undefined ? 0n : balanceAfter(before)) + disbursed;
  const instalment = solveInstalment(model, related, balance);
  for (const period of related) period.instalment = instalment;
  derive(model);
  absorbInLastUnpaid(model);
  smooth(model, first);
}

/** All factors over one common denominator, so that the product is one of integers. */
function solveInstalment(model: Model, periods: readonly ModelPeriod[], balance: bigint): bigint {
  const factors = periods.map((period) => factorOfPeriod(model, period));
  const common = factors.reduce((all, { denominator }) => leastCommonMultiple(all, denominator), 1n);
  const grown = factors.map(({ numerator, denominator }) => common + numerator * (common / denominator));
  // f_k over common^(k-1), and the product over common^n.
  let [product, f, power] = [grown[0] ?? common, 1n, 1n];
  for (const factor of grown.slice(1)) {
    product *= factor;
    power *= common;
    f = power + f * factor;
  }
  const { terms } = model;
  return roundToMultiple(balance * product, common * f, terms.instalmentMultiple, terms.rounding);
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}

function factorOfPeriod(model: Model, period: ModelPeriod): Fraction {
  let [numerator, denominator] = [0n, 1n];
  for (const slice of period.slices) {
    const factor = sliceFactor(model, period, slice);
    const common = leastCommonMultiple(denominator, factor.denominator);
    numerator = numerator * (common / denominator) + factor.numerator * (common / factor.denominator);
    denominator = common;
  }
  return { numerator, denominator };
}

function sliceFactor({ terms }: Model, period: ModelPeriod, slice: Slice): Fraction {
  if (slice.factor !== undefined) return slice.factor;
  slice.factor = factorOfSlice(terms, period.annualRate, period, slice.from, slice.to);
  return slice.factor;
}

/** `|last - instalment| * 100 > floor(n / 2)` in major units: then the difference is spread once, if that helps. */
function smooth(model: Model, first: number): void {
  const count = model.periods.length - first;
  const [last, penultimate] = [model.periods.at(-1), model.periods.at(-2)];
  if (count < 2 || last === undefined || penultimate === undefined) return;
  const difference = last.instalment - penultimate.instalment;
  if (abs(difference) <= BigInt(Math.floor(count / 2))) return;
  const { rounding, instalmentMultiple } = model.terms;
  const spread = roundMoney(difference, BigInt(count), rounding);
  const tried = roundToMultiple(penultimate.instalment + spread, 1n, instalmentMultiple, rounding);
  if (tried === penultimate.instalment) return;
  const copy = copyModel(model);
  for (const period of copy.periods.slice(first)) period.instalment = tried;
  derive(copy);
  absorbInLastUnpaid(copy);
  const [newLast, newPenultimate] = [copy.periods.at(-1), copy.periods.at(-2)];
  if (newLast === undefined || newPenultimate === undefined) return;
  if (abs(newLast.instalment - newPenultimate.instalment) >= abs(difference)) return;
  model.periods.splice(0, model.periods.length, ...copy.periods);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/**
 * The last period that is not fully paid takes what the others leave over of all that was paid out; where that is more
 * than it owes itself, those before it owe less.
 */
function absorbInLastUnpaid(model: Model): void {
  const { periods } = model;
  const latestTranche = periods.findLastIndex(({ slices }) => slices.some(({ disbursed }) => disbursed > 0n));
  const last = periods.findLastIndex((p) => p.instalment !== p.paidPrincipal + p.paidInterest);
  // Money is never due before it was paid out.
  let index = last < latestTranche ? periods.length - 1 : last;
  for (let missing = missingOf(model); missing !== 0n && index >= 0; missing = missingOf(model)) {
    const period = periods[index];
    if (period === undefined) return;
    const least = period.paidPrincipal - period.duePrincipal;
    const wasSettled = period.paidPrincipal > plannedPrincipal(period);
    period.instalment = period.duePrincipal + interestToAsk(model, period) + largerOf(missing, least);
    derive(model);
    // One that asks for principal again also asks for its interest: it is looked at once more.
    const isOpenAgain = wasSettled && period.paidPrincipal <= plannedPrincipal(period);
    if (!isOpenAgain) index--;
  }
}

/** Principal that was paid out and that no period asks for. */
function missingOf(model: Model): bigint {
  let missing = disbursedOf(model);
  for (const { duePrincipal } of model.periods) missing -= duePrincipal;
  return missing;
}

function disbursedOf({ periods }: Model): bigint {
  let all = 0n;
  for (const { slices } of periods) for (const { disbursed } of slices) all += disbursed;
  return all;
}

/** Brings all derived figures up to date, from the first period to the last. */
function derive(model: Model): void {
  let [balance, unrecognised] = [0n, 0n];
  for (const period of model.periods) {
    for (const slice of period.slices) {
      slice.balance = balance;
      balance += slice.corrected + slice.disbursed;
    }
    deriveInterest(model, period, unrecognised);
    balance += period.paidPrincipal - period.duePrincipal;
    unrecognised = period.accruedInterest - period.dueInterest;
  }
}

function deriveInterest(model: Model, period: ModelPeriod, unrecognised: bigint): void {
  period.accruedInterest = unrecognised;
  for (const slice of period.slices) period.accruedInterest += interestOf(model, period, slice);
  period.dueInterest = largerOf(
    smallerOf(interestToAsk(model, period), period.instalment),
    period.paidInterest,
  );
  period.duePrincipal = largerOf(period.instalment - period.dueInterest, period.paidPrincipal);
}

/**
 * The interest that an instalment covers if it is large enough. A payment of more than the planned principal has settled
 * the period: its interest is what was paid. What is not asked for here is carried into the next period, until a payoff.
 */
function interestToAsk({ endsOn }: Model, period: ModelPeriod): bigint {
  const { accruedInterest, paidInterest, paidPrincipal } = period;
  const isEnding = endsOn !== undefined && period.from < endsOn;
  const isSettled = !isEnding && paidPrincipal > plannedPrincipal(period);
  return isSettled ? paidInterest : largerOf(accruedInterest, paidInterest);
}

function plannedPrincipal({ instalment, accruedInterest }: ModelPeriod): bigint {
  return largerOf(instalment - accruedInterest, 0n);
}

function interestOf(model: Model, period: ModelPeriod, slice: Slice): bigint {
  const { numerator, denominator } = sliceFactor(model, period, slice);
  return roundMoney(slice.balance * numerator, denominator, model.terms.rounding);
}

/** What the next period begins with; negative while more was paid than was owed. */
function openBalance(period: ModelPeriod): bigint {
  const last = period.slices.at(-1);
  const end = last === undefined ? 0n : last.balance + last.corrected + last.disbursed;
  return end - period.duePrincipal + period.paidPrincipal;
}

/** The principal still owed after a period. */
export function balanceAfter(period: ModelPeriod): bigint {
  return largerOf(openBalance(period), 0n);
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
