import { expect } from "chai";
import {
  buckets,
  DUE,
  EARLY,
  FLAT,
  feeOn,
  fillings,
  loanOf,
  moved,
  NO_INTEREST,
  paidBy,
  pay,
  penaltyOn,
  replayed,
  TWO_LATE,
  unpaid,
} from "./support.ts";

/** Each of three instalments holds a penalty of 10.00, a fee of 20.00, interest of 12.00 and principal of 400.00. */
const SIZES = { p: 1000n, f: 2000n, i: 1200n, P: 40_000n };
const charges = DUE.flatMap((date) => [penaltyOn(date, "10.00"), feeOn(date, "20.00")]);

function expectOrder(rule: object, date: string, sequence: string): void {
  const { expected, actual } = fillings(loanOf({ ...FLAT, ...rule }), charges, date, sequence, SIZES);
  expect(actual).to.deep.equal(expected);
}

/** The rule with the names of its buckets in this order: "past.p" and so on. */
function inOrder(names: string): object {
  const whens = { past: "PAST_DUE", due: "DUE", adv: "IN_ADVANCE" };
  const components = { p: "PENALTY", f: "FEE", i: "INTEREST", P: "PRINCIPAL" };
  const paymentAllocationOrder = names.split(" ").map((name) => {
    const [when, component] = name.split(".") as [keyof typeof whens, keyof typeof components];
    return `${whens[when]}_${components[component]}`;
  });
  return { ...buckets(), paymentAllocationOrder };
}

describe("allocation by buckets, horizontally", () => {
  it("finishes what is past due, then what is due, then the next instalment, each in its own order", () => {
    expectOrder(
      buckets({ past: "pfiP", due: "Pifp", advance: "ipPf" }),
      DUE[1],
      "p1 f1 i1 P1 P2 i2 f2 p2 i3 p3 P3 f3",
    );
  });

  it("finishes the oldest instalment before the next one that is past due as well", () => {
    expectOrder(buckets({ past: "fPpi" }), TWO_LATE, "f1 P1 p1 i1 f2 P2 p2 i2 p3 f3 i3 P3");
  });

  it("takes the due types in the order in which they are named first", () => {
    const names = "adv.P past.i adv.i past.P due.p due.f due.i due.P adv.p adv.f past.p past.f";
    expectOrder(inOrder(names), DUE[1], "P3 i3 p3 f3 i1 P1 p1 f1 p2 f2 i2 P2");
  });

  it("pays the last instalment first when the future rule says so", () => {
    const rule = buckets({ future: "LAST_INSTALLMENT", advance: "Pfpi" });
    expectOrder(rule, DUE[0], "p1 f1 i1 P1 P3 f3 p3 i3 P2 f2 p2 i2");
    expectOrder(rule, EARLY, "P3 f3 p3 i3 P2 f2 p2 i2 P1 f1 p1 i1");
  });
});

describe("allocation by buckets, vertically", () => {
  const vertical = { loanScheduleProcessing: "VERTICAL" };
  const byComponent = "past.p due.p adv.p past.f due.f adv.f past.i due.i adv.i past.P due.P adv.P";

  it("finishes one bucket over all instalments before the next bucket", () => {
    const sequence = "p1 p2 p3 f1 f2 f3 i1 i2 i3 P1 P2 P3";
    for (const date of [DUE[0], DUE[1], TWO_LATE]) {
      expectOrder({ ...inOrder(byComponent), ...vertical }, date, sequence);
    }
    expectOrder({ ...buckets(), ...vertical }, TWO_LATE, "p1 p2 f1 f2 i1 i2 P1 P2 p3 f3 i3 P3");
  });

  it("pays the last instalment's bucket first when the future rule says so", () => {
    const rule = { ...inOrder(byComponent), ...vertical, futureInstallmentRule: "LAST_INSTALLMENT" };
    expectOrder(rule, DUE[0], "p1 p3 p2 f1 f3 f2 i1 i3 i2 P1 P3 P2");
  });

  it("divides a bucket over all future instalments that have something in it", () => {
    const rule = { ...inOrder(byComponent), ...vertical, futureInstallmentRule: "REAMORTIZATION" };
    const loan = loanOf({ ...NO_INTEREST, ...rule });
    // A fee of 9.00 on the second alone takes its 9.00; 31.00 of principal are 10.33, 10.33 and the rest.
    const paid = paidBy(loan, [feeOn(DUE[1], "9.00")], EARLY, 4000n);
    expect(paid).to.deep.equal(["P1 10.33", "f2 9.00", "P2 10.33", "P3 10.34"]);
  });
});

describe("re-amortisation", () => {
  const loan = loanOf({ ...NO_INTEREST, ...buckets({ future: "REAMORTIZATION" }) });
  const split = (amount: bigint) => paidBy(loan, [], EARLY, amount);

  it("gives each future instalment an equal part and the last one what the division leaves over", () => {
    expect(split(30_000n)).to.deep.equal(["P1 100.00", "P2 100.00", "P3 100.00"]);
    expect(split(10_000n)).to.deep.equal(["P1 33.33", "P2 33.33", "P3 33.34"]);
    expect(split(20_000n)).to.deep.equal(["P1 66.67", "P2 66.67", "P3 66.66"]);
    expect(split(120_000n)).to.deep.equal(["P1 400.00", "P2 400.00", "P3 400.00"]);
  });

  it("loses no cent where there are fewer than instalments, or one too many for even parts", () => {
    expect(split(1n)).to.deep.equal(["P3 0.01"]);
    expect(split(2n)).to.deep.equal(["P1 0.01", "P2 0.01"]);
    expect(split(4n)).to.deep.equal(["P1 0.01", "P2 0.01", "P3 0.02"]);
    // 5 / 3 rounds to 2, twice; the last gets 1.
    expect(split(5n)).to.deep.equal(["P1 0.02", "P2 0.02", "P3 0.01"]);
  });

  it("divides each component anew, by what is left then", () => {
    // 60.00 are 20.00 each; only the third has a fee, of 15.00. The 45.00 left are 15.00 of principal each.
    expect(paidBy(loan, [feeOn(DUE[2], "15.00")], EARLY, 6000n)).to.deep.equal([
      "P1 15.00",
      "P2 15.00",
      "f3 15.00",
      "P3 15.00",
    ]);
  });

  it("passes on what an instalment has no room for, and keeps what none has", () => {
    // The penalty of 390.00 leaves the first with much to pay: of 1,500.00 each gets 500.00 at first.
    const result = replayed(loan, [penaltyOn(DUE[0], "390.00"), pay(EARLY, "1500.00")]);
    expect(moved(result)).to.deep.equal(["p 390.00 P 1110.00"]);
    const tooMuch = replayed(loan, [pay(EARLY, "1200.01")]);
    expect(moved(tooMuch)).to.deep.equal(["P 1200.00 over 0.01"]);
    expect(unpaid(tooMuch)).to.deep.equal(["0.00", "0.00", "0.00"]);
  });

  it("pays what is past due and due before it divides the rest", () => {
    const paid = paidBy(loan, [], DUE[0], 50_000n);
    expect(paid).to.deep.equal(["P1 400.00", "P2 50.00", "P3 50.00"]);
  });
});
