import { formatMoney } from "../../lending/money.ts";
import type { ShownLoan } from "./show.ts";

/** A loan for people: where it stands, then the schedule. */
export function describeLoan(loan: ShownLoan): string {
  const money = (amount: bigint) => formatMoney(amount, loan.currency.decimals);
  const sum = (c: ShownLoan["paid"]) => money(c.penalty + c.fee + c.interest + c.principal);
  const lines = [
    `loan ${loan.loan_id}`,
    `${money(loan.principal)} ${loan.currency.symbol} ${since(loan)}, ${STATES[loan.state]}, ${lateness(loan)}`,
    `${loan.instalments_paid} of ${loan.schedule.length} instalments paid, ${sum(loan.paid)} in ${loan.payments} payments`,
    `on ${loan.as_of.today}: ${sum(loan.due_today)} due, ${sum(loan.payoff_today)} closes the loan`,
    `borrower ${loan.borrower}, note with ${loan.owner}`,
    "",
    row("nr", "due", "principal", "interest", "fee", "total"),
    ...loan.schedule.map(({ nr, due_date, principal, interest, fee }) =>
      row(
        String(nr),
        due_date,
        money(principal),
        money(interest),
        money(fee),
        money(principal + interest + fee),
      ),
    ),
  ];
  return lines.join("\n");
}

const STATES: Record<ShownLoan["state"], string> = {
  none: "unknown",
  active: "active",
  closed: "closed",
  funded: "funded: the principal waits for the borrower's receipt",
  cancelled: "cancelled",
  written_off: "written off",
};

function since({ started_on, version, disburse_until }: ShownLoan): string {
  if (started_on === null) return `until ${disburse_until}`;
  return version === 1 ? `since ${started_on}` : `since ${started_on} (version ${version})`;
}

function lateness({ days_past_due: days, arrears_since: arrears }: ShownLoan): string {
  if (days === 0) return "nothing is overdue";
  return arrears === null
    ? `${days} days past due`
    : `${days} days past due (late since ${arrears}, not cured)`;
}

function row(nr: string, due: string, ...amounts: string[]): string {
  return [nr.padStart(3), due.padEnd(10), ...amounts.map((amount) => amount.padStart(12))].join("  ");
}
