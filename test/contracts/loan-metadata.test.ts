import { expect } from "chai";
import { MaxUint256, toUtf8Bytes } from "ethers";
import fc from "fast-check";
import type { loanMetadataAbi } from "../../chain/abi.ts";
import { formatMoney } from "../../lending/money.ts";
import { log } from "../../platform/log.ts";
import { type Bound, deploy, deployHelper, ethers, type Helper, networkHelpers } from "./support/chain.ts";
import { type Picture, readPicture } from "./support/pictures.ts";
import { allElements, parseWellFormed } from "./support/well-formed.ts";

const DEEP = process.env.AHADI_DEEP === "1";

const ID = `0x1234${"5".repeat(56)}abcd`;
const BORROWER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const LENDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const MAX_AMOUNT = 2n ** 64n - 1n;
/** Gas within which a note must be drawn, the token's answers included. */
const MAX_GAS = 3_000_000n;

/** 2026-12-31. */
const FIRST_DAY = 20_818n;

/** The order of `LoanState`. */
const STATES = ["None", "Active", "Closed", "Funded", "Cancelled", "Written off"] as const;

type State = (typeof STATES)[number];

/** The order of the token's habits. */
const HABITS = { answer: 0, revert: 1, burnGas: 2, flood: 3 };

interface World {
  metadata: Bound<typeof loanMetadataAbi>;
  book: Helper<"set">;
  token: Helper<"set">;
  harness: Helper<"amount">;
}

/** Fixture: a dollar of six decimals that a test may spoil. */
async function drawn(): Promise<World> {
  const metadata = await deploy<typeof loanMetadataAbi>("LoanMetadata", []);
  // One after the other: all are compiled, and the compiler keeps one cache.
  const book: World["book"] = await deployHelper("FakeLoanBook");
  const token: World["token"] = await deployHelper("OddSymbol");
  const harness: World["harness"] = await deployHelper("TextHarness");
  await token.set(HABITS.answer, asString("TUSD"), word(6n));
  return { metadata, book, token, harness };
}

function load(): Promise<World> {
  return networkHelpers.loadFixture(drawn);
}

interface Shown {
  state?: State;
  unit?: bigint;
  principal?: bigint;
  count?: bigint;
  paid?: bigint;
  version?: bigint;
  outstanding?: bigint;
  due?: bigint[];
  payoff?: bigint[];
  daysPastDue?: bigint;
  currency?: string;
}

/** A loan of 1,200.00 in twelve weeks, of which three are paid. */
async function show(world: World, shown: Shown = {}): Promise<void> {
  const { state = "Active", paid = 3n, count = 12n, version = 1n, daysPastDue = 0n } = shown;
  const none = { penalty: 0n, fee: 0n, interest: 0n, principal: 0n };
  const loan = {
    state: STATES.indexOf(state),
    borrower: BORROWER,
    lender: LENDER,
    currency: shown.currency ?? (await world.token.getAddress()),
    unit: shown.unit ?? 10_000n,
    payee: BORROWER,
    principal: shown.principal ?? 120_000n,
    ...{ upfrontFee: 0n, disburseUntilDay: 0n, penaltyRateBps: 0n, penaltyGraceDays: 0n, penaltyCap: 0n },
    ...{ waterfall: "0x00010203", earlySettlement: 0n, reversalDays: 0n, coolingOffDays: 0n, utcOffset: 0n },
    ...{ count, version, startDay: FIRST_DAY - 7n, nextInstalment: paid, partPaid: none, paid: none },
    ...{ waivedInterest: 0n, payments: paid, arrearsDay: 0n, paidOnTime: 0n },
  };
  await world.book.set(ID, loan, {
    outstanding: shown.outstanding ?? 90_000n,
    due: shown.due ?? [0n, 0n, 0n, 0n],
    payoff: shown.payoff ?? [0n, 0n, 1_500n, 90_000n],
    daysPastDue,
    today: FIRST_DAY + 7n * paid + daysPastDue,
    firstDay: FIRST_DAY,
  });
}

async function look(world: World, shown: Shown = {}): Promise<Picture> {
  await show(world, shown);
  return await draw(world);
}

async function draw({ metadata, book }: World, gasLimit = 2n * MAX_GAS): Promise<Picture> {
  return readPicture(await metadata.tokenURI(await book.getAddress(), ID, { gasLimit }));
}

function word(value: bigint): string {
  return ethers.toBeHex(value, 32);
}

