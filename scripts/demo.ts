import { keccak256, toHex } from "viem";
import { lendingPoolAbi, loanBookAbi, testDollarAbi } from "../chain/abi.ts";
import { type Deployment, readDeployment } from "../chain/deployment.ts";
import { anchorCredential, isEligible } from "../chain/kyc.ts";
import { activate, approve, loanStateOf, originate, repay, signReceipt } from "../chain/loans.ts";
import { type LocalRole, localSigner } from "../chain/operator.ts";
import { deposit, depositCover, requestRedeem } from "../chain/pools.ts";
import { type Proposal, signProposal } from "../chain/proposal.ts";
import { openSender, type Sender } from "../chain/send.ts";
import { isInThePast, today, travelTo } from "./demo/clock.ts";
import { type DemoLoan, prepareProposal, UNIT } from "./demo/proposals.ts";
import { KYC_POLICY } from "./deploy/policy.ts";
import { handInTerms } from "./terms.ts";

/** What the lender brings, and the institution's first loss, in minor units. */
const DEPOSIT_MINOR = 2_000_000n;
const COVER_MINOR = 100_000n;

/** What the lender wants back at the end, in parts of the shares. */
const REDEEMED_PARTS = 20n;

/** Days after the due day on which each instalment is paid: the second one comes late. */
const PAID_DAYS_LATE = [0, 6, 0];

/** How far ahead of the chain's clock the demo's loan is disbursed, in days. */
const DISBURSED_AFTER_DAYS = 2;

/** Days between the funding of the loan through the desk and the borrower's receipt. */
const RECEIPT_AFTER_DAYS = 1;

const CREDENTIAL_LIFETIME_S = 5n * 365n * 86_400n;

interface DemoInput {
  rpcUrl: string;
  apiUrl: string;
  deploymentDir: string;
  stateDir: string;
}

/** Who acts, by part. */
interface Stage {
  input: DemoInput;
  deployment: Deployment;
  sender(role: LocalRole): Promise<Sender>;
}

/**
 * Plays the first months of a demo institution through the same doors as everybody: a lender deposits, the institution
 * covers first losses, the borrower passes KYC and signs, one underwriter approves and another lends, three instalments
 * are repaid, the second one late. Then a second loan is paid out through the desk, which the borrower's receipt starts,
 * and the lender asks for a part of her money. On a chain whose clock stands in the past, each act happens on its own day;
 * where the clock is already at now, all of them happen today.
 * Broken off, it goes on where it stopped; complete, it does nothing.
 */
export async function playDemo(input: DemoInput): Promise<void> {
  const deployment = await readDeployment(input.deploymentDir);
  const sender = (role: LocalRole) => openSender(input.rpcUrl, localSigner(role, deployment.chainId));
  const stage = { input, deployment, sender };
  await fundPool(stage);
  await passKyc(stage);
  await playDirectLoan(stage);
  await playDeskLoan(stage);
  await askForMoney(stage);
}

/** The lender's deposit and the institution's cover. */
async function fundPool({ deployment, sender }: Stage): Promise<void> {
  const { LendingPool, TestDollar } = deployment.contracts;
  if (TestDollar === undefined) return;
  const [lender, supervisor] = [await sender("lender"), await sender("supervisor")];
  const pool = { address: LendingPool.address, abi: lendingPoolAbi } as const;
  const mint = (to: Sender, amount: bigint) => {
    const args = [to.account.address, amount];
    return to.send({ address: TestDollar.address, abi: testDollarAbi, functionName: "mint", args });
  };
  const owner = [lender.account.address] as const;
  const shares = await lender.client.readContract({ ...pool, functionName: "balanceOf", args: owner });
  if (shares === 0n) {
    await mint(lender, DEPOSIT_MINOR * UNIT);
    await deposit(lender, LendingPool.address, DEPOSIT_MINOR * UNIT);
  }
  const { cover } = await lender.client.readContract({ ...pool, functionName: "books" });
  if (cover >= COVER_MINOR * UNIT) return;
  await mint(supervisor, COVER_MINOR * UNIT);
  await depositCover(supervisor, LendingPool.address, COVER_MINOR * UNIT);
}

async function passKyc({ deployment, sender }: Stage): Promise<void> {
  const issuer = await sender("kycIssuer");
  const registry = deployment.contracts.KycRegistry.address;
  const account = (await sender("borrower")).account.address;
  if (await isEligible(issuer, registry, account, KYC_POLICY)) return;
  const commitment = keccak256(toHex(`demo credential of ${account}`));
  const statement = { account, policy: KYC_POLICY, commitment, validForS: CREDENTIAL_LIFETIME_S };
  await anchorCredential(issuer, registry, statement);
}

