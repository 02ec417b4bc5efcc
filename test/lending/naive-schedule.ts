import type { ScheduleTerms } from "../../lending/schedule.ts";

/**
 * A second, deliberately naive schedule engine: fractions that are never reduced, the payment from the sum of present
 * values instead of the closed form, dates from the platform's calendar. Shares no code with `lending/`.
 */
class Ratio {
  readonly top: bigint;
  readonly bottom: bigint;

  constructor(top: bigint, bottom = 1n) {
    this.top = top;
    this.bottom = bottom;
  }

  plus(other: Ratio): Ratio {
    return new Ratio(this.top * other.bottom + other.top * this.bottom, this.bottom * other.bottom);
  }

  times(other: Ratio): Ratio {
    return new Ratio(this.top * other.top, this.bottom * other.bottom);
  }

  over(other: Ratio): Ratio {
    return new Ratio(this.top * other.bottom, this.bottom * other.top);
  }

  /** Banker's rounding of a non-negative value, by looking at the three possible cases. */
  rounded(): bigint {
    const whole = this.top / this.bottom;
    const rest = this.top - whole * this.bottom;
    if (rest + rest < this.bottom) return whole;
    if (rest + rest > this.bottom) return whole + 1n;
    return whole % 2n === 0n ? whole : whole + 1n;
  }
}

export interface NaiveRow {
  date: string;
  principal: bigint;
  interest: bigint;
  outstanding: bigint;
}

const PERIODS_A_YEAR = { days: 365n, weeks: 52n, months: 12n };

export function naiveSchedule(terms: ScheduleTerms): NaiveRow[] {
  const perYear = new Ratio(terms.annualRate.numerator, terms.annualRate.denominator);
  const rate = perYear.times(new Ratio(BigInt(terms.repayEvery), PERIODS_A_YEAR[terms.repayUnit]));
  const dates = naiveDates(terms);
  const rows: NaiveRow[] = [];
  let outstanding: bigint = terms.principal;
  for (const [index, date] of dates.entries()) {
    const isLast = index === dates.length - 1;
    const { principal, interest } = naiveRow(terms, rate, outstanding, isLast);
    outstanding -= principal;
    rows.push({ date, principal, interest, outstanding });
  }
  return rows;
}

function naiveRow(terms: ScheduleTerms, rate: Ratio, outstanding: bigint, isLast: boolean) {
  const n = BigInt(terms.numberOfInstalments);
  if (terms.interestMethod === "flat") {
    const all = new Ratio(terms.principal * n).times(rate).rounded();
    const interest = new Ratio(all, n).rounded();
    const multiple = (amount: bigint) =>
      new Ratio(amount, terms.instalmentMultiple).rounded() * terms.instalmentMultiple;
    const principal = multiple(new Ratio(terms.principal, n).rounded()) + multiple(interest) - interest;
    return isLast ? { principal: outstanding, interest: all - interest * (n - 1n) } : { principal, interest };
  }
  const interest = new Ratio(outstanding).times(rate).rounded();
  if (isLast) return { principal: outstanding, interest };
  if (terms.amortisation === "equal_principal")
    return { principal: new Ratio(terms.principal, n).rounded(), interest };
  return { principal: naivePayment(terms, rate) - interest, interest };
}

/** principal = payment * (v + v^2 + ... + v^n) with v = 1 / (1 + rate). */
function naivePayment(terms: ScheduleTerms, rate: Ratio): bigint {
  const discount = new Ratio(1n).over(new Ratio(1n).plus(rate));
  let factor = new Ratio(1n);
  let present = new Ratio(0n);
  for (let k = 0; k < terms.numberOfInstalments; k++) {
    factor = factor.times(discount);
    // Same denominators are added apart, or the fractions would grow without use.
    present = new Ratio(present.top * (factor.bottom / present.bottom) + factor.top, factor.bottom);
  }
  const steps = new Ratio(terms.principal).over(present).over(new Ratio(terms.instalmentMultiple)).rounded();
  return steps * terms.instalmentMultiple;
}

function naiveDates(terms: ScheduleTerms): string[] {
  const start = new Date((terms.firstRepaymentDay ?? terms.disbursementDay) * 86_400_000);
  const skipped = terms.firstRepaymentDay === undefined ? 1 : 0;
  return Array.from({ length: terms.numberOfInstalments }, (_, index) => {
    const units = (index + skipped) * terms.repayEvery;
    if (terms.repayUnit !== "months") {
      const days = terms.repayUnit === "weeks" ? units * 7 : units;
      return new Date(start.getTime() + days * 86_400_000).toISOString().slice(0, 10);
    }
    const lastOfMonth = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + units + 1, 0));
    lastOfMonth.setUTCDate(Math.min(lastOfMonth.getUTCDate(), start.getUTCDate()));
    return lastOfMonth.toISOString().slice(0, 10);
  });
}
