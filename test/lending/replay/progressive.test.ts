import { expect } from "chai";
import { isPaidOff } from "../../../lending/replay/ledger.ts";
import { sumOf } from "../../../lending/standing.ts";
import {
  buckets,
  closeBooks,
  DUE,
  EARLY,
  feeOn,
  LATE,
  loanOf,
  moved,
  onDay,
  owed,
  PROGRESSIVE,
  pay,
  payOff,
  payOut,
  recalculation,
  replayed,
  TWO_LATE,
  unpaid,
} from "./support.ts";

/**
 * 1,200.00 in three payments at 1 % a month: 1,200.00 * 0.01 * 1.030301 / 0.030301 = 408.03. 12.00 + 396.03 leave 803.97;
 * 8.04 + 399.99 leave 403.98; the last is 4.04 + 403.98. Formula: `meta.formulas` PROG of the golden file.
 */
const AS_PLANNED = ["2024-05-01 396.03 + 12.00", "2024-06-01 399.99 + 8.04", "2024-07-01 403.98 + 4.04"];
const fixed = loanOf({ ...PROGRESSIVE, ...buckets() });
const loan = (changes: object = {}, rule: object = {}) =>
  loanOf({ ...PROGRESSIVE, ...buckets(rule), ...recalculation(changes) });

describe("the progressive engine", () => {
  it("solves equal payments, and the last absorbs what rounding leaves", () => {
    expect(owed(replayed(fixed, []))).to.deep.equal(AS_PLANNED);
    expect(owed(replayed(loan(), []))).to.deep.equal(AS_PLANNED);
  });

  it("leaves the rows alone without recalculation, whatever is paid when", () => {
    for (const entries of [[pay(EARLY, "408.03")], [pay(LATE, "12.00")], [pay(DUE[0], "1000.00")]]) {
      expect(owed(replayed(fixed, entries, DUE[2]))).to.deep.equal(AS_PLANNED);
    }
  });

  it("keeps the rows of a loan that is paid as agreed", () => {
    const entries = [pay(DUE[0], "408.03"), pay(DUE[1], "408.03"), pay(DUE[2], "408.02")];
    const result = replayed(loan(), entries);
    expect(owed(result)).to.deep.equal(AS_PLANNED);
    expect(unpaid(result)).to.deep.equal(["0.00", "0.00", "0.00"]);
  });

  it("solves the payments of the current and later periods anew for each tranche", () => {
    // The first 600.00: 204.01 each (600.00 * 0.01 * 1.030301 / 0.030301). On 1 May 401.99 are left and 600.00 come in:
    // 1,001.99 * 0.01 * 1.0201 / 0.0201 = 508.52. 10.02 + 498.50 leave 503.49, which bear 5.03.
    const rows = owed(replayed(fixed, [payOut("2024-04-01", "600.00"), payOut(DUE[0], "600.00")]));
    expect(rows).to.deep.equal([
      "2024-05-01 198.01 + 6.00",
      "2024-06-01 498.50 + 10.02",
      "2024-07-01 503.49 + 5.03",
    ]);
  });

  it("charges a tranche within a period from its own day", () => {
    // April: 15 of 30 days of 600.00 = 3.00, 15 of 1,200.00 = 6.00.
    const rows = owed(replayed(fixed, [payOut("2024-04-01", "600.00"), payOut(EARLY, "600.00")]));
    expect(rows[0]).to.match(/ \+ 9.00$/);
  });
});

