import { expect } from "chai";
import {
  closeBooks,
  DUE,
  EARLY,
  feeOn,
  LATE,
  loanOf,
  moved,
  onDay,
  owed,
  pay,
  payOff,
  recalculation,
  replayed,
  TWO_LATE,
  unpaid,
} from "./support.ts";

/**
 * 1,200.00 in equal principal of 400.00. A month bears 1 %, part of it its days' part: April has 30 days, May 31. Formula:
 * `meta.formulas` RECALC of the golden file.
 */
const loan = (changes: object = {}) => loanOf(recalculation(changes));
const AS_PLANNED = ["2024-05-01 400.00 + 12.00", "2024-06-01 400.00 + 8.00", "2024-07-01 400.00 + 4.00"];

describe("without recalculation", () => {
  it("rows stay as they were agreed, whatever is paid when", () => {
    for (const entries of [[pay(EARLY, "400.00")], [pay(LATE, "12.00")], [pay(DUE[0], "1000.00")]]) {
      expect(owed(replayed(loanOf(), entries, DUE[2]))).to.deep.equal(AS_PLANNED);
    }
  });

  it("a payoff pays all interest of the term", () => {
    // 800.00 + 8.00 + 4.00.
    const result = replayed(loanOf(), [pay(DUE[0], "412.00"), payOff(LATE)]);
    expect(moved(result)).to.deep.equal(["i 12.00 P 400.00", "i 12.00 P 800.00"]);
    expect(unpaid(result)).to.deep.equal(["0.00", "0.00", "0.00"]);
  });
});

describe("recalculation of what is paid as agreed", () => {
  it("changes nothing, whatever the rule", () => {
    const onTime = [pay(DUE[0], "412.00"), pay(DUE[1], "408.00"), pay(DUE[2], "404.00")];
    for (const rescheduleStrategy of [
      "REDUCE_EMI_AMOUNT",
      "REDUCE_NUMBER_OF_INSTALLMENTS",
      "RESCHEDULE_NEXT_REPAYMENTS",
      "ADJUST_LAST_UNPAID_PERIOD",
    ]) {
      for (const rest of ["DAILY", "SAME_AS_REPAYMENT_PERIOD"]) {
        for (let count = 0; count <= 3; count++) {
          const result = replayed(loan({ rescheduleStrategy, rest }), onTime.slice(0, count));
          expect(owed(result)).to.deep.equal(AS_PLANNED);
        }
        const all = replayed(loan({ rescheduleStrategy, rest }), onTime);
        expect(unpaid(all)).to.deep.equal(["0.00", "0.00", "0.00"]);
      }
    }
  });
});

