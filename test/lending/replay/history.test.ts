import { expect } from "chai";
import { expectLendingError } from "../expect-error.ts";
import {
  buckets,
  charge,
  closeBooks,
  DUE,
  day,
  EARLY,
  FLAT,
  feeOn,
  LATE,
  loanOf,
  moved,
  NO_INTEREST,
  onDay,
  owed,
  PROGRESSIVE,
  paidCells,
  pay,
  payOff,
  payOut,
  recalculation,
  replayed,
  undo,
  unpaid,
} from "./support.ts";

const FREE = loanOf(NO_INTEREST);
const PROGRESSIVE_FREE = { ...PROGRESSIVE, ...NO_INTEREST, ...buckets() };
const LOANS = {
  cumulative: loanOf(FLAT),
  recalculated: loanOf(recalculation()),
  progressive: loanOf({ ...PROGRESSIVE, ...buckets(), ...recalculation() }),
  "progressive without interest": loanOf(PROGRESSIVE_FREE),
};

describe("entries that cannot be", () => {
  it("are payments and payoffs before the disbursement, also before a later one that was made", () => {
    expectLendingError(() => replayed(FREE, [pay("2024-03-31", "1.00")]), "out_of_range", "entries[0].date");
    expectLendingError(() => replayed(FREE, [payOff("2024-03-31")]), "out_of_range", "entries[0].date");
    const late = payOut("2024-04-10", "1200.00");
    expectLendingError(
      () => replayed(FREE, [late, pay("2024-04-09", "1.00")]),
      "out_of_range",
      "entries[1].date",
    );
    expectLendingError(
      () => replayed(FREE, [pay("2024-04-09", "1.00"), late]),
      "out_of_range",
      "entries[0].date",
    );
    expect(unpaid(replayed(FREE, [late, pay("2024-04-10", "1.00")]))[0]).to.equal("399.00");
  });

  it("are tranches before the agreed disbursement, at their own place among the entries", () => {
    const early = payOut("2024-03-31", "600.00");
    const fee = feeOn(DUE[0], "1.00");
    expectLendingError(() => replayed(FREE, [fee, early]), "out_of_range", "entries[1].date");
    expectLendingError(
      () => replayed(FREE, [payOut(DUE[0], "600.00"), early]),
      "out_of_range",
      "entries[1].date",
    );
  });

  it("are reversals of nothing, of what comes later, or of what was taken back before", () => {
    const refuse = (entries: Parameters<typeof replayed>[1], index: number) =>
      expectLendingError(() => replayed(FREE, entries), "out_of_range", `entries[${index}].nth`);
    refuse([undo(1)], 0);
    refuse([undo(1), pay(DUE[0], "5.00")], 0);
    refuse([pay(DUE[0], "5.00"), undo(2)], 1);
    refuse([pay(DUE[0], "5.00"), undo(1), undo(1)], 2);
    refuse([payOff(DUE[0]), undo(1)], 1);
  });

  it("are payoffs of a loan that owes nothing", () => {
    const entries = [payOff(DUE[0]), payOff(DUE[0])];
    expectLendingError(() => replayed(FREE, entries), "impossible", "entries[1]");
  });
});

