import { formatMoney } from "../../lending/money.ts";
import type { ShownLoan } from "./show.ts";

/** A loan for people: where it stands, then the schedule. */
export function describeLoan(loan: ShownLoan): string {
  const money = (amount: bigint) => formatMoney(amount, loan.currency.decimals);
  const sum = (c: ShownLoan["paid"]) => money(c.penalty + c.fee + c.interest + c.principal);
  const late = loan.days_past_due === 0 ? "nothing is overdue" : `${loan.days_past_due} days past due`;
  const lines = [
    `loan ${loan.loan_id}`,
    `${money(loan.principal)} ${loan.currency.symbol} since ${loan.disbursed_on}, ${loan.state}, ${late}`,
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

function row(nr: string, due: string, ...amounts: string[]): string {
  return [nr.padStart(3), due.padEnd(10), ...amounts.map((amount) => amount.padStart(12))].join("  ");
}