describe("early money", () => {
  it("leaves the base of interest on its day with a daily rest", () => {
    // April: 15 days of 1,200.00 = 6.00 and 15 days of 800.00 = 4.00. May: 1 % of 800.00.
    const result = replayed(loan(), [pay(EARLY, "400.00")]);
    expect(owed(result)).to.deep.equal([
      "2024-05-01 400.00 + 10.00",
      "2024-06-01 400.00 + 8.00",
      "2024-07-01 400.00 + 4.00",
    ]);
    expect(unpaid(result)).to.deep.equal(["10.00", "408.00", "404.00"]);
  });

  it("counts on the next due day with a rest of the repayment period", () => {
    const result = replayed(loan({ rest: "SAME_AS_REPAYMENT_PERIOD" }), [pay(EARLY, "400.00")]);
    expect(owed(result)).to.deep.equal(AS_PLANNED);
    expect(unpaid(result)).to.deep.equal(["12.00", "408.00", "404.00"]);
  });

  /** 612.00 on the first due day: 12.00 of interest, 400.00 as planned, 200.00 more. 600.00 are left. */
  const surplus = (rescheduleStrategy: string) =>
    owed(replayed(loan({ rescheduleStrategy }), [pay(DUE[0], "612.00")])).slice(1);

  it("lowers the instalments that are left by REDUCE_EMI_AMOUNT", () => {
    expect(surplus("REDUCE_EMI_AMOUNT")).to.deep.equal([
      "2024-06-01 300.00 + 6.00",
      "2024-07-01 300.00 + 3.00",
    ]);
  });

  it("keeps the instalment and shortens the loan by REDUCE_NUMBER_OF_INSTALLMENTS", () => {
    const rule = "REDUCE_NUMBER_OF_INSTALLMENTS";
    expect(surplus(rule)).to.deep.equal(["2024-06-01 400.00 + 6.00", "2024-07-01 200.00 + 2.00"]);
    // 400.00 more than planned: the third instalment is gone.
    const shorter = replayed(loan({ rescheduleStrategy: rule }), [pay(DUE[0], "812.00")]);
    expect(owed(shorter)).to.deep.equal(["2024-05-01 800.00 + 12.00", "2024-06-01 400.00 + 4.00"]);
  });

  it("is credited to the next principal by RESCHEDULE_NEXT_REPAYMENTS", () => {
    const rule = "RESCHEDULE_NEXT_REPAYMENTS";
    expect(surplus(rule)).to.deep.equal(["2024-06-01 200.00 + 6.00", "2024-07-01 400.00 + 4.00"]);
    // 500.00 more than planned: the second principal is paid, and 100.00 of the third.
    const more = replayed(loan({ rescheduleStrategy: rule }), [pay(DUE[0], "912.00")]);
    expect(owed(more).slice(1)).to.deep.equal(["2024-06-01 0.00 + 3.00", "2024-07-01 300.00 + 3.00"]);
  });

  it("lowers the last unpaid instalment by ADJUST_LAST_UNPAID_PERIOD", () => {
    expect(surplus("ADJUST_LAST_UNPAID_PERIOD")).to.deep.equal([
      "2024-06-01 400.00 + 6.00",
      "2024-07-01 200.00 + 2.00",
    ]);
  });

  it("ends the loan when it pays all, and what is too much is kept", () => {
    const result = replayed(loan(), [pay(DUE[0], "1300.00")]);
    expect(owed(result)).to.deep.equal(["2024-05-01 1200.00 + 12.00"]);
    expect(result.overpaid).to.equal(8800n);
  });

  it("solves equal instalments anew", () => {
    // 3 payments of 408.03 (1,200.00 at 1 %). 608.03 on 1 May: 12.00 and 596.03. Of 603.97, two payments at 1 %:
    // 603.97 * 0.01 * 1.0201 / 0.0201 = 306.52. Interest 6.04, then 303.49 at 1 % = 3.03.
    const equal = loanOf({ ...recalculation(), amortization: "EQUAL_INSTALMENTS" });
    expect(owed(replayed(equal, [pay(DUE[0], "608.03")]))).to.deep.equal([
      "2024-05-01 596.03 + 12.00",
      "2024-06-01 300.48 + 6.04",
      "2024-07-01 303.49 + 3.03",
    ]);
  });
});

