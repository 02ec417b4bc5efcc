import type { Hex, LocalAccount } from "viem";
import { assertChain } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { activate, approve, originate, signReceipt } from "../../chain/loans.ts";
import type { LocalRole } from "../../chain/operator.ts";
import { type Proposal, proposalFromJson, proposalToJson, signProposal } from "../../chain/proposal.ts";
import { openSender, type Sender } from "../../chain/send.ts";
import { AhadiError, describeError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { readJsonFile, writeJsonFile } from "../files.ts";
import { chooseSigner, type SignerOptions } from "../signer.ts";
import { resolveTarget, type Target, type TargetOptions } from "../target.ts";
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

/** An underwriter other than the one who will originate agrees that the pool makes this loan. */
export async function approveLoan(options: ProposalOptions) {
  const { proposal, sender } = await open(options, "approver");
  const receipt = await approve(sender, proposal);
  return {
    loan_id: proposal.loanId,
    approved_by: sender.account.address,
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
  };
}

/** The borrower of a loan through a desk confirms that she holds the money: from now on the loan runs. */
export async function activateLoan(options: ProposalOptions) {
  const { proposal, sender } = await open(options, "borrower");
  const receipt = await activate(sender, proposal, await signReceipt(proposal, sender.account));
  return {
    loan_id: proposal.loanId,
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
  };
}

/**
 * Makes the loan, then hands in its terms document. The money has moved by then, so a document that cannot be handed in
 * is reported beside the transaction, not as a failure: `ahadi loan terms` tries again.
 */
export async function originateLoan(options: ProposalOptions) {
  const { proposal, sender, target } = await open(options, "underwriter");
  const receipt = await originate(sender, proposal);
  return {
    loan_id: proposal.loanId,
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
    terms: await handIn(target.apiUrl, proposal),
  };
}

/** A proposal, and its signer's line to the chain on which it is to become a loan. */
async function open(
  options: ProposalOptions,
  role: LocalRole,
): Promise<{ proposal: Proposal; sender: Sender; target: Target }> {
  const proposal = await readProposal(options.proposal);
  const target = await resolveTarget({ ...options, chainId: String(proposal.domain.chainId) });
  const signer: LocalAccount = await chooseSigner(options, role, target.chainId);
  const sender = await openSender(target.rpcUrl, signer);
  const deployment = await readDeployment(target.deploymentDir);
  await assertChain(sender.client, deployment, target.rpcUrl);
  const { address } = deployment.contracts.LoanBook;
  if (address.toLowerCase() !== proposal.domain.verifyingContract.toLowerCase()) {
    throw new AhadiError("wrong_chain", `the proposal is for LoanBook ${proposal.domain.verifyingContract}`, {
      hint: `the deployment's is ${address}`,
    });
  }
  return { proposal, sender, target };
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
    log.warn(`the loan is made, but ${describeError(error).message}; run \`ahadi loan terms\` later`);
    return "not_handed_in";
  }
}
