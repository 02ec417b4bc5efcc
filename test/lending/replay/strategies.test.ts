import { expect } from "chai";
import {
  DUE,
  EARLY,
  FLAT,
  feeOn,
  fillings,
  LATE,
  loanOf,
  moved,
  pay,
  penaltyOn,
  replayed,
  TWO_LATE,
  unpaid,
} from "./support.ts";

/** Each of three instalments holds a penalty of 10.00, a fee of 20.00, interest of 12.00 and principal of 400.00. */
const SIZES = { p: 1000n, f: 2000n, i: 1200n, P: 40_000n };
const charges = DUE.flatMap((date) => [penaltyOn(date, "10.00"), feeOn(date, "20.00")]);
/** The same, but the charges of the first instalment are due before it. */
const chargesDueOn = (date: string) => [penaltyOn(date, "10.00"), feeOn(date, "20.00"), ...charges.slice(2)];

const PFIP = "p1 f1 i1 P1 p2 f2 i2 P2 p3 f3 i3 P3";

/**
 * In which order a payment fills the instalments: before the first is due (with its charges not due yet, and due), on its
 * due day, between the first two, and on the second or after it. Source: Fineract, transactionprocessor/impl, read from the
 * code; its comments say other things.
 */
const ORDERS: Record<string, Record<"early" | "earlyChargesDue" | "due" | "late" | "twoLate", string>> = {
  "mifos-standard-strategy": { early: PFIP, earlyChargesDue: PFIP, due: PFIP, late: PFIP, twoLate: PFIP },
  "creocore-strategy": { early: PFIP, earlyChargesDue: PFIP, due: PFIP, late: PFIP, twoLate: PFIP },
  // Interest is waived where principal is paid off before the due day of the instalment before.
  "heavensfamily-strategy": {
    early: "P1 f1 p1 P2 f2 p2 P3 f3 p3",
    earlyChargesDue: "P1 f1 p1 P2 f2 p2 P3 f3 p3",
    due: "P1 i1 f1 p1 P2 i2 f2 p2 P3 f3 p3",
    late: "P1 i1 f1 p1 P2 i2 f2 p2 P3 f3 p3",
    twoLate: "P1 i1 f1 p1 P2 i2 f2 p2 P3 i3 f3 p3",
  },
  "early-repayment-strategy": {
    early: "P1 P2 P3",
    earlyChargesDue: "P1 P2 P3",
    due: "i1 P1 p1 f1 P2 P3",
    late: "i1 P1 p1 f1 P2 P3",
    twoLate: "i1 P1 p1 f1 i2 P2 p2 f2 P3",
  },
  "interest-principal-penalties-fees-order-strategy": {
    early: "i1 P1 p1 f1 i2 P2 p2 f2 i3 P3 p3 f3",
    earlyChargesDue: "i1 P1 p1 f1 i2 P2 p2 f2 i3 P3 p3 f3",
    due: "i1 P1 p1 f1 i2 P2 p2 f2 i3 P3 p3 f3",
    late: "i1 P1 p1 f1 i2 P2 p2 f2 i3 P3 p3 f3",
    twoLate: "i1 P1 p1 f1 i2 P2 p2 f2 i3 P3 p3 f3",
  },
  "principal-interest-penalties-fees-order-strategy": {
    early: "P1 i1 p1 f1 P2 i2 p2 f2 P3 i3 p3 f3",
    earlyChargesDue: "P1 i1 p1 f1 P2 i2 p2 f2 P3 i3 p3 f3",
    due: "P1 i1 p1 f1 P2 i2 p2 f2 P3 i3 p3 f3",
    late: "P1 i1 p1 f1 P2 i2 p2 f2 P3 i3 p3 f3",
    twoLate: "P1 i1 p1 f1 P2 i2 p2 f2 P3 i3 p3 f3",
  },
  // When something is overdue: its charges and interest, then all principal, oldest first, also of what is not due.
  "rbi-india-strategy": {
    early: PFIP,
    earlyChargesDue: PFIP,
    due: PFIP,
    late: "p1 f1 i1 P1 P2 P3 p2 f2 i2 p3 f3 i3",
    twoLate: "p1 f1 i1 p2 f2 i2 P1 P2 P3 p3 f3 i3",
  },
  "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy": {
    early: "P1 p1 f1 i1 P2 p2 f2 i2 P3 p3 f3 i3",
    earlyChargesDue: "p1 f1 P1 i1 P2 p2 f2 i2 P3 p3 f3 i3",
    due: "p1 f1 i1 P1 P2 p2 f2 i2 P3 p3 f3 i3",
    late: "p1 f1 i1 P1 P2 p2 f2 i2 P3 p3 f3 i3",
    twoLate: "p1 f1 i1 P1 p2 f2 i2 P2 P3 p3 f3 i3",
  },
  "due-penalty-interest-principal-fee-in-advance-penalty-interest-principal-fee-strategy": {
    early: "p1 i1 P1 f1 p2 i2 P2 f2 p3 i3 P3 f3",
    earlyChargesDue: "p1 f1 i1 P1 p2 i2 P2 f2 p3 i3 P3 f3",
    due: "p1 i1 P1 f1 p2 i2 P2 f2 p3 i3 P3 f3",
    late: "p1 i1 P1 f1 p2 i2 P2 f2 p3 i3 P3 f3",
    twoLate: "p1 i1 P1 f1 p2 i2 P2 f2 p3 i3 P3 f3",
  },
};

