import { z } from "zod";
import { hexColumn } from "../../rows.ts";
import { hashValue, momentValue } from "../../values.ts";

/** Larger than any terms document that people would read. */
export const MAX_TERMS_BYTES = 65_536;

/** The document itself; its members are the business of whoever signed it. */
export const termsDocument = z.looseObject({}, "must be a JSON object").meta({
  id: "TermsDocument",
  description: "The canonical terms JSON of a loan, as it was hashed and signed.",
});

export const termsReceipt = z
  .strictObject({ document_hash: hashValue, received_at: momentValue })
  .meta({ id: "TermsReceipt", description: "The document is kept; its hash is the one that was signed." });

/** As part of a loan: `canonical` is the text whose UTF-8 bytes were hashed. */
export const termsOfLoanValue = z.strictObject({ canonical: z.string(), received_at: momentValue }).meta({
  id: "LoanTermsDocument",
  description: "keccak256 of the UTF-8 bytes of `canonical` is the signed `document_hash`.",
});

const moment = z.date().transform((date) => date.toISOString());

export const storedTermsRow = z.object({
  document_hash: hexColumn,
  canonical: z.string(),
  received_at: moment,
});
export const termsOfLoanRow = z.object({
  document_hash: hexColumn,
  canonical: z.string().nullable(),
  received_at: moment.nullable(),
});

export type StoredTerms = z.output<typeof storedTermsRow>;
export type TermsOfLoan = z.output<typeof termsOfLoanRow>;
