import { type Queryable, query, type Raw, type Statement } from "../../raw.ts";
import type { StoredTerms, TermsOfLoan } from "./schema.ts";

/* One statement each: what is read together is read from one snapshot, also while the indexer commits. */

const readTerms: Statement = {
  name: "terms_of_loan",
  text: `
    select chain.hex(l.document_hash) as document_hash, t.canonical, t.received_at
      from chain.loan l
      left join desk.terms_document t on t.document_hash = l.document_hash
     where l.loan_id = $1`,
};

/** Kept once: a second delivery of the same document changes nothing, not even the time. */
const insertTerms: Statement = {
  text: `
    insert into desk.terms_document (document_hash, canonical) values ($1, $2)
    on conflict (document_hash) do nothing
    returning chain.hex(document_hash) as document_hash, canonical, received_at`,
};

/** Undefined when no such loan is mirrored. @param loanId 0x and 64 hexadecimal digits. */
export async function termsOfLoan(on: Queryable, loanId: string): Promise<Raw<TermsOfLoan> | undefined> {
  const [row] = await query<TermsOfLoan>(on, readTerms, [Buffer.from(loanId.slice(2), "hex")]);
  return row;
}

/** The stored row, or undefined when it was there before. */
export async function storeTerms(
  on: Queryable,
  documentHash: string,
  canonical: string,
): Promise<Raw<StoredTerms> | undefined> {
  const values = [Buffer.from(documentHash.slice(2), "hex"), canonical];
  const [row] = await query<StoredTerms>(on, insertTerms, values);
  return row;
}
