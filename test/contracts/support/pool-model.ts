import type { Instalment } from "../../../lending/agreement.ts";
import type { Components } from "../../../lending/allocation.ts";
import { smallerOf } from "../../../lending/money.ts";
import { AccrualModel, type Period, SCALE, type Stream } from "./accrual-model.ts";
import { BracketsModel, type Rule } from "./brackets-model.ts";
import { QueueModel } from "./queue-model.ts";

/**
 * What a pool's books must say, by brute force: sums over loans, each looked at on its own, and one list of all that ever
 * happened to it. LoanBook's word about a loan (its position after a payment) is taken as given: other tests check that.
 */

const BASIS_POINTS = 10_000n;

export interface Rules {
  utcOffset: number;
  nonAccrualDays: number;
  managementFeeBps: bigint;
  ageing: readonly Rule[];
}

/** As LoanBook's `positionOf` has it. */
export interface Position {
  nextInstalment: number;
  periodStartDay: number;
  lateFromDay: number;
  outstandingPrincipal: bigint;
  partPaidInterest: bigint;
  curing: boolean;
}

export interface Payment {
  paid: Components;
  after: Position;
  closed: boolean;
  held: boolean;
  reversible: boolean;
}

export type Booking = "funded" | "accruing" | "cashBasis" | "ended" | "writtenOff" | "sold";

/** All of it in base units, but for rows and positions. */
export interface Loan {
  borrower: string;
  originated: bigint;
  upfrontFee: bigint;
  coolingOffDays: number;
  unit: bigint;
  booking: Booking;
  rows: readonly Instalment[];
  position: Position;
  /** The last of its cooling-off days; 0 before it starts. */
  returnableUntil: number;
  /** Its number in the accrual model while it accrues. */
  line: number | undefined;
  lenderLoss: bigint;
  coverLoss: bigint;
  latest: Latest | undefined;
}

/** What taking the latest payment back needs. */
interface Latest {
  payment: Payment;
  before: Position;
  at: number;
  stream: Stream | undefined;
  net: bigint;
  booking: Booking;
  endedLine: number | undefined;
}

export interface Books {
  cash: bigint;
  outstanding: bigint;
  interestReceived: bigint;
  fees: bigint;
  held: bigint;
  funded: bigint;
  reserved: bigint;
  cover: bigint;
  uncovered: bigint;
  coverBefore: bigint;
}

export class PoolModel {
  readonly loans = new Map<number, Loan>();
  readonly queue = new QueueModel();
  readonly accruals: AccrualModel;
  readonly ageing: BracketsModel;
  readonly utcOffset: number;
  readonly #feeBps: bigint;
  /** By the last day of a loan's cooling-off days. */
  readonly #returnable = new Map<number, bigint>();
  supply = 0n;
  cash = 0n;
  held = 0n;
  received = 0n;
  fees = 0n;
  cover = 0n;
  uncovered = 0n;
  coverBefore = 0n;
  #lines = 0;

  constructor(rules: Rules) {
    this.accruals = new AccrualModel(rules.utcOffset, rules.nonAccrualDays);
    this.ageing = new BracketsModel(rules.ageing);
    this.#feeBps = rules.managementFeeBps;
    this.utcOffset = rules.utcOffset;
  }

  /* FIGURES */

  books(): Books {
    return {
      cash: this.cash,
      outstanding: this.#sum(({ booking }) => booking === "accruing" || booking === "cashBasis", owedOf),
      interestReceived: this.received,
      fees: this.fees,
      held: this.held,
      funded: this.#sum(({ booking }) => booking === "funded", originatedOf),
      reserved: this.queue.claimableAssets(),
      cover: this.cover,
      uncovered: this.uncovered,
      coverBefore: this.coverBefore,
    };
  }

  recognised(second: number): bigint {
    return this.accruals.numeratorAt(second) / SCALE;
  }

  /** Before anything is rounded up to nothing. */
  assets(second: number): bigint {
    const { cash, held, funded, outstanding, interestReceived } = this.books();
    return cash + held + funded + outstanding + this.recognised(second) - interestReceived;
  }

