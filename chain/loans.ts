import { type Address, type Hex, type LocalAccount, parseSignature, type TransactionReceipt } from "viem";
import { checkTermsDocument } from "../lending/offer.ts";
import { amountPaidOut, receiptTypedData } from "../lending/receipt.ts";
import { LOAN_STATES, type LoanState } from "../lending/standing.ts";
import { AhadiError } from "../platform/errors.ts";
import { lendingPoolAbi, loanBookAbi, testDollarAbi } from "./abi.ts";
import { hasConsent, type Proposal } from "./proposal.ts";
import { chainTime, type Sender } from "./send.ts";

/** Seconds for which a signed permission to pull tokens is good. */
const PERMIT_LIFETIME_S = 3600n;

/**
 * An underwriter agrees that the proposal's pool makes this loan, after checking the terms document as `originate` does.
 * Throws LendingError, AhadiError `not_a_pool`, or `refused` with the contract's error.
 */
export async function approve(sender: Sender, proposal: Proposal): Promise<TransactionReceipt> {
  const { agreement, domain, loanId } = proposal;
  checkTermsDocument(agreement, proposal.terms);
  if (!(await isPool(sender, domain.verifyingContract, agreement.lender))) {
    throw new AhadiError("not_a_pool", `the lender ${agreement.lender} is no pool: nobody has to approve`);
  }
  return await sender.send({
    address: agreement.lender,
    abi: lendingPoolAbi,
    functionName: "approveLoan",
    args: [loanId],
  });
}

/**
 * Makes the loan. Through the pool when the lender is one (the sender is its underwriter, and another one has approved),
 * otherwise with both signatures. Throws LendingError (the terms document is not the agreement's) or AhadiError `consent_missing` before
 * anything is sent, or `refused` with the contract's error.
 */
export async function originate(sender: Sender, proposal: Proposal): Promise<TransactionReceipt> {
  const { agreement, consents, domain } = proposal;
  // The money moves for good: a document that nobody could hand in afterwards is found out now.
  checkTermsDocument(agreement, proposal.terms);
  if (!(await hasConsent(sender.client, proposal, "borrower"))) {
    throw new AhadiError("consent_missing", "the borrower has not signed this agreement", {
      hint: "run `ahadi loan sign --role borrower`",
    });
  }
  const loanBook = domain.verifyingContract;
  const borrowerSignature = consents.borrower ?? "0x";
  if (await isPool(sender, loanBook, agreement.lender)) {
    const args = [agreement, borrowerSignature];
    return await sender.send({
      address: agreement.lender,
      abi: lendingPoolAbi,
      functionName: "originate",
      args,
    });
  }
  const args = [agreement, borrowerSignature, consents.lender ?? "0x"];
  return await sender.send({ address: loanBook, abi: loanBookAbi, functionName: "originate", args });
}

/** The borrower confirms that she holds the money of a loan through a desk. */
export async function signReceipt(proposal: Proposal, borrower: LocalAccount): Promise<Hex> {
  const { domain, loanId, agreement } = proposal;
  return await borrower.signTypedData(receiptTypedData(domain, loanId, amountPaidOut(agreement)));
}

/**
 * Pays a *Funded* loan out to its desk, from when on it runs. Anybody may bring the borrower's receipt.
 * Throws AhadiError `refused` with the contract's error.
 */
export async function activate(
  sender: Sender,
  proposal: Proposal,
  receipt: Hex,
): Promise<TransactionReceipt> {
  const { domain, loanId } = proposal;
  return await sender.send({
    address: domain.verifyingContract,
    abi: loanBookAbi,
    functionName: "activate",
    args: [loanId, receipt],
  });
}

/**
 * Pays `amount` minor units on a loan from the sender's tokens, at most what closes it, with a permit for exactly that.
 * Throws AhadiError `loan_unknown`, `loan_not_running`, `amount_too_small`, or `refused` with the contract's error.
 */
export async function repay(
  sender: Sender,
  loanBook: Address,
  loanId: Hex,
  amount: bigint | "payoff",
): Promise<{ receipt: TransactionReceipt; amount: bigint }> {
  const loan = await readLoan(sender, loanBook, loanId);
  const book = { address: loanBook, abi: loanBookAbi } as const;
  const day = await sender.client.readContract({ ...book, functionName: "today", args: [loanId] });
  const quote = await sender.client.readContract({ ...book, functionName: "payoff", args: [loanId, day] });
  const closes = quote.penalty + quote.fee + quote.interest + quote.principal;
  const taken = amount === "payoff" || amount > closes ? closes : amount;
  if (taken <= 0n) {
    throw new AhadiError("amount_too_small", `amount must be above 0, it is ${taken} minor units`);
  }
  const deadline = (await chainTime(sender.client)) + PERMIT_LIFETIME_S;
  const permit = await signPermit(sender, loan.currency, loanBook, taken * loan.unit, deadline);
  const { r, s, yParity } = parseSignature(permit);
  const args = [loanId, taken, deadline, yParity + 27, r, s];
  const receipt = await sender.send({
    address: loanBook,
    abi: loanBookAbi,
    functionName: "repayWithPermit",
    args,
  });
  return { receipt, amount: taken };
}

async function isPool(sender: Sender, loanBook: Address, lender: Address): Promise<boolean> {
  return await sender.client.readContract({
    address: loanBook,
    abi: loanBookAbi,
    functionName: "isPool",
    args: [lender],
  });
}

/** What a number of `ILoanBook.sol`'s `LoanState` means. */
export function loanStateOf(state: number): LoanState {
  return LOAN_STATES[state] ?? "none";
}

/** A loan on which something is owed, as LoanBook keeps it. Throws AhadiError `loan_unknown` or `loan_not_running`. */
async function readLoan(sender: Sender, loanBook: Address, loanId: Hex) {
  const loan = await sender.client.readContract({
    address: loanBook,
    abi: loanBookAbi,
    functionName: "loanOf",
    args: [loanId],
  });
  const state = loanStateOf(loan.state);
  if (state === "none") throw new AhadiError("loan_unknown", `there is no loan ${loanId}`);
  if (state === "active" || state === "written_off") return loan;
  throw new AhadiError("loan_not_running", `loan ${loanId} is ${state}: nothing is owed`);
}

/** ERC-2612: the owner's signature lets `spender` pull exactly `value` until `deadline`. */
async function signPermit(
  sender: Sender,
  token: Address,
  spender: Address,
  value: bigint,
  deadline: bigint,
): Promise<Hex> {
  const owner = sender.account.address;
  const abi = testDollarAbi;
  const [nonce, domain] = await Promise.all([
    sender.client.readContract({ address: token, abi, functionName: "nonces", args: [owner] }),
    sender.client.readContract({ address: token, abi, functionName: "eip712Domain" }),
  ]);
  const [, name, version, chainId, verifyingContract] = domain;
  return await sender.account.signTypedData({
    domain: { name, version, chainId: Number(chainId), verifyingContract },
    types: {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    primaryType: "Permit",
    message: { owner, spender, value, nonce, deadline },
  });
}
