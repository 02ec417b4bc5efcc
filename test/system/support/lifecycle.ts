import { toHex } from "viem";
import { loanBookAbi } from "../../../chain/abi.ts";
import { connect } from "../../../chain/clients.ts";
import { type Deployment, readDeployment } from "../../../chain/deployment.ts";
import { approve, originate, repay } from "../../../chain/loans.ts";
import { type LocalRole, localSigner } from "../../../chain/operator.ts";
import { propose, signProposal } from "../../../chain/proposal.ts";
import { chainTime, openSender } from "../../../chain/send.ts";
import { dayNumber, formatDate, startOfDay } from "../../../lending/calendar.ts";
import { buildTerms, type LoanRules } from "../../../lending/terms.ts";
import { c02Rules } from "../../support/samples.ts";

const UTC_OFFSET_S = 3 * 3600;

/** Numbers that look random and are the same in every run with the same seed (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** People who act on a running local chain, through the same functions as the command line. */
export async function openInstitution(rpcUrl: string, deploymentDir: string) {
  const deployment = await readDeployment(deploymentDir);
  const client = connect(rpcUrl);
  const sender = (role: LocalRole) => openSender(rpcUrl, localSigner(role, deployment.chainId));
  const [borrower, approver, underwriter] = await Promise.all([
    sender("borrower"),
    sender("approver"),
    sender("underwriter"),
  ]);
  const loanBook = deployment.contracts.LoanBook.address;
  let nextSalt = 1;

  return {
    client,
    deployment,
    /** A small loan of the pool, disbursed today. Returns its id. */
    async lend(principal: bigint, instalments: number) {
      const day = dayNumber(await chainTime(client), UTC_OFFSET_S);
      const proposal = await signProposal(
        offer(deployment, borrower.account.address, { principal, instalments, day, salt: nextSalt++ }),
        "borrower",
        borrower.account,
      );
      await approve(approver, proposal);
      await originate(underwriter, proposal);
      return proposal.loanId;
    },
    repay: (loanId: `0x${string}`, amount: bigint | "payoff") => repay(borrower, loanBook, loanId, amount),
    loanOf: (loanId: `0x${string}`) =>
      client.readContract({ address: loanBook, abi: loanBookAbi, functionName: "loanOf", args: [loanId] }),
    /** The next block comes `seconds` after the newest one. */
    async passTime(seconds: number) {
      await client.request({ method: "evm_increaseTime", params: [toHex(seconds)] } as never);
      await client.request({ method: "evm_mine", params: [] } as never);
    },
    /** Replaces the newest `depth` blocks by empty ones. */
    async reorg(depth: number) {
      await client.request({ method: "anvil_reorg", params: [depth, []] } as never);
    },
  };
}

const { first_repayment_date: _first, ...rules } = c02Rules;

/** Other rules than the demo's wherever there is a choice. */
const weekly = {
  ...rules,
  currency: { symbol: "TUSD", decimals: 2 },
  rate_bps: 2400,
  repay_unit: "weeks",
  interest_method: "flat",
  instalment_multiple: "1",
  instalment_fee: "10",
  upfront_fee: "100",
  waterfall: ["interest", "principal", "penalty", "fee"],
} satisfies Partial<LoanRules>;

function offer(
  deployment: Deployment,
  borrower: `0x${string}`,
  loan: { principal: bigint; instalments: number; day: number; salt: number },
) {
  const { LoanBook, LendingPool, TestDollar } = deployment.contracts;
  if (TestDollar === undefined) throw new Error("a local deployment has a test dollar");
  const salt = toHex(loan.salt, { size: 32 });
  return propose(deployment.chainId, LoanBook.address, {
    terms: buildTerms({
      ...weekly,
      principal: String(loan.principal),
      number_of_instalments: loan.instalments,
      disbursement_date: formatDate(loan.day),
      salt,
    }),
    borrower,
    lender: LendingPool.address,
    currency: TestDollar.address,
    unit: 10_000n,
    disburseUntilDay: loan.day + 3,
    utcOffset: UTC_OFFSET_S,
    salt,
    expiry: BigInt(startOfDay(loan.day + 4, UTC_OFFSET_S)),
  });
}