  totalAssets(second: number): bigint {
    return atLeastZero(this.assets(second));
  }

  provisionAhead(second: number): bigint {
    return this.ageing.provisionAhead(this.dayOf(second));
  }

  exitDeduction(second: number): bigint {
    return this.#share(this.provisionAhead(second)).lenders;
  }

  exitAssets(second: number): bigint {
    return atLeastZero(this.assets(second) - this.exitDeduction(second));
  }

  exposureOf(borrower: string): bigint {
    const open: Booking[] = ["funded", "accruing", "cashBasis", "writtenOff"];
    return this.#sum((loan) => loan.borrower === borrower && open.includes(loan.booking), originatedOf);
  }

  /** Rounded up. */
  carryingOf(id: number, second: number): bigint {
    const loan = this.loan(id);
    if (loan.booking === "funded") return loan.originated;
    if (loan.booking === "cashBasis") return owedOf(loan);
    if (loan.booking !== "accruing" || loan.line === undefined) return 0n;
    const counted = this.accruals.countedOf(loan.line, second);
    const scaled = atLeastZero((owedOf(loan) - this.#partOf(loan)) * SCALE + counted);
    return (scaled + SCALE - 1n) / SCALE;
  }

  dayOf(second: number): number {
    return Math.floor((second + this.utcOffset) / 86_400);
  }

  loan(id: number): Loan {
    const loan = this.loans.get(id);
    if (loan === undefined) throw new Error(`no loan ${id}`);
    return loan;
  }

  /* LENDING */

  fund(
    id: number,
    loan: Pick<Loan, "borrower" | "originated" | "upfrontFee" | "coolingOffDays" | "unit" | "rows">,
    after: Position,
  ): void {
    this.cash -= loan.originated;
    const fresh = { returnableUntil: 0, line: undefined, lenderLoss: 0n, coverLoss: 0n, latest: undefined };
    this.loans.set(id, { ...loan, ...fresh, booking: "funded", position: after });
  }

  start(id: number, after: Position, second: number): void {
    const loan = this.loan(id);
    loan.booking = "accruing";
    loan.position = after;
    this.fees += loan.upfrontFee;
    loan.returnableUntil = after.periodStartDay + loan.coolingOffDays;
    if (loan.coolingOffDays > 0) this.#keepFee(loan, loan.upfrontFee);
    this.#open(loan, second);
    this.#age(id);
  }

  cancel(id: number, held: boolean): void {
    const { originated, upfrontFee } = this.loan(id);
    this.#receive(originated - upfrontFee, held);
    this.cash += upfrontFee;
    this.loans.delete(id);
  }

  giveBack(id: number, held: boolean, second: number): void {
    const loan = this.loan(id);
    this.#close(loan, 0n, second);
    this.#forget(id);
    const fromFees = smallerOf(owedOf(loan), loan.upfrontFee);
    this.#receive(owedOf(loan) - fromFees, held);
    this.cash += fromFees;
    this.fees -= fromFees;
    this.#keepFee(loan, -loan.upfrontFee);
  }

  /* PAYMENTS */

  pay(id: number, payment: Payment, second: number): void {
    const loan = this.loan(id);
    if (loan.booking === "writtenOff") {
      this.#recover(id, payment, second);
      return;
    }
    const { paid, after, closed, held, reversible } = payment;
    const { unit, booking } = loan;
    const before = loan.position;
    const net = this.#netOf(loan, payment);
    const penalty = paid.penalty * unit;
    this.#receive(paid.principal * unit + net + penalty, held);
    this.received += net + penalty;
    this.fees += (paid.fee + paid.interest) * unit - net;
    const stream = this.#stream(this.#gainOf(loan, payment, net, second), second);
    const endedLine = loan.line;
    loan.position = after;
    loan.latest = reversible ? { payment, before, at: second, stream, net, booking, endedLine } : undefined;
    if (closed) this.#end(id);
    else if (booking === "accruing" && after.nextInstalment > before.nextInstalment) {
      this.accruals.advance(lineOf(loan), after.nextInstalment - before.nextInstalment, second);
    } else if (booking === "cashBasis" && !after.curing) {
      loan.booking = "accruing";
      this.#open(loan, second);
    }
    this.#age(id);
  }

  /** Takes the latest payment back. */
  reverse(id: number, second: number): void {
    const loan = this.loan(id);
    const { latest } = loan;
    if (latest === undefined) throw new Error(`nothing of loan ${id} can be taken back`);
    const { payment, before, at, stream, net, booking, endedLine } = latest;
    const { paid, after, closed } = payment;
    if (stream !== undefined) this.accruals.cancel(stream, second);
    if (booking === "accruing" && closed) {
      loan.line = endedLine;
      this.accruals.reopen(lineOf(loan), second);
    } else if (booking === "accruing") {
      const completed = after.nextInstalment - before.nextInstalment;
      if (completed > 0) this.accruals.retreat(lineOf(loan), completed, at, second);
    } else if (loan.booking === "accruing") {
      this.#stream(this.accruals.close(lineOf(loan), 0n, second).gain, second);
    }
    loan.booking = booking;
    loan.position = before;
    loan.latest = undefined;
    this.#age(id);
    const income = net + paid.penalty * loan.unit;
    const fees = (paid.fee + paid.interest) * loan.unit - net;
    this.received -= income;
    this.fees -= fees;
    this.cash -= paid.principal * loan.unit + income;
  }

  /** What of a payment is streamed; the line ends where it must. */
  #gainOf(loan: Loan, { paid, after, closed }: Payment, net: bigint, second: number): bigint {
    const penalty = paid.penalty * loan.unit * SCALE;
    if (loan.booking === "accruing") {
      if (!closed) return penalty;
      const received = this.#net((loan.position.partPaidInterest + paid.interest) * loan.unit);
      return penalty + this.accruals.close(lineOf(loan), received, second).gain;
    }
    const begun = closed || after.curing ? 0n : this.#net(after.partPaidInterest * loan.unit);
    return (net - begun) * SCALE + penalty;
  }

  #recover(id: number, { paid, closed, held, after }: Payment, second: number): void {
    const loan = this.loan(id);
    const { unit } = loan;
    const usualFees = paid.fee * unit + paid.interest * unit - this.#net(paid.interest * unit);
    let rest = (paid.penalty + paid.fee + paid.interest + paid.principal) * unit;
    const lenders = smallerOf(rest, loan.lenderLoss);
    const cover = smallerOf(rest - lenders, loan.coverLoss);
    rest -= lenders + cover;
    const fees = smallerOf(rest, usualFees);
    loan.lenderLoss -= lenders;
    loan.coverLoss -= cover;
    const income = lenders + rest - fees;
    if (cover > 0n) this.restoreCover(cover, second);
    this.fees += fees;
    this.received += income;
    this.#receive(income, held);
    this.#stream(income * SCALE, second);
    loan.position = after;
    if (closed) this.loans.delete(id);
  }

