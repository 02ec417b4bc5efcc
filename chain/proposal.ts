import type { Address, Hex, LocalAccount, PublicClient } from "viem";
import { isAddress, isHex, toHex } from "viem";
import { z } from "zod";
import {
  type Agreement,
  type AgreementDomain,
  agreementDomain,
  type ConsentRole,
  consentTypedData,
  loanIdOf,
} from "../lending/agreement.ts";
import { type AgreementJson, agreementFromJson, agreementToJson } from "../lending/agreement-json.ts";
import { agreementFromTerms, checkTermsDocument, type OfferInput } from "../lending/offer.ts";
import { canonicalTerms } from "../lending/terms.ts";
import { AhadiError } from "../platform/errors.ts";
import { problemsOf } from "../platform/problems.ts";

/**
 * An agreement on its way to becoming a loan: what the parties sign, the terms document that it names, and the consents
 * collected so far. It travels as a JSON file.
 */
export interface Proposal {
  domain: AgreementDomain;
  loanId: Hex;
  agreement: Agreement;
  /** Canonical terms JSON; its hash is `agreement.documentHash`. */
  terms: string;
  consents: Partial<Record<ConsentRole, Hex>>;
}

/** An offer that nobody has signed yet. @throws LendingError naming the field. */
export function propose(chainId: number, loanBook: Address, offer: OfferInput): Proposal {
  const domain = agreementDomain(chainId, loanBook);
  const agreement = agreementFromTerms(offer);
  return {
    domain,
    loanId: loanIdOf(domain, agreement),
    agreement,
    terms: canonicalTerms(offer.terms),
    consents: {},
  };
}

/**
 * Adds the consent of `account`. Before signing, the document is checked against the agreement once more: nobody signs
 * rows that do not follow from the terms that she was shown.
 * Throws AhadiError `wrong_signer` when the account is not that party.
 */
export async function signProposal(
  proposal: Proposal,
  role: ConsentRole,
  account: LocalAccount,
): Promise<Proposal> {
  const party = proposal.agreement[role];
  if (party.toLowerCase() !== account.address.toLowerCase()) {
    throw new AhadiError("wrong_signer", `the ${role} is ${party}, this key is of ${account.address}`);
  }
  checkTermsDocument(proposal.agreement, proposal.terms);
  const signature = await account.signTypedData(consentTypedData(proposal.domain, role, proposal.agreement));
  return { ...proposal, consents: { ...proposal.consents, [role]: signature } };
}

/** True when `role`'s consent is there and valid (wallet or ERC-1271 contract). */
export async function hasConsent(
  client: PublicClient,
  proposal: Proposal,
  role: ConsentRole,
): Promise<boolean> {
  const signature = proposal.consents[role];
  if (signature === undefined) return false;
  return await client.verifyTypedData({
    address: proposal.agreement[role],
    ...consentTypedData(proposal.domain, role, proposal.agreement),
    signature,
  });
}

const FORMAT = "ahadi-proposal-1";

export function proposalToJson(proposal: Proposal): Record<string, unknown> & { agreement: AgreementJson } {
  const { domain, loanId, agreement, terms, consents } = proposal;
  return {
    format: FORMAT,
    chain_id: domain.chainId,
    loan_book: domain.verifyingContract,
    loan_id: loanId,
    agreement: agreementToJson(agreement),
    terms,
    consents,
  };
}

const address = z.custom<Address>(
  (value) => typeof value === "string" && isAddress(value),
  "must be an address",
);
const hex = z.custom<Hex>((value) => isHex(value), "must be hexadecimal");

const schema = z.strictObject({
  format: z.literal(FORMAT, `must be ${FORMAT}`),
  chain_id: z.number().int().positive(),
  loan_book: address,
  loan_id: hex,
  agreement: z.record(z.string(), z.unknown()),
  terms: z.string(),
  consents: z.strictObject({ borrower: hex.optional(), lender: hex.optional() }),
});

/** Reads a proposal. Throws AhadiError `proposal_invalid` naming the fields, also when `loan_id` is of another agreement. */
export function proposalFromJson(value: unknown): Proposal {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error).join("; ");
    throw new AhadiError("proposal_invalid", `the proposal is wrong: ${problems}`);
  }
  const { chain_id, loan_book, loan_id, terms, consents } = parsed.data;
  const agreement = agreementFromJson(parsed.data.agreement);
  const domain = agreementDomain(chain_id, loan_book);
  const loanId = loanIdOf(domain, agreement);
  if (loanId !== loan_id) {
    throw new AhadiError(
      "proposal_invalid",
      "the proposal is wrong: loan_id is not the id of this agreement",
      {
        hint: `it would be ${loanId}`,
      },
    );
  }
  return { domain, loanId, agreement, terms, consents: definedOnly(consents) };
}

function definedOnly(consents: {
  borrower?: Hex | undefined;
  lender?: Hex | undefined;
}): Proposal["consents"] {
  return Object.fromEntries(Object.entries(consents).filter(([, signature]) => signature !== undefined));
}

/** 32 fresh random bytes: makes an offer single-use and the hash of a terms document unguessable. */
export function freshSalt(): Hex {
  return toHex(crypto.getRandomValues(new Uint8Array(32)));
}
