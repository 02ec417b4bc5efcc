import { expect } from "chai";
import { buckets, FLAT, loanOf, NO_INTEREST, owed, PROGRESSIVE, replayed } from "./support.ts";

/** "400.00 + 12.00" for each row of the loan as it is agreed. */
const rows = (...changes: object[]) =>
  owed(replayed(loanOf(Object.assign({}, ...changes)), [])).map((row) => row.slice("2024-05-01 ".length));
const principals = (...changes: object[]) => rows(NO_INTEREST, ...changes).map((row) => row.split(" ")[0]);

describe("grace", () => {
  it("on principal divides it over the periods after it", () => {
    expect(rows({ graceOnPrincipal: 1 })).to.deep.equal(["0.00 + 12.00", "600.00 + 12.00", "600.00 + 6.00"]);
    expect(rows({ graceOnPrincipal: 2 })).to.deep.equal(["0.00 + 12.00", "0.00 + 12.00", "1200.00 + 12.00"]);
    expect(rows(FLAT, { graceOnPrincipal: 1 })).to.deep.equal([
      "0.00 + 12.00",
      "600.00 + 12.00",
      "600.00 + 12.00",
    ]);
  });

  it("on the payment of interest collects it with the first period after it", () => {
    expect(rows({ graceOnInterestPayment: 1 })).to.deep.equal([
      "400.00 + 0.00",
      "400.00 + 20.00",
      "400.00 + 4.00",
    ]);
    expect(rows({ graceOnInterestPayment: 2 })).to.deep.equal([
      "400.00 + 0.00",
      "400.00 + 0.00",
      "400.00 + 24.00",
    ]);
  });

  it("on the payment of flat interest averages it over the periods after it, in equal instalments", () => {
    const equal = { amortization: "EQUAL_INSTALMENTS", graceOnInterestPayment: 1 };
    expect(rows(FLAT, equal)).to.deep.equal(["400.00 + 0.00", "400.00 + 18.00", "400.00 + 18.00"]);
  });

  it("on the charging of interest leaves it out for good", () => {
    expect(rows({ graceOnInterestCharged: 1 })).to.deep.equal([
      "400.00 + 0.00",
      "400.00 + 8.00",
      "400.00 + 4.00",
    ]);
    expect(rows({ graceOnInterestCharged: 3 })).to.deep.equal([
      "400.00 + 0.00",
      "400.00 + 0.00",
      "400.00 + 0.00",
    ]);
    // Flat: 36.00 less the 12.00 of one period.
    expect(rows(FLAT, { graceOnInterestCharged: 1 })).to.deep.equal([
      "400.00 + 0.00",
      "400.00 + 12.00",
      "400.00 + 12.00",
    ]);
  });

  it("is told apart when all three are given", () => {
    // The first period bears nothing, the second's 12.00 are put off to the third.
    const all = { graceOnPrincipal: 1, graceOnInterestPayment: 2, graceOnInterestCharged: 1 };
    expect(rows(all)).to.deep.equal(["0.00 + 0.00", "600.00 + 0.00", "600.00 + 18.00"]);
  });
});

describe("currency multiples", () => {
  const shillings = { currencyDecimals: 0, currencyInMultiplesOf: 100 };
  const whole = (...changes: object[]) => {
    const { rows: ledger } = replayed(loanOf(Object.assign({}, shillings, ...changes)), []);
    return ledger.map(({ owed: { principal, interest } }) => `${principal} + ${interest}`);
  };

  it("round every amount to the nearest, ties up, and the last row takes the rest", () => {
    // 10,000 / 3 = 3,333.
    expect(whole({ ...NO_INTEREST, principal: "10000" })).to.deep.equal(["3300 + 0", "3300 + 0", "3400 + 0"]);
    // 10,050 / 3 = 3,350, a tie.
    expect(whole({ ...NO_INTEREST, principal: "10050" })).to.deep.equal(["3400 + 0", "3400 + 0", "3250 + 0"]);
    // 1 % of 15,000 = 150, to 200; of 10,000 = 100; of 5,000 = 50, to 100.
    expect(whole({ principal: "15000" })).to.deep.equal(["5000 + 200", "5000 + 100", "5000 + 100"]);
  });

  it("mean nothing for currencies with decimals, nor when they are 0 or 1", () => {
    expect(principals({ currencyInMultiplesOf: 100, principal: "100.00" })).to.deep.equal([
      "33.33",
      "33.33",
      "33.34",
    ]);
    for (const currencyInMultiplesOf of [0, 1, null]) {
      expect(whole({ ...NO_INTEREST, principal: "100", currencyInMultiplesOf })).to.deep.equal([
        "33 + 0",
        "33 + 0",
        "34 + 0",
      ]);
    }
  });
});

