import type { Loan } from "./api.ts";
import type { Checks, Verdict } from "./checks.ts";
import { type Html, html, type Value } from "./html.ts";
import { proofList } from "./parts.ts";

const signs: Record<Verdict, string> = {
  holds: "✓ Holds.",
  fails: "✗ Does not hold.",
  unknown: "Not checked.",
};

function check(verdict: Verdict, claim: string, detail: Value): Html {
  return html`<li class="${verdict}"><strong>${signs[verdict]} ${claim}</strong>${detail}</li>`;
}

function documentDetail(loan: Loan, verdict: Verdict): Html {
  if (verdict === "unknown") {
    return html`Nobody has handed in the document yet. Whoever holds it can: it is accepted only if its hash is the signed one.`;
  }
  const url = `/v1/loans/${loan.id}/terms`;
  return html`<a href="${url}">The document</a> has the signed hash, and the plan was computed again from what it states. Its
keccak256 must be:<br><span class="hash">${loan.terms.document_hash}</span>`;
}

/** What the page has recomputed, and how anybody does it without the page. */
export function checksSection(loan: Loan, checks: Checks): Html {
  return html`<section aria-labelledby="checks"><h2 id="checks">What to check</h2>
<p>This page has recomputed the following from the figures above. You need not believe it: everything it used is below.</p>
<ul class="checks">
${check(
  checks.id,
  "The id is the terms.",
  html`The loan’s id is the EIP-712 hash of every term and every row as they were signed first, so not one of them can be
changed without changing the id:<br><span class="hash">${loan.id}</span>`,
)}
${check(checks.totals, "The plan adds up.", html`The rows sum to the totals that were signed beside them.`)}
${check(checks.document, "The document is the one that was signed.", documentDetail(loan, checks.document))}
</ul>
<h3>With your own tools</h3>
<ul class="words">
<li>Ask any node of chain ${loan.chain.chain_id} for the LoanBook contract <span class="hash">${loan.chain.loan_book}</span> and
compare <code>scheduleOf(id)</code>, <code>loanOf(id)</code> and <code>payoff(id, day)</code> with this page.</li>
<li>Ask it for the transactions under “Proof”, and compare block, log and amounts.</li>
<li>Run <code>ahadi verify</code>: it compares the whole mirror with contract storage, row by row.</li>
<li>Read <a href="/v1/loans/${loan.id}">this loan as JSON</a>: each figure from the chain names its log.</li>
</ul>
<h3>Parties</h3>
<dl class="proof">
<dt>Borrower</dt><dd class="hash">${loan.terms.borrower}</dd>
${loan.borrower !== loan.terms.borrower && html`<dt>Borrower now</dt><dd class="hash">${loan.borrower}</dd>`}
${loan.terms.payee !== loan.terms.borrower && html`<dt>Paid out by</dt><dd class="hash">${loan.terms.payee}</dd>`}
<dt>Lender</dt><dd class="hash">${loan.lender}</dd>
<dt>Note owner</dt><dd class="hash">${loan.owner}</dd>
<dt>Currency</dt><dd class="hash">${loan.currency.address}</dd>
</dl>
<details><summary>Proof of the agreement</summary>${proofList(loan.proof)}</details>
${loan.funding && html`<details><summary>Proof of the funding</summary>${proofList(loan.funding.proof)}</details>`}
${loan.disbursement && html`<details><summary>Proof of the payout</summary>${proofList(loan.disbursement.proof)}</details>`}
${loan.restructurings.map(({ version, proof }) => html`<details><summary>Proof of version ${version}</summary>${proofList(proof)}</details>`)}
${loan.closing && html`<details><summary>Proof of the closing</summary>${proofList(loan.closing.proof)}</details>`}
${loan.cancellation && html`<details><summary>Proof of the cancellation</summary>${proofList(loan.cancellation.proof)}</details>`}
${loan.write_off && html`<details><summary>Proof of the write-off</summary>${proofList(loan.write_off.proof)}</details>`}
</section>`;
}