describe("late principal", () => {
  it("stays in the base until the business day with a daily rest", () => {
    // May: 15 days of 1,200.00 = 5.81 and 16 of 800.00 = 4.13.
    expect(owed(replayed(loan(), [], LATE))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 9.94",
      "2024-07-01 400.00 + 4.00",
    ]);
    expect(owed(replayed(loan(), [onDay(LATE), closeBooks]))).to.deep.equal(owed(replayed(loan(), [], LATE)));
  });

  it("stays in the base to the end of the period with a rest of the repayment period", () => {
    expect(owed(replayed(loan({ rest: "SAME_AS_REPAYMENT_PERIOD" }), [], LATE))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 12.00",
      "2024-07-01 400.00 + 4.00",
    ]);
  });

  it("leaves it when it is paid", () => {
    const result = replayed(loan(), [pay(LATE, "412.00")], DUE[1]);
    expect(owed(result)[1]).to.equal("2024-06-01 400.00 + 9.94");
    expect(unpaid(result)).to.deep.equal(["0.00", "409.94", "404.00"]);
  });

  it("of two instalments bears interest from each due day", () => {
    // May: 1 % of 1,200.00. June, to the 16th: 15 of 30 days of 1,200.00 = 6.00; then 15 of 400.00 = 2.00.
    expect(owed(replayed(loan(), [], TWO_LATE))).to.deep.equal([
      "2024-05-01 400.00 + 12.00",
      "2024-06-01 400.00 + 12.00",
      "2024-07-01 400.00 + 8.00",
    ]);
  });

  it("bears none where only interest is late", () => {
    expect(owed(replayed(loan(), [pay(DUE[0], "405.00")], LATE))[1]).to.equal(
      // 7.00 of principal are late: 15 of 31 days of 807.00 = 3.90, 16 of 800.00 = 4.13.
      "2024-06-01 400.00 + 8.03",
    );
    const principalFirst = loanOf({
      ...recalculation(),
      strategy: "principal-interest-penalties-fees-order-strategy",
    });
    expect(owed(replayed(principalFirst, [pay(DUE[0], "400.00")], LATE))[1]).to.equal(
      "2024-06-01 400.00 + 8.00",
    );
  });
});

describe("a payoff with recalculation", () => {
  const payoff = (changes: object, date: string, ...before: Parameters<typeof replayed>[1]) =>
    moved(replayed(loan(changes), [...before, payOff(date)])).at(-1);
  const onTime = pay(DUE[0], "412.00");

  it("pays interest to its own day, or to the next rest: with a rest of the repayment period, to its end", () => {
    // 15 of 31 days of 800.00 = 3.87; the whole of May = 8.00.
    expect(payoff({}, LATE, onTime)).to.equal("i 3.87 P 800.00");
    const untilRest = { preClosureInterest: "TILL_REST_FREQUENCY_DATE" };
    expect(payoff({ ...untilRest, rest: "SAME_AS_REPAYMENT_PERIOD" }, LATE, onTime)).to.equal(
      "i 8.00 P 800.00",
    );
    expect(payoff({ rest: "SAME_AS_REPAYMENT_PERIOD" }, LATE, onTime)).to.equal("i 3.87 P 800.00");
    // The next daily rest is the day itself.
    expect(payoff(untilRest, LATE, onTime)).to.equal("i 3.87 P 800.00");
  });

  it("on a due day pays what is due and the principal that is left", () => {
    for (const preClosureInterest of ["TILL_PRE_CLOSE_DATE", "TILL_REST_FREQUENCY_DATE"]) {
      expect(payoff({ preClosureInterest }, DUE[0])).to.equal("i 12.00 P 1200.00");
      expect(payoff({ preClosureInterest }, DUE[1], onTime)).to.equal("i 8.00 P 800.00");
    }
  });

  it("on the day of disbursement pays no interest", () => {
    expect(payoff({}, "2024-04-01")).to.equal("P 1200.00");
  });

  it("pays interest on what is late, and charges", () => {
    // May to the 16th: 15 of 31 days of 1,200.00 = 5.81; April's 12.00.
    expect(payoff({}, LATE)).to.equal("i 17.81 P 1200.00");
    expect(payoff({}, LATE, feeOn(DUE[0], "3.00"))).to.equal("f 3.00 i 17.81 P 1200.00");
  });

  it("leaves nothing unpaid and ends the loan on its day", () => {
    const result = replayed(loan(), [onTime, payOff(LATE)]);
    expect(owed(result)).to.deep.equal(["2024-05-01 400.00 + 12.00", "2024-05-16 800.00 + 3.87"]);
    expect(unpaid(result)).to.deep.equal(["0.00", "0.00"]);
    expect(result.overpaid).to.equal(0n);
  });
});