  /* OTHER TURNS */

  restructure(id: number, rows: readonly Instalment[], after: Position, second: number): void {
    const loan = this.loan(id);
    const capitalised = after.outstandingPrincipal * loan.unit - owedOf(loan);
    const gain = this.#close(loan, capitalised, second);
    this.#stream(gain, second);
    this.received += capitalised;
    loan.rows = rows;
    loan.position = after;
    loan.latest = undefined;
    loan.booking = after.curing ? "cashBasis" : "accruing";
    if (!after.curing) this.#open(loan, second);
    this.#age(id);
  }

  /** @returns The loss and what the cover paid of it. */
  writeOff(id: number, second: number): { loss: bigint; fromCover: bigint } {
    const loan = this.loan(id);
    const counted = this.accruals.numeratorAt(second);
    const gain = this.#close(loan, 0n, second);
    const loss = owedOf(loan) + (counted - this.accruals.numeratorAt(second)) / SCALE;
    this.#stream(gain, second);
    this.settleUncovered(second);
    const { lenders, first, rest } = this.#share(loss);
    const fromCover = first + rest;
    if (this.uncovered > 0n) this.coverBefore -= first;
    this.uncovered -= smallerOf(lenders, this.uncovered);
    this.cover -= fromCover;
    this.cash += fromCover;
    loan.lenderLoss = loss - fromCover;
    loan.coverLoss = fromCover;
    loan.booking = "writtenOff";
    loan.latest = undefined;
    this.ageing.claims.delete(id);
    return { loss, fromCover };
  }