describe("instalment multiples", () => {
  it("round equal instalments, and the last absorbs the difference", () => {
    // 408.03 to 410: 12.00 + 398.00 leave 802.00; 8.02 + 401.98 leave 400.02, which bear 4.00.
    const tens = { amortization: "EQUAL_INSTALMENTS", installmentAmountInMultiplesOf: 10 };
    expect(rows(tens)).to.deep.equal(["398.00 + 12.00", "401.98 + 8.02", "400.02 + 4.00"]);
  });

  it("mean nothing for equal principal", () => {
    expect(principals({ principal: "100.00", installmentAmountInMultiplesOf: 10 })).to.deep.equal([
      "33.33",
      "33.33",
      "33.34",
    ]);
  });

  it("round the instalment of flat interest by its principal", () => {
    // 100.00 at 12 %: 1.00 a month. 33.33 to 33, 1.00 to 1: 34.00.
    const ones = {
      amortization: "EQUAL_INSTALMENTS",
      installmentAmountInMultiplesOf: 1,
      principal: "100.00",
    };
    expect(rows(FLAT, ones)).to.deep.equal(["33.00 + 1.00", "33.00 + 1.00", "34.00 + 1.00"]);
  });
});

describe("rounding modes", () => {
  const halves = (roundingMode: string, principal: string) =>
    principals({ roundingMode, principal, nInstalments: 2 })[0];

  it("differ where a cent is halved", () => {
    // 0.25 / 2 = 0.125 and 0.35 / 2 = 0.175.
    const both = (mode: string) => [halves(mode, "0.25"), halves(mode, "0.35")];
    expect(both("HALF_EVEN")).to.deep.equal(["0.12", "0.18"]);
    expect(both("HALF_UP")).to.deep.equal(["0.13", "0.18"]);
    expect(both("HALF_DOWN")).to.deep.equal(["0.12", "0.17"]);
    expect(both("UP")).to.deep.equal(["0.13", "0.18"]);
    expect(both("DOWN")).to.deep.equal(["0.12", "0.17"]);
    expect(both("CEILING")).to.deep.equal(["0.13", "0.18"]);
    expect(both("FLOOR")).to.deep.equal(["0.12", "0.17"]);
  });

  it("differ elsewhere only by direction, and the last row always closes the account", () => {
    for (const roundingMode of ["HALF_EVEN", "HALF_UP", "HALF_DOWN", "DOWN", "FLOOR"]) {
      expect(principals({ roundingMode, principal: "100.00" })).to.deep.equal(["33.33", "33.33", "33.34"]);
    }
    for (const roundingMode of ["UP", "CEILING"]) {
      expect(principals({ roundingMode, principal: "100.00" })).to.deep.equal(["33.34", "33.34", "33.32"]);
    }
  });

  it("are kept to by interest and by the progressive engine", () => {
    // 1 % of 100.50 = 1.005.
    const interest = (roundingMode: string) =>
      rows({ roundingMode, principal: "100.50" })[0]?.split(" + ")[1];
    expect(["HALF_EVEN", "HALF_UP", "DOWN", "UP"].map(interest)).to.deep.equal([
      "1.00",
      "1.01",
      "1.00",
      "1.01",
    ]);
    const progressive = (roundingMode: string) =>
      rows(PROGRESSIVE, buckets(), { roundingMode, principal: "100.50" })[0]?.split(" + ")[1];
    expect(["HALF_EVEN", "HALF_UP", "DOWN", "UP"].map(progressive)).to.deep.equal([
      "1.00",
      "1.01",
      "1.00",
      "1.01",
    ]);
  });
});