describe("a reversal", () => {
  for (const [name, loan] of Object.entries(LOANS)) {
    it(`restores what was before the payment (${name})`, () => {
      for (const date of [EARLY, DUE[0], LATE]) {
        const before = replayed(loan, [pay(EARLY, "50.00")], DUE[2]);
        const restored = replayed(loan, [pay(EARLY, "50.00"), pay(date, "500.00"), undo(2)], DUE[2]);
        expect(owed(restored), date).to.deep.equal(owed(before));
        expect(paidCells(restored.rows), date).to.deep.equal(paidCells(before.rows));
        expect(restored.overpaid).to.equal(before.overpaid);
      }
    });
  }

  it("leaves no trace in the day from which an undated charge counts", () => {
    const loan = loanOf({ ...PROGRESSIVE_FREE, ...buckets({ future: "LAST_INSTALLMENT" }) });
    const [late, fee, early] = [pay(EARLY, "50.00"), feeOn(DUE[2], "6.00"), pay("2024-04-10", "420.00")];
    const never = replayed(loan, [fee, early], DUE[0]);
    const taken = replayed(loan, [late, fee, early, undo(1, EARLY)], DUE[0]);
    expect(paidCells(taken.rows)).to.deep.equal(paidCells(never.rows));
  });

  it("makes a payoff that counted on the payment a payment like others", () => {
    for (const loan of [LOANS.recalculated, LOANS.progressive]) {
      const paid = [pay(EARLY, "400.00"), payOff(DUE[0])];
      const amount = replayed(loan, paid).postings.at(-1)?.amount ?? 0n;
      const undone = replayed(loan, [...paid, undo(1, DUE[0])], DUE[0]);
      const asPaid = replayed(loan, [pay(DUE[0], amount)], DUE[0]);
      expect(owed(undone)).to.deep.equal(owed(asPaid));
      expect(paidCells(undone.rows)).to.deep.equal(paidCells(asPaid.rows));
    }
  });

  it("counts repayments from 1 and keeps the count when one was taken back", () => {
    const loan = loanOf(FLAT);
    const entries = [pay(DUE[0], "1.00"), pay(DUE[0], "2.00"), pay(DUE[0], "4.00"), undo(1), undo(3)];
    expect(moved(replayed(loan, entries))).to.deep.equal(["i 1.00 reversed", "i 2.00", "i 4.00 reversed"]);
  });

  it("shows what was taken back as it stood when it was, and divides later payments anew", () => {
    const result = replayed(loanOf(FLAT), [pay(DUE[0], "412.00"), pay(DUE[1], "412.00"), undo(1)]);
    expect(moved(result)).to.deep.equal(["i 12.00 P 400.00 reversed", "i 12.00 P 400.00"]);
    expect(unpaid(result)).to.deep.equal(["0.00", "412.00", "412.00"]);
  });
});

describe("a back-dated payment", () => {
  for (const [name, loan] of Object.entries(LOANS)) {
    it(`gives what it would have given in the order of the days (${name})`, () => {
      const [first, second, third] = [pay(EARLY, "100.00"), pay(DUE[0], "310.00"), pay(LATE, "200.00")];
      const inOrder = replayed(loan, [first, second, third], LATE);
      for (const entries of [
        [second, first, third],
        [third, first, second],
        [third, second, first],
      ]) {
        const posted = replayed(loan, entries, LATE);
        expect(owed(posted)).to.deep.equal(owed(inOrder));
        expect(paidCells(posted.rows)).to.deep.equal(paidCells(inOrder.rows));
      }
    });
  }

  it("changes what later payments had paid", () => {
    // The 412.00 of 1 June paid the first instalment; a payment of 412.00 on 1 May takes its place.
    const loan = loanOf(FLAT);
    expect(unpaid(replayed(loan, [pay(DUE[1], "412.00")]))).to.deep.equal(["0.00", "412.00", "412.00"]);
    const result = replayed(loan, [pay(DUE[1], "412.00"), pay(DUE[0], "412.00")]);
    expect(unpaid(result)).to.deep.equal(["0.00", "0.00", "412.00"]);
    expect(result.rows.map(({ paidLate }) => paidLate)).to.deep.equal([0n, 0n, 0n]);
  });
});

describe("what a payment is in time", () => {
  it("is in advance before the due day of its row, late after it, and neither on it", () => {
    const { rows } = replayed(loanOf(FLAT), [
      pay(EARLY, "100.00"),
      pay(DUE[0], "100.00"),
      pay(LATE, "300.00"),
    ]);
    expect(rows.map(({ paidInAdvance }) => paidInAdvance)).to.deep.equal([10_000n, 8800n, 0n]);
    expect(rows.map(({ paidLate }) => paidLate)).to.deep.equal([21_200n, 0n, 0n]);
  });

  it("is the business day of the latest entry unless one is said", () => {
    expect(replayed(FREE, []).asOf).to.equal(day("2024-04-01"));
    expect(replayed(FREE, [pay(DUE[0], "1.00"), pay(EARLY, "1.00")]).asOf).to.equal(day(DUE[0]));
    expect(replayed(FREE, [pay(DUE[0], "1.00")], DUE[1]).asOf).to.equal(day(DUE[1]));
    expect(replayed(FREE, [pay(DUE[0], "1.00"), onDay(LATE)], DUE[1]).asOf).to.equal(day(LATE));
  });
});

