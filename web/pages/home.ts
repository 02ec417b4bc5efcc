import type { Api, LoanSummary, Pool, Readiness } from "./api.ts";
import { meter } from "./drawing.ts";
import { amount, fromToday, money, plural, short, time } from "./format.ts";
import { type Html, html } from "./html.ts";
import { asOfLine, layout } from "./layout.ts";
import { poolFigures } from "./pool.ts";

function loanState(loan: LoanSummary): Html {
  if (loan.state === "closed") return html`<span class="tag closed">Repaid</span>`;
  if (loan.state === "funded") return html`<span class="tag">Waiting for the receipt</span>`;
  if (loan.state === "cancelled") return html`<span class="tag closed">Cancelled</span>`;
  if (loan.state === "written_off") return html`<span class="tag overdue">Written off</span>`;
  if (loan.days_past_due > 0)
    return html`<span class="tag overdue">${plural(loan.days_past_due, "day")} late</span>`;
  return html`<span class="tag">On time</span>`;
}

function nextStep({
  next_instalment: next,
  overdue,
  currency,
  as_of,
  closed_date,
  state,
}: LoanSummary): Html {
  if (closed_date !== null) return html`Closed on ${time(closed_date)}.`;
  if (state === "funded") return html`It runs from the day on which the borrower has the money.`;
  if (state === "cancelled") return html`The money went back.`;
  if (next === null) return html`Nothing is due.`;
  if (overdue > 0n) return html`Unpaid since ${time(next.due_date)}: ${money(overdue, currency)}.`;
  return html`Next: ${money(next.unpaid, currency)} on ${time(next.due_date)}, ${fromToday(next.due_date, as_of.today)}.`;
}

function loanCard(loan: LoanSummary): Html {
  const paid = `${loan.instalments_paid} of ${plural(loan.instalment_count, "instalment")} paid`;
  return html`<li class="card">
<h3><a href="/loans/${loan.id}">${amount(loan.principal, loan.currency.decimals)} ${loan.currency.symbol}</a>${loanState(loan)}</h3>
<p>${paid}. ${nextStep(loan)}</p>
<p class="soft"><span class="whole">Borrower ${short(loan.borrower)}</span> · <span class="whole">loan ${short(loan.id)}</span></p>
${meter(loan.instalments_paid, loan.instalment_count, paid)}
</li>`;
}

function loanList(loans: readonly LoanSummary[], nextCursor: string | null): Html {
  if (loans.length === 0) {
    return html`<p>There is no loan yet. The first one appears here as soon as it is on the chain.</p>`;
  }
  const more =
    nextCursor !== null &&
    html`<p><a class="more" href="/?${String(new URLSearchParams({ cursor: nextCursor }))}">Older loans</a></p>`;
  return html`<ul class="cards">${loans.map(loanCard)}</ul>${more}`;
}

function poolCard(pool: Pool): Html {
  return html`<section aria-label="Pool ${pool.address}">
${poolFigures(pool)}
<p><a href="/pools/${pool.address}">The pool ${short(pool.address)} in full</a></p>
</section>`;
}

const intro = html`<h1>A microloan is a promise.</h1>
<p class="lead">Ahadi writes that promise on a public chain: what was signed, what was paid out, and every instalment since.
Anybody can check each cent of it here, without an account and without trusting us.</p>`;

/** The list of loans and the pools. Undefined when the cursor is not one. */
export async function homePage(
  api: Api,
  readiness: Readiness,
  cursor: string | undefined,
): Promise<string | undefined> {
  const [list, pools] = await Promise.all([api.loans(cursor), api.pools()]);
  if (list === undefined) return undefined;
  const [first] = pools;
  const main = html`${cursor === undefined && intro}
${cursor === undefined ? html`<h2>Loans</h2>` : html`<h1>Older loans</h1><p><a href="/">Back to the newest</a></p>`}
${loanList(list.data, list.next_cursor)}
${
  cursor === undefined &&
  pools.length > 0 &&
  html`<h2>${pools.length === 1 ? "The pool that lends" : "The pools that lend"}</h2>
<p>Lenders put money in and hold shares of it; the pool funds loans and takes the repayments.</p>${pools.map(poolCard)}`
}
${first && asOfLine(first.as_of, first.utc_offset_s)}`;
  return layout({
    title: "Ahadi: microloans anybody can check",
    description: "Loans, schedules and payments as they stand on the chain.",
    readiness,
    main,
  });
}
