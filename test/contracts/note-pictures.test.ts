import { expect } from "chai";
import { formatDate } from "../../lending/calendar.ts";
import { formatMoney } from "../../lending/money.ts";
import { as, goToDay, networkHelpers, todayIn } from "./support/chain.ts";
import { type DeskWorld, fund, withDesk } from "./support/desk.ts";
import { components, lend, repay, rows } from "./support/loans.ts";
import { type Picture, readPicture } from "./support/pictures.ts";
import { draftRestructuring, restructure } from "./support/restructuring.ts";
import { moveBorrower, UTC_OFFSET, type World } from "./support/world.ts";

/** Gas within which a note must be drawn, whatever its loan has been through: a fifth of what geth gives to a view. */
const MAX_GAS = 10_000_000n;

const OWNER =
  " Whoever owns this note is the lender of record and receives the repayments. All figures are read from the loan " +
  "book when they are shown.";

async function load(): Promise<DeskWorld> {
  return await networkHelpers.loadFixture(withDesk);
}

/** Asks the loan book itself, as a wallet does, and holds the picture's figures against the book's own. */
async function look({ book }: World, loanId: string): Promise<Picture> {
  const picture = readPicture(await book.tokenURI(loanId, { gasLimit: MAX_GAS }));
  const { traits, texts } = picture;
  const loan = await book.loanOf(loanId);
  expect(traits).to.include({
    Principal: shown(loan.principal),
    "Instalments paid": `${loan.nextInstalment} of ${loan.count}`,
    Version: Number(loan.version),
    Borrower: loan.borrower,
    "Funded by": loan.lender,
  });
  expect(picture.name).to.equal(`Ahadi loan ${loanId.slice(0, 6)}...${loanId.slice(-4)}`);
  expect(texts.slice(0, 3)).to.deep.equal(["Ahadi loan", picture.name.slice(11), traits.State]);
  if (loan.state === 1n || loan.state === 5n) await checkDebt(book, loanId, picture);
  return picture;
}

async function checkDebt(book: World["book"], loanId: string, { traits }: Picture): Promise<void> {
  const today = await book.today(loanId);
  const [due, payoff] = await Promise.all([book.due(loanId, today), book.payoff(loanId, today)]);
  const sum = (of: typeof due) => Object.values(components(of)).reduce((total, part) => total + part, 0n);
  expect(traits).to.include({
    "Outstanding principal": shown((await book.positionOf(loanId)).position.outstandingPrincipal),
    "Due now": shown(sum(due)),
    Penalty: shown(due.penalty),
    "Payoff today": shown(sum(payoff)),
    "Days past due": Number(await book.daysPastDue(loanId)),
  });
}

function shown(amount: bigint): string {
  return `${formatMoney(amount, 2).replace(/\B(?=(\d{3})+\.)/g, ",")} TUSD`;
}

