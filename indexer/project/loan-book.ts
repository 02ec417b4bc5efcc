import { type Hex, numberToHex } from "viem";
import type { Instalment } from "../../lending/agreement.ts";
import type { KnownEvent } from "../decode/decode.ts";
import type { Facts, Proof } from "./tables.ts";

type LoanBookEvent = Extract<KnownEvent, { contract: "LoanBook" }>;
type Args<E extends LoanBookEvent["eventName"]> = Extract<LoanBookEvent, { eventName: E }>["args"];

/** Facts of LoanBook, which stands at `loanBook`. Events without a case stand in the journal alone. */
export function projectLoanBook(event: LoanBookEvent, loanBook: Hex, proof: Proof, facts: Facts): void {
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
    case "RecorderSet": {
      const { recorder, registered } = event.args;
      facts.recorder.push({ address: recorder, registered, ...proof });
      break;
    }
    case "Paused":
    case "Unpaused": {
      const paused = event.eventName === "Paused";
      facts.pause.push({ contract: loanBook, paused, account: event.args.account, ...proof });
      break;
    }
    case "PaymentHeld": {
      const { currency, account, amount, owed } = event.args;
      facts.held.push({ currency, account, kind: "held", receiver: loanBook, amount, owed, ...proof });
      break;
    }
    case "HeldPaymentCollected": {
      const { currency, account, to, amount } = event.args;
      facts.held.push({ currency, account, kind: "collected", receiver: to, amount, owed: 0n, ...proof });
      break;
    }
    case "Transfer": {
      const { from, to, tokenId } = event.args;
      const loanId = numberToHex(tokenId, { size: 32 });
      facts.note_transfer.push({ loan_id: loanId, from_address: from, to_address: to, ...proof });
      break;
    }
    default:
      projectLife(event, proof, facts);
      projectPayment(event, proof, facts);
  }
}

/** The turns of a loan's life. */
function projectLife(event: LoanBookEvent, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "LoanOriginated":
      projectLoan(event.args, proof, facts);
      break;
    case "LoanFunded": {
      const { loanId, payee, day, amount } = event.args;
      facts.funding.push({ loan_id: loanId, payee, day, amount, ...proof });
      break;
    }
    case "Disbursed": {
      const { loanId, payee, day, amount, upfrontFee } = event.args;
      facts.disbursement.push({ loan_id: loanId, payee, day, amount, upfront_fee: upfrontFee, ...proof });
      break;
    }
    case "LoanCancelled": {
      const { loanId, by, recipient, day, amount } = event.args;
      const key = { loan_id: loanId, kind: "cancelled", by_address: by };
      facts.cancellation.push({ ...key, recipient, day, amount, ...proof });
      break;
    }
    case "LoanReturned": {
      const { loanId, payer, recipient, day, amount } = event.args;
      const key = { loan_id: loanId, kind: "returned", by_address: payer };
      facts.cancellation.push({ ...key, recipient, day, amount, ...proof });
      break;
    }
    case "LoanRestructured":
      projectRestructuring(event.args, proof, facts);
      break;
    case "LoanCured":
      facts.cure.push({ loan_id: event.args.loanId, day: event.args.day, ...proof });
      break;
    case "LoanWrittenOff": {
      const { loanId, owner, day, outstandingPrincipal } = event.args;
      const outstanding = { outstanding_principal: outstandingPrincipal };
      facts.write_off.push({ loan_id: loanId, owner, day, ...outstanding, ...proof });
      break;
    }
    case "LoanClosed":
      facts.closing.push({ loan_id: event.args.loanId, day: event.args.day, ...proof });
      break;
  }
}

/** Payments, and what became of them. */
function projectPayment(event: LoanBookEvent, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "Repaid": {
      const { loanId, payer, recipient, paymentNr, day, paid, totals } = event.args;
      facts.payment.push({
        ...{ loan_id: loanId, nr: paymentNr, payer, recipient, day, ...paid, ...totalsOf(totals) },
        waived_interest: event.args.waivedInterest,
        outstanding_principal: event.args.outstandingPrincipal,
        ...proof,
      });
      break;
    }
    case "InstalmentRepaid": {
      const { loanId, index, paymentNr, waivedInterest, penalty, fee, interest, principal } = event.args;
      const key = { loan_id: loanId, payment_nr: paymentNr, instalment_nr: index + 1 };
      const parts = { penalty, fee, interest, principal, waived_interest: waivedInterest };
      facts.allocation.push({ ...key, ...parts, ...proof });
      break;
    }
    case "PaymentRecorded": {
      const { recorder, paymentNr, timestamp } = event.args.record;
      const key = { loan_id: event.args.loanId, payment_nr: paymentNr };
      facts.payment_record.push({ ...key, recorder, recorded_at_s: timestamp, ...proof });
      break;
    }
    case "PaymentReversed": {
      const { loanId, recorder, paymentNr, day, totals, outstandingPrincipal } = event.args;
      const key = { loan_id: loanId, payment_nr: paymentNr };
      const outstanding = { outstanding_principal: outstandingPrincipal };
      facts.reversal.push({ ...key, recorder, day, ...totalsOf(totals), ...outstanding, ...proof });
      break;
    }
    case "CollectionFailed": {
      const { loanId, payer, index, reason } = event.args;
      facts.collection_failure.push({ loan_id: loanId, payer, row_index: index, reason, ...proof });
      break;
    }
  }
}

function totalsOf(totals: Args<"Repaid">["totals"]) {
  return {
    penalty_total: totals.penalty,
    fee_total: totals.fee,
    interest_total: totals.interest,
    principal_total: totals.principal,
  };
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
    cooling_off_days: agreement.coolingOffDays,
    utc_offset_s: agreement.utcOffset,
    document_hash: agreement.documentHash,
    language: agreement.language,
    salt: agreement.salt,
    expiry: agreement.expiry,
    ...proof,
  });
  projectTable(loanId, 1, agreement.schedule, proof, facts);
}

function projectRestructuring(args: Args<"LoanRestructured">, proof: Proof, facts: Facts): void {
  const { loanId, version, day, forgiven, penaltyCap, arrearsDay, restructuring: signed } = args;
  facts.restructuring.push({
    loan_id: loanId,
    version,
    day,
    payments: signed.payments,
    penalty_paid: signed.paid.penalty,
    fee_paid: signed.paid.fee,
    interest_paid: signed.paid.interest,
    principal_paid: signed.paid.principal,
    capitalised: signed.capitalised,
    forgiven,
    principal: signed.principal,
    total_repayable: signed.totalRepayable,
    first_day: signed.firstDay,
    last_day: signed.lastDay,
    instalment_count: signed.count,
    document_hash: signed.documentHash,
    expiry: signed.expiry,
    penalty_cap: penaltyCap,
    arrears_day: arrearsDay,
    ...proof,
  });
  projectTable(loanId, version, signed.schedule, proof, facts);
}

function projectTable(
  loanId: Hex,
  version: number,
  schedule: readonly Instalment[],
  proof: Proof,
  facts: Facts,
): void {
  schedule.forEach(({ day, principal, interest, fee }, index) => {
    const key = { loan_id: loanId, version, nr: index + 1 };
    facts.instalment.push({ ...key, day, principal, interest, fee, ...proof });
  });
}

/** Postgres cannot store U+0000 in text, and a stranger's event must not be able to stop the mirror. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\ufffd");
}
