import type { Pool, Readiness } from "./api.ts";
import { amount, type Money, money, plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { asOfLine, layout } from "./layout.ts";
import { figures, proofList } from "./parts.ts";

/** Base units are shown with every digit: rounding a pool's books for display would hide what they are about. */
function currencyOf(pool: Pool): Money {
  return { symbol: (pool.currency.symbol ?? "units").slice(0, 16), decimals: pool.decimals ?? 0 };
}

/** Whole cents read better; anything finer is shown in full. */
function books(value: bigint, currency: Money): Html {
  const finer = 10n ** BigInt(Math.max(0, currency.decimals - 2));
  return value % finer === 0n && currency.decimals > 2
    ? money(value / finer, { ...currency, decimals: 2 })
    : money(value, currency);
}

const PRICE_DIGITS = 8;

/** The price of one whole share, cut off (never rounded up) after eight digits; the exact fraction stands beside it. */
function sharePrice(pool: Pool): string {
  const { numerator, denominator } = pool.share_price;
  const digits = BigInt((pool.share_decimals ?? 0) - (pool.decimals ?? 0) + PRICE_DIGITS);
  return amount((numerator * 10n ** digits) / denominator, PRICE_DIGITS);
}

export function poolFigures(pool: Pool): Html {
  const currency = currencyOf(pool);
  const { state, loans } = pool;
  return figures([
    ["In the pool", books(state.total_assets, currency)],
    ["Lent out", books(state.outstanding_principal, currency), `${plural(loans.active, "active loan")}`],
    ["Ready to lend", books(state.cash, currency)],
    state.held_cash > 0n && ["Waiting to be collected", books(state.held_cash, currency)],
    ["Income so far", books(state.income_received, currency), "interest, fees and penalties received"],
    ["One share", `${sharePrice(pool)} ${currency.symbol}`],
  ]);
}

function agreement(pool: Pool): Html {
  if (pool.loans.outstanding_principal === pool.state.outstanding_principal) {
    return html`<li class="holds"><strong>The loans add up.</strong> What its ${plural(pool.loans.total, "loan")} still owe is, to
the last base unit, what the pool’s own books say is lent out.</li>`;
  }
  return html`<li class="fails"><strong>The loans do not add up.</strong> They owe ${pool.loans.outstanding_principal} base units,
the pool’s books say ${pool.state.outstanding_principal}.</li>`;
}

export function poolPage(pool: Pool, readiness: Readiness): string {
  const { numerator, denominator } = pool.share_price;
  const main = html`<h1>Lending pool</h1>
<p class="hash">${pool.address}</p>
${poolFigures(pool)}
<p>Money enters when lenders deposit and leaves when a loan is paid out. Interest, fees and penalties count when they are
paid, never before, so the price of a share moves with money that has arrived.</p>
<h2>What to check</h2>
<ul class="checks">${agreement(pool)}
<li><strong>The share price.</strong> Exactly <span class="hash">${numerator} / ${denominator}</span> base units of the currency for a
base unit of a share. Any node answers the same to <code>convertToAssets</code> at this block.</li></ul>
<details><summary>Where the chain says so: the books</summary>${proofList(pool.state.proof)}</details>
<details><summary>Where the chain says so: its registration</summary>${proofList(pool.proof)}</details>
<p><a href="/">All loans</a></p>
${asOfLine(pool.as_of, pool.utc_offset_s)}`;
  return layout({
    title: "Lending pool · Ahadi",
    description: "The books of a lending pool, as they stand on the chain.",
    readiness,
    main,
  });
}
