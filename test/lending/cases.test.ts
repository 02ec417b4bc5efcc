import { expect } from "chai";
import { answerReplay, answerSchedule } from "../../lending/cases.ts";
import { c02Rules } from "../support/samples.ts";

const c02Params = {
  currencyDecimals: 2,
  principal: "5000.00",
  annualRatePct: "12",
  nInstalments: 18,
  repayEvery: 1,
  unit: "MONTHS",
  amortization: "EQUAL_INSTALMENTS",
  interestMethod: "DECLINING_BALANCE",
  interestCalcPeriod: "SAME_AS_REPAYMENT_PERIOD",
  disburseDate: "2022-11-01",
};

const recalculation = {
  enabled: true,
  compounding: "NONE",
  rest: "DAILY",
  rescheduleStrategy: "REDUCE_EMI_AMOUNT",
  preClosureInterest: "TILL_PRE_CLOSE_DATE",
};
const progressive = { engine: "PROGRESSIVE", interestCalcPeriod: "DAILY" };
const bucketNames = ["PAST_DUE", "DUE", "IN_ADVANCE"].flatMap((when) =>
  ["PENALTY", "FEE", "INTEREST", "PRINCIPAL"].map((component) => `${when}_${component}`),
);
const buckets = { strategy: "advanced-payment-allocation-strategy", paymentAllocationOrder: bucketNames };

const disbursement = { type: "DISBURSEMENT", date: "2022-11-01", amount: "5000.00" };
const repayment = { type: "REPAYMENT", date: "2022-12-01", amount: "100.00" };

type Answer = ReturnType<typeof answerReplay> | ReturnType<typeof answerSchedule>;

function expectError(answer: Answer, code: string, path: string): void {
  if (!("error" in answer)) throw new Error(`expected an error at ${path}`);
  const { error } = answer;
  expect({ code: error.code, path: error.path }).to.deep.equal({ code, path });
  expect(error.message.startsWith(path), error.message).to.equal(true);
  expect(error.message).to.not.match(/\n|undefined|\bat .*\.ts/);
  expect(answer).to.not.have.property("instalments");
}

/** Both commands refuse it alike. */
function expectRefusal(value: unknown, code: string, path: string): void {
  expectError(answerSchedule(value), code, path);
  expectError(answerReplay(value), code, path);
}

const refuseParams = (changes: object, code: string, path: string) =>
  expectRefusal({ id: "x", params: { ...c02Params, ...changes } }, code, path);

/** The last of the transactions, after the disbursement, is refused; `field` is "" for the transaction itself. */
function refuseLast(transactions: unknown[], code: string, field: string, changes: object = {}): void {
  const list = [disbursement, ...transactions];
  const path = `transactions[${list.length - 1}]${field === "" ? "" : `.${field}`}`;
  expectError(answerReplay({ params: { ...c02Params, ...changes }, transactions: list }), code, path);
}

const expectAnswer = (changes: object, transactions: unknown[] = []) => {
  for (const answer of [answerSchedule, answerReplay]) {
    const given = answer({ id: "x", params: { ...c02Params, ...changes }, transactions });
    if ("error" in given) throw new Error(given.error.message);
    expect(given.id).to.equal("x");
  }
};

