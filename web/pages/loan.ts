import type { Loan, Readiness } from "./api.ts";
import { checkLoan } from "./checks.ts";
import { amount, fromToday, money, plural, short, time } from "./format.ts";
import { type Html, html } from "./html.ts";
import { asOfLine, layout } from "./layout.ts";
import { checksSection } from "./loan-checks.ts";
import { paymentsSection } from "./loan-payments.ts";
import { scheduleSection } from "./loan-schedule.ts";
import { termsSection } from "./loan-terms.ts";
import { figures } from "./parts.ts";

function standing(loan: Loan): Html {
  if (loan.state === "closed") return html`<span class="tag">Repaid in full</span>`;
  if (loan.days_past_due > 0)
    return html`<span class="tag overdue">${plural(loan.days_past_due, "day")} late</span>`;
  return html`<span class="tag">Running, on time</span>`;
}

function whatNow(loan: Loan): Html {
  const { closing, next_instalment: next, currency, as_of, schedule } = loan;
  if (closing !== null) return html`It was closed on ${time(closing.date)}, and nothing is owed any more.`;
  const paid = schedule.filter(({ state }) => state === "paid").length;
  const count =
    paid === 0
      ? html`No instalment is paid yet.`
      : html`${plural(paid, "instalment is", "instalments are")} paid.`;
  if (next === null) return count;
  const when = fromToday(next.due_date, as_of.today);
  if (loan.days_past_due > 0) {
    return html`${count} Instalment ${next.nr} was due on ${time(next.due_date)}, ${when}:
<strong>${money(loan.overdue, currency)} is overdue.</strong>`;
  }
  return html`${count} The next one, <strong>${money(next.unpaid, currency)}, is due on ${time(next.due_date)}</strong>, ${when}.`;
}

function summary(loan: Loan): Html {
  const { terms, currency, disbursement } = loan;
  const lender =
    loan.owner === loan.lender
      ? html`${short(loan.lender)}`
      : html`${short(loan.lender)} (who has passed the note on to ${short(loan.owner)})`;
  const when = disbursement && html` on ${time(disbursement.date)}`;
  return html`<p class="lead">${short(loan.borrower)} borrowed ${money(terms.principal, currency)}${when} from ${lender} and
promised to repay ${money(terms.total_repayable, currency)} in ${plural(terms.instalment_count, "instalment")}. ${whatNow(loan)}</p>`;
}

function keyFigures(loan: Loan): Html {
  const { currency, due_today: due, payoff_today: payoff, totals } = loan;
  const penalty = (part: { penalty: bigint }) =>
    part.penalty > 0n ? html`with ${money(part.penalty, currency)} penalty` : undefined;
  const unknown = html`not known`;
  return figures([
    ["Paid so far", money(totals.paid.total, currency)],
    ["Principal still owed", money(loan.outstanding_principal, currency)],
    loan.state === "active" && [
      "To pay today",
      due ? money(due.total, currency) : unknown,
      due ? (penalty(due) ?? (due.total === 0n ? "nothing is due" : undefined)) : "the figures disagree",
    ],
    loan.state === "active" && [
      "To close it today",
      payoff ? money(payoff.total, currency) : unknown,
      payoff ? penalty(payoff) : "the figures disagree",
    ],
  ]);
}

const contradiction = html`<p class="banner alarm" role="alert"><strong>The payments do not replay.</strong> Playing them through the
loan’s own rules gives other figures than the mirror holds, so this page quotes nothing that is owed. Run <code>ahadi verify</code>.</p>`;

export function loanPage(loan: Loan, readiness: Readiness): string {
  const checks = checkLoan(loan);
  const { currency } = loan;
  const main = html`<h1>Loan of ${amount(loan.terms.principal, currency.decimals)} ${currency.symbol}</h1>
<p class="tags">${standing(loan)}</p>
${(loan.due_today === null || loan.payoff_today === null) && contradiction}
${summary(loan)}
${keyFigures(loan)}
${scheduleSection(loan)}
${termsSection(loan)}
${paymentsSection(loan)}
${checksSection(loan, checks)}
${asOfLine(loan.as_of, loan.terms.utc_offset_s)}`;
  return layout({
    title: `Loan of ${amount(loan.terms.principal, currency.decimals)} ${currency.symbol} · Ahadi`,
    description: "Terms, schedule and payments of a loan, as they stand on the chain.",
    readiness,
    main,
  });
}