describe("money beyond what is owed", () => {
  it("is kept as a balance, of each payment its own part", () => {
    const result = replayed(FREE, [pay(DUE[0], "1150.00"), pay(DUE[0], "60.00"), pay(DUE[1], "5.00")]);
    expect(moved(result)).to.deep.equal(["P 1150.00", "P 50.00 over 10.00", "over 5.00"]);
    expect(result.overpaid).to.equal(1500n);
  });

  it("pays a later tranche of the progressive engine, as far as something is owed then", () => {
    // 600.00 are overpaid by 100.00. The tranche of 400.00 adds 200.00 to the second and third instalment.
    const loan = loanOf(PROGRESSIVE_FREE);
    const entries = [payOut("2024-04-01", "600.00"), pay(DUE[0], "700.00"), payOut(LATE, "400.00")];
    const result = replayed(loan, entries);
    expect(unpaid(result)).to.deep.equal(["0.00", "100.00", "200.00"]);
    expect(result.overpaid).to.equal(0n);
  });

  it("comes back when the charge that it paid meets a reversal", () => {
    const loan = loanOf(PROGRESSIVE_FREE);
    const entries = [pay(DUE[0], "1210.00"), feeOn(DUE[2], "4.00"), undo(1)];
    const result = replayed(loan, entries);
    expect(result.overpaid).to.equal(0n);
    expect(unpaid(result)).to.deep.equal(["400.00", "400.00", "404.00"]);
  });
});

describe("a down payment", () => {
  const terms = { ...NO_INTEREST, downPaymentPct: "25" };

  it("is a row on the day of the tranche, and the rest is divided over the instalments", () => {
    const expected = ["2024-04-01 300.00 + 0.00", ...DUE.map((date) => `${date} 300.00 + 0.00`)];
    for (const engine of [{}, { ...PROGRESSIVE, ...buckets() }]) {
      const result = replayed(loanOf({ ...terms, ...engine }), []);
      expect(owed(result)).to.deep.equal(expected);
      expect(moved(result, "down_payment")).to.deep.equal([]);
    }
  });

  it("is paid out of the tranche where that is agreed", () => {
    for (const engine of [{}, { ...PROGRESSIVE, ...buckets() }]) {
      const loan = loanOf({ ...terms, ...engine, downPaymentAuto: true });
      const result = replayed(loan, [payOut("2024-04-01", "1200.00")]);
      expect(moved(result, "down_payment")).to.deep.equal(["P 300.00"]);
      expect(unpaid(result)).to.deep.equal(["0.00", "300.00", "300.00", "300.00"]);
    }
  });

  it("is due of each tranche", () => {
    // 25 % of 800.00 = 200.00, then 200.00 each; 25 % of 400.00 = 100.00, then 150.00 more on the last two.
    const loan = loanOf({ ...terms, ...PROGRESSIVE, ...buckets() });
    const entries = [payOut("2024-04-01", "800.00"), payOut(LATE, "400.00")];
    expect(owed(replayed(loan, entries))).to.deep.equal([
      "2024-04-01 200.00 + 0.00",
      "2024-05-01 200.00 + 0.00",
      "2024-05-16 100.00 + 0.00",
      "2024-06-01 350.00 + 0.00",
      "2024-07-01 350.00 + 0.00",
    ]);
  });

  it("is lowered by what was overpaid before", () => {
    // All of 800.00 is paid on 1 May, and 40.00 too much: of the 100.00 due of 400.00, 60.00 are paid anew.
    const loan = loanOf({ ...terms, ...PROGRESSIVE, ...buckets(), downPaymentAuto: true });
    const entries = [payOut("2024-04-01", "800.00"), pay(DUE[0], "640.00"), payOut(LATE, "400.00")];
    const result = replayed(loan, entries);
    expect(moved(result, "down_payment")).to.deep.equal(["P 200.00", "P 60.00"]);
    expect(unpaid(result)).to.deep.equal(["0.00", "0.00", "0.00", "150.00", "150.00"]);
  });

  it("is rounded to the instalment multiple", () => {
    // 25 % of 1,230.00 = 307.50, to the nearest 10: 310.00; 920.00 / 3 = 306.67, to 310.00 twice and the rest.
    const loan = loanOf({
      ...terms,
      principal: "1230.00",
      amortization: "EQUAL_INSTALMENTS",
      installmentAmountInMultiplesOf: 10,
    });
    expect(owed(replayed(loan, [])).map((row) => row.split(" ")[1])).to.deep.equal([
      "310.00",
      "310.00",
      "310.00",
      "300.00",
    ]);
  });
});

