import { expect } from "chai";
import { as, ethers, goToDay, networkHelpers } from "./support/chain.ts";
import { type DeskWorld, fund, withDesk } from "./support/desk.ts";
import { draft, lend, originate, repay, sign } from "./support/loans.ts";
import { draftRestructuring, signRestructuring } from "./support/restructuring.ts";
import { UTC_OFFSET } from "./support/world.ts";

/** As `LoanState` in ILoanBook.sol. */
const STATES = ["None", "Active", "Closed", "Funded", "Cancelled", "WrittenOff"] as const;
type State = (typeof STATES)[number];

/** Everybody's best try at each function that could change a loan; the book must say what becomes of it. */
const FUNCTIONS = {
  activate: ({ people, book }: DeskWorld, loanId: string) => as(people.borrower, book).activate(loanId, "0x"),
  cancel: ({ people, book }: DeskWorld, loanId: string) => as(people.borrower, book).cancel(loanId),
  returnLoan: ({ people, book }: DeskWorld, loanId: string) => as(people.borrower, book).returnLoan(loanId),
  repayPart: ({ people, book }: DeskWorld, loanId: string) => as(people.borrower, book).repay(loanId, 1n),
  repayAll: ({ people, book }: DeskWorld, loanId: string) =>
    as(people.borrower, book).repay(loanId, 2n ** 63n),
  writeOff: ({ people, book }: DeskWorld, loanId: string) => as(people.lender, book).writeOff(loanId),
  restructure: async (world: DeskWorld, loanId: string) => {
    const { people, book } = world;
    const today = await book.today(loanId).catch(() => 20_000n);
    const plan = await draftRestructuring(world, loanId, [Number(today) + 30], {
      schedule: [{ day: Number(today) + 30, principal: 30_000n, interest: 1n, fee: 0n }],
    });
    const signature = await signRestructuring(world, "borrower", plan, people.borrower);
    return await as(people.lender, book).restructure(plan, signature, "0x");
  },
} as const;
type Name = keyof typeof FUNCTIONS;

/** What each function makes of a loan in each state; what is not named here is refused with the state. */
const BECOMES: Partial<Record<State, Partial<Record<Name, State>>>> = {
  Funded: { activate: "Active", cancel: "Cancelled" },
  Active: {
    returnLoan: "Cancelled",
    repayPart: "Active",
    repayAll: "Closed",
    writeOff: "WrittenOff",
    restructure: "Active",
  },
  WrittenOff: { repayPart: "WrittenOff", repayAll: "Closed" },
};

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(withDesk);
}

/** A loan in each state, all an instalment late where that can be. */
async function loanIn(state: State, world: DeskWorld): Promise<string> {
  const { people, book } = world;
  const changes = { coolingOffDays: 366, disburseUntilDay: 0 };
  const { firstDay } = await draft(world);
  changes.disburseUntilDay = firstDay - 1;
  if (state === "None") return ethers.id("no such loan");
  if (state === "Funded" || state === "Cancelled") {
    const { loanId } = await fund(world, changes);
    if (state === "Cancelled") await as(people.borrower, book).cancel(loanId);
    return loanId;
  }
  const { loanId } = await lend(world, changes);
  if (state === "Closed") await repay(world, loanId, 2n ** 63n);
  await goToDay(firstDay + 1, UTC_OFFSET);
  if (state === "WrittenOff") await as(people.lender, book).writeOff(loanId);
  return loanId;
}

function outcomeOf(state: State, next: State | undefined): string {
  if (next === undefined) return "refuses";
  return next === state ? "stays through" : `becomes ${next} by`;
}

describe("Each state of a loan", () => {
  for (const state of STATES) {
    for (const name of Object.keys(FUNCTIONS) as Name[]) {
      const next = BECOMES[state]?.[name];
      it(`${state} ${outcomeOf(state, next)} ${name}`, async () => {
        const world = await load();
        const loanId = await loanIn(state, world);
        const call = FUNCTIONS[name](world, loanId);
        if (next === undefined) {
          await expect(call)
            .to.be.revertedWithCustomError(world.book, "LoanBookWrongState")
            .withArgs(loanId, STATES.indexOf(state));
        } else {
          await call;
        }
        const { state: now } = await world.book.loanOf(loanId);
        expect(STATES[Number(now)]).to.equal(next ?? state);
      });
    }
  }

  it("is changed by no view, however late the loan is, and by no call about another loan", async () => {
    const world = await load();
    const { book, people } = world;
    const loanId = await loanIn("Active", world);
    const before = await book.loanOf(loanId);
    await networkHelpers.time.increase(400 * 86_400);
    for (const view of [book.daysPastDue, book.positionOf, book.scheduleOf]) await view(loanId);
    await book.tokenURI(BigInt(loanId));
    await as(people.stranger, book).withdrawConsent(loanId);
    await as(people.borrower, book).withdrawConsent(loanId);
    const agreement = await draft(world);
    const borrowerSignature = await sign(world, "borrower", agreement, people.borrower);
    await originate(world, agreement, { borrowerSignature });
    expect(await book.loanOf(loanId)).to.deep.equal(before);
  });
});
