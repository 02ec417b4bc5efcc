import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keccak256, type PublicClient, toHex } from "viem";
import { lendingPoolAbi, loanBookAbi, testDollarAbi } from "../chain/abi.ts";
import { type Deployment, readDeployment } from "../chain/deployment.ts";
import { deposit, originate, repay } from "../chain/loans.ts";
import { type LocalRole, localSigner } from "../chain/operator.ts";
import { type Proposal, proposalFromJson, proposalToJson, propose, signProposal } from "../chain/proposal.ts";
import { chainTime, openSender, type Sender } from "../chain/send.ts";
import { dayNumber, formatDate, startOfDay } from "../lending/calendar.ts";
import { buildTerms } from "../lending/terms.ts";
import { handInTerms } from "./terms.ts";

const UTC_OFFSET_S = 3 * 3600;
const DECIMALS = 2;
const UNIT = 10_000n;
const DEPOSIT_MINOR = 2_000_000n;

/** Days after the due day on which each instalment is paid: the second one comes late. */
const PAID_DAYS_LATE = [0, 6, 0];

/** How far ahead of the chain's clock the demo's loan is disbursed, in days. */
const DISBURSED_AFTER_DAYS = 2;

/**
 * Plays the life of one loan for a demo institution through the same doors as everybody: a lender deposits, the borrower
 * signs, the pool funds, three instalments are repaid, the second one late. On a chain whose clock stands in the past,
 * each act happens on its own day; where the clock is already at now, all of them happen today.
 * Broken off, it goes on where it stopped; complete, it does nothing.
 */
export async function playDemo(input: {
  rpcUrl: string;
  apiUrl: string;
  deploymentDir: string;
  stateDir: string;
}): Promise<void> {
  const deployment = await readDeployment(input.deploymentDir);
  const sender = (role: LocalRole) => openSender(input.rpcUrl, localSigner(role, deployment.chainId));
  const borrower = await sender("borrower");
  const proposal = await prepareProposal(borrower, deployment, input.stateDir);
  const loanBook = deployment.contracts.LoanBook.address;
  const book = { address: loanBook, abi: loanBookAbi } as const;
  const standing = () =>
    borrower.client.readContract({ ...book, functionName: "loanOf", args: [proposal.loanId] });

  if ((await standing()).state === 0) {
    await fundPool(await sender("lender"), deployment);
    await travelTo(borrower.client, proposal.agreement.disburseFromDay);
    const signed = await signProposal(proposal, "borrower", borrower.account);
    await originate(await sender("underwriter"), signed);
  }
  const loan = await standing();
  for (let nr = loan.payments; nr < PAID_DAYS_LATE.length; nr++) {
    const row = proposal.agreement.schedule[nr];
    if (row === undefined) break;
    await travelTo(borrower.client, row.day + (PAID_DAYS_LATE[nr] ?? 0));
    await repay(borrower, loanBook, proposal.loanId, await amountFor(borrower, proposal, nr));
  }
  await handInTerms(input.apiUrl, proposal.loanId, proposal.terms);
}

/** What the instalment asks for on the day of payment, its penalty included. */
async function amountFor(borrower: Sender, proposal: Proposal, nr: number): Promise<bigint> {
  const book = { address: proposal.domain.verifyingContract, abi: loanBookAbi } as const;
  const { client } = borrower;
  const day = await nextBlockDay(client);
  const due = await client.readContract({ ...book, functionName: "due", args: [proposal.loanId, day] });
  const row = proposal.agreement.schedule[nr];
  const instalment = row === undefined ? 0n : row.principal + row.interest + row.fee;
  return instalment + due.penalty;
}

async function fundPool(lender: Sender, deployment: Deployment): Promise<void> {
  const { LendingPool, TestDollar } = deployment.contracts;
  const pool = { address: LendingPool.address, abi: lendingPoolAbi } as const;
  const cash = await lender.client.readContract({ ...pool, functionName: "cash" });
  const amount = DEPOSIT_MINOR * UNIT;
  if (cash >= amount || TestDollar === undefined) return;
  const args = [lender.account.address, amount];
  await lender.send({ address: TestDollar.address, abi: testDollarAbi, functionName: "mint", args });
  await deposit(lender, LendingPool.address, amount);
}

/** The demo's agreement, kept in a file so that a second start goes on with the same loan. */
async function prepareProposal(
  borrower: Sender,
  deployment: Deployment,
  stateDir: string,
): Promise<Proposal> {
  const file = join(stateDir, "demo-proposal.json");
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return proposalFromJson(JSON.parse(kept));

  const now = await chainTime(borrower.client);
  const inThePast = now < BigInt(Math.floor(Date.now() / 1000)) - 86_400n;
  const day = dayNumber(now, UTC_OFFSET_S) + (inThePast ? DISBURSED_AFTER_DAYS : 0);
  const { LoanBook, LendingPool, TestDollar } = deployment.contracts;
  const proposal = propose(deployment.chainId, LoanBook.address, {
    terms: demoTerms(formatDate(day)),
    borrower: borrower.account.address,
    lender: LendingPool.address,
    currency: TestDollar?.address ?? LendingPool.address,
    unit: UNIT,
    disburseFromDay: day,
    disburseUntilDay: day + 5,
    utcOffset: UTC_OFFSET_S,
    salt: keccak256(toHex(`demo loan of ${deployment.genesisHash}`)),
    expiry: BigInt(startOfDay(day + 6, UTC_OFFSET_S)),
  });
  await mkdir(stateDir, { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(proposalToJson(proposal), null, 2));
  await rename(`${file}.new`, file);
  return proposal;
}

/** 5,000.00 at 12 % in 18 equal monthly instalments, interest on the declining balance: golden case C02. */
function demoTerms(disbursementDate: string) {
  return buildTerms({
    currency: { symbol: "TUSD", decimals: DECIMALS },
    principal: "500000",
    rate_bps: 1200,
    number_of_instalments: 18,
    repay_every: 1,
    repay_unit: "months",
    interest_method: "declining_balance",
    interest_period: "repayment_period",
    amortisation: "equal_instalments",
    rounding: "half_even",
    instalment_multiple: "100",
    instalment_fee: "0",
    disbursement_date: disbursementDate,
    salt: keccak256(toHex(`demo terms of ${disbursementDate}`)),
    language: "en",
    upfront_fee: "0",
    penalty: { rate_bps: 2400, grace_days: 2, cap: "5000" },
    waterfall: ["penalty", "fee", "interest", "principal"],
    early_settlement: "pro_rata",
    reversal_days: 0,
  });
}

/** Ten in the morning of `day`, if that is still ahead of the chain and behind the person's clock. */
async function travelTo(client: PublicClient, day: number): Promise<void> {
  const time = BigInt(startOfDay(day, UTC_OFFSET_S) + 10 * 3600);
  if (time <= (await chainTime(client)) || time > BigInt(Math.floor(Date.now() / 1000))) return;
  await client.request({ method: "evm_setNextBlockTimestamp", params: [toHex(time)] } as never);
  await client.request({ method: "evm_mine", params: [] } as never);
}

async function nextBlockDay(client: PublicClient): Promise<number> {
  return dayNumber(await chainTime(client), UTC_OFFSET_S);
}
