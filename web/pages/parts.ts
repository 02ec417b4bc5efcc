import type { Proof } from "./api.ts";
import { type Html, html, type Value } from "./html.ts";

/** Where the chain says it: block, transaction and log, in full, to be copied into any node or explorer. */
export function proofList(proof: Proof): Html {
  return html`<dl class="proof">
<dt>Block</dt><dd>${proof.block_number}<br><span class="hash">${proof.block_hash}</span></dd>
<dt>Transaction</dt><dd><span class="hash">${proof.transaction_hash}</span></dd>
<dt>Log index</dt><dd>${proof.log_index}</dd>
</dl>`;
}

/** A grid of named figures; a figure without a value is left out. */
export function figures(
  entries: readonly (readonly [name: string, value: Value, note?: Value] | false)[],
): Html {
  const shown = entries.filter((entry) => entry !== false);
  return html`<dl class="figures">${shown.map(
    ([name, value, note]) =>
      html`<div><dt>${name}</dt><dd>${value}${note && html`<small class="figure-note">${note}</small>`}</dd></div>`,
  )}</dl>`;
}