async function playDirectLoan(stage: Stage): Promise<void> {
  const borrower = await stage.sender("borrower");
  const { address } = borrower.account;
  const daysAhead = (await isInThePast(borrower.client)) ? DISBURSED_AFTER_DAYS : 0;
  const proposal = await prepare(stage, "direct", address, daysAhead);
  await lend(stage, proposal);
  const { payments } = await readLoan(borrower, proposal);
  for (let nr = payments; nr < PAID_DAYS_LATE.length; nr++) {
    const row = proposal.agreement.schedule[nr];
    if (row === undefined) break;
    await travelTo(borrower.client, row.day + (PAID_DAYS_LATE[nr] ?? 0));
    const { verifyingContract } = proposal.domain;
    await repay(borrower, verifyingContract, proposal.loanId, await amountFor(borrower, proposal, nr));
  }
  await handInTerms(stage.input.apiUrl, proposal.loanId, proposal.terms);
}

/** The money waits in LoanBook until the borrower has it from the desk and signs for it. */
async function playDeskLoan(stage: Stage): Promise<void> {
  const [borrower, messenger] = [await stage.sender("borrower"), await stage.sender("supervisor")];
  const desk = (await stage.sender("cashier")).account.address;
  const proposal = await prepare(stage, "desk", desk, 0);
  await lend(stage, proposal);
  await travelTo(borrower.client, proposal.agreement.disburseFromDay + RECEIPT_AFTER_DAYS);
  const { state } = await readLoan(borrower, proposal);
  const isInTime = (await today(borrower.client)) <= proposal.agreement.disburseUntilDay;
  if (loanStateOf(state) === "funded" && isInTime) {
    await activate(messenger, proposal, await signReceipt(proposal, borrower.account));
  }
  await handInTerms(stage.input.apiUrl, proposal.loanId, proposal.terms);
}

/** Her shares wait in the queue until somebody has it served, as the next origination does. */
async function askForMoney({ deployment, sender }: Stage): Promise<void> {
  const lender = await sender("lender");
  const { address } = deployment.contracts.LendingPool;
  const pool = { address, abi: lendingPoolAbi } as const;
  const [, last] = await lender.client.readContract({ ...pool, functionName: "redemptionQueue" });
  if (last > 0n) return;
  const args = [lender.account.address] as const;
  const shares = await lender.client.readContract({ ...pool, functionName: "balanceOf", args });
  await requestRedeem(lender, address, shares / REDEEMED_PARTS);
}

async function prepare(
  { deployment, input, sender }: Stage,
  loan: DemoLoan,
  payee: `0x${string}`,
  daysAhead: number,
): Promise<Proposal> {
  const borrower = await sender("borrower");
  const parties = { borrower: borrower.account.address, payee };
  return await prepareProposal(borrower.client, deployment, input.stateDir, loan, parties, daysAhead);
}

/** From the borrower's signature to the pool's money, unless that is done. */
async function lend({ sender }: Stage, proposal: Proposal): Promise<void> {
  const [borrower, approver] = [await sender("borrower"), await sender("approver")];
  if (loanStateOf((await readLoan(borrower, proposal)).state) !== "none") return;
  await travelTo(borrower.client, proposal.agreement.disburseFromDay);
  const signed = await signProposal(proposal, "borrower", borrower.account);
  const approvals = await approver.client.readContract({
    address: proposal.agreement.lender,
    abi: lendingPoolAbi,
    functionName: "approvalsOf",
    args: [proposal.loanId],
  });
  if (approvals.length === 0) await approve(approver, signed);
  await originate(await sender("underwriter"), signed);
}

/** What the instalment asks for on the day of payment, its penalty included. */
async function amountFor(borrower: Sender, proposal: Proposal, nr: number): Promise<bigint> {
  const day = await today(borrower.client);
  const due = await borrower.client.readContract({
    ...bookOf(proposal),
    functionName: "due",
    args: [proposal.loanId, day],
  });
  const row = proposal.agreement.schedule[nr];
  const instalment = row === undefined ? 0n : row.principal + row.interest + row.fee;
  return instalment + due.penalty;
}

function readLoan({ client }: Sender, proposal: Proposal) {
  return client.readContract({ ...bookOf(proposal), functionName: "loanOf", args: [proposal.loanId] });
}

const bookOf = ({ domain }: Proposal) => ({ address: domain.verifyingContract, abi: loanBookAbi }) as const;
