import { loanBookAbi, testDollarAbi } from "../../chain/abi.ts";
import { assertChain } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { repay } from "../../chain/loans.ts";
import { openSender } from "../../chain/send.ts";
import { formatMoney, parseMoney } from "../../lending/money.ts";
import { AhadiError } from "../../platform/errors.ts";
import { chooseSigner, type SignerOptions } from "../signer.ts";
import { resolveTarget, type TargetOptions } from "../target.ts";
import { loanIdOption } from "./id.ts";

/** Pays `--amount`, or with `--payoff` what closes the loan, from the signer's tokens. */
export async function repayLoan(
  options: TargetOptions & SignerOptions & { loan: string; amount?: string; payoff?: boolean },
) {
  if ((options.amount === undefined) === (options.payoff !== true)) {
    throw new AhadiError("config_invalid", "give either --amount or --payoff");
  }
  const loanId = loanIdOption(options.loan);
  const target = await resolveTarget(options);
  const deployment = await readDeployment(target.deploymentDir);
  const signer = await chooseSigner(options, "borrower", target.chainId);
  const sender = await openSender(target.rpcUrl, signer);
  await assertChain(sender.client, deployment, target.rpcUrl);
  const loanBook = deployment.contracts.LoanBook.address;

  const { client } = sender;
  const book = { address: loanBook, abi: loanBookAbi } as const;
  const loan = await client.readContract({ ...book, functionName: "loanOf", args: [loanId] });
  if (loan.state === 0) throw new AhadiError("loan_unknown", `there is no loan ${loanId}`);
  const token = { address: loan.currency, abi: testDollarAbi } as const;
  const tokenDecimals = await client.readContract({ ...token, functionName: "decimals" });
  const decimals = tokenDecimals - (String(loan.unit).length - 1);
  const wanted = options.amount === undefined ? "payoff" : parseMoney(options.amount, decimals, "--amount");
  const { receipt, amount } = await repay(sender, loanBook, loanId, wanted);
  return {
    loan_id: loanId,
    amount: formatMoney(amount, decimals),
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
  };
}