describe("early money of the progressive engine", () => {
  it("pays the interest to its day, leaves the base then, and the rest of that interest is due later", () => {
    // 15 of 30 days of 1,200.00 = 6.00; 402.03 of principal leave 797.97, which bear 3.99 to 1 May and 7.98 in May: 11.97.
    // 396.06 of the next payment leave 401.91, which bear 4.02.
    const result = replayed(loan(), [pay(EARLY, "408.03")]);
    expect(moved(result)).to.deep.equal(["i 6.00 P 402.03"]);
    expect(owed(result)).to.deep.equal([
      "2024-05-01 402.03 + 6.00",
      "2024-06-01 396.06 + 11.97",
      "2024-07-01 401.91 + 4.02",
    ]);
  });

  it("pays the interest of the whole period with TILL_REST_FREQUENCY_DATE", () => {
    const result = replayed(loan({ preClosureInterest: "TILL_REST_FREQUENCY_DATE" }), [pay(EARLY, "408.03")]);
    expect(owed(result)).to.deep.equal(AS_PLANNED);
    expect(unpaid(result)).to.deep.equal(["0.00", "408.03", "408.02"]);
  });
});

describe("money that ends a loan of the progressive engine", () => {
  // 1,200.00 at 12 %, 15 of 30 days: 6.00.
  for (const processing of ["HORIZONTAL", "VERTICAL"]) {
    it(`pays the interest so far before anything is overpaid, principal first, ${processing}`, () => {
      for (const future of ["NEXT_INSTALLMENT", "LAST_INSTALLMENT", "REAMORTIZATION"]) {
        const principalFirst = loan({}, { processing, future, due: "pfPi", advance: "pfPi" });
        const result = replayed(principalFirst, [pay(EARLY, "1400.00")], LATE);
        expect(unpaid(result), future).to.deep.equal(["0.00", "0.00", "0.00"]);
        expect(moved(result), future).to.deep.equal(["i 6.00 P 1200.00 over 194.00"]);
        expect(result.overpaid, future).to.equal(19_400n);
        const exact = replayed(principalFirst, [pay(EARLY, "1206.00")], LATE);
        expect(exact.rows.every(isPaidOff), future).to.equal(true);
        expect(exact.overpaid, future).to.equal(0n);
      }
    });
  }
});

describe("late principal of the progressive engine", () => {
  it("bears interest to the business day with a daily rest", () => {
    // May: 15 of 31 days of 1,200.00 = 5.81, 16 of 803.97 = 4.15.
    const late = owed(replayed(loan(), [], LATE));
    expect(late[0]).to.equal(AS_PLANNED[0]);
    expect(late[1]).to.match(/ \+ 9.96$/);
    expect(owed(replayed(loan(), [onDay(LATE), closeBooks]))).to.deep.equal(late);
    expect(owed(replayed(loan(), [onDay(LATE), closeBooks, closeBooks]))).to.deep.equal(late);
  });

  it("bears interest to the end of the period with a rest of the repayment period", () => {
    // 1 % of 1,200.00 for all of May.
    expect(owed(replayed(loan({ rest: "SAME_AS_REPAYMENT_PERIOD" }), [], LATE))[1]).to.match(/ \+ 12.00$/);
  });

  it("is paid with the instalment that it belongs to", () => {
    const result = replayed(loan(), [pay(LATE, "408.03")]);
    expect(moved(result)).to.deep.equal(["i 12.00 P 396.03"]);
    expect(unpaid(result)[0]).to.equal("0.00");
    expect(owed(result)[1]).to.match(/ \+ 9.96$/);
  });
});

const RULES = ["HORIZONTAL", "VERTICAL"].flatMap((processing) =>
  ["NEXT_INSTALLMENT", "LAST_INSTALLMENT", "REAMORTIZATION"].flatMap((future) =>
    ["pfiP", "Pifp"].map((advance) => ({ processing, future, advance })),
  ),
);

/** Pays the loan off on many days, after many payments. */
function expectClosed(one: ReturnType<typeof loan>, rule: object): void {
  const payments = [[], [pay(EARLY, "700.00")], [pay(DUE[0], "408.03")], [pay(LATE, "150.00")]];
  const days = [LATE, DUE[1], TWO_LATE, DUE[2], "2024-08-01"];
  for (const [paid, date] of payments.flatMap((paid) => days.map((date) => [paid, date] as const))) {
    const { rows, overpaid, payoff } = replayed(one, [...paid, payOff(date)]);
    const left = { open: rows.filter((row) => !isPaidOff(row)).length, overpaid, quote: sumOf(payoff) };
    const what = [...Object.values(rule), paid.length, date].join(" ");
    expect({ what, ...left }).to.deep.equal({ what, open: 0, overpaid: 0n, quote: 0n });
  }
}

