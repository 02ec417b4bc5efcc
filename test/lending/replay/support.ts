import { type Day, formatDate, parseDate } from "../../../lending/calendar.ts";
import { readParams } from "../../../lending/cases/params.ts";
import { formatMoney } from "../../../lending/money.ts";
import type { Charge } from "../../../lending/replay/charges.ts";
import type { Entry, Loan } from "../../../lending/replay/history.ts";
import { type LedgerRow, unpaidTotal } from "../../../lending/replay/ledger.ts";
import { type Replay, replay } from "../../../lending/replay/replay.ts";

/**
 * 1,200.00 at 12 % a year for three months from 1 April 2024: a month bears 1 %. In equal principal, each instalment is
 * 400.00 with 12.00, 8.00 and 4.00 of interest on what is still owed.
 */
const PARAMS = {
  currencyDecimals: 2,
  principal: "1200.00",
  annualRatePct: "12",
  nInstalments: 3,
  repayEvery: 1,
  unit: "MONTHS",
  amortization: "EQUAL_PRINCIPAL",
  interestMethod: "DECLINING_BALANCE",
  interestCalcPeriod: "SAME_AS_REPAYMENT_PERIOD",
  daysInYear: "360",
  daysInMonth: "30",
  disburseDate: "2024-04-01",
};

/** The due days of the three instalments, and days before and between them. */
export const DUE = ["2024-05-01", "2024-06-01", "2024-07-01"] as const;
export const EARLY = "2024-04-16";
export const LATE = "2024-05-16";
export const TWO_LATE = "2024-06-16";

/** Flat interest: 12.00 with each instalment. */
export const FLAT = { interestMethod: "FLAT" };
export const NO_INTEREST = { annualRatePct: "0" };
export const PROGRESSIVE = {
  engine: "PROGRESSIVE",
  amortization: "EQUAL_INSTALMENTS",
  interestCalcPeriod: "DAILY",
};

const COMPONENT_OF = { p: "penalty", f: "fee", i: "interest", P: "principal" } as const;

/** A rule that names the 12 buckets: one order of p, f, i, P for each due type. */
export function buckets({
  past = "pfiP",
  due = "pfiP",
  advance = "pfiP",
  future = "NEXT_INSTALLMENT",
  processing = "HORIZONTAL",
}: Partial<Record<"past" | "due" | "advance" | "future" | "processing", string>> = {}): Record<
  string,
  unknown
> {
  const name = (when: string) => (letter: string) =>
    `${when}_${COMPONENT_OF[letter as keyof typeof COMPONENT_OF]}`.toUpperCase();
  return {
    strategy: "advanced-payment-allocation-strategy",
    paymentAllocationOrder: [
      ...[...past].map(name("PAST_DUE")),
      ...[...due].map(name("DUE")),
      ...[...advance].map(name("IN_ADVANCE")),
    ],
    loanScheduleProcessing: processing,
    futureInstallmentRule: future,
  };
}

export function recalculation(changes: object = {}): Record<string, unknown> {
  return {
    interestRecalculation: {
      enabled: true,
      compounding: "NONE",
      rest: "DAILY",
      rescheduleStrategy: "REDUCE_EMI_AMOUNT",
      preClosureInterest: "TILL_PRE_CLOSE_DATE",
      ...changes,
    },
    interestCalcPeriod: "DAILY",
  };
}

/** The loan of these parameters, in the words of the golden format. */
export function loanOf(changes: object = {}): Loan {
  return readParams({ ...PARAMS, ...changes }).loan;
}

export function day(date: string): Day {
  return parseDate(date, "date");
}

/** "12.50" as 1250. */
export function cents(amount: string): bigint {
  return BigInt(amount.replace(".", ""));
}

