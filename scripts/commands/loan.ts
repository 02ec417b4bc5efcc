import type { Command } from "commander";
import { runCommand } from "../command.ts";
import { describeLoan } from "../loan/describe.ts";
import type { ProposalOptions } from "../loan/proposal.ts";
import { addSignerOptions, type SignerOptions } from "../signer.ts";
import { addTargetOptions, type TargetOptions } from "../target.ts";

interface ProposeOptions extends TargetOptions {
  terms: string;
  borrower: string;
  lender?: string;
  payee?: string;
  until?: string;
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
    .description("the life of a loan: propose, sign, approve, originate, activate, repay, show");

  addTargetOptions(loan.command("propose"))
    .description("make an agreement from terms; nobody has signed it yet")
    .requiredOption("--terms <file>", "the product terms as JSON (fields: docs/loans.md)")
    .requiredOption("--borrower <address>", "who will owe")
    .option("--lender <address>", "who lends (without it: the deployment's pool)")
    .option("--payee <address>", "a desk that pays out by hand (without it: the borrower)")
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
      runCommand(command, async () => (await import("../loan/proposal.ts")).signLoan(options), {
        human: (result) => `${result.signed_by} consents as ${result.role} to loan ${result.loan_id}`,
      }),
    );

  addSignerOptions(addTargetOptions(loan.command("approve")))
    .description("agree, as an underwriter, that the pool makes the loan; another underwriter originates it")
    .requiredOption("--proposal <file>", "the proposal")
    .action((options: ProposalOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/proposal.ts")).approveLoan(options), {
        human: (result) => `${result.approved_by} approves loan ${result.loan_id}`,
      }),
    );

  addSignerOptions(addTargetOptions(loan.command("originate")))
    .description("make the loan from a signed proposal and hand in its terms document")
    .requiredOption("--proposal <file>", "the signed proposal")
    .option("--api <url>", "the API that takes the terms document (without it: the local run's)")
    .action((options: ProposalOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/proposal.ts")).originateLoan(options), {
        human: (result) => `loan ${result.loan_id} is made (transaction ${result.transaction_hash})`,
      }),
    );

  addSignerOptions(addTargetOptions(loan.command("activate")))
    .description("confirm, as the borrower of a loan through a desk, that you hold the money: the loan runs")
    .requiredOption("--proposal <file>", "the proposal that became the loan")
    .action((options: ProposalOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/proposal.ts")).activateLoan(options), {
        human: (result) => `loan ${result.loan_id} runs (transaction ${result.transaction_hash})`,
      }),
    );

  addTargetOptions(loan.command("terms"))
    .description("hand in the terms document of a loan that is on the chain already")
    .requiredOption("--proposal <file>", "the proposal that became the loan")
    .option("--api <url>", "the API that takes it (without it: the local run's)")
    .action((options: ProposalOptions, command: Command) =>
      runCommand(command, async () => (await import("../loan/proposal.ts")).handInLoanTerms(options), {
        human: (result) => `the terms document of loan ${result.loan_id} is handed in`,
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
        human: describeLoan,
      }),
    );
}
