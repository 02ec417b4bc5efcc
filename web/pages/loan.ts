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
  if (loan.state === "funded") return html`<span class="tag">Waiting for the borrower’s receipt</span>`;
  if (loan.cancellation !== null)
    return html`<span class="tag closed">${loan.cancellation.kind === "returned" ? "Given back" : "Cancelled"}</span>`;
  if (loan.state === "written_off") return html`<span class="tag overdue">Written off</span>`;
  if (loan.days_past_due > 0)
    return html`<span class="tag overdue">${plural(loan.days_past_due, "day")} late</span>`;
  return html`<span class="tag">Running, on time</span>`;
}

/** What became of a loan that does not run; undefined of one that does. */
function ending({ closing, cancellation, state }: Loan): Html | undefined {
  if (closing !== null) return html`It was closed on ${time(closing.date)}, and nothing is owed any more.`;
  if (state === "funded")
    return html`The money waits until the borrower has it in her hands and signs for it; nothing is owed before.`;
  if (cancellation === null) return undefined;
  return cancellation.kind === "returned"
    ? html`She gave the money back on ${time(cancellation.date)} and owes nothing.`
    : html`It was never paid out: on ${time(cancellation.date)} the money went back, and nothing is owed.`;
}

function whatNow(loan: Loan): Html {
  const ended = ending(loan);
  if (ended !== undefined) return ended;
  const givenUp =
    loan.write_off !== null &&
    html` The lender gave it up on ${time(loan.write_off.date)}; what is owed can be paid at any time.`;
  return html`${instalmentsNow(loan)}${givenUp}`;
}

function instalmentsNow(loan: Loan): Html {
  const { next_instalment: next, currency, as_of, schedule, arrears_since_date: arrears } = loan;
  const paid = schedule.filter(({ state }) => state === "paid").length;
  const count =
    paid === 0
      ? html`No instalment is paid yet.`
      : html`${plural(paid, "instalment is", "instalments are")} paid.`;
  if (next === null) return count;
  const when = fromToday(next.due_date, as_of.today);
  // Dates are ISO: the order of the text is that of the days.
  if (next.due_date < as_of.today) {
    return html`${count} Instalment ${next.nr} was due on ${time(next.due_date)}, ${when}:
<strong>${money(loan.overdue, currency)} is overdue.</strong>`;
  }
  const lateness =
    arrears !== null &&
    html` The loan counts as late since ${time(arrears)} until three instalments in a row are paid on time.`;
  return html`${count} The next one, <strong>${money(next.unpaid, currency)}, is due on ${time(next.due_date)}</strong>, ${when}.${lateness}`;
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
  const isOwed = loan.state === "active" || loan.state === "written_off";
  return figures([
    ["Paid so far", money(totals.paid.total + totals.paid_before.total, currency)],
    ["Principal still owed", money(loan.outstanding_principal, currency)],
    isOwed && [
      "To pay today",
      due ? money(due.total, currency) : unknown,
      due ? (penalty(due) ?? (due.total === 0n ? "nothing is due" : undefined)) : "the figures disagree",
    ],
    isOwed && [
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