export const pay = (date: string, amount: string | bigint): Entry => ({
  kind: "repayment",
  day: day(date),
  amount: typeof amount === "bigint" ? amount : cents(amount),
});
export const payOff = (date: string): Entry => ({ kind: "payoff", day: day(date) });
export const payOut = (date: string, amount: string): Entry => ({
  kind: "disbursement",
  day: day(date),
  amount: cents(amount),
});
export const undo = (nth: number, date: string = DUE[2]): Entry => ({
  kind: "reversal",
  day: day(date),
  nth,
});
export const onDay = (date: string): Entry => ({ kind: "as_of", day: day(date) });
export const closeBooks: Entry = { kind: "close_of_business" };
export const charge = (one: Charge): Entry => ({ kind: "charge", charge: one });
export const feeOn = (date: string, amount: string): Entry =>
  charge({ when: "on_day", day: day(date), isPenalty: false, amount: { flat: cents(amount) } });
export const penaltyOn = (date: string, amount: string): Entry =>
  charge({ when: "on_day", day: day(date), isPenalty: true, amount: { flat: cents(amount) } });

/** The loan after its entries, looked at on a day. */
export function replayed(loan: Loan, entries: readonly Entry[], asOf?: string): Replay {
  return replay({ loan, entries, asOf: asOf === undefined ? undefined : day(asOf) });
}

const money = (amount: bigint) => formatMoney(amount, 2);

/** "2024-05-01 400.00 + 12.00" for each row; with " + 5.00 + 1.00" where fees or penalties are owed. */
export function owed({ rows }: Pick<Replay, "rows">): string[] {
  return rows.map(({ due, owed: { principal, interest, fee, penalty } }) => {
    const charges = fee + penalty === 0n ? "" : ` + ${money(fee)} + ${money(penalty)}`;
    return `${formatDate(due)} ${money(principal)} + ${money(interest)}${charges}`;
  });
}

/** What is unpaid of each row. */
export function unpaid({ rows }: Pick<Replay, "rows">): string[] {
  return rows.map((row) => money(unpaidTotal(row)));
}

/** "P 400.00 i 12.00" for each posting of a kind: what it moved, with " over 1.00" for what nothing was owed for. */
export function moved({ postings }: Replay, kind = "repayment"): string[] {
  return postings
    .filter((posting) => posting.kind === kind)
    .map(({ components, overpaid, reversed }) => {
      const parts = Object.entries(COMPONENT_OF).flatMap(([letter, component]) =>
        components[component] === 0n ? [] : [`${letter} ${money(components[component])}`],
      );
      return [
        ...parts,
        ...(overpaid === 0n ? [] : [`over ${money(overpaid)}`]),
        ...(reversed ? ["reversed"] : []),
      ].join(" ");
    });
}

/** What is paid of each component of each row, as "p1 10.00". */
export function paidCells(rows: readonly LedgerRow[]): string[] {
  return rows.flatMap(({ paid }, index) =>
    Object.entries(COMPONENT_OF).flatMap(([letter, component]) =>
      paid[component] === 0n ? [] : [`${letter}${index + 1} ${money(paid[component])}`],
    ),
  );
}

/** The day with a payment of `amount` on top, and what it paid, cell by cell. */
export function paidBy(loan: Loan, before: readonly Entry[], date: string, amount: bigint): string[] {
  return paidCells(replayed(loan, [...before, pay(date, amount)]).rows);
}

/**
 * How payments that stop one cent into each cell of `sequence` ("p1 f1 i1 P1 p2 ...") must fill the cells before it, and
 * how they do; `sizes` says what each cell of a row holds.
 */
export function fillings(
  loan: Loan,
  before: readonly Entry[],
  date: string,
  sequence: string,
  sizes: Record<string, bigint>,
): { expected: string[][]; actual: string[][] } {
  const cells = sequence.split(" ");
  const size = (cell: string) => sizes[cell[0] ?? ""] ?? 0n;
  const inOrder = (list: string[]) => list.toSorted();
  const full = (list: readonly string[]) => list.map((cell) => `${cell} ${money(size(cell))}`);
  const expected = cells.map((cell, index) => inOrder([...full(cells.slice(0, index)), `${cell} 0.01`]));
  const actual = cells.map((_cell, index) => {
    const amount = cells.slice(0, index).reduce((sum, one) => sum + size(one), 1n);
    return inOrder(paidBy(loan, before, date, amount));
  });
  return { expected, actual };
}
