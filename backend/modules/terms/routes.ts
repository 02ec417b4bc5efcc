import { z } from "zod";
import { defineRoute, mirrorProblems } from "../../route.ts";
import { loanIdParam } from "../../values.ts";
import { MAX_TERMS_BYTES, termsDocument, termsReceipt } from "./schema.ts";
import { handInTerms, readTerms } from "./service.ts";

const path = "/v1/loans/{id}/terms";
const params = z.strictObject({ id: loanIdParam });
const query = z.strictObject({});
const exampleTerms = {
  principal: "5000.00",
  currency: "USDX",
  instalments: 18,
  salt: `0x${"07".repeat(32)}`,
};
const exampleReceipt = { document_hash: `0x${"1f".repeat(32)}`, received_at: "2022-11-01T08:00:00.000Z" };

export const termsRoutes = [
  defineRoute({
    method: "get",
    path,
    operationId: "getTerms",
    tag: "loans",
    summary: "The signed terms document, byte for byte",
    description: "keccak256 of the body is the loan's `document_hash`.",
    params,
    query,
    answers: {
      200: { description: "The canonical document.", schema: termsDocument, example: exampleTerms },
    },
    problems: ["loan_not_found", "terms_not_found", ...mirrorProblems],
    handle: async ({ params: { id } }, context) => {
      const text = await readTerms(context, id);
      return { status: 200, body: {}, text };
    },
  }),
  defineRoute({
    method: "put",
    path,
    operationId: "putTerms",
    tag: "loans",
    summary: "Hand in the signed terms document",
    description:
      "Accepted when keccak256 of the canonical document (sorted keys, no white space) equals the loan's `document_hash`; the hash is the authorisation. Repeating it changes nothing.",
    params,
    query,
    body: {
      schema: termsDocument,
      description: "The terms JSON that was signed.",
      example: exampleTerms,
      maxBytes: MAX_TERMS_BYTES,
    },
    answers: {
      200: { description: "It was already kept.", schema: termsReceipt, example: exampleReceipt },
      201: { description: "It is kept now.", schema: termsReceipt, example: exampleReceipt },
    },
    problems: ["loan_not_found", "terms_hash_mismatch", ...mirrorProblems],
    handle: async ({ params: { id }, body: { text, json } }, context) => {
      const { isNew, receipt } = await handInTerms(context, id, text, json);
      return { status: isNew ? 201 : 200, body: receipt };
    },
  }),
];