const TIMES = [
  { time: "early", date: EARLY, before: charges },
  { time: "earlyChargesDue", date: EARLY, before: chargesDueOn("2024-04-10") },
  { time: "earlyChargesDue", date: EARLY, before: chargesDueOn(EARLY) },
  { time: "due", date: DUE[0], before: charges },
  { time: "late", date: LATE, before: charges },
  { time: "twoLate", date: DUE[1], before: charges },
  { time: "twoLate", date: TWO_LATE, before: charges },
] as const;

describe("the named strategies", () => {
  for (const [strategy, orders] of Object.entries(ORDERS)) {
    it(`include ${strategy}, in Fineract's order`, () => {
      for (const { time, date, before } of TIMES) {
        const { expected, actual } = fillings(
          loanOf({ ...FLAT, strategy }),
          before,
          date,
          orders[time],
          SIZES,
        );
        expect(actual, `${time} on ${date}`).to.deep.equal(expected);
      }
    });
  }

  it("are the nine of the reference, and mifos-standard is what is meant when none is named", () => {
    expect(Object.keys(ORDERS)).to.have.length(9);
    expect(loanOf({ strategy: null }).allocation).to.deep.equal(
      loanOf({ strategy: "mifos-standard-strategy" }).allocation,
    );
  });

  it("pay of a charge that is due in part only that part first", () => {
    const strategy = "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy";
    const split = [feeOn("2024-04-10", "5.00"), feeOn(DUE[0], "15.00")];
    const result = replayed(loanOf({ ...FLAT, strategy }), [
      ...split,
      pay(EARLY, "6.00"),
      pay(EARLY, "410.00"),
    ]);
    expect(moved(result)).to.deep.equal(["f 5.00 P 1.00", "f 11.00 P 399.00"]);
  });

  it("keep what is left over when principal alone may be paid: interest and charges stay owed", () => {
    const result = replayed(loanOf({ ...FLAT, strategy: "early-repayment-strategy" }), [
      pay(EARLY, "1300.00"),
    ]);
    expect(moved(result)).to.deep.equal(["P 1200.00 over 100.00"]);
    expect(unpaid(result)).to.deep.equal(["12.00", "12.00", "12.00"]);
    expect(result.overpaid).to.equal(10_000n);
  });

  it("waive interest with the last cent of an early principal, and only what was not paid before", () => {
    const loan = loanOf({ ...FLAT, strategy: "heavensfamily-strategy" });
    expect(unpaid(replayed(loan, [pay(EARLY, "399.99")]))).to.deep.equal(["12.01", "412.00", "412.00"]);
    expect(unpaid(replayed(loan, [pay(EARLY, "400.00")]))).to.deep.equal(["0.00", "412.00", "412.00"]);
    // On the due day 4.00 go into the interest of the first; 408.00 stay for the second, whose turn it is: no waiver.
    expect(unpaid(replayed(loan, [pay(DUE[0], "404.00")]))).to.deep.equal(["8.00", "412.00", "412.00"]);
    expect(unpaid(replayed(loan, [pay(DUE[0], "812.00")]))).to.deep.equal(["0.00", "12.00", "412.00"]);
  });
});
