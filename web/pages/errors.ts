import type { Readiness } from "./api.ts";
import { html } from "./html.ts";
import { layout } from "./layout.ts";

export function notFoundPage(readiness: Readiness): string {
  return layout({
    title: "Not found · Ahadi",
    description: "There is nothing at this address.",
    readiness,
    main: html`<h1>There is nothing here.</h1>
<p class="lead">No loan, pool or page has this address. A loan that was made a moment ago may take a few seconds to appear.</p>
<p><a class="more" href="/">All loans</a></p>`,
  });
}

export function unavailablePage(): string {
  return layout({
    title: "Not available · Ahadi",
    description: "The figures cannot be read at the moment.",
    readiness: { ready: true },
    main: html`<h1>The books cannot be read right now.</h1>
<p class="lead">The loans are safe on the chain; only this view of them is away. Load the page again in a moment.</p>`,
  });
}