/** What `symbol()` returns for a text or bytes. */
function asString(text: string | Uint8Array): string {
  const bytes = typeof text === "string" ? toUtf8Bytes(text) : text;
  return ethers.AbiCoder.defaultAbiCoder().encode(["bytes"], [bytes]);
}

function asBytes32(text: string): string {
  return ethers.hexlify(ethers.zeroPadBytes(toUtf8Bytes(text), 32));
}

function bytes(hex: string): Uint8Array {
  return ethers.getBytes(`0x${hex.replaceAll(" ", "")}`);
}

async function shortAddress(token: World["token"]): Promise<string> {
  const address = await token.getAddress();
  return `${address.slice(0, 6)}...${address.slice(-4)}`;
}

describe("A currency's symbol", () => {
  async function expectSymbol(world: World, answer: string, symbol: string, name: string): Promise<void> {
    await world.token.set(HABITS.answer, answer, word(6n));
    const { traits, texts, description } = await look(world);
    expect(traits.Principal, name).to.equal(`1,200.00 ${symbol}`);
    expect(texts, name).to.include(`1,200.00 ${symbol}`);
    expect(description, name).to.include(`of 1,200.00 ${symbol} in`);
  }

  it("is shown as it is, whatever it means to JSON or XML", async () => {
    const world = await load();
    for (const symbol of [
      "TUSD",
      'A"},{"B":"',
      "\\u0022\\",
      "</text><script>",
      "&lt;&#60;]]>",
      "'/><a href='",
      "$x`%00",
      "a b",
    ]) {
      await expectSymbol(world, asString(symbol), symbol, symbol);
    }
  });

  it("keeps Latin letters and the signs of currencies", async () => {
    const world = await load();
    for (const symbol of ["USD₮0", "€", "£", "Kč", "zł", "Ł", "ƒ", "ɏ", "₠₿⃏", "¡ÿĀ"]) {
      await expectSymbol(world, asString(symbol), symbol, symbol);
    }
  });

  it("loses what cannot be seen, turns the writing round, or is not UTF-8", async () => {
    const world = await load();
    for (const [raw, symbol] of [
      ["41 00 42", "A?B"],
      ["41 0a 09 1f 7f", "A????"],
      ["41 e2 80 ae 42", "A?B"],
      ["e2 80 8b 41", "?A"],
      ["ef bb bf 41", "?A"],
      ["ef bf be 41", "?A"],
      ["c2 85 c2 a0 c2 ad", "???"],
      ["c9 90", "?"],
      ["e2 82 9f e2 83 90", "??"],
      ["d0 90 42", "?B"],
      ["f0 9f 98 80 42", "?B"],
      ["c0 bc 41", "?A"],
      ["e0 80 bc 41", "?A"],
      ["ed a0 80 41", "?A"],
      ["c3 28", "?("],
      ["80 bf 41", "?A"],
      ["a4 b5 41", "?A"],
      ["41 c3", "A?"],
      ["41 e2 82", "A?"],
      ["e2 28 a1", "?(?"],
      ["e2 82 28", "?("],
      ["ff fe 41", "??A"],
    ] as const) {
      await expectSymbol(world, asString(bytes(raw)), symbol, raw);
    }
  });

  it("is cut after sixteen characters", async () => {
    const world = await load();
    await expectSymbol(world, asString("ABCDEFGHIJKLMNOP"), "ABCDEFGHIJKLMNOP", "sixteen");
    await expectSymbol(world, asString("ABCDEFGHIJKLMNOPQ"), "ABCDEFGHIJKLMNOP...", "seventeen");
    await expectSymbol(world, asString("₮".repeat(17)), `${"₮".repeat(16)}...`, "of three bytes");
    await expectSymbol(world, asString("A".repeat(600)), `${"A".repeat(16)}...`, "long");
  });

  it("may be a bytes32, as of the first tokens", async () => {
    const world = await load();
    await expectSymbol(world, asBytes32("MKR"), "MKR", "short");
    await expectSymbol(world, asBytes32("ABCDEFGHIJKLMNOP"), "ABCDEFGHIJKLMNOP", "sixteen");
    await expectSymbol(world, asBytes32("A".repeat(32)), `${"A".repeat(16)}...`, "full");
  });

  it("is the short address of a token that has none to show", async () => {
    const world = await load();
    const short = await shortAddress(world.token);
    for (const [answer, name] of [
      ["0x", "nothing"],
      ["0x5454", "two bytes"],
      [`0x${"41".repeat(31)}`, "31 bytes"],
      [`0x${"41".repeat(33)}`, "33 bytes"],
      [word(0n), "an empty bytes32"],
      [asString(""), "an empty string"],
      [ethers.concat([word(64n), word(4n), asBytes32("TUSD")]), "another offset"],
      [ethers.concat([word(MaxUint256), word(4n), asBytes32("TUSD")]), "an offset beyond memory"],
    ] as const) {
      await expectSymbol(world, answer, short, name);
    }
  });

  it("may claim any length: what is there is read", async () => {
    const world = await load();
    for (const length of [5n, 2n ** 64n, MaxUint256 - 63n, MaxUint256]) {
      const answer = ethers.concat([word(32n), word(length), "0x54555344"]);
      await expectSymbol(world, answer, "TUSD", `length ${length}`);
    }
    const short = await shortAddress(world.token);
    await expectSymbol(world, ethers.concat([word(32n), word(4n)]), short, "nothing there");
  });
});