describe("the parameters of a case", () => {
  it("are refused when one is missing or mistyped, naming it", () => {
    for (const field of Object.keys(c02Params)) {
      const { [field]: _left, ...rest } = c02Params as Record<string, unknown>;
      expectRefusal({ params: rest }, "invalid", `params.${field}`);
      for (const value of [{}, [], null, true, "x", 1.5]) {
        refuseParams({ [field]: value }, "invalid", `params.${field}`);
      }
    }
    for (const params of [[], null, undefined, 1]) expectError(answerReplay({ params }), "invalid", "params");
    expectRefusal({ params: [] }, "invalid", "params");
    for (const value of ["x", null, 7, [], [{ params: c02Params }]]) expectRefusal(value, "invalid", "");
  });

  it("are refused when one is out of range, naming it", () => {
    const refuse = (changes: object, path: string) => refuseParams(changes, "out_of_range", `params.${path}`);
    refuse({ principal: "-5000.00" }, "principal");
    refuse({ principal: "0.00" }, "principal");
    refuse({ principal: "184467440737095516.16" }, "principal");
    refuse({ annualRatePct: "-1" }, "annualRatePct");
    refuse({ annualRatePct: "10000.01" }, "annualRatePct");
    for (const nInstalments of [0, -1, 1001]) refuse({ nInstalments }, "nInstalments");
    for (const repayEvery of [0, -1, 367]) refuse({ repayEvery }, "repayEvery");
    for (const currencyDecimals of [-1, 19]) refuse({ currencyDecimals }, "currencyDecimals");
    for (const field of ["disburseDate", "firstRepaymentDate", "scheduleStartDate"]) {
      refuse({ [field]: "1969-12-31" }, field);
      refuse({ [field]: "2150-01-01" }, field);
      refuseParams({ [field]: "2022-02-30" }, "invalid", `params.${field}`);
    }
    refuse({ disburseDate: "2149-06-01" }, "nInstalments");
    refuse({ firstRepaymentDate: "2022-10-31" }, "firstRepaymentDate");
    refuse({ firstRepaymentDate: c02Params.disburseDate }, "firstRepaymentDate");
    refuse({ scheduleStartDate: "2022-11-02" }, "scheduleStartDate");
    refuse({ installmentAmountInMultiplesOf: -1 }, "installmentAmountInMultiplesOf");
    const nothing = { installmentAmountInMultiplesOf: "0", downPaymentPct: "25", downPaymentAuto: true };
    const answer = answerReplay({ params: { ...c02Params, ...nothing }, transactions: [disbursement] });
    expectError(answer, "out_of_range", "params.installmentAmountInMultiplesOf");
    refuse({ currencyInMultiplesOf: -1 }, "currencyInMultiplesOf");
    for (const periods of [-1, 18]) {
      refuse({ graceOnPrincipal: periods }, "graceOnPrincipal");
      refuse({ graceOnInterestPayment: periods }, "graceOnInterestPayment");
    }
    refuse({ graceOnInterestCharged: 19 }, "graceOnInterestCharged");
    for (const field of ["downPaymentPct", "overduePenaltyPct", "instalmentFeePct"]) {
      const bases = { overduePenaltyBase: "PRINCIPAL", instalmentFeeBase: "PRINCIPAL" };
      refuse({ ...bases, [field]: "-1" }, field);
      refuse({ ...bases, [field]: "100.01" }, field);
    }
  });

  it("are refused where interest makes more than the contracts can hold", () => {
    const most = { principal: "184467440737095516.15" };
    refuseParams(most, "out_of_range", "params.principal");
    refuseParams(
      { ...most, annualRatePct: "10000", interestMethod: "FLAT" },
      "out_of_range",
      "params.principal",
    );
    expectAnswer({ ...most, annualRatePct: "0" });
  });

  it("are refused when they hold a word or a field that means nothing", () => {
    const refuse = (changes: object, path: string) => refuseParams(changes, "invalid", `params.${path}`);
    refuse({ strategy: "no-such-strategy" }, "strategy");
    refuse({ engine: "REGRESSIVE" }, "engine");
    refuse({ unit: "YEARS" }, "unit");
    refuse({ roundingMode: "UNNECESSARY" }, "roundingMode");
    refuse({ daysInYear: 360 }, "daysInYear");
    refuse({ daysInMonth: "31" }, "daysInMonth");
    refuse({ nInstallments: 18 }, "nInstallments");
    refuse({ borrower: "x" }, "borrower");
    refuse({ installmentAmountInMultiplesOf: 0.005 }, "installmentAmountInMultiplesOf");
    refuse({ installmentAmountInMultiplesOf: "1e3" }, "installmentAmountInMultiplesOf");
    refuse({ principal: "5000.001" }, "principal");
    refuse({ overduePenaltyPct: "1" }, "overduePenaltyBase");
    refuse({ instalmentFeePct: "1" }, "instalmentFeeBase");
    for (const field of Object.keys(recalculation)) {
      const interestRecalculation = { ...recalculation, [field]: "x" };
      refuse({ interestRecalculation }, `interestRecalculation.${field}`);
    }
    refuse({ interestRecalculation: { ...recalculation, x: 1 } }, "interestRecalculation.x");
    refuse(
      { interestRecalculation: { ...recalculation, restInterval: 2 } },
      "interestRecalculation.restInterval",
    );
  });

  it("are refused when the buckets are not each named once", () => {
    const refuse = (changes: object, path: string) =>
      refuseParams({ ...buckets, ...changes }, "invalid", `params.${path}`);
    for (const paymentAllocationOrder of [
      null,
      [],
      bucketNames.slice(1),
      [...bucketNames.slice(1), "DUE_FEE"],
    ]) {
      refuse({ paymentAllocationOrder }, "paymentAllocationOrder");
    }
    refuse({ paymentAllocationOrder: ["DUE_PAST_PENALTY"] }, "paymentAllocationOrder[0]");
    refuse({ loanScheduleProcessing: "DIAGONAL" }, "loanScheduleProcessing");
    refuse({ futureInstallmentRule: "FIRST_INSTALLMENT" }, "futureInstallmentRule");
  });

  it("are refused where each is fine alone and together they make no schedule", () => {
    refuseParams(
      { installmentAmountInMultiplesOf: 2000 },
      "impossible",
      "params.installmentAmountInMultiplesOf",
    );
    refuseParams({ periods: [] }, "mismatch", "params.periods");
    const period = (from: string, due: string) => ({ from, due });
    const two = {
      nInstalments: 2,
      periods: [period("2022-11-01", "2022-12-01"), period("2022-11-30", "2023-01-01")],
    };
    refuseParams(two, "out_of_range", "params.periods[1].from");
    const none = { nInstalments: 1, periods: [period("2022-11-01", "2022-11-01")] };
    refuseParams(none, "out_of_range", "params.periods[0].due");
    const over = {
      nInstalments: 1,
      scheduleStartDate: "2022-08-01",
      periods: [period("2022-08-01", "2022-09-01")],
    };
    refuseParams(over, "out_of_range", "params.periods[0].due");
    refuseParams({ nInstalments: 1, periods: [{ from: "2022-11-01" }] }, "invalid", "params.periods[0].due");
  });

  it("are refused in combinations that an engine does not compute", () => {
    const refuse = (changes: object, path: string) => refuseParams(changes, "unsupported", `params.${path}`);
    refuse({ ...progressive, interestMethod: "FLAT" }, "interestMethod");
    refuse({ ...progressive, amortization: "EQUAL_PRINCIPAL" }, "amortization");
    refuse({ ...progressive, graceOnPrincipal: 1 }, "graceOnPrincipal");
    refuse({ ...progressive, graceOnInterestPayment: 1 }, "graceOnInterestPayment");
    refuse({ ...progressive, graceOnInterestCharged: 1 }, "graceOnInterestCharged");
    refuse({ interestRecalculation: recalculation, interestMethod: "FLAT" }, "interestRecalculation");
    const advanceFirst = { paymentAllocationOrder: buckets.paymentAllocationOrder.toReversed() };
    const all = { ...progressive, ...buckets, ...advanceFirst, interestRecalculation: recalculation };
    refuse(all, "paymentAllocationOrder");
    // A loan without interest has none to recalculate, until a new rate.
    const free = { ...all, annualRatePct: "0" };
    const newRate = { type: "RESCHEDULE", rescheduleFromDate: "2023-01-01", newInterestRate: "12" };
    const answer = answerReplay({
      params: { ...c02Params, ...free },
      transactions: [disbursement, newRate, repayment],
    });
    expectError(answer, "unsupported", "params.paymentAllocationOrder");
  });

  it("are answered in all the combinations that were once refused", () => {
    for (const changes of [
      progressive,
      { roundingMode: "HALF_UP" },
      { daysInYear: "360" },
      { daysInMonth: "30" },
      { interestCalcPeriod: "DAILY" },
      { graceOnPrincipal: 1 },
      { graceOnInterestPayment: 1 },
      { graceOnInterestCharged: 1 },
      { interestRecalculation: recalculation },
      { downPaymentPct: "25" },
      { instalmentFeePct: "1.5", instalmentFeeBase: "PRINCIPAL" },
      { scheduleStartDate: "2022-10-15" },
      { nInstalments: 1, periods: [{ from: "2022-11-01", due: "2022-12-01" }] },
      { interestMethod: "FLAT", amortization: "EQUAL_PRINCIPAL" },
      { currencyDecimals: 0, principal: "5000", currencyInMultiplesOf: 100 },
      { allowPartialPeriodInterestCalculation: true, firstRepaymentDate: "2022-12-15" },
      { product: "ANY", _headerColumns: { a: 1 } },
      buckets,
    ]) {
      expectAnswer(changes);
    }
    expectAnswer({}, [{ ...disbursement, date: "2022-11-02" }]);
    expectAnswer({}, [{ ...disbursement, amount: "4000.00" }]);
    expectAnswer({}, [disbursement, disbursement]);
  });
});

