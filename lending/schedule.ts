import { assertDay, type Day } from "./calendar.ts";
import { dueDays } from "./due-days.ts";
import { LendingError } from "./errors.ts";
import { MAX_MINOR, MAX_REPAY_EVERY, MAX_SCHEDULE_ROWS } from "./limits.ts";
import { assertMinor, divHalfEven, divToMultiple, type Minor, minor, mulDivHalfEven } from "./money.ts";
import { annuityPayment, type Fraction, type RepayUnit, ratePerPeriod } from "./rate.ts";

/** What a schedule follows from. Amounts are minor units, days are day numbers, the rate is a fraction of one a year. */
export interface ScheduleTerms {
  principal: Minor;
  annualRate: Fraction;
  numberOfInstalments: number;
  repayEvery: number;
  repayUnit: RepayUnit;
  /** `flat`: interest on the original principal to the end; `declining_balance`: on what is still owed. */
  interestMethod: "declining_balance" | "flat";
  /** Each repayment period bears one period's interest, however many days it has (Fineract: same as repayment period). */
  interestPeriod: "repayment_period";
  amortisation: "equal_instalments" | "equal_principal";
  /** Instalments are rounded to a multiple of this; 1 rounds to the minor unit. Equal principal ignores it. */
  instalmentMultiple: Minor;
  /** Charged with each instalment, on top. */
  instalmentFee: Minor;
  disbursementDay: Day;
  firstRepaymentDay?: Day | undefined;
}

/** One instalment; `outstanding` is the principal still owed after it. Amounts are minor units. */
export interface ScheduleRow {
  nr: number;
  day: Day;
  principal: Minor;
  interest: Minor;
  fee: Minor;
  outstanding: Minor;
}

/** Sums over all rows; `total` = principal + interest + fee. */
export interface ScheduleTotals {
  principal: Minor;
  interest: Minor;
  fee: Minor;
  total: Minor;
}

type Split = { principal: bigint; interest: bigint };

/**
 * Computes the instalments of a loan. Every division is exact up to one rounding HALF_EVEN at the minor unit (or at the
 * instalment multiple); the last row takes what rounding left over, so principal sums to the amount.
 * Formulas: `meta.formulas` FLAT, EMI_SAR and EQP of `test/golden/fineract-schedules.json`.
 * @throws LendingError naming the field: `out_of_range` beyond a limit, `unsupported` for combinations without a golden
 * source, `impossible` where a row would be empty or negative.
 */
export function computeSchedule(terms: ScheduleTerms): ScheduleRow[] {
  assertTerms(terms);
  const days = dueDays(terms);
  const fee = terms.instalmentFee;
  let outstanding: bigint = terms.principal;
  const rows = splits(terms).map(({ principal, interest }, index): ScheduleRow => {
    outstanding -= principal;
    if (principal < 0n || interest < 0n || outstanding < 0n || principal + interest === 0n) {
      throw impossible(terms, index + 1);
    }
    const amounts = { principal: minor(principal), interest: minor(interest), fee };
    return { nr: index + 1, day: days[index] ?? 0, ...amounts, outstanding: minor(outstanding) };
  });
  if (scheduleTotals(rows).total > MAX_MINOR) {
    throw new LendingError(
      "out_of_range",
      "principal",
      `with interest and fees it exceeds ${MAX_MINOR} minor units`,
    );
  }
  return rows;
}

/** Sums the columns of a schedule. */
export function scheduleTotals(rows: readonly ScheduleRow[]): ScheduleTotals {
  const sum = (pick: (row: ScheduleRow) => bigint) => rows.reduce((total, row) => total + pick(row), 0n);
  const [principal, interest, fee] = [sum((r) => r.principal), sum((r) => r.interest), sum((r) => r.fee)];
  const total = minor(principal + interest + fee);
  return { principal: minor(principal), interest: minor(interest), fee: minor(fee), total };
}

function splits(terms: ScheduleTerms): Split[] {
  if (terms.interestMethod === "flat") return flat(terms);
  return terms.amortisation === "equal_principal" ? equalPrincipal(terms) : equalInstalments(terms);
}

