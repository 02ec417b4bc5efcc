import { expect } from "chai";
import fc from "fast-check";
import {
  daysPastDue,
  due,
  type EnforcedTerms,
  payoff,
  repay as repayInTheory,
  type Standing,
  sumOf,
} from "../../lending/allocation.ts";
import { restructure as restructureInTheory } from "../../lending/restructuring-check.ts";
import { type LoanShape, loanShapes } from "./support/arbitraries.ts";
import { goToDay, todayIn } from "./support/chain.ts";
import { components, draft, enforced, originate, repay } from "./support/loans.ts";
import { draftRestructuring, restructure } from "./support/restructuring.ts";
import { institution, load, type World } from "./support/world.ts";

const MAX_UINT64 = 2n ** 64n - 1n;
const DEEP = process.env.AHADI_DEEP === "1";

/**
 * Days that pass, then a payment: a share of one of the loan's own figures, and a few minor units more or less. Or, now
 * and then, a new table.
 */
interface Step {
  days: number;
  /** Instalments of a new table, with a share of the unpaid charges in it; 0 for a payment. */
  newRows: number;
  figure: "one" | "due" | "instalment" | "payoff";
  percent: bigint;
  more: bigint;
  /** How far from that day the figures are compared too. */
  ahead: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  days: fc.oneof(fc.constant(0), fc.nat(6), fc.nat(70)),
  newRows: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) },
  ),
  figure: fc.constantFrom("one", "due", "instalment", "instalment", "payoff"),
  percent: fc.oneof(fc.constant(100n), fc.bigInt(1n, 250n)),
  more: fc.constantFrom(-1n, 0n, 0n, 1n),
  ahead: fc.nat(200),
});

describe("LoanBook and lending/ say the same", () => {
  it("of every figure of any loan on any day after any payments (INV-15)", async function () {
    this.timeout(DEEP ? 3_600_000 : 60_000);
    const steps = fc.array(step, { minLength: 1, maxLength: 9 });
    const property = fc.asyncProperty(loanShapes(), fc.nat(5), steps, async (shape, late, payments) => {
      const world = await load(institution);
      await play(world, shape, late, payments);
    });
    const seed = DEEP ? Date.now() : 20_261_122;
    await fc.assert(property, { numRuns: DEEP ? 2_000 : 100, seed, endOnFailure: !DEEP });
  });
});

/** Drives one loan through the chain and through `lending/`, comparing after each payment, and pays it off at last. */
async function play(world: World, shape: LoanShape, late: number, steps: Step[]): Promise<void> {
  const { agreement, loanId, day } = await begin(world, shape, late);
  let { terms, standing: theory } = enforced(agreement, day);
  await compareFigures(world, loanId, terms, theory, day);
  for (const { days, newRows, figure, percent, more, ahead } of steps) {
    const today = (await todayIn(agreement.utcOffset)) + days;
    await goToDay(today, agreement.utcOffset);
    await compareFigures(world, loanId, terms, theory, today + ahead);
    if (newRows !== 0) {
      const next = await compareRestructuring(world, loanId, terms, theory, { today, newRows, percent });
      if (next === undefined) continue;
      ({ terms, standing: theory } = next);
      await compareFigures(world, loanId, terms, theory, today + ahead);
      continue;
    }
    const amount = clamp((figureOf(terms, theory, today, figure) * percent) / 100n + more);
    theory = await compareRepayment(world, loanId, terms, theory, amount, today);
    if (theory.closed) return;
  }
  const today = await todayIn(agreement.utcOffset);
  while (!theory.closed) theory = await compareRepayment(world, loanId, terms, theory, MAX_UINT64, today);
}

async function begin(world: World, shape: LoanShape, late: number) {
  const { window, schedule, ...rules } = shape;
  const today = await todayIn(rules.utcOffset);
  const agreement = await draft(world, {
    ...rules,
    disburseUntilDay: today + window,
    schedule: schedule.map((row) => ({ ...row, day: row.day + today })),
  });
  await goToDay(today + Math.min(late, window), rules.utcOffset);
  await originate(world, agreement);
  return { agreement, loanId: await world.book.loanIdOf(agreement), day: await todayIn(rules.utcOffset) };
}

function figureOf(terms: EnforcedTerms, standing: Standing, day: number, figure: Step["figure"]): bigint {
  if (figure === "one") return 1n;
  if (figure === "due") return sumOf(due(terms, standing, day));
  if (figure === "payoff") return sumOf(payoff(terms, standing, day));
  const row = terms.schedule[standing.nextInstalment];
  return row === undefined ? 1n : row.principal + row.interest + row.fee;
}

function clamp(amount: bigint): bigint {
  if (amount < 1n) return 1n;
  return amount > MAX_UINT64 ? MAX_UINT64 : amount;
}