describe("A currency that does not answer", () => {
  it("is shown by its address, in minor units", async () => {
    const world = await load();
    const short = await shortAddress(world.token);
    for (const habit of [HABITS.revert, HABITS.burnGas]) {
      await world.token.set(habit, asString("TUSD"), word(6n));
      const { traits } = await look(world);
      expect(traits.Principal).to.equal(`120,000 minor units of ${short}`);
    }
    for (const unit of [1n, 10_000n]) {
      const { traits } = await look(world, { currency: BORROWER, unit });
      expect(traits.Principal).to.equal("120,000 minor units of 0x7099...79C8");
    }
  });

  it("costs little gas when it burns gas or answers without end", async () => {
    const world = await load();
    await show(world);
    for (const habit of [HABITS.burnGas, HABITS.flood]) {
      await world.token.set(habit, asString("TUSD"), word(6n));
      await draw(world, MAX_GAS);
    }
    expect((await draw(world)).traits.Principal).to.equal("1,200.00 TUSD");
  });
});

describe("An amount", () => {
  it("has the digits that the token's decimals leave beside the unit", async () => {
    const world = await load();
    for (const [decimals, unit, text] of [
      [6n, 10_000n, "1,200.00"],
      [18n, 10n ** 16n, "1,200.00"],
      [2n, 1n, "1,200.00"],
      [0n, 1n, "120,000"],
      [6n, 10n ** 6n, "120,000"],
      [6n, 1n, "0.120000"],
      [5n, 1n, "1.20000"],
      [18n, 1n, "0.000000000000120000"],
      [95n, 10n ** 77n, "0.000000000000120000"],
    ] as const) {
      await world.token.set(HABITS.answer, asString("T"), word(decimals));
      expect((await look(world, { unit })).traits.Principal).to.equal(`${text} T`);
    }
  });

  it("is shown in minor units when the decimals do not fit the unit", async () => {
    const world = await load();
    for (const [decimals, unit] of [
      [3n, 10_000n],
      [19n, 1n],
      [96n, 10n ** 77n],
      [MaxUint256, 1n],
      [6n, 0n],
      [6n, 9_999n],
      [6n, 10_001n],
      [6n, MaxUint256],
    ] as const) {
      await world.token.set(HABITS.answer, asString("T"), word(decimals));
      expect((await look(world, { unit })).traits.Principal, `${decimals} ${unit}`).to.equal(
        "120,000 minor units of T",
      );
    }
    await world.token.set(HABITS.answer, asString("T"), "0x06");
    expect((await look(world)).traits.Principal).to.equal("120,000 minor units of T");
  });

  it("is written as the rest of the house writes it, whatever the token calls itself", async function () {
    this.timeout(DEEP ? 3_600_000 : 60_000);
    const world = await load();
    const token = await world.token.getAddress();
    const answers = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((raw) => asString(raw)),
      fc.string({ unit: "binary", maxLength: 20 }).map((text) => asString(Buffer.from(text, "utf8"))),
      fc.uint8Array({ maxLength: 200 }).map((raw) => ethers.hexlify(raw)),
    );
    const cases = fc.asyncProperty(
      answers,
      fc.bigInt(0n, MAX_AMOUNT),
      fc.integer({ min: 0, max: 18 }),
      fc.integer({ min: 0, max: 18 }),
      async (answer, amount, shownDecimals, exponent) => {
        await world.token.set(HABITS.answer, answer, word(BigInt(shownDecimals + exponent)));
        const unit = 10n ** BigInt(exponent);
        const text: string = await world.harness.amount(token, unit, amount);
        const [whole = "", fraction] = formatMoney(amount, shownDecimals).split(".");
        const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
        const number = fraction === undefined ? grouped : `${grouped}.${fraction}`;
        expect(text.slice(0, number.length + 1)).to.equal(`${number} `);
        expect(text.slice(number.length + 1)).to.match(/^[ -~¡-¬®-ɏ₠-⃏]{1,19}$/);
        const { traits, texts } = await look(world, { principal: amount, unit });
        expect(traits.Principal).to.equal(text);
        expect(texts).to.include(text);
      },
    );
    const seed = DEEP ? Date.now() : 0xa4ad1;
    if (DEEP) log.info(`seed ${seed}`);
    await fc.assert(cases, { seed, numRuns: DEEP ? 1_000 : 60 });
  });
});

