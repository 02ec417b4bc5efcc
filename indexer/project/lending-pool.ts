import type { Hex } from "viem";
import type { KnownEvent } from "../decode/decode.ts";
import type { Facts, Proof } from "./tables.ts";

type LendingPoolEvent = Extract<KnownEvent, { contract: "LendingPool" }>;

/** Facts of the pool that stands at `pool`. Events without a case stand in the journal alone. */
export function projectLendingPool(event: LendingPoolEvent, pool: Hex, proof: Proof, facts: Facts): void {
  projectBooks(event, pool, proof, facts);
  projectShares(event, pool, proof, facts);
  projectLoans(event, pool, proof, facts);
  projectGovernance(event, pool, proof, facts);
}

function projectBooks(event: LendingPoolEvent, pool: Hex, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "BooksUpdated": {
      const { cash, outstanding, interestReceived, fees } = event.args;
      facts.pool_books.push({ pool, cash, outstanding, interest_received: interestReceived, fees, ...proof });
      break;
    }
    case "ReservesUpdated": {
      const { coverBefore, ...reserves } = event.args;
      facts.pool_reserves.push({ pool, ...reserves, cover_before: coverBefore, ...proof });
      break;
    }
    case "SupplyUpdated":
      facts.pool_supply.push({ pool, total_supply: event.args.totalSupply, ...proof });
      break;
    case "CoverDeposited":
      facts.pool_move.push({ pool, kind: "cover_in", ...move(event.args.from, event.args.amount), ...proof });
      break;
    case "CoverWithdrawn":
      facts.pool_move.push({ pool, kind: "cover_out", ...move(event.args.to, event.args.amount), ...proof });
      break;
    case "FeesCollected":
      facts.pool_move.push({ pool, kind: "fees_out", ...move(event.args.to, event.args.amount), ...proof });
      break;
    case "HeldCashCollected":
      facts.pool_move.push({ pool, kind: "held_in", ...move(pool, event.args.amount), ...proof });
      break;
  }
}

const move = (account: Hex, amount: bigint) => ({ account, amount });

function projectShares(event: LendingPoolEvent, pool: Hex, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "Deposit": {
      const { sender, owner, assets, shares } = event.args;
      const parties = { sender, owner, receiver: owner };
      facts.pool_flow.push({ pool, kind: "deposit", ...parties, assets, shares, ...proof });
      break;
    }
    case "Withdraw": {
      const { sender, owner, receiver, assets, shares } = event.args;
      const parties = { sender, owner, receiver };
      facts.pool_flow.push({ pool, kind: "withdrawal", ...parties, assets, shares, ...proof });
      break;
    }
    case "RedeemRequest": {
      const { controller, owner, requestId, sender, shares } = event.args;
      const key = { pool, request_id: requestId };
      facts.redemption_request.push({ ...key, controller, owner, sender, shares, ...proof });
      break;
    }
    case "RedemptionFulfilled": {
      const { requestId, controller, shares, assets } = event.args;
      const key = { pool, request_id: requestId };
      facts.redemption_fulfilment.push({ ...key, controller, shares, assets, ...proof });
      break;
    }
    case "OperatorSet":
      facts.pool_operator.push({ pool, ...event.args, ...proof });
      break;
  }
}

const NO_FIGURES = { amount: 0n, principal: 0n, interest: 0n, penalty: 0n, fees: 0n, cover: 0n };

function projectLoans(event: LendingPoolEvent, pool: Hex, proof: Proof, facts: Facts): void {
  const booking = bookingOf(event);
  if (booking === undefined) return;
  const { loanId, kind, ...figures } = booking;
  facts.pool_booking.push({ pool, loan_id: loanId, kind, ...NO_FIGURES, ...figures, ...proof });
}

function bookingOf(
  event: LendingPoolEvent,
): ({ loanId: Hex; kind: string } & Partial<typeof NO_FIGURES>) | undefined {
  switch (event.eventName) {
    case "LoanFundedByPool": {
      const { loanId, principal, upfrontFee } = event.args;
      return { loanId, kind: "funded", principal, fees: upfrontFee };
    }
    case "LoanStarted": {
      const { loanId, principal, upfrontFee } = event.args;
      return { loanId, kind: "started", principal, fees: upfrontFee };
    }
    case "LoanFundingReturned": {
      const { loanId, principal } = event.args;
      return { loanId, kind: "returned", principal };
    }
    case "LoanGivenBack": {
      const { loanId, principal, amount } = event.args;
      return { loanId, kind: "given_back", principal, amount };
    }
    case "RepaymentBooked": {
      const { loanId, principal, interest, penalty, fees } = event.args;
      return { loanId, kind: "repaid", principal, interest, penalty, fees };
    }
    case "ReversalBooked": {
      const { loanId, amount } = event.args;
      return { loanId, kind: "reversed", amount };
    }
    case "RecoveryBooked": {
      const { loanId, toLenders, toCover, fees } = event.args;
      return { loanId, kind: "recovered", amount: toLenders, cover: toCover, fees };
    }
    case "LoanWriteOffBooked": {
      const { loanId, loss, fromCover } = event.args;
      return { loanId, kind: "written_off", amount: loss, cover: fromCover };
    }
    case "LoanRestructuringBooked": {
      const { loanId, outstandingBefore, outstandingAfter } = event.args;
      return { loanId, kind: "restructured", amount: outstandingBefore, principal: outstandingAfter };
    }
    default:
      return undefined;
  }
}

function projectGovernance(event: LendingPoolEvent, pool: Hex, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "Approved":
    case "ApprovalWithdrawn": {
      const { id, underwriter } = event.args;
      const given = event.eventName === "Approved";
      facts.pool_approval.push({ pool, subject: id, underwriter, given, ...proof });
      break;
    }
    case "NoteOffered": {
      const { loanId, buyer, price } = event.args;
      facts.note_deal.push({ pool, loan_id: loanId, kind: "offer", buyer, price, carrying: 0n, ...proof });
      break;
    }
    case "NoteSold": {
      const { loanId, buyer, price, carrying } = event.args;
      facts.note_deal.push({ pool, loan_id: loanId, kind: "sale", buyer, price, carrying, ...proof });
      break;
    }
    case "LimitsSet": {
      const { limits } = event.args;
      facts.pool_limits.push({
        pool,
        one_approval_up_to: limits.oneApprovalUpTo,
        max_principal: limits.maxPrincipal,
        max_per_borrower: limits.maxPerBorrower,
        max_outstanding: limits.maxOutstanding,
        rate_capacity: limits.rateCapacity,
        rate_window_s: BigInt(limits.rateWindow),
        max_term_days: limits.maxTermDays,
        max_cost_bps: BigInt(limits.maxCostBps),
        ...proof,
      });
      break;
    }
    case "LoanBookAdopted":
      facts.pool_loan_book.push({ pool, loan_book: event.args.loanBook, ...proof });
      break;
    case "Paused":
    case "Unpaused": {
      const paused = event.eventName === "Paused";
      facts.pause.push({ contract: pool, paused, account: event.args.account, ...proof });
      break;
    }
  }
}
