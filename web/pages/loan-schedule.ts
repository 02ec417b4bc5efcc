import type { Instalment, Loan } from "./api.ts";
import { scheduleDrawing } from "./drawing.ts";
import { amount, money, plural, shortTime } from "./format.ts";
import { type Html, html } from "./html.ts";

const stateWords: Record<Instalment["state"], string> = {
  paid: "Paid",
  part_paid: "Part paid",
  overdue: "Overdue",
  due: "Due today",
  scheduled: "To come",
};

function parts(row: Instalment, decimals: number): Html {
  const fee = row.fee > 0n && html` + <span class="whole">${amount(row.fee, decimals)} fee</span>`;
  return html`<small class="cell"><span class="whole">${amount(row.principal, decimals)} principal</span>
+ <span class="whole">${amount(row.interest, decimals)} interest</span>${fee}</small>`;
}

function remark(row: Instalment, decimals: number): Html {
  const notes = [
    row.last_paid_date !== null && html`${shortTime(row.last_paid_date)}`,
    row.paid.penalty > 0n && html`+ ${amount(row.paid.penalty, decimals)} penalty`,
    row.waived_interest > 0n && html`${amount(row.waived_interest, decimals)} interest waived`,
    row.unpaid > 0n && row.unpaid < row.total && html`${amount(row.unpaid, decimals)} left`,
  ].filter((note) => note !== false);
  return html`${notes.map((note) => html`<small class="cell">${note}</small>`)}`;
}

function scheduleRow(row: Instalment, decimals: number): Html {
  return html`<tr class="${row.state}"><th scope="row">${row.nr}</th><td>${shortTime(row.due_date)}</td>
<td><span class="money">${amount(row.total, decimals)}</span>${parts(row, decimals)}</td>
<td><span class="tag ${row.state}">${stateWords[row.state]}</span>${remark(row, decimals)}</td></tr>`;
}

function legend({ schedule }: Loan): Html {
  const [first, last] = [schedule[0], schedule.at(-1)];
  const states = new Set(schedule.map(({ state }) => state));
  const shown = (["paid", "due", "overdue", "scheduled"] as const).filter((state) => states.has(state));
  return html`<figcaption><span class="ends">${first && shortTime(first.due_date)}${last && shortTime(last.due_date)}</span>
${shown.map((state) => html`<span class="key ${state}">${stateWords[state]}</span>`)}<span>Lighter: interest and fees</span></figcaption>`;
}

/** What both sides agreed to when they replaced a plan, and the plan that was replaced. */
function replacement(change: Loan["restructurings"][number], { currency }: Loan): Html {
  const parts = [
    change.capitalised > 0n &&
      html` ${money(change.capitalised, currency)} of what was unpaid became principal.`,
    change.forgiven > 0n && html` ${money(change.forgiven, currency)} is owed no more.`,
  ];
  const old = change.superseded.map(
    (
      { due_date, principal, interest, fee },
      at,
    ) => html`<tr><th scope="row">${at + 1}</th><td>${shortTime(due_date)}</td>
<td><span class="money">${amount(principal + interest + fee, currency.decimals)}</span></td></tr>`,
  );
  return html`<p>On ${shortTime(change.date)} borrower and lender replaced the plan before by version ${change.version}.${parts}</p>
<details><summary>The plan that it replaced</summary><table><caption>Version ${change.version - 1}</caption>
<thead><tr><th scope="col">Nr</th><th scope="col">Due</th><th scope="col">Amount</th></tr></thead><tbody>${old}</tbody></table></details>`;
}

/** The repayment plan: a drawing, and the same as a table. */
export function scheduleSection(loan: Loan): Html {
  const { schedule, currency } = loan;
  const repayable = schedule.reduce((sum, row) => sum + row.total, 0n);
  const paid = schedule.filter(({ state }) => state === "paid").length;
  const label = `${paid} of ${plural(schedule.length, "instalment")} paid; the table below has each of them.`;
  return html`<section aria-labelledby="schedule"><h2 id="schedule">Repayment plan</h2>
<figure>${scheduleDrawing(schedule, label)}${legend(loan)}</figure>
<table><caption>${plural(schedule.length, "instalment")}, ${money(repayable, currency)} in all. Amounts in ${currency.symbol}.
Each is on time during the whole of its due day.</caption>
<thead><tr><th scope="col">Nr</th><th scope="col">Due</th><th scope="col">Amount</th><th scope="col">State</th></tr></thead>
<tbody>${schedule.map((row) => scheduleRow(row, currency.decimals))}</tbody></table>${loan.restructurings.map((one) => replacement(one, loan))}</section>`;
}
