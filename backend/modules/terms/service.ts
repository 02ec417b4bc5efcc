import { canonicalJson, documentHash } from "../../../lending/canonical.ts";
import { LendingError } from "../../../lending/errors.ts";
import { Problem } from "../../problems.ts";
import { parseRaw } from "../../raw.ts";
import type { Context } from "../../route.ts";
import { storeTerms, termsOfLoan } from "./repository.ts";
import { storedTermsRow, termsOfLoanRow } from "./schema.ts";

async function findTerms({ pool }: Context, loanId: string) {
  const found = await termsOfLoan(pool, loanId);
  if (!found) throw new Problem("loan_not_found", `The mirror knows no loan ${loanId}.`);
  return parseRaw(termsOfLoanRow, found);
}

/** The text with this hash that the body is, or that it becomes when it is written canonically. */
function findCanonical(text: string, json: unknown, hash: string): string | undefined {
  if (documentHash(text) === hash) return text;
  try {
    const canonical = canonicalJson(json);
    return documentHash(canonical) === hash ? canonical : undefined;
  } catch (error) {
    // RangeError: nested deeper than the stack, which no document of ours is.
    if (error instanceof LendingError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Keeps the terms of a loan. Nobody has to prove who they are: only the document that both parties signed has the
 * hash that stands in the agreement. White space and the order of keys may differ; what is kept is what was hashed.
 */
export async function handInTerms(context: Context, loanId: string, text: string, json: unknown) {
  const { document_hash: hash } = await findTerms(context, loanId);
  const canonical = findCanonical(text, json, hash);
  if (canonical === undefined) {
    const detail = `The signed document has keccak256 ${hash}, this one has ${documentHash(text)}.`;
    const message = "must be the terms document that was signed";
    throw new Problem("terms_hash_mismatch", detail, { errors: [{ in: "body", field: "(whole)", message }] });
  }
  const stored = await storeTerms(context.pool, hash, canonical);
  if (stored) {
    const { received_at } = parseRaw(storedTermsRow, stored);
    return { isNew: true, receipt: { document_hash: hash, received_at } };
  }
  const { received_at } = await findTerms(context, loanId);
  if (received_at === null) throw new Error(`terms ${hash} conflict and are not there`);
  return { isNew: false, receipt: { document_hash: hash, received_at } };
}

/** The exact text that was hashed. */
export async function readTerms(context: Context, loanId: string): Promise<string> {
  const { canonical } = await findTerms(context, loanId);
  if (canonical === null)
    throw new Problem("terms_not_found", "Whoever holds it can hand it in with PUT at this address.");
  return canonical;
}