  sell(id: number, price: bigint, second: number): void {
    const loan = this.loan(id);
    const beyond = price - owedOf(loan);
    this.#stream(this.#close(loan, beyond, second), second);
    this.cash += price;
    this.received += beyond;
    loan.booking = "sold";
    loan.latest = undefined;
    this.ageing.claims.delete(id);
  }

  /* COVER AND FEES */

  raiseCover(amount: bigint, second: number): void {
    this.settleUncovered(second);
    const ahead = this.provisionAhead(second);
    if (ahead > this.cover + this.uncovered) {
      this.uncovered = ahead - this.cover;
      this.coverBefore = this.cover;
    }
    this.cover += amount;
  }

  restoreCover(amount: bigint, second: number): void {
    this.settleUncovered(second);
    this.cover += amount;
    if (this.uncovered > 0n) this.coverBefore += amount;
  }

  lowerCover(amount: bigint): void {
    this.cover -= amount;
    this.coverBefore = smallerOf(this.coverBefore, this.cover);
  }

  settleUncovered(second: number): void {
    const reached = atLeastZero(this.provisionAhead(second) - this.coverBefore);
    this.uncovered = smallerOf(this.uncovered, reached);
  }

  /** Fees without those that go back with a loan that is given back. */
  collectable(second: number): bigint {
    let kept = 0n;
    for (const [lastDay, fees] of this.#returnable) if (lastDay >= this.dayOf(second)) kept += fees;
    return this.fees - kept;
  }

  collectFees(second: number): void {
    this.fees -= this.collectable(second);
  }

  collectHeld(): void {
    this.cash += this.held;
    this.held = 0n;
  }

  /** Who bears an amount: the cover that was there first, the lenders, the rest of the cover, the lenders again. */
  #share(amount: bigint): { first: bigint; rest: bigint; lenders: bigint } {
    const before = this.uncovered === 0n ? this.cover : this.coverBefore;
    const first = smallerOf(amount, before);
    const uncovered = smallerOf(amount - first, this.uncovered);
    const rest = smallerOf(amount - first - uncovered, this.cover - before);
    return { first, rest, lenders: amount - first - rest };
  }

  /* SHARES */

  priceOf(shares: bigint, assets: bigint): bigint {
    return (shares * (assets + 1n)) / (this.supply + 10n ** 6n);
  }

  /** What serving the queue would leave. */
  afterServing(most: number, second: number): { waiting: bigint; cash: bigint } {
    const queue = this.queue.copy();
    const { assets } = queue.serve(most, this.cash, this.#exitPrice(second));
    return { waiting: queue.waiting(), cash: this.cash - assets };
  }

  /** Serves the queue from idle cash. @returns requests served. */
  serve(most: number, second: number): number {
    const { served, shares, assets } = this.queue.serve(most, this.cash, this.#exitPrice(second));
    this.cash -= assets;
    this.supply -= shares;
    return served;
  }

  /* PRIVATE */

  #exitPrice(second: number): { assets: bigint; supply: bigint } {
    return { assets: this.exitAssets(second) + 1n, supply: this.supply + 10n ** 6n };
  }

  #open(loan: Loan, second: number): void {
    const old = loan.line === undefined ? undefined : this.accruals.loan(loan.line);
    loan.line = this.#lines++;
    this.accruals.open(loan.line, this.#periodsOf(loan), second);
    if (old?.deferred === undefined) return;
    // A stream of the loan's own goes on with its new line: what it still brings sets out again with what joins it.
    const line = this.accruals.loan(loan.line);
    const rest = this.accruals.toCome(old.deferred, second);
    if (line.deferred !== undefined) line.deferred.scaled += rest;
    else line.deferred = old.deferred;
    old.deferred = undefined;
  }

  /** Ends an open loan's line. `beyond` came in now, beside what was paid on the oldest instalment before. */
  #close(loan: Loan, beyond: bigint, second: number): bigint {
    if (loan.booking === "cashBasis") return beyond * SCALE;
    return this.accruals.close(lineOf(loan), this.#partOf(loan) + beyond, second).gain;
  }

  #end(id: number): void {
    const loan = this.loan(id);
    if (loan.latest === undefined) this.loans.delete(id);
    else loan.booking = "ended";
  }

