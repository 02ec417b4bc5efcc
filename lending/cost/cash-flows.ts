import { assertDay, type Day } from "../calendar.ts";
import { LendingError } from "../errors.ts";
import { MAX_SCHEDULE_ROWS } from "../limits.ts";
import { assertMinor, type Minor, minor } from "../money.ts";

/** Money that changes hands on a day, in minor units. */
export interface DatedAmount {
  day: Day;
  amount: Minor;
}

/**
 * A charge beside the repayments. Leave out what only a breach of the agreement costs (penalties for lateness): neither
 * law counts it.
 */
export interface Charge extends DatedAmount {
  /** Kept back from the advance of its day, instead of paid by the borrower on top. */
  isWithheld: boolean;
  /** Part of the total cost of the credit: Directive (EU) 2023/2225, Article 3 (all that the borrower must pay). */
  isCost: boolean;
  /** Part of the finance charge: 12 CFR 1026.4. */
  isFinanceCharge: boolean;
}

/** What a loan pays out and takes in; each list sorted by day. Interest stands inside the repayments. */
export interface LoanFlows {
  advances: readonly DatedAmount[];
  repayments: readonly DatedAmount[];
  charges: readonly Charge[];
}

/** What one law sees of a loan: totals, and the money of each day (positive to the borrower), by rising days. */
export interface NetFlows {
  credit: Minor;
  payable: Minor;
  flows: { day: Day; amount: bigint }[];
}

/** Two charges an instalment, and some: beyond it stands a mistake, not a loan. */
const MAX_ENTRIES = 3 * MAX_SCHEDULE_ROWS;

/** Checks a loan's flows. @throws LendingError naming the field. */
export function assertFlows(loan: LoanFlows): void {
  for (const name of ["advances", "repayments", "charges"] as const) assertEntries(loan[name], name);
  const first = loan.advances[0]?.day;
  if (first === undefined) throw new LendingError("invalid", "advances", "must have an entry");
  if (loan.repayments.length === 0) throw new LendingError("invalid", "repayments", "must have an entry");
  assertNotBefore(loan.repayments, first, "repayments");
  assertNotBefore(loan.charges, first, "charges");
  assertWithheld(loan);
}

/**
 * Nets a loan's flows as a law sees them: a charge that `counts` reduces the advance from which it is kept back, or adds
 * to what is paid. A charge that does not count buys something else (a notary, an insurance of her choice), so it stays
 * out: kept back, it was advanced to her and spent for her.
 * @throws LendingError if less is paid than was advanced, or if it is paid before it is owed.
 */
export function netFlows(loan: LoanFlows, counts: (charge: Charge) => boolean): NetFlows {
  const counted = loan.charges.filter(counts);
  const withheld = counted.filter((charge) => charge.isWithheld);
  const paid = [...loan.repayments, ...counted.filter((charge) => !charge.isWithheld)];
  const credit = sum(loan.advances) - sum(withheld);
  const payable = sum(paid);
  if (payable < credit) {
    throw new LendingError(
      "impossible",
      "repayments",
      "pay back less than was advanced: there is no annual rate",
    );
  }
  const perDay = new Map<Day, bigint>();
  const add = (day: Day, amount: bigint) => perDay.set(day, (perDay.get(day) ?? 0n) + amount);
  for (const { day, amount } of loan.advances) add(day, amount);
  for (const { day, amount } of [...withheld, ...paid]) add(day, -amount);
  const flows = [...perDay].map(([day, amount]) => ({ day, amount })).filter(({ amount }) => amount !== 0n);
  flows.sort((a, b) => a.day - b.day);
  if ((flows[0]?.amount ?? 0n) <= 0n || flows[0]?.day !== loan.advances[0]?.day) {
    const problem = "leave nothing to the borrower on the day of the first advance";
    throw new LendingError("impossible", "advances", problem);
  }
  return {
    credit: assertMinor(credit, "advances"),
    payable: assertMinor(payable, "repayments"),
    flows,
  };
}

function sum(entries: readonly DatedAmount[]): Minor {
  return minor(entries.reduce((total, entry) => total + entry.amount, 0n));
}

function assertEntries(entries: readonly DatedAmount[], name: string): void {
  if (entries.length > MAX_ENTRIES) {
    throw new LendingError("out_of_range", name, `must have at most ${MAX_ENTRIES} entries`);
  }
  let last = 0;
  for (const [index, { day, amount }] of entries.entries()) {
    const path = `${name}[${index}]`;
    assertDay(day, `${path}.day`);
    if (day < last)
      throw new LendingError("invalid", `${path}.day`, "must not be before the entry before it");
    last = day;
    assertMinor(amount, `${path}.amount`);
  }
}

function assertNotBefore(entries: readonly DatedAmount[], first: Day, name: string): void {
  const early = entries.findIndex(({ day }) => day < first);
  if (early < 0) return;
  throw new LendingError("invalid", `${name}[${early}].day`, "must not be before the first advance");
}

function assertWithheld({ advances, charges }: LoanFlows): void {
  const left = new Map<Day, bigint>();
  for (const { day, amount } of advances) left.set(day, (left.get(day) ?? 0n) + amount);
  for (const [index, charge] of charges.entries()) {
    if (!charge.isWithheld) continue;
    const rest = (left.get(charge.day) ?? 0n) - charge.amount;
    if (rest < 0n) {
      const problem = "is more than is advanced on its day";
      throw new LendingError("impossible", `charges[${index}].amount`, problem);
    }
    left.set(charge.day, rest);
  }
}