describe("The note of a real loan", () => {
  it("is drawn as it was signed when it was just made", async () => {
    const world = await load();
    const { agreement, loanId } = await lend(world);
    const { description, traits, texts } = await look(world, loanId);
    const next = formatDate(agreement.firstDay);
    expect(description).to.equal(
      "A microloan of 300.00 TUSD in 3 instalments. 0 instalments are paid and 300.00 TUSD of principal is " +
        `outstanding. The next instalment is due on ${next}.${OWNER}`,
    );
    // To pay off on this day: principal and fees, and not a day of interest.
    expect(traits).to.deep.equal({
      State: "Active",
      Principal: "300.00 TUSD",
      "Outstanding principal": "300.00 TUSD",
      "Due now": "0.00 TUSD",
      Penalty: "0.00 TUSD",
      "Payoff today": "303.00 TUSD",
      "Days past due": 0,
      "Instalments paid": "0 of 3",
      "Next due day": next,
      Version: 1,
      Borrower: world.people.borrower.address,
      "Funded by": world.people.lender.address,
    });
    expect(texts.slice(3)).to.deep.equal([
      ...["Principal", "300.00 TUSD", "0 of 3 instalments paid"],
      ...["Next due", next, "Outstanding", "300.00 TUSD", "Days past due", "0"],
    ]);
  });

  it("is drawn with what was paid, and what was begun to be paid", async () => {
    const world = await load();
    const { agreement, loanId } = await lend(world);
    await goToDay(agreement.firstDay, UTC_OFFSET);
    await repay(world, loanId, 11_100n + 100n + 1_000n + 2_500n);
    const { description, traits } = await look(world, loanId);
    expect(description).to.include("1 instalment is paid and 175.00 TUSD of principal is outstanding.");
    expect(traits).to.include({
      ...{ "Outstanding principal": "175.00 TUSD", "Due now": "0.00 TUSD", "Days past due": 0 },
      ...{ "Instalments paid": "1 of 3", "Next due day": formatDate(agreement.firstDay + 30) },
    });
  });

  it("is drawn with the days and the penalty when it is late", async () => {
    const world = await load();
    const { agreement, loanId } = await lend(world);
    await goToDay(agreement.firstDay + 15, UTC_OFFSET);
    const { description, traits, texts } = await look(world, loanId);
    const oldest = formatDate(agreement.firstDay);
    expect(description).to.include(
      `The oldest unpaid instalment is that of ${oldest}; the loan is 15 days late.`,
    );
    // A thousandth of 111.00 for each of ten days after the grace.
    expect(traits).to.include({
      ...{ State: "Active", "Days past due": 15, Penalty: "1.11 TUSD", "Due now": "112.11 TUSD" },
      ...{ "Next due day": oldest },
    });
    expect(texts.slice(-6)).to.deep.equal([
      ...["Oldest unpaid", oldest, "Outstanding", "300.00 TUSD", "Days past due", "15"],
    ]);
  });

  it("names no unpaid instalment when it counts as late though its new schedule has not begun", async () => {
    const world = await load();
    const { agreement, loanId } = await lend(world);
    await goToDay(agreement.firstDay + 15, UTC_OFFSET);
    const next = agreement.firstDay + 45;
    await restructure(world, await draftRestructuring(world, loanId, [next, next + 30, next + 60]));
    const { description, traits, texts } = await look(world, loanId);
    expect(description).to.equal(
      "A microloan of 300.00 TUSD in 3 instalments. 0 instalments are paid and 300.00 TUSD of principal is " +
        `outstanding. The next instalment is due on ${formatDate(next)}; the loan still counts as 15 days late. It ` +
        `was restructured: the schedule in force is not the first one.${OWNER}`,
    );
    expect(traits).to.include({ "Days past due": 15, "Due now": "0.00 TUSD", Version: 2 });
    expect(texts.slice(-6, -4)).to.deep.equal(["Next due", formatDate(next)]);
    await goToDay(next + 1, UTC_OFFSET);
    const later = await look(world, loanId);
    expect(later.description).to.include(
      `The oldest unpaid instalment is that of ${formatDate(next)}; the loan is 46 days late.`,
    );
    expect(later.texts.slice(-6, -4)).to.deep.equal(["Oldest unpaid", formatDate(next)]);
  });

  it("is drawn as given up and still owed", async () => {
    const world = await load();
    const { agreement, loanId } = await lend(world);
    await goToDay(agreement.firstDay + 100, UTC_OFFSET);
    await as(world.people.lender, world.book).writeOff(loanId);
    const { description, traits } = await look(world, loanId);
    expect(description).to.include("The lender has given it up, but it is still owed.");
    expect(traits).to.include({ State: "Written off", "Days past due": 100 });
  });

  it("is drawn without a debt or a day when it is closed", async () => {
    const world = await load();
    const { loanId } = await lend(world);
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    const { description, traits, texts } = await look(world, loanId);
    expect(description).to.equal(
      `A microloan of 300.00 TUSD in 3 instalments. It is closed: nothing is owed any more.${OWNER}`,
    );
    const nothing = { "Outstanding principal": "0.00 TUSD", "Payoff today": "0.00 TUSD" };
    expect(traits).to.include({ ...nothing, State: "Closed", "Instalments paid": "3 of 3" });
    expect(traits).to.not.have.property("Next due day");
    expect(texts.at(-1)).to.equal("3 of 3 instalments paid");
  });

  it("is drawn while its money waits at a desk, and after that went back", async () => {
    const world = await load();
    const { agreement, loanId } = await fund(world);
    const waiting = await look(world, loanId);
    expect(waiting.description).to.include("nothing is owed until the borrower has received it.");
    expect(waiting.traits).to.include({
      State: "Funded",
      "Next due day": formatDate(agreement.firstDay),
      "Payoff today": "0.00 TUSD",
    });
    await as(world.people.borrower, world.book).cancel(loanId);
    const cancelled = await look(world, loanId);
    expect(cancelled.description).to.include("It was cancelled: the money went back and nothing is owed.");
    expect(cancelled.traits.State).to.equal("Cancelled");
  });

  it("names who owes now, after her address moved", async () => {
    const world = await load();
    const { loanId } = await lend(world);
    await moveBorrower(world, world.people.depositor);
    expect((await look(world, loanId)).traits.Borrower).to.equal(world.people.depositor.address);
  });

  it("is drawn at its longest, late in every instalment, within what a node gives to a view", async () => {
    const world = await load();
    const today = await todayIn(UTC_OFFSET);
    const schedule = rows(Array.from({ length: 366 }, (_, index) => today + 11 + index));
    const { agreement, loanId } = await lend(world, { schedule, penaltyGraceDays: 0 });
    await goToDay(agreement.lastDay + 100, UTC_OFFSET);
    expect((await look(world, loanId)).traits["Instalments paid"]).to.equal("0 of 366");
  });
});