const PLAIN = "A microloan of 1,200.00 TUSD in 12 instalments. ";
const OWNER =
  " Whoever owns this note is the lender of record and receives the repayments. All figures are read from the loan " +
  "book when they are shown.";

describe("A loan's note", () => {
  it("says so when there is no such loan", async () => {
    const world = await load();
    for (const begin of [draw, (w: World) => look(w, { state: "None" })]) {
      const { name, description, traits, texts } = await begin(world);
      expect(name).to.equal("Ahadi loan 0x1234...abcd");
      expect(description).to.equal("There is no such loan in this loan book.");
      expect(traits).to.deep.equal({ State: "None" });
      expect(texts).to.deep.equal(["Ahadi loan", "0x1234...abcd", "None"]);
    }
  });

  it("shows a loan that is repaid in time", async () => {
    const { name, description, traits, texts } = await look(await load());
    expect(name).to.equal("Ahadi loan 0x1234...abcd");
    expect(description).to.equal(
      `${PLAIN}3 instalments are paid and 900.00 TUSD of principal is outstanding. ` +
        `The next instalment is due on 2027-01-21.${OWNER}`,
    );
    expect(traits).to.deep.equal({
      State: "Active",
      Principal: "1,200.00 TUSD",
      "Outstanding principal": "900.00 TUSD",
      "Due now": "0.00 TUSD",
      Penalty: "0.00 TUSD",
      "Payoff today": "915.00 TUSD",
      "Days past due": 0,
      "Instalments paid": "3 of 12",
      "Next due day": "2027-01-21",
      Version: 1,
      Borrower: BORROWER,
      "Funded by": LENDER,
    });
    expect(texts).to.deep.equal([
      ...["Ahadi loan", "0x1234...abcd", "Active", "Principal", "1,200.00 TUSD", "3 of 12 instalments paid"],
      ...["Next due", "2027-01-21", "Outstanding", "900.00 TUSD", "Days past due", "0"],
    ]);
  });

  it("shows a loan that is late, with all of what is due", async () => {
    const { description, traits, texts } = await look(await load(), {
      paid: 1n,
      daysPastDue: 12n,
      due: [250n, 100n, 900n, 9_000n],
      payoff: [250n, 1_200n, 9_000n, 90_000n],
    });
    expect(description).to.equal(
      `${PLAIN}1 instalment is paid and 900.00 TUSD of principal is outstanding. ` +
        `The oldest unpaid instalment is that of 2027-01-07; the loan is 12 days late.${OWNER}`,
    );
    expect(traits).to.include({
      ...{ "Due now": "102.50 TUSD", Penalty: "2.50 TUSD", "Payoff today": "1,004.50 TUSD" },
      ...{ "Days past due": 12, "Instalments paid": "1 of 12", "Next due day": "2027-01-07" },
    });
    expect(texts.slice(-6)).to.deep.equal([
      ...["Oldest unpaid", "2027-01-07", "Outstanding", "900.00 TUSD", "Days past due", "12"],
    ]);
  });

  it("says day and instalment of one, days and instalments of others", async () => {
    const world = await load();
    const one = await look(world, { count: 1n, paid: 0n, daysPastDue: 1n });
    expect(one.description).to.include("in 1 instalment. 0 instalments are paid");
    expect(one.description).to.include("is 1 day late.");
    expect(one.texts).to.include("0 of 1 instalment paid");
  });

  it("shows no debt before the money is handed out", async () => {
    const { description, traits, texts } = await look(await load(), { state: "Funded", paid: 0n });
    expect(description).to.equal(
      `${PLAIN}The money is put aside; nothing is owed until the borrower has received it.${OWNER}`,
    );
    expect(traits).to.include({ State: "Funded", "Outstanding principal": "0.00 TUSD", "Days past due": 0 });
    expect(traits["Next due day"]).to.equal("2026-12-31");
    expect(texts.slice(-3)).to.deep.equal(["0 of 12 instalments paid", "Next due", "2026-12-31"]);
  });

  it("shows no debt and no day when it is over", async () => {
    const world = await load();
    for (const [state, paid, words] of [
      ["Closed", 12n, "It is closed: nothing is owed any more."],
      ["Cancelled", 0n, "It was cancelled: the money went back and nothing is owed."],
    ] as const) {
      const { description, traits, texts } = await look(world, { state, paid });
      expect(description).to.equal(`${PLAIN}${words}${OWNER}`);
      expect(traits).to.include({
        State: state,
        "Payoff today": "0.00 TUSD",
        "Instalments paid": `${paid} of 12`,
      });
      expect(traits).to.not.have.property("Next due day");
      expect(texts.at(-1)).to.equal(`${paid} of 12 instalments paid`);
    }
  });

  it("shows that a debt is given up and still owed", async () => {
    const { description, traits } = await look(await load(), { state: "Written off", daysPastDue: 400n });
    expect(description).to.equal(
      `${PLAIN}The lender has given it up, but it is still owed. 3 instalments are paid and 900.00 TUSD of principal ` +
        `is outstanding. The oldest unpaid instalment is that of 2027-01-21; the loan is 400 days late.${OWNER}`,
    );
    expect(traits).to.include({ State: "Written off", "Payoff today": "915.00 TUSD", "Days past due": 400 });
  });

  it("tells that the schedule was replaced", async () => {
    const { description, traits } = await look(await load(), { version: 2n });
    expect(description).to.include(" It was restructured: the schedule in force is not the first one.");
    expect(traits.Version).to.equal(2);
  });

  it("is shown with 366 instalments, to the last", async () => {
    const world = await load();
    for (const paid of [0n, 183n, 365n]) {
      const { texts, traits } = await look(world, { count: 366n, paid });
      expect(texts).to.include(`${paid} of 366 instalments paid`);
      const expected = new Date(Number(FIRST_DAY + 7n * paid) * 86_400_000).toISOString().slice(0, 10);
      expect(traits["Next due day"]).to.equal(expected);
    }
  });

  it("adds up components that are each as large as can be", async () => {
    const all = Array.from({ length: 4 }, () => MAX_AMOUNT);
    const { traits } = await look(await load(), {
      principal: MAX_AMOUNT,
      outstanding: MAX_AMOUNT,
      due: all,
      payoff: all,
    });
    expect(traits).to.include({
      Principal: "184,467,440,737,095,516.15 TUSD",
      "Due now": "737,869,762,948,382,064.60 TUSD",
      "Payoff today": "737,869,762,948,382,064.60 TUSD",
    });
  });

  it("takes less gas than a node gives to a view, at its longest", async () => {
    const world = await load();
    await world.token.set(HABITS.answer, asString("₮".repeat(40)), word(0n));
    const amounts = Array.from({ length: 4 }, () => MAX_AMOUNT);
    await show(world, {
      ...{ state: "Written off", version: 9n, daysPastDue: 4_294_900_000n, count: 366n, paid: 365n },
      ...{ principal: MAX_AMOUNT, outstanding: MAX_AMOUNT, due: amounts, payoff: amounts },
    });
    await draw(world, MAX_GAS);
  });
});

