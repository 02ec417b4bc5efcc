import { expect } from "chai";
import { answerSchedule } from "../../lending/cases.ts";
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

function expectRefusal(value: unknown, code: string, path: string): void {
  const answer = answerSchedule(value);
  if (!("error" in answer)) throw new Error(`expected an error at ${path}`);
  expect({ code: answer.error.code, path: answer.error.path }).to.deep.equal({ code, path });
  expect(answer.error.message.startsWith(path), answer.error.message).to.equal(true);
}

const refuseParams = (changes: object, code: string, path: string) =>
  expectRefusal({ id: "x", params: { ...c02Params, ...changes } }, code, path);

describe("a schedule question", () => {
  it("is refused when a parameter is missing or mistyped, naming it", () => {
    for (const field of Object.keys(c02Params)) {
      const { [field]: _left, ...rest } = c02Params as Record<string, unknown>;
      expectRefusal({ params: rest }, "invalid", `params.${field}`);
      refuseParams(
        { [field]: {} },
        field in { unit: 1, amortization: 1, interestMethod: 1, interestCalcPeriod: 1 }
          ? "unsupported"
          : "invalid",
        `params.${field}`,
      );
    }
    expectRefusal({ params: [] }, "invalid", "params");
    expectRefusal("x", "invalid", "");
    expectRefusal(null, "invalid", "");
  });

  it("is refused when a parameter is out of range, naming it", () => {
    refuseParams({ principal: "-5000.00" }, "out_of_range", "params.principal");
    refuseParams({ principal: "0.00" }, "out_of_range", "params.principal");
    refuseParams({ principal: "184467440737095516.16" }, "out_of_range", "params.principal");
    refuseParams({ annualRatePct: "-1" }, "out_of_range", "params.annualRatePct");
    for (const nInstalments of [0, -1, 1001])
      refuseParams({ nInstalments }, "out_of_range", "params.nInstalments");
    refuseParams({ repayEvery: 0 }, "out_of_range", "params.repayEvery");
    refuseParams({ currencyDecimals: 19 }, "out_of_range", "params.currencyDecimals");
    refuseParams({ disburseDate: "1969-12-31" }, "out_of_range", "params.disburseDate");
    refuseParams({ firstRepaymentDate: "2022-10-31" }, "out_of_range", "params.firstRepaymentDate");
    refuseParams({ firstRepaymentDate: "2150-01-01" }, "out_of_range", "params.firstRepaymentDate");
    refuseParams(
      { installmentAmountInMultiplesOf: 2000 },
      "impossible",
      "params.installmentAmountInMultiplesOf",
    );
    refuseParams(
      { installmentAmountInMultiplesOf: -1 },
      "out_of_range",
      "params.installmentAmountInMultiplesOf",
    );
    refuseParams(
      { installmentAmountInMultiplesOf: 0.005 },
      "invalid",
      "params.installmentAmountInMultiplesOf",
    );
  });

  it("is refused when it asks for what the engine does not compute, naming the parameter", () => {
    const unsupported: Record<string, unknown> = {
      engine: "PROGRESSIVE",
      roundingMode: "HALF_UP",
      daysInYear: "360",
      daysInMonth: "30",
      interestCalcPeriod: "DAILY",
      unit: "YEARS",
      graceOnPrincipal: 1,
      graceOnInterestPayment: 1,
      graceOnInterestCharged: 1,
      interestRecalculation: { enabled: true },
      downPaymentPct: "25",
      strategy: "no-such-strategy",
      instalmentFeePct: "1.5",
      scheduleStartDate: "2022-10-01",
      periods: [],
      nInstallments: 18,
    };
    for (const [field, value] of Object.entries(unsupported)) {
      refuseParams({ [field]: value }, "unsupported", `params.${field}`);
    }
    refuseParams(
      { interestMethod: "FLAT", amortization: "EQUAL_PRINCIPAL" },
      "unsupported",
      "params.amortization",
    );
    const wholeUnits = { currencyDecimals: 0, principal: "5000", currencyInMultiplesOf: 100 };
    refuseParams(wholeUnits, "unsupported", "params.currencyInMultiplesOf");
    const brokenPeriod = { allowPartialPeriodInterestCalculation: true, firstRepaymentDate: "2022-12-15" };
    refuseParams(brokenPeriod, "unsupported", "params.firstRepaymentDate");
  });

  it("is refused when money moves other than by one disbursement of the principal", () => {
    const disbursement = { type: "DISBURSEMENT", date: "2022-11-01", amount: "5000.00" };
    const refuse = (fields: object, code: string, path: string) =>
      expectRefusal({ params: c02Params, ...fields }, code, path);
    refuse(
      { transactions: [{ ...disbursement, date: "2022-11-02" }] },
      "unsupported",
      "transactions[0].date",
    );
    refuse(
      { transactions: [{ ...disbursement, amount: "4000.00" }] },
      "unsupported",
      "transactions[0].amount",
    );
    refuse({ transactions: [disbursement, disbursement] }, "unsupported", "transactions[1].type");
    refuse({ transactions: [{ type: "REPAYMENT" }] }, "unsupported", "transactions[0].type");
    refuse({ transactions: {} }, "invalid", "transactions");
    refuse({ transactions: [1] }, "invalid", "transactions[0]");
    refuse({ disbursementRows: [disbursement, disbursement] }, "unsupported", "disbursementRows[1]");
    expect(
      answerSchedule({ params: c02Params, transactions: [disbursement], disbursementRows: [disbursement] }),
    ).to.have.property("instalments");
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
    const asCase = answerSchedule({ id: "C02", params: { ...c02Params, installmentAmountInMultiplesOf: 1 } });
    expect(answerSchedule({ id: "C02", ...plan })).to.deep.equal(asCase);
    expect(answerSchedule({ id: "C02", ...c02Rules }), "a loan officer's terms").to.deep.equal(asCase);
    expectRefusal({ ...c02Rules, borrower: "x" }, "invalid", "borrower");
    expect(asCase).to.have.nested.property("totals.total", "5488.22");
    expectRefusal({ ...plan, rate_bps: -1 }, "out_of_range", "rate_bps");
    expectRefusal({ ...plan, borrower: "x" }, "invalid", "borrower");
  });
});
