import { type Address, type Hex, parseSignature, type TransactionReceipt } from "viem";
import { checkTermsDocument } from "../lending/offer.ts";
import { AhadiError } from "../platform/errors.ts";
import { lendingPoolAbi, loanBookAbi, testDollarAbi } from "./abi.ts";
import { hasConsent, type Proposal } from "./proposal.ts";
import { chainTime, type Sender } from "./send.ts";

/** Seconds for which a signed permission to pull tokens is good. */
const PERMIT_LIFETIME_S = 3600n;

/**
 * Makes the loan. Through the pool when the lender is one (the sender is its underwriter), otherwise with both
 * signatures. Throws LendingError (the terms document is not the agreement's) or AhadiError `consent_missing` before
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
  const isPool = await sender.client.readContract({
    address: loanBook,
    abi: loanBookAbi,
    functionName: "isPool",
    args: [agreement.lender],
  });
  const borrowerSignature = consents.borrower ?? "0x";
  if (isPool) {
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

/**
 * Pays `amount` minor units on a loan from the sender's tokens, at most what closes it, with a permit for exactly that.
 * Throws AhadiError `loan_unknown`, `loan_closed`, `amount_too_small`, or `refused` with the contract's error.
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

/** Puts `assets` base units into a pool with an allowance for exactly that. */
export async function deposit(sender: Sender, pool: Address, assets: bigint): Promise<TransactionReceipt> {
  const currency = await sender.client.readContract({
    address: pool,
    abi: lendingPoolAbi,
    functionName: "asset",
  });
  await sender.send({ address: currency, abi: testDollarAbi, functionName: "approve", args: [pool, assets] });
  const args = [assets, sender.account.address];
  return await sender.send({ address: pool, abi: lendingPoolAbi, functionName: "deposit", args });
}

/** A loan as LoanBook keeps it. Throws AhadiError `loan_unknown` or `loan_closed`. */
async function readLoan(sender: Sender, loanBook: Address, loanId: Hex) {
  const loan = await sender.client.readContract({
    address: loanBook,
    abi: loanBookAbi,
    functionName: "loanOf",
    args: [loanId],
  });
  if (loan.state === 0) throw new AhadiError("loan_unknown", `there is no loan ${loanId}`);
  if (loan.state === 2) throw new AhadiError("loan_closed", `loan ${loanId} is closed: nothing is owed`);
  return loan;
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