describe("a payoff of the progressive engine", () => {
  const onTime = pay(DUE[0], "408.03");
  const payoff = (changes: object, ...entries: Parameters<typeof replayed>[1]) => {
    const result = replayed(loan(changes), entries);
    expect(unpaid(result)).to.deep.equal(["0.00", "0.00", "0.00"]);
    expect(result.overpaid).to.equal(0n);
    return moved(result).at(-1);
  };

  it("pays interest to its own day, or to the end of the period", () => {
    // 15 of 31 days of 803.97 = 3.89; the whole of May = 8.04.
    expect(payoff({}, onTime, payOff(LATE))).to.equal("i 3.89 P 803.97");
    const rule = { preClosureInterest: "TILL_REST_FREQUENCY_DATE" };
    expect(payoff(rule, onTime, payOff(LATE))).to.equal("i 8.04 P 803.97");
  });

  it("on a due day pays what is due and the principal that is left", () => {
    expect(payoff({}, payOff(DUE[0]))).to.equal("i 12.00 P 1200.00");
    expect(payoff({}, onTime, payOff(DUE[1]))).to.equal("i 8.04 P 803.97");
  });

  it("on the day of disbursement pays no interest", () => {
    expect(payoff({}, payOff("2024-04-01"))).to.equal("P 1200.00");
  });

  it("pays interest on what is late, and charges", () => {
    // April's 12.00 and 15 of 31 days of 1,200.00 = 5.81.
    expect(payoff({}, feeOn(DUE[0], "3.00"), payOff(LATE))).to.equal("f 3.00 i 17.81 P 1200.00");
  });

  it("pays accrued interest that an early payment of principal alone had put off", () => {
    // 800.00 on 16 April pay principal only: 6.00 have accrued; 15 of 30 days of 400.00 add 2.00, 15 of 31 add 1.94.
    const vertical = loan({}, { processing: "VERTICAL", advance: "pfPi" });
    for (const [date, interest] of [
      [DUE[0], "8.00"],
      [LATE, "9.94"],
    ] as const) {
      const result = replayed(vertical, [pay(EARLY, "800.00"), payOff(date)]);
      expect(moved(result)).to.deep.equal(["P 800.00", `i ${interest} P 400.00`]);
      expect(unpaid(result)).to.deep.equal(["0.00", "0.00", "0.00"]);
    }
  });

  for (const rest of ["DAILY", "SAME_AS_REPAYMENT_PERIOD"]) {
    for (const preClosureInterest of ["TILL_PRE_CLOSE_DATE", "TILL_REST_FREQUENCY_DATE"]) {
      it(`leaves nothing open and nothing over with ${rest} and ${preClosureInterest}`, () => {
        for (const rule of RULES) expectClosed(loan({ rest, preClosureInterest }, rule), rule);
      });
    }
  }

  it("pays all interest of the term without recalculation", () => {
    // 803.97 + 8.04 + 4.04.
    expect(moved(replayed(fixed, [onTime, payOff(LATE)])).at(-1)).to.equal("i 12.08 P 803.97");
  });
});

describe("charges of a progressive loan that bears interest", () => {
  it("have a row of their own after the last instalment", () => {
    for (const one of [fixed, loan()]) {
      const result = replayed(one, [feeOn("2024-07-15", "5.00")]);
      expect(owed(result)).to.deep.equal([...AS_PLANNED, "2024-07-15 0.00 + 0.00 + 5.00 + 0.00"]);
    }
  });
});
