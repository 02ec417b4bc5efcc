import type { Hex, LocalAccount } from "viem";
import { assertChain } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { originate } from "../../chain/loans.ts";
import { type Proposal, proposalFromJson, proposalToJson, signProposal } from "../../chain/proposal.ts";
import { openSender } from "../../chain/send.ts";
import { AhadiError, describeError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { readJsonFile, writeJsonFile } from "../files.ts";
import { chooseSigner, type SignerOptions } from "../signer.ts";
import { resolveTarget, type TargetOptions } from "../target.ts";
import { handInTerms } from "../terms.ts";

export interface ProposalOptions extends TargetOptions, SignerOptions {
  proposal: string;
  role?: string;
  out?: string;
}

const readProposal = async (path: string): Promise<Proposal> =>
  proposalFromJson(await readJsonFile(path, "--proposal"));

export async function signLoan(options: ProposalOptions) {
  const { role } = options;
  if (role !== "borrower" && role !== "lender") {
    throw new AhadiError("config_invalid", `--role must be borrower or lender, not ${role}`);
  }
  const proposal = await readProposal(options.proposal);
  const signer = await chooseSigner(options, role, proposal.domain.chainId);
  const signed = await signProposal(proposal, role, signer);
  await writeJsonFile(options.out ?? options.proposal, proposalToJson(signed), "--out");
  return { loan_id: signed.loanId, role, signed_by: signer.address, signature: signed.consents[role] as Hex };
}

/**
 * Makes the loan, then hands in its terms document. The money has moved by then, so a document that cannot be handed in
 * is reported beside the transaction, not as a failure: `ahadi loan terms` tries again.
 */
export async function originateLoan(options: ProposalOptions) {
  const proposal = await readProposal(options.proposal);
  const target = await resolveTarget({ ...options, chainId: String(proposal.domain.chainId) });
  const signer: LocalAccount = await chooseSigner(options, "underwriter", target.chainId);
  const sender = await openSender(target.rpcUrl, signer);
  const deployment = await readDeployment(target.deploymentDir);
  await assertChain(sender.client, deployment, target.rpcUrl);
  const { address } = deployment.contracts.LoanBook;
  if (address.toLowerCase() !== proposal.domain.verifyingContract.toLowerCase()) {
    throw new AhadiError("wrong_chain", `the proposal is for LoanBook ${proposal.domain.verifyingContract}`, {
      hint: `the deployment's is ${address}`,
    });
  }
  const receipt = await originate(sender, proposal);
  return {
    loan_id: proposal.loanId,
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
    terms: await handIn(target.apiUrl, proposal),
  };
}

/** Hands in the terms document of a loan that is on the chain already. */
export async function handInLoanTerms(options: ProposalOptions) {
  const proposal = await readProposal(options.proposal);
  const { apiUrl } = await resolveTarget({ ...options, chainId: String(proposal.domain.chainId) });
  if (apiUrl === undefined) {
    throw new AhadiError("config_invalid", "no API is known", { hint: "give --api" });
  }
  await handInTerms(apiUrl, proposal.loanId, proposal.terms);
  return { loan_id: proposal.loanId, terms: "handed_in" };
}

async function handIn(apiUrl: string | undefined, proposal: Proposal): Promise<string> {
  if (apiUrl === undefined) return "not_handed_in";
  try {
    await handInTerms(apiUrl, proposal.loanId, proposal.terms);
    return "handed_in";
  } catch (error) {
    log.warn(`the loan is disbursed, but ${describeError(error).message}; run \`ahadi loan terms\` later`);
    return "not_handed_in";
  }
}
