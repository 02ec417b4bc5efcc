import { type Hex, numberToHex } from "viem";
import type { DecodedLog, KnownEvent } from "../decode/decode.ts";
import { RetryableError } from "../errors.ts";
import { type Facts, noFacts } from "./tables.ts";

type LoanBookEvent = Extract<KnownEvent, { contract: "LoanBook" }>;
type LendingPoolEvent = Extract<KnownEvent, { contract: "LendingPool" }>;
type Args<E extends LoanBookEvent["eventName"]> = Extract<LoanBookEvent, { eventName: E }>["args"];
type Proof = Pick<Facts["pool"][number], "block_number" | "block_hash" | "tx_hash" | "log_index">;

/** Turns logs into rows: a pure function of the journal, so the mirror can be computed again at any time. */
export function project(decoded: readonly DecodedLog[]): Facts {
  const facts = noFacts();
  for (const { log, event } of decoded) {
    const proof = {
      block_number: log.blockNumber,
      block_hash: log.blockHash,
      tx_hash: log.txHash,
      log_index: log.logIndex,
    };
    facts.log.push({
      ...proof,
      tx_index: log.txIndex,
      address: log.address,
      topics: log.topics,
      data: log.data,
      event: event?.eventName ?? null,
    });
    if (event?.contract === "LoanBook") projectLoanBook(event, proof, facts);
    if (event?.contract === "LendingPool") projectLendingPool(event, log.address, proof, facts);
  }
  checkAllocations(facts);
  return facts;
}

/** Events without a case stand in the journal alone. */
function projectLoanBook(event: LoanBookEvent, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "CurrencyAllowed": {
      const { currency, allowed, decimals, symbol } = event.args;
      facts.currency.push({ address: currency, allowed, decimals, symbol: storable(symbol), ...proof });
      break;
    }
    case "PoolRegistered": {
      const { pool, currency, utcOffset } = event.args;
      facts.pool.push({ address: pool, currency, utc_offset_s: utcOffset, ...proof });
      break;
    }
    case "LoanOriginated":
      projectLoan(event.args, proof, facts);
      break;
    case "Disbursed": {
      const { loanId, payee, day, amount, upfrontFee } = event.args;
      facts.disbursement.push({ loan_id: loanId, payee, day, amount, upfront_fee: upfrontFee, ...proof });
      break;
    }
    case "Repaid":
      projectPayment(event.args, proof, facts);
      break;
    case "InstalmentRepaid": {
      const { loanId, index, paymentNr, waivedInterest, penalty, fee, interest, principal } = event.args;
      const key = { loan_id: loanId, payment_nr: paymentNr, instalment_nr: index + 1 };
      facts.allocation.push({
        ...key,
        penalty,
        fee,
        interest,
        principal,
        waived_interest: waivedInterest,
        ...proof,
      });
      break;
    }
    case "LoanClosed":
      facts.closing.push({ loan_id: event.args.loanId, day: event.args.day, ...proof });
      break;
    case "Transfer": {
      const { from, to, tokenId } = event.args;
      const loanId = numberToHex(tokenId, { size: 32 });
      facts.note_transfer.push({ loan_id: loanId, from_address: from, to_address: to, ...proof });
      break;
    }
  }
}

function projectLoan({ loanId, agreement }: Args<"LoanOriginated">, proof: Proof, facts: Facts): void {
  facts.loan.push({
    loan_id: loanId,
    borrower: agreement.borrower,
    lender: agreement.lender,
    currency: agreement.currency,
    unit: agreement.unit,
    payee: agreement.payee,
    disburse_from_day: agreement.disburseFromDay,
    disburse_until_day: agreement.disburseUntilDay,
    principal: agreement.principal,
    total_repayable: agreement.totalRepayable,
    first_day: agreement.firstDay,
    last_day: agreement.lastDay,
    instalment_count: agreement.count,
    upfront_fee: agreement.upfrontFee,
    penalty_rate_bps: agreement.penaltyRateBps,
    penalty_grace_days: agreement.penaltyGraceDays,
    penalty_cap: agreement.penaltyCap,
    waterfall: agreement.waterfall,
    early_settlement: agreement.earlySettlement,
    reversal_days: agreement.reversalDays,
    utc_offset_s: agreement.utcOffset,
    document_hash: agreement.documentHash,
    language: agreement.language,
    salt: agreement.salt,
    expiry: agreement.expiry,
    ...proof,
  });
  agreement.schedule.forEach(({ day, principal, interest, fee }, index) => {
    facts.instalment.push({ loan_id: loanId, nr: index + 1, day, principal, interest, fee, ...proof });
  });
}

function projectPayment(args: Args<"Repaid">, proof: Proof, facts: Facts): void {
  const { loanId, payer, recipient, paymentNr, day, paid, totals } = args;
  facts.payment.push({
    loan_id: loanId,
    nr: paymentNr,
    payer,
    recipient,
    day,
    ...paid,
    penalty_total: totals.penalty,
    fee_total: totals.fee,
    interest_total: totals.interest,
    principal_total: totals.principal,
    waived_interest: args.waivedInterest,
    outstanding_principal: args.outstandingPrincipal,
    ...proof,
  });
}

function projectLendingPool(event: LendingPoolEvent, pool: Hex, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "PoolUpdated": {
      const { cash, heldCash, outstandingPrincipal, incomeReceived, totalSupply } = event.args;
      facts.pool_state.push({
        pool,
        cash,
        held_cash: heldCash,
        outstanding_principal: outstandingPrincipal,
        income_received: incomeReceived,
        total_supply: totalSupply,
        ...proof,
      });
      break;
    }
    case "Deposit": {
      const { sender, owner, assets, shares } = event.args;
      facts.pool_flow.push({
        pool,
        kind: "deposit",
        sender,
        owner,
        receiver: owner,
        assets,
        shares,
        ...proof,
      });
      break;
    }
    case "Withdraw": {
      const { sender, owner, receiver, assets, shares } = event.args;
      facts.pool_flow.push({ pool, kind: "withdrawal", sender, owner, receiver, assets, shares, ...proof });
      break;
    }
  }
}

/** Postgres cannot store U+0000 in text, and a stranger's event must not be able to stop the mirror. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\ufffd");
}

/**
 * A payment and its allocations come from one transaction, so they are always in the same batch, and they must sum up.
 * If they do not, the node left out a log. Throws RetryableError.
 */
function checkAllocations(facts: Facts): void {
  const sums = new Map<string, bigint>();
  for (const a of facts.allocation) {
    const key = `${a.loan_id} payment ${a.payment_nr}`;
    const sum = a.penalty + a.fee + a.interest + a.principal + a.waived_interest;
    sums.set(key, (sums.get(key) ?? 0n) + sum);
  }
  for (const p of facts.payment) {
    const key = `${p.loan_id} payment ${p.nr}`;
    const sum = p.penalty + p.fee + p.interest + p.principal + p.waived_interest;
    if (sums.get(key) !== sum)
      throw new RetryableError("chain", `the node left out allocations of loan ${key}`);
  }
}
