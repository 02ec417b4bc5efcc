import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { AsOf, Readiness } from "./api.ts";
import { dateInWords, utcOffset } from "./format.ts";
import { type Html, html, ownMarkup, type Value } from "./html.ts";

/** One small sheet, inline: a page on a slow line is one request, and it is readable when that has arrived. */
const style = readFileSync(new URL("./style.css", import.meta.url), "utf8")
  .replaceAll(/\s*\n\s*/g, " ")
  .trim();

/** The policy names the one sheet by its hash and allows nothing else: no scripts, no frames, no forms. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const sheet = ownMarkup(`<style>${style}</style>`);

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%23145c4a'/%3E%3Cpath d='M8 23 16 8l8 15M11 18h10' fill='none' stroke='%23fff' stroke-width='2.6' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

const reasons: Record<string, string> = {
  mirror_missing: "The database is still being prepared.",
  no_checkpoint: "The mirror has not read its first block yet.",
  head_not_seen: "The mirror has lost sight of the chain.",
};

function reasonInWords({ reason, lagBlocks }: Extract<Readiness, { ready: false }>): string {
  if (reason === "indexer_behind" && lagBlocks !== undefined)
    return `The mirror is ${lagBlocks} blocks behind the chain.`;
  return reasons[reason] ?? "The mirror cannot say how fresh it is.";
}

function banner(readiness: Readiness): Html | undefined {
  if (readiness.ready) return undefined;
  return html`<p class="banner" role="status"><strong>Catching up.</strong> ${reasonInWords(readiness)}
What you see may be out of date; load the page again in a moment.</p>`;
}

function moment(asOf: AsOf, offsetS: number): string {
  const clock = new Date(Date.parse(asOf.block_time) + offsetS * 1000).toISOString().slice(11, 16);
  return `${dateInWords(asOf.today)}, ${clock} ${utcOffset(offsetS)}`;
}

/** Which block the page is as of, in the chain's own time. */
export function asOfLine(asOf: AsOf, offsetS: number): Html {
  return html`<p class="asof">As of block ${asOf.block_number}, ${moment(asOf, offsetS)}. “Today” is the chain’s time.</p>`;
}

export interface Page {
  readonly title: string;
  readonly description: string;
  readonly readiness: Readiness;
  readonly main: Value;
}

export function layout({ title, description, readiness, main }: Page): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title}</title>
<link rel="icon" href="${icon}">
${sheet}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header><a class="brand" href="/">Ahadi</a><span class="motto">promises anybody can check</span></header>
${banner(readiness)}
<main id="main">
${main}
</main>
<footer>
<nav aria-label="For programs and auditors">
<a class="more" href="/v1/loans">Loans as JSON</a> <a class="more" href="/openapi.json">API description</a> <a class="more" href="/readyz">Is it fresh?</a>
</nav>
<p>These pages only repeat what is on the chain. Do not trust them: check them.</p>
</footer>
</body>
</html>
`);
}
