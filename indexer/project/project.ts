import type { DecodedLog } from "../decode/decode.ts";
import { RetryableError } from "../errors.ts";
import { projectKycRegistry } from "./kyc-registry.ts";
import { projectLendingPool } from "./lending-pool.ts";
import { projectLoanBook } from "./loan-book.ts";
import { type Facts, noFacts } from "./tables.ts";
import { projectWalletRecovery } from "./wallet-recovery.ts";

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
    if (event?.contract === "LoanBook") projectLoanBook(event, log.address, proof, facts);
    if (event?.contract === "LendingPool") projectLendingPool(event, log.address, proof, facts);
    if (event?.contract === "KycRegistry") projectKycRegistry(event, proof, facts);
    if (event?.contract === "WalletRecovery") projectWalletRecovery(event, proof, facts);
  }
  checkAllocations(facts);
  return facts;
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
