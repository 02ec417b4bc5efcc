import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Hex } from "viem";
import type { Proposal } from "../../chain/proposal.ts";
import { AhadiError } from "../../platform/errors.ts";
import { runCommand } from "../command.ts";
import { addSignerOptions, chooseSigner, type SignerOptions } from "../signer.ts";
import { addTargetOptions, resolveTarget, type TargetOptions } from "../target.ts";

interface ProposeOptions extends TargetOptions {
  terms: string;
  borrower: string;
  lender?: string;
  until?: string;
  out?: string;
}

interface ProposalOptions extends TargetOptions, SignerOptions {
  proposal: string;
  role?: string;
  out?: string;
}

interface LoanOptions extends TargetOptions, SignerOptions {
  loan: string;
  amount?: string;
  payoff?: boolean;
}

/** Heavy modules are loaded by the action that needs them, so that the help comes at once. */
export function register(program: Command): void {
  const loan = program
    .command("loan")
    .description("the life of a loan: propose, sign, originate, repay, show");

  addTargetOptions(loan.command("propose"))
    .description("make an agreement from terms; nobody has signed it yet")
    .requiredOption("--terms <file>", "the product terms as JSON (fields: docs/loans.md)")
    .requiredOption("--borrower <address>", "who will owe")
    .option("--lender <address>", "who lends (without it: the deployment's pool)")
    .option("--until <date>", "last day for the disbursement (without it: the terms' date)")
    .option("--out <file>", "write the proposal here instead of standard output")
    .action((options: ProposeOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/propose.ts")).proposeLoan(options), {
        human: (proposal) =>
          options.out === undefined ? JSON.stringify(proposal, null, 2) : `wrote ${options.out}`,
      }),
    );

  addSignerOptions(addTargetOptions(loan.command("sign")))
    .description("add a party's consent to a proposal, after checking it against its terms document")
    .requiredOption("--proposal <file>", "the proposal; the signature is added to it")
    .requiredOption("--role <role>", "borrower or lender")
    .option("--out <file>", "write the signed proposal here instead of over the old one")
    .action((options: ProposalOptions, command: Command) =>
      runCommand(command, () => sign(options), {
        human: (result) => `${result.signed_by} consents as ${result.role} to loan ${result.loan_id}`,
      }),
    );

  addSignerOptions(addTargetOptions(loan.command("originate")))
    .description("make the loan from a signed proposal and hand in its terms document")
    .requiredOption("--proposal <file>", "the signed proposal")
    .option("--api <url>", "the API that takes the terms document (without it: the local run's)")
    .action((options: ProposalOptions, command: Command) =>
      runCommand(command, () => originateLoan(options), {
        human: (result) => `loan ${result.loan_id} is disbursed (transaction ${result.transaction_hash})`,
      }),
    );

  addSignerOptions(addTargetOptions(loan.command("repay")))
    .description("pay on a loan, at most what closes it")
    .requiredOption("--loan <id>", "the loan's id")
    .option("--amount <amount>", "such as 305.00, in the loan's currency")
    .option("--payoff", "pay what closes the loan today")
    .action((options: LoanOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/repay.ts")).repayLoan(options), {
        human: (result) =>
          `paid ${result.amount} on loan ${result.loan_id} (transaction ${result.transaction_hash})`,
      }),
    );

  addTargetOptions(loan.command("show"))
    .description("read a loan from the contract itself, not from the mirror")
    .requiredOption("--loan <id>", "the loan's id")
    .action((options: LoanOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/show.ts")).showLoan(options), {
        human: (result) => JSON.stringify(result, null, 2),
      }),
    );
}

async function readProposal(path: string): Promise<Proposal> {
  const { proposalFromJson } = await import("../../chain/proposal.ts");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new AhadiError("proposal_missing", `cannot read the proposal ${path}`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AhadiError("proposal_invalid", `${path} is not JSON`, { cause });
  }
  return proposalFromJson(json);
}

async function sign(options: ProposalOptions) {
  const { role } = options;
  if (role !== "borrower" && role !== "lender") {
    throw new AhadiError("config_invalid", `--role must be borrower or lender, not ${role}`);
  }
  const { proposalToJson, signProposal } = await import("../../chain/proposal.ts");
  const proposal = await readProposal(options.proposal);
  const signer = await chooseSigner(options, role, proposal.domain.chainId);
  const signed = await signProposal(proposal, role, signer);
  await writeFile(options.out ?? options.proposal, `${JSON.stringify(proposalToJson(signed), null, 2)}\n`);
  return { loan_id: signed.loanId, role, signed_by: signer.address, signature: signed.consents[role] as Hex };
}

async function originateLoan(options: ProposalOptions) {
  const [{ originate }, { openSender }, { handInTerms }] = await Promise.all([
    import("../../chain/loans.ts"),
    import("../../chain/send.ts"),
    import("../terms.ts"),
  ]);
  const proposal = await readProposal(options.proposal);
  const target = await resolveTarget({ ...options, chainId: String(proposal.domain.chainId) });
  const signer = await chooseSigner(options, "underwriter", target.chainId);
  const receipt = await originate(await openSender(target.rpcUrl, signer), proposal);
  if (target.apiUrl !== undefined) await handInTerms(target.apiUrl, proposal.loanId, proposal.terms);
  return {
    loan_id: proposal.loanId,
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
    terms_handed_in: target.apiUrl !== undefined,
  };
}