  #forget(id: number): void {
    this.loans.delete(id);
    this.ageing.claims.delete(id);
  }

  #age(id: number): void {
    const loan = this.loans.get(id);
    const isOpen = loan?.booking === "accruing" || loan?.booking === "cashBasis";
    if (loan === undefined || !isOpen) this.ageing.claims.delete(id);
    else {
      const [dueDay, principal] = [loan.position.lateFromDay, owedOf(loan)];
      this.ageing.claims.set(id, { dueDay, principal, interest: this.#accruingOf(loan) });
    }
  }

  /** What an open loan's line will have counted when it has stopped, without what was paid of it; rounded up. */
  #accruingOf(loan: Loan): bigint {
    if (loan.booking === "cashBasis") return 0n;
    const scaled = this.accruals.mostOf(lineOf(loan)) - this.#partOf(loan) * SCALE;
    return (scaled + SCALE - 1n) / SCALE;
  }

  #periodsOf({ rows, position, unit }: Loan): Period[] {
    let from = position.periodStartDay + 1;
    return rows.slice(position.nextInstalment).map(({ day, interest }) => {
      const period = { from, to: day + 1, interest: this.#net(interest * unit) };
      from = day + 1;
      return period;
    });
  }

  /** The lenders' part of a payment's interest: of all that was paid on the loan, instalment by instalment. */
  #netOf(loan: Loan, { paid, after, closed }: Payment): bigint {
    const { rows, unit, position } = loan;
    const part = position.partPaidInterest * unit;
    if (closed) return this.#net(part + paid.interest * unit) - this.#net(part);
    const income = ({ nextInstalment, partPaidInterest }: Position) =>
      rows.slice(0, nextInstalment).reduce((sum, { interest }) => sum + this.#net(interest * unit), 0n) +
      this.#net(partPaidInterest * unit);
    return income(after) - income(position);
  }

  #partOf({ position, unit }: Loan): bigint {
    return this.#net(position.partPaidInterest * unit);
  }

  #net(interest: bigint): bigint {
    return interest - (interest * this.#feeBps) / BASIS_POINTS;
  }

  #stream(scaled: bigint, second: number): Stream | undefined {
    return scaled === 0n ? undefined : this.accruals.stream(scaled, second);
  }

  #receive(amount: bigint, held: boolean): void {
    if (held) this.held += amount;
    else this.cash += amount;
  }

  #keepFee({ returnableUntil }: Loan, fee: bigint): void {
    this.#returnable.set(returnableUntil, (this.#returnable.get(returnableUntil) ?? 0n) + fee);
  }

  #sum(counts: (loan: Loan) => boolean, figure: (loan: Loan) => bigint): bigint {
    let sum = 0n;
    for (const loan of this.loans.values()) if (counts(loan)) sum += figure(loan);
    return sum;
  }
}

export function owedOf({ position, unit }: Loan): bigint {
  return position.outstandingPrincipal * unit;
}

function originatedOf({ originated }: Loan): bigint {
  return originated;
}

function lineOf({ line }: Loan): number {
  if (line === undefined) throw new Error("the loan does not accrue");
  return line;
}

function atLeastZero(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
