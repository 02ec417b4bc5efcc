import { expect } from "chai";
import type { ChargeAmount } from "../../../lending/replay/charges.ts";
import {
  buckets,
  charge,
  closeBooks,
  DUE,
  FLAT,
  feeOn,
  LATE,
  loanOf,
  moved,
  NO_INTEREST,
  onDay,
  owed,
  PROGRESSIVE,
  pay,
  payOut,
  penaltyOn,
  replayed,
  TWO_LATE,
} from "./support.ts";

const FREE = loanOf(NO_INTEREST);
const percent = (
  of: "principal" | "interest" | "principal_and_interest",
  hundredths: bigint,
): ChargeAmount => ({
  percent: { numerator: hundredths, denominator: 10_000n },
  of,
});

describe("a charge on a day", () => {
  const rowOf = (date: string) =>
    owed(replayed(FREE, [feeOn(date, "5.00")])).findIndex((row) => row.includes("+ 5.00"));

  it("is due with the instalment in whose period it lies, due days among it", () => {
    expect(["2024-04-01", "2024-04-02", "2024-04-30", DUE[0]].map(rowOf)).to.deep.equal([0, 0, 0, 0]);
    expect(["2024-05-02", DUE[1], "2024-06-02", DUE[2]].map(rowOf)).to.deep.equal([1, 1, 2, 2]);
  });

  it("has a row of its own after the last instalment, which ends with the latest such charge", () => {
    const last = owed(replayed(FREE, [feeOn("2024-07-05", "5.00")])).at(-1);
    expect(last).to.equal("2024-07-05 0.00 + 0.00 + 5.00 + 0.00");
    const both = owed(replayed(FREE, [feeOn("2024-08-05", "5.00"), penaltyOn("2024-07-02", "2.00")]));
    expect(both).to.have.length(4);
    expect(both.at(-1)).to.equal("2024-08-05 0.00 + 0.00 + 5.00 + 2.00");
  });

  it("adds up with others, fees and penalties apart", () => {
    const entries = [feeOn(DUE[0], "5.00"), feeOn("2024-04-02", "1.50"), penaltyOn(DUE[0], "2.00")];
    expect(owed(replayed(FREE, entries))[0]).to.equal("2024-05-01 400.00 + 0.00 + 6.50 + 2.00");
  });

  it("is a percentage of the whole loan: its principal, its interest, or both", () => {
    // 1,200.00 of principal and, flat, 36.00 of interest; 10 % of them.
    const fees = (["principal", "interest", "principal_and_interest"] as const).map((of) => {
      const fee = charge({
        when: "on_day",
        day: FREE.terms.disbursementDay + 40,
        isPenalty: false,
        amount: percent(of, 1000n),
      });
      return owed(replayed(loanOf(FLAT), [fee]))[1];
    });
    expect(fees).to.deep.equal([
      "2024-06-01 400.00 + 12.00 + 120.00 + 0.00",
      "2024-06-01 400.00 + 12.00 + 3.60 + 0.00",
      "2024-06-01 400.00 + 12.00 + 123.60 + 0.00",
    ]);
  });

  it("is rounded once, to the cent, half to even", () => {
    // 0.0125 % of 1,200.00 = 0.15; of 1,000.00 = 0.125, half-way, to the even 0.12.
    const fee = charge({
      when: "on_day",
      day: FREE.terms.disbursementDay,
      isPenalty: true,
      amount: { percent: { numerator: 1n, denominator: 8000n }, of: "principal" },
    });
    expect(owed(replayed(FREE, [fee]))[0]).to.match(/ \+ 0.15$/);
    expect(owed(replayed(loanOf({ ...NO_INTEREST, principal: "1000.00" }), [fee]))[0]).to.match(/ \+ 0.12$/);
  });
});

describe("a charge with each instalment", () => {
  const rows = (amount: ChargeAmount) => {
    return owed(replayed(loanOf(), [charge({ when: "per_instalment", isPenalty: false, amount })]));
  };

  it("is flat, or a percentage of the instalment: its principal, its interest, or both", () => {
    expect(rows({ flat: 250n })).to.deep.equal([
      "2024-05-01 400.00 + 12.00 + 2.50 + 0.00",
      "2024-06-01 400.00 + 8.00 + 2.50 + 0.00",
      "2024-07-01 400.00 + 4.00 + 2.50 + 0.00",
    ]);
    // 5 % of 400.00; of 12.00, 8.00, 4.00; of 412.00, 408.00, 404.00.
    const fees = (of: Parameters<typeof percent>[0]) =>
      rows(percent(of, 500n)).map((row) => row.split(" + ")[2]);
    expect(fees("principal")).to.deep.equal(["20.00", "20.00", "20.00"]);
    expect(fees("interest")).to.deep.equal(["0.60", "0.40", "0.20"]);
    expect(fees("principal_and_interest")).to.deep.equal(["20.60", "20.40", "20.20"]);
  });

  it("leaves out rows that are no instalments", () => {
    const loan = loanOf({ ...NO_INTEREST, downPaymentPct: "25" });
    const fee = charge({ when: "per_instalment", isPenalty: false, amount: { flat: 100n } });
    expect(owed(replayed(loan, [fee, feeOn("2024-08-01", "3.00")]))).to.deep.equal([
      "2024-04-01 300.00 + 0.00",
      "2024-05-01 300.00 + 0.00 + 1.00 + 0.00",
      "2024-06-01 300.00 + 0.00 + 1.00 + 0.00",
      "2024-07-01 300.00 + 0.00 + 1.00 + 0.00",
      "2024-08-01 0.00 + 0.00 + 3.00 + 0.00",
    ]);
  });
});

