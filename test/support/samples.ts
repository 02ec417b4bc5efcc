import type { Agreement } from "../../lending/agreement.ts";
import { agreementFromTerms, type OfferInput } from "../../lending/offer.ts";
import { buildTerms, type LoanRules, type LoanTerms } from "../../lending/terms.ts";

/** The rules of golden case C02, with a penalty and pro-rata settlement. */
export const c02Rules: LoanRules = {
  salt: `0x${"5a".repeat(32)}`,
  language: "sw-KE",
  currency: { symbol: "USDX", decimals: 2 },
  principal: "500000",
  rate_bps: 1200,
  number_of_instalments: 18,
  repay_every: 1,
  repay_unit: "months",
  interest_method: "declining_balance",
  interest_period: "repayment_period",
  amortisation: "equal_instalments",
  rounding: "half_even",
  instalment_multiple: "100",
  instalment_fee: "0",
  disbursement_date: "2022-11-01",
  first_repayment_date: "2022-12-01",
  upfront_fee: "2500",
  penalty: { rate_bps: 3650, grace_days: 3, cap: "20000" },
  waterfall: ["penalty", "fee", "interest", "principal"],
  early_settlement: "pro_rata",
  reversal_days: 2,
};

export function c02Terms(): LoanTerms {
  return buildTerms(c02Rules);
}

export function c02Offer(): OfferInput {
  return {
    terms: c02Terms(),
    borrower: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    lender: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    currency: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    unit: 10_000n,
    utcOffset: 10_800,
    salt: `0x${"c0".repeat(32)}`,
    expiry: 1_667_347_200n,
  };
}

export function c02Agreement(): Agreement {
  return agreementFromTerms(c02Offer());
}
