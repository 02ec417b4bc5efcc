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
function sharePrice(pool: Pool, { numerator, denominator }: NonNullable<Pool["share_price"]>): string {
  const digits = BigInt((pool.share_decimals ?? 0) - (pool.decimals ?? 0) + PRICE_DIGITS);
  return amount((numerator * 10n ** digits) / denominator, PRICE_DIGITS);
}

export function poolFigures(pool: Pool): Html {
  const currency = currencyOf(pool);
  const { state, loans, accrual, share_price: price, exit_price: exit, redemptions } = pool;
  const unknown = html`not known`;
  return figures([
    ["In the pool", accrual ? books(accrual.total_assets, currency) : unknown],
    ["Lent out", books(state.outstanding, currency), `${plural(loans.active, "active loan")}`],
    state.funded > 0n && ["On its way", books(state.funded, currency), "until borrowers sign for it"],
    ["Ready to lend", books(state.cash, currency)],
    state.held > 0n && ["Waiting to be collected", books(state.held, currency)],
    ["Income so far", accrual ? books(accrual.recognised, currency) : unknown, "earned, paid or not"],
    ["First-loss cover", books(state.cover, currency), "the institution’s, which bears losses first"],
    ["One share", price ? `${sharePrice(pool, price)} ${currency.symbol}` : unknown],
    exit !== null && ["One share, leaving", `${sharePrice(pool, exit)} ${currency.symbol}`],
    redemptions.waiting > 0 && [
      "Who wants to leave",
      plural(redemptions.waiting, "request"),
      "first come, first served",
    ],
  ]);
}

function agreement({ loans, state }: Pool): Html {
  const owed = loans.outstanding_principal === state.outstanding;
  if (owed && loans.funded_principal === state.funded) {
    return html`<li class="holds"><strong>The loans add up.</strong> What its ${plural(loans.total, "loan")} still owe is, to
the last base unit, what the pool’s own books say is lent out.</li>`;
  }
  return html`<li class="fails"><strong>The loans do not add up.</strong> They owe ${loans.outstanding_principal} base units and
wait for ${loans.funded_principal}, the pool’s books say ${state.outstanding} and ${state.funded}.</li>`;
}

function prices({ share_price: price, exit_price: exit }: Pool): Html {
  if (price === null || exit === null)
    return html`<li class="unknown"><strong>The share price.</strong> It moves with every second, and the mirror has no answer of the
contract for its newest block.</li>`;
  return html`<li><strong>The share price.</strong> Exactly <span class="hash">${price.numerator} / ${price.denominator}</span> base
units of the currency for a base unit of a share, and <span class="hash">${exit.numerator} / ${exit.denominator}</span> for whoever leaves.
Any node answers the same to <code>convertToAssets</code> and <code>convertToExitAssets</code> at this block.</li>`;
}

export function poolPage(pool: Pool, readiness: Readiness): string {
  const main = html`<h1>Lending pool</h1>
<p class="hash">${pool.address}</p>
${pool.state.paused && html`<p class="tags"><span class="tag overdue">No new business</span></p>`}
${poolFigures(pool)}
<p>Money enters when lenders deposit and leaves when a loan is paid out. Interest counts from second to second while it is
earned, and stops when a loan is late; losses meet the institution’s cover before lenders. Who wants to leave asks for it and is
served in turn, at the price of that moment.</p>
<h2>What to check</h2>
<ul class="checks">${agreement(pool)}
${prices(pool)}</ul>
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