/** FLAT: both totals divided evenly; with a multiple, principal makes up what rounds the instalment. */
function flat(terms: ScheduleTerms): Split[] {
  const n = BigInt(terms.numberOfInstalments);
  const multiple = terms.instalmentMultiple;
  const rate = ratePerPeriod(terms.annualRate, terms.repayEvery, terms.repayUnit);
  const totalInterest = mulDivHalfEven(terms.principal, rate.numerator * n, rate.denominator);
  const interest = divHalfEven(totalInterest, n);
  const evenPrincipal = divHalfEven(terms.principal, n);
  const principal =
    divToMultiple(evenPrincipal, 1n, multiple) + divToMultiple(interest, 1n, multiple) - interest;
  const lastPrincipal = terms.principal - principal * (n - 1n);
  return withLast(terms, { principal, interest }, lastPrincipal, totalInterest - interest * (n - 1n));
}

function withLast(terms: ScheduleTerms, each: Split, principal: bigint, interest: bigint): Split[] {
  return [...Array<Split>(terms.numberOfInstalments - 1).fill(each), { principal, interest }];
}

/** EMI_SAR: the annuity payment rounded to the multiple; interest on the balance comes first, principal is the rest. */
function equalInstalments(terms: ScheduleTerms): Split[] {
  const rate = ratePerPeriod(terms.annualRate, terms.repayEvery, terms.repayUnit);
  const exact = annuityPayment(terms.principal, rate, terms.numberOfInstalments);
  const instalment = divToMultiple(exact.numerator, exact.denominator, terms.instalmentMultiple);
  return declining(terms, rate, (interest) => instalment - interest);
}

/** EQP: the same principal each time, interest on the balance on top. */
function equalPrincipal(terms: ScheduleTerms): Split[] {
  const rate = ratePerPeriod(terms.annualRate, terms.repayEvery, terms.repayUnit);
  const principal = divHalfEven(terms.principal, BigInt(terms.numberOfInstalments));
  return declining(terms, rate, () => principal);
}

function declining(terms: ScheduleTerms, rate: Fraction, principalOf: (interest: bigint) => bigint): Split[] {
  let balance: bigint = terms.principal;
  const rows: Split[] = [];
  for (let nr = 1; nr <= terms.numberOfInstalments; nr++) {
    const interest = mulDivHalfEven(balance, rate.numerator, rate.denominator);
    const principal = nr === terms.numberOfInstalments ? balance : principalOf(interest);
    rows.push({ principal, interest });
    balance -= principal;
  }
  return rows;
}

function impossible(terms: ScheduleTerms, nr: number): LendingError {
  const path = terms.instalmentMultiple > 1n ? "instalmentMultiple" : "numberOfInstalments";
  const problem = `leaves instalment ${nr} empty or negative; choose fewer instalments or a finer multiple`;
  return new LendingError("impossible", path, problem);
}

function assertTerms(terms: ScheduleTerms): void {
  assertMinor(terms.principal, "principal");
  if (terms.principal === 0n) throw new LendingError("out_of_range", "principal", "must be more than 0");
  assertCount(terms.numberOfInstalments, MAX_SCHEDULE_ROWS, "numberOfInstalments");
  assertCount(terms.repayEvery, MAX_REPAY_EVERY, "repayEvery");
  assertMinor(terms.instalmentFee, "instalmentFee");
  assertMinor(terms.instalmentMultiple, "instalmentMultiple");
  if (terms.instalmentMultiple === 0n) {
    throw new LendingError("out_of_range", "instalmentMultiple", "must be at least 1 minor unit");
  }
  if (terms.interestMethod === "flat" && terms.amortisation !== "equal_instalments") {
    throw new LendingError("unsupported", "amortisation", "flat interest comes with equal instalments only");
  }
  assertDay(terms.disbursementDay, "disbursementDate");
  if (terms.firstRepaymentDay !== undefined) assertDay(terms.firstRepaymentDay, "firstRepaymentDate");
}

function assertCount(value: number, max: number, path: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new LendingError("out_of_range", path, `must be a whole number from 1 to ${max}`);
}
