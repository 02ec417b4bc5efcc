import type { Loan, Payment } from "./api.ts";
import { amount, plural, short, shortTime } from "./format.ts";
import { type Html, html } from "./html.ts";
import { proofList } from "./parts.ts";

function split(payment: Payment, decimals: number): Html {
  const names = ["penalty", "fee", "interest", "principal"] as const;
  const parts = names.filter((name) => payment[name] > 0n);
  return html`${parts.map((name, at) => html`${at > 0 && " + "}<span class="whole">${amount(payment[name], decimals)} ${name}</span>`)}`;
}

function standing({ reversal, late_days: days }: Payment): Html {
  if (reversal !== null)
    return html`<span class="tag closed">Taken back</span><small class="cell">on ${shortTime(reversal.date)}</small>`;
  if (days > 0) return html`<span class="tag overdue">${plural(days, "day")} late</span>`;
  return html`<span class="tag">On time</span>`;
}

function paymentRow(payment: Payment, loan: Loan): Html {
  const { decimals } = loan.currency;
  const instalments = payment.allocations.map(({ instalment_nr }) => instalment_nr);
  const [first, last] = [instalments[0], instalments.at(-1)];
  const what = first === last ? html`instalment ${first}` : html`instalments ${first} to ${last}`;
  return html`<tr class="has-proof"><th scope="row">${payment.nr}</th>
<td>${shortTime(payment.date)}<small class="cell">by ${short(payment.payer)}</small></td>
<td><span class="money">${amount(payment.total, decimals)}</span><small class="cell">${split(payment, decimals)}</small>${
    payment.waived_interest > 0n &&
    html`<small class="cell">${amount(payment.waived_interest, decimals)} interest waived</small>`
  }</td>
<td>${standing(payment)}<small class="cell">${what}${payment.version > 1 && html` of version ${payment.version}`}</small></td></tr>
<tr><td class="proof-cell" colspan="4"><details><summary>Proof of payment ${payment.nr}</summary>${proofList(payment.proof)}</details></td></tr>`;
}

/** What was paid, each with the log that proves it. */
export function paymentsSection(loan: Loan): Html {
  const { payments, currency } = loan;
  if (payments.length === 0) {
    return html`<section aria-labelledby="payments"><h2 id="payments">Payments</h2><p>None yet.</p></section>`;
  }
  return html`<section aria-labelledby="payments"><h2 id="payments">Payments</h2>
<table><caption>${plural(payments.length, "payment")}, amounts in ${currency.symbol}. Each has its transaction on chain ${loan.chain.chain_id}.</caption>
<thead><tr><th scope="col">Nr</th><th scope="col">Date</th><th scope="col">Amount</th><th scope="col">Paid</th></tr></thead>
<tbody>${payments.map((payment) => paymentRow(payment, loan))}</tbody></table></section>`;
}