describe("a charge at disbursement", () => {
  it("is paid out of each tranche at once, and is in no row", () => {
    const fee = charge({ when: "disbursement", isPenalty: false, amount: percent("principal", 150n) });
    const result = replayed(FREE, [fee, payOut("2024-04-01", "800.00"), payOut(DUE[0], "400.00")]);
    // 1.5 % of 800.00 and of 400.00.
    expect(moved(result, "disbursement_fee")).to.deep.equal(["f 12.00", "f 6.00"]);
    expect(owed(result).every((row) => row.endsWith(" + 0.00"))).to.equal(true);
  });

  it("is flat, too, and may be a penalty", () => {
    const fee = charge({ when: "disbursement", isPenalty: true, amount: { flat: 500n } });
    expect(moved(replayed(FREE, [fee]), "disbursement_fee")).to.deep.equal(["p 5.00"]);
  });
});

describe("closing the books", () => {
  const penalised = (of: string, changes: object = {}) =>
    loanOf({ ...FLAT, overduePenaltyPct: "5", overduePenaltyBase: of, ...changes });
  const penalties = (loan: ReturnType<typeof loanOf>, ...entries: Parameters<typeof replayed>[1]) =>
    owed(replayed(loan, entries)).map((row) => row.split(" + ")[3] ?? "0.00");

  it("charges nothing where no penalty is agreed, nothing is overdue, or it was paid in time", () => {
    expect(penalties(loanOf(FLAT), onDay(LATE), closeBooks)).to.deep.equal(["0.00", "0.00", "0.00"]);
    const loan = penalised("PRINCIPAL");
    expect(penalties(loan, onDay(DUE[0]), closeBooks)).to.deep.equal(["0.00", "0.00", "0.00"]);
    expect(penalties(loan, pay(DUE[0], "412.00"), onDay(LATE), closeBooks)).to.deep.equal([
      "0.00",
      "0.00",
      "0.00",
    ]);
  });

  it("charges a percentage of what is unpaid of each overdue instalment: principal, interest, or both", () => {
    expect(penalties(penalised("PRINCIPAL"), onDay(TWO_LATE), closeBooks)).to.deep.equal([
      "20.00",
      "20.00",
      "0.00",
    ]);
    expect(penalties(penalised("INTEREST"), onDay(LATE), closeBooks)).to.deep.equal(["0.60", "0.00", "0.00"]);
    // 112.00 paid: the interest of 12.00 and 100.00 of principal; 5 % of the 300.00 left.
    const partly = [pay(DUE[0], "112.00"), onDay(LATE), closeBooks];
    expect(penalties(penalised("PRINCIPAL_PLUS_INTEREST"), ...partly)).to.deep.equal([
      "15.00",
      "0.00",
      "0.00",
    ]);
  });

  it("charges each instalment once, however often it is closed", () => {
    const entries = [onDay(LATE), closeBooks, closeBooks, onDay("2024-05-20"), closeBooks];
    expect(penalties(penalised("PRINCIPAL"), ...entries)).to.deep.equal(["20.00", "0.00", "0.00"]);
    const later = [...entries, onDay(TWO_LATE), closeBooks, closeBooks];
    expect(penalties(penalised("PRINCIPAL"), ...later)).to.deep.equal(["20.00", "20.00", "0.00"]);
  });

  it("keeps a penalty that was charged when the instalment is paid afterwards", () => {
    const result = replayed(penalised("PRINCIPAL"), [onDay(LATE), closeBooks, pay("2024-05-17", "432.00")]);
    expect(moved(result)).to.deep.equal(["p 20.00 i 12.00 P 400.00"]);
  });

  it("counts on the business day, not on that of the latest entry", () => {
    const loan = penalised("PRINCIPAL");
    expect(owed(replayed(loan, [closeBooks], LATE))[0]).to.match(/ \+ 20.00$/);
    expect(owed(replayed(loan, [closeBooks]))[0]).to.equal("2024-05-01 400.00 + 12.00");
  });
});

describe("charges of the progressive engine", () => {
  const loan = loanOf({ ...PROGRESSIVE, ...NO_INTEREST, ...buckets() });

  it("are in the same rows, and after the last in a row of their own", () => {
    expect(
      owed(replayed(loan, [feeOn("2024-05-02", "5.00"), penaltyOn("2024-08-01", "1.00")])),
    ).to.deep.equal([
      "2024-05-01 400.00 + 0.00",
      "2024-06-01 400.00 + 0.00 + 5.00 + 0.00",
      "2024-07-01 400.00 + 0.00",
      "2024-08-01 0.00 + 0.00 + 0.00 + 1.00",
    ]);
  });

  it("are paid out of what was overpaid before", () => {
    const result = replayed(loan, [pay(DUE[0], "1210.00"), feeOn("2024-06-15", "4.00")]);
    expect(result.overpaid).to.equal(600n);
    expect(moved(result)).to.deep.equal(["f 4.00 P 1200.00 over 6.00"]);
  });
});