describe("tranches", () => {
  const progressive = loanOf(PROGRESSIVE_FREE);
  const dates = (entries: Parameters<typeof replayed>[1], loan = progressive) =>
    owed(replayed(loan, entries));

  it("within a period or on its due day are divided over the instalments after them", () => {
    const expected = ["2024-05-01 200.00 + 0.00", "2024-06-01 350.00 + 0.00", "2024-07-01 350.00 + 0.00"];
    expect(dates([payOut("2024-04-01", "600.00"), payOut(LATE, "300.00")])).to.deep.equal(expected);
    expect(dates([payOut("2024-04-01", "600.00"), payOut(DUE[0], "300.00")])).to.deep.equal(expected);
  });

  it("on one day are divided like one", () => {
    const split = dates([payOut("2024-04-01", "600.00"), payOut("2024-04-01", "600.00")]);
    expect(split).to.deep.equal(dates([payOut("2024-04-01", "1200.00")]));
  });

  it("on or after the last due day have no instalment in the progressive engine, and are refused", () => {
    for (const date of [DUE[2], "2024-07-10"]) {
      const entries = [payOut("2024-04-01", "600.00"), payOut(date, "300.00")];
      expectLendingError(() => replayed(progressive, entries), "unsupported", "entries[1].date");
    }
  });

  it("after the last due day have an instalment of their own in the cumulative engine", () => {
    // Solved for 900.00: 300.00 each; the third takes the 200.00 that are left, the fourth the tranche.
    expect(dates([payOut("2024-04-01", "800.00"), payOut("2024-07-10", "100.00")], FREE)).to.deep.equal([
      "2024-05-01 300.00 + 0.00",
      "2024-06-01 300.00 + 0.00",
      "2024-07-01 200.00 + 0.00",
      "2024-08-01 100.00 + 0.00",
    ]);
  });

  it("bear interest from their own day", () => {
    // Solved for 1,200.00: 400.00 each. April: 1 % of 600.00. May: 200.00 until the 16th (15 of 31 days), 800.00 after it:
    // 0.97 + 4.13. June: 1 % of 400.00.
    const entries = [payOut("2024-04-01", "600.00"), payOut(LATE, "600.00")];
    expect(owed(replayed(loanOf(), entries))).to.deep.equal([
      "2024-05-01 400.00 + 6.00",
      "2024-06-01 400.00 + 5.10",
      "2024-07-01 400.00 + 4.00",
    ]);
  });
});

describe("close of business with recalculation", () => {
  it("says the same when it is run twice", () => {
    const loan = loanOf(recalculation());
    const once = replayed(loan, [onDay(LATE), closeBooks]);
    expect(owed(replayed(loan, [onDay(LATE), closeBooks, closeBooks]))).to.deep.equal(owed(once));
  });

  it("moves no figure of a loan that is paid as agreed", () => {
    const loan = loanOf(recalculation());
    const entries = [pay(DUE[0], "412.00")];
    expect(owed(replayed(loan, [...entries, onDay(LATE), closeBooks]))).to.deep.equal(
      owed(replayed(loan, entries)),
    );
  });
});

describe("charges in a replay", () => {
  it("count for payments that were posted before them, by their days", () => {
    const fee = charge({ when: "on_day", day: day(EARLY), isPenalty: false, amount: { flat: 1000n } });
    const result = replayed(loanOf(FLAT), [pay(DUE[0], "412.00"), fee]);
    expect(moved(result)).to.deep.equal(["f 10.00 i 12.00 P 390.00"]);
  });
});
