import { loanBookAbi, testDollarAbi } from "../../chain/abi.ts";
import { assertChain, connect } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { loanStateOf } from "../../chain/loans.ts";
import { formatDate } from "../../lending/calendar.ts";
import { AhadiError } from "../../platform/errors.ts";
import { resolveTarget, type TargetOptions } from "../target.ts";
import { loanIdOption } from "./id.ts";

/** A loan as the contract answers: amounts in minor units. Needs no database and no operator. */
export async function showLoan(options: TargetOptions & { loan: string }) {
  const loanId = loanIdOption(options.loan);
  const { rpcUrl, deploymentDir } = await resolveTarget(options);
  const client = connect(rpcUrl);
  const deployment = await readDeployment(deploymentDir);
  await assertChain(client, deployment, rpcUrl);
  const book = { address: deployment.contracts.LoanBook.address, abi: loanBookAbi } as const;
  const { number: blockNumber, hash } = await client.getBlock({ includeTransactions: false });
  const at = { ...book, blockNumber, args: [loanId] } as const;
  const loan = await client.readContract({ ...at, functionName: "loanOf" });
  if (loan.state === 0) throw new AhadiError("loan_unknown", `there is no loan ${loanId}`);
  const [schedule, owner, today, daysPastDue] = await Promise.all([
    client.readContract({ ...at, functionName: "scheduleOf" }),
    client.readContract({ ...at, functionName: "ownerOf", args: [BigInt(loanId)] }),
    client.readContract({ ...at, functionName: "today" }),
    client.readContract({ ...at, functionName: "daysPastDue" }),
  ]);
  const onDay = { ...book, blockNumber, args: [loanId, today] } as const;
  const token = { address: loan.currency, abi: testDollarAbi, blockNumber } as const;
  const [due, payoff, symbol, tokenDecimals] = await Promise.all([
    client.readContract({ ...onDay, functionName: "due" }),
    client.readContract({ ...onDay, functionName: "payoff" }),
    client.readContract({ ...token, functionName: "symbol" }),
    client.readContract({ ...token, functionName: "decimals" }),
  ]);
  return {
    loan_id: loanId,
    as_of: { block_number: blockNumber, block_hash: hash, today: formatDate(today) },
    state: loanStateOf(loan.state),
    borrower: loan.borrower,
    lender: loan.lender,
    owner,
    payee: loan.payee,
    currency: {
      address: loan.currency,
      symbol,
      decimals: tokenDecimals - (String(loan.unit).length - 1),
      unit: loan.unit,
    },
    version: loan.version,
    principal: loan.principal,
    upfront_fee: loan.upfrontFee,
    disburse_until: formatDate(loan.disburseUntilDay),
    started_on: loan.startDay === 0 ? null : formatDate(loan.startDay),
    utc_offset_s: loan.utcOffset,
    penalty: {
      rate_bps: loan.penaltyRateBps,
      grace_days: loan.penaltyGraceDays,
      cap: loan.penaltyCap,
    },
    waterfall: loan.waterfall,
    early_settlement: loan.earlySettlement === 0 ? "full" : "pro_rata",
    reversal_days: loan.reversalDays,
    cooling_off_days: loan.coolingOffDays,
    payments: loan.payments,
    paid: loan.paid,
    waived_interest: loan.waivedInterest,
    instalments_paid: loan.nextInstalment,
    days_past_due: daysPastDue,
    arrears_since: loan.arrearsDay === 0 ? null : formatDate(loan.arrearsDay),
    paid_on_time: loan.paidOnTime,
    due_today: due,
    payoff_today: payoff,
    schedule: schedule.map((row, index) => ({
      nr: index + 1,
      due_date: formatDate(row.day),
      principal: row.principal,
      interest: row.interest,
      fee: row.fee,
    })),
  };
}

export type ShownLoan = Awaited<ReturnType<typeof showLoan>>;
