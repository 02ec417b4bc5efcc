import type { Loan } from "./api.ts";
import { money, percent, plural, short, time, utcOffset } from "./format.ts";
import { type Html, html } from "./html.ts";

const componentWords = {
  penalty: "penalty",
  fee: "fees",
  interest: "interest",
  principal: "principal",
} as const;

function cost({ terms, currency }: Loan): Html {
  const charge = terms.total_repayable - terms.principal;
  if (charge === 0n) return html`<li><strong>Cost.</strong> None: what was borrowed is what is repaid.</li>`;
  return html`<li><strong>Cost.</strong> Repaid as planned, the loan costs ${money(charge, currency)} on top of the
${money(terms.principal, currency)} borrowed.</li>`;
}

function penalty({ terms: { penalty: rule }, currency }: Loan): Html {
  if (rule.rate_bps === 0 || rule.cap === 0n)
    return html`<li><strong>Paying late</strong> costs no penalty.</li>`;
  const grace =
    rule.grace_days === 0
      ? html`from the day after the due day on`
      : html`once an instalment is more than ${plural(rule.grace_days, "day")} late`;
  return html`<li><strong>Paying late</strong> costs a penalty of ${percent(rule.rate_bps)} a year on the overdue amount, counted by
the day ${grace}. Over the whole loan it can never be more than ${money(rule.cap, currency)}.</li>`;
}

function early({ terms }: Loan): Html {
  return terms.early_settlement === "pro_rata"
    ? html`<li><strong>Paying off early</strong> saves interest: only the interest up to the end of that day is owed, the rest is
waived.</li>`
    : html`<li><strong>Paying off early</strong> is always possible, but all interest of the plan stays owed.</li>`;
}

function order({ terms }: Loan): Html {
  const names = terms.waterfall.map((name) => componentWords[name]);
  return html`<li><strong>Order.</strong> Each payment goes to the oldest unpaid instalment, and inside it to ${names.slice(0, -1).join(", ")} and
then ${names.at(-1)}.</li>`;
}

/** What was agreed, in sentences. */
export function termsSection(loan: Loan): Html {
  const { terms, currency } = loan;
  return html`<section aria-labelledby="terms"><h2 id="terms">What was agreed</h2>
<ul class="words">
${cost(loan)}
<li><strong>Time.</strong> From ${time(terms.first_due_date)} to ${time(terms.last_due_date)}. Days are counted in
${utcOffset(terms.utc_offset_s)}, all year round.</li>
${terms.upfront_fee > 0n && html`<li><strong>Upfront fee.</strong> ${money(terms.upfront_fee, currency)} was kept back from what was paid out.</li>`}
${penalty(loan)}
${early(loan)}
${order(loan)}
${
  terms.cooling_off_days > 0 &&
  html`<li><strong>Changing one’s mind.</strong> Within ${plural(terms.cooling_off_days, "day")} after the payout the borrower may give back
what she owes of the principal, less the upfront fee, and owes nothing more.</li>`
}
${
  terms.payee !== terms.borrower &&
  html`<li><strong>Payout.</strong> Through the desk ${short(terms.payee)}. The loan runs from the day on which the borrower signs for the
money.</li>`
}
${
  terms.reversal_days > 0 &&
  html`<li><strong>Mistakes.</strong> A payment recorded in cash can be reversed within ${plural(terms.reversal_days, "day")}.</li>`
}
</ul></section>`;
}