/** A character takes two thirds of its height on average. */
function widthOf(text: string, size: number): number {
  return (text.length * size * 2) / 3;
}

function extent(x: number, width: number, anchor: string): [start: number, end: number] {
  if (anchor === "start") return [x, x + width];
  return anchor === "end" ? [x - width, x] : [x - width / 2, x + width / 2];
}

describe("A loan's picture", () => {
  it("loads nothing and runs nothing", async () => {
    const world = await load();
    for (const state of STATES) {
      const { root, svg } = await look(world, { state, daysPastDue: 1n });
      const names = new Set(allElements(root).map(({ name }) => name));
      expect(
        [...names].filter((name) => !["svg", "title", "g", "rect", "text"].includes(name)),
      ).to.deep.equal([]);
      expect(root.attributes.xmlns).to.equal("http://www.w3.org/2000/svg");
      expect(svg.replace("http://www.w3.org/2000/svg", "")).to.not.match(/https?:|href|url\(|style|\bon\w+=/);
    }
  });

  it("has a title for who cannot see it", async () => {
    const { root } = await look(await load());
    const [title] = root.children.filter(({ name }) => name === "title");
    expect(title?.text).to.equal("Ahadi loan 0x1234...abcd: Active");
    expect(root.attributes.role).to.equal("img");
  });

  it("draws the bar as long as the part of the instalments that is paid", async () => {
    const world = await load();
    for (const [paid, count, width] of [
      [0n, 12n, "0"],
      [3n, 12n, "100"],
      [1n, 3n, "133"],
      [365n, 366n, "398"],
      [12n, 12n, "400"],
    ] as const) {
      const { root } = await look(world, { state: "Closed", paid, count });
      const bars = allElements(root).filter(
        ({ name, attributes }) => name === "rect" && attributes.height === "14",
      );
      expect(bars.map(({ attributes }) => attributes.width)).to.deep.equal(["400", width]);
    }
  });

  it("keeps every text inside, however long the amount", async () => {
    const world = await load();
    await world.token.set(HABITS.answer, asString("W".repeat(17)), word(0n));
    for (const principal of [0n, 1n, 10n ** 9n, MAX_AMOUNT]) {
      const { root } = await look(world, { principal, outstanding: principal, state: "Written off" });
      const ends: Record<string, number> = {};
      for (const { name, attributes, text } of allElements(root)) {
        if (name !== "text") continue;
        const size = Number(attributes["font-size"] ?? 20);
        expect(size, text).to.be.within(5, 50);
        const { y = "", "text-anchor": anchor = "start" } = attributes;
        const [start, end] = extent(Number(attributes.x), widthOf(text, size), anchor);
        expect(start, text).to.be.at.least(39);
        expect(end, text).to.be.at.most(441);
        expect(start, `${text} beside its label`).to.be.at.least(ends[y] ?? 0);
        ends[y] = end;
      }
    }
  });

  it("has room for each state in its badge", async () => {
    const world = await load();
    for (const state of STATES) {
      const elements = allElements((await look(world, { state })).root);
      const badge = elements.find(({ attributes }) => attributes.rx === "17")?.attributes ?? {};
      const text =
        elements.find(({ attributes }) => attributes["text-anchor"] === "middle")?.attributes ?? {};
      const [start, end] = extent(Number(text.x), widthOf(state, Number(text["font-size"])), "middle");
      expect(start, state).to.be.at.least(Number(badge.x) + 8);
      expect(end, state).to.be.at.most(Number(badge.x) + Number(badge.width) - 8);
    }
  });

  it("has a colour for each standing", async () => {
    const world = await load();
    const colours: string[] = [];
    for (const shown of [
      { state: "Funded" },
      { state: "Active" },
      { state: "Active", daysPastDue: 1n },
      { state: "Active", daysPastDue: 30n },
      { state: "Active", daysPastDue: 31n },
      { state: "Written off" },
      { state: "Closed" },
      { state: "Cancelled" },
      { state: "None" },
    ] satisfies Shown[]) {
      const { root } = await look(world, shown);
      const badge = allElements(root).find(
        ({ name, attributes }) => name === "rect" && attributes.rx === "17",
      );
      colours.push(badge?.attributes.fill ?? "");
    }
    const [blue, green, amber, red, grey] = ["#8db4f0", "#7fd1a0", "#f2b65a", "#f08080", "#b9c4be"];
    expect(colours).to.deep.equal([blue, green, amber, amber, red, red, grey, grey, grey]);
  });
});

describe("The reader of pictures in this test", () => {
  it("refuses what is not well-formed", () => {
    for (const broken of [
      ...[
        "",
        "a",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>b",
        "<a><b></a></b>",
        "<a",
        "<a b>",
        "<a b=c/>",
        "< a/>",
      ],
      ...["<a b='1' b='2'/>", "<a b='<'/>", "<a>&</a>", "<a>&nbsp;</a>", "<a>&lt</a>", "<a>]]></a>"],
      ...["<a>\u0000</a>", "<a>\u0008</a>", "<a>\ufffe</a>", "<a>\ud800</a>", "<!-- --><a/>", "<?a?><a/>"],
    ]) {
      expect(() => parseWellFormed(broken), broken).to.throw();
    }
    expect(parseWellFormed("<a b='1'>x&amp;<c/>y</a>")).to.deep.equal({
      ...{ name: "a", attributes: { b: "1" }, text: "x&y" },
      children: [{ name: "c", attributes: {}, text: "", children: [] }],
    });
  });
});