describe("the transactions of a case", () => {
  it("are refused when they are no list of known things, naming the place", () => {
    const refuse = (transactions: unknown, path: string) =>
      expectError(answerReplay({ params: c02Params, transactions }), "invalid", path);
    refuse({}, "transactions");
    refuse("x", "transactions");
    for (const one of [1, null, "x", []]) refuse([one], "transactions[0]");
    for (const one of [{}, { type: "GIFT" }, { type: 1 }, { type: "toString" }])
      refuse([one], "transactions[0].type");
    refuse([disbursement, { type: "REPAYMENT" }], "transactions[1].date");
    refuse([disbursement, { type: "REPAYMENT", date: "2022-12-01" }], "transactions[1].amount");
    refuse([disbursement, { ...repayment, amount: 100 }], "transactions[1].amount");
    for (const one of [disbursement, repayment, { type: "COB" }, { type: "AS_OF", date: "2022-12-01" }]) {
      refuse([{ ...one, borrower: "x" }], "transactions[0].borrower");
    }
  });

  it("are refused with amounts that are negative, nothing, too large or too fine", () => {
    for (const one of [disbursement, repayment]) {
      for (const amount of ["-1.00", "0.00", "184467440737095516.16"]) {
        refuseLast([{ ...one, amount }], "out_of_range", "amount");
      }
      for (const amount of ["", "1e3", "1,000", "1.001", " 1"])
        refuseLast([{ ...one, amount }], "invalid", "amount");
    }
    const most = { ...repayment, amount: "184467440737095516.15" };
    expectError(
      answerReplay({ params: c02Params, transactions: [disbursement, most, most] }),
      "out_of_range",
      "transactions",
    );
    const tooMuch = [disbursement, { ...disbursement, amount: "184467440737095516.15" }];
    expectError(
      answerReplay({ params: c02Params, transactions: tooMuch }),
      "out_of_range",
      "params.principal",
    );
  });

  it("are refused on days that are not in the calendar, out of range, or before the disbursement", () => {
    for (const type of ["REPAYMENT", "DISBURSEMENT", "PAYOFF"]) {
      const one = type === "PAYOFF" ? { type } : { type, amount: "1.00" };
      for (const date of ["2022-02-30", "yesterday", "", null, 20_221_201]) {
        refuseLast([{ ...one, date }], "invalid", "date");
      }
      for (const date of ["1969-12-31", "2150-01-01", "2022-10-31"]) {
        refuseLast([{ ...one, date }], "out_of_range", "date");
      }
    }
    const transactions = [
      { ...disbursement, date: "2022-11-10" },
      { ...repayment, date: "2022-11-09" },
    ];
    expectError(answerReplay({ params: c02Params, transactions }), "out_of_range", "transactions[1].date");
  });

  it("are refused when they take back what is not there", () => {
    const undo = { type: "UNDO", date: "2022-12-01", nth: 1 };
    refuseLast([undo], "out_of_range", "nth");
    refuseLast([{ ...undo, nth: 0 }], "out_of_range", "nth");
    refuseLast([repayment, { ...undo, nth: 2 }], "out_of_range", "nth");
    refuseLast([repayment, undo, undo], "out_of_range", "nth");
    refuseLast([repayment, { ...undo, nth: 1.5 }], "invalid", "nth");
    refuseLast([repayment, { type: "UNDO", nth: 1 }], "invalid", "date");
    refuseLast([{ type: "PAYOFF", date: "2022-12-01" }, undo], "out_of_range", "nth");
  });

  it("are refused when they pay off what is paid off", () => {
    const payoff = { type: "PAYOFF", date: "2022-12-01" };
    refuseLast([payoff, payoff], "impossible", "");
  });

  it("are refused when a charge states neither an amount nor a percentage, or both, or a bad one", () => {
    const charge = { type: "CHARGE", isPenalty: false, dueDate: "2022-12-01" };
    refuseLast([charge], "invalid", "amount");
    refuseLast([{ ...charge, amount: "5.00", percent: "5" }], "invalid", "amount");
    refuseLast([{ ...charge, amount: "-5.00" }], "out_of_range", "amount");
    refuseLast([{ ...charge, percent: "-5" }], "out_of_range", "percent");
    refuseLast([{ ...charge, percent: "5%" }], "invalid", "percent");
    refuseLast([{ ...charge, amount: "5.00", isPenalty: "no" }], "invalid", "isPenalty");
    refuseLast([{ ...charge, amount: "5.00", dueDate: "2150-01-01" }], "out_of_range", "dueDate");
    refuseLast([{ ...charge, amount: "5.00", dueDate: "soon" }], "invalid", "dueDate");
    const everywhere = { type: "CHARGE", isPenalty: false, amount: "184467440737095516.15" };
    const answer = answerReplay({ params: c02Params, transactions: [disbursement, everywhere] });
    expectError(answer, "out_of_range", "params.principal");
  });

  it("are refused when an undated percentage is not the instalment fee of the parameters", () => {
    const fee = { type: "CHARGE", isPenalty: false, percent: "5" };
    const params = { instalmentFeePct: "10", instalmentFeeBase: "PRINCIPAL" };
    refuseLast([fee], "mismatch", "percent", params);
    const same = {
      params: { ...c02Params, ...params },
      transactions: [disbursement, { ...fee, percent: "10.0" }],
    };
    expect(answerReplay(same)).not.to.have.property("error");
  });

  it("are refused when a reschedule fits no instalment, or an engine that cannot compute it", () => {
    const reschedule = { type: "RESCHEDULE", rescheduleFromDate: "2023-01-01" };
    for (const change of [{ adjustedDueDate: "2023-01-15" }, { newInterestRate: "5" }, { extraTerms: 1 }]) {
      for (const rescheduleFromDate of ["2022-11-01", "2023-01-02", "2024-05-02"]) {
        refuseLast([{ ...reschedule, ...change, rescheduleFromDate }], "impossible", "rescheduleFromDate");
      }
    }
    refuseLast([{ ...reschedule, adjustedDueDate: "2022-12-01" }], "out_of_range", "adjustedDueDate");
    refuseLast([{ ...reschedule, newInterestRate: "-1" }], "out_of_range", "newInterestRate");
    refuseLast([{ ...reschedule, newInterestRate: "x" }], "invalid", "newInterestRate");
    refuseLast([{ ...reschedule, extraTerms: -1 }], "out_of_range", "extraTerms");
    refuseLast([{ ...reschedule, extraTerms: 983 }], "out_of_range", "extraTerms");
    refuseLast([{ ...reschedule, extraTerms: 1e15 }], "out_of_range", "extraTerms");
    refuseLast([{ ...reschedule, graceOnPrincipal: 1e9 }], "out_of_range", "graceOnPrincipal");
    refuseLast([{ ...reschedule, x: 1 }], "invalid", "x");
    for (const field of ["graceOnPrincipal", "graceOnInterest", "extraTerms"]) {
      refuseLast([{ ...reschedule, [field]: 1 }], "unsupported", field, progressive);
    }
  });

  it("are refused when a re-age comes twice, too early, too long, or with interest", () => {
    const free = { ...progressive, ...buckets, annualRatePct: "0" };
    const reAge = {
      type: "REAGE",
      date: "2024-05-05",
      startDate: "2024-06-01",
      frequencyNumber: 1,
      frequencyType: "MONTHS",
      numberOfInstallments: 3,
    };
    const refuse = (changes: object, code: string, field: string) =>
      refuseLast([{ ...reAge, ...changes }], code, field, free);
    refuseLast([reAge, reAge], "impossible", "date", free);
    refuseLast([reAge, { ...reAge, date: "2024-05-06" }], "out_of_range", "startDate", free);
    refuse({ startDate: "2024-05-01" }, "out_of_range", "startDate");
    refuse({ date: "2022-10-31" }, "out_of_range", "date");
    refuse({ numberOfInstallments: 0 }, "out_of_range", "numberOfInstallments");
    refuse({ numberOfInstallments: 1001 }, "out_of_range", "numberOfInstallments");
    refuse({ numberOfInstallments: 1e9 }, "out_of_range", "numberOfInstallments");
    refuse({ startDate: "2149-12-01" }, "out_of_range", "numberOfInstallments");
    refuse({ frequencyNumber: 0 }, "out_of_range", "frequencyNumber");
    refuse({ frequencyNumber: 1e9 }, "out_of_range", "frequencyNumber");
    refuse({ frequencyType: "YEARS" }, "invalid", "frequencyType");
    refuseLast([reAge], "unsupported", "type");
    refuseLast([reAge], "unsupported", "type", progressive);
  });

  it("are refused by `schedule`, which takes disbursements alone", () => {
    for (const one of [repayment, { type: "COB" }, { type: "REPAYMENT" }, 1]) {
      const answer = answerSchedule({ params: c02Params, transactions: [disbursement, one] });
      expectError(answer, "unsupported", "transactions[1].type");
    }
    expectError(answerSchedule({ params: c02Params, transactions: {} }), "invalid", "transactions");
  });
});

