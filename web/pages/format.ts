import { civilOfDay, parseDate } from "../../lending/calendar.ts";
import { formatMoney } from "../../lending/money.ts";
import { type Html, html } from "./html.ts";

const months = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** How amounts of one currency are written: minor units and how many digits stand after the point. */
export interface Money {
  readonly symbol: string;
  readonly decimals: number;
}

/** "5,000.00": digits grouped for reading. */
export function amount(minorUnits: bigint, decimals: number): string {
  const [whole = "", fraction] = formatMoney(minorUnits, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** An amount with its currency, which does not part from it at the end of a line. */
export function money(minorUnits: bigint, currency: Money): Html {
  return html`<span class="money">${amount(minorUnits, currency.decimals)} ${currency.symbol}</span>`;
}

/** "1 March 2023" from an ISO date. */
export function dateInWords(date: string): string {
  const { year, month, dayOfMonth } = civilOfDay(parseDate(date, "date"));
  return `${dayOfMonth} ${months[month - 1]} ${year}`;
}

export function time(date: string): Html {
  return html`<time datetime="${date}">${dateInWords(date)}</time>`;
}

/** "1 Mar 2023", for tables on small screens. */
export function shortTime(date: string): Html {
  const { year, month, dayOfMonth } = civilOfDay(parseDate(date, "date"));
  return html`<time datetime="${date}">${dayOfMonth} ${months[month - 1]?.slice(0, 3)} ${year}</time>`;
}

/** "in 24 days", "today", "11 days ago", as seen from `today`. */
export function fromToday(date: string, today: string): string {
  const days = parseDate(date, "date") - parseDate(today, "today");
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  if (days === -1) return "yesterday";
  return days > 0 ? `in ${days} days` : `${-days} days ago`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "0x7099…79C8"; the whole of it stands in the title. */
export function short(hex: string): Html {
  return html`<abbr class="id" title="${hex}">${hex.slice(0, 6)}…${hex.slice(-4)}</abbr>`;
}

/** "UTC+3", "UTC−4:30". */
export function utcOffset(seconds: number): string {
  if (seconds === 0) return "UTC";
  const minutes = Math.abs(seconds) / 60;
  const rest = minutes % 60 === 0 ? "" : `:${String(minutes % 60).padStart(2, "0")}`;
  return `UTC${seconds < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${rest}`;
}

/** "12 %", "0.5 %" from basis points. */
export function percent(bps: number): string {
  return `${amount(BigInt(bps), 2).replace(/\.?0+$/, "")} %`;
}
