import { expect } from "chai";
import fc from "fast-check";
import { keccak256, toHex } from "viem";
import { parseDate } from "../../lending/calendar.ts";
import { canonicalJson, documentHash } from "../../lending/canonical.ts";
import { agreementFromTerms, checkTermsDocument } from "../../lending/offer.ts";
import {
  buildTerms,
  canonicalTerms,
  instalmentsOf,
  parseTerms,
  readCanonicalTerms,
  scheduleMatchesTerms,
} from "../../lending/terms.ts";
import { c02Agreement, c02Offer, c02Rules, c02Terms } from "../support/samples.ts";
import { expectLendingError } from "./expect-error.ts";

describe("canonical JSON", () => {
  it("refuses what has more than one spelling, naming the place", () => {
    expectLendingError(() => canonicalJson({ a: [1, 0.5] }), "invalid", "a[1]");
    expectLendingError(() => canonicalJson({ a: { b: 2 ** 53 } }), "invalid", "a.b");
    expectLendingError(() => canonicalJson({ a: null }), "invalid", "a");
    expectLendingError(() => canonicalJson({ a: undefined }), "invalid", "a");
    expectLendingError(() => canonicalJson({ a: true }), "invalid", "a");
    expectLendingError(() => canonicalJson({ a: 1n }), "invalid", "a");
    expectLendingError(() => canonicalJson({ a: new Date(0) }), "invalid", "a");
    expectLendingError(() => canonicalJson({ a: "\ud800" }), "invalid", "a");
    expectLendingError(() => canonicalJson([Number.NaN]), "invalid", "[0]");
  });

  it("sorts keys by UTF-16 code unit at every depth and writes no white space", () => {
    const value = {
      b: [{ z: "é", y: 1 }],
      a: "x y",
      "\u{1f600}": 1,
      "\ufb33": 2,
      A: -0,
      aa: 1,
      "10": 1,
      "9": 2,
    };
    const text = '{"10":1,"9":2,"A":0,"a":"x y","aa":1,"b":[{"y":1,"z":"é"}],"\u{1f600}":1,"\ufb33":2}';
    expect(canonicalJson(value)).to.equal(text);
    expect(documentHash(text)).to.equal(keccak256(toHex(new TextEncoder().encode(text))));
  });

  it("gives equal text for equal values, whatever the order of their keys", () => {
    const leaf = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: "grapheme" }));
    const object = fc.dictionary(fc.string({ unit: "grapheme" }), fc.oneof(leaf, fc.array(leaf)), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(object, (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).to.equal(canonicalJson(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).to.equal(canonicalJson(value));
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("terms", () => {
  it("refuses unknown, missing and mistyped fields, naming them", () => {
    const terms = c02Terms();
    const { salt: _salt, ...withoutSalt } = terms;
    expectLendingError(() => parseTerms({ ...terms, borrower_name: "A" }), "invalid", "borrower_name");
    expectLendingError(
      () => parseTerms({ ...terms, penalty: { ...terms.penalty, x: 1 } }),
      "invalid",
      "penalty.x",
    );
    expectLendingError(() => parseTerms(withoutSalt), "invalid", "salt");
    expectLendingError(() => parseTerms({ ...terms, version: 2 }), "invalid", "version");
    expectLendingError(() => parseTerms({ ...terms, principal: 500_000 }), "invalid", "principal");
    expectLendingError(() => parseTerms({ ...terms, principal: "5000.00" }), "invalid", "principal");
    expectLendingError(() => parseTerms({ ...terms, principal: "0500000" }), "invalid", "principal");
    expectLendingError(() => parseTerms({ ...terms, principal: "-1" }), "out_of_range", "principal");
    expectLendingError(
      () => parseTerms({ ...terms, principal: String(2n ** 64n) }),
      "out_of_range",
      "principal",
    );
    expectLendingError(() => parseTerms({ ...terms, rate_bps: -1 }), "out_of_range", "rate_bps");
    expectLendingError(() => parseTerms({ ...terms, rate_bps: 12.5 }), "invalid", "rate_bps");
    expectLendingError(() => parseTerms({ ...terms, rounding: "half_odd" }), "invalid", "rounding");
    expectLendingError(() => parseTerms({ ...terms, engine: "steam" }), "invalid", "engine");
    expectLendingError(() => parseTerms({ ...terms, days_in_year: 366 }), "invalid", "days_in_year");
    expectLendingError(() => parseTerms({ ...terms, days_in_month: 31 }), "invalid", "days_in_month");
    expectLendingError(() => parseTerms({ ...terms, grace: { fees: 1 } }), "invalid", "grace.fees");
    expectLendingError(
      () => parseTerms({ ...terms, grace: { interest: -1 } }),
      "out_of_range",
      "grace.interest",
    );
    const week = { rule: "next", rest_weekdays: [8], holidays: [] };
    const working = (working_days: object) => () => parseTerms({ ...terms, working_days });
    expectLendingError(working(week), "out_of_range", "working_days.rest_weekdays[0]");
    const always = { ...week, rest_weekdays: [1, 2, 3, 4, 5, 6, 7] };
    expectLendingError(working(always), "out_of_range", "working_days.rest_weekdays");
    expectLendingError(
      working({ ...week, rest_weekdays: [], rule: "never" }),
      "invalid",
      "working_days.rule",
    );
    expectLendingError(
      () => parseTerms({ ...terms, disbursement_date: "2022-11-31" }),
      "invalid",
      "disbursement_date",
    );
    expectLendingError(
      () => parseTerms({ ...terms, disbursement_date: "2150-01-01" }),
      "out_of_range",
      "disbursement_date",
    );
    expectLendingError(
      () => parseTerms({ ...terms, waterfall: ["fee", "fee", "interest", "principal"] }),
      "invalid",
      "waterfall",
    );
    expectLendingError(() => parseTerms({ ...terms, schedule: [] }), "out_of_range", "schedule");
    expectLendingError(() => parseTerms([]), "invalid", "");
  });

  it("refuses terms that make no agreement, naming the field as the document does", () => {
    const build = (changes: object) => () => buildTerms({ ...c02Rules, ...changes });
    expectLendingError(build({ number_of_instalments: 0 }), "out_of_range", "number_of_instalments");
    expectLendingError(build({ number_of_instalments: 367 }), "out_of_range", "number_of_instalments");
    expectLendingError(build({ principal: "0" }), "out_of_range", "principal");
    expectLendingError(build({ first_repayment_date: "2022-11-01" }), "out_of_range", "first_repayment_date");
    expectLendingError(build({ instalment_multiple: "0" }), "out_of_range", "instalment_multiple");
    expectLendingError(build({ instalment_multiple: "100000" }), "impossible", "instalment_multiple");
    expectLendingError(
      build({ currency: { ...c02Rules.currency, multiple: "0" } }),
      "out_of_range",
      "currency.multiple",
    );
    expectLendingError(build({ grace: { principal: 18 } }), "out_of_range", "grace.principal");
    expectLendingError(build({ grace: { interest_payment: 18 } }), "out_of_range", "grace.interest_payment");
    expectLendingError(build({ grace: { interest: 19 } }), "out_of_range", "grace.interest");
    expectLendingError(build({ engine: "progressive" }), "unsupported", "interest_period");
    const progressive = { engine: "progressive", interest_period: "daily" };
    expectLendingError(build({ ...progressive, interest_method: "flat" }), "unsupported", "interest_method");
    expectLendingError(build({ ...progressive, grace: { principal: 1 } }), "unsupported", "grace.principal");
    expectLendingError(
      build({ disbursement_date: "2149-06-01", first_repayment_date: undefined }),
      "out_of_range",
      "number_of_instalments",
    );
  });

  it("carries rows that anybody computes again from the stated terms", () => {
    const terms = c02Terms();
    expect(terms.schedule[0]).to.deep.equal({
      nr: 1,
      due_date: "2022-12-01",
      principal: "25500",
      interest: "5000",
      fee: "0",
    });
    expect(terms.schedule[17]).to.deep.equal({
      nr: 18,
      due_date: "2024-05-01",
      principal: "30022",
      interest: "300",
      fee: "0",
    });
    expect(scheduleMatchesTerms(terms)).to.equal(true);
    expect(scheduleMatchesTerms({ ...terms, rate_bps: 1201 })).to.equal(false);
    expect(scheduleMatchesTerms({ ...terms, number_of_instalments: 17 })).to.equal(false);
    const signed = instalmentsOf(terms);
    expect(scheduleMatchesTerms(terms, signed)).to.equal(true);
    expect(scheduleMatchesTerms(terms, signed.slice(1))).to.equal(false);
    for (const field of ["day", "principal", "interest", "fee"] as const) {
      const changed = signed.map((row, i) =>
        i === 4 ? { ...row, [field]: field === "day" ? row.day + 1 : row[field] + 1n } : row,
      );
      expect(scheduleMatchesTerms(terms, changed), field).to.equal(false);
    }
  });

  it("carries all that its rows follow from: what is left out or changed gives other rows", () => {
    const stated = {
      interest_period: "daily" as const,
      days_in_year: 360 as const,
      days_in_month: 30 as const,
      rounding: "half_up" as const,
      grace: { principal: 1 },
      working_days: { rule: "next" as const, rest_weekdays: [6, 7], holidays: [] },
    };
    const terms = buildTerms({ ...c02Rules, ...stated, instalment_multiple: "1" });
    expect(scheduleMatchesTerms(terms)).to.equal(true);
    expect(readCanonicalTerms(canonicalTerms(terms))).to.deep.equal(terms);
    // 1 % a month, nothing of the principal in the first; 1 January 2023 is a Sunday.
    expect(terms.schedule[0]).to.include({ due_date: "2022-12-01", principal: "0", interest: "5000" });
    expect(terms.schedule[1]).to.include({ due_date: "2023-01-02" });
    for (const field of ["days_in_year", "grace", "working_days"] as const) {
      const { [field]: _left, ...rest } = terms;
      expect(scheduleMatchesTerms(rest), field).to.equal(false);
    }
    expect(scheduleMatchesTerms({ ...terms, rounding: "up" }), "rounding").to.equal(false);
  });

  it("survives a round trip through its canonical text, and only through that one", () => {
    const text = canonicalTerms(c02Terms());
    expect(readCanonicalTerms(text)).to.deep.equal(c02Terms());
    expect(
      text.startsWith('{"amortisation":"equal_instalments","currency":{"decimals":2,"symbol":"USDX"},'),
    ).to.equal(true);
    expectLendingError(() => readCanonicalTerms(` ${text}`), "invalid", "terms");
    expectLendingError(() => readCanonicalTerms(JSON.stringify(c02Terms(), null, 1)), "invalid", "terms");
    expectLendingError(() => readCanonicalTerms("{"), "invalid", "terms");
  });

  it("has a hash that does not change by accident", () => {
    expect(documentHash(canonicalTerms(c02Terms()))).to.equal(
      "0x9cbc90458138f379d6be2a14a145c23cebb38179d824f48e3e2239bc87898d5e",
    );
  });
});

describe("an offer", () => {
  it("states in the agreement exactly what the terms document states", () => {
    const agreement = c02Agreement();
    expect(agreement).to.include({
      principal: 500_000n,
      totalRepayable: 548_822n,
      count: 18,
      waterfall: "0x00010203",
    });
    expect(agreement).to.include({
      upfrontFee: 2500n,
      penaltyRateBps: 3650,
      penaltyGraceDays: 3,
      penaltyCap: 20_000n,
    });
    expect(agreement).to.include({
      earlySettlement: 1,
      reversalDays: 2,
      coolingOffDays: 0,
      language: "sw-KE",
      payee: agreement.borrower,
    });
    expect(agreement.firstDay).to.equal(parseDate("2022-12-01", "date"));
    expect(agreement.lastDay).to.equal(parseDate("2024-05-01", "date"));
    expect(checkTermsDocument(agreement, canonicalTerms(c02Terms()))).to.deep.equal(c02Terms());
  });

  it("is paid out to a desk, and given back within the cooling-off days, where that was agreed", () => {
    const offer = c02Offer();
    const terms = buildTerms({ ...c02Rules, cooling_off_days: 3 });
    const agreement = agreementFromTerms({ ...offer, terms, payee: offer.currency });
    expect(agreement).to.include({ coolingOffDays: 3, payee: offer.currency });
    expect(checkTermsDocument(agreement, canonicalTerms(terms))).to.deep.equal(terms);
    expectLendingError(
      () => checkTermsDocument({ ...agreement, coolingOffDays: 4 }, canonicalTerms(terms)),
      "mismatch",
      "coolingOffDays",
    );
  });

  it("is refused when the rows do not follow from the terms", () => {
    const terms = { ...c02Terms(), rate_bps: 1100 };
    expectLendingError(() => agreementFromTerms({ ...c02Offer(), terms }), "mismatch", "terms.schedule");
  });

  it("is refused when the disbursement window misses the date of the terms", () => {
    const day = parseDate("2022-11-01", "date");
    const window = { disburseFromDay: day + 1, disburseUntilDay: day + 2 };
    expectLendingError(() => agreementFromTerms({ ...c02Offer(), ...window }), "mismatch", "disburseFromDay");
  });

  it("is seen through when the agreement differs from its document in any member", () => {
    const [agreement, text] = [c02Agreement(), canonicalTerms(c02Terms())];
    const check = (changes: object) => () => checkTermsDocument({ ...agreement, ...changes }, text);
    expectLendingError(check({ documentHash: `0x${"00".repeat(32)}` }), "mismatch", "documentHash");
    expectLendingError(check({ schedule: agreement.schedule.slice(1) }), "mismatch", "schedule");
    expectLendingError(check({ upfrontFee: 2501n }), "mismatch", "upfrontFee");
    expectLendingError(check({ penaltyRateBps: 3651 }), "mismatch", "penaltyRateBps");
    expectLendingError(check({ penaltyGraceDays: 2 }), "mismatch", "penaltyGraceDays");
    expectLendingError(check({ penaltyCap: 20_001n }), "mismatch", "penaltyCap");
    expectLendingError(check({ waterfall: "0x03020100" }), "mismatch", "waterfall");
    expectLendingError(check({ earlySettlement: 0 }), "mismatch", "earlySettlement");
    expectLendingError(check({ reversalDays: 3 }), "mismatch", "reversalDays");
    expectLendingError(check({ coolingOffDays: 1 }), "mismatch", "coolingOffDays");
    expectLendingError(check({ language: "en" }), "mismatch", "language");
  });
});