async function compareFigures(
  { book }: World,
  loanId: string,
  terms: EnforcedTerms,
  standing: Standing,
  day: number,
): Promise<void> {
  const [dueOnChain, payoffOnChain] = await Promise.all([book.due(loanId, day), book.payoff(loanId, day)]);
  const [owed, toClose] = [due(terms, standing, day), payoff(terms, standing, day)];
  expect(components(dueOnChain), `due on ${day}`).to.deep.equal(owed);
  expect(components(payoffOnChain), `payoff on ${day}`).to.deep.equal(toClose);
  const today = Number(await book.today(loanId));
  expect(Number(await book.daysPastDue(loanId)), "days past due").to.equal(
    daysPastDue(terms, standing, today),
  );
  expect(sumOf(toClose) >= sumOf(owed), "a payoff covers what is due").to.equal(true);
}

async function compareRepayment(
  world: World,
  loanId: string,
  terms: EnforcedTerms,
  standing: Standing,
  amount: bigint,
  day: number,
): Promise<Standing> {
  const expected = repayInTheory(terms, standing, amount, day);
  const balances = () => balancesOf(world);
  const before = await balances();
  const payment = await repay(world, loanId, amount);
  const { next } = expected;
  const principal = terms.schedule.reduce((sum, row) => sum + row.principal, 0n);
  expect(payment).to.deep.include({
    paid: expected.components,
    totals: next.paid,
    allocations: expected.perInstalment,
    waivedInterest: expected.waivedInterest,
    closed: expected.closed,
    day,
    outstandingPrincipal: principal - next.paid.principal,
  });
  await compareStored(world, loanId, next, payment.paymentNr);
  checkSums(payment);
  const { unit } = await world.book.loanOf(loanId);
  const moved = sumOf(payment.paid) * unit;
  expect(moved <= amount * unit, "never more than offered").to.equal(true);
  const [payer, recipient] = await balances();
  expect([payer, recipient]).to.deep.equal([(before[0] ?? 0n) - moved, (before[1] ?? 0n) + moved]);
  return next;
}

/** Both sides replace the table by `newRows` equal instalments 9 days apart; undefined when nothing would be left to lend. */
async function compareRestructuring(
  world: World,
  loanId: string,
  terms: EnforcedTerms,
  standing: Standing,
  { today, newRows, percent }: { today: number; newRows: number; percent: bigint },
): Promise<{ terms: EnforcedTerms; standing: Standing } | undefined> {
  const { penalty, fee, interest } = payoff(terms, standing, today);
  const capitalised = ((penalty + fee + interest) * (percent > 100n ? 100n : percent)) / 100n;
  const days = Array.from({ length: newRows }, (_, index) => today + 9 * (index + 1));
  const plan = await draftRestructuring(world, loanId, days, { capitalised });
  const asPrincipal = penalty < capitalised ? penalty : capitalised;
  const penaltyCap = terms.penaltyCap - standing.paid.penalty - asPrincipal;
  if (plan.principal === 0n || plan.totalRepayable + penaltyCap > MAX_UINT64) return undefined;
  const next = restructureInTheory(terms, standing, plan, today);
  const transaction = await restructure(world, plan);
  const forgiven = (event: bigint) => event === next.forgiven;
  await expect(transaction)
    .to.emit(world.book, "LoanRestructured")
    .withArgs(loanId, plan.version, today, forgiven, penaltyCap, next.standing.arrearsDay, () => true);
  await compareStored(world, loanId, next.standing, next.standing.payments);
  return next;
}

async function balancesOf({ dollar, people }: World): Promise<bigint[]> {
  return await Promise.all([people.borrower, people.lender].map(({ address }) => dollar.balanceOf(address)));
}

async function compareStored(
  { book }: World,
  loanId: string,
  next: Standing,
  payments: number,
): Promise<void> {
  const loan = await book.loanOf(loanId);
  expect({
    paid: components(loan.paid),
    partPaid: components(loan.partPaid),
    nextInstalment: Number(loan.nextInstalment),
    waivedInterest: loan.waivedInterest,
    closed: loan.state === 2n,
    payments: Number(loan.payments),
    version: Number(loan.version),
    startDay: Number(loan.startDay),
    arrearsDay: Number(loan.arrearsDay),
    paidOnTime: Number(loan.paidOnTime),
  }).to.deep.equal({
    paid: next.paid,
    partPaid: next.partPaid,
    nextInstalment: next.nextInstalment,
    waivedInterest: next.waivedInterest,
    closed: next.closed,
    payments,
    version: next.version,
    startDay: next.startDay,
    arrearsDay: next.arrearsDay,
    paidOnTime: next.paidOnTime,
  });
}

/** The instalments' events add up to the payment's. */
function checkSums({ allocations, paid, waivedInterest }: Awaited<ReturnType<typeof repay>>): void {
  const sums = { penalty: 0n, fee: 0n, interest: 0n, principal: 0n };
  let waived = 0n;
  for (const allocation of allocations) {
    for (const name of ["penalty", "fee", "interest", "principal"] as const) sums[name] += allocation[name];
    waived += allocation.waivedInterest;
  }
  expect({ sums, waived }).to.deep.equal({ sums: paid, waived: waivedInterest });
}