describe("a case", () => {
  it("is refused with a business date that is none", () => {
    for (const asOfBusinessDate of ["x", 5, {}]) {
      expectRefusal({ params: c02Params, asOfBusinessDate }, "invalid", "asOfBusinessDate");
    }
    expectRefusal({ params: c02Params, asOfBusinessDate: "2150-01-01" }, "out_of_range", "asOfBusinessDate");
  });

  it("keeps its id where that is a string or a number, with errors too", () => {
    for (const id of ["a", 7, ""]) {
      expect(answerReplay({ id, params: c02Params })).to.have.property("id", id);
      expect(answerReplay({ id, params: {} })).to.have.property("id", id);
      expect(answerSchedule({ id })).to.have.property("id", id);
    }
    for (const id of [null, {}, true])
      expect(answerReplay({ id, params: c02Params })).to.not.have.property("id");
  });

  it("pays out its principal on its date when it states no disbursement; rows of it are redundant", () => {
    const answer = answerReplay({ params: c02Params });
    expect(answerReplay({ params: c02Params, transactions: [disbursement] })).to.deep.equal(answer);
    const disbursementRows = [{ date: "2022-11-01", amount: "1.00" }];
    expect(answerReplay({ params: c02Params, disbursementRows })).to.deep.equal(answer);
    expect(answer).to.have.nested.property("transactions[0].amount", "5000.00");
  });

  it("is answered by `schedule` and `replay` with the same figures", () => {
    const [plan, replayed] = [answerSchedule({ params: c02Params }), answerReplay({ params: c02Params })];
    if ("error" in plan || "error" in replayed) throw new Error("expected answers");
    for (const [index, row] of plan.instalments.entries())
      expect(replayed.instalments[index]).to.include(row);
    expect(replayed.totals).to.include(plan.totals);
  });

  it("is answered for a broken first period when partial interest is switched off", () => {
    const params = {
      ...c02Params,
      allowPartialPeriodInterestCalculation: false,
      firstRepaymentDate: "2022-12-15",
    };
    const answer = answerSchedule({ id: 7, params });
    expect(answer).to.have.property("id", 7);
    expect(answer).to.have.nested.property("instalments[0].dueDate", "2022-12-15");
    expect(answer).to.have.nested.property("instalments[0].interestDue", "50.00");
  });

  it("bears interest for the days of a broken first period when it is switched on", () => {
    // 1 November to 15 December: a month, and 14 of 31 days of the next: 50.00 * (1 + 14 / 31) = 72.58.
    const params = {
      ...c02Params,
      allowPartialPeriodInterestCalculation: true,
      firstRepaymentDate: "2022-12-15",
    };
    expect(answerSchedule({ params })).to.have.nested.property("instalments[0].interestDue", "72.58");
  });

  it("is answered alike as a case and as a plan of the terms document", () => {
    const {
      salt: _s,
      language: _l,
      upfront_fee: _u,
      penalty: _p,
      waterfall: _w,
      early_settlement: _e,
      ...rest
    } = c02Rules;
    const { reversal_days: _r, ...plan } = rest;
    const figures = (value: unknown) => {
      const answer = answerSchedule(value);
      if ("error" in answer) throw new Error(answer.error.message);
      return { id: answer.id, instalments: answer.instalments, totals: answer.totals };
    };
    const asCase = figures({ id: "C02", params: { ...c02Params, installmentAmountInMultiplesOf: 1 } });
    expect(figures({ id: "C02", ...plan })).to.deep.equal(asCase);
    expect(figures({ id: "C02", ...c02Rules }), "a loan officer's terms").to.deep.equal(asCase);
    expect(asCase.totals.total).to.equal("5488.22");
    expectError(answerSchedule({ ...c02Rules, borrower: "x" }), "invalid", "borrower");
    expectError(answerSchedule({ ...plan, rate_bps: -1 }), "out_of_range", "rate_bps");
    expectError(answerSchedule({ ...plan, borrower: "x" }), "invalid", "borrower");
  });
});
