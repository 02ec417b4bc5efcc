import { expect } from "chai";
import type { Address } from "viem";
import { localSigner } from "../../chain/operator.ts";
import { freshSalt, proposalFromJson, proposalToJson, propose, signProposal } from "../../chain/proposal.ts";
import { LendingError } from "../../lending/errors.ts";
import { buildTerms } from "../../lending/terms.ts";
import { AhadiError } from "../../platform/errors.ts";
import { c02Offer, c02Rules } from "../support/samples.ts";

const LOAN_BOOK: Address = "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9";
const POOL: Address = "0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9";
const borrower = localSigner("borrower", 31337);

function someProposal() {
  return propose(31337, LOAN_BOOK, {
    ...c02Offer(),
    terms: buildTerms({ ...c02Rules, salt: freshSalt() }),
    borrower: borrower.address,
    lender: POOL,
  });
}

/** A deep copy as a person's editor would hand it back. */
function edited(change: (json: ReturnType<typeof proposalToJson>) => void): unknown {
  const json = structuredClone(proposalToJson(someProposal()));
  change(json);
  return json;
}

describe("proposals", () => {
  it("are refused when the id is of another agreement", () => {
    const json = edited((proposal) => {
      proposal.agreement.expiry = "1667347201";
    });
    expect(() => proposalFromJson(json)).to.throw(AhadiError, "loan_id");
  });

  it("are refused with unknown or missing fields, each by name", () => {
    const json = edited((proposal) => {
      delete proposal.loan_book;
      proposal.comment = "hello";
    });
    expect(() => proposalFromJson(json))
      .to.throw(AhadiError, "loan_book")
      .with.property("message")
      .that.includes("comment");
  });

  it("are not signed by anybody but the party", async () => {
    const stranger = localSigner("lender", 31337);
    const refusal = await signProposal(someProposal(), "borrower", stranger).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(AhadiError).with.property("code", "wrong_signer");
  });

  it("are not signed when the terms document is not the one that the agreement names", async () => {
    const proposal = { ...someProposal(), terms: someProposal().terms };
    const refusal = await signProposal(proposal, "borrower", borrower).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(LendingError).with.property("path", "documentHash");
  });

  it("survive the way through a file with their consents", async () => {
    const signed = await signProposal(someProposal(), "borrower", borrower);
    const again = proposalFromJson(JSON.parse(JSON.stringify(proposalToJson(signed))));
    expect(again).to.deep.equal(signed);
  });
});
